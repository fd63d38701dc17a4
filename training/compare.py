"""python -m training.compare: settings of the training beside each other, in short runs that differ in one thing each.

    python -m training.compare --data FOLDER --work FOLDER [--examples 4800] [--only NAME ...]

Each setting starts from the encoder and learns from the same examples in the same order: those of the first stage, or, for the
ranking, as many of the third, whose passages come in groups. Judged by reading every second question about the articles held
out for fitting (eval/held_out.py), with its own passage: the loss; how often the likeliest span overlaps a right one; and how
well the margin tells the passage from another of the same article, and SQuAD 2's near misses from the others (AUROC). What
results are made of is not read.
"""

import json
import random
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer
from numpy.typing import NDArray

from corpus.console import mendable, progress_bar
from eval.held_out import held_out
from eval.metrics import auroc
from eval.sources import fitted_part, questions, rows
from index.encoder import load_encoder
from index.plan import Progress
from qa.reader import ReaderModel, padded
from training.examples import Example, places
from training.train import Encoded, Settings, batches, encode, learn, loss_of, optimizer_of, rate_at, stages, untrained

BASE = Settings()


@dataclass(frozen=True)
class Trial:
    """``groups``: learn from the third stage's; ``automatic``: AUTOMATIC of the examples are PIAF's own negatives (the passage
    that BM25 likes best of those without the answer)."""

    settings: Settings = BASE
    groups: bool = False
    automatic: bool = False


#: What differs, by name.
TRIED = {
    "as it is": Trial(),
    "half the rate": Trial(replace(BASE, rates=(7.5e-5, 0, 0))),
    "twice the rate": Trial(replace(BASE, rates=(3e-4, 0, 0))),
    "no layer frozen": Trial(replace(BASE, frozen_layers=0)),
    "six layers frozen": Trial(replace(BASE, frozen_layers=6)),
    "layer-wise decay .85": Trial(replace(BASE, layer_decay=0.85)),
    "label smoothing .1": Trial(replace(BASE, smoothing=0.1)),
    "PIAF's automatic negatives": Trial(automatic=True),
    "groups, not compared": Trial(replace(BASE, ranking=0.0), groups=True),
    "groups, compared": Trial(groups=True),
}
AUTOMATIC = 0.15
EVERY = 2
#: The longest span, in tokens.
LONGEST = 30
RIGHT, WRONG, NEAR = "right", "wrong passage", "near miss"


@dataclass(frozen=True)
class Judged:
    """``of``: the set; ``kind``: RIGHT, WRONG (another passage of the article) or NEAR; ``question``: its id."""

    of: str
    kind: str
    question: str
    encoded: Encoded


def judged(data: Path, tokenizer: Any) -> list[Judged]:
    """What every setting is judged by."""
    rng = random.Random(3)
    found: list[Judged] = []
    for name in ("piaf_fr", "squad2_en"):
        passages = {row["id"]: row for row in rows(data / f"{name}.passages.jsonl")}

        def put(question: dict[str, Any], passage: dict[str, Any], kind: str, name: str = name) -> None:
            title, text = passage.get("title") or "", passage["text"]
            example = Example(question["question"], title, text, places(text, question["answers"]))
            if bool(example.spans) == (kind == RIGHT):
                found.append(Judged(name, kind, question["id"], encode(example, tokenizer, rng)))

        for question in list(fitted_part(name, questions(name))(data))[::EVERY]:
            own = passages[question["context_passage_ids"][0]]
            put(question, own, RIGHT if question["answerable"] else NEAR)
            others = [row for row in passages.values() if row.get("title") == own.get("title") and row["id"] != own["id"]]
            if question["answerable"] and others:
                put(question, rng.choice(others), WRONG)
    return found


def automatic(data: Path) -> list[Example]:
    """PIAF's automatic negatives about articles that are not held out."""
    passages = {row["id"]: row for row in rows(data / "piaf_fr.passages.jsonl")}
    of_question = {row["id"]: row["context_passage_ids"][0] for row in rows(data / "piaf_fr.questions.jsonl")}
    found = []
    for row in questions("piaf_fr_answerability")(data):
        if row["answerable"]:
            continue
        own, other = (passages[of_question[row["id"].removesuffix("-neg")]], passages[row["context_passage_ids"][0]])
        if not any(held_out("piaf_fr", one["id"], one.get("title") or "") for one in (own, other)):
            found.append(Example(row["question"], other.get("title") or "", other["text"], ()))
    return found


