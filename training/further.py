"""What the stages behind the third go through: what the reader, as it is, gets wrong, and some of what came before."""

import pickle
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from eval.held_out import trained
from eval.sources import rows
from index.encoder import Encoder
from qa.reader import WEIGHTS, Reader
from training.contrasts import Group, groups
from training.examples import FAMILY, load_passages
from training.folders import NEWS, crossed_groups, family, strange_groups, strangers
from training.news import ELSEWHERE, dated_passages, news_groups


@dataclass(frozen=True)
class Further:
    """What a stage behind the third goes through beside its own questions, counted in questions.

    ``again``: groups of the third stage; ``earlier``: questions of the stages between; ``nowhere``: of those told nowhere.
    ``strange``: of the public sets, and of the news, asked where nothing answers them; ``crossed``: of XQuAD, asked of their own
    passages.
    """

    again: int
    earlier: int
    nowhere: int
    strange: int
    crossed: int


#: By number. The fourth's and the fifth's recipes are this file as it was when their weights were committed.
FURTHER = {
    6: Further(again=1200, earlier=1000, nowhere=1000, strange=600, crossed=1500),
    7: Further(again=600, earlier=1000, nowhere=500, strange=200, crossed=500),
}


def further_stage(data: Path, work: Path, encoder: Encoder, seed: int, stage: int) -> list[Group]:
    """Its own questions, some of the earlier ones, some of the third stage's, and passages of small folders."""
    recipe, first, seed = FURTHER[stage], seed, seed + stage
    rng, about, nowhere = random.Random(seed), trained(), list(rows(ELSEWHERE))
    asked = rng.sample([row for row in about if row["stage"] < stage], recipe.earlier)
    asked += [row for row in about if row["stage"] == stage]
    found = list(news_groups(data, encoder, seed, asked))
    say(f"{len(asked)} questions about news and PIAF, {sum(map(len, found))} examples")
    found += kept(work / "again.pkl", lambda: groups(data, encoder, first + 2, say)[: recipe.again])
    reader = Reader(encoder, WEIGHTS.read_bytes())
    sets = {name: load_passages(data / f"{name}.passages.jsonl", name, encoder) for name in FAMILY}
    untold = rng.sample([row for row in nowhere if row["stage"] < stage], recipe.nowhere)
    untold += [row for row in nowhere if row["stage"] == stage]
    strange = strangers(data, sets, recipe.strange, seed) + [(row["question"], None) for row in untold]
    answerable = [row for row in asked if row["kind"] == "answerable"]
    strange += [(row["question"], family(row["article"])) for row in rng.sample(answerable, recipe.strange)]
    told = {row["article"] for row in about if row["stage"] <= stage and family(row["article"]) == NEWS}
    everywhere = sets | {"news": dated_passages(data, encoder, told)}
    apart = list(strange_groups(strange, everywhere, encoder, reader, seed))
    say(f"{len(strange)} questions about other things, {len(apart)} that the reader is not sure of")
    crossed = list(crossed_groups(data, sets["xquad"], encoder, reader, seed, recipe.crossed))
    say(f"{recipe.crossed} questions across languages, {sum(map(len, crossed))} examples")
    return found + apart + crossed


def kept(path: Path, make: Callable[[], Any]) -> Any:
    if not path.is_file():
        path.write_bytes(pickle.dumps(make()))
    return pickle.loads(path.read_bytes())


def say(line: str) -> None:
    typer.echo(line, err=True)
