"""Does what a sentence says stand in its quotes? By its numbers, dates and names: what a model most easily invents.

Numbers count by their value, months by their place in the year, so that « 1,6 milliard », "1.6 billion"; « 4 septembre »,
"4 September" are the same. Names: ``qa.names``.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Literal

from corpus.language import detect_language
from qa.names import names_beyond
from qa.numbers import SCALES, fold, small_numbers, western_digits
from qa.when import month_names

#: Letters from which the language of a sentence can be told, and languages that are taken for one another.
ENOUGH = 40
_ALIKE = ({"no", "nb", "nn", "da", "sv"}, {"hr", "sr", "bs", "sl"}, {"id", "ms"}, {"gl", "pt", "es", "ca"}, {"uk", "ru", "be"})
_MARKUP = re.compile(r"https?:|www\.|javascript:|data:\w|</?[a-z!]|!\[|\]\(|```|&#?\w{1,8};", re.IGNORECASE)
_QUOTED = re.compile(r"«[^»]*»|“[^”]*”|„[^“]*“|\"[^\"]*\"")
_NUMBER = re.compile(r"\d{1,3}(?:[.,'’\u00a0\u202f\u2009 ]\d{3})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)?")
_NEXT_WORD = re.compile(r"[\s\u00a0\u202f-]{0,3}([^\W\d_]{1,20})")
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")


def unfit(sentence: str, language: str | None) -> Literal["markup", "language"] | None:
    """Why a sentence may not be shown at all, whatever its quotes: ``markup``, or the wrong ``language``; None if it may."""
    if _MARKUP.search(sentence):
        return "markup"
    own = _QUOTED.sub(" ", sentence)
    if language is None or sum(c.isalpha() for c in own) < ENOUGH:
        return None
    found = detect_language(own)
    alike = any({found, language} <= group for group in _ALIKE)
    return None if found in (None, language) or alike else "language"


def unsupported(sentence: str, language: str | None, quotes: Iterable[tuple[str, str | None]]) -> tuple[str, ...]:
    """The numbers, dates and names of the sentence, as it writes them, that stand in none of the quotes: (words, language)."""
    return compared(sentence, language, quotes)[0]


def compared(
    sentence: str, language: str | None, quotes: Iterable[tuple[str, str | None]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(what is ``unsupported``, the names that cannot be compared with the quotes because they are in other scripts)"""
    known = list(quotes)
    numbers = {value for text, lang in known for values in numbers_in(text, lang).values() for value in values}
    missing = [words for words, values in numbers_in(sentence, language).items() if not values & numbers]
    months = {month for text, lang in known for month in months_in(text, lang).values()}
    missing += [
        word for word, month in months_in(sentence, language).items() if month not in months and float(month) not in numbers
    ]
    names, unchecked = names_beyond(sentence, language, known)
    return (*missing, *names), tuple(unchecked)


def numbers_in(text: str, language: str | None) -> dict[str, frozenset[float]]:
    """Each number as written, and the values it may have: "1.234" is one and a bit or more than a thousand."""
    plain = western_digits(text).replace("٫", ".").replace("٬", ",")
    scales = SCALES.get(language or "", {})
    found: dict[str, frozenset[float]] = {}
    for match in _NUMBER.finditer(plain):
        scale, end = _scale(plain, match.end(), scales)
        found[text[match.start() : end]] = frozenset(round(value * scale, 6) for value in _values(match.group()))
    words = small_numbers(language or "")
    for match in _WORD.finditer(plain):
        if (value := words.get(fold(match.group()))) is not None:
            found[match.group()] = frozenset({float(value)})
    return found


def _scale(text: str, at: int, scales: dict[str, float]) -> tuple[float, int]:
    """What the words behind a number multiply it by, « mil millones » by both, and where they end."""
    scale = 1.0
    while (word := _NEXT_WORD.match(text, at)) and (times := scales.get(fold(word.group(1)))):
        scale, at = scale * times, word.end()
    return scale, at


def months_in(text: str, language: str | None) -> dict[str, int]:
    """Each name of a month, as written, and its number."""
    months = _months(language or "")
    return {word: months[fold(word)] for word in _WORD.findall(text) if fold(word) in months}


@cache
def _months(language: str) -> dict[str, int]:
    named = {name: number for number, forms in month_names(language).items() for name in forms}
    found = {name: number for name, number in named.items() if not any(c.isdigit() for c in name)}
    if language == "en":
        found.pop("may")  # a verb too, and the day or year beside it is checked anyway
    return found


def _values(number: str) -> set[float]:
    """The readings of digits with points, commas and spaces in them."""
    tight = re.sub(r"['’\u00a0\u202f\u2009 ]", "", number)
    readings = {tight.replace(".", "").replace(",", "")} if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", tight) else set()
    for point, group in ((".", ","), (",", ".")):
        if re.fullmatch(rf"\d+(?:{re.escape(group)}\d{{3}})*(?:{re.escape(point)}\d+)?", tight):
            readings.add(tight.replace(group, "").replace(point, "."))
    return {float(reading) for reading in readings if len(reading) < 40}
