"""An answer as the page shows it. Pure: an ``Asked`` in, HTML out.

Only the templates here and in ``qa.cards`` are markup; all else goes through ``qa.markup.escape``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.article import Span
from corpus.read import SUFFIXES
from qa.answer import Answer, Quote, Remark
from qa.assistant import Asked, Found
from qa.cards import Passage, card, passages_of, span_of, strong
from qa.manage import LARGEST_DROP
from qa.markup import escape, lang_of, said
from qa.options import AskOptions
from qa.page_texts import Interface, language_name, words
from qa.texts import day, model_notice, text

#: Nearest passages shown under a "not found".
NEAREST = 3
#: The least confidence for each word, 0 to 1.
SURE = ((0.85, "very_likely"), (0.6, "likely"), (0.35, "perhaps"), (0.0, "unlikely"))
#: The confidence below which an answer is shown as one that may be none.
UNSURE = SURE[-2][0]
#: Texts that page.js puts where Gradio has its own, in the browser's language, or none.
NAMED = ("submit", "stop", "searching", "chat", "clear", "retry", "undo", "like", "dislike", "remove", "busy")
_MARKERS = re.compile(r"(?:\s*\[\d{1,3}\])+\s*$")


@dataclass(frozen=True)
class Rendered:
    """``answer_html`` is a message of the chat, on one line; ``sources_html`` its section of the sources panel."""

    answer_html: str
    sources_html: str


def render(asked: Asked, ui_language: Interface, key: str = "1", options: AskOptions | None = None) -> Rendered:
    """The answer and its sources. ``key`` (letters and digits) tells this answer and its anchors from others; the filters
    among the ``options`` it was asked with are shown."""
    answer = asked.answer
    filters = filters_of(options, ui_language) if options else ""
    sure = _confidence(answer.confidence, ui_language)
    if answer.decision == "not_found":
        told = f"{_paragraphs(answer, asked.language, key, ui_language)}{_writer(asked, ui_language)}{sure}"
        message = f'<div class="aqa-reply aqa-not-found" data-answer="{key}">{told}</div>'
        near = answer.hits[:NEAREST]
        note = f'<p class="aqa-note"><strong>{said("near", ui_language)}.</strong> {said("near_note", ui_language)}</p>'
        cards = "".join(card(Passage(hit.article, span_of(hit), {}, {}, hit, hit.copies), key, ui_language) for hit in near)
        return Rendered(message, _section(asked, note + cards, "aqa-near", key, filters) if near else "")
    # A quote that is more likely beside the question than not is introduced as such, and not left to be read as the answer.
    unsure, sure = ("", sure) if answer.confidence >= UNSURE else (_unsure(answer.confidence, ui_language), "")
    message = (
        f'<div class="aqa-reply aqa-found" data-answer="{key}">{unsure}{_paragraphs(answer, asked.language, key, ui_language)}'
        f"{_writer(asked, ui_language)}{_dropped(answer, ui_language)}{_disagreement(answer, ui_language)}{sure}</div>"
    )
    cards = "".join(card(passage, key, ui_language) for passage in passages_of(answer))
    return Rendered(message, _section(asked, cards, "aqa-quoted", key, filters))


def passages(found: Found, ui_language: Interface, key: str) -> Rendered:
    """What was found, while it is read, and while a chat model writes: the passages are there at once."""
    cards = "".join(
        card(Passage(hit.article, span_of(hit), {}, {}, hit, hit.copies), key, ui_language) for hit in found.hits[:NEAREST]
    )
    question = f'<h3 class="aqa-asked" dir="auto"{lang_of(found.language)}>{escape(found.question)}</h3>'
    section = f'<section class="aqa-section aqa-near" id="aqa-{key}">{question}{cards}</section>'
    told = words("writing", ui_language, count=len(found.hits)) if found.read else words("reading", ui_language)
    return Rendered(pending(told), section)


def translation(quotes: Sequence[tuple[str, str]], model: str, language: str | None, ui_language: Interface) -> str:
    """Translations under the quotes they are of, (quote, translation) each, and who made them."""
    pairs = "".join(
        f'<dt dir="auto">{escape(quote)}</dt><dd dir="auto"{lang_of(language)}>{escape(said)}</dd>' for quote, said in quotes
    )
    return f'<div class="aqa-translation"><p>{said("translated", ui_language, model=model)}</p><dl>{pairs}</dl></div>'


def panel(sections: Sequence[str], ui_language: Interface) -> str:
    """The sources panel: the last answer's section, then the earlier ones folded. Empty sections are left out."""
    filled = [section for section in sections if section]
    title = f'<h2 class="aqa-panel-title">{said("sources", ui_language)}</h2>'
    if not filled:
        return f'<aside class="aqa-panel">{title}<p class="aqa-empty">{said("no_sources", ui_language)}</p></aside>'
    earlier = "".join(reversed(filled[:-1]))
    if earlier:
        summary = escape(words("earlier", ui_language, count=len(filled) - 1))
        earlier = f'<details class="aqa-earlier"><summary>{summary}</summary>{earlier}</details>'
    return f'<aside class="aqa-panel">{title}{filled[-1]}{earlier}</aside>'


