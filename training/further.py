"""What the stages behind the third go through: what the reader, as it is, gets wrong, and some of what came before."""

import pickle
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import typer

from eval.held_out import trained
from eval.sources import rows
from index.encoder import Encoder
from qa.reader import WEIGHTS, Reader
from training.contrasts import Group, groups
from training.examples import FAMILY, Passages, at_most, load_passages, only
from training.folders import NEWS, contested_groups, crossed_groups, family, public_asked, strange_groups, strangers
from training.news import ELSEWHERE, asked_of, dated_passages, news_groups

#: More questions than there are.
EVERY = 10**6


@dataclass(frozen=True)
class Further:
    """What a stage behind the third goes through beside its own questions, counted in questions.

    ``again``: groups of the third stage; ``earlier``: questions of the stages between; ``nowhere``: of those told nowhere.
    ``strange``: of the public sets, and of the news, asked where nothing answers them; ``crossed``: of XQuAD, asked of their own
    passages. ``contested``: of the earlier stages', asked of other news beside its own; ``public``: of each public set, answered
    and not, asked of its other passages, too.
    """

    again: int
    earlier: int
    nowhere: int
    strange: int
    crossed: int
    contested: int = 0
    public: dict[str, tuple[int, int]] = field(default_factory=dict)
    #: Whether the wrong passage of a folder of its own set is the one that the reader most believes, or any of the nearest.
    mined: bool = True
    #: So many of the questions that nothing answers see the one that it most believes, the others any of the nearest.
    believed: int = EVERY
    #: For each answerable question about news, near miss and absent one, how many wrong passages at most.
    wrong: tuple[int, int, int] = (2, 2, 2)
    rate: float = 6e-5
    batch: int = 16


#: By number. The fourth's and the fifth's recipes are this file as it was when their weights were committed.
FURTHER = {
    6: Further(again=1200, earlier=1000, nowhere=1000, strange=600, crossed=1500),
    7: Further(again=600, earlier=1000, nowhere=500, strange=200, crossed=500),
    8: Further(
        again=800,
        earlier=1000,
        nowhere=1200,
        strange=400,
        crossed=1200,
        contested=1500,
        public={
            "piaf_fr": (1000, 0),
            "squad2_en": (600, 700),
            "squad2_es": (300, 300),
            "squad_it": (300, 0),
            "afriqa_en": (400, 0),
        },
    ),
    # What all stages taught, once more.
    9: Further(
        again=800,
        earlier=EVERY,
        nowhere=EVERY,
        strange=600,
        crossed=1500,
        public={
            "piaf_fr": (2000, 0),
            "squad2_en": (2000, 2500),
            "squad2_es": (600, 900),
            "squad_it": (800, 0),
            "afriqa_en": (500, 0),
        },
        mined=False,
        believed=4000,
        wrong=(1, 2, 1),
        rate=1.2e-4,
        batch=32,
    ),
    # The main fact, in few words.
    10: Further(
        again=0,
        earlier=4000,
        nowhere=1500,
        strange=400,
        crossed=800,
        contested=1000,
        public={
            "piaf_fr": (600, 0),
            "squad2_en": (500, 700),
            "squad2_es": (200, 300),
            "squad_it": (200, 0),
        },
        wrong=(1, 2, 1),
        rate=1e-4,
        batch=32,
    ),
}


