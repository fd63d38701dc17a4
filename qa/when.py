"""The dates a question names: when what it asks about was in the news."""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import chain, takewhile

from qa.numbers import fold, western_digits
from qa.places import locale_of

_YEAR = r"(?<![\d.,])(?:19|20)\d\d(?![\d%]|[.,]\d)"
_GAP = r"\.?,?\s+(?:(?:de|del|of|do)\s+)?"
#: 2025-05-08, 2025年5月; « en 2025 », "May 2025", "May 8, 2025", « 8 de mayo de 2025 ».
_DATE = re.compile(
    rf"(?P<first>{_YEAR})(?:-(?P<number>\d\d)(?!\d)|年(?P<counted>\d{{1,2}})月)"
    rf"|(?:\b(?P<month>[^\W\d_]{{2,20}})(?:\s+\d{{1,2}}(?:st|nd|rd|th)?)?{_GAP})?(?P<year>{_YEAR})(?!-\d\d(?!\d)|年\d)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class NamedDate:
    """A year, 1900 to 2099, and a month, 1 to 12, or None where none is named."""

    year: int
    month: int | None

    def is_of(self, published: date | None) -> bool:
        """Was an article of that day published in the month named or the next, or, without a month, in the year?"""
        if published is None:
            return False
        if self.month is None:
            return published.year == self.year
        return 0 <= (published.year - self.year) * 12 + published.month - self.month <= 1


def dates_named(question: str, language: str | None) -> list[NamedDate]:
    """Years, alone or with a month, in the order in which they stand; « Expo 2030 » counts as one. ``language`` is that of the
    months; where it is None only years, and months that are numbers, are known."""
    return [_named(match, language or "") for match in _DATE.finditer(western_digits(question))]


def _named(match: re.Match[str], language: str) -> NamedDate:
    if match["first"]:
        number = int(match["number"] or match["counted"])
        return NamedDate(int(match["first"]), number if 1 <= number <= 12 else None)  # « 2024-25 » is a season
    return NamedDate(int(match["year"]), _month(match["month"], language) if match["month"] else None)


def _month(word: str, language: str) -> int | None:
    """1 to 12 for the name of a month. Where its two forms differ the language inflects it, and any ending will do
    (« у травні »): then it is the month whose forms share the longest stem with the word."""
    word, names = fold(word), month_names(language)
    exact = (number for number, forms in names.items() if word in forms)
    inflected = (n for stem, longest, n in _stems(language) if word.startswith(stem) and len(word) <= longest)
    return next(chain(exact, inflected), None)


@cache
def month_names(language: str) -> dict[int, list[str]]:
    """By number, 1 to 12, the folded names of each month: in a date, and alone. Empty for a language not known."""
    locale = locale_of(language)
    if locale is None:
        return {}
    return {
        number: [fold(str(locale.months[form]["wide"][number])) for form in ("format", "stand-alone")] for number in range(1, 13)
    }


@cache
def _stems(language: str) -> list[tuple[str, int, int]]:
    """What the two forms of a month begin with, if not alike, the length of the longer, and its number; longest first."""
    found = []
    for number, (dated, alone) in month_names(language).items():
        stem = "".join(one for one, other in takewhile(lambda pair: pair[0] == pair[1], zip(dated, alone, strict=False)))
        if dated != alone and len(stem) > 1:
            found.append((stem, max(len(dated), len(alone)), number))
    return sorted(found, key=lambda one: -len(one[0]))
