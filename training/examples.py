"""Questions with passages as the reader will meet them: cut by the product's chunker, wrong ones found by its encoder."""

import random
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from corpus.article import Article, Span
from corpus.chunk import chunk_article
from eval.held_out import held_out
from eval.sources import rows
from index.encoder import Encoder, Vectors
from index.terms import embedded_text

#: Set, answerable questions drawn, unanswerable ones drawn.
MIX = (
    ("piaf_fr", 6000, 0),
    ("squad2_en", 2400, 2600),
    ("squad2_es", 3000, 2200),
    ("squad_it", 4500, 0),
    ("xquad", 8000, 0),
    ("afriqa_en", 3000, 0),
)
#: Sets of one family are about the same articles.
FAMILY = {"piaf_fr": 0, "squad2_en": 1, "squad2_es": 1, "squad_it": 1, "xquad": 1, "afriqa_en": 2}
#: Beside an answerable question's own passage: how often one that the retriever likes and that lacks the answer, and how
#: often one from another set of passages, which is about something else.
HARD, FAR = 0.55, 0.15
NEIGHBOURS = 12
WHOLE = 0.25
NO_TITLE, LOWER, BARE = 0.15, 0.08, 0.06
#: The second stage: questions of XQuAD, each with its passage and with wrong ones in the language of that; unrelated passages
#: in another language; and examples of the first again.
CROSSED, UNRELATED, AGAIN = 4500, 2500, 7000


#: What is made of a question: one or several of a kind.
Made = TypeVar("Made")


@dataclass(frozen=True)
class Example:
    """``spans``: where the answer stands in ``text``, all places; none where the passage does not hold it."""

    question: str
    title: str
    text: str
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Passages:
    """A set's chunks with the vectors of what they say; ``chunks_of``: passage id to rows."""

    titles: list[str]
    texts: list[str]
    vectors: Vectors
    chunks_of: dict[str, list[int]]
    whole: dict[str, str]
    title_of: dict[str, str]


def examples(data: Path, encoder: Encoder, seed: int, progress: Any = print) -> list[Example]:
    """The whole mix, shuffled; the same for the same seed and data."""
    return drawn_of(MIX, data, encoder, seed, progress, _of_question)


def drawn_of(
    mix: tuple[tuple[str, int, int], ...],
    data: Path,
    encoder: Encoder,
    seed: int,
    progress: Any,
    of_question: Callable[[dict[str, Any], Vectors, str, dict[str, Passages], random.Random], Iterable[Made]],
) -> list[Made]:
    """What ``of_question`` makes of each question of a mix, its embedding, its set's name and all sets' passages; shuffled."""
    rng = random.Random(seed)
    sets: dict[str, Passages] = {}
    for name, *_ in mix:
        sets[name] = load_passages(data / f"{name}.passages.jsonl", name, encoder)
        progress(f"{name}: {len(sets[name].texts)} chunks")
    found: list[Made] = []
    for name, yes, no in mix:
        mine = _questions(data / f"{name}.questions.jsonl", sets[name], rng, yes, no)
        vectors = encoder.embed_queries([question["question"] for question in mine])
        before = len(found)
        for question, vector in zip(mine, vectors, strict=True):
            found += of_question(question, vector, name, sets, rng)
        progress(f"{name}: {len(mine)} questions, {len(found) - before} drawn")
    rng.shuffle(found)
    return found


def answers_to(question: dict[str, Any], passage: str) -> tuple[list[str], list[str]]:
    """Wordings of the answer in the language of the passage, and in all languages."""
    by_language = question.get("answers_by_lang") or {}
    answers = by_language.get(passage.split("-")[1], question["answers"]) if by_language else question["answers"]
    return answers, [one for many in by_language.values() for one in many] or answers


