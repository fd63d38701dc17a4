"""The page in a real Chromium: the quote is the article's, nothing leaves this machine, nothing in an article comes alive."""

import json
import re
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from counting import CountingEncoder
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright
from test_report import MISQUOTED, result, run

from app import serve
from benchmarks.page_speed import asked
from eval.report import page as page_of
from index.build import build as build_index
from index.encoder import Encoder, Vectors
from index.options import BuildOptions
from qa.assistant import Assistant
from qa.chat import Desk
from qa.export import read_export
from qa.journal import Journal
from qa.manage import Office
from qa.verify import verify

CHROMIUM = Path("/usr/bin/chromium")
SAMPLES = Path(__file__).resolve().parents[1] / "corpus" / "articles"
ARTICLES = (
    "fr/sommet-volontaires-paris-26-pays.txt",
    "fr/louvre-cambriolage-galerie-apollon.txt",
    "ar/inondations-derna-libye.txt",
)
ENGLISH = "How do Europeans see the American backstop for Ukraine?"
ABSENT = "Who won the Kazakh chess championship in 1998?"
SLOWLY = "What role does the American backstop play, slowly?"
PAYLOAD = (
    '<script>window.came_alive=1;alert(1)</script><img src=x onerror="window.came_alive=1">'
    '<form action="http://evil.example/"><input name="code"><button>ok</button></form>'
    '<div style="position:fixed;top:0;left:0;width:100%;height:100%;z-index:9999">verrouillé</div>'
    "![suivi](http://evil.example/pixel.png?q=1) [lien](javascript:alert(1)) http://evil.example/x `code` _souligné_"
)
HOSTILE = f"""Le festival de Montclair

Le festival de Montclair a accueilli 4 321 visiteurs {PAYLOAD} selon la mairie, un record.

La prochaine édition du festival de Montclair aura lieu en juin, dans le parc du château.
"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no Chromium at {CHROMIUM} (apt-get install chromium)"),
]


class SlowOnWish(CountingEncoder):
    """Takes its time over a question that says so."""

    def embed_queries(self, texts: list[str]) -> Vectors:
        time.sleep(1.5 if any("slowly" in text for text in texts) else 0)
        return super().embed_queries(texts)


@pytest.fixture(scope="module")
def slow(encoder: Encoder) -> SlowOnWish:
    return SlowOnWish(encoder)


@pytest.fixture(scope="module")
def assistant(slow: SlowOnWish, tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    """Over three of the samples and a hostile article."""
    folder = tmp_path_factory.mktemp("browser")
    for name in ARTICLES:
        target = folder / "corpus" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SAMPLES / name, target)
    (folder / "corpus" / "hostile.txt").write_text(HOSTILE, "utf-8")
    build_index([folder / "corpus"], folder / "index", slow, BuildOptions())
    return Assistant(folder / "index", slow)


@pytest.fixture(scope="module")
def candidates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("candidates") / "candidates.jsonl"


@pytest.fixture(scope="module")
def address(assistant: Assistant, candidates: Path) -> Iterator[str]:
    address, page = serve(Desk(assistant, candidates=Journal(candidates)))
    yield address
    page.close(verbose=False)


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    running = playwright.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
    yield running
    running.close()


class Watched:
    """A page and what it did that it should not: requests elsewhere, dialogs, errors. ``guarded`` False takes the CSP away."""

    def __init__(self, browser: Browser, address: str, *, width: int = 1280, locale: str = "en-GB", guarded: bool = True):
        self.context: BrowserContext = browser.new_context(
            viewport={"width": width, "height": 860}, locale=locale, bypass_csp=not guarded
        )
        self.page: Page = self.context.new_page()
        self.wrongs: list[str] = []
        self.page.on("dialog", lambda dialog: (self.wrongs.append(f"dialog {dialog.message}"), dialog.dismiss()))
        self.page.on("pageerror", lambda error: self.wrongs.append(f"error {error}"))
        self.page.on("console", lambda line: self.wrongs.append(line.text) if line.type == "error" else None)
        self.page.on("request", lambda request: self._watch(request.url))
        self.page.goto(address)
        expect(self.page.locator("#aqa-question textarea")).to_be_visible(timeout=30_000)

    def _watch(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.hostname != "127.0.0.1":
            self.wrongs.append(f"request {url}")

    def ask(self, question: str) -> None:
        """Ask, and wait for the reply."""
        before = self.page.locator(".aqa-reply").count()
        self.page.locator("#aqa-question textarea").fill(question)
        self.page.locator("#aqa-question textarea").press("Enter")
        expect(self.page.locator(".aqa-reply")).to_have_count(before + 1, timeout=30_000)
        expect(self.page.locator("#aqa-question textarea")).to_be_editable(timeout=10_000)


@pytest.fixture
def watched(browser: Browser, address: str) -> Iterator[Watched]:
    running = Watched(browser, address)
    yield running
    running.context.close()


def test_an_english_question_shows_a_french_quote_that_stands_in_the_article(watched: Watched, assistant: Assistant) -> None:
    watched.ask(ENGLISH)
    page = watched.page
    quote = page.locator(".aqa-passage mark").first.text_content()
    article = assistant.snapshot().article_by_id(ARTICLES[0])

    assert article is not None
    assert quote
    assert quote in article.text
    assert "backstop" in quote
    expect(page.locator(".aqa-found .aqa-marker").first).to_have_text("[1]")
    expect(page.locator(".aqa-found .aqa-words").first).to_have_attribute("lang", "fr")
    expect(page.locator(".aqa-passage").first).to_have_attribute("lang", "fr")
    expect(page.locator(".aqa-found .aqa-confidence")).to_have_text(re.compile(r"answer.*\(\d\d%\)"))
    expect(page.locator(".aqa-card .aqa-facts").first).to_contain_text("source unknown · 4 September 2025 · French · match no. 1")
    assert watched.wrongs == []


def test_reading_the_article_opens_it_whole_at_the_quote(watched: Watched, assistant: Assistant) -> None:
    watched.ask(ENGLISH)
    quote = watched.page.locator(".aqa-passage mark").first.text_content()
    with watched.context.expect_page() as opened:
        watched.page.get_by_role("link", name="Read the article").first.click()
    reading = opened.value
    article = assistant.snapshot().article_by_id(ARTICLES[0])

    assert article is not None
    expect(reading.locator("#quote")).to_have_text(quote or "")
    expect(reading.locator("#quote")).to_be_in_viewport()
    assert reading.locator(".text").text_content() == article.text
    expect(reading.locator(".text s").last).to_contain_text("email address")
    expect(reading.locator(".text")).to_have_attribute("lang", "fr")
    assert watched.wrongs == []


def test_filters_reach_the_search_and_say_so(watched: Watched) -> None:
    page = watched.page
    page.get_by_role("button", name="Filters").click()
    page.get_by_label("Language of the articles").click()
    page.get_by_role("option", name="French").click()
    page.get_by_label("Published from").fill("2025-10-01")
    page.get_by_role("button", name="Filters: French · from 1 October 2025").click()
    watched.ask(ENGLISH)

    expect(page.locator(".aqa-section .aqa-note").first).to_have_text("Filters: French · from 1 October 2025")
    for facts in page.locator(".aqa-facts").all_text_contents():
        assert facts.startswith("source unknown · 19 October 2025 · French")
    page.get_by_role("button", name="Filters: French").click()
    page.get_by_label("Published from").fill("2030-01-01")
    expect(page.get_by_role("button", name="Filters: French · from 1 January 2030")).to_be_visible()
    watched.ask(ENGLISH)
    expect(page.locator(".aqa-reply").last).to_contain_text("No article fits the filters.")
    page.get_by_role("button", name="Remove the filters").click()
    expect(page.locator("#aqa-filters > button span").first).to_have_text("Filters")
    watched.ask(ENGLISH)
    expect(page.locator(".aqa-found")).to_have_count(1)
    assert watched.wrongs == []


def test_a_marker_leads_to_its_quote_even_in_an_earlier_answer(watched: Watched) -> None:
    page = watched.page
    watched.ask(ENGLISH)
    anchor = page.locator(".aqa-marker").first.get_attribute("href") or ""
    watched.ask("Qu'a dit la mairie du festival de Montclair ?")
    earlier = page.locator(anchor)
    expect(earlier).to_be_hidden()
    page.locator(f'.aqa-marker[href="{anchor}"]').click()

    expect(earlier).to_be_visible()
    expect(earlier).to_be_in_viewport()
    expect(earlier).to_contain_class("aqa-shown")
    expect(page.locator(".aqa-card.aqa-shown")).to_be_focused()
    expect(page.locator(f'.aqa-marker[href="{anchor}"]')).to_be_in_viewport()  # the conversation stays beside its sources
    assert page.url.count("#") == 0


def test_an_absent_question_gets_the_notice_and_the_nearest_passages(watched: Watched) -> None:
    watched.ask(ABSENT)
    page = watched.page

    expect(page.locator(".aqa-not-found")).to_contain_text("The articles do not answer this question.")
    expect(page.locator(".aqa-not-found .aqa-marker")).to_have_count(0)
    expect(page.locator(".aqa-near .aqa-note")).to_have_text("Nearest passages. They do not answer the question.")
    assert page.locator(".aqa-near .aqa-card").count() > 0
    expect(page.locator("#aqa-sources mark")).to_have_count(0)
    assert watched.wrongs == []


@pytest.mark.parametrize("guarded", [True, False], ids=["with the CSP", "without it"])
def test_a_hostile_article_is_shown_as_text(browser: Browser, address: str, guarded: bool) -> None:
    """Quoted in an answer, in its passage and unfolded; and asked by the user. Escaping alone must do."""
    watched = Watched(browser, address, guarded=guarded)
    page = watched.page
    watched.ask("Combien de visiteurs le festival de Montclair a-t-il accueillis ?")
    page.locator(".aqa-more summary").first.click()
    watched.ask(f"Le festival de Montclair {PAYLOAD[:500]} ?")
    page.wait_for_timeout(500)

    assert PAYLOAD in (page.locator(".aqa-passage").first.text_content() or "")
    assert PAYLOAD[:500] in (page.locator("#aqa-log").text_content() or "")
    for region in ("#aqa-log .message", "#aqa-sources"):
        expect(page.locator(f"{region} :is(script, img, form, input, iframe, code, em, [style*=fixed])")).to_have_count(0)
        expect(page.locator(f'{region} a[href*="evil"]')).to_have_count(0)
    assert page.evaluate("window.came_alive") is None
    assert watched.wrongs == []
    watched.context.close()


def test_the_page_speaks_french_to_a_french_browser_and_switches(browser: Browser, address: str) -> None:
    watched = Watched(browser, address, locale="fr-FR")
    page, box = watched.page, watched.page.locator("#aqa-question textarea")
    expect(box).to_have_attribute("placeholder", "Posez une question sur les articles")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    watched.ask("What did the town hall say about the Montclair festival?")
    expect(page.locator(".aqa-facts").first).to_contain_text("source inconnue · date inconnue · français")
    expect(page.locator(".aqa-reply p").first).to_contain_text("According to")  # the answer follows the question's language
    page.get_by_label("English").check()

    expect(page.locator(".aqa-facts").first).to_contain_text("source unknown · date unknown · French")
    expect(box).to_have_attribute("placeholder", "Ask a question about the articles")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert watched.wrongs == []
    watched.context.close()


def test_sessions_share_nothing_and_clearing_clears_the_sources(browser: Browser, address: str) -> None:
    first, second = Watched(browser, address), Watched(browser, address)
    first.ask(ENGLISH)
    second.ask(ABSENT)

    expect(second.page.locator(".aqa-reply")).to_have_count(1)
    expect(second.page.locator("#aqa-sources")).not_to_contain_text(ENGLISH)
    first.page.get_by_role("button", name="Clear").click()
    expect(first.page.locator(".aqa-reply")).to_have_count(0)
    expect(first.page.locator(".aqa-card")).to_have_count(0)
    expect(second.page.locator(".aqa-card").first).to_be_visible()
    first.context.close()
    second.context.close()


def test_asking_again_and_taking_back_keep_answers_and_sources_together(watched: Watched) -> None:
    page, box = watched.page, watched.page.locator("#aqa-question textarea")
    watched.ask("Qu'a dit la mairie du festival de Montclair ?")
    watched.ask(ENGLISH)
    page.get_by_role("button", name="Retry").click()
    expect(page.locator(".aqa-section")).to_have_count(2)
    expect(page.locator(".aqa-reply")).to_have_count(2)
    page.get_by_role("button", name="Undo").click()

    expect(page.locator(".aqa-reply")).to_have_count(1)
    expect(page.locator(".aqa-asked")).to_have_text(["Qu'a dit la mairie du festival de Montclair ?"])
    expect(box).to_have_value(ENGLISH)
    watched.ask("?")
    expect(page.locator(".aqa-notice")).to_have_count(1)
    expect(box).to_have_attribute("placeholder", "Ask a question about the articles")
    assert watched.wrongs == []


def test_a_phone_shows_it_without_sideways_scrolling(browser: Browser, address: str) -> None:
    """At 390 px, with a hostile article's unbroken line; the sources lie below the conversation."""
    watched = Watched(browser, address, width=390)
    page = watched.page
    watched.ask("Combien de visiteurs le festival de Montclair a-t-il accueillis ?")
    log, sources = page.locator("#aqa-log").bounding_box(), page.locator("#aqa-sources").bounding_box()

    assert log is not None
    assert sources is not None
    assert sources["y"] > log["y"] + log["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    watched.context.close()


@pytest.mark.parametrize("language", ["English", "Français"])
def test_every_control_has_a_name(watched: Watched, language: str) -> None:
    """In both languages, with the filters open, and in every tab."""
    page = watched.page
    page.get_by_label(language).check()
    page.locator("#aqa-filters > button").click()
    watched.ask(ENGLISH)
    for number in range(3):
        page.get_by_role("tab").nth(number).click()
        page.wait_for_timeout(300)
        told = page.locator("body").aria_snapshot()
        assert not re.findall(
            r"- (?:button|link|textbox|combobox|listbox|radio|checkbox|spinbutton|tab)(?::| \[|$)", told, re.MULTILINE
        )
    page.get_by_role("tab").first.click()
    nameless = """() => [...document.querySelectorAll('button, input, textarea, a[href], summary')]
        .filter(e => e.checkVisibility() && !e.innerText && !e.ariaLabel && !e.title && !(e.labels && e.labels.length))
        .map(e => e.outerHTML.slice(0, 200))"""

    assert watched.page.evaluate(nameless) == []
    assert watched.page.locator("#aqa-log [aria-label*='<']").count() == 0


def test_stopping_ends_the_work_and_gives_the_question_back(watched: Watched, slow: SlowOnWish) -> None:
    """While it searches: what comes after is not begun, and nothing arrives later."""
    page, box = watched.page, watched.page.locator("#aqa-question textarea")
    watched.ask("Qu'a dit la mairie du festival de Montclair ?")
    embedded = len(slow.embedded)
    box.fill(SLOWLY)
    box.press("Enter")
    page.get_by_role("button", name="Stop").click()
    expect(box).to_be_editable(timeout=2000)
    page.wait_for_timeout(2000)

    assert [thread.name for thread in threading.enumerate() if thread.name == "steps"] == []
    assert len(slow.embedded) == embedded
    expect(box).to_have_value(SLOWLY)
    expect(page.locator(".aqa-reply")).to_have_count(1)
    expect(page.locator(".aqa-section")).to_have_count(1)
    expect(page.locator("#aqa-sign")).to_have_text("")
    watched.ask(ENGLISH)
    expect(page.locator(".aqa-asked").first).to_have_text(ENGLISH)
    page.get_by_role("link", name="[1]").last.click()
    expect(page.locator("mark.aqa-shown")).to_contain_text("backstop")
    assert watched.wrongs == []


@pytest.mark.parametrize("when", ["the moment it is answered", "while it is searched"])
def test_what_was_cleared_stays_cleared(watched: Watched, when: str) -> None:
    page, box = watched.page, watched.page.locator("#aqa-question textarea")
    watched.ask(ABSENT)
    box.fill(ENGLISH if "answered" in when else SLOWLY)
    box.press("Enter")
    expect(page.locator(".aqa-found") if "answered" in when else page.locator("[data-testid=user]").last).to_be_visible()
    page.get_by_role("button", name="Clear").click()
    page.wait_for_timeout(2500)

    expect(page.locator("#aqa-log :is([data-testid=user], [data-testid=bot])")).to_have_count(0)
    expect(page.locator(".aqa-card")).to_have_count(0)
    expect(box).to_be_editable()
    page.reload()
    expect(box).to_be_editable()
    page.wait_for_timeout(1000)
    expect(page.locator("#aqa-log :is([data-testid=user], [data-testid=bot])")).to_have_count(0)
    assert watched.wrongs == []


def test_the_first_sign_waits_for_no_server_and_sources_come_before_the_answer(watched: Watched) -> None:
    watched.ask(ENGLISH)
    seen = asked(watched.page, "Qu'a dit la mairie du festival de Montclair ?")

    assert seen["sign"] < 100
    assert seen["question"] <= seen["source"] <= seen["answer"] <= seen["ready"]
    assert watched.wrongs == []


def test_a_conversation_survives_a_reload_and_goes_on(watched: Watched) -> None:
    page = watched.page
    watched.ask("What did the town hall say about the Montclair festival?")
    watched.ask(ABSENT)
    said = page.locator(".aqa-reply").all_text_contents()
    page.reload()

    expect(page.locator(".aqa-reply")).to_have_count(2, timeout=15_000)
    assert page.locator(".aqa-reply").all_text_contents() == said
    expect(page.locator(".aqa-section")).to_have_count(2)
    watched.ask(ENGLISH)
    expect(page.locator(".aqa-section")).to_have_count(3)
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".aqa-reply")).to_have_count(0)
    page.wait_for_timeout(500)
    page.reload()
    expect(page.locator("#aqa-question textarea")).to_be_editable()
    page.wait_for_timeout(1000)
    expect(page.locator(".aqa-reply")).to_have_count(0)
    assert watched.wrongs == []


