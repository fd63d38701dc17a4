"""The sources of an answer as cards: what an article is, and its words with the quotes marked. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote_plus

from corpus.article import Article, Span
from corpus.console import visible
from index.snapshot import ArticleInfo
from qa.answer import Answer, Quote
from qa.markup import escape, lang_of, link_of, said
from qa.page_texts import Interface, language_name, words
from qa.retrieve import Hit
from qa.texts import day

#: Characters shown on each side of a quote that lies in no passage found, and on each side of a passage when unfolded.
AROUND_QUOTE = 300
AROUND_PASSAGE = 1200
#: The least part of the question's words in a passage, by their information, that is worth a mention.
LEAST_SHARE = 0.05
#: Copies listed by name; all are counted.
MOST_COPIES = 20


@dataclass(frozen=True)
class Passage:
    """What one source card shows. ``quotes``: number to span, inside ``span`` and apart from one another; may be empty.
    ``answers``: number to the part of that quote that answers. ``hit``: the passage as it was found; None if it is none found.
    ``copies``: other articles with the same text, or nearly."""

    article: Article
    span: Span
    quotes: dict[int, Span]
    answers: dict[int, Span]
    hit: Hit | None = None
    copies: tuple[ArticleInfo, ...] = ()


def passages_of(answer: Answer) -> list[Passage]:
    """The passages to show, in the order of the first quote in each. Quotes of one passage share it unless they overlap."""
    passages: list[Passage] = []
    for number, quote in enumerate(answer.quotes, start=1):
        span, hit = _around(quote, answer.hits)
        told = {number: quote.answer} if quote.answer else {}
        for at, passage in enumerate(passages):
            apart = all(quote.span.end <= other.start or other.end <= quote.span.start for other in passage.quotes.values())
            if passage.article.id == quote.article.id and passage.span == span and apart:
                quotes = {**passage.quotes, number: quote.span}
                passages[at] = Passage(passage.article, span, quotes, passage.answers | told, hit, quote.copies)
                break
        else:
            passages.append(Passage(quote.article, span, {number: quote.span}, told, hit, quote.copies))
    return passages


def card(passage: Passage, key: str, ui_language: Interface) -> str:
    """One source: what it is, the passage with the quotes marked, and more of the article to unfold."""
    article, lang = passage.article, lang_of(passage.article.language)
    title = f'<span dir="auto"{lang}>{escape(article.title)}</span>' if article.title else said("untitled", ui_language)
    numbers = "".join(f'<span class="aqa-number">{number}</span>' for number in passage.quotes)
    facts = facts_of(article, ui_language) + (relevance_of(passage.hit, ui_language, bool(numbers)) if passage.hit else [])
    copies = _copies(passage, ui_language) if passage.copies else ""
    link = source_link(article.url, ui_language)
    places = "".join(f"<li><bdi>{escape(place)}</bdi></li>" for place in _places(passage, ui_language))
    return (
        f'<article class="aqa-card" tabindex="-1"><h4>{numbers}{title}</h4><p class="aqa-facts">{" · ".join(facts)}</p>'
        f'<blockquote class="aqa-passage"{lang} dir="auto">{_marked(passage, passage.span, key)}</blockquote>{copies}'
        f'<details class="aqa-more"><summary>{said("more", ui_language)}</summary><div{lang} dir="auto">{_more(passage)}</div>'
        f'<ul class="aqa-places">{places}{f"<li>{link}</li>" if link else ""}</ul></details>'
        f'<p class="aqa-read"><a href="{_address(passage, ui_language)}" target="_blank" rel="noopener">'
        f"{said('read', ui_language)}</a></p></article>"
    )


def relevance_of(hit: Hit, ui_language: Interface, quoted: bool) -> list[str]:
    """How near a passage is to the question, as HTML: its place among those found, what the reader thought, words in common.

    That no answer was read is not told of a passage that the answer quotes: how sure that is stands with the answer.
    """
    told = [said("rank", ui_language, rank=hit.rank)]
    if hit.reader is not None and (hit.reader > 0 or not quoted):
        told.append(said("reads" if hit.reader > 0 else "reads_not", ui_language))
    if hit.lexical >= LEAST_SHARE:
        told.append(said("shares", ui_language, percent=round(100 * hit.lexical)))
    return told


def _copies(passage: Passage, ui_language: Interface) -> str:
    """How many other articles hold the same text or nearly, and which, to unfold: one text in five outlets is one source."""
    summary = said("copies_one" if len(passage.copies) == 1 else "copies", ui_language, count=len(passage.copies))
    digest = passage.article.digest
    items = []
    for copy in passage.copies[:MOST_COPIES]:
        title = escape(copy.title) if copy.title else said("untitled", ui_language)
        kind = said("copy_exact" if copy.digest == digest else "copy_near", ui_language)
        facts = " · ".join([*facts_of(copy, ui_language), kind])
        items.append(f'<li><span dir="auto"{lang_of(copy.language)}>{title}</span> ({facts})</li>')
    return f'<details class="aqa-copies"><summary>{summary}</summary><ul>{"".join(items)}</ul></details>'


def facts_of(article: Article | ArticleInfo, ui_language: Interface) -> list[str]:
    """Outlet, day of publication and language as HTML; each said to be unknown where it is."""
    return [
        f"<bdi>{escape(article.source)}</bdi>" if article.source else said("source_unknown", ui_language),
        escape(day(article.published, ui_language)) if article.published else said("date_unknown", ui_language),
        escape(language_name(article.language, ui_language)),
    ]


def _address(passage: Passage, ui_language: Interface) -> str:
    """Where the whole article can be read, at the card's first quote."""
    span = min(passage.quotes.items())[1] if passage.quotes else passage.span
    return escape(article_address(passage.article.id, span, ui_language, passage.article.digest))


