"""Numbers in words: what stands behind digits to make them larger, and those that are written out."""

import re
import unicodedata
from collections.abc import Iterator
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
        "mille": _THOUSAND, "mila": _THOUSAND, "milione": _MILLION, "milioni": _MILLION, "miliardo": _MILLIARD, "miliardi": _MILLIARD,
    },
    "pt": {"mil": _THOUSAND, "milhao": _MILLION, "milhoes": _MILLION, "bilhao": _MILLIARD, "bilhoes": _MILLIARD},
    "uk": {
        "тисяча": _THOUSAND, "тисячу": _THOUSAND, "тисячі": _THOUSAND, "тисяч": _THOUSAND, "мільион": _MILLION,
        "мільиони": _MILLION, "мільионів": _MILLION, "мільярд": _MILLIARD, "мільярди": _MILLIARD, "мільярдів": _MILLIARD,
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
    "pt": "dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezesseis dezessete dezoito dezenove",
    "uk": "два три чотири п'ять шість сім вісім дев'ять десять одинадцять дванадцять тринадцять чотирнадцять п'ятнадцять "
    "шістнадцять сімнадцять вісімнадцять дев'ятнадцять",
}
_TENS = {
    "en": "twenty thirty forty fifty sixty seventy eighty ninety",
    "fr": "vingt trente quarante cinquante soixante soixante-dix quatre-vingt quatre-vingt-dix",
    "de": "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig",
    "es": "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    "it": "venti trenta quaranta cinquanta sessanta settanta ottanta novanta",
    "pt": "vinte trinta quarenta cinquenta sessenta setenta oitenta noventa",
    "uk": "двадцять тридцять сорок п'ятдесят шістдесят сімдесят вісімдесят дев'яносто",
}
_FORMS = {
    "fr": {"quatre-vingts": 80, "soixante et onze": 71, "septante": 70, "huitante": 80, "nonante": 90},
    "pt": {"duas": 2, "quatorze": 14, "dezasseis": 16, "dezassete": 17, "dezanove": 19},
}
_JOINED = {"en": "{ten}-{unit}", "fr": "{ten}-{unit}", "de": "{unit}und{ten}", "it": "{ten}{unit}"}
_HUNDREDS = {
    "es": "doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos",
    "pt": "duzentos trezentos quatrocentos quinhentos seiscentos setecentos oitocentos novecentos",
}
#: What multiplies the number before it by a hundred.
_HUNDRED = {"en": {"hundred"}, "fr": {"cent", "cents"}, "de": {"hundert"}, "it": {"cento", "cent"}}
#: Words that claim no number alone, but are part of one, or prove it: articles, « cent » as in « pour cent », « une centaine ».
_BESIDE = {
    "en": {"one": 1, "hundred": 100, "dozen": 12},
    "fr": {
        "un": 1, "une": 1, "neuf": 9, "cent": 100, "cents": 100, "dizaine": 10, "douzaine": 12, "quinzaine": 15, "vingtaine": 20,
        "trentaine": 30, "quarantaine": 40, "cinquantaine": 50, "soixantaine": 60, "centaine": 100, "millier": 1000,
    },
    "de": {"ein": 1, "eins": 1, "eine": 1, "einen": 1, "hundert": 100, "dutzend": 12},
    "es": {
        "un": 1, "uno": 1, "una": 1, "once": 11, "veinti": 20, "cien": 100, "ciento": 100, "decena": 10, "docena": 12, "centenar": 100,
        "centena": 100, "millar": 1000,
    },
    "it": {
        "un": 1, "uno": 1, "una": 1, "sei": 6, "vent": 20, "trent": 30, "quarant": 40, "cinquant": 50, "sessant": 60, "settant": 70,
        "ottant": 80, "novant": 90, "cento": 100, "cent": 100, "decina": 10, "decine": 10, "dozzina": 12, "dozzine": 12, "ventina": 20,
        "trentina": 30, "cinquantina": 50, "centinaio": 100, "centinaia": 100, "migliaio": 1000, "migliaia": 1000,
    },
    "pt": {"um": 1, "uma": 1, "cem": 100, "cento": 100, "dezena": 10, "duzia": 12, "centena": 100, "milhar": 1000},
    "uk": {"один": 1, "одна": 1, "сто": 100, "двісті": 200, "триста": 300, "сотня": 100, "десяток": 10},
}  # fmt: skip
#: Languages whose numbers in words are compared: others inflect them, or are not read.
COMPARED = frozenset({"en", "fr", "de", "es", "it", "pt"})
_AND = {"en": "and", "fr": "et", "es": "y", "pt": "e"}
#: Between two numbers, of which the first may lack a word of the last, as in "two or three hundred".
_BETWEEN = "and|or|to|et|ou|a|y|o|u|e|und|oder|bis|ate"
_HALF = re.compile(r"(?:\W+\w+){0,3}?\W+(?:half|demie?|medi[oa]|mezz[oa]|mei[oa]|половиною)\b\W*(\w*)")
_GOES_ON = re.compile(rf"\.?[\s-]{{1,2}}(?:(?:{_BETWEEN})\s)?(?:\d|first|third|[\w-]+(?:th|iemes?)\b)")


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
        for unit, number in (_BESIDE[language] | units).items()
        if language in _JOINED and number < (20 if language == "fr" else 10)
    }
    return {fold(word): number for word, number in (joined | units | tens | _FORMS.get(language, {})).items()}


