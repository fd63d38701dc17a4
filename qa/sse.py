"""The bytes of a chat completion, streamed or whole, to the pieces of its text."""

import json
from typing import Any


class Garbled(Exception):
    """It is not a chat completion."""


class Events:
    """Fed with chunks that may end anywhere, in the middle of a character too.

    ``finish``: the server's reason for ending, where it told; ``done``: the end was reached. A piece may be empty: the server
    said something, but not to us (a role, thoughts).
    """

    def __init__(self, streamed: bool):
        self._streamed = streamed
        self._rest = b""
        self.finish: str | None = None
        self.done = False

    def feed(self, chunk: bytes) -> list[str]:
        if not self._streamed:
            self._rest += chunk
            return []
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        return [piece for line in lines for piece in self._line(line)]

    def end(self) -> list[str]:
        """What is left when the bytes end; a server that does not stream sends its whole answer so."""
        if self._streamed or self.done:
            return []
        choice = _choice(_json(self._rest))
        if choice is None:
            raise Garbled
        self.done = True
        self.finish = _text(choice.get("finish_reason"))
        return [_text(_object(choice.get("message")).get("content")) or ""]

    def _line(self, line: bytes) -> list[str]:
        name, _, data = line.strip().partition(b":")
        if self.done or name != b"data":
            return []  # comments keep the connection alive
        if data.strip() == b"[DONE]":
            self.done = True
            return []
        choice = _choice(_json(data))
        if choice is None:
            return []
        self.finish = _text(choice.get("finish_reason")) or self.finish
        return [_text(_object(choice.get("delta")).get("content")) or ""]


def _json(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise Garbled from None
    return _object(found)


def _choice(message: dict[str, Any]) -> dict[str, Any] | None:
    """The first choice; None where the list is empty, as in a line that only counts tokens."""
    choices = message.get("choices")
    if not isinstance(choices, list):
        raise Garbled
    return _object(choices[0]) if choices else None


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Garbled
    return value


def _text(value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise Garbled
    return value
