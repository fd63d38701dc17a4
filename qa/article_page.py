"""One whole article as a page of its own: every character of it, the quoted words marked, what is not its body dimmed."""

from collections.abc import Callable
from itertools import pairwise
from urllib.parse import parse_qs

from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from corpus.article import Article, Span
from corpus.console import visible
from qa.cards import facts_of, source_link
from qa.markup import escape, lang_of, said
from qa.page_texts import INTERFACES, Interface, words

_STYLE = """
:root { color-scheme: light dark; }
body { font: 17px/1.6 system-ui, sans-serif; max-width: 44em; margin: 0 auto; padding: 20px 16px 40vh; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; line-height: 1.25; margin: 0 0 6px; }
.facts, .note { font-size: .85rem; opacity: .8; margin: 0 0 10px; }
.text { white-space: pre-wrap; border-top: 1px solid #8886; padding-top: 14px; }
.text s { text-decoration: none; color: #737373; }
mark { background: #fff0a0; color: #1c1917; scroll-margin: 35vh 0; }
a { color: #1d4ed8; }
@media (prefers-color-scheme: dark) { .text s { color: #a3a3a3; } }
@media (prefers-color-scheme: dark) { mark { background: #66550a; color: #fffbe6; } a { color: #93c5fd; } }
"""


def article_page(article: Article, quote: Span | None, ui_language: Interface, changed: bool = False) -> str:
    """The page; ``quote`` lies within the text, or is None. ``changed``: it is another text than the one that was quoted."""
    title = f'<span dir="auto"{lang_of(article.language)}>{escape(article.title)}</span>' if article.title else ""
    place = words("place", ui_language, path=visible(article.path), start=quote.start, end=quote.end) if quote else ""
    whole = not article.body or article.body == (Span(0, len(article.text)),)
    notes = [f"<bdi>{escape(place or visible(article.path))}</bdi>", source_link(article.url, ui_language)]
    notes += [said("article_changed", ui_language)] if changed else []
    notes += [] if whole else [said("dimmed", ui_language)]
    notes += [f'<a href="#quote">{said("back_to_quote", ui_language)}</a>'] if quote else []
    return (
        f'<!doctype html><html lang="{ui_language}"><head><meta charset="utf-8"><meta name="robots" content="noindex">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(article.title or words('untitled', ui_language))}</title><style>{_STYLE}</style></head><body><main>"
        f"<h1>{title or said('untitled', ui_language)}</h1>"
        f'<p class="facts">{" · ".join(facts_of(article, ui_language))}</p>'
        f'<p class="note">{"<br>".join(note for note in notes if note)}</p>'
        f'<div class="text" dir="auto"{lang_of(article.language)}>{_text(article, quote)}</div></main></body></html>'
    )


def _text(article: Article, quote: Span | None) -> str:
    """All characters of the article, cut where a body span or the quote begins or ends."""
    text, body = article.text, article.body or (Span(0, len(article.text)),)
    cuts = {0, len(text), *(edge for span in body for edge in span), *(quote or ())}
    edges, pieces, first = sorted(cuts), [], True
    for start, end in pairwise(edges):
        shown = escape(text[start:end])
        if not any(span.start <= start and end <= span.end for span in body):
            shown = f"<s>{shown}</s>"
        if quote and quote.start <= start and end <= quote.end:
            shown = f'<mark id="quote">{shown}</mark>' if first else f"<mark>{shown}</mark>"
            first = False
        pieces.append(shown)
    return "".join(pieces)


class ArticlePages:
    """ASGI middleware that answers ``GET /article?id=...&start=...&end=...&sha256=...&language=...`` and passes all else on.

    Where the article's text is not the one of that ``sha256`` the place is one of another text, and nothing is marked.
    ``article`` finds an article by its id; ``admitted`` says whether a request comes from somebody who may read.
    """

    def __init__(self, app: ASGIApp, article: Callable[[str], Article | None], admitted: Callable[[Scope], bool]):
        self._app = app
        self._article = article
        self._admitted = admitted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/article":
            await self._app(scope, receive, send)
        elif not self._admitted(scope):
            await PlainTextResponse("Log in first.", 401)(scope, receive, send)
        else:
            await self._page(scope["query_string"].decode("latin-1"))(scope, receive, send)

    def _page(self, query: str) -> HTMLResponse | PlainTextResponse:
        try:
            asked = {name: values[0] for name, values in parse_qs(query, max_num_fields=8).items()}
        except ValueError:
            return PlainTextResponse("Not here.", 404)
        ui_language: Interface = next((one for one in INTERFACES if one == asked.get("language")), "en")
        article = self._article(asked.get("id", ""))
        if article is None:
            return PlainTextResponse(words("article_gone", ui_language), 404)
        changed = asked.get("sha256", article.digest) != article.digest
        quote = None if changed else _span(asked, len(article.text))
        return HTMLResponse(article_page(article, quote, ui_language, changed))


def _span(asked: dict[str, str], length: int) -> Span | None:
    start, end = asked.get("start", ""), asked.get("end", "")
    if not (start.isascii() and start.isdigit() and end.isascii() and end.isdigit() and len(start) < 12 and len(end) < 12):
        return None
    return Span(int(start), int(end)) if int(start) < int(end) <= length else None
