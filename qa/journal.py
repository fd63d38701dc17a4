"""The journal: every answer as a line of JSON, with what it takes to ask again."""

import fcntl
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from qa.assistant import Asked
from qa.options import AskOptions
from qa.question import Turn
from qa.record import record_of

#: Bytes of a journal before it is set aside as journal.1.jsonl, and how many of those are kept.
LONGEST = 20_000_000
KEPT = 5


def journal_of(index: Path) -> Path:
    """Where the answers of an index are noted unless told: beside its folder."""
    return index.with_name("journal.jsonl")


def noted(
    asked: Asked,
    record_id: str,
    history: list[Turn],
    options: AskOptions,
    fallback_language: str | None = None,
    now: datetime | None = None,
) -> dict[str, Any]:
    """One line: the answer record, and beside it the ``time`` and what it was asked with: history, options, fallback language."""
    return {
        **record_of(asked, record_id),
        "time": (now or datetime.now(UTC)).isoformat(timespec="seconds"),
        "history": [{"role": turn.role, "text": turn.text} for turn in history],
        "options": {
            "k": options.k,
            "languages": list(options.languages),
            "sources": list(options.sources),
            "since": options.since.isoformat() if options.since else None,
            "until": options.until.isoformat() if options.until else None,
        },
        "fallback_language": fallback_language,
    }


class Journal:
    """A file of JSON lines that several processes may append to. Past ``longest`` bytes it is set aside and begun anew.

    A journal that cannot be written stops no answer: it says so on stderr, once.
    """

    def __init__(self, path: Path, longest: int = LONGEST, kept: int = KEPT):
        self.path = path
        self._longest = longest
        self._kept = kept
        self._complained = False

    def append(self, row: dict[str, Any]) -> bool:
        """Write one line whole; False where it could not be."""
        # A lone surrogate, which UTF-8 cannot hold, is written as JSON's own escape of it.
        line = (json.dumps(row, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")
        try:
            with self._alone():
                self._set_aside(len(line))
                # One write to a file opened to append: a line is there whole or not at all. For its owner's eyes only.
                descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
                try:
                    os.write(descriptor, line)
                finally:
                    os.close(descriptor)
        except OSError as error:
            if not self._complained:
                self._complained = True
                print(f"{self.path} cannot be written ({error.strerror}): answers go on without it", file=sys.stderr)
            return False
        return True

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.with_name(f".{self.path.name}.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _set_aside(self, more: int) -> None:
        size = self.path.stat().st_size if self.path.exists() else 0
        if size == 0 or size + more <= self._longest:
            return
        aside = [self.path.with_name(f"{self.path.stem}.{number}{self.path.suffix}") for number in range(1, self._kept + 1)]
        for older, newer in zip(reversed(aside[1:]), reversed(aside[:-1]), strict=True):
            if newer.exists():
                newer.replace(older)
        self.path.replace(aside[0])
