"""An index that keeps up with its corpus, by itself."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.errors import ArticleQAError, GateRefused
from index.build import build
from index.encoder import Encoder
from index.gate import Verdict
from index.options import BuildOptions
from index.snapshot import current_generation, open_snapshot
from index.watch import keep_up

ROOT = Path(__file__).resolve().parents[1]


class Watched:
    """A corpus and its index, kept up by a thread until ``stop``."""

    def __init__(self, place: Path, encoder: Encoder, look: float):
        self.corpus, self.index = place / "articles", place / "index"
        self.corpus.mkdir()
        self.write("a.txt", "Le tramway relie la gare au port.")
        self.errors: list[ArticleQAError] = []
        self.builds = 0
        self.reasons: tuple[str, ...] = ()
        self.stop = threading.Event()
        self._encoder = encoder
        self._thread = threading.Thread(
            target=keep_up, args=([self.corpus], self._rebuild, self.stop), kwargs={"settled": 0.1, "look": look}
        )
        self._thread.start()

    def _rebuild(self) -> bool:
        self.builds += 1
        try:
            build(
                [self.corpus], self.index, self._encoder, BuildOptions(), gate=lambda candidate, live: Verdict(self.reasons, {})
            )
        except ArticleQAError as error:
            self.errors.append(error)
            return isinstance(error, GateRefused)
        return True

    def write(self, name: str, text: str) -> None:
        (self.corpus / name).write_text(text, encoding="utf-8")

    def holds(self, *names: str) -> bool:
        """Does the index come to hold just these, within a while?"""
        for _ in range(300):
            if current_generation(self.index) and {info.id for info in open_snapshot(self.index).articles} == set(names):
                return True
            time.sleep(0.1)
        return False

    def close(self) -> None:
        self.stop.set()
        self._thread.join(30)
        assert not self._thread.is_alive()


@pytest.fixture
def watched(tmp_path: Path, encoder: Encoder) -> Iterator[Watched]:
    place = Watched(tmp_path, encoder, look=60)
    yield place
    place.close()


def test_what_happens_to_the_articles_happens_to_the_index(watched: Watched) -> None:
    assert watched.holds("a.txt")
    watched.write("b.txt", "Trois loups ont été aperçus près du col.")
    assert watched.holds("a.txt", "b.txt")
    (watched.corpus / "b.txt").rename(watched.corpus / "c.txt")
    (watched.corpus / "d.txt").write_bytes(b"\x89PNG\r\n\x1a\n")
    assert watched.holds("a.txt", "c.txt")
    (watched.corpus / "a.txt").unlink()
    assert watched.holds("c.txt")
    assert watched.errors == []


def test_what_the_gate_refuses_is_not_tried_again_until_something_changes(watched: Watched) -> None:
    assert watched.holds("a.txt")
    watched.reasons = ("worse",)
    watched.write("b.txt", "Trois loups ont été aperçus près du col.")
    for _ in range(100):
        if watched.errors:
            break
        time.sleep(0.1)
    builds = watched.builds
    time.sleep(1)

    assert (len(watched.errors), watched.builds) == (1, builds)
    watched.reasons = ()
    watched.write("c.txt", "La bibliothèque rouvre samedi.")
    assert watched.holds("a.txt", "b.txt", "c.txt")


def test_a_corpus_that_goes_away_and_comes_back_is_told_and_taken_in(tmp_path: Path, encoder: Encoder) -> None:
    place = Watched(tmp_path, encoder, look=0.5)
    try:
        assert place.holds("a.txt")
        shutil.move(place.corpus, tmp_path / "away")
        for _ in range(100):
            if place.errors:
                break
            time.sleep(0.1)
        assert "no corpus at" in str(place.errors[0])
        assert place.holds("a.txt")
        (tmp_path / "away" / "b.txt").write_text("Trois loups.", encoding="utf-8")
        shutil.move(tmp_path / "away", place.corpus)
        assert place.holds("a.txt", "b.txt")
        place.write("c.txt", "La bibliothèque rouvre samedi.")
        assert place.holds("a.txt", "b.txt", "c.txt")
    finally:
        place.close()


@pytest.mark.slow
def test_the_command_stays_until_ctrl_c(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "a.txt").write_text("Le tramway relie la gare au port.", encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "index",
        "build",
        "--watch",
        "--no-gate",
        "--corpus",
        tmp_path / "articles",
        "--index",
        tmp_path / "index",
    ]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"}
    )
    assert process.stdout is not None
    seen = [process.stdout.readline(), process.stdout.readline()]
    (tmp_path / "articles" / "b.txt").write_text("Trois loups ont été aperçus.", encoding="utf-8")
    seen += [process.stdout.readline(), process.stdout.readline()]
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)

    assert process.returncode == 130
    assert errors.strip().splitlines()[-1] == "stopped"
    assert [line.split(":")[0] for line in seen] == ["1 articles in 1 passages", "live", "2 articles in 2 passages", "live"]
