"""Finding claimed words in an article."""

import re

from corpus.article import Span
from corpus.sentences import trimmed

#: Characters that people and models type for one another; searching takes any of a class for any other.
_APOSTROPHES = "'’‘ʼ`´"
_QUOTES = '"“”„«»‹›'
_DASHES = "-‐‑–—−"
_SHORTEST = 3
#: A longer claim is looked for as it is, letter by letter, and no other way. Words left out for an ellipsis have at most so many
#: characters, inside a paragraph; a claim may leave out words twice.
LONGEST_TOLERANT, LEFT_OUT, MOST_ELLIPSES = 2000, 200, 2
_ELLIPSIS = re.compile(r"\s*(?:[\[(]\s*)?(?:\.\.\.+|…)(?:\s*[\])])?\s*")


def locate(claimed: str, text: str) -> Span | None:
    """Where ``claimed`` stands in ``text``, or None. Exact in what it returns, tolerant in how it looks.

    Tolerated: kinds of apostrophes, quotation marks and dashes; amounts and kinds of white space (no-break spaces too);
    quotation marks around the whole; the case of the first letter; an ellipsis for some words left out, or at either end.
    What is returned holds the words left out. Where it occurs more than once, the first occurrence counts.
    """
    exact = text.find(claimed)
    if exact >= 0 and len(claimed.strip()) >= _SHORTEST:
        left = len(claimed) - len(claimed.lstrip())
        return Span(exact + left, exact + len(claimed.rstrip()))
    stripped = claimed.strip().strip(_QUOTES).strip()
    if not _SHORTEST <= len(stripped) <= LONGEST_TOLERANT:
        return None
    match = re.search(_tolerant(stripped), text) or _with_ellipses(stripped, text)
    return trimmed(text, Span(*match.span())) if match else None


def _with_ellipses(claimed: str, text: str) -> re.Match[str] | None:
    """The claim with its first letter in either case and anything, but not much, for each ellipsis inside it."""
    pieces = [piece for piece in (piece.strip(_QUOTES).strip() for piece in _ELLIPSIS.split(claimed)) if piece]
    if not 1 <= len(pieces) <= 1 + MOST_ELLIPSES or min(len(piece) for piece in pieces) < _SHORTEST:
        return None
    first = pieces[0][0]
    either = f"[{re.escape(first.lower())}{re.escape(first.upper())}]" if len(first.lower()) == len(first.upper()) == 1 else ""
    start = rf"\b{either}{_tolerant(pieces[0][1:])}" if either and first.isalpha() else _tolerant(pieces[0])
    return re.search(rf"[^\n]{{0,{LEFT_OUT}}}?".join([start, *map(_tolerant, pieces[1:])]), text)


def _tolerant(claimed: str) -> str:
    parts = []
    for piece in re.findall(r"\s+|\S", claimed):
        if piece.isspace():
            parts.append(r"\s+")
        elif piece in _APOSTROPHES:
            parts.append(f"[{_APOSTROPHES}]")
        elif piece in _QUOTES:
            # French sets a space inside its quotation marks, and before high punctuation below: present or not.
            parts.append(rf"\s*[{_QUOTES}]\s*")
        elif piece in _DASHES:
            parts.append(f"[{_DASHES}]")
        elif piece in ";:!?%":
            parts.append(rf"\s*{re.escape(piece)}")
        else:
            parts.append(re.escape(piece))
    return re.sub(r"(?:\\s[+*])*\\s\+(?:\\s[+*])*|(?:\\s\*){2,}", _merge, "".join(parts)).strip()


def _merge(match: re.Match[str]) -> str:
    """Neighbouring runs of optional and required space become one: nested repeats would make the search slow."""
    optional = "*" in match.group()
    return r"\s*" if optional else r"\s+"
