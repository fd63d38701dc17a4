"""Trains the reader; a run that was stopped goes on where it last saved.

    python -m training.train --data FOLDER --work FOLDER [--examples N]

Runs on two CPU cores (about an hour) or on a GPU where there is one. ``--work`` keeps the examples and the checkpoint and must
lie outside the repository.
"""

import json
import pickle
import random
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from torch import nn
from transformers import BertModel, PreTrainedTokenizerFast

from corpus.console import mendable
from index.encoder import load_encoder
from qa.reader import QUESTION, STRIDE, WINDOW, ReaderModel, asking, leading, padded
from training.examples import Example, examples, second_stage


@dataclass(frozen=True)
class Settings:
    seed: int = 7
    batch: int = 16
    rates: tuple[float, float] = (1.5e-4, 1e-4)
    warmup: float = 0.06
    weight_decay: float = 0.01
    frozen_layers: int = 3
    save_every: int = 250


#: Token ids of a window and the starts and ends of the answer in it, for each example of a batch.
Encoded = list[tuple[list[int], list[int], list[int]]]


def encode(example: Example, tokenizer: PreTrainedTokenizerFast, rng: random.Random) -> tuple[list[int], list[int], list[int]]:
    """Token ids of one window and the starts and ends of the answer in it, [0] where it holds none."""
    question = tokenizer(asking(example.question), add_special_tokens=False)["input_ids"][:QUESTION]
    lead = leading(example.title)
    passage = tokenizer(lead + example.text, add_special_tokens=False, return_offsets_mapping=True)
    ids, offsets = passage["input_ids"], passage["offset_mapping"]
    room = WINDOW - len(question) - 4
    spans = [(start + len(lead), end + len(lead)) for start, end in example.spans]
    found = [pair for span in spans if (pair := _tokens(offsets, *span))]
    begin = 0
    if len(ids) > room:
        if found:
            start, end = rng.choice(found)
            begin = rng.randint(max(0, end - room + 1), max(0, min(start, len(ids) - room)))
        else:
            begin = rng.randrange(0, len(ids) - room + 1, max(1, min(STRIDE, len(ids) - room)))
    cls, sep = tokenizer.cls_token_id, tokenizer.sep_token_id
    shift = len(question) + 3 - begin
    inside = [(a + shift, b + shift) for a, b in found if a >= begin and b < begin + room]
    window = [cls, *question, sep, sep, *ids[begin : begin + room], sep]
    return window, [a for a, _ in inside] or [0], [b for _, b in inside] or [0]


def _tokens(offsets: list[tuple[int, int]], start: int, end: int) -> tuple[int, int] | None:
    """First and last token of a span of characters."""
    inside = [at for at, (a, b) in enumerate(offsets) if b > start and a < end and b > a]
    return (inside[0], inside[-1]) if inside else None


def batches(count: int, lengths: list[int], settings: Settings) -> list[list[int]]:
    """Rows by batch: like lengths together, within shuffled pools, in a random order."""
    rng = random.Random(settings.seed)
    rows = list(range(count))
    rng.shuffle(rows)
    found = []
    pool = settings.batch * 50
    for start in range(0, count, pool):
        part = sorted(rows[start : start + pool], key=lambda row: lengths[row])
        found += [part[at : at + settings.batch] for at in range(0, len(part), settings.batch)]
    rng.shuffle(found)
    return found


def loss_of(logits: torch.Tensor, mask: torch.Tensor, starts: list[list[int]], ends: list[list[int]]) -> torch.Tensor:
    """Mean over starts and ends of minus the log of the probability on *any* right token."""
    logits = logits.masked_fill(mask[..., None] == 0, -1e4)
    logs = torch.log_softmax(logits, dim=1)
    total = logits.new_zeros(())
    for row, (start, end) in enumerate(zip(starts, ends, strict=True)):
        total = total - torch.logsumexp(logs[row, sorted(set(start)), 0], 0) - torch.logsumexp(logs[row, sorted(set(end)), 1], 0)
    return total / (2 * len(starts))


def main(
    data: Annotated[Path, typer.Option(help="The folder of public sets.")],
    work: Annotated[Path, typer.Option(help="Where examples and the checkpoint are kept.")],
    limit: Annotated[int, typer.Option("--examples", help="Train on the first so many only.")] = 0,
) -> None:
    """Train, or go on training."""
    with mendable():
        train(data, work, Settings(), limit)


