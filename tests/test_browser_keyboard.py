"""The whole page by the keyboard alone: every control is reached with Tab, seen to be, and worked with Enter, Space or arrows."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from test_browser import (  # noqa: F401
    ABSENT,
    CHROMIUM,
    ENGLISH,
    SLOWLY,
    SlowOnWish,
    Watched,
    browser,
    playwright,
    pytestmark,
    slow,
)
from test_report import MISQUOTED, result, run

from app import serve
from eval.report import page as page_of
from qa.assistant import Assistant
from qa.chat import Desk
from qa.journal import Journal
from qa.manage import Office

#: The element that has the focus, as people would call it; empty at the ends of the page. All of them are kept, and how they looked.
FOCUSED = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return "";
  const named = [e.ariaLabel, e.labels && e.labels.length && e.labels[0].innerText, e.innerText, e.title, e.placeholder];
  window.walked.push([e, window.looks(e)]);
  return (named.find((name) => name) || e.tagName).trim().split("\\n")[0];
}"""
#: How an element and what it stands in look, as far as a focus can be seen.
BEGIN = """() => {
  window.walked = [];
  window.looks = (e) => {
    const chain = [];
    for (let at = e; at && chain.length < 4; at = at.parentElement) chain.push(getComputedStyle(at));
    return JSON.stringify(chain.map((s) => [s.outlineStyle === "none" ? "" : s.outline, s.boxShadow, s.borderColor]));
  };
}"""
#: Of what was walked over, what looked the same with the focus as without (a frame shows it inside); of what is there to be used, what was never reached.
UNSEEN = """() => {
  document.activeElement.blur();
  const seen = new Set(window.walked.filter(([e, looked]) => looked !== window.looks(e)).map(([e]) => e));
  return [...new Set(window.walked.map(([e]) => e))].filter((e) => !seen.has(e) && e.tagName !== "IFRAME").map((e) => e.outerHTML.slice(0, 200));
}"""
UNREACHED = """() => {
  const walked = new Set(window.walked.map(([e]) => e));
  const usable = "a[href], button, input, textarea, select, summary, iframe, [tabindex='0'], [role=button]";
  const there = [...document.querySelectorAll(usable)].filter((e) => !e.disabled && e.tabIndex >= 0 && e.checkVisibility() && e.getClientRects().length);
  return there.filter((e) => !walked.has(e)).map((e) => e.outerHTML.slice(0, 200));
}"""


@pytest.fixture(scope="module")
def report_of(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keyboard")


@pytest.fixture(scope="module")
def address(slow: SlowOnWish, sample_index: Path, report_of: Path) -> Iterator[str]:  # noqa: F811
    """Everything that can be offered: examples, verdicts, what an operator may do, files taken in, a report."""
    shutil.copytree(sample_index, report_of / "index")
    (report_of / "evaluation").mkdir()
    (report_of / "evaluation" / "run.html").write_text(page_of(run(result("a"), result("b", **MISQUOTED))), "utf-8")
    assistant = Assistant(report_of / "index", slow)
    office = Office(assistant, report_of / "drop", gate=None)
    address, page = serve(Desk(assistant, candidates=Journal(report_of / "candidates.jsonl"), office=office))
    yield address
    page.close(verbose=False)


class Keyboard(Watched):
    """A page worked by its keys."""

    def __init__(self, browser: Browser, address: str):  # noqa: F811
        super().__init__(browser, address)
        self.page.add_style_tag(content="* { transition: none !important; animation: none !important; }")
        self.page.evaluate(BEGIN)

    def step(self, key: str = "Tab") -> str:
        """One key further; the name of what has the focus, empty at either end of the page."""
        self.page.keyboard.press(key)
        # The focus enters a frame in its own time.
        return str(self.page.evaluate(FOCUSED) or (self.page.wait_for_timeout(100), self.page.evaluate(FOCUSED))[1])

    def walk(self, key: str) -> list[str]:
        """All that a key leads to, from one end of the page to the other; a date counts once, whatever its parts."""
        names: list[str] = []
        for _ in range(150):
            name = self.step(key)
            if not name:
                return names
            if names[-1:] != [name]:
                names.append(name)
        raise AssertionError(f"no way out by {key}: {names[-5:]}")

    def to(self, name: str) -> "Keyboard":
        """Step on, over the page's end if need be, until what is called so has the focus."""
        passed = []
        for _ in range(150):
            passed.append(self.step())
            if passed[-1].startswith(name):
                return self
        raise AssertionError(f"{name} is not reached: {passed}")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)


