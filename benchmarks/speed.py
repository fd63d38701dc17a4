"""python -m benchmarks.speed: embedding against plain float32, and questions end to end, in one run on this machine.

Ratios within the run are what counts: the machines this runs on differ and are shared.
"""

import platform
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer

from corpus.console import mendable
from eval.dataset import read_questions
from index.encoder import encoder_of
from index.options import DEFAULT_INDEX
from index.snapshot import open_snapshot
from qa.assistant import Assistant, open_assistant
from qa.read import READER_READS

QUESTIONS = Path("eval/questions/test.jsonl")
PASSAGES = 'SELECT article, start, "end" FROM chunks ORDER BY row'
ROUNDS = 5


def main(
    index: Annotated[Path, typer.Option(help="The folder of the index.")] = DEFAULT_INDEX,
    asked: Annotated[int, typer.Option(help="Questions to ask.")] = 60,
) -> None:
    """Print a table."""
    with mendable():
        snapshot = open_snapshot(index)
        encoder = encoder_of(snapshot.manifest)
        texts = [snapshot.article(row).text[start:end] for row, start, end in snapshot.query(PASSAGES)]
        ours = _rate(lambda: encoder.embed_passages(texts), len(texts))
        plain = encoder.model.float()
        theirs = _rate(lambda: plain.encode(texts, prompt_name="document"), len(texts))
        typer.echo(f"{platform.machine()}, {torch.get_num_threads()} threads, {len(texts)} passages, median of {ROUNDS} rounds")
        typer.echo(
            f"embedding   {ours:.1f} passages/s in {encoder.precision}, {theirs:.1f} in plain fp32: {ours / theirs:.2f} times"
        )
        assistant = open_assistant(index)
        times = [
            assistant.ask(question.text, list(question.history)).ms["total"] for question in read_questions(QUESTIONS)[:asked]
        ]
        p50, p95 = np.percentile(times, [50, 95])
        typer.echo(f"a question  p50 {p50:.0f} ms, p95 {p95:.0f} ms over {len(times)} questions on {snapshot.size} passages")
        if assistant.reader:
            typer.echo(_reading(assistant, texts))
        typer.echo(f"memory      {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB at most, two encoders")


def _reading(assistant: Assistant, texts: list[str]) -> str:
    """Milliseconds of the reader over ten passages, other ones for each question."""
    assert assistant.reader
    taken = []
    for at, question in enumerate(read_questions(QUESTIONS)[:40]):
        passages = [(None, text) for text in (texts * 2)[at * 10 % len(texts) :][:READER_READS]]
        started = time.perf_counter()
        assistant.reader.read(question.text, passages)
        taken.append(1000 * (time.perf_counter() - started))
    p50, p95 = np.percentile(taken, [50, 95])
    return f"the reader  p50 {p50:.0f} ms, p95 {p95:.0f} ms for {READER_READS} passages"


def _rate(work: Callable[[], object], count: int) -> float:
    seconds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return count / float(np.median(seconds))


if __name__ == "__main__":
    typer.run(main)
