"""The records that describe a text."""

import hashlib
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import NamedTuple


class Span(NamedTuple):
    """``start`` and ``end`` in Python characters of the article's text, end exclusive."""

    start: int
    end: int

    def of(self, text: str) -> str:
        return text[self.start : self.end]


@dataclass(frozen=True)
class Article:
    """One text as it was stored.

    ``text`` is the decoded file, untouched but for newlines (``\\r\\n`` and ``\\r`` read as ``\\n``); of an .html file it is the
    extracted text, of a .jsonl line its ``text`` field. ``body`` marks what is not boilerplate, in order, without overlap.
    ``path`` is for people, relative to the folder that was given. What is not known is None, never guessed. ``origin``: digest
    of the bytes that the article was read from, where they are known; ``encoding``: what they were written in, where that was not
    UTF-8.
    """

    id: str
    path: str
    title: str | None
    text: str
    body: tuple[Span, ...]
    language: str | None
    source: str | None
    url: str | None
    published: date | None
    origin: str | None = field(default=None, compare=False, repr=False)
    encoding: str | None = field(default=None, compare=False, repr=False)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the whole text in UTF-8, in hexadecimal."""
        return hashlib.sha256(self.text.encode("utf-8")).hexdigest()


@dataclass(frozen=True)
class Skipped:
    """A file, or a line of one, that could not be taken in, and why."""

    path: str
    reason: str


class Chunk(NamedTuple):
    """A passage: the slice ``[start, end)`` of its article, inside one body span, never blank."""

    article_id: str
    start: int
    end: int
