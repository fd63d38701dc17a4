"""python -m benchmarks.speed: the engines of the encoder against plain float32, and the reader, in one run on this machine.

Ratios within the run are what counts: the machines this runs on differ and are shared.
"""

import json
import os
import platform
import re
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from sentence_transformers import SentenceTransformer

from benchmarks.scale import timed
from corpus.article import Article
from corpus.console import mendable, progress_bar
from corpus.read import read_corpus
from eval.dataset import read_questions
from eval.run import OWN
from index.encoder import Encoder, load_encoder
from index.options import ENGINES, SAMPLE_CORPUS
from index.plan import Progress
from qa.assistant import reader_of

ROUNDS, PASSAGES, TOKENS = 5, 200, 100
#: Passages the reader is given at once: twice what a question has it read.
AT_ONCE = 10
#: Multiply-adds a token costs in the twelve layers, attention left out: 12 * (4 * 384 * 384 + 2 * 384 * 1536).
WORK = 21.3e6
#: Multiply-adds of bytes a core can do each cycle: two 512-bit VNNI units; an AMX tile unit.
PEAKS = {"avx512_vnni": 128, "amx_int8": 1024}


def passages_of_100_tokens(encoder: Encoder) -> list[str]:
    """Cut from the sample articles, so that each has ``TOKENS`` with the prompt and the special ones."""
    tokenizer: Any = encoder.model.tokenizer
    found: list[str] = []
    room = TOKENS - 2 - len(tokenizer("passage:", add_special_tokens=False)["input_ids"])
    for article in read_corpus([SAMPLE_CORPUS]):
        if isinstance(article, Article):
            places = tokenizer(article.text, add_special_tokens=False, return_offsets_mapping=True, verbose=False)[
                "offset_mapping"
            ]
            found += [article.text[places[at][0] : places[at + room - 1][1]] for at in range(0, len(places) - room, room)]
    return found[:PASSAGES]


def rates(works: dict[str, Callable[[], object]], count: int, progress: Progress) -> dict[str, float]:
    """Texts a second of each, the median of rounds that take turns."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    turns = [turn for _ in range(ROUNDS) for turn in works.items()]
    for done, (name, work) in enumerate(turns):
        progress("embedding", done * count, len(turns) * count)
        taken[name].append(timed(work) / 1000)
    return {name: count / float(np.median(seconds)) for name, seconds in taken.items()}


def peaks() -> dict[str, float]:
    """Multiply-adds a second by instruction set, on all cores; empty where the system does not tell."""
    try:
        known = Path("/proc/cpuinfo").read_text()
        cycles = max(float(found) for found in re.findall(r"cpu MHz\s*:\s*([\d.]+)", known)) * 1e6
    except (OSError, ValueError):
        return {}
    return {name: per * cycles * len(os.sched_getaffinity(0)) for name, per in PEAKS.items() if name in known}


def main(out: Annotated[Path, typer.Option(help="Where the figures go.")] = Path("var/speed.json")) -> None:
    """Measure, print a line each, and write the figures as JSON."""
    with mendable(), progress_bar() as progress:
        encoders = {engine: load_encoder(engine=engine) for engine in ENGINES}
        chosen = load_encoder()
        texts = passages_of_100_tokens(chosen)
        plain = SentenceTransformer(chosen.model[0].auto_model.config.name_or_path, device="cpu")
        works: dict[str, Callable[[], object]] = {
            "SentenceTransformer fp32": partial(plain.encode, texts, prompt_name="document"),
            **{name: partial(encoder.embed_passages, texts) for name, encoder in encoders.items()},
        }
        exact = encoders["fp32"].embed_passages(texts)
        found = rates(works, len(texts), progress)
        questions = [question.text for question in read_questions(OWN / "test.jsonl")[:40]]
        engines: dict[str, dict[str, float]] = {}
        for name, rate in found.items():
            ask = partial(plain.encode, prompt_name="query") if name not in encoders else encoders[name].embed_queries
            near = (encoders[name].embed_passages(texts) * exact).sum(axis=1) if name in encoders else np.ones(1)
            engines[name] = {
                "passages_per_s": rate, "times": rate / found["SentenceTransformer fp32"],
                "query_ms": float(np.median([timed(partial(ask, [text])) for text in questions])),
                "cosine_mean": float(near.mean()), "cosine_least": float(near.min()),
            }  # fmt: skip
        figures: dict[str, Any] = {
            "machine": platform.machine(), "cpus": len(os.sched_getaffinity(0)), "chosen": chosen.precision, "engines": engines,
            "passages": len(texts), "multiply_adds_per_s": found[chosen.precision] * TOKENS * WORK, "peaks": peaks(),
        }  # fmt: skip
        if reader := reader_of(chosen):
            rows = [(None, text) for text in texts]
            taken = []
            for at, question in enumerate(questions):
                progress("reading", at, len(questions))
                started = time.perf_counter()
                reader.read(question, (rows * 3)[at * AT_ONCE % len(rows) :][:AT_ONCE])
                taken.append(1000 * (time.perf_counter() - started))
            figures["reader"] = {
                "precision": reader.precision, "passages": AT_ONCE,
                "p50_ms": float(np.percentile(taken, 50)), "p95_ms": float(np.percentile(taken, 95)),
            }  # fmt: skip
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(figures, indent=1))
        typer.echo(json.dumps(figures, indent=1))


if __name__ == "__main__":
    typer.run(main)
