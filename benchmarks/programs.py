"""Programs of their own that a benchmark measures, or that serve it: nothing of them outlives it."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from corpus.console import uninterrupted


@contextmanager
def running(command: list[str], **options: Any) -> Iterator[subprocess.Popen[str]]:
    """The program, its output to be read; when the block is left, it is killed with all that it started: they keep nothing.

    It is out of reach of the terminal's Ctrl-C, so that one process alone says how far the benchmark got.
    """
    process = None
    try:
        with uninterrupted():
            process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True, **options)
        yield process
    finally:
        if process:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            for pipe in filter(None, (process.stdout, process.stderr)):
                pipe.close()


def finished(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
    """The program once it has ended, with what it printed."""
    with running(command, **options) as process:
        said, told = process.communicate()
        return subprocess.CompletedProcess(command, process.returncode, said, told)
