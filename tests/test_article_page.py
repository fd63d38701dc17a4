"""A whole article as a page: every character, the quote marked, the rest of the page dimmed, nothing alive."""

import html
import re
from dataclasses import replace
from datetime import date
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.middleware import Middleware

from corpus.article import Article, Span
from qa.article_page import ArticlePages, article_page
from qa.cards import article_address
from qa.markup import said
from qa.page_texts import INTERFACES, Interface

TEXT = "MENU\n\nLe pont a cédé. Personne <b>n’a</b> été blessé.\n\nLire aussi"
ARTICLE = Article("fr/a b.txt", "fr/a.txt", "Le pont", TEXT, (Span(6, 53),), "fr", None, None, date(2025, 9, 4))


def text_of(page: str) -> str:
    found = re.search(r'<div class="text"[^>]*>(.*)</div></main>', page, re.DOTALL)
    assert found is not None
    return html.unescape(re.sub(r"<[^>]*>", "", found.group(1)))


def test_the_quote_is_marked_and_what_is_not_the_article_is_dimmed() -> None:
    page = article_page(ARTICLE, Span(22, 53), "en")

    assert text_of(page) == TEXT
    assert re.findall(r'<mark id="quote">(.*?)</mark>', page) == ["Personne &#60;b&#62;n&#8217;a&#60;&#47;b&#62; été blessé&#46;"]
    assert [html.unescape(part) for part in re.findall(r"<s>(.*?)</s>", page, re.DOTALL)] == ["MENU\n\n", "\n\nLire aussi"]
    assert "source unknown · 4 September 2025 · French" in page
    assert '<div class="text" dir="auto" lang="fr">' in page


@given(st.text(max_size=40), st.integers(0, 40), st.integers(0, 40))
def test_every_character_is_there_wherever_the_quote_lies(text: str, start: int, end: int) -> None:
    article = Article("a", "a", None, text, (Span(1, len(text)),) if len(text) > 1 else (), None, None, None, None)
    page = article_page(article, Span(start, end) if start < end <= len(text) else None, "fr")

    shown = re.search(r'<div class="text"[^>]*>(.*)</div></main>', page, re.DOTALL)
    assert shown is not None
    plain = re.sub(r"&#(\d+);", lambda code: chr(int(code.group(1))), re.sub(r"<[^>]*>", "", shown.group(1)))
    assert plain == text


CASES: dict[str, tuple[str, int, bool]] = {
    "whole": ("id=fr%2Fa+b.txt", 200, False),
    "at a quote": ("id=fr%2Fa+b.txt&start=22&end=53&language=fr", 200, True),
    "at a quote of this text": (f"id=fr%2Fa+b.txt&start=22&end=53&sha256={ARTICLE.digest}", 200, True),
    "at a quote of another text": (f"id=fr%2Fa+b.txt&start=22&end=53&sha256={'0' * 64}", 200, False),
    "beyond the text": ("id=fr%2Fa+b.txt&start=22&end=5200", 200, False),
    "backwards": ("id=fr%2Fa+b.txt&start=52&end=22", 200, False),
    "no numbers": ("id=fr%2Fa+b.txt&start=x&end=²", 200, False),
    "another article": ("id=../../etc/passwd", 404, False),
    "none": ("", 404, False),
    "too much": ("&".join(f"a{n}=1" for n in range(50)), 404, False),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.anyio
async def test_what_is_asked_for_by_address(case: str) -> None:
    query, status, marked = CASES[case]
    answered = await _client(True).get(f"/article?{query}")

    assert answered.status_code == status
    assert ('<mark id="quote">' in answered.text) == marked
    assert "passwd" not in answered.text


@pytest.mark.parametrize("language", INTERFACES)
@pytest.mark.anyio
async def test_an_article_that_has_changed_says_so(language: Interface) -> None:
    """Other words stand where the quote stood."""
    at = article_address(ARTICLE.id, Span(22, 53), language, ARTICLE.digest)
    changed = replace(ARTICLE, text=f"Mise à jour.\n\n{TEXT}")
    before, after = [await _client(True, article).get(f"/{at}") for article in (ARTICLE, changed)]

    assert said("article_changed", language) not in before.text
    assert said("article_changed", language) in after.text
    assert "<mark" in before.text
    assert "<mark" not in after.text
    assert "#quote" not in after.text
    assert text_of(after.text) == changed.text


@pytest.mark.anyio
async def test_who_may_not_read_gets_nothing() -> None:
    answered = await _client(False).get("/article?id=fr%2Fa+b.txt")

    assert answered.status_code == 401
    assert "pont" not in answered.text


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def _client(admitted: bool, article: Article = ARTICLE) -> httpx.AsyncClient:
    known: dict[str, Any] = {article.id: article}
    app = Starlette(middleware=[Middleware(ArticlePages, article=known.get, admitted=lambda _: admitted)])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1")
