"""A stored answer record back to an answer that can be shown: only what still stands in the articles, word for word."""

import math
from collections.abc import Callable
from typing import Any, get_args

from corpus.article import Article, Chunk, Span
from index.snapshot import ArticleInfo
from qa.answer import Answer, Fault, Quote, Remark, Struck, Why
from qa.assistant import Asked
from qa.question import LONGEST_QUESTION
from qa.request import BadRequest
from qa.retrieve import Hit

#: A chat model has eight sentences of six quotes at most.
MOST_QUOTES, MOST_HITS, MOST_CLAIMS, LONGEST_TEXT = 50, 100, 60, 20_000

Find = Callable[[str], Article | None]
Copies = Callable[[str], tuple[ArticleInfo, ...]]


class Stale(BadRequest):
    """The articles are no longer what the record quotes."""


def asked_of(record: object, article: Find, copies: Copies = lambda article_id: ()) -> Asked:
    """The answer a record tells of, its quotes read off the articles again. The record may come from anybody. ``copies``: the
    other articles with the text of one.

    BadRequest for one that is no record; Stale where an article is gone, changed, or does not hold a quote.
    """
    if not isinstance(record, dict):
        raise BadRequest("A stored answer must be an object.")
    quotes = tuple(_quote(one, article, copies) for one in _list(record, "quotes", MOST_QUOTES))
    hits = tuple(_hit(one, rank, article, copies) for rank, one in enumerate(_list(record, "hits", MOST_HITS), start=1))
    dropped = tuple(_text({"claim": claim}, "claim") for claim in _list(record, "dropped_claims", MOST_CLAIMS))
    confidence = _number(record, "confidence")
    if not 0 <= confidence <= 1:
        raise BadRequest('"confidence" must be from 0 to 1.')
    model, worded = _wording(record)
    answer = Answer(_text(record, "answer"), quotes, hits, dropped, confidence, _text(record, "writer"), *worded)
    question, rewritten = _text(record, "question"), _text(record, "rewritten_question")
    if len(question) > LONGEST_QUESTION:
        raise BadRequest("The question is too long.")
    made_by = _text(record, "generation"), _text(record, "encoder"), _text_or_none(record, "reader")
    return Asked(question, _text_or_none(record, "language"), rewritten, answer, *made_by, {}, model)


def _wording(record: dict[str, Any]) -> tuple[str | None, tuple[tuple[Remark, ...], str | None, int, tuple[Struck, ...]]]:
    """The chat model that was asked; and what was wrong with its sentences, why it did not word the answer, how many quotes it
    claimed, and those that were struck, which older records do not tell."""
    wording = record.get("wording")
    if wording is None:
        return None, ((), None, 0, ())
    if not isinstance(wording, dict):
        raise BadRequest('"wording" must be an object.')
    remarks = []
    for one in _list(wording, "remarks", MOST_CLAIMS):
        if not isinstance(one, dict) or one.get("fault") not in get_args(Fault):
            raise BadRequest('A remark needs a known "fault".')
        told = _list(one, "words", MOST_CLAIMS)
        remarks.append(Remark(_text(one, "sentence"), one["fault"], tuple(_text({"word": word}, "word") for word in told)))
    struck = []
    for one in _list(wording, "struck", MOST_CLAIMS) if "struck" in wording else []:
        if not isinstance(one, dict) or one.get("why") not in get_args(Why):
            raise BadRequest('A struck quote needs a known "why".')
        struck.append(Struck(_text(one, "quote"), _text(one, "sentence"), one["why"]))
    claimed = int(_number(wording, "claimed")) if "claimed" in wording else 0
    return _text(wording, "model"), (tuple(remarks), _text_or_none(wording, "notice"), claimed, tuple(struck))


def slim(record: dict[str, Any], nearest: int) -> dict[str, Any]:
    """The record with no more passages than it takes to show it: the ``nearest``, and those that hold its quotes."""

    def shown(hit: dict[str, Any]) -> bool:
        held = (q for q in record["quotes"] if q["article_id"] == hit["article_id"])
        return bool(hit["rank"] <= nearest or any(hit["start"] <= q["start"] and q["end"] <= hit["end"] for q in held))

    names = (
        *("id", "question", "language", "rewritten_question", "decision", "confidence", "answer", "quotes", "dropped_claims"),
        *("writer", "generation", "encoder", "reader", "options", "time", "wording"),
    )
    kept = {name: record[name] for name in names if name in record}
    return {**kept, "hits": [hit for hit in record["hits"] if shown(hit)]}


def _quote(quote: Any, article: Find, copies: Copies) -> Quote:
    of = _article(quote, article)
    span = _span(quote, Span(0, len(of.text)))
    if quote.get("sha256") != of.digest or quote.get("text") != span.of(of.text):
        raise Stale("An article this answer quotes has changed.")
    told = quote.get("answer")
    return Quote(of, span, _span(told, span) if told is not None else None, copies(of.id))


def _hit(hit: Any, rank: int, article: Find, copies: Copies) -> Hit:
    of = _article(hit, article)
    span = _span(hit, Span(0, len(of.text)))
    told = hit.get("rank")
    rank = told if isinstance(told, int) and rank <= told <= MOST_HITS else rank
    scores = (_number(hit, "score"), _number(hit, "dense"), _number(hit, "lexical"))
    reader = None if hit.get("reader") is None else _number(hit, "reader")
    return Hit(rank, -1, Chunk(of.id, *span), of, *scores, 0.0, reader, copies(of.id))


def _article(row: Any, article: Find) -> Article:
    name = row.get("article_id") if isinstance(row, dict) else None
    found = article(name) if isinstance(name, str) else None
    if found is None:
        raise Stale("An article of this answer is no longer in the index.")
    return found


def _span(row: Any, within: Span) -> Span:
    start, end = (row.get("start"), row.get("end")) if isinstance(row, dict) else (None, None)
    if type(start) is not int or type(end) is not int or not within.start <= start < end <= within.end:
        raise Stale("A quote of this answer does not stand where it is said to.")
    return Span(start, end)


def _list(record: dict[str, Any], name: str, most: int) -> list[Any]:
    value = record.get(name)
    if not isinstance(value, list) or len(value) > most:
        raise BadRequest(f'"{name}" must be a list of at most {most}.')
    return value


def _text(record: dict[str, Any], name: str) -> str:
    value = record.get(name)
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise BadRequest(f'"{name}" must be a text of at most {LONGEST_TEXT} characters.')
    return value


def _text_or_none(record: dict[str, Any], name: str) -> str | None:
    return None if record.get(name) is None else _text(record, name)


def _number(record: dict[str, Any], name: str) -> float:
    value = record.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadRequest(f'"{name}" must be a number.')
    return float(value)
