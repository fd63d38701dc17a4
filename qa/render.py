"""An answer as the page shows it. Pure: an ``Asked`` in, HTML out.

Only the templates here are markup. Whatever came from an article, a user or a writer goes through ``escape``: Gradio's own
sanitiser lets forms, overlays and remote images through, and its Markdown would fetch the images.
"""

import html
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from corpus.article import Article, Span
from qa.answer import Answer, Quote
from qa.assistant import Asked
from qa.page_texts import Interface, language_name, words
from qa.retrieve import Hit
from qa.texts import day

#: Nearest passages shown under a "not found".
NEAREST = 3
#: Characters shown on each side of a quote that lies in no passage found, and on each side of a passage when unfolded.
AROUND_QUOTE = 300
AROUND_PASSAGE = 1200
#: The least confidence for each word, 0 to 1.
SURE = ((0.85, "very_likely"), (0.6, "likely"), (0.35, "perhaps"), (0.0, "unlikely"))
_MARKERS = re.compile(r"(?:\s*\[\d{1,3}\])+\s*$")
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Rendered:
    """``answer_html`` is a message of the chat, on one line; ``sources_html`` its section of the sources panel."""

    answer_html: str
    sources_html: str


@dataclass(frozen=True)
class Passage:
    """What one source card shows. ``quotes``: number to span, inside ``span`` and apart from one another; may be empty.
    ``answers``: number to the part of that quote that answers."""

    article: Article
    span: Span
    quotes: dict[int, Span]
    answers: dict[int, Span]


def escape(text: str) -> str:
    """``text`` for any place in HTML or Markdown: all but letters, digits and spaces becomes a numeric entity.

    C1 controls stay as they are: HTML reads ``&#150;`` as a dash of Windows-1252, and the text would no longer be exact.
    """
    return "".join(c if c.isalnum() or c == " " or "\x80" <= c <= "\x9f" else f"&#{ord(c)};" for c in text)


def plain(message_html: str) -> str:
    """The words of a message made here: its tags taken out, its entities read."""
    return html.unescape(_TAG.sub("", message_html.replace("</p>", "</p> "))).strip()


def render(asked: Asked, ui_language: Interface, key: str = "1") -> Rendered:
    """The answer and its sources. ``key`` (letters and digits) tells this answer's anchors from other answers'."""
    answer = asked.answer
    sure = _confidence(answer.confidence, ui_language)
    if answer.decision == "not_found":
        message = f'<div class="aqa-reply aqa-not-found">{_paragraphs(answer, asked.language, key, ui_language)}{sure}</div>'
        near = answer.hits[:NEAREST]
        note = f'<p class="aqa-note"><strong>{_words("near", ui_language)}.</strong> {_words("near_note", ui_language)}</p>'
        cards = "".join(_card(Passage(hit.article, _of_hit(hit), {}, {}), key, ui_language) for hit in near)
        return Rendered(message, _section(asked, note + cards, "aqa-near", key) if near else "")
    message = (
        f'<div class="aqa-reply aqa-found">{_paragraphs(answer, asked.language, key, ui_language)}'
        f"{_dropped(answer, ui_language)}{sure}</div>"
    )
    cards = "".join(_card(passage, key, ui_language) for passage in passages_of(answer))
    return Rendered(message, _section(asked, cards, "aqa-quoted", key))


def panel(sections: Sequence[str], ui_language: Interface) -> str:
    """The sources panel: the last answer's section, then the earlier ones folded. Empty sections are left out."""
    filled = [section for section in sections if section]
    title = f'<h2 class="aqa-panel-title">{_words("sources", ui_language)}</h2>'
    if not filled:
        return f'<aside class="aqa-panel">{title}<p class="aqa-empty">{_words("no_sources", ui_language)}</p></aside>'
    earlier = "".join(reversed(filled[:-1]))
    if earlier:
        summary = escape(words("earlier", ui_language, count=len(filled) - 1))
        earlier = f'<details class="aqa-earlier"><summary>{summary}</summary>{earlier}</details>'
    return f'<aside class="aqa-panel">{title}{filled[-1]}{earlier}</aside>'


def notice(text: str) -> str:
    """A message of the chat that is no answer: a refusal or a failure, in our own words."""
    return f'<div class="aqa-reply aqa-notice"><p>{escape(text)}</p></div>'


