"""The third stage: groups of passages read for one question, and questions that differ from an answerable one in a single thing.

The first two stages tell passages apart; what they tell badly is a right passage from a question that it only seems to answer. So
beside each answerable question stand its passage without the sentences that answer, and the question itself with one name,
number or year exchanged for another of the same article (a rule where Rajpurkar et al. 2018, SQuAD 2, asked people). The
passages of one question are kept together, so that training may also compare them (``training.train``).
"""

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from corpus.sentences import split_sentences
from eval.held_out import held_out
from eval.sources import rows
from index.encoder import Encoder, Vectors
from qa.read import dated_title
from training.examples import (
    FAMILY,
    WHOLE,
    Example,
    Passages,
    answers_to,
    drawn_of,
    near_passages,
    places,
    varied,
)

#: Set, answerable questions drawn, unanswerable ones drawn.
MIX = (
    ("piaf_fr", 3000, 0),
    ("squad2_en", 2400, 2600),
    ("squad2_es", 1800, 1800),
    ("squad_it", 1400, 0),
    ("xquad", 3000, 0),
    ("afriqa_en", 800, 0),
)
#: How often beside an answerable question: a wrong passage the encoder likes, one of another subject, its own without the
#: sentences that answer, and the question with one thing exchanged.
HARD, FAR, WITHOUT, EXCHANGED = 0.55, 0.15, 0.2, 0.45
#: How often a title bears a day, as the product's do; and how often the question names that year, or another.
DATED, YEAR = 0.3, 0.5
#: How often a question that no passage answers is read beside another passage too.
BESIDE = 0.3
IN_YEAR = {"fr": "en", "en": "in", "es": "en", "it": "nel"}
_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*(?![\w])")
_NAME = re.compile(r"(?<!^)(?<![.!?¿«\"] )\b[^\W\d_a-zà-ÿа-яά-ώ][^\W\d_]{2,}(?: [^\W\d_a-zà-ÿа-яά-ώ][^\W\d_]{2,})*")

#: The passages of one question; where it is answerable the first holds the answer.
Group = list[Example]


def groups(data: Path, encoder: Encoder, seed: int, progress: Any = print) -> list[Group]:
    """The whole mix, shuffled; the same for the same seed and data."""
    languages = {name: _languages(data / f"{name}.passages.jsonl", name) for name, *_ in MIX}

    def of_question(
        question: dict[str, Any], vector: Vectors, name: str, sets: dict[str, Passages], rng: random.Random
    ) -> Iterator[Group]:
        return _of_question(question, vector, name, sets, languages[name], rng)

    return drawn_of(MIX, data, encoder, seed, progress, of_question)


def _languages(path: Path, name: str) -> dict[str, str]:
    return {row["id"]: row["lang"] for row in rows(path) if not held_out(name, row["id"], row.get("title") or "")}