def further_stage(data: Path, work: Path, encoder: Encoder, seed: int, stage: int) -> list[Group]:
    """Its own questions, some of the earlier ones, some of the third stage's, and passages of small folders."""
    recipe, first, seed = FURTHER[stage], seed, seed + stage
    rng, about, nowhere = random.Random(seed), trained(), list(rows(ELSEWHERE))
    asked = at_most([row for row in about if row["stage"] < stage], recipe.earlier, rng)
    asked += [row for row in about if row["stage"] == stage]
    written = [row for row in asked if not _contested(row, stage)]
    told = {row["article"] for row in about if row["stage"] <= stage}
    news: Passages = kept(work / "news.pkl", lambda: dated_passages(data, encoder, told))
    found = list(news_groups(only(news, {row["article"] for row in written}), encoder, seed, written, recipe.wrong))
    say(f"{len(found)} questions about news and PIAF, {sum(map(len, found))} examples")
    if recipe.again:
        found += kept(work / "again.pkl", lambda: groups(data, encoder, first + 2, say)[: recipe.again])
    reader = Reader(encoder, WEIGHTS.read_bytes())
    sets: dict[str, Passages] = kept(
        work / "sets.pkl", lambda: {name: load_passages(data / f"{name}.passages.jsonl", name, encoder) for name in FAMILY}
    )
    untold = at_most([row for row in nowhere if row["stage"] < stage], recipe.nowhere, rng)
    untold += [row for row in nowhere if row["stage"] == stage]
    strange = strangers(data, sets, recipe.strange, seed) + [(row["question"], None) for row in untold]
    answerable = [row for row in asked if row["kind"] == "answerable"]
    strange += [(row["question"], family(row["article"])) for row in rng.sample(answerable, recipe.strange)]
    news = only(news, {article for article in told if family(article) == NEWS})
    if recipe.believed < len(strange):  # the stages in which all are mined were drawn in their order
        rng.shuffle(strange)
    apart = list(strange_groups(strange[: recipe.believed], sets | {"news": news}, encoder, reader, seed))
    apart += strange_groups(strange[recipe.believed :], sets | {"news": news}, encoder, None, seed)
    say(f"{len(strange)} questions about other things, {len(apart)} beside a wrong passage")
    found += apart
    found += kept(work / "public.pkl", lambda: public(data, sets, encoder, reader if recipe.mined else None, seed, recipe))
    if recipe.contested:
        found += kept(work / "contested.pkl", lambda: contested(news, encoder, reader, seed, stage))
    return found


def public(
    data: Path, sets: dict[str, Passages], encoder: Encoder, reader: Reader | None, seed: int, recipe: Further
) -> list[Group]:
    """Questions of the public sets, asked of their own passages."""
    found = list(crossed_groups(data, sets["xquad"], encoder, reader, seed, recipe.crossed))
    say(f"{recipe.crossed} questions across languages, {sum(map(len, found))} examples")
    for name, counts in recipe.public.items():
        asked = public_asked(data / f"{name}.questions.jsonl", sets[name], *counts, seed)
        mine = list(contested_groups(asked, sets[name], encoder, reader, seed))
        say(f"{len(asked)} questions of {name}, {sum(map(len, mine))} examples")
        found += mine
    return found


def contested(passages: Passages, encoder: Encoder, reader: Reader | None, seed: int, stage: int) -> list[Group]:
    """The stage's own questions about news, and some of the earlier ones, asked of a folder of news with their article in it."""
    rng = random.Random(seed)
    about = [row for row in trained() if row["stage"] <= stage and family(row["article"]) == NEWS]
    chosen = rng.sample([row for row in about if row["stage"] < stage], FURTHER[stage].contested)
    chosen += [row for row in about if _contested(row, stage)]
    asked = [asked_of(row, passages, rng) for row in chosen]
    found = list(contested_groups(asked, passages, encoder, reader, seed))
    say(f"{len(asked)} questions among other news, {sum(map(len, found))} examples")
    return found


def _contested(row: dict[str, Any], stage: int) -> bool:
    """Whether the stage asks it of a folder; a near miss is asked of its own article, that tempts most, anyway."""
    return bool(FURTHER[stage].contested) and row["stage"] == stage and row["kind"] != "near_miss"


def kept(path: Path, make: Callable[[], Any]) -> Any:
    if not path.is_file():
        path.write_bytes(pickle.dumps(make()))
    return pickle.loads(path.read_bytes())


def say(line: str) -> None:
    typer.echo(line, err=True)