def notice(text: str) -> str:
    """A message of the chat that is no answer: a refusal or a failure, in our own words."""
    return f'<div class="aqa-reply aqa-notice"><p>{escape(text)}</p></div>'


def pending(text: str) -> str:
    """A message of the chat that stands until the answer does."""
    return f'<div class="aqa-notice aqa-pending"><p>{escape(text)}</p></div>'


def header(ui_language: Interface, articles: int, languages: int) -> str:
    """The top of the page. What it carries as data, page.js sets where Gradio does not."""
    held = words("held_one" if languages == 1 else "held", ui_language, articles=articles, languages=languages)
    names = {name: said(name, ui_language) for name in NAMED}
    names["drop"] = said("drop_how", ui_language, suffixes=", ".join(SUFFIXES), size=LARGEST_DROP // 1_000_000)
    data = " ".join(f'data-{name}="{text}"' for name, text in names.items())
    return (
        f'<header class="aqa-header" data-language="{ui_language}" {data}><h1>{said("title", ui_language)}</h1>'
        f'<p>{said("about", ui_language)} <span class="aqa-held">{escape(held)}</span></p></header>'
    )


def filters_of(options: AskOptions, ui_language: Interface) -> str:
    """The filters in a line of plain words; empty where there is none."""
    parts = [language_name(code, ui_language) for code in options.languages] + list(options.sources)
    for name, limit in (("since", options.since), ("until", options.until)):
        parts += [words(f"{name}_day", ui_language, day=day(limit, ui_language))] if limit else []
    return words("filters_set", ui_language, filters=" · ".join(parts)) if parts else ""


def _paragraphs(answer: Answer, language: str | None, key: str, ui_language: Interface) -> str:
    """The prose; the markers that end a paragraph become links to the source cards."""
    paragraphs = []
    for paragraph in answer.prose.split("\n\n"):
        found = _MARKERS.search(paragraph)
        numbers = [int(number) for number in re.findall(r"\d+", found.group())] if found else []
        if not found or any(not 1 <= number <= len(answer.quotes) for number in numbers):
            paragraphs.append(f'<p dir="auto"{lang_of(language)}>{escape(paragraph)}</p>')
            continue
        spoken = _prose(paragraph[: found.start()], [answer.quotes[number - 1] for number in numbers])
        markers = "".join(_marker(number, key, ui_language) for number in numbers)
        paragraphs.append(f'<p dir="auto"{lang_of(language)}>{spoken}{markers}</p>')
    return "".join(paragraphs)


def _marker(number: int, key: str, ui_language: Interface) -> str:
    shows = said("show_source", ui_language, number=number)
    return f' <a class="aqa-marker" href="#aqa-{key}-{number}" title="{shows}">&#91;{number}&#93;</a>'


def _prose(prose: str, quotes: Sequence[Quote]) -> str:
    """The prose with the first quote it repeats set apart, in that quote's language."""
    for quote in quotes:
        quoted = " ".join(quote.text.split())
        before, found, after = prose.partition(quoted)
        if found:
            words = " ".join(quote.answer.of(quote.article.text).split()) if quote.answer else ""
            at = quoted.find(words) if words else -1
            shown = strong(quoted, Span(0, len(quoted)), Span(at, at + len(words)) if at >= 0 else None)
            set_apart = f'<span class="aqa-words"{lang_of(quote.article.language)} dir="auto">{shown}</span>'
            return escape(before) + set_apart + escape(after)
    return escape(prose)


def _dropped(answer: Answer, ui_language: Interface) -> str:
    if not answer.dropped:
        return ""
    summary = said("dropped", ui_language, count=len(answer.dropped))
    why = _reasons(answer, ui_language)
    claims = "".join(f'<li dir="auto">{escape(claim)}{_why(why.get(claim, ""))}</li>' for claim in answer.dropped)
    return f'<details class="aqa-dropped"><summary>{summary}</summary><ul>{claims}</ul></details>'


def _why(reason: str) -> str:
    return f" <em>({escape(reason)})</em>" if reason else ""


def _reasons(answer: Answer, ui_language: Interface) -> dict[str, str]:
    """Why a model's sentences, and the quotes it claimed, are not shown, in plain words."""
    quotes = {one.quote: f"{text(one.why, ui_language)}: {one.sentence}" for one in answer.struck}
    sentences = {one.sentence: _fault(one, ui_language) for one in answer.remarks if one.fault != "unchecked"}
    return quotes | sentences


def _fault(remark: Remark, ui_language: Interface) -> str:
    return text("unsupported", ui_language, words=", ".join(remark.words)) if remark.words else words(remark.fault, ui_language)


def _writer(asked: Asked, ui_language: Interface) -> str:
    """Who worded the answer, and why it was not the chat model, where there is one."""
    if asked.model is None:
        return ""
    worded = asked.answer.writer == asked.model
    lines = [words("worded_by", ui_language, model=asked.model)] if worded and asked.answer.quotes else []
    lines += [model_notice(asked.answer.notice, worded, ui_language)] if asked.answer.notice else []
    return f'<p class="aqa-note aqa-writer">{escape(" ".join(lines))}</p>'


def _disagreement(answer: Answer, ui_language: Interface) -> str:
    """What to mind where several articles are quoted: days that differ or are unknown, and the same words in two."""
    articles = {quote.article.id: quote.article for quote in answer.quotes}
    if len(articles) < 2:
        return ""
    known = sorted({article.published for article in articles.values() if article.published})
    minded = []
    if len(known) > 1:
        minded.append(said("dates_differ", ui_language, first=day(known[0], ui_language), last=day(known[-1], ui_language)))
    if known and any(article.published is None for article in articles.values()):
        minded.append(said("date_missing", ui_language))
    told = {(quote.article.id, " ".join(quote.text.split())) for quote in answer.quotes}
    if len({text for _, text in told}) < len(told):
        minded.append(said("same_words", ui_language))
    return f'<p class="aqa-mind">{" ".join(minded)}</p>' if minded else ""


def _confidence(confidence: float, ui_language: Interface) -> str:
    word = next(word for least, word in SURE if confidence >= least)
    sure = said("confidence", ui_language, word=words(word, ui_language), percent=round(100 * confidence))
    return f'<p class="aqa-confidence">{sure}</p>'


def _unsure(confidence: float, ui_language: Interface) -> str:
    return f'<p class="aqa-confidence aqa-unsure">{said("unsure", ui_language, percent=round(100 * confidence))}</p>'


def _section(asked: Asked, content: str, kind: str, key: str, filters: str) -> str:
    question = f'<h3 class="aqa-asked" dir="auto"{lang_of(asked.language)}>{escape(asked.question)}</h3>'
    only = f'<p class="aqa-note">{escape(filters)}</p>' if filters else ""
    return f'<section class="aqa-section {kind}" id="aqa-{key}">{question}{only}{content}</section>'
