"""A text to its sentences."""

import itertools
import re
from functools import cache

from yasbd import BoundaryDetector, YasbdError, get_supported_langs

from corpus.article import Span
from corpus.graphemes import cut_before

#: Characters the splitter is given at once, and how near to their end it lacks what follows.
WINDOW, MARGIN = 5000, 200
#: After these a full stop does not end a sentence, whatever the splitter says (French ones it lacks, and initials).
_ABBREVIATION = re.compile(
    r"(?:^|[\s(«\"'’])(?:MM?|Mmes?|Mlles?|Mgr|Me|Dr|Drs|Pr|Prs|St|Ste|Cie|Sté|env|cf|Cf|art|al|av|apr|chap|éd|ex|fig|hab|ibid|id|"
    r"vol|p|pp|n|no|nos|tél|bd|boul|dép|sq|suiv|vs|etc|Mr|Mrs|Ms|Prof|Sen|Gen|Col|Lt|Gov|Rep|Jr|Sr|Inc|Ltd|Co|U\.S|bzw|ca|Nr|Hr|Fr|"
    r"Sig|Sra?|Dª|Ud|(?:[A-ZÉ]\.-?)*[A-ZÉ])\.$"
)
#: "10 h. 30", "al. 3", "n. 7": a number goes on what came before it.
_BEFORE_NUMBER = re.compile(r"(?:\d\s?h|\bal|\bart|\bn|\bno|\bp|\bpp|\bvol|\bNr|\bfig)\.$")
#: Abbreviations that may well end a sentence: only what follows can tell.
_MAY_END = re.compile(r"(?:\betc|\benv|\bhab|\bCie|\bInc|\bLtd|\bCo|\bJr|\bSr|U\.S|(?:[A-ZÉ]\.){2,})\.?$")
_APOSTROPHE = re.compile(r"(?<=\w)’(?=\w)")
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_TERMINAL = re.compile(r"[.!?…:;»”\"')\]。！？؟۔।]\s*$")


@cache
def _detector(language: str) -> BoundaryDetector:
    return BoundaryDetector(lang=language)


def split_sentences(text: str, language: str | None) -> list[Span]:
    """Spans of the sentences, in order, without the white space around them, of whole graphemes. A blank line always ends one."""
    spans = []
    for paragraph in _paragraphs(text):
        start = paragraph.start
        for end in [*_boundaries(paragraph.of(text), paragraph.start, language), paragraph.end]:
            end = cut_before(text, end)
            if span := trimmed(text, Span(start, end)):
                spans.append(span)
            start = end
    return spans


def trimmed(text: str, span: Span) -> Span | None:
    """The span without white space at its ends; None where nothing is left."""
    piece = span.of(text)
    start = span.start + len(piece) - len(piece.lstrip())
    end = span.start + len(piece.rstrip())
    return Span(start, end) if start < end else None


def _paragraphs(text: str) -> list[Span]:
    cuts = [0]
    for gap in _BLANK_LINE.finditer(text):
        cuts.append(gap.end())
    for newline in re.finditer(r"\n", text):
        if _ends_line(text, newline.start()):
            cuts.append(newline.end())
    cuts = sorted({*cuts, len(text)})
    return [Span(a, b) for a, b in itertools.pairwise(cuts)]


def _ends_line(text: str, newline: int) -> bool:
    """Does this single newline end a paragraph, or only a line of hard-wrapped text?"""
    line = text[text.rfind("\n", 0, newline) + 1 : newline].rstrip()
    following = text[newline + 1 : newline + 2]
    if following.islower():
        return False
    return not (55 <= len(line) <= 100 and not _TERMINAL.search(line))


def _boundaries(paragraph: str, offset: int, language: str | None) -> list[int]:
    """The ends of its sentences but the last, counted from ``offset``.

    A long paragraph is read through a window, for the splitter's time grows with the square of what it is given.
    """
    found: list[int] = []
    start = 0
    while len(paragraph) - start > WINDOW:
        ends = [start + end for end in _detected(paragraph[start : start + WINDOW], language) if 0 < end <= WINDOW - MARGIN]
        found += ends
        start = ends[-1] if ends else start + WINDOW
    found += [start + end for end in _detected(paragraph[start:], language)]
    kept = []
    for end in found:
        before, after = paragraph[max(0, end - 40) : end].rstrip(), paragraph[end : end + 40].lstrip()
        if 0 < end < len(paragraph) and not _joined(before, after):
            kept.append(offset + end)
    return kept


def _detected(text: str, language: str | None) -> list[int]:
    """Where the splitter ends the sentences of a text."""
    detector = _detector(language if language in _supported() else "en")
    try:
        # It takes the apostrophe of "C’est" for a closing quotation mark; one character for one keeps the offsets.
        return [end for end in detector.detect(_APOSTROPHE.sub("'", text)) if isinstance(end, int)]
    except (YasbdError, ValueError, IndexError):
        # A text its rules cannot digest is still a text: the plain rule is coarser, never wrong about offsets.
        return [match.end() for match in re.finditer(r"[.!?…](?=\s)", text)]


def _joined(before: str, after: str) -> bool:
    """Is this boundary one that the splitter should not have drawn?"""
    if not after:
        return False
    if after[0].islower():
        return True
    if after[0].isdigit() and _BEFORE_NUMBER.search(before):
        return True
    return bool(_ABBREVIATION.search(before)) and not _MAY_END.search(before)


@cache
def _supported() -> frozenset[str]:
    return frozenset(get_supported_langs()) - {"auto"}
