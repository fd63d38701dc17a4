"""What long work tells while it lasts."""

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from corpus.console import during, plain_lines, progress_bar
from corpus.errors import Stopped

ROOT = Path(__file__).resolve().parents[1]


def test_lines_come_with_a_rate_and_the_time_left_but_not_all_the_time(capsys: pytest.CaptureFixture[str]) -> None:
    now = 0.0
    report = plain_lines(lambda: now, every=10)
    for second, stage, done, total in [
        (0, "reading", 1, 0),
        (3, "reading", 50, 0),
        (12, "reading", 121, 0),
        (13, "embedding", 400, 1000),  # an earlier build had embedded 400
        (14, "embedding", 440, 1000),
        (23, "embedding", 600, 1000),
        (33, "embedding", 610, 1000),
        (43, "embedding", 1000, 1000),
        (43, "writing", 0, 0),
        (44, "training", 0, 60),
        (84, "training", 30, 60),
    ]:
        now = float(second)
        report(stage, done, total)

    assert capsys.readouterr().err.splitlines() == [
        "reading 1",
        "reading 121, 10/s",
        "embedding 400 of 1000",
        "embedding 600 of 1000, 20/s, 20 s left",
        "embedding 610 of 1000, 10/s, 37 s left",
        "embedding 1000 of 1000, 20/s",
        "writing",
        "training 0 of 60",
        "training 30 of 60, 0.75/s, 40 s left",
    ]


def test_an_interruption_says_what_it_was_part_of() -> None:
    for raised, told in [
        (KeyboardInterrupt(), "1,000 articles: while asking 3 of 5"),
        (
            Stopped("4 of 9 passages are embedded", "and kept: the next build goes on from there"),
            "1,000 articles: 4 of 9 passages are embedded",
        ),
    ]:

        def work(raised: KeyboardInterrupt = raised) -> None:
            with during("1,000 articles"), progress_bar() as progress:
                progress("asking", 3, 5)
                raise raised

        with pytest.raises(Stopped) as stopped:
            work()

        assert str(stopped.value) == told


def test_a_result_goes_to_stdout_though_a_bar_is_drawn_on_a_terminal() -> None:
    terminal, stderr = pty.openpty()
    program = (
        "from corpus.console import progress_bar\nwith progress_bar() as told:\n    told('asking', 1, 2)\n    print('a result')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=stderr, cwd=ROOT, timeout=60, text=True, check=True
    )
    os.close(stderr)

    assert done.stdout == "a result\n"
    assert "asking" in os.read(terminal, 100_000).decode()
    os.close(terminal)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interruption_while_an_object_is_finalised_is_not_lost(number: int, status: int) -> None:
    """Python only tells such a one on stderr, and goes on."""
    program = """
from corpus.console import mendable
import os, sys, time

def steps():
    try:
        yield 1
    finally:
        print("ending", flush=True)
        time.sleep(3)

with mendable():
    next(steps())  # abandoned: it ends here
    time.sleep(100)
"""
    process = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True, restore_signals=True)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(number)
        assert process.wait(timeout=60) == status
    finally:
        process.kill()
        process.communicate()
