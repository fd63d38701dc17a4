"""Keeping an index up with its corpus: told by the system when files change, and by a look of its own now and then.

Notices get lost (network folders, full queues, a folder that is moved away and back); so they only wake it up. What decides is
whether the files are other ones than at the last build.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from watchfiles import watch

#: Seconds without a change before a build begins, the longest that changes may put it off, and between looks of its own.
SETTLED, LONGEST, LOOK = 0.5, 10.0, 60.0
State = frozenset[tuple[str, int, int, int, int]]


def keep_up(
    corpus: list[Path],
    rebuild: Callable[[], bool],
    stop: threading.Event,
    *,
    settled: float = SETTLED,
    look: float = LOOK,
) -> None:
    """Call ``rebuild`` now, and whenever the files of the corpus have changed since, until ``stop`` is set or Ctrl-C.

    ``rebuild`` says whether there is nothing left to do until the files change; if not it is called again at the next look.
    """
    built: State | None = None
    while not stop.is_set():
        for _ in _wakes(corpus, stop, settled, look):
            found = _state(corpus)
            if found != built:
                # As they were before the build: what changes while it reads is another change.
                built = found if rebuild() else None
            if not all(path.exists() for path in corpus):
                break
        # A root that is gone is watched no more: it takes a new watcher once it is back.
        stop.wait(0.0 if all(path.exists() for path in corpus) else look)


def _wakes(corpus: list[Path], stop: threading.Event, settled: float, look: float) -> Iterator[None]:
    """Once now, then after every change and every ``look`` seconds."""
    yield
    roots = [path for path in corpus if path.exists()]
    if not roots:
        return
    # What changed before the watcher began, while the first build ran, only a look tells: the first time-out brings one.
    due = 0.0
    for changes in watch(
        *roots,
        watch_filter=None,
        debounce=int(LONGEST * 1000),
        step=int(settled * 1000),
        stop_event=stop,
        rust_timeout=int(min(look, 1.0) * 1000),
        yield_on_timeout=True,
    ):
        if not stop.is_set() and (changes or time.monotonic() >= due):
            due = time.monotonic() + look
            yield


def _state(corpus: list[Path]) -> State:
    """Name, size, times and number of every file below; nothing of what is in them."""
    found = set()
    for root in corpus:
        files = [root] if root.is_file() else (Path(folder) / name for folder, _, names in os.walk(root) for name in names)
        for file in files:
            try:
                info = file.lstat()
            except OSError:
                continue
            found.add((str(file), info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino))
    return frozenset(found)