def article_address(article_id: str, span: Span | None, ui_language: Interface, digest: str = "") -> str:
    """The page of one article (``qa.article_page``), relative to the chat's; with a span, at that place. ``digest``: of the text
    that the span is of, which tells the page whether it still is."""
    at = f"&start={span.start}&end={span.end}" if span else ""
    at += f"&sha256={digest}" if span and digest else ""
    return f"article?id={quote_plus(article_id)}{at}&language={ui_language}{'#quote' if span else ''}"


def _more(passage: Passage) -> str:
    """The article's body around the passage, a paragraph a body span."""
    article = passage.article
    wider = _widened(article, passage.span, AROUND_PASSAGE)
    spans = [Span(max(body.start, wider.start), min(body.end, wider.end)) for body in article.body]
    return "".join(f"<p>{_marked(passage, span)}</p>" for span in spans if span.start < span.end)


def _places(passage: Passage, ui_language: Interface) -> list[str]:
    """Where the quotes stand, or the passage if there are none: the file and the characters, as in the answer record."""
    path = visible(passage.article.path)
    spans = list(passage.quotes.values()) or [passage.span]
    return [words("place", ui_language, path=path, start=span.start, end=span.end) for span in spans]


def source_link(url: str | None, ui_language: Interface) -> str:
    """A link to where the article was published; empty for an address that is none."""
    link = link_of(url)
    if link is None:
        return ""
    name = said("original", ui_language, host=link[1])
    return f'<a href="{escape(link[0])}" target="_blank" rel="noopener noreferrer nofollow">{name}</a>'


def _marked(passage: Passage, shown: Span, key: str = "") -> str:
    """The article's words in ``shown``, quotes in <mark>, what answers in <strong>, and … where it begins or ends inside a line.

    With a ``key`` the marks are what the answer's markers lead to.
    """
    text, quotes = passage.article.text, passage.quotes
    pieces = ["… " if shown.start > 0 and text[shown.start - 1] != "\n" else ""]
    at = shown.start
    for number, quote in sorted(quotes.items(), key=lambda item: item[1]):
        start, end = max(at, quote.start), min(shown.end, quote.end)
        if start < end:
            anchor = f' id="aqa-{key}-{number}"' if key else ""
            told = passage.answers.get(number)
            pieces += [escape(text[at:start]), f"<mark{anchor}>{strong(text, Span(start, end), told)}</mark>"]
            pieces.append(f"<sup>{number}</sup>" if len(quotes) > 1 else "")
            at = end
    pieces += [escape(text[at : shown.end]), " …" if shown.end < len(text) and text[shown.end] != "\n" else ""]
    return "".join(pieces)


def strong(text: str, span: Span, told: Span | None) -> str:
    """The span's words, those of ``told`` in <strong> if it lies within and is less than the whole."""
    if told is None or told == span or not span.start <= told.start < told.end <= span.end:
        return escape(span.of(text))
    before, after = Span(span.start, told.start), Span(told.end, span.end)
    return f"{escape(before.of(text))}<strong>{escape(told.of(text))}</strong>{escape(after.of(text))}"


def _around(quote: Quote, hits: Sequence[Hit]) -> tuple[Span, Hit | None]:
    """The passage found that holds the quote, else the quote's surroundings in the article."""
    for hit in hits:
        if hit.article.id == quote.article.id and hit.chunk.start <= quote.span.start and quote.span.end <= hit.chunk.end:
            return span_of(hit), hit
    return _widened(quote.article, quote.span, AROUND_QUOTE), None


def span_of(hit: Hit) -> Span:
    return Span(hit.chunk.start, hit.chunk.end)


def _widened(article: Article, span: Span, by: int) -> Span:
    """``span`` and at most ``by`` characters on each side, cut at white space, inside the article's body."""
    text = article.text
    first, last = (article.body[0].start, article.body[-1].end) if article.body else (0, len(text))
    start, end = max(first, span.start - by), min(last, span.end + by)
    if start > first:
        found = re.search(r"\s", text[start : span.start])
        start = start + found.end() if found else span.start
    if end < last:
        found = re.search(r"\s\S*$", text[span.end : end])
        end = span.end + found.start() if found else span.end
    return Span(min(start, span.start), max(end, span.end))