def train(data: Path, work: Path, settings: Settings, limit: int = 0) -> ReaderModel:
    work.mkdir(parents=True, exist_ok=True)
    encoder = load_encoder()
    tokenizer: Any = encoder.model.tokenizer
    kept = work / "examples.pkl"
    if not kept.is_file():
        made = examples(data, encoder, settings.seed, lambda line: typer.echo(line, err=True))
        kept.write_bytes(pickle.dumps(made))
    first: list[Example] = pickle.loads(kept.read_bytes())[: limit or None]
    stages = [first, second_stage(first, data, settings.seed + 1)]
    order: list[tuple[Encoded, float]] = []  # the rows of a step, and its rate
    for stage, mix in enumerate(stages):
        rng = random.Random(settings.seed + stage)
        encoded = [encode(example, tokenizer, rng) for example in mix]
        found = batches(len(encoded), [len(ids) for ids, _, _ in encoded], settings)
        rate = settings.rates[stage]
        order += [
            ([encoded[row] for row in rows], rate * rate_at(at / len(found), settings.warmup)) for at, rows in enumerate(found)
        ]
        tokens = sum(len(ids) for ids, _, _ in encoded)
        typer.echo(f"stage {stage + 1}: {len(encoded)} examples, {tokens:,} tokens, {len(found)} steps", err=True)

    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(settings.seed)
    trunk: Any = encoder.model[0].auto_model
    model = new_model(trunk, settings).to(device)
    trained = [p for p in model.parameters() if p.requires_grad]
    plain = [p for p in trained if p.ndim < 2]
    groups = [
        {"params": [p for p in trained if p.ndim >= 2], "weight_decay": settings.weight_decay},
        {"params": plain, "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=settings.rates[0], fused=True)
    step, checkpoint = 0, work / "checkpoint.pt"
    if checkpoint.is_file():
        saved = torch.load(checkpoint, map_location=device, weights_only=False)
        model.load_state_dict(saved["model"], strict=False)
        optimizer.load_state_dict(saved["optimizer"])
        step = saved["step"]
    log = (work / "log.jsonl").open("a")
    recent: list[float] = []
    began, tokens = time.monotonic(), 0
    while step < len(order):
        for group in optimizer.param_groups:
            group["lr"] = order[step][1]
        rows = order[step][0]
        ids, mask = padded([row[0] for row in rows], tokenizer.pad_token_id)
        with torch.autocast(device, torch.bfloat16):
            logits = model(ids.to(device), mask.to(device))
        loss = loss_of(logits, mask.to(device), [row[1] for row in rows], [row[2] for row in rows])
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        step += 1
        recent.append(loss.item())
        tokens += int(mask.sum())
        if step % 50 == 0:
            line = {"step": step, "of": len(order), "loss": round(sum(recent) / len(recent), 4),
                    "tokens_per_s": round(tokens / (time.monotonic() - began))}  # fmt: skip
            log.write(json.dumps(line) + "\n")
            log.flush()
            typer.echo(json.dumps(line), err=True)
            recent = []
        if step % settings.save_every == 0 or step == len(order):
            beside = checkpoint.with_suffix(".new")
            frozen = [name for name, p in model.named_parameters() if not p.requires_grad]
            state = {name: value for name, value in model.state_dict().items() if name not in frozen}
            torch.save({"model": state, "optimizer": optimizer.state_dict(), "step": step, "settings": asdict(settings)}, beside)
            beside.replace(checkpoint)
    return model


def new_model(trunk: BertModel, settings: Settings) -> ReaderModel:
    """The encoder's transformer in float32 with fresh heads; embeddings and the lowest layers are not trained."""
    model = ReaderModel(trunk.float())  # type: ignore[no-untyped-call]
    for part in model.modules():
        # Random numbers cost more than the matrix products on a CPU: dropout made a step four times as long.
        if isinstance(part, nn.Dropout):
            part.p = 0.0
    for part in [model.trunk.embeddings, *model.trunk.encoder.layer[: settings.frozen_layers], model.trunk.pooler]:
        for parameter in part.parameters() if part is not None else ():
            parameter.requires_grad = False
    return model.train()


def rate_at(done: float, warmup: float) -> float:
    """Share of the highest rate: up over ``warmup``, then straight down to nothing."""
    return done / warmup if done < warmup else max(0.0, (1 - done) / (1 - warmup))


if __name__ == "__main__":
    typer.run(main)
