"""The stages behind the third: questions about news articles, written for the training.

The public sets ask encyclopaedias, and what they leave unanswered was either written to mislead (SQuAD 2) or made by a rule
(``training.contrasts``). ``training/questions`` asks news articles as a reader of news would, mostly in French, English,
German, Spanish and Italian: what they say (with the place of the answer), what they do not say although they are about it, and
other matters that share a name or a place with them. Each question is read with the passages that the encoder likes best, as
the product will read them. ``training/elsewhere.jsonl`` asks what a reader of news may ask and none of those articles tells: see
``training.folders``.
"""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from eval.held_out import TRAINED
from eval.sources import asked_about
from index.encoder import Encoder, Vectors
from qa.read import dated_title
from training.contrasts import Group
from training.examples import WHOLE, Example, Passages, at_most, passages_from, varied
from training.folders import Asked

#: Of each kind of question, how many wrong passages of its article and of others are shown, drawn from twice as many.
WRONG = {"answerable": (1, 1), "near_miss": (2, 0), "absent": (1, 1)}
#: So many passages are looked at for wrong ones.
NEAREST = 200
#: Questions that no article answers.
ELSEWHERE = TRAINED.with_name("elsewhere.jsonl")


def news_groups(
    passages: Passages, encoder: Encoder, seed: int, asked: list[dict[str, Any]], most: tuple[int, int, int]
) -> Iterator[Group]:
    """A group for each of the stages' questions, about articles of ``passages``; the first of an answerable one's holds the
    answer. ``most``: wrong passages of a question of each kind, at most."""
    rng, most_of = random.Random(seed), dict(zip(WRONG, most, strict=True))
    for question, vector in zip(asked, encoder.embed_queries([row["question"] for row in asked]), strict=True):
        own = passages.chunks_of[question["article"]]
        text = passages.whole[question["article"]]
        answer = text[question["start"] : question["end"]] if question["kind"] == "answerable" else None
        order = nearest_first(passages.vectors @ vector, own)
        wrong = [int(row) for row in order if answer is None or answer.casefold() not in passages.texts[row].casefold()]
        mine, strange = [row for row in wrong if row in own], [row for row in wrong if row not in own]
        chosen = [
            row
            for nearest, count in zip((mine, strange), WRONG[question["kind"]], strict=True)
            for row in at_most(nearest[: 2 * count], count, rng)
        ]
        if len(chosen) > most_of[question["kind"]]:
            chosen = rng.sample(chosen, most_of[question["kind"]])
        group = [Example(question["question"], passages.titles[row], passages.texts[row], ()) for row in chosen]
        if answer is not None:
            group = [_right(question, passages.title_of[question["article"]], text, passages, rng), *group]
        yield [varied(example, rng) for example in group]


def nearest_first(scores: Vectors, own: list[int]) -> list[int]:
    """The nearest NEAREST rows, and those of its own article, the best first."""
    first = np.argpartition(-scores, min(NEAREST, len(scores) - 1))[:NEAREST]
    return sorted({*first.tolist(), *own}, key=lambda row: -scores[row])


def asked_of(question: dict[str, Any], passages: Passages, rng: random.Random) -> Asked:
    """One of the stages' questions, to be asked of a folder of news."""
    own, text = passages.chunks_of[question["article"]], passages.whole[question["article"]]
    if question["kind"] != "answerable":
        return Asked(question["question"], None, (), tuple(own))
    right = _right(question, passages.title_of[question["article"]], text, passages, rng)
    return Asked(question["question"], right, (text[question["start"] : question["end"]],), tuple(own))


def dated_passages(data: Path, encoder: Encoder, about: set[str]) -> Passages:
    """Of the articles with those ids, their titles with the day."""
    articles = asked_about(data, about)
    passages = passages_from(articles, encoder)
    titles = {row["id"]: _title(row, passages) for row in articles}
    article_of = {row: one for one, chunks in passages.chunks_of.items() for row in chunks}
    dated = [titles[article_of[row]] for row in range(len(passages.texts))]
    return replace(passages, titles=dated, title_of=titles)


def _title(article: dict[str, Any], passages: Passages) -> str:
    """With the day, as the product's reader reads it."""
    title, day = passages.title_of[article["id"]], str(article.get("date") or "")[:10]
    return dated_title(title, date.fromisoformat(day), article["lang"]) if title and day else title


def _right(question: dict[str, Any], title: str, text: str, passages: Passages, rng: random.Random) -> Example:
    """The chunk that holds the place of the answer, or the whole article (of which training sees a window around it)."""
    start, end = question["start"], question["end"]
    whole = Example(question["question"], title, text, ((start, end),))
    if rng.random() < WHOLE:
        return whole
    for row in passages.chunks_of[question["article"]]:
        begin = text.find(passages.texts[row])
        if begin <= start and end <= begin + len(passages.texts[row]):
            return replace(whole, text=passages.texts[row], spans=((start - begin, end - begin),))
    return whole
