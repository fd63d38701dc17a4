"""Trains the reader; a run that was stopped goes on where it last saved.

    python -m training.train --data FOLDER --work FOLDER [--examples N]             # three stages, from the encoder
    python -m training.train --data FOLDER --work ANOTHER --further 7               # one more, from the reader as it is

Runs on two CPU cores (about an hour) or on a GPU where there is one. ``--work`` keeps the examples and the checkpoint and must
lie outside the repository.
"""

import json
import random
import re
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from safetensors.torch import load as load_tensors
from torch import nn
from transformers import BertModel, PreTrainedTokenizerFast

from corpus.console import mendable, progress_bar
from corpus.errors import InputError
from index.encoder import Encoder, load_encoder
from index.plan import Progress
from qa.reader import QUESTION, STRIDE, WEIGHTS, WINDOW, ReaderModel, asking, leading, padded
from training.contrasts import groups
from training.examples import Example, at_most, examples, second_stage
from training.further import FURTHER, further_stage, kept, say


@dataclass(frozen=True)
class Settings:
    seed: int = 7
    batch: int = 16
    rates: tuple[float, float, float] = (1.5e-4, 1e-4, 8e-5)
    warmup: float = 0.06
    weight_decay: float = 0.01
    frozen_layers: int = 3
    #: What the comparison of a question's passages counts beside what each of them says.
    ranking: float = 0.5
    #: What the loss counts for saying that every place is as likely, beside what it says of the right ones.
    smoothing: float = 0.0
    #: Each layer learns so much slower than the one above it.
    layer_decay: float = 1.0
    #: The average of the weights keeps this much of itself at each step.
    averaging: float = 0.998
    save_every: int = 250


#: Token ids of a window, and the starts and ends of the answer in it.
Encoded = tuple[list[int], list[int], list[int]]
#: The groups of a step, its rate, and what the comparison of their passages counts.
Step = tuple[list[list[Encoded]], float, float]


def encode(example: Example, tokenizer: PreTrainedTokenizerFast, rng: random.Random) -> Encoded:
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


def batches(encoded: list[list[Encoded]], settings: Settings) -> list[list[list[Encoded]]]:
    """Groups by batch, of ``settings.batch`` examples or a few more: like lengths together, within shuffled pools, in a random
    order."""
    rng = random.Random(settings.seed)
    rows = list(range(len(encoded)))
    rng.shuffle(rows)
    found: list[list[list[Encoded]]] = []
    pool = settings.batch * 50
    for start in range(0, len(encoded), pool):
        batch: list[list[Encoded]] = []
        for row in sorted(rows[start : start + pool], key=lambda row: max(len(ids) for ids, _, _ in encoded[row])):
            batch.append(encoded[row])
            if sum(map(len, batch)) >= settings.batch:
                found.append(batch)
                batch = []
        found += [batch] if batch else []
    rng.shuffle(found)
    return found


def loss_of(
    logits: torch.Tensor, mask: torch.Tensor, starts: list[list[int]], ends: list[list[int]], smoothing: float = 0.0
) -> torch.Tensor:
    """Mean over starts and ends of minus the log of the probability on *any* right token; ``smoothing`` of it, of minus the mean
    log over all tokens (Szegedy et al. 2016)."""
    logits = logits.masked_fill(mask[..., None] == 0, -1e4)
    logs = torch.log_softmax(logits, dim=1)
    total = logits.new_zeros(())
    for row, (start, end) in enumerate(zip(starts, ends, strict=True)):
        total = total - torch.logsumexp(logs[row, sorted(set(start)), 0], 0) - torch.logsumexp(logs[row, sorted(set(end)), 1], 0)
    total = total / (2 * len(starts))
    if not smoothing:
        return total
    everywhere = -(logs * mask[..., None]).sum() / (2 * mask.sum())
    return (1 - smoothing) * total + smoothing * everywhere


