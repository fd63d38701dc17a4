"""The page with a chat model, in a real Chromium: what is shown while it writes, who wrote, what was dropped, and how it is stopped."""

import shutil
import threading
import time
from collections.abc import Iterator

import pytest
from chat_server import ChatServer, Request, answers, chat_server, says
from playwright.sync_api import Browser, expect
from test_browser import ARTICLES, CHROMIUM, ENGLISH, SAMPLES, Watched, browser, playwright  # noqa: F401  fixtures

from app import serve
from index.build import build as build_index
from index.encoder import Encoder
from index.options import BuildOptions
from qa.assistant import Assistant
from qa.chat import Desk

TRUE = "ce filet de sécurité américain que les Européens tiennent pour essentiel"
SAID = "Europeans regard the American safety net as essential."
NEXT = "Its extent is not known so far."
INVENTED = "It will open on 1 December 2016 <b>for sure</b>."

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no Chromium at {CHROMIUM} (apt-get install chromium)"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[ChatServer]:
    with chat_server() as running:
        yield running


@pytest.fixture(scope="module")
def address(encoder: Encoder, server: ChatServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("worded")
    for name in ARTICLES:
        (folder / "corpus" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SAMPLES / name, folder / "corpus" / name)
    build_index([folder / "corpus"], folder / "index", encoder, BuildOptions())
    address, page = serve(Desk(Assistant(folder / "index", encoder, model=server.model())))
    yield address
    page.close(verbose=False)


@pytest.fixture
def watched(browser: Browser, address: str) -> Iterator[Watched]:  # noqa: F811
    watched = Watched(browser, address)
    yield watched
    watched.context.close()

    assert watched.wrongs == []


def submit(watched: Watched, question: str = ENGLISH) -> None:
    box = watched.page.locator("#aqa-question textarea")
    box.fill(question)
    box.press("Enter")


def test_sources_first_then_the_words_and_what_was_dropped(watched: Watched, server: ChatServer) -> None:
    server.scripted(says(answers((SAID, [(1, TRUE)]), (INVENTED, [(1, TRUE)])), piece=12, pause=0.15))
    page = watched.page
    submit(watched)

    expect(page.locator(".aqa-section blockquote").first).to_contain_text("backstop", timeout=20_000)
    expect(page.locator(".aqa-notice")).to_contain_text("The chat model is writing")
    expect(page.locator(".aqa-reply")).to_contain_text(SAID, timeout=20_000)
    expect(page.locator(".aqa-writer")).to_contain_text("Worded by scripted")
    page.locator(".aqa-dropped summary").click()
    expect(page.locator(".aqa-dropped li").last).to_have_text(f"{INVENTED} (it holds links or markup)")
    page.get_by_role("link", name="[1]").last.click()
    expect(page.locator("mark.aqa-shown")).to_have_text(TRUE)
    assert page.locator("#aqa-log b").count() == 0


def test_a_sentence_is_shown_before_the_server_has_sent_the_next(watched: Watched, server: ChatServer) -> None:
    first, second = answers((SAID, [(1, TRUE)]), (NEXT, [(1, TRUE)])).split(NEXT)
    seen, sent = threading.Event(), threading.Event()

    def waits(request: Request) -> None:
        request.begin()
        request.event(first)
        seen.wait(60)
        sent.set()
        request.event(NEXT + second, "stop")

    server.scripted(waits)
    submit(watched)
    try:
        expect(watched.page.locator(".aqa-reply")).to_contain_text(SAID)
        expect(watched.page.get_by_role("link", name="[1]").first).to_be_visible()

        assert not sent.is_set()
        assert NEXT not in watched.page.inner_text("body")
    finally:
        seen.set()
    expect(watched.page.locator(".aqa-reply")).to_contain_text(NEXT)


def test_quotes_only_asks_no_model(watched: Watched, server: ChatServer) -> None:
    server.scripted(says(answers((SAID, [(1, TRUE)]))))
    watched.page.get_by_label("The articles’ own words only").check()
    watched.ask(ENGLISH)

    expect(watched.page.locator(".aqa-reply")).to_contain_text("According to")
    expect(watched.page.locator(".aqa-writer")).to_have_count(0)
    assert server.sent == []


def test_a_model_that_is_down_is_told_and_the_articles_speak(watched: Watched, server: ChatServer) -> None:
    server.scripted(lambda request: request.refuse(404))
    submit(watched)

    expect(watched.page.locator(".aqa-reply")).to_contain_text("According to", timeout=20_000)
    expect(watched.page.locator(".aqa-writer")).to_contain_text("could not be used")


def test_quotes_are_translated_on_demand_and_labelled(watched: Watched, server: ChatServer) -> None:
    def does_both(request: Request) -> None:
        translating = "Translate" in request.sent["messages"][0]["content"]
        says("this American safety net, which Europeans hold to be essential" if translating else answers((SAID, [(1, TRUE)])))(
            request
        )

    server.scripted(does_both)
    submit(watched)
    expect(watched.page.locator(".aqa-reply")).to_contain_text(SAID, timeout=20_000)
    expect(watched.page.locator("#aqa-question textarea")).to_be_editable(timeout=20_000)
    watched.page.get_by_role("button", name="Translate the quotes").click()

    expect(watched.page.locator(".aqa-translation p")).to_have_text(
        "Translation by scripted. It is not a quotation.", timeout=20_000
    )
    expect(watched.page.locator(".aqa-translation dt")).to_have_text(TRUE)
    expect(watched.page.locator(".aqa-translation dd")).to_contain_text("essential")


def test_stopping_hangs_up_on_the_model_within_two_seconds(watched: Watched, server: ChatServer) -> None:
    server.scripted(says(answers(*[(SAID, [(1, TRUE)])] * 7), piece=5, pause=0.1))
    submit(watched)
    expect(watched.page.locator(".aqa-notice")).to_contain_text("The chat model is writing", timeout=20_000)
    watched.page.get_by_role("button", name="Stop").click()
    began = time.monotonic()

    assert server.hung_up.wait(5)
    assert time.monotonic() - began < 2


def test_leaving_the_page_hangs_up_on_the_model(browser: Browser, address: str, server: ChatServer) -> None:  # noqa: F811
    server.scripted(says(answers(*[(SAID, [(1, TRUE)])] * 7), piece=5, pause=0.1))
    watched = Watched(browser, address)
    submit(watched)
    expect(watched.page.locator(".aqa-notice")).to_contain_text("The chat model is writing", timeout=20_000)
    watched.context.close()

    assert server.hung_up.wait(5)
