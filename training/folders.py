"""The wrong passages of the stages from the sixth on: of small folders, those that the reader most takes for an answer.

Of a few hundred passages, the nearest to a question about something else shares only a manner with it: another thing's cost,
another person's age. So each question is asked of a folder of passages drawn from a set that is about other things, and of those
that the encoder likes best there the one that the reader most believes is taught as wrong (mining by the model itself, Xiong et
al. 2021, ANCE, section 4). As many questions of XQuAD are asked of their own passages, in any two languages, beside the wrong one
of that language that the reader most believes: a reader that meets another language only where nothing answers learns that it
never does. From the eighth on questions are asked of other passages of their own set, too, that are nearly about the same.
"""

import random
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eval.sources import rows
from index.encoder import Encoder, Vectors
from qa.read import best_span
from qa.reader import Reader
from training.contrasts import Group
from training.examples import FAMILY, Example, Passages, answers_to, at_most, places, varied

#: The family of the news, beside those of the public sets.
NEWS = max(FAMILY.values()) + 1
#: Passages of a folder, fewest and most; drawn evenly by their logarithm.
SIZES = (100, 3000)
NEAREST = 6
#: A passage that the reader is sure of, in logits: below there is nothing to learn, above it may well be an answer after all.
UNSURE = (-8.0, 6.0)


def strange_groups(
    asked: list[tuple[str, int | None]], sets: dict[str, Passages], encoder: Encoder, reader: Reader | None, seed: int
) -> Iterator[Group]:
    """A wrong passage, that the reader is not sure of (without a reader: any of the nearest), for each question; ``asked``
    has the family of sets that are about it."""
    rng = random.Random(seed)
    for (question, about), vector in zip(asked, encoder.embed_queries([one for one, _ in asked]), strict=True):
        passages = sets[rng.choice([name for name in sets if FAMILY.get(name, NEWS) != about])]
        folder = at_most(range(len(passages.texts)), _size(rng), rng)
        if group := _group(question, None, vector, passages, folder, reader, rng):
            yield group


@dataclass(frozen=True)
class Asked:
    """A question with its ``right`` example, None where nothing answers it; what no wrong passage may hold; the rows of its own
    article."""

    question: str
    right: Example | None
    answers: tuple[str, ...]
    own: tuple[int, ...]


def contested_groups(
    asked: list[Asked], passages: Passages, encoder: Encoder, reader: Reader | None, seed: int
) -> Iterator[Group]:
    """Each question in a folder of its own set, where other passages are nearly about the same: the passage that answers and the
    wrong one that the reader most believes; nothing where it is not answered and the reader knows it."""
    rng = random.Random(seed)
    for one, vector in zip(asked, encoder.embed_queries([one.question for one in asked]), strict=True):
        drawn = set(at_most(range(len(passages.texts)), _size(rng), rng))
        folder = _lacking(one.answers, passages, sorted(drawn | set(one.own)))
        # Where its own article does not answer, each of its passages is wrong, however sure the reader is of it.
        certain = () if one.right else one.own
        if group := _group(one.question, one.right, vector, passages, folder, reader, rng, certain):
            yield group


def public_asked(path: Path, passages: Passages, answered: int, unanswered: int, seed: int) -> list[Asked]:
    """Questions of a public set about passages that are not held out, so many of each kind."""
    rng = random.Random(seed)
    found: dict[bool, list[Asked]] = {True: [], False: []}
    for row in rows(path):
        own = (row.get("context_passage_ids") or row["positive_passage_ids"])[0]
        if own not in passages.whole:
            continue
        chunks = tuple(passages.chunks_of[own])
        if not row["answerable"]:
            found[False].append(Asked(row["question"], None, (), chunks))
            continue
        if right := _right(row["question"], row["answers"], passages, chunks, rng):
            found[True].append(Asked(row["question"], right, tuple(row["answers"]), chunks))
    return [one for kind, count in ((True, answered), (False, unanswered)) for one in at_most(found[kind], count, rng)]


