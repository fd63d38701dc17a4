"""What the commands share: one line for what a person can mend, quiet Ctrl-C, progress on stderr."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from corpus.errors import ArticleQAError, Stopped


@contextmanager
def mendable() -> Iterator[None]:
    """Exit 1 with the message of an ArticleQAError, 130 on Ctrl-C, 143 on SIGTERM; all else is a bug and keeps its traceback."""
    ended = []

    def end(number: int, frame: object) -> None:
        ended.append(number)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end) if threading.current_thread() is threading.main_thread() else None
    try:
        yield
    except ArticleQAError as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        raise SystemExit(1) from None
    except KeyboardInterrupt as stop:
        print(f"stopped: {stop}" if isinstance(stop, Stopped) else "stopped", file=sys.stderr)
        raise SystemExit(143 if ended else 130) from None
    finally:
        if before is not None:
            signal.signal(signal.SIGTERM, before)


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """A function (stage, done, total) that draws a bar on a terminal, and on anything else a line a stage and tenth.

    ``total`` 0 means not known.
    """
    if not sys.stderr.isatty():
        yield _plain_lines()
        return
    columns = (TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None)
        yield lambda stage, done, total: bar.update(task, description=stage, completed=done, total=total or None)


def _plain_lines() -> Callable[[str, int, int], None]:
    printed: set[tuple[str, int]] = set()

    def report(stage: str, done: int, total: int) -> None:
        tenth = 10 * done // total if total else 0
        if (stage, tenth) not in printed:
            printed.add((stage, tenth))
            print(f"{stage} {done} of {total}" if total else stage, file=sys.stderr)

    return report