@pytest.fixture
def keyboard(browser: Browser, address: str) -> Iterator[Keyboard]:  # noqa: F811
    running = Keyboard(browser, address)
    yield running
    assert running.wrongs == []
    running.context.close()


@pytest.mark.parametrize("place", ["as it opens", "with answers and filters", "the articles", "the evaluation"])
def test_tab_reaches_everything_seen_and_leads_out_at_both_ends(keyboard: Keyboard, place: str) -> None:
    page = keyboard.page
    if place == "with answers and filters":
        keyboard.ask(ENGLISH)
        keyboard.ask(ABSENT)
        page.locator("#aqa-filters > button").click()
        page.get_by_label("Language of the articles").click()
        page.get_by_role("option", name="French").click()
        page.get_by_role("button", name="Dislike").last.click()
        expect(page.get_by_label("What was right or wrong")).to_be_focused()
    elif place == "the articles":
        page.get_by_role("tab", name="Articles").click()
        page.get_by_label("Search in titles").fill("Louvre")
        page.get_by_role("button", name="Go back to the one before").click()
        expect(page.get_by_role("button", name="Yes, go back")).to_be_visible()
        expect(page.locator(".aqa-table tbody tr")).to_have_count(1)
    elif place == "the evaluation":
        page.get_by_role("tab", name="Evaluation").click()
        expect(page.frame_locator("#aqa-evaluation iframe").get_by_role("heading").first).to_be_visible()
    page.locator(".aqa-header h1").click()
    page.wait_for_timeout(300)
    forward = keyboard.walk("Tab")
    unreached, unseen = page.evaluate(UNREACHED), page.evaluate(UNSEEN)
    if place == "the evaluation":
        keyboard.to("Run the evaluation again").step()
        expect(page.frame_locator("#aqa-evaluation iframe").locator("body:focus-visible")).to_have_css("outline-style", "solid")

    assert forward[0] == "English"
    assert unreached == []
    assert unseen == []
    page.locator(".aqa-header h1").click()
    assert keyboard.walk("Shift+Tab") == []  # from the first one back is out
    assert keyboard.walk("Shift+Tab") == forward[::-1]


def test_a_question_its_sources_and_what_can_be_done_with_the_answer(keyboard: Keyboard) -> None:
    page, box = keyboard.page, keyboard.page.locator("#aqa-question textarea")
    keyboard.to("Français").press("Space")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    keyboard.to("English").press("Space")
    expect(page.locator("#aqa-log .example").first).to_have_text(ENGLISH)
    keyboard.to(ENGLISH).press("Enter")
    expect(box).to_have_value(ENGLISH)
    keyboard.to("Your question").press("Enter")
    expect(page.locator(".aqa-reply")).to_have_count(1)
    expect(box).to_be_focused()
    keyboard.to("[1]").press("Enter")
    expect(page.locator(".aqa-card.aqa-shown")).to_be_focused()
    keyboard.to("More of the article").press("Space")
    expect(page.locator(".aqa-more[open]")).to_have_count(1)
    with keyboard.context.expect_page() as opened:
        keyboard.to("Read the article").press("Enter")
    expect(opened.value.locator("#quote")).to_be_in_viewport()
    opened.value.close()
    keyboard.to("Dislike").press("Space")
    expect(page.get_by_label("What was right or wrong")).to_be_focused()
    page.keyboard.type("Another summit.")
    keyboard.to("Send").press("Enter")
    expect(page.get_by_label("What was right or wrong")).to_be_hidden()
    keyboard.to("Like").press("Enter")
    expect(page.get_by_label("What was right or wrong")).to_be_focused()
    keyboard.to("Whole conversation").press("Space")
    keyboard.to("Copy").press("Enter")
    expect(page.locator("#aqa-said")).to_have_text("Copied, with its sources.")
    for form, key in (("Markdown", "Enter"), ("HTML", "Space")):
        with page.expect_download() as coming:
            keyboard.to(form).press(key)
        assert coming.value.suggested_filename.startswith("article-qa-")
    keyboard.to("Retry").press("Enter")
    expect(page.locator("[data-testid=bot]")).to_have_count(1)
    expect(box).to_be_focused()
    keyboard.to("Undo").press("Enter")
    expect(box).to_have_value(ENGLISH)
    expect(page.locator(".aqa-reply")).to_have_count(0)


