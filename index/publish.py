"""Which generation is live: swapped by a rename, taken back by another, and the old ones removed once nobody reads them."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from corpus.errors import ArticleQAError, IndexMissing, InputError
from index.checkpoint import NAME as CHECKPOINT
from index.failpoint import step
from index.gate import REFUSED
from index.locks import unread
from index.snapshot import REBUILD, check_generation, generations_of, live_or_none

#: A generation on its way out.
GONE = ".gone-"


def publish(index: Path, partial: Path, name: str, sound: str | None = None) -> None:
    """Make a complete generation the live one, and remove those that nobody goes back to. ``sound``: a generation that is known
    to hold.

    Everything is on the disk before it has its name, and has its name before it is pointed to: whenever the power goes, what
    ``CURRENT`` names is whole.
    """
    for path in partial.iterdir():
        sync(path)
    sync(partial)
    step()
    partial.rename(index / name)
    step()
    before = _live_name(index)
    _point(index, name)
    remove_old(index, before, sound)


def rollback(index: Path) -> str:
    """Point back to the newest generation older than the live one that holds; its name.

    IndexMissing if there is none, InputError if the folder cannot be written, ArticleQAError if it went through but for the disk.
    """
    live = _live_name(index)
    for name in generations_of(index):
        if (live is None or name < live) and not check_generation(index / name):
            try:
                _point(index, name)
            except OSError as error:
                if is_live(index, name):
                    raise ArticleQAError(
                        f"{name} is live again, but the disk may lose that with the power ({error.strerror}): mend it, then build"
                    ) from error
                raise InputError(f"the index folder {index} cannot be written: nothing was changed") from error
            return name
    raise IndexMissing(f"no earlier generation in {index} to go back to: rebuild with {REBUILD}")


def remove_old(index: Path, before: str | None, sound: str | None = None) -> None:
    """Keep the live generation, the one that was live before it (or, should that not hold, the newest that does), and any that is
    still read: the next build tries those again."""
    live = _live_name(index)
    others = [name for name in generations_of(index) if name != live]
    others.sort(key=lambda name: name != before)
    kept = next((name for name in others if name == sound or not check_generation(index / name)), None)
    for name in others:
        if name == kept:
            continue
        # Nothing of this undoes what is live already.
        with suppress(OSError), unread(index / name) as free:
            if free:
                step()
                (index / name).rename(index / f"{GONE}{name}")
                shutil.rmtree(index / f"{GONE}{name}", ignore_errors=True)


def tidy_up(index: Path) -> None:
    """What a build leaves undone that is stopped, or whose disk fails, once it is live."""
    sync(index)
    names, live = generations_of(index), _live_name(index)
    if live and len(names) > 2:
        remove_old(index, next((name for name in names if name < live), None))


def remove_leftovers(index: Path) -> None:
    """What a build that was killed left behind; none of it is anyone's while the writer's lock is held."""
    for path in (*index.glob(".partial-*"), *index.glob(f"{GONE}*")):
        shutil.rmtree(path, ignore_errors=True)
    for path in index.glob(".CURRENT.*"):
        path.unlink(missing_ok=True)


def strays(index: Path) -> list[str]:
    """What lies in the index folder and is not of it; it is never opened."""
    ours = {"CURRENT", ".lock", CHECKPOINT, REFUSED, *generations_of(index)}
    begun = (".partial-", ".CURRENT.", GONE)
    return sorted(path.name for path in index.iterdir() if path.name not in ours and not path.name.startswith(begun))


def next_name(index: Path, stamp: str, digest: str) -> str:
    """A generation's name, after all others in order even where the clock went back. ``stamp``: %Y%m%dT%H%M%S%f."""
    newest = max(generations_of(index), default="")[: len(stamp)]
    if stamp <= newest:
        stamp = f"{newest[:9]}{int(newest[9:]) + 1:012}"
    return f"{stamp}-{digest[:8]}"


def is_live(index: Path, name: str) -> bool:
    """Is this the generation that the index answers from?"""
    return _live_name(index) == name


def _live_name(index: Path) -> str | None:
    folder = live_or_none(index)
    return folder.name if folder else None


def _point(index: Path, name: str) -> None:
    partial = index / f".CURRENT.{os.getpid()}"
    partial.write_text(name + "\n")
    sync(partial)
    step()
    partial.replace(index / "CURRENT")
    step()
    sync(index)


def sync(path: Path) -> None:
    """Onto the disk. A failed fsync is not tried again: the kernel may have dropped what it could not write."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
