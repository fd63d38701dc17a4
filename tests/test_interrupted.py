"""Ctrl-C in whatever works long: it ends, says in its last line how far it got, and leaves no process behind.

Builds in their stages are in ``tests/test_stop.py`` and ``tests/test_commands.py``.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from children import processes_below

from benchmarks.page_speed import CHROMIUM
from benchmarks.programs import running
from index.snapshot import current_generation

ROOT = Path(__file__).resolve().parents[1]
#: Seconds to come to where it is stopped on a busy machine, and to end: 5 on one that does nothing else.
START, END = 150.0, 30.0


@dataclass(frozen=True)
class Work:
    """``until``: it is stopped once a line of its stderr begins so, and a process whose command line holds ``child`` runs below it;
    ``told``: its last line. ``alone``: the signal goes to it only; else to all of its group, as a terminal sends it."""

    command: str
    until: str
    told: str
    child: str = ""
    alone: bool = False


EMBEDDED = r"\d+ of [\d,]+ passages are embedded"
WORKS = {
    "check": Work("index check --index {large}", "checking digests", "while checking digests"),
    "replay": Work("qa replay {place}/asked.jsonl --index {index}", "asking 1 ", r"while asking \d+ of 5000"),
    "batch": Work("qa batch {place}/asked.jsonl --out {place}/out.jsonl --index {index}", "answering 1 ", r"while answering \d+ of 5000"),
    "run": Work("eval.run --index {index} --no-reader", "asking 1 ", r"while asking \d+ of \d+"),
    "throw-away": Work("eval.run --passages {place}/piaf_fr.passages.jsonl --questions {place}/piaf_fr.questions.jsonl", "embedding 0", f"the throw-away index: {EMBEDDED}"),
    "gate": Work("eval.gate --candidate {generation}", "asking 1 ", r"while asking \d+ of \d+"),
    "results": Work("eval.results --data {place} --only own --out {place}/page.md --kept {place}/kept", "embedding 0", f"0 of 1 sets are kept, own: {EMBEDDED}"),
    "fit": Work("eval.fit --out {place}/weights.json", "embedding 0", f"the features: {EMBEDDED}"),
    "engines": Work("benchmarks.engines --data {place} --out {place}/engines.json", "embedding 0", f"int8: {EMBEDDED}"),
    "speed": Work("benchmarks.speed --out {place}/speed.json", "embedding 0", r"while embedding \d+ of \d+"),
    "copies": Work("benchmarks.copies --data {place}", "comparing", r"while comparing \d+ of \d+"),
    "cycles": Work("benchmarks.cycles --out {place}/cycles.json", "cycles 1 ", r"(while cycles \d+|cycle \d+) of 10000.*"),
    "scale, building": Work("benchmarks.scale --sizes 2000 --vectors 0 --out {place}/a.json", "embedding 0", f"2,000 passages: {EMBEDDED}"),
    "scale, asking": Work("benchmarks.scale --sizes 30 --vectors 0 --out {place}/b.json", "asking 0", "30 passages: asking", "--only ask"),
    "scale, factories": Work("benchmarks.scale --sizes= --vectors 100000 --out {place}/c.json", "Flat: adding 0", r"FAISS factories: while .*: (adding \d+ of 100000|learning)"),
    "tiny": Work("benchmarks.tiny --sizes 300 --out {place}/tiny.json", "embedding 0", "300 articles: build", "--only build"),
    "side by side": Work("benchmarks.side_by_side --data {place} --count 60 --only plain --out {place}/d.json", "peers: plain", "while peers: plain, 0 of 1", "plain.py"),
    "load": Work("benchmarks.load --people 5 --seconds 90 --port 7937 --index {index}", "asking, second 0", r"while asking, second \d+ of 90", "app.py"),
    "page speed": Work("benchmarks.page_speed --rounds 50 --port 7938 --out {place}/e.json --index {index}", "asking 0", r"while asking \d+ of 350", "chromium"),
    "page speed, alone": Work("benchmarks.page_speed --rounds 50 --port 7939 --out {place}/f.json --index {index}", "asking 0", r"while asking \d+ of 350", "chromium", alone=True),
}  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files in the form of the public sets, and questions to ask again."""
    place = tmp_path_factory.mktemp("works")
    rows = {"piaf_fr": [], "news_fr": []}  # type: dict[str, list[tuple[dict[str, object], dict[str, object]]]]
    for number in range(400):
        text = " ".join(
            f"La commune {number} compte {number * 7919 + at} habitants, dit le maire de la ville {at * number}."
            for at in range(9)
        )
        for name in rows:
            article = {"id": f"{name}-{number}", "lang": "fr", "title": f"La commune {number}", "text": text}
            asked = {"id": f"q{number}", "lang": "fr", "question": f"Que compte la commune {number} ?", "answerable": True}
            asked |= {"positive_passage_ids": [article["id"]], "answers": ["habitants"]}
            rows[name].append((article, asked | ({"kind": "heading"} if name == "news_fr" else {})))
    for name, pairs in rows.items():
        for at, kind in enumerate(("passages", "questions")):
            lines = [json.dumps(pair[at], ensure_ascii=False) for pair in pairs]
            (place / f"{name}.{kind}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    again = json.dumps({"id": "a", "question": "Qui a été élu pape ?"})
    (place / "asked.jsonl").write_text("\n".join([again] * 5000), encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def large(sample_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index with a file as large as a million vectors, nearly all of it a hole: its digest takes a second or more."""
    index = tmp_path_factory.mktemp("large") / "index"
    shutil.copytree(sample_index, index)
    live = current_generation(index)
    assert live is not None
    os.truncate(live / "vectors.faiss", 1_500_000_000)
    return index


@pytest.mark.slow
@pytest.mark.parametrize("work", WORKS)
def test_work_that_is_interrupted_ends_and_says_how_far_it_got(work: str, place: Path, large: Path, sample_index: Path) -> None:
    row = WORKS[work]
    if row.child == "chromium" and not CHROMIUM.exists():
        pytest.skip("no browser: apt-get install chromium")
    named = {"place": place, "index": sample_index, "large": large, "generation": current_generation(sample_index)}
    command = [sys.executable, "-m", *row.command.format(**named).split()]
    # A group of its own with the signal as a terminal has it: what a shell starts behind "&" would not hear it.
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, process_group=0, restore_signals=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    lines: list[str] = []
    reached, ended = threading.Event(), threading.Event()

    def reads() -> None:
        for line in process.stderr or ():
            lines.append(line.rstrip())
            if line.startswith(row.until):
                reached.set()
        ended.set()

    threading.Thread(target=reads, daemon=True).start()
    below: dict[int, str] = {}
    try:
        assert reached.wait(START), lines
        for _ in range(int(START * 10)):
            below = processes_below(process.pid)
            if not row.child or any(row.child in line for line in below.values()):
                break
            time.sleep(0.1)
        assert not row.child or any(row.child in line for line in below.values()), (below, lines)
        (os.kill if row.alone else os.killpg)(process.pid, signal.SIGINT)
        code = process.wait(END)
        for _ in range(50):
            left = {pid: line for pid, line in below.items() if _runs(pid)}
            if not left:
                break
            time.sleep(0.1)
    finally:
        for pid in (process.pid, *below):
            if _runs(pid):
                os.kill(pid, signal.SIGKILL)
        process.wait()

    assert left == {}
    assert ended.wait(END)
    assert code == 130, lines
    assert re.fullmatch(f"stopped: {row.told}", lines[-1]), lines
    assert "Traceback" not in "".join(lines)


def _runs(pid: int) -> bool:
    """Is there such a process, that has not ended?"""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_nothing_of_a_program_outlives_it() -> None:
    """Whether it is left before its end or after it, and whatever it started."""
    script = "import subprocess, sys; subprocess.Popen(['sleep', '600']); print('begun', flush=True); sys.argv[1] == 'stay' and input()"
    for stays in ("stay", "go"):
        with running([sys.executable, "-c", script, stays], stdin=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "begun\n"
            if stays == "go":
                process.wait(END)
            below = processes_of_session(process.pid)
            assert any("sleep" in line for line in below.values()), below
        for _ in range(50):
            if not any(_runs(pid) for pid in below):
                break
            time.sleep(0.1)

        assert [pid for pid in below if _runs(pid)] == []


def processes_of_session(session: int) -> dict[int, str]:
    """Number and command line of each process of a session."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if int((folder / "stat").read_text().rpartition(")")[2].split()[3]) == session:
                found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
    return found