def ranking_loss(logits: torch.Tensor, mask: torch.Tensor, sizes: list[int], answered: list[bool]) -> torch.Tensor:
    """Mean over the questions with several passages of minus the log of the share of the first, which holds the answer.

    A passage counts by how much all its starts and ends are worth beside "not here"; after Clark & Gardner 2018, who
    normalise over the passages of a question.
    """
    logits = logits.masked_fill(mask[..., None] == 0, -1e4)
    here = (torch.logsumexp(logits[:, 1:], dim=1) - logits[:, 0]).sum(dim=1)
    losses, row = [], 0
    for size, right in zip(sizes, answered, strict=True):
        if size > 1 and right:
            losses.append(-torch.log_softmax(here[row : row + size], 0)[0])
        row += size
    return torch.stack(losses).mean() if losses else logits.new_zeros(())


def main(
    data: Annotated[Path, typer.Option(help="The folder of public sets.")],
    work: Annotated[Path, typer.Option(help="Where examples and the checkpoint are kept.")],
    limit: Annotated[int, typer.Option("--examples", help="Train on so many only.")] = 0,
    further: Annotated[int, typer.Option(help="That stage alone, from qa/reader.safetensors on.")] = 0,
) -> None:
    """Train, or go on training."""
    with mendable(), progress_bar() as progress:
        if not further:
            train(data, work, Settings(), limit, progress)
        elif further in FURTHER:
            train_further(data, work, Settings(), further, limit, progress)
        else:
            raise InputError(f"no recipe for stage {further}: there are {', '.join(map(str, FURTHER))}")


def train(data: Path, work: Path, settings: Settings, limit: int, progress: Progress) -> ReaderModel:
    """From the checkpoint on, where there is one."""
    work.mkdir(parents=True, exist_ok=True)
    progress("making the examples", 0, 0)
    encoder = load_encoder()
    tokenizer: Any = encoder.model.tokenizer
    order: list[Step] = []
    for stage, mix in enumerate(stages(data, work, encoder, settings, limit)):
        order += steps(mix, stage, settings.rates[stage], settings.ranking if stage == 2 else 0.0, tokenizer, settings)
    return run(untrained(encoder, settings), order, work, settings, tokenizer.pad_token_id, progress)


def steps(
    mix: list[list[Example]], stage: int, rate: float, ranking: float, tokenizer: PreTrainedTokenizerFast, settings: Settings
) -> list[Step]:
    """What a stage, counted from 0, does, at ``rate`` at most."""
    rng = random.Random(settings.seed + stage)
    encoded = [[encode(example, tokenizer, rng) for example in group] for group in mix]
    found = batches(encoded, settings)
    tokens = sum(len(ids) for group in encoded for ids, _, _ in group)
    typer.echo(f"stage {stage + 1}: {sum(map(len, encoded))} examples, {tokens:,} tokens, {len(found)} steps", err=True)
    return [(batch, rate * rate_at(at / len(found), settings.warmup), ranking) for at, batch in enumerate(found)]


def train_further(data: Path, work: Path, settings: Settings, stage: int, limit: int, progress: Progress) -> ReaderModel:
    """A stage more: from the reader that the product has, whose mistakes it is about."""
    work.mkdir(parents=True, exist_ok=True)
    progress("making the examples", 0, 0)
    encoder = load_encoder()
    mix = kept(work / "further.pkl", lambda: further_stage(data, work, encoder, settings.seed, stage))
    if limit:  # they lie there by kind
        mix = at_most(mix, limit, random.Random(settings.seed))
    settings = replace(settings, batch=FURTHER[stage].batch)
    order = steps(mix, stage - 1, FURTHER[stage].rate, settings.ranking, encoder.model.tokenizer, settings)
    model = untrained(encoder, settings)
    model.load_state_dict(load_tensors(WEIGHTS.read_bytes()), strict=False)
    return run(model, order, work, settings, encoder.model.tokenizer.pad_token_id, progress)


