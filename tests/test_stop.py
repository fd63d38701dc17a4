"""Ctrl-C and SIGTERM in the stages of a build: it stops, says how far it got, and the index is as it was.

While it embeds: ``tests/test_commands.py``.
"""

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from index.build import build
from index.encoder import Encoder
from index.options import BuildOptions
from index.snapshot import current_generation, generations_of

ROOT = Path(__file__).resolve().parents[1]
#: Five on a machine that does nothing else.
SOON = 15.0


def corpus_of(place: Path, count: int) -> Path:
    """Articles that differ, each of twelve sentences."""
    drawn = random.Random(7)
    words = ["".join(drawn.choices("abcdeilmnoprstu", k=drawn.randint(3, 9))) for _ in range(3000)]
    lines = []
    for number in range(count):
        sentences = [f"{' '.join(drawn.choices(words, k=10)).capitalize()}." for _ in range(12)]
        lines.append(json.dumps({"id": f"a{number}", "text": " ".join(sentences)}))
    (place / "articles.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return place / "articles.jsonl"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stage", "count", "sent", "code", "told"),
    [
        ("reading", 3000, signal.SIGTERM, 143, r"while reading \d+ of \d+"),
        ("cutting", 3000, signal.SIGINT, 130, r"while cutting \d+ of 3000"),
        ("judging", 3, signal.SIGINT, 130, "while judging"),
        ("judging", 3, signal.SIGTERM, 143, "while judging"),
    ],
)
def test_a_build_stops_in_any_stage_and_says_how_far_it_got(
    stage: str, count: int, sent: signal.Signals, code: int, told: str, tmp_path: Path, encoder: Encoder
) -> None:
    index = tmp_path / "index"
    (tmp_path / "first.txt").write_text("Le tramway relie la gare au port depuis lundi.", encoding="utf-8")
    build([tmp_path / "first.txt"], index, encoder, BuildOptions())
    before = current_generation(index)
    assert before is not None
    command = [sys.executable, "-m", "index", "build", "--corpus", str(corpus_of(tmp_path, count)), "--index", str(index)]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    assert process.stderr is not None
    assert any(line.startswith(stage) for line in process.stderr)
    process.send_signal(sent)
    started = time.monotonic()
    _, errors = process.communicate(timeout=60)

    assert process.returncode == code
    assert time.monotonic() - started < SOON
    assert re.fullmatch(f"stopped: {told}", errors.splitlines()[-1])
    assert current_generation(index) == before
    assert generations_of(index) == [before.name]
    assert list(index.glob(".partial*")) == []