def test_filters_stopping_and_clearing(keyboard: Keyboard) -> None:
    page, box = keyboard.page, keyboard.page.locator("#aqa-question textarea")
    title = page.locator("#aqa-filters > button span").first
    keyboard.to("Filters").press("Enter")
    keyboard.to("Language of the articles").press("ArrowDown", "Enter")
    expect(title).to_have_text("Filters: French")
    keyboard.press("Escape")
    keyboard.to("Remove French").press("Enter")
    expect(title).to_have_text("Filters")
    keyboard.to("Published from")
    page.keyboard.type("01022025")
    expect(title).to_contain_text("Filters: from")
    keyboard.to("Remove the filters").press("Space")
    expect(title).to_have_text("Filters")
    keyboard.to("Your question")
    page.keyboard.type(SLOWLY)
    keyboard.press("Enter")
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    keyboard.to("Stop").press("Enter")
    expect(box).to_have_value(SLOWLY, timeout=2000)
    expect(box).to_be_editable()
    keyboard.ask(ABSENT)
    keyboard.to("Clear").press("Enter")
    expect(page.locator(".aqa-reply")).to_have_count(0)


def test_the_articles_and_the_evaluation(keyboard: Keyboard, tmp_path: Path) -> None:
    page, rows = keyboard.page, keyboard.page.locator(".aqa-table tbody tr")
    fair = tmp_path / "fair.txt"
    fair.write_text("La foire de Montclair\n\nLa foire de Montclair a ouvert mardi avec 300 exposants.\n", "utf-8")
    keyboard.to("Articles").press("Enter")
    expect(rows).to_have_count(50)
    first = rows.first.text_content()
    keyboard.to("Sorted by").press("ArrowDown", "Enter")
    expect(rows.first).not_to_have_text(first or "")
    keyboard.to("Page").press("ArrowUp")
    expect(page.get_by_role("status").filter(has_text="page 2 of 2")).to_be_visible()
    keyboard.to("Search in titles")
    page.keyboard.type("louvre")
    expect(rows).to_have_count(1)
    with keyboard.context.expect_page() as opened:
        keyboard.to("Louvre").press("Enter")
    expect(opened.value.locator(".text")).to_contain_text("Louvre")
    opened.value.close()
    with page.expect_file_chooser() as choosing:
        keyboard.to("Drop files here").press("Enter")
    choosing.value.set_files(fair)
    expect(page.locator("#aqa-working")).to_contain_text("fair.txt: taken in")
    keyboard.to("Bring up to date").press("Space")
    expect(page.locator(".aqa-done")).to_contain_text("Nothing changed: 52 articles")
    keyboard.to("Go back to the one before").press("Enter")
    keyboard.to("No, keep it").press("Enter")
    expect(page.get_by_role("button", name="Yes, go back")).to_be_hidden()
    keyboard.to("Go back to the one before").press("Enter")
    keyboard.to("Yes, go back").press("Space")
    expect(page.locator(".aqa-failed")).to_contain_text("no earlier generation")
    keyboard.to("Evaluation").press("Enter")
    report = page.frame_locator("#aqa-evaluation iframe")
    expect(report.get_by_role("heading").first).to_be_visible()
    page.wait_for_timeout(500)
    keyboard.to("Run the evaluation again")
    keyboard.step()
    keyboard.press("End")
    expect(report.locator("h1")).not_to_be_in_viewport()
