"""Countries, the world's regions and some four hundred cities, by their names in each language, as CLDR has them (through babel)."""

import re
from functools import cache

import regex
from babel import Locale, UnknownLocaleError
from babel.core import get_global

from qa.numbers import fold

#: As they are written, in any language; CLDR as babel holds it has no short forms.
_SHORT = {
    "US": "US", "USA": "US", "U.S": "US", "U.S.": "US", "США": "US", "EE. UU": "US", "EE.UU": "US", "UK": "GB", "Britain": "GB", "Grande-Bretagne": "GB",
    "Großbritannien": "GB", "Gran Bretaña": "GB", "Gran Bretagna": "GB", "Британия": "GB", "EU": "EU", "UE": "EU", "ЕС": "EU", "ЄС": "EU",
    "UN": "UN", "ONU": "UN", "UNO": "UN", "ООН": "UN", "NATO": "NATO", "OTAN": "NATO", "Nato": "NATO", "Otan": "NATO", "НАТО": "NATO",
    "Czechia": "CZ", "Turkey": "TR", "Turquie": "TR", "Türkei": "TR", "Holland": "NL", "Kiew": "Europe/Kiev", "Kyiv": "Europe/Kiev",
    "Kiev": "Europe/Kiev", "Київ": "Europe/Kiev",
}  # fmt: skip
_SHORT_IN_TEXT = re.compile(rf"(?<!\w)(?:{'|'.join(re.escape(name) for name in sorted(_SHORT, key=len, reverse=True))})(?!\w)")
_ALNUM = regex.compile(r"[\p{L}\p{M}\p{N}]+")
#: Languages whose names end otherwise in every case, those whose prepositions are written together with the name, and those
#: that set no spaces.
_DECLINED = {
    "ru", "uk", "be", "bg", "sr", "hr", "bs", "sl", "cs", "sk", "pl", "el", "lt", "lv", "fi", "hu", "et", "ro", "tr", "ka", "hy",
}  # fmt: skip
_PREFIXED = {"ar": "وفبلك", "he": "והבלמכש", "fa": ""}
#: What may stand behind a name in Korean, in the same word: another ending makes another word of it.
_PARTICLES = frozenset(map(fold, (
    "은", "는", "이", "가", "을", "를", "에", "의", "와", "과", "로", "으로", "도", "만", "측", "에서", "에는", "에도", "에게", "까지", "부터", "보다",
)))  # fmt: skip
_UNSPACED = {"zh", "ja", "th", "yue", "lo", "km", "my"}
#: Letters of a name that must be there before its ending may differ.
_STEM = 4
_ARTICLE = re.compile(r"^(?:the|l|la|le|les|el|los|il|die|der|den)[ '’]", re.IGNORECASE)


def places_in(text: str, language: str | None) -> set[str]:
    """The codes of the places that the text names, whatever case they stand in."""
    found = {_SHORT[match.group()] for match in _SHORT_IN_TEXT.finditer(text)}
    language = language or ""
    named = _named(language)
    if language in _UNSPACED:
        return found.union(*(codes for name, codes in named.items() if len(name[0]) > 1 and name[0] in text))
    words = [fold(word) for word in _ALNUM.findall(text)]
    for at in range(len(words)):
        for name in _starting(language).get(words[at][:3], ()):
            if _stands(name, words[at : at + len(name)], language):
                found |= named[name]
        for word in _without_prefix(words[at], language):
            found |= named.get((word,), frozenset())
    return found


def places_named(name: str, language: str | None) -> frozenset[str]:
    """The codes of the places that are called just so; empty of any other name."""
    if name in _SHORT:
        return frozenset({_SHORT[name]})
    words = tuple(fold(word) for word in _ALNUM.findall(_ARTICLE.sub("", name)))
    return _named(language or "").get(words, frozenset())


def words_for(codes: set[str], language: str | None) -> set[str]:
    """The words of the places' names in the language."""
    return {word for name, of in _named(language or "").items() if of & codes for word in name}


@cache
def locale_of(language: str) -> Locale | None:
    try:
        return Locale.parse(language) if language else None
    except (ValueError, UnknownLocaleError):
        return None


def _stands(name: tuple[str, ...], words: list[str], language: str) -> bool:
    return len(name) == len(words) and all(_same(one, word, language) for one, word in zip(name, words, strict=True))


def _same(named: str, word: str, language: str) -> bool:
    if word in (named, f"{named}s"):
        return True
    if language == "ko":
        return word.removeprefix(named) in _PARTICLES
    stem = (
        named.rstrip("аяоеиіїйьaeiouyიაეոա")
        if language in _DECLINED
        else named[:-2]
        if language == "de" and len(named) > 8
        else ""
    )
    return len(stem) >= _STEM and word.startswith(stem)


def _without_prefix(word: str, language: str) -> list[str]:
    """What is left of it without one or two prepositions."""
    prefixes = _PREFIXED.get(language, "")
    return [word[at:] for at in (1, 2) if len(word) > at + 2 and all(c in prefixes for c in word[:at])]


@cache
def _starting(language: str) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Names by the first three letters, which no ending touches."""
    found: dict[str, tuple[tuple[str, ...], ...]] = {}
    for name in _named(language):
        found[name[0][:3]] = (*found.get(name[0][:3], ()), name)
    return found


@cache
def _named(language: str) -> dict[tuple[str, ...], frozenset[str]]:
    """The words of each name, folded, without an article, to the codes of the places that have it."""
    locale = locale_of(language)
    if locale is None:
        return {}
    names = {code: str(name) for code, name in locale.territories.items() if code not in ("ZZ", "001")}  # unknown; the world
    for zone in get_global("zone_territories"):
        area, _, city = str(zone).partition("/")
        if area != "Etc" and city and "/" not in city:
            names[zone] = str(locale.time_zones.get(zone, {}).get("city", city.replace("_", " ")))
    found: dict[tuple[str, ...], frozenset[str]] = {}
    for code, name in names.items():
        words = tuple(fold(word) for word in _ALNUM.findall(_ARTICLE.sub("", name)))
        if words and len(words[0]) > 1:
            found[words] = found.get(words, frozenset()) | {str(code)}
    return found
