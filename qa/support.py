"""Does what a sentence says stand in its quotes? By its numbers, dates and names: what a model most easily invents.

Numbers count by their value, months and days by their place in the year and the week, so that « 1,6 milliard », "1.6 billion";
« 4 septembre », "4 September" are the same. Names: ``qa.names``.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Literal

from corpus.language import detect_language
from qa.names import names_beyond
from qa.numbers import COMPARED, SCALES, fold, spelled, western_digits
from qa.places import locale_of
from qa.when import month_names

#: Letters from which the language of a sentence can be told, and languages that are taken for one another.
ENOUGH = 40
_ALIKE = ({"no", "nb", "nn", "da", "sv"}, {"hr", "sr", "bs", "sl"}, {"id", "ms"}, {"gl", "pt", "es", "ca"}, {"uk", "ru", "be"})
_MARKUP = re.compile(r"https?:|www\.|javascript:|data:\w|</?[a-z!]|!\[|\]\(|```|&#?\w{1,8};", re.IGNORECASE)
_QUOTED = re.compile(r"«[^»]*»|“[^”]*”|„[^“]*“|\"[^\"]*\"")
_NUMBER = re.compile(r"\d{1,3}(?:[.,'’\u00a0\u202f\u2009 ]\d{3})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)?")
_NEXT_WORD = re.compile(r"[\s\u00a0\u202f-]{0,3}([^\W\d_]{1,20})")
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
#: 12/2025, 2025-12, 4.12., 12月, « tháng 12 »: what may be a month.
_DIGITS_MONTH = re.compile(r"(?<![\d,])(\d{1,2})(?=\s?[-/.月월])|[-/.]\s?(\d{1,2})(?!\d)|\b[Tt]háng\s(\d{1,2})")
#: In 04.12.2025, 4.12., 12.2025.
_DATE_POINT = re.compile(r"(?<=\d)\.(?=\d\d?\.|(?:19|20)\d\d(?!\d))")
#: Languages that name each day of the week in one way.
_DAYS_TOLD = frozenset({"en", "fr", "de", "es", "it"})


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
    numbers = {value for text, lang in known for values in numbers_in(text, lang, loosely=True).values() for value in values}
    read = all(lang in COMPARED for _, lang in known)
    missing = [
        words
        for words, values in numbers_in(sentence, language).items()
        if not values & numbers and (read or any(c.isdigit() for c in words))
    ]
    months = {month for text, lang in known for month in (*_months_named(text, lang or ""), *_months_in_digits(text))}
    missing += [word for word, month in months_in(sentence, language).items() if month not in months]
    missing += _days_beyond(sentence, language or "", known)
    names, unchecked = names_beyond(sentence, language, known)
    return (*missing, *names), tuple(unchecked)


def numbers_in(text: str, language: str | None, loosely: bool = False) -> dict[str, frozenset[float]]:
    """Each number as written, and the values it may have: "1.234" is one and a bit or more than a thousand. ``loosely``: also of
    words that may be a number or come near one (``qa.numbers.spelled``)."""
    plain = western_digits(text).replace("٫", ".").replace("٬", ",")
    scales = SCALES.get(language or "", {})
    found: dict[str, frozenset[float]] = {}
    for digits in (plain, _DATE_POINT.sub(";", plain)) if loosely else (plain,):
        for match in _NUMBER.finditer(digits):
            scale, end = _scale(plain, match.end(), scales)
            values = frozenset(round(value * scale, 6) for value in _values(match.group()))
            found[text[match.start() : end]] = found.get(text[match.start() : end], frozenset()) | values
    for start, end, values in spelled(plain, language or "", loosely):
        found[text[start:end]] = found.get(text[start:end], frozenset()) | values
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


def _months_named(text: str, language: str) -> set[int]:
    """The months that a text may name: also cut short ("Dec.", «груд.»), in another case («у грудні») or by a verb ("may")."""
    words = {fold(word) for word in _WORD.findall(text)}
    found = set()
    for number, (dated, alone) in month_names(language).items():
        cases = dated[:-2] if dated != alone and len(dated) > 4 else ""
        for word in words:
            short = len(word) > 2 and (dated.startswith(word) or alone.startswith(word))
            if short or word in (dated, alone) or (cases and word.startswith(cases)):
                found.add(number)
    return found


def _months_in_digits(text: str) -> set[int]:
    """The numbers that may be months: those beside what dates in digits have, whichever way round."""
    found = {int(one) for match in _DIGITS_MONTH.finditer(western_digits(text)) for one in match.groups() if one}
    return {one for one in found if 1 <= one <= 12}


def _days_beyond(sentence: str, language: str, quotes: list[tuple[str, str | None]]) -> list[str]:
    """The days of the week in the sentence that no quote names, if all are in its language: « Karfreitag » is "Good Friday"."""
    if language not in _DAYS_TOLD or any(lang != language for _, lang in quotes):
        return []
    days, said = _days(language), {fold(word) for text, _ in quotes for word in _WORD.findall(text)}
    shortest = 2 if language == "de" else 3  # „Mo.“, "Mon."
    short = [word for word in said if len(word) >= shortest]
    known = {day for name, day in days.items() if any(name in word for word in said) or any(map(name.startswith, short))}
    capital = language in ("en", "de")
    named = dict.fromkeys(word for word in _WORD.findall(sentence) if fold(word) in days and (word.islower() or capital))
    return [word for word in named if days[fold(word)] not in known]


@cache
def _days(language: str) -> dict[str, int]:
    locale = locale_of(language)
    named = {fold(str(name)): int(day) for day, name in locale.days["format"]["wide"].items()} if locale else {}
    return named | ({"sonnabend": named["samstag"]} if language == "de" else {})


def _values(number: str) -> set[float]:
    """The readings of digits with points, commas and spaces in them."""
    tight = re.sub(r"['’\u00a0\u202f\u2009 ]", "", number)
    readings = {tight.replace(".", "").replace(",", "")} if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", tight) else set()
    for point, group in ((".", ","), (",", ".")):
        if re.fullmatch(rf"\d+(?:{re.escape(group)}\d{{3}})*(?:{re.escape(point)}\d+)?", tight):
            readings.add(tight.replace(group, "").replace(point, "."))
    return {float(reading) for reading in readings if len(reading) < 40}