def header(ui_language: Interface, articles: int, languages: int) -> str:
    """The top of the page. What it carries as data, page.js sets where Gradio does not."""
    held = words("held_one" if languages == 1 else "held", ui_language, articles=articles, languages=languages)
    data = " ".join(f'data-{name}="{_words(name, ui_language)}"' for name in ("submit", "placeholder"))
    return (
        f'<header class="aqa-header" data-language="{ui_language}" {data}><h1>{_words("title", ui_language)}</h1>'
        f'<p>{_words("about", ui_language)} <span class="aqa-held">{escape(held)}</span></p></header>'
    )


def passages_of(answer: Answer) -> list[Passage]:
    """The passages to show, in the order of the first quote in each. Quotes of one passage share it unless they overlap."""
    passages: list[Passage] = []
    for number, quote in enumerate(answer.quotes, start=1):
        span = _around(quote, answer.hits)
        told = {number: quote.answer} if quote.answer else {}
        for at, passage in enumerate(passages):
            apart = all(quote.span.end <= other.start or other.end <= quote.span.start for other in passage.quotes.values())
            if passage.article.id == quote.article.id and passage.span == span and apart:
                passages[at] = Passage(passage.article, span, {**passage.quotes, number: quote.span}, passage.answers | told)
                break
        else:
            passages.append(Passage(quote.article, span, {number: quote.span}, told))
    return passages


def link_of(url: str | None) -> tuple[str, str] | None:
    """(address, host as it is looked up) of a plain http or https address; None for anything else."""
    if url is None or not url.isprintable():
        return None
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        return None
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        return None
    return url, host


def _paragraphs(answer: Answer, language: str | None, key: str, ui_language: Interface) -> str:
    """The prose; the markers that end a paragraph become links to the source cards."""
    paragraphs = []
    for paragraph in answer.prose.split("\n\n"):
        found = _MARKERS.search(paragraph)
        numbers = [int(number) for number in re.findall(r"\d+", found.group())] if found else []
        if not found or any(not 1 <= number <= len(answer.quotes) for number in numbers):
            paragraphs.append(f'<p dir="auto"{_lang(language)}>{escape(paragraph)}</p>')
            continue
        said = _said(paragraph[: found.start()], [answer.quotes[number - 1] for number in numbers])
        markers = "".join(_marker(number, key, ui_language) for number in numbers)
        paragraphs.append(f'<p dir="auto"{_lang(language)}>{said}{markers}</p>')
    return "".join(paragraphs)


def _marker(number: int, key: str, ui_language: Interface) -> str:
    shows = _words("show_source", ui_language, number=number)
    return f' <a class="aqa-marker" href="#aqa-{key}-{number}" title="{shows}">&#91;{number}&#93;</a>'


def _said(prose: str, quotes: Sequence[Quote]) -> str:
    """The prose with the first quote it repeats set apart, in that quote's language."""
    for quote in quotes:
        quoted = " ".join(quote.text.split())
        before, found, after = prose.partition(quoted)
        if found:
            words = " ".join(quote.answer.of(quote.article.text).split()) if quote.answer else ""
            at = quoted.find(words) if words else -1
            shown = _strong(quoted, Span(0, len(quoted)), Span(at, at + len(words)) if at >= 0 else None)
            set_apart = f'<span class="aqa-words"{_lang(quote.article.language)} dir="auto">{shown}</span>'
            return escape(before) + set_apart + escape(after)
    return escape(prose)


def _dropped(answer: Answer, ui_language: Interface) -> str:
    if not answer.dropped:
        return ""
    summary = _words("dropped", ui_language, count=len(answer.dropped))
    claims = "".join(f'<li dir="auto">{escape(claim)}</li>' for claim in answer.dropped)
    return f'<details class="aqa-dropped"><summary>{summary}</summary><ul>{claims}</ul></details>'


def _confidence(confidence: float, ui_language: Interface) -> str:
    word = next(word for least, word in SURE if confidence >= least)
    said = words("confidence", ui_language, word=words(word, ui_language), percent=round(100 * confidence))
    return f'<p class="aqa-confidence">{escape(said)}</p>'


def _section(asked: Asked, content: str, kind: str, key: str) -> str:
    question = f'<h3 class="aqa-asked" dir="auto"{_lang(asked.language)}>{escape(asked.question)}</h3>'
    return f'<section class="aqa-section {kind}" id="aqa-{key}">{question}{content}</section>'


