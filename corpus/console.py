"""What the commands share: one line for what a person can mend, quiet Ctrl-C, progress on stderr."""

import math
import signal
import sys
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from corpus.errors import ArticleQAError, Stopped

#: Seconds after which an interruption that was lost is sent again.
AGAIN = 0.05


def visible(text: str) -> str:
    """A name with its control and direction characters spelled out, so that it looks like no other and steers no terminal."""
    return "".join(c if unicodedata.category(c) not in ("Cc", "Cf") else f"\\u{ord(c):04x}" for c in text)


@contextmanager
def mendable() -> Iterator[None]:
    """Exit 1 with the message of an ArticleQAError, 130 on Ctrl-C, 143 on SIGTERM; all else is a bug and keeps its traceback."""
    ended = []

    def end(number: int, frame: object) -> None:
        ended.append(number)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end) if threading.current_thread() is threading.main_thread() else None
    hook, sys.unraisablehook = sys.unraisablehook, _again
    try:
        yield
    except ArticleQAError as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        raise SystemExit(1) from None
    except KeyboardInterrupt as stop:
        print(f"stopped: {stop}" if isinstance(stop, Stopped) else "stopped", file=sys.stderr)
        raise SystemExit(143 if ended else 130) from None
    finally:
        sys.unraisablehook = hook
        if before is not None:
            signal.signal(signal.SIGTERM, before)


def _again(lost: "sys.UnraisableHookArgs") -> None:
    """An interruption that comes while an object is finalised (an abandoned generator's end, a ``__del__``) goes no further, and
    the work would go on as if nobody had pressed Ctrl-C: it is sent once more, when that is over."""
    if issubclass(lost.exc_type, KeyboardInterrupt):
        main = threading.main_thread().ident
        threading.Timer(AGAIN, signal.pthread_kill, (main, signal.SIGINT)).start()
    else:
        sys.__unraisablehook__(lost)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Ctrl-C and SIGTERM come at the end of this, for work of a moment that nothing could undo if it were left in the middle.

    What is started inside keeps the signals as they are by default. Only of use in the main thread; no more than that in another.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = {
        number: signal.signal(number, lambda number, frame: came.append(number)) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if came:
        signal.raise_signal(came[0])


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """A function (stage, done, total) that draws a bar with rate and time left on a terminal, on anything else lines with both.

    ``total`` 0 means not known. Work that is interrupted says how far it got.
    """
    reached = ""
    with _drawn() as draw:

        def report(stage: str, done: int, total: int) -> None:
            nonlocal reached
            reached = f"{stage} {_count(done, total)}".rstrip()
            draw(stage, done, total)

        try:
            yield report
        except Stopped:
            raise
        except KeyboardInterrupt:
            raise Stopped(f"while {reached}" if reached else "before anything was done") from None


@contextmanager
def during(what: str) -> Iterator[None]:
    """An interruption inside says that it was during this, and how far that had got."""
    try:
        yield
    except KeyboardInterrupt as stop:
        # How the part would go on is not said: the whole does not.
        raise Stopped(f"{what}: {stop.args[0]}" if isinstance(stop, Stopped) else what) from None


@contextmanager
def _drawn() -> Iterator[Callable[[str, int, int], None]]:
    if not sys.stderr.isatty():
        yield plain_lines(time.monotonic)
        return
    columns = (
        TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )  # fmt: skip
    # What is printed to stdout meanwhile is a result, which rich would put beside the bar, into stderr.
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as bar:
        task = bar.add_task("", total=None, rate="")
        pace = _Pace(time.monotonic)

        def report(stage: str, done: int, total: int) -> None:
            if stage != pace.stage:
                bar.reset(task, description=stage, total=total or None, completed=done, rate="")
            rate = pace.rate(stage, done)
            bar.update(task, completed=done, total=total or None, rate=_each_second(rate) if rate else "")

        yield report


def plain_lines(clock: Callable[[], float], every: float = 10.0) -> Callable[[str, int, int], None]:
    """A line on stderr for each stage, and while it lasts one every so many seconds and one at its end."""
    pace = _Pace(clock)
    printed = -math.inf

    def report(stage: str, done: int, total: int) -> None:
        nonlocal printed
        now, begins = clock(), stage != pace.stage
        rate = pace.rate(stage, done)
        if not begins and now - printed < every and (done < total or not total):
            return
        printed = now
        line = f"{stage} {_count(done, total)}".rstrip()
        if rate:
            line += f", {_each_second(rate)}"
            if total > done:
                line += f", {_minutes((total - done) / rate)} left"
        print(line, file=sys.stderr)

    return report


def _each_second(rate: float) -> str:
    return f"{rate:.0f}/s" if rate >= 9.5 else f"{rate:.2g}/s"


def _count(done: int, total: int) -> str:
    return f"{done} of {total}" if total else str(done or "")


class _Pace:
    """How fast a stage goes, counted from what was done when it began: what an earlier build had done took this one no time."""

    def __init__(self, clock: Callable[[], float]):
        self.stage = ""
        self._clock, self._start, self._before = clock, 0.0, 0

    def rate(self, stage: str, done: int) -> float:
        """Items a second; 0 where nothing can be told yet."""
        now = self._clock()
        if stage != self.stage or done < self._before:
            self.stage, self._start, self._before = stage, now, done
        return (done - self._before) / (now - self._start) if now > self._start else 0.0


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
