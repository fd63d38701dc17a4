"""A chat model's reply, read while it comes: JSON or the plain format, whichever it turns out to be."""

import json
import re
import unicodedata
from dataclasses import dataclass

from qa.prompt import NOT_FOUND

#: Characters of a reply that are read, and of a sentence and a quote that are kept; sentences that are taken.
LONGEST_REPLY, LONGEST_TEXT, MOST_SENTENCES, MOST_QUOTES = 20_000, 1200, 8, 6
_THOUGHTS = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
#: Some models' opening mark stands in the template, and their reply begins with thoughts that only end.
_UNOPENED = re.compile(r".*</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
_SENTENCES = re.compile(r'"sentences"\s*:\s*\[|^\s*\[')
_UNANSWERABLE = re.compile(r'"answerable"\s*:\s*false')
_LINE = re.compile(r"^[\s*\-#>]*(?:(S)(?:entence)?|Q(?:uote)?\s*\[?(\d{1,4})\]?)\s*[*]*\s*:\s*(.+)$", re.IGNORECASE)
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_MARKERS = re.compile(r"\s*\[\d{1,4}\]")
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True)
class Said:
    """A sentence and the quotes that came with it: (number of the passage, words). Untrusted."""

    text: str
    quotes: tuple[tuple[int, str], ...]


class Reply:
    """Fed with pieces; gives back each sentence once, when it is complete. Thoughts before the answer are not read.

    ``full``: nothing more is taken in. ``refused``, at the end: it says that the passages do not answer.
    """

    def __init__(self) -> None:
        self._text = ""
        self._thought = 0
        self._read = 0
        self._given = 0
        self.full = False
        self.refused = False

    def feed(self, piece: str) -> list[Said]:
        self._text += piece
        self.full = self.full or len(self._text) > LONGEST_REPLY
        # A sentence cannot become complete without one of these, and to look after every token would be slow.
        return self._more(ended=False) if "}" in piece or "\n" in piece else []

    def end(self) -> list[Said]:
        """The last sentence of the plain format, which only the end completes; not for a reply that broke off."""
        found = self._more(ended=True)
        visible = self._visible()
        no = _UNANSWERABLE.search(visible) if _is_json(visible) else visible.upper().startswith(NOT_FOUND)
        self.refused = self._given == 0 and bool(no)
        return found

    @property
    def text(self) -> str:
        """All of it so far but thoughts, for a reply that is no list of sentences."""
        return self._visible()

    def _more(self, ended: bool) -> list[Said]:
        visible = self._visible()
        found = self._json_sentences(visible) if _is_json(visible) else self._plain_sentences(visible, ended)
        found = found[: MOST_SENTENCES - self._given]
        self._given += len(found)
        self.full = self.full or self._given == MOST_SENTENCES
        return found

    def _visible(self) -> str:
        text = _THOUGHTS.sub("", self._text[:LONGEST_REPLY])
        if (thought := _UNOPENED.match(text)) and thought.end() != self._thought:
            self._thought, self._read = thought.end(), 0
        text = text[self._thought :].lstrip()
        return text.partition("\n")[2].lstrip() if text.startswith("```") else text

    def _json_sentences(self, visible: str) -> list[Said]:
        if not self._read:
            opening = _SENTENCES.search(visible)
            if not opening:
                return []
            self._read = opening.end()
        found: list[Said] = []
        while True:
            at = self._read + len(visible[self._read :]) - len(visible[self._read :].lstrip(" \t\r\n,"))
            try:
                item, self._read = json.JSONDecoder().raw_decode(visible, at)
            except (ValueError, RecursionError):
                return found
            said = _said(item)
            if said:
                found.append(said)

    def _plain_sentences(self, visible: str, ended: bool) -> list[Said]:
        """A sentence is complete where the next one begins."""
        lines = visible[self._read :].splitlines(keepends=True)
        if not ended and lines and not lines[-1].endswith("\n"):
            lines.pop()
        found: list[Said] = []
        quotes: list[tuple[int, str]] = []
        text, at, begun = "", self._read, self._read
        for line in lines:
            match = _LINE.match(line.rstrip())
            if match and match.group(1):
                found += [Said(text, tuple(quotes))] if text else []
                text, quotes, begun = tidied(_MARKERS.sub("", match.group(3))), [], at
            elif match and text and len(quotes) < MOST_QUOTES:
                quotes.append((int(match.group(2)), tidied(match.group(3))))
            at += len(line)
        if ended:
            found += [Said(text, tuple(quotes))] if text else []
            begun = at
        self._read = begun
        return found


def tidied(text: str, longest: int = LONGEST_TEXT) -> str:
    """One line without terminal escapes, control and direction characters or halves of characters, and not too long."""
    whole = _ESCAPES.sub("", text[: 2 * longest]).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    shown = "".join(
        " " if c.isspace() else c for c in whole if c.isspace() or not (unicodedata.category(c) == "Cc" or c in _BIDI)
    )
    return " ".join(shown.split())[:longest]


def _is_json(visible: str) -> bool:
    return visible[:1] in ("{", "[")


def _said(item: object) -> Said | None:
    if not isinstance(item, dict) or not isinstance(item.get("text"), str):
        return None
    quotes = item.get("quotes")
    kept = [
        (one["passage"], tidied(one["quote"]))
        for one in (quotes if isinstance(quotes, list) else [])[:MOST_QUOTES]
        if isinstance(one, dict) and type(one.get("passage")) is int and isinstance(one.get("quote"), str)
    ]
    text = tidied(_MARKERS.sub("", item["text"]))
    return Said(text, tuple(kept)) if text else None