def second_stage(first: list[Example], data: Path, seed: int) -> list[Example]:
    """What the first stage gets wrong: it learns that a passage in another language than the question's holds the answer.

    The wrong passages that an encoder likes best are in the question's own language, so nearly all that crossed languages in
    the first stage were right. Here a passage in another language is wrong as often as right. XQuAD has no titles: the opening
    words of the article stand in for one.
    """
    rng = random.Random(seed)
    text = {row["id"]: row["text"] for row in rows(data / "xquad.passages.jsonl") if not held_out("xquad", row["id"], "")}
    asked = [row for row in rows(data / "xquad.questions.jsonl") if row["positive_passage_ids"][0] in text]
    found = at_most(first, AGAIN, rng)
    for row in at_most(asked, CROSSED, rng):
        own = rng.choice(row["positive_passage_ids"])
        answers = row["answers_by_lang"][own.split("-")[1]]
        title = _opening(own, text)
        found += [varied(Example(row["question"], title, part, spans), rng) for part, spans in _holding(text[own], answers, rng)]
        # Another of the five passages of the article: on the subject, and in the same language.
        base, number = own.rsplit("-", 1)[0], int(own.rsplit("-", 1)[1])
        near = f"{base}-{rng.choice([at for at in range(number // 5 * 5, number // 5 * 5 + 5) if at != number]):03}"
        if near in text and not any(answer.casefold() in text[near].casefold() for answer in answers):
            found.append(varied(Example(row["question"], title, _part(text[near], rng), ()), rng))
    ids = sorted(text)
    for example in rng.sample([one for one in first if one.spans], min(UNRELATED, len(first))):
        # One passage of 236: that it happens to be the question's own article is rare enough.
        other = rng.choice(ids)
        found.append(varied(Example(example.question, _opening(other, text), _part(text[other], rng), ()), rng))
    rng.shuffle(found)
    return found


def _holding(text: str, answers: list[str], rng: random.Random) -> list[tuple[str, tuple[tuple[int, int], ...]]]:
    """A part of the text that holds an answer, if there is one."""
    parts = [text] if rng.random() < WHOLE else [text[start:end] for start, end in cut(text, "", None)]
    held = [(part, spans) for part in parts if (spans := places(part, answers))]
    return [rng.choice(held)] if held else []


def _opening(passage: str, text: dict[str, str]) -> str:
    base, number = passage.rsplit("-", 1)
    return " ".join(text[f"{base}-{int(number) // 5 * 5:03}"][:60].split()[:-1])


def _part(text: str, rng: random.Random) -> str:
    start, end = rng.choice(cut(text, "", None))
    return text[start:end]


def load_passages(path: Path, name: str, encoder: Encoder) -> Passages:
    """Those of a set's passages that are not held out."""
    return passages_from((row for row in rows(path) if not held_out(name, row["id"], row.get("title") or "")), encoder)


def passages_from(articles: Iterable[dict[str, Any]], encoder: Encoder) -> Passages:
    titles: list[str] = []
    texts: list[str] = []
    chunks_of: dict[str, list[int]] = {}
    whole: dict[str, str] = {}
    title_of: dict[str, str] = {}
    for passage in articles:
        title = re.sub(r"<[^>]+>", "", passage.get("title") or "").strip()
        whole[passage["id"]], title_of[passage["id"]] = passage["text"], title
        chunks_of[passage["id"]] = []
        for start, end in cut(passage["text"], title, passage["lang"]):
            chunks_of[passage["id"]].append(len(texts))
            titles.append(title)
            texts.append(passage["text"][start:end])
    vectors = encoder.embed_passages([embedded_text(title, text) for title, text in zip(titles, texts, strict=True)])
    return Passages(titles, texts, vectors, chunks_of, whole, title_of)


def at_most(rows: Sequence[Made], count: int, rng: random.Random) -> list[Made]:
    """So many of them, or all, in a random order, where there are no more."""
    return rng.sample(rows, min(count, len(rows)))


def only(passages: Passages, articles: set[str]) -> Passages:
    """Those of some articles, by their ids."""
    kept = {one: rows for one, rows in passages.chunks_of.items() if one in articles}
    rows = [row for chunks in kept.values() for row in chunks]
    at = {row: place for place, row in enumerate(rows)}
    return Passages(
        [passages.titles[row] for row in rows],
        [passages.texts[row] for row in rows],
        passages.vectors[rows],
        {one: [at[row] for row in chunks] for one, chunks in kept.items()},
        {one: passages.whole[one] for one in kept},
        {one: passages.title_of[one] for one in kept},
    )


