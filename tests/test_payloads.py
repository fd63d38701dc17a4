"""Sixty and more payloads planted in articles, asked about in a real Chromium: shown as text, nothing fetched, the reply unchanged."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from app import serve
from index.build import build as build_index
from index.encoder import Encoder
from index.options import BuildOptions
from qa.assistant import Assistant
from qa.chat import Desk

CHROMIUM = Path("/usr/bin/chromium")
ROWS = [json.loads(line) for line in (Path(__file__).parent / "data" / "payloads.jsonl").read_text("utf-8").splitlines()]
TOWNS = (
    *(
        "Montclair",
        "Beaurivage",
        "Clairval",
        "Rochefine",
        "Vertbois",
        "Sablonne",
        "Hautepierre",
        "Lormeuil",
        "Brissac",
        "Tournecy",
    ),
    *("Valdorge", "Pontelle", "Mirambel", "Cassonne", "Falaisette", "Orgemont"),
)
GROUPS = {town: [row["text"] for row in ROWS[5 * at : 5 * at + 5]] for at, town in enumerate(TOWNS) if ROWS[5 * at : 5 * at + 5]}
ALIVE = ":is(script, img, form, input, textarea, select, button, iframe, object, embed, link, style, svg, video, audio, dialog, code, em, table, [style])"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no Chromium at {CHROMIUM} (apt-get install chromium)"),
]


def article_of(town: str, planted: str) -> str:
    return (
        f"La foire de {town}\n\nLa foire de {town} a accueilli 4 321 visiteurs {planted}selon la mairie, un record.\n\n"
        f"La prochaine édition de la foire de {town} aura lieu en juin, dans le parc du château.\n"
    )


def question_of(town: str) -> str:
    return f"Combien de visiteurs la foire de {town} a-t-elle accueillis ?"


def assistant_over(folder: Path, encoder: Encoder, planted: bool) -> Assistant:
    corpus = folder / "corpus"
    corpus.mkdir(parents=True)
    for town, payloads in GROUPS.items():
        (corpus / f"{town}.txt").write_text(article_of(town, " ".join(payloads) + " " if planted else ""), "utf-8")
    build_index([corpus], folder / "index", encoder, BuildOptions())
    return Assistant(folder / "index", encoder)


@pytest.fixture(scope="module")
def planted(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return assistant_over(tmp_path_factory.mktemp("planted"), encoder, True)


@pytest.fixture(scope="module")
def clean(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return assistant_over(tmp_path_factory.mktemp("clean"), encoder, False)


def test_the_table_is_long_enough() -> None:
    assert len(ROWS) >= 60
    assert len({row["id"] for row in ROWS}) == len({row["text"] for row in ROWS}) == len(ROWS)
    assert sum(len(payloads) for payloads in GROUPS.values()) == len(ROWS)


@pytest.mark.parametrize("town", GROUPS)
def test_the_reply_is_the_one_without_the_payload(planted: Assistant, clean: Assistant, town: str) -> None:
    """Of the same article, quoted exactly, and its prose is the frame and the quote."""
    answer, without = planted.ask(question_of(town)).answer, clean.ask(question_of(town)).answer

    assert answer.decision == without.decision == "answered"
    assert [answer.quotes[0].article.id, without.quotes[0].article.id] == [f"{town}.txt"] * 2
    said = {" ".join(quote.text.split()) for quote in answer.quotes}
    for paragraph in answer.prose.split("\n\n"):
        assert any(text in paragraph for text in said)
        assert paragraph.startswith(("D’après", "Voir aussi", "Et :"))


@pytest.fixture(scope="module", params=[True, False], ids=["with the CSP", "without it"])
def page(request: pytest.FixtureRequest, planted: Assistant) -> Iterator[tuple[Page, list[str]]]:
    address, served = serve(Desk(planted))
    wrongs: list[str] = []

    def watch(url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.hostname != "127.0.0.1":
            wrongs.append(url)

    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(locale="fr-FR", bypass_csp=not request.param)
        context.on("request", lambda asked: watch(asked.url))
        context.on("dialog", lambda dialog: (wrongs.append(dialog.message), dialog.dismiss()))
        page = context.new_page()
        page.on("pageerror", lambda error: wrongs.append(str(error)))
        page.goto(address)
        yield page, wrongs
        browser.close()
    served.close(verbose=False)


@pytest.mark.parametrize("town", GROUPS)
def test_what_is_planted_stays_text(page: tuple[Page, list[str]], town: str) -> None:
    """In the reply, the card, what it unfolds, and the article's own page."""
    chat, wrongs = page
    box = chat.locator("#aqa-question textarea")
    before = chat.locator(".aqa-reply").count()
    box.fill(question_of(town))
    box.press("Enter")
    expect(chat.locator(".aqa-reply")).to_have_count(before + 1, timeout=30_000)
    expect(box).to_be_editable(timeout=10_000)
    chat.locator(".aqa-more summary").first.click()
    with chat.context.expect_page() as opened:
        chat.locator(".aqa-read a").first.click()
    opened.value.wait_for_load_state()
    shown = opened.value.locator(".text").text_content() or ""

    for payload in GROUPS[town]:
        assert payload in shown
        assert payload in (chat.locator(".aqa-panel").text_content() or "")
    for place in (chat.locator(f"#aqa-log .aqa-reply {ALIVE}"), chat.locator(f"#aqa-sources .aqa-card {ALIVE}")):
        assert place.count() == 0
    assert opened.value.locator(f"main {ALIVE}").count() == 0
    assert chat.evaluate("window.came_alive") is None
    assert opened.value.evaluate("window.came_alive") is None
    assert wrongs == []
    opened.value.close()