def test_copying_and_saving_keep_the_sources(watched: Watched, assistant: Assistant, tmp_path: Path) -> None:
    page = watched.page
    watched.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.locator("#aqa-said")).to_have_text("There is no answer yet.")
    watched.ask(ABSENT)
    watched.ask(ENGLISH)
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.locator("#aqa-said")).to_have_text("Copied, with its sources.")
    copied = page.evaluate("navigator.clipboard.readText()")
    saved = {}
    page.get_by_label("Whole conversation").check()
    for form in ("Markdown", "HTML"):
        with page.expect_download() as coming:
            page.get_by_role("button", name=form, exact=True).click()
        saved[form] = tmp_path / coming.value.suggested_filename
        coming.value.save_as(saved[form])

    assert ABSENT not in copied
    for text in (copied, *(file.read_text("utf-8") for file in saved.values())):
        records, as_exported = read_export(text) or ([], False)
        assert as_exported
        assert [v.problem for v in verify(records, assistant.snapshot().article_by_id)] == [None] * len(records[-1]["quotes"])
    assert watched.wrongs == []
    page.goto(saved["HTML"].as_uri())
    expect(page.locator("blockquote").first).to_contain_text("backstop")


def test_a_verdict_and_its_comment_are_kept(watched: Watched, candidates: Path) -> None:
    """And taken back by the same thumb."""
    page = watched.page
    watched.ask(ABSENT)
    watched.ask(ENGLISH)
    page.get_by_role("button", name="Dislike").last.click()
    page.get_by_label("What was right or wrong").fill("The other summit was meant.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_label("What was right or wrong")).to_be_hidden()
    expect(page.locator("#aqa-said")).to_have_text("Kept for the evaluation.")
    page.get_by_role("button", name="Dislike").last.click()
    page.wait_for_timeout(1000)
    expect(page.get_by_label("What was right or wrong")).to_be_hidden()
    rows = [json.loads(line) for line in candidates.read_text("utf-8").splitlines()]

    assert [(row["verdict"], row["comment"], row["record"]["question"]) for row in rows] == [
        ("dislike", "", ENGLISH),
        ("dislike", "The other summit was meant.", ENGLISH),
        (None, "", ENGLISH),
    ]
    assert watched.wrongs == []


@pytest.mark.slow
def test_an_article_dropped_in_is_answered_after_a_rebuild(browser: Browser, encoder: Encoder, tmp_path: Path) -> None:
    """Through the page alone; the progress and what the gate said are shown, and going back takes it away."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    shutil.copy(SAMPLES / ARTICLES[1], corpus)
    build_index([corpus], tmp_path / "index", encoder, BuildOptions())
    assistant = Assistant(tmp_path / "index", encoder)
    address, served = serve(Desk(assistant, office=Office(assistant, corpus)))
    watched = Watched(browser, address)
    page = watched.page
    fair = tmp_path / "fair.txt"
    fair.write_text("La foire de Montclair\n\nLa foire de Montclair a ouvert mardi avec 300 exposants, dit la mairie.\n", "utf-8")
    page.get_by_role("tab", name="Articles").click()
    expect(page.locator(".aqa-table tbody tr")).to_have_count(1)
    page.locator("input[type=file]").set_input_files(fair)
    expect(page.locator("#aqa-working")).to_contain_text("fair.txt: taken in; rebuild to ask it")
    page.get_by_role("button", name="Bring up to date").click()
    expect(page.locator(".aqa-done")).to_contain_text("gate passed", timeout=120_000)
    expect(page.locator(".aqa-table tbody tr")).to_have_count(2)
    page.get_by_label("Search in titles").fill("foire")
    expect(page.locator(".aqa-table tbody tr")).to_have_count(1)
    page.get_by_role("tab", name="Ask").click()
    watched.ask("Combien d’exposants la foire de Montclair réunit-elle ?")
    expect(page.locator(".aqa-found")).to_contain_text("300 exposants")
    page.get_by_role("tab", name="Articles").click()
    page.get_by_role("button", name="Go back to the one before").click()
    page.get_by_role("button", name="No, keep it").click()
    expect(page.get_by_role("button", name="Yes, go back")).to_be_hidden()
    expect(page.locator(".aqa-table tbody tr")).to_have_count(1)
    page.get_by_role("button", name="Go back to the one before").click()
    expect(page.get_by_role("alert")).to_contain_text("will no longer be found")
    page.get_by_role("button", name="Yes, go back").click()
    expect(page.locator(".aqa-done")).to_contain_text("Live again")
    page.get_by_role("tab", name="Evaluation").click()
    expect(page.get_by_text("The evaluation was not run yet.")).to_be_visible()
    assert watched.wrongs == []
    watched.context.close()
    served.close(verbose=False)


def test_it_can_all_be_done_with_the_keyboard(watched: Watched) -> None:
    """Ask, follow the marker, come back, choose another tab: by Tab, Enter and arrows alone."""
    page = watched.page

    def tab_to(name: str, most: int = 40) -> None:
        for _ in range(most):
            page.keyboard.press("Tab")
            focused = page.evaluate(
                "(e => e && `${e.innerText || ''} ${e.ariaLabel || ''} ${e.placeholder || ''}`)(document.activeElement)"
            )
            if name in focused:
                return
        raise AssertionError(f"{name} cannot be reached")

    tab_to("Ask a question about the articles")
    page.keyboard.type(ENGLISH)
    page.keyboard.press("Enter")
    expect(page.locator(".aqa-reply")).to_have_count(1, timeout=30_000)
    expect(page.locator("#aqa-question textarea")).to_be_editable(timeout=10_000)
    page.locator("#aqa-header").click()
    tab_to("[1]")
    page.keyboard.press("Enter")
    expect(page.locator(".aqa-card.aqa-shown")).to_be_focused()
    tab_to("More of the article")
    page.keyboard.press("Enter")
    expect(page.locator(".aqa-more[open]")).to_have_count(1)
    tab_to("Read the article")
    page.locator("#aqa-header").click()
    tab_to("Filters")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Published from")).to_be_visible()
    page.locator("#aqa-header").click()
    tab_to("Articles")
    page.keyboard.press("Enter")
    expect(page.locator(".aqa-table tbody tr")).to_have_count(4)
    assert watched.wrongs == []


def test_a_report_is_shown_whole_and_nothing_of_it_is_blocked(browser: Browser, assistant: Assistant) -> None:
    """Under the content policy, which the frame inherits: its styles hold, its plots are drawn, and nothing in it runs."""
    folder = assistant.index.with_name("evaluation")
    folder.mkdir()
    (folder / "run.html").write_text(page_of(run(result("a"), result(f"b {PAYLOAD}", **MISQUOTED))), "utf-8")
    address, served = serve(Desk(assistant, office=Office(assistant)))
    for width in (1280, 390):
        watched = Watched(browser, address, width=width)
        watched.page.get_by_role("tab", name="Evaluation").click()
        report = watched.page.frame_locator("#aqa-evaluation iframe")
        expect(report.get_by_role("heading", name="How good the answers are")).to_be_visible()
        expect(report.get_by_role("img", name="Stated confidence against observed")).to_be_visible()
        expect(report.locator("body")).to_have_css("color", "rgb(28, 35, 43)")
        expect(report.locator("table.texts")).to_contain_text(PAYLOAD[:60])

        assert report.locator("html").evaluate("e => e.scrollWidth - e.clientWidth") <= 0
        assert report.locator("img, form, script").count() == 0
        assert watched.wrongs == []
        watched.context.close()
    served.close(verbose=False)
    shutil.rmtree(folder)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_evaluation_is_run_from_the_page_and_its_report_shown(
    browser: Browser, encoder: Encoder, sample_index: Path, tmp_path: Path
) -> None:
    """From none at all to the plots and the worst questions, with the count of the questions asked on the way; by the keyboard."""
    shutil.copytree(sample_index, tmp_path / "index")
    assistant = Assistant(tmp_path / "index", encoder)
    address, served = serve(Desk(assistant, office=Office(assistant)))
    watched = Watched(browser, address)
    page = watched.page
    page.get_by_role("tab", name="Evaluation").click()
    expect(page.get_by_text("The evaluation was not run yet.")).to_be_visible()
    page.get_by_role("button", name="Run the evaluation again").press("Enter")
    bar = page.locator("#aqa-evaluating progress[max='839']")
    expect(bar).to_be_visible(timeout=120_000)
    first = bar.evaluate("e => e.value")
    page.wait_for_function("first => document.querySelector('#aqa-evaluating progress').value > first", arg=first, timeout=60_000)
    expect(page.locator("#aqa-evaluating .aqa-done")).to_have_text("839 questions asked. The report is below.", timeout=600_000)
    report = page.frame_locator("#aqa-evaluation iframe")

    expect(report.get_by_role("heading", name="How good the answers are")).to_be_visible()
    expect(report.get_by_role("img")).to_have_count(5)
    assert report.locator("table.texts tr").count() > 10
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 860})
        assert report.locator("html").evaluate("e => e.scrollWidth - e.clientWidth") <= 0
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert watched.wrongs == []
    watched.context.close()
    served.close(verbose=False)


def test_a_follow_up_in_french_on_a_french_page(browser: Browser, address: str) -> None:
    watched = Watched(browser, address, locale="fr-FR", width=390)
    page = watched.page
    watched.ask("Qui a participé au sommet des volontaires à Paris ?")
    watched.ask("Et combien de pays s’engagent ?")

    expect(page.locator(".aqa-asked").first).to_have_text("Et combien de pays s’engagent ?")
    expect(page.locator(".aqa-reply").last).to_contain_text("D’après")
    expect(page.locator(".aqa-reply").last).to_contain_text("26 pays")
    expect(page.locator(".aqa-reply").last).to_contain_text("Les articles y répondent-ils ?")
    expect(page.locator(".aqa-card .aqa-facts").first).to_contain_text("4 septembre 2025 · français · résultat n° 1")
    assert watched.wrongs == []
    watched.context.close()


def test_it_can_be_used_at_twice_the_size(browser: Browser, address: str) -> None:
    """A browser's zoom of 200 % halves the page's width: of 1280 pixels, 640 are left, of the height 430."""
    watched = Watched(browser, address, width=640)
    page = watched.page
    page.set_viewport_size({"width": 640, "height": 430})
    watched.ask(ENGLISH)
    page.get_by_role("link", name="[1]").last.click()

    expect(page.locator("mark.aqa-shown")).to_be_in_viewport()
    for number in range(3):
        page.get_by_role("tab").nth(number).click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 640
    assert watched.wrongs == []
    watched.context.close()


@pytest.mark.parametrize(
    ("locale", "told"), [("en-GB", "Many people are asking"), ("fr-FR", "Beaucoup de personnes posent des questions")]
)
def test_a_full_queue_gives_the_question_back(
    locale: str, told: str, browser: Browser, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.WAITING", 0)
    address, served = serve(Desk(assistant))
    page = browser.new_page(locale=locale)
    page.goto(address)
    box = page.locator("#aqa-question textarea")
    box.fill(ENGLISH)
    box.press("Enter")

    expect(page.get_by_text(told).first).to_be_visible()
    expect(page.get_by_text("currently busy")).to_have_count(0)
    expect(box).to_be_editable()
    expect(box).to_have_value(ENGLISH)
    expect(page.locator("#aqa-log [data-testid=user]")).to_have_count(0)
    page.close()
    served.close(verbose=False)