def crossed_groups(
    data: Path, passages: Passages, encoder: Encoder, reader: Reader | None, seed: int, count: int
) -> Iterator[Group]:
    """Questions of XQuAD, half of them English: a passage that answers, in any language, and where there is one a wrong passage
    in the same language that the reader is not sure of."""
    rng = random.Random(seed)
    asked = [row for row in rows(data / "xquad.questions.jsonl") if row["positive_passage_ids"][0] in passages.whole]
    chosen = rng.sample([row for row in asked if row["lang"] == "en"], count // 2) + rng.sample(asked, count - count // 2)
    told: dict[str, list[int]] = {}
    for one, chunks in passages.chunks_of.items():
        told.setdefault(_language(one), []).extend(chunks)
    for row, vector in zip(chosen, encoder.embed_queries([row["question"] for row in chosen]), strict=True):
        own = rng.choice(row["positive_passage_ids"])
        answers, _ = answers_to(row, own)
        if right := _right(row["question"], answers, passages, passages.chunks_of[own], rng):
            folder = _lacking(answers, passages, told[_language(own)])
            yield _group(row["question"], right, vector, passages, folder, reader, rng)


def _size(rng: random.Random) -> int:
    smallest, largest = np.log(SIZES)
    return round(float(np.exp(rng.uniform(smallest, largest))))


def _right(question: str, answers: list[str], passages: Passages, chunks: Iterable[int], rng: random.Random) -> Example | None:
    """With one of the chunks that hold an answer; None where none does."""
    holding = [at for at in chunks if places(passages.texts[at], answers)]
    if not holding:
        return None
    at = rng.choice(holding)
    return Example(question, passages.titles[at], passages.texts[at], places(passages.texts[at], answers))


def _lacking(answers: Iterable[str], passages: Passages, folder: Iterable[int]) -> list[int]:
    """Those of a folder that no answer stands in."""
    folded = [answer.casefold() for answer in answers]
    return [row for row in folder if not any(answer in passages.texts[row].casefold() for answer in folded)]


def _group(
    question: str,
    right: Example | None,
    vector: Vectors,
    passages: Passages,
    folder: list[int],
    reader: Reader | None,
    rng: random.Random,
    certain: Collection[int] = (),
) -> Group:
    """What answers, if anything does, and the wrong passage that is believed, if one is."""
    group = [right] if right else []
    nearest = [folder[at] for at in np.argsort(-(passages.vectors[folder] @ vector), kind="stable")[:NEAREST]]
    wrong = _believed(question, passages, nearest, reader, certain) if reader else rng.choice(nearest[: NEAREST // 2])
    if wrong is not None:
        group.append(Example(question, passages.titles[wrong], passages.texts[wrong], ()))
    return [varied(example, rng) for example in group]


def _believed(question: str, passages: Passages, nearest: list[int], reader: Reader, certain: Collection[int]) -> int | None:
    """Of a folder's nearest passages the row of the one that the reader most takes for an answer; None where it is sure of it,
    unless that one is ``certain`` to be wrong."""
    readings = reader.read(question, [(passages.titles[row] or None, passages.texts[row]) for row in nearest])
    margin, row = max((best_span(reading, None)[0], row) for row, reading in zip(nearest, readings, strict=True))
    return row if margin >= UNSURE[0] and (margin <= UNSURE[1] or row in certain) else None


def _language(passage: str) -> str:
    return passage.split("-")[1]


def family(article: str) -> int:
    """Of an article that the stages' questions are about, by its id."""
    return FAMILY["piaf_fr"] if article.startswith("piaf_fr") else NEWS


def strangers(data: Path, sets: dict[str, Passages], count: int, seed: int) -> list[tuple[str, int | None]]:
    """Questions of the public sets about passages that are not held out, as many of each set, with its family."""
    rng = random.Random(seed)
    names = ("piaf_fr", "squad2_en", "squad2_es", "xquad")
    found: list[tuple[str, int | None]] = []
    for name in names:
        asked = [
            row
            for row in rows(data / f"{name}.questions.jsonl")
            if row["answerable"] and row["positive_passage_ids"][0] in sets[name].whole
        ]
        found += [(row["question"], FAMILY[name]) for row in rng.sample(asked, count // len(names))]
    return found
