"""Where a text may be cut: between signs as people see them, never inside an emoji of several characters or between a letter and
its accent."""

import regex

from corpus.article import Span

_GRAPHEME = regex.compile(r"\X")
#: Characters that are looked back at most for the beginning of a sign.
_LONGEST = 100


def cut_before(text: str, at: int) -> int:
    """The last place at or before ``at`` where no grapheme is cut."""
    return at if _plain(text, at) else _around(text, at).start


def cut_after(text: str, at: int) -> int:
    """The first place at or after ``at`` where no grapheme is cut."""
    return at if _plain(text, at) else _around(text, at).end


def whole_graphemes(text: str, span: Span) -> Span:
    """The span with all of the graphemes that it begins or ends inside."""
    return Span(cut_before(text, span.start), cut_after(text, span.end))


def _plain(text: str, at: int) -> bool:
    """Is this the end of the text, or between two characters that nothing joins? Nearly everywhere, and quick to tell."""
    return not 0 < at < len(text) or (text[at].isascii() and text[at - 1].isascii()) or text[at - 1] == "\n"


def _around(text: str, at: int) -> Span:
    """The grapheme that ``at`` is inside of, or the empty span there."""
    # A space begins a sign, whatever stands on it.
    start = max(text.rfind(" ", 0, at), text.rfind("\n", 0, at), at - _LONGEST, 0)
    while start < at:
        end = _GRAPHEME.match(text, start).end()
        if end > at:
            return Span(start, end)
        start = end
    return Span(at, at)
