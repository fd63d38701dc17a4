"""Finding claimed words in an article."""

import re

from corpus.article import Span
from corpus.sentences import trimmed

#: Characters that people and models type for one another; searching takes any of a class for any other.
_APOSTROPHES = "'’‘ʼ`´"
_QUOTES = '"“”„«»‹›'
_DASHES = "-‐‑–—−"
_SHORTEST = 3


def locate(claimed: str, text: str) -> Span | None:
    """Where ``claimed`` stands in ``text``, or None. Exact in what it returns, tolerant in how it looks.

    Tolerated: kinds of apostrophes, quotation marks and dashes; amounts and kinds of white space (no-break spaces too);
    quotation marks around the whole. Where it occurs more than once, the first occurrence counts.
    """
    exact = text.find(claimed)
    if exact >= 0 and len(claimed.strip()) >= _SHORTEST:
        left = len(claimed) - len(claimed.lstrip())
        return Span(exact + left, exact + len(claimed.rstrip()))
    stripped = claimed.strip().strip(_QUOTES).strip()
    if len(stripped) < _SHORTEST:
        return None
    match = re.search(_tolerant(stripped), text)
    return trimmed(text, Span(*match.span())) if match else None


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