def spelled(text: str, language: str, loosely: bool = False) -> Iterator[tuple[int, int, frozenset[float]]]:
    """(start, end, values it may have) of each number from two on that is written out, where it can be read whole; of several
    words the values of some of them are among these. ``loosely``: of whatever may be a number, is part of one or comes near
    one, « neuf », « une centaine »."""
    if language not in _UNITS or not (loosely or language in COMPARED):
        return
    known, sure, scales = _known(language), {*_sure(language)}, SCALES[language]
    run, word = _patterns(language)
    flat = "".join(map(_letter, text))
    for found in run.finditer(flat):
        words = word.findall(found.group())
        parts = [words[at:end] for at in range(len(words)) for end in range(at + 1, min(at + 12, len(words)) + 1)]
        values = {_value(part, known, language) for part in parts if loosely or not sure.isdisjoint(part)} - {0, 1}
        half = _HALF.match(flat, found.end())
        if loosely and half:
            values |= {value + scales.get(words[-1], 1) / 2 for value in values}
            values |= {(value + 0.5) * scales.get(half[1], 1) for value in values}
        counted = words[0] in scales and flat[max(0, found.start() - 3) : found.start()].rstrip()[-1:].isdigit()
        glued = len(words) > len(re.findall(r"[^\s-]+", found.group()))  # "settecento" is a century too
        unclear = half or counted or glued or _GOES_ON.match(flat, found.end()) or not _value(words, known, language)
        if values and (loosely or not unclear):
            yield found.start(), found.end(), frozenset(values)


@cache
def _sure(language: str) -> dict[str, int]:
    """What cannot be but a number."""
    hundreds = {word: 100 * number for number, word in enumerate(_HUNDREDS.get(language, "").split(), start=2)}
    found = small_numbers(language) | hundreds | {word[:-2] + "as": number for word, number in hundreds.items()}
    return found | {word.replace("ss", "ß"): number for word, number in found.items() if language == "de"}


@cache
def _known(language: str) -> dict[str, float]:
    found = {fold(word): number for word, number in _BESIDE[language].items()}
    found |= {f"{word}s": number for word, number in found.items() if number >= 10}
    return found | _sure(language) | {word: number for word, number in SCALES[language].items() if len(word) > 2}


@cache
def _patterns(language: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Numbers in a row, and one of their words, in a text whose letters are folded."""
    number = "|".join(sorted(map(re.escape, _known(language)), key=len, reverse=True))
    one = rf"(?<![\w-])(?>(?:{number})(?:-?(?:et-)?(?:{number}))*)(?![\w-])"
    row = rf"{one}(?:\s{{1,2}}(?:(?:{_BETWEEN})\s{{1,2}})?{one})*"
    return re.compile(row), re.compile(rf"\b(?:{_BETWEEN})\b|{number}")


def _value(words: list[str], known: dict[str, float], language: str) -> float:
    """What the words say together; 0 where they are not one number."""
    total, group, last = 0.0, 0.0, 0.0
    for word in words:
        number = known.get(word, 0)
        if word == _AND.get(language):
            continue
        if word in SCALES[language]:
            total = total + (group or 1) * number if number < last else (total + group or 1) * number
            group, last = 0, number
        elif word in _HUNDRED.get(language, ()) and group < 100:
            group = 100 * (group or 1)
        elif number and group % 10 ** len(str(number)) == 0:
            group += number
        else:
            return 0
    return total + group


@cache
def _letter(letter: str) -> str:
    """It folded, if that is one letter too."""
    folded = "-" if letter == "‑" else fold(letter)
    return folded if len(folded) == 1 else letter


def western_digits(text: str) -> str:
    """The text, of the same length, with the decimal digits of all scripts as 0 to 9."""
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


def fold(text: str) -> str:
    """Case and accents taken out, one kind of apostrophe."""
    spread = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in spread if not unicodedata.combining(c)).replace("’", "'").replace("ʼ", "'")