def _of_question(
    question: dict[str, Any], vector: Vectors, name: str, sets: dict[str, Passages], languages: dict[str, str], rng: random.Random
) -> Iterator[Group]:
    passages = sets[name]
    own = rng.choice(question["own"])
    answers, everything = answers_to(question, own)
    chunks, title = passages.chunks_of[own], passages.title_of[own]
    if not chunks:
        return
    asked, language = question["question"], languages[own]
    if not question["answerable"]:
        row = max(chunks, key=lambda at: float(passages.vectors[at] @ vector))
        text = passages.whole[own] if rng.random() < WHOLE else passages.texts[row]
        group = [Example(asked, _maybe_dated(title, language, rng), text, ())]
        if rng.random() < BESIDE:
            group += near_passages(asked, question["answers"], vector, passages, set(chunks), rng)
        yield [varied(example, rng) for example in group]
        return
    holding = [row for row in chunks if places(passages.texts[row], answers)]
    if not holding:
        return
    text = passages.whole[own] if rng.random() < WHOLE else passages.texts[rng.choice(holding)]
    right = Example(asked, _maybe_dated(title, language, rng), text, places(text, answers))
    twins = []
    if (
        title
        and language == question["lang"] in IN_YEAR
        and rng.random() < DATED
        and not re.search(r"\d{4}", f"{asked} {answers}")
    ):
        right, twin = _of_a_year(right, title, language, rng)
        twins += [twin] if twin else []
    elif rng.random() < EXCHANGED and (other := exchanged(asked, passages.whole[own], text, right.spans, question["lang"], rng)):
        twins.append(replace(right, question=other, spans=()))
    group = [right]
    if rng.random() < HARD:
        group += near_passages(asked, everything, vector, passages, set(holding), rng)
    if rng.random() < FAR:
        elsewhere = [one for one in sets if FAMILY[one] != FAMILY[name]]
        group += near_passages(asked, everything, vector, sets[rng.choice(elsewhere)], set(), rng)
    if rng.random() < WITHOUT and (rest := without_answer(text, right.spans, everything, language)):
        group.append(replace(right, text=rest, spans=()))
    # Where the question names the year, the title's day is what it names it by.
    yield [varied(example, rng, keep_title=example is right and right.question != asked) for example in group]
    yield from ([varied(twin, rng, keep_title=True)] for twin in twins)


def _maybe_dated(title: str, language: str, rng: random.Random) -> str:
    return dated_title(title, _some_day(rng), language) if title and rng.random() < DATED else title


def _of_a_year(right: Example, title: str, language: str, rng: random.Random) -> tuple[Example, Example | None]:
    """The question with the year of its article's day, which is right, and half of the time with another, which is not."""
    published = _some_day(rng)
    title = dated_title(title, published, language)
    other = published.year + rng.choice([-7, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 7])

    def naming(year: int) -> str:
        mark = re.search(r"\s*\?\s*$", right.question)
        stem, end = (right.question[: mark.start()], mark.group()) if mark else (right.question, "")
        return f"{stem} {IN_YEAR[language]} {year}{end}"

    if rng.random() < YEAR:
        return replace(right, title=title, question=naming(published.year)), replace(
            right, title=title, question=naming(other), spans=()
        )
    return replace(right, title=title), None


def _some_day(rng: random.Random) -> date:
    return date(rng.randint(2008, 2026), rng.randint(1, 12), rng.randint(1, 28))


def exchanged(
    question: str, article: str, text: str, spans: tuple[tuple[int, int], ...], language: str, rng: random.Random
) -> str | None:
    """The question with one of its numbers or names exchanged for another of the article that does not stand beside the answer;
    None where there is none."""
    beside = " ".join(
        text[span.start : span.end]
        for span in split_sentences(text, language)
        if any(span.start < end and start < span.end for start, end in spans)
    )
    choices = []
    for pattern in (_NUMBER, _NAME):
        for match in pattern.finditer(question):
            mine = match.group()
            others = {
                one
                for one in pattern.findall(article)
                if one.casefold() not in question.casefold() and mine.casefold() not in one.casefold() and one not in beside
            }
            if pattern is _NUMBER and mine.isdigit():
                # A year for a year; and one of nowhere will do.
                others = {one for one in others if len(one) == len(mine)} | {str(max(1, int(mine) + rng.choice([-12, -3, 2, 9])))}
            if others:
                choices.append((match.span(), sorted(others)))
    if not choices:
        return None
    (start, end), others_of = rng.choice(choices)
    other: str = rng.choice(others_of)
    return question[:start] + other + question[end:]


def without_answer(text: str, spans: tuple[tuple[int, int], ...], answers: list[str], language: str) -> str | None:
    """The text without the sentences that hold an answer; None where too little is left or it is still told."""
    kept = [
        text[span.start : span.end]
        for span in split_sentences(text, language)
        if not any(span.start < end and start < span.end for start, end in spans)
    ]
    rest = " ".join(kept)
    return rest if len(rest) > 80 and not any(answer.casefold() in rest.casefold() for answer in answers) else None