def run(model: ReaderModel, order: list[Step], work: Path, settings: Settings, padding: int, progress: Progress) -> ReaderModel:
    """The steps that the checkpoint has not done."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = model.to(device)
    optimizer = optimizer_of(model, settings)
    step, checkpoint = 0, work / "checkpoint.pt"
    if checkpoint.is_file():
        saved = torch.load(checkpoint, map_location=device, weights_only=False)
        model.load_state_dict(saved["model"], strict=False)
        optimizer.load_state_dict(saved["optimizer"])
        step = saved["step"]
    average = {name: p.detach().clone() for name, p in model.named_parameters() if p.requires_grad}
    if checkpoint.is_file():
        average |= saved.get("average", {})
    log = (work / "log.jsonl").open("a")
    recent: list[float] = []
    began, tokens = time.monotonic(), 0
    progress("training", step, len(order))
    while step < len(order):
        batch, rate, ranking = order[step]
        loss, read = learn(model, optimizer, batch, rate, ranking, settings.smoothing, padding)
        with torch.no_grad():
            for name, p in model.named_parameters():
                if name in average:
                    average[name].lerp_(p, 1 - settings.averaging)
        step += 1
        progress("training", step, len(order))
        recent.append(loss)
        tokens += read
        if step % 50 == 0:
            line = {"step": step, "of": len(order), "loss": round(sum(recent) / len(recent), 4),
                    "tokens_per_s": round(tokens / (time.monotonic() - began))}  # fmt: skip
            log.write(json.dumps(line) + "\n")
            log.flush()
            recent = []
        if step % settings.save_every == 0 or step == len(order):
            beside = checkpoint.with_suffix(".new")
            frozen = [name for name, p in model.named_parameters() if not p.requires_grad]
            state = {name: value for name, value in model.state_dict().items() if name not in frozen}
            whole = {"model": state, "average": average, "optimizer": optimizer.state_dict(), "step": step}
            torch.save(whole | {"settings": asdict(settings)}, beside)
            beside.replace(checkpoint)
    return model


def optimizer_of(model: ReaderModel, settings: Settings) -> torch.optim.AdamW:
    """A group of weights a layer and kind; its "share" is of the highest rate (Howard & Ruder 2018, section 3.2)."""
    top = len(model.trunk.encoder.layer)
    found: dict[tuple[int, bool], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            layer = re.search(r"\.layer\.(\d+)\.", name)
            found.setdefault((int(layer[1]) if layer else top, parameter.ndim >= 2), []).append(parameter)
    groups = [
        {
            "params": parameters,
            "weight_decay": settings.weight_decay if wide else 0.0,
            "share": settings.layer_decay ** max(0, top - 1 - at),
        }
        for (at, wide), parameters in found.items()
    ]
    return torch.optim.AdamW(groups, lr=settings.rates[0], fused=True)


def learn(
    model: ReaderModel,
    optimizer: torch.optim.AdamW,
    batch: list[list[Encoded]],
    rate: float,
    ranking: float,
    smoothing: float,
    padding: int,
) -> tuple[float, int]:
    """One step; the loss and the number of tokens read. ``ranking``: what the comparison of a question's passages counts."""
    device = next(model.parameters()).device
    for group in optimizer.param_groups:
        group["lr"] = rate * group["share"]
    rows = [row for group in batch for row in group]
    ids, mask = padded([row[0] for row in rows], padding)
    ids, mask = ids.to(device), mask.to(device)
    with torch.autocast(device.type, torch.bfloat16):
        logits = model(ids, mask)
    loss = loss_of(logits, mask, [row[1] for row in rows], [row[2] for row in rows], smoothing)
    if ranking:
        answered = [group[0][1] != [0] for group in batch]
        loss = loss + ranking * ranking_loss(logits, mask, [len(group) for group in batch], answered)
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_([p for group in optimizer.param_groups for p in group["params"]], 1.0)
    optimizer.step()
    optimizer.zero_grad()
    return loss.item(), int(mask.sum())


def stages(data: Path, work: Path, encoder: Encoder, settings: Settings, limit: int) -> list[list[list[Example]]]:
    """The groups of passages of each stage; made once and kept."""
    first: list[Example] = kept(work / "examples.pkl", lambda: examples(data, encoder, settings.seed, say))[: limit or None]
    second = second_stage(first, data, settings.seed + 1)
    third = kept(work / "groups.pkl", lambda: groups(data, encoder, settings.seed + 2, say))[: limit or None]
    return [[[example] for example in first], [[example] for example in second], third]


def untrained(encoder: Encoder, settings: Settings) -> ReaderModel:
    """The model that training begins with, the same for the same seed."""
    torch.manual_seed(settings.seed)
    folder = Path(str(encoder.model[0].auto_model.config.name_or_path))  # type: ignore[union-attr]
    # The fused attention that torch would choose takes half of a step in going back, on a CPU.
    return new_model(BertModel.from_pretrained(folder, local_files_only=True, attn_implementation="eager"), settings)


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