def cut(text: str, title: str, language: str | None) -> list[tuple[int, int]]:
    """As ``index build`` cuts it."""
    article = Article(
        id="x", path="x", title=title, text=text, body=(Span(0, len(text)),), language=language, source=None, url=None,
        published=None,
    )  # fmt: skip
    return [(chunk.start, chunk.end) for chunk in chunk_article(article, 600)]


def places(text: str, answers: list[str]) -> tuple[tuple[int, int], ...]:
    """Where any of the answers stands in the text, not inside a longer word or number."""
    found = set()
    for answer in filter(None, (answer.strip() for answer in answers)):
        for match in re.finditer(re.escape(answer), text):
            start, end = match.span()
            before, after = text[start - 1 : start], text[end : end + 1]
            if (before.isalnum() and answer[0].isalnum() and before.isascii()) or (
                after.isalnum() and answer[-1].isalnum() and after.isascii()
            ):
                continue
            found.add((start, end))
    return tuple(sorted(found))


def _questions(path: Path, passages: Passages, rng: random.Random, yes: int, no: int) -> list[dict[str, Any]]:
    answerable: list[dict[str, Any]] = []
    not_there: list[dict[str, Any]] = []
    for question in rows(path):
        own = [one for one in question.get("context_passage_ids") or question["positive_passage_ids"] if one in passages.whole]
        if not own:
            continue
        question["own"] = own
        (answerable if question["answerable"] else not_there).append(question)
    return _drawn(answerable, yes, rng) + _drawn(not_there, no, rng)


def _drawn(items: list[dict[str, Any]], count: int, rng: random.Random) -> list[dict[str, Any]]:
    """``count`` of them, each once before any twice."""
    found: list[dict[str, Any]] = []
    while items and len(found) < count:
        found += rng.sample(items, min(len(items), count - len(found)))
    return found


def _of_question(
    question: dict[str, Any], vector: Vectors, name: str, sets: dict[str, Passages], rng: random.Random
) -> Iterator[Example]:
    passages = sets[name]
    own = rng.choice(question["own"])
    answers, everything = answers_to(question, own)
    chunks = passages.chunks_of[own]
    if not chunks:
        return
    if question["answerable"]:
        holding = [row for row in chunks if places(passages.texts[row], answers)]
        if not holding:
            return
        text = passages.whole[own] if rng.random() < WHOLE else passages.texts[rng.choice(holding)]
        yield varied(Example(question["question"], passages.title_of[own], text, places(text, answers)), rng)
        if rng.random() < HARD:
            yield from near_passages(question["question"], everything, vector, passages, set(holding), rng)
        if rng.random() < FAR:
            elsewhere = [one for one in sets if FAMILY[one] != FAMILY[name]]
            yield from near_passages(question["question"], everything, vector, sets[rng.choice(elsewhere)], set(), rng)
    else:
        row = max(chunks, key=lambda at: float(passages.vectors[at] @ vector))
        text = passages.whole[own] if rng.random() < WHOLE else passages.texts[row]
        yield varied(Example(question["question"], passages.title_of[own], text, ()), rng)


def near_passages(
    question: str, answers: list[str], vector: Vectors, passages: Passages, own: set[int], rng: random.Random
) -> Iterator[Example]:
    """One of the passages the encoder likes best that does not hold the answer."""
    scores = passages.vectors @ vector
    nearest = np.argpartition(-scores, NEIGHBOURS)[:NEIGHBOURS]
    wrong = [
        int(row)
        for row in sorted(nearest, key=lambda at: -scores[at])
        if int(row) not in own and not any(answer.casefold() in passages.texts[row].casefold() for answer in answers)
    ]
    if wrong:
        row = wrong[min(int(rng.expovariate(0.35)), len(wrong) - 1)]
        yield varied(Example(question, passages.titles[row], passages.texts[row], ()), rng)


def varied(example: Example, rng: random.Random, keep_title: bool = False) -> Example:
    """Titles go missing, and people type without capitals or accents."""
    if rng.random() < NO_TITLE and not keep_title:
        example = replace(example, title="")
    if rng.random() < LOWER:
        example = replace(example, question=example.question.lower())
    if rng.random() < BARE:
        bare = "".join(one for one in unicodedata.normalize("NFD", example.question) if not unicodedata.combining(one))
        example = replace(example, question=unicodedata.normalize("NFC", bare))
    return example
