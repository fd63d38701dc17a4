"""Does what a sentence says stand in its quotes? By its numbers, dates and names: what a model most easily invents.

Numbers count by their value, months by their place in the year, countries by their code, so that « 1,6 milliard », "1.6 billion";
« 4 septembre », "4 September"; « Allemagne », "Germany" are the same. Other names count by their first letters, accents and
case aside. What cannot be compared is let pass: a name against a quote in another script, nouns of German, which writes all
of them like names.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import Literal

from babel import Locale, UnknownLocaleError

from corpus.language import detect_language
from qa.numbers import SCALES, fold, small_numbers

#: Letters from which the language of a sentence can be told, and languages that are taken for one another.
ENOUGH = 40
_ALIKE = ({"no", "nb", "nn", "da", "sv"}, {"hr", "sr", "bs", "sl"}, {"id", "ms"}, {"gl", "pt", "es", "ca"}, {"uk", "ru", "be"})
_MARKUP = re.compile(r"https?:|www\.|javascript:|data:\w|</?[a-z!]|!\[|\]\(|```|&#?\w{1,8};", re.IGNORECASE)
_QUOTED = re.compile(r"«[^»]*»|“[^”]*”|„[^“]*“|\"[^\"]*\"")
_NUMBER = re.compile(r"\d{1,3}(?:[.,'’\u00a0\u202f\u2009 ]\d{3})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)?")
_NEXT_WORD = re.compile(r"[\s\u00a0\u202f-]{0,3}([^\W\d_]{1,20})")
_ALNUM = re.compile(r"[^\W_]+")
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
#: Words that are written with a capital, first in a sentence or before a name, and are no names.
_TITLES = """
president prime minister king queen pope mr mrs ms dr sir lord saint the a an this that these those it he she they in on at of and
but for to from by with as after before when while then later also however according there its his her their i we président
présidente premier première ministre roi reine pape monsieur madame le la les l un une des du de d et mais en au aux à il elle ils
elles ce cette ces selon dans sur pour par avec son sa ses
"""
#: Peoples whose name is not like their country's in another language; English alone writes the adjective with a capital.
_PEOPLES = {
    "american": "US", "americans": "US", "british": "GB", "german": "DE", "germans": "DE", "french": "FR", "spanish": "ES",
    "spaniards": "ES", "dutch": "NL", "greek": "GR", "greeks": "GR", "swiss": "CH", "polish": "PL", "poles": "PL", "welsh": "GB",
    "hungarian": "HU", "hungarians": "HU", "swedish": "SE", "swedes": "SE", "finnish": "FI", "finns": "FI", "danish": "DK",
    "danes": "DK", "irish": "IE", "croatian": "HR", "emirati": "AE", "albanian": "AL", "georgian": "GE", "norwegian": "NO",
}  # fmt: skip


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
    known = list(quotes)
    numbers = {value for text, lang in known for values in numbers_in(text, lang).values() for value in values}
    missing = [words for words, values in numbers_in(sentence, language).items() if not values & numbers]
    months = {month for text, lang in known for month in months_in(text, lang).values()}
    missing += [
        word for word, month in months_in(sentence, language).items() if month not in months and float(month) not in numbers
    ]
    return (*missing, *_missing_names(sentence, language, known))


def numbers_in(text: str, language: str | None) -> dict[str, frozenset[float]]:
    """Each number as written, and the values it may have: "1.234" is one and a bit or more than a thousand."""
    plain = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text).replace("٫", ".").replace("٬", ",")
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


def _missing_names(sentence: str, language: str | None, quotes: list[tuple[str, str | None]]) -> list[str]:
    if language == "de":
        return []
    scripts = {_script(text) for text, _ in quotes}
    said = {fold(word) for text, _ in quotes for word in _pieces(text)}
    whole = " ".join(fold(text) for text, _ in quotes)
    codes = {code for text, lang in quotes for code in _countries_in(text, lang)}
    dates_and_numbers = {*_months(language or ""), *_days(language or ""), *small_numbers(language or "")}
    skipped = dates_and_numbers.union(fold(_TITLES).split())
    missing = []
    for name, codes_of_name in _names(sentence, language):
        if codes_of_name:
            if not codes_of_name & codes and fold(name) not in whole:
                missing.append(name)
            continue
        if _script(name) not in scripts:
            continue
        words = [piece for piece in _pieces(name) if fold(piece) not in skipped]
        unknown = [piece for piece in words if not _known(piece, language, quotes, said, codes)]
        # Of two words that are not there the name is told whole, from the first of them on.
        missing += [name[name.index(unknown[0]) :]] if len(unknown) > 1 else unknown
    return missing


def _names(sentence: str, language: str | None) -> list[tuple[str, frozenset[str]]]:
    """Runs of words with capitals, but for the first of a sentence where it stands alone; and the country each is, if any."""
    found: list[tuple[str, frozenset[str]]] = []
    countries = _countries(language or "")
    for match in re.finditer(r"[^\W\d_a-z][\w'’.-]*(?:[ \u00a0](?=[^\W\d_a-z])[\w'’.-]+)*", sentence):
        name = match.group().rstrip(".'’-")
        if not name[:1].isupper():
            continue
        of_name = frozenset(code for code, names in countries.items() if fold(_bare(name)) in names)
        first = match.start() == 0 or sentence[: match.start()].rstrip()[-1:] in '.!?:«“"('
        if first and not of_name and " " not in name and "\u00a0" not in name:
            continue
        found.append((name, of_name))
    return found


def _known(piece: str, language: str | None, quotes: list[tuple[str, str | None]], said: set[str], codes: set[str]) -> bool:
    """Does a word of a name stand in the quotes, as itself, as its people's country, or as the same tongue's name?"""
    word = fold(piece)
    if _near(word, said) or _PEOPLES.get(word) in codes:
        return True
    code = next((code for code, name in _tongues(language or "").items() if name == word), None)
    return any(_near(_tongues(lang or "").get(code, ""), said) for _, lang in quotes) if code else False


def _near(piece: str, said: set[str]) -> bool:
    """Is it among the words, or do they begin alike, as "Ukrainian" and « ukrainien » do?"""
    if piece in said:
        return True
    stem = piece[: max(4, len(piece) - 3)][:6]
    return len(piece) >= 4 and any(word.startswith(stem) for word in said)


def _pieces(text: str) -> list[str]:
    return [piece for word in _WORD.findall(text) for piece in re.split(r"[-'’]", word) if len(piece) > 1]


def _bare(name: str) -> str:
    return re.sub(r"^(?:the|l|la|le|les|el|los|il)[ '’]", "", name, flags=re.IGNORECASE)


def _countries_in(text: str, language: str | None) -> set[str]:
    folded = _spaced(text)
    return {code for code, names in _countries(language or "").items() if any(_spaced(name) in folded for name in names)}


def _spaced(text: str) -> str:
    return f" {' '.join(fold(piece) for piece in _ALNUM.findall(text))} "


@cache
def _countries(language: str) -> dict[str, frozenset[str]]:
    locale = _locale(language)
    if locale is None:
        return {}
    names = {str(code): str(name) for code, name in locale.territories.items()}
    return {code: frozenset({fold(name)}) for code, name in names.items() if len(code) == 2 and code.isalpha()}


@cache
def _tongues(language: str) -> dict[str, str]:
    """Code to folded name of each language: in most, "French" is also of France."""
    locale = _locale(language)
    return {str(code): fold(str(name)) for code, name in locale.languages.items()} if locale else {}


@cache
def _months(language: str) -> dict[str, int]:
    locale = _locale(language)
    if locale is None:
        return {}
    found: dict[str, int] = {}
    for context in ("format", "stand-alone"):
        for number in range(1, 13):
            name = str(locale.months[context]["wide"][number])
            if not any(c.isdigit() for c in name):
                found[fold(name)] = number
    if language == "en":
        found.pop("may")  # a verb too, and the day or year beside it is checked anyway
    return found


@cache
def _days(language: str) -> frozenset[str]:
    locale = _locale(language)
    return frozenset(fold(name) for name in locale.days["format"]["wide"].values()) if locale else frozenset()


@cache
def _locale(language: str) -> Locale | None:
    try:
        return Locale.parse(language) if language else None
    except (ValueError, UnknownLocaleError):
        return None


def _values(number: str) -> set[float]:
    """The readings of digits with points, commas and spaces in them."""
    tight = re.sub(r"['’\u00a0\u202f\u2009 ]", "", number)
    readings = {tight.replace(".", "").replace(",", "")} if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", tight) else set()
    for point, group in ((".", ","), (",", ".")):
        if re.fullmatch(rf"\d+(?:{re.escape(group)}\d{{3}})*(?:{re.escape(point)}\d+)?", tight):
            readings.add(tight.replace(group, "").replace(point, "."))
    return {float(reading) for reading in readings if len(reading) < 40}


def _script(text: str) -> str:
    letters = [c for c in text if c.isalpha()]
    return unicodedata.name(letters[0], "").partition(" ")[0] if letters else ""