def _card(passage: Passage, key: str, ui_language: Interface) -> str:
    """One source: what it is, the passage with the quotes marked, and more of the article to unfold."""
    article, lang = passage.article, _lang(passage.article.language)
    title = f'<span dir="auto"{lang}>{escape(article.title)}</span>' if article.title else _words("untitled", ui_language)
    numbers = "".join(f'<span class="aqa-number">{number}</span>' for number in passage.quotes)
    facts = [
        f"<bdi>{escape(article.source)}</bdi>" if article.source else _words("source_unknown", ui_language),
        escape(day(article.published, ui_language)) if article.published else _words("date_unknown", ui_language),
        escape(language_name(article.language, ui_language)),
    ]
    places = "".join(f"<li><bdi>{escape(place)}</bdi></li>" for place in _places(passage, ui_language))
    return (
        f'<article class="aqa-card" tabindex="-1"><h4>{numbers}{title}</h4><p class="aqa-facts">{" · ".join(facts)}</p>'
        f'<blockquote class="aqa-passage"{lang} dir="auto">{_marked(passage, passage.span, key)}</blockquote>'
        f'<details class="aqa-more"><summary>{_words("more", ui_language)}</summary><div{lang} dir="auto">{_more(passage)}</div>'
        f'<ul class="aqa-places">{places}{_link(article.url, ui_language)}</ul></details></article>'
    )


def _more(passage: Passage) -> str:
    """The article's body around the passage, a paragraph a body span."""
    article = passage.article
    wider = _widened(article, passage.span, AROUND_PASSAGE)
    spans = [Span(max(body.start, wider.start), min(body.end, wider.end)) for body in article.body]
    return "".join(f"<p>{_marked(passage, span)}</p>" for span in spans if span.start < span.end)


def _places(passage: Passage, ui_language: Interface) -> list[str]:
    """Where the quotes stand, or the passage if there are none: the file and the characters, as in the answer record."""
    path = _visible(passage.article.path)
    spans = list(passage.quotes.values()) or [passage.span]
    return [words("place", ui_language, path=path, start=span.start, end=span.end) for span in spans]


def _link(url: str | None, ui_language: Interface) -> str:
    link = link_of(url)
    if link is None:
        return ""
    name = _words("original", ui_language, host=link[1])
    return f'<li><a href="{escape(link[0])}" target="_blank" rel="noopener noreferrer nofollow">{name}</a></li>'


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
            pieces += [escape(text[at:start]), f"<mark{anchor}>{_strong(text, Span(start, end), told)}</mark>"]
            pieces.append(f"<sup>{number}</sup>" if len(quotes) > 1 else "")
            at = end
    pieces += [escape(text[at : shown.end]), " …" if shown.end < len(text) and text[shown.end] != "\n" else ""]
    return "".join(pieces)


def _strong(text: str, span: Span, told: Span | None) -> str:
    """The span's words, those of ``told`` in <strong> if it lies within and is less than the whole."""
    if told is None or told == span or not span.start <= told.start < told.end <= span.end:
        return escape(span.of(text))
    before, after = Span(span.start, told.start), Span(told.end, span.end)
    return f"{escape(before.of(text))}<strong>{escape(told.of(text))}</strong>{escape(after.of(text))}"


def _around(quote: Quote, hits: Sequence[Hit]) -> Span:
    """The hit that holds the quote, else the quote's surroundings in the article."""
    for hit in hits:
        if hit.article.id == quote.article.id and hit.chunk.start <= quote.span.start and quote.span.end <= hit.chunk.end:
            return _of_hit(hit)
    return _widened(quote.article, quote.span, AROUND_QUOTE)


def _of_hit(hit: Hit) -> Span:
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


def _words(name: str, ui_language: Interface, **values: str | int) -> str:
    return escape(words(name, ui_language, **values))


def _visible(text: str) -> str:
    """A name with its control and direction characters spelled out, so that it cannot look like another."""
    return "".join(c if unicodedata.category(c) not in ("Cc", "Cf") else f"\\u{ord(c):04x}" for c in text)


def _lang(code: str | None) -> str:
    """A lang attribute; none for a code that is not plain letters."""
    return f' lang="{code}"' if code and code.isascii() and code.isalpha() else ""