def judge(model: ReaderModel, held: list[Judged], padding: int) -> dict[str, float]:
    """The figures of a model: a loss, and shares and AUROCs of 0 to 1."""
    margins, hits, losses = [], [], []
    model.eval()
    with torch.no_grad():
        for start in range(0, len(held), 32):
            part = [one.encoded for one in held[start : start + 32]]
            ids, mask = padded([one[0] for one in part], padding)
            with torch.autocast("cpu", torch.bfloat16):
                logits = model(ids, mask)
            for row, (window, starts, ends) in enumerate(part):
                losses.append(float(loss_of(logits[row : row + 1], mask[row : row + 1], [starts], [ends])))
                margin, (first, last) = best(logits[row, : len(window)].numpy())
                margins.append(margin)
                hits.append(any(first <= end and last >= begin for begin, end in zip(starts, ends, strict=True)))
    model.train()
    of, kind = np.array([one.of for one in held]), np.array([one.kind for one in held])
    scores, hit, loss = np.array(margins), np.array(hits), np.array(losses)
    told: dict[str, float] = {"loss": float(loss.mean())}
    for name in ("piaf_fr", "squad2_en"):
        here = of == name
        told[f"{name} span"] = float(hit[here & (kind == RIGHT)].mean())
        for other in (WRONG, NEAR):
            chosen = here & ((kind == RIGHT) | (kind == other))
            if (kind[chosen] == other).any():
                told[f"{name} {other}"] = auroc(scores[chosen], kind[chosen] == RIGHT)
    return told


def best(logits: NDArray[np.float32]) -> tuple[float, tuple[int, int]]:
    """By how much the likeliest span beats "not here", and its first and last token. ``logits``: (tokens, 2)."""
    worth = logits[1:, 0][:, None] + logits[1:, 1][None]
    pairs = np.ones_like(worth, dtype=bool)
    worth = np.where(np.triu(pairs) & ~np.triu(pairs, LONGEST), worth, -np.inf)
    first, last = np.unravel_index(int(worth.argmax()), worth.shape)
    return float(worth[first, last] - logits[0].sum()), (int(first) + 1, int(last) + 1)


def trained(settings: Settings, learnt: list[list[Encoded]], progress: Progress) -> ReaderModel:
    """A model that started from the encoder and went through the groups once."""
    encoder = load_encoder()
    model = untrained(encoder, settings)
    optimizer, steps = optimizer_of(model, settings), batches(learnt, settings)
    ranking = settings.ranking if any(len(group) > 1 for group in learnt) else 0.0
    padding: int = encoder.model.tokenizer.pad_token_id
    for at, batch in enumerate(steps):
        rate = settings.rates[0] * rate_at(at / len(steps), settings.warmup)
        learn(model, optimizer, batch, rate, ranking, settings.smoothing, padding)
        progress("training", at + 1, len(steps))
    return model


def main(
    data: Annotated[Path, typer.Option(help="The folder of public sets.")],
    work: Annotated[Path, typer.Option(help="Where examples are kept, and the figures in compare.jsonl.")],
    count: Annotated[int, typer.Option("--examples", min=100, help="How many each setting learns from.")] = 4800,
    only: Annotated[list[str] | None, typer.Option(help="These settings only; may be repeated.")] = None,
) -> None:
    """Train each setting, and print its figures as they come."""
    with mendable(), progress_bar() as progress:
        work.mkdir(parents=True, exist_ok=True)
        encoder = load_encoder()
        tokenizer: Any = encoder.model.tokenizer
        held = judged(data, tokenizer)
        single, _, grouped = stages(data, work, encoder, BASE, 0)
        negatives = random.Random(BASE.seed).sample(automatic(data), int(AUTOMATIC * count))
        for name, trial in TRIED.items():
            if only and name not in only:
                continue
            rng, learnt, size = random.Random(BASE.seed), [], 0
            mix = [[example] for example in negatives] if trial.automatic else []
            for group in [*mix, *(grouped if trial.groups else single)]:
                learnt.append([encode(example, tokenizer, rng) for example in group])
                size += len(group)
                if size >= count:
                    break
            figures = judge(trained(trial.settings, learnt, progress), held, tokenizer.pad_token_id)
            line = json.dumps(
                {"setting": name, "examples": size, "judged": len(held)} | {k: round(v, 4) for k, v in figures.items()}
            )
            with (work / "compare.jsonl").open("a", encoding="utf-8") as log:
                log.write(line + "\n")
            typer.echo(line)


if __name__ == "__main__":
    typer.run(main)
