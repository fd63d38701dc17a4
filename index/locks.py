"""Who may write an index and who still reads a generation: kernel locks, which end with their holder however it dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from corpus.errors import IndexBusy, IndexDamaged, InputError


@contextmanager
def only_writer(index: Path) -> Iterator[None]:
    """IndexBusy, naming the process, while another one writes; InputError where the lock cannot be opened."""
    path = index / ".lock"
    try:
        opened = path.open("a+")
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}): give another --index") from error
    with opened as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise IndexBusy(f"another build (process {holder}) is writing {index}: wait for it, then try again") from error
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def hold(folder: Path) -> IO[bytes]:
    """An open file; while it is open nobody removes the generation. IndexDamaged where somebody does so already."""
    path = folder / "manifest.json"
    try:
        file = path.open("rb")
    except OSError as error:
        raise IndexDamaged(f"{path} cannot be read ({error.strerror}); rebuild with python -m index build") from error
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.close()
        raise IndexDamaged(f"{folder} is being removed: try again") from error
    except OSError:  # a file system without locks
        pass
    return file


@contextmanager
def unread(folder: Path) -> Iterator[bool]:
    """Does nobody hold the generation? If so, nobody can begin to in the meantime."""
    with (folder / "manifest.json").open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        except OSError:  # a file system without locks
            pass
        yield True
