"""Work in a thread of its own, step by step, for somebody who may leave before it is done."""

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

#: Seconds without a step after which one looks whether somebody still waits.
BEAT = 0.5
Step = TypeVar("Step")


class Stopped(Exception):
    """The work was told to stop, and did."""


@dataclass(frozen=True)
class _Over:
    error: Exception | None


def go_on(cancel: threading.Event | None) -> None:
    """To be called between two parts of the work. Stopped once ``cancel`` is set."""
    if cancel is not None and cancel.is_set():
        raise Stopped


def in_steps(work: Callable[[Callable[[Step], None]], None]) -> Iterator[Step | None]:
    """What ``work`` tells, and None each time that nothing has come for ``BEAT`` seconds: who iterates can leave at any of them.

    What the work raises is raised here. It goes on when the iterator is closed: whoever wants it stopped tells it so.
    """
    come: queue.Queue[Step | _Over] = queue.Queue()

    def run() -> None:
        error = None
        try:
            work(come.put)
        except Exception as raised:
            error = raised
        come.put(_Over(error))

    threading.Thread(target=run, name="steps", daemon=True).start()
    while True:
        try:
            step = come.get(timeout=BEAT)
        except queue.Empty:
            yield None
            continue
        if not isinstance(step, _Over):
            yield step
        elif step.error:
            raise step.error
        else:
            return
