"""Numbers in words: what stands behind digits to make them larger, and the small ones that are written out."""

import unicodedata
from functools import cache

_THOUSAND, _MILLION, _MILLIARD, _BILLION = 1e3, 1e6, 1e9, 1e12
#: Folded words (no accents, lower case) that multiply the digits before them. "billion" is not the same in every language.
SCALES: dict[str, dict[str, float]] = {
    "en": {
        "thousand": _THOUSAND, "million": _MILLION, "millions": _MILLION, "billion": _MILLIARD, "billions": _MILLIARD,
        "trillion": _BILLION, "bn": _MILLIARD, "m": _MILLION,
    },
    "fr": {
        "mille": _THOUSAND, "milliers": _THOUSAND, "million": _MILLION, "millions": _MILLION, "milliard": _MILLIARD,
        "milliards": _MILLIARD, "billion": _BILLION, "billions": _BILLION,
    },
    "de": {
        "tausend": _THOUSAND, "million": _MILLION, "millionen": _MILLION, "milliarde": _MILLIARD, "milliarden": _MILLIARD,
        "billion": _BILLION, "billionen": _BILLION,
    },
    "es": {"mil": _THOUSAND, "millon": _MILLION, "millones": _MILLION, "billon": _BILLION, "billones": _BILLION},
    "it": {
        "mila": _THOUSAND, "milione": _MILLION, "milioni": _MILLION, "miliardo": _MILLIARD, "miliardi": _MILLIARD,
    },
    "pt": {"mil": _THOUSAND, "milhao": _MILLION, "milhoes": _MILLION, "bilhao": _MILLIARD, "bilhoes": _MILLIARD},
    "uk": {
        "тисяча": _THOUSAND, "тисячі": _THOUSAND, "тисяч": _THOUSAND, "мільйон": _MILLION, "мільйони": _MILLION,
        "мільйонів": _MILLION, "мільярд": _MILLIARD, "мільярди": _MILLIARD, "мільярдів": _MILLIARD,
    },
    "ar": {"الف": _THOUSAND, "الاف": _THOUSAND, "مليون": _MILLION, "ملايين": _MILLION, "مليار": _MILLIARD},
}  # fmt: skip
#: From two on: "one" is an article in most languages. Without those that are other words too (« neuf », "once", "sei").
_UNITS = {
    "en": "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen",
    "fr": "deux trois quatre cinq six sept huit . dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf",
    "de": "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn",
    "es": "dos tres cuatro cinco seis siete ocho nueve diez . doce trece catorce quince dieciséis diecisiete dieciocho diecinueve",
    "it": "due tre quattro cinque . sette otto nove dieci undici dodici tredici quattordici quindici sedici diciassette diciotto "
    "diciannove",
}
_TENS = {
    "en": "twenty thirty forty fifty sixty seventy eighty ninety",
    "fr": "vingt trente quarante cinquante soixante soixante-dix quatre-vingts quatre-vingt-dix",
    "de": "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig",
    "es": "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    "it": "venti trenta quaranta cinquanta sessanta settanta ottanta novanta",
}
_JOINED = {"en": "{ten}-{unit}", "fr": "{ten}-{unit}", "de": "{unit}und{ten}", "es": "", "it": "{ten}{unit}"}


@cache
def small_numbers(language: str) -> dict[str, int]:
    """Folded word to number, two to ninety-nine so far as it is written as one word; empty for a language not listed."""
    if language not in _UNITS:
        return {}
    units = {word: number for number, word in enumerate(_UNITS[language].split(), start=2) if word != "."}
    tens = {word: number for number, word in zip(range(20, 100, 10), _TENS[language].split(), strict=True)}
    joined = {
        _JOINED[language].format(ten=ten, unit=unit): more + number
        for ten, more in tens.items()
        for unit, number in units.items()
        if _JOINED[language] and number < (20 if language == "fr" else 10)
    }
    return {fold(word): number for word, number in (joined | units | tens).items()}


def western_digits(text: str) -> str:
    """The text, of the same length, with the decimal digits of all scripts as 0 to 9."""
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


def fold(text: str) -> str:
    """Case and accents taken out, one kind of apostrophe."""
    spread = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in spread if not unicodedata.combining(c)).replace("’", "'")
