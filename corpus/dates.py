"""Publication dates as pages print them."""

import re
from dataclasses import dataclass
from datetime import date

_MONTHS = {
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "fr_short": "janv févr mars avr mai juin juil août sept oct nov déc",
    "en": "january february march april may june july august september october november december",
    "en_short": "jan feb mar apr may jun jul aug sep oct nov dec",
    "de": "januar februar märz april mai juni juli august september oktober november dezember",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "uk": "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "ar": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
    "ar_levant": "كانون_الثاني شباط آذار نيسان أيار حزيران تموز آب أيلول تشرين_الأول تشرين_الثاني كانون_الأول",
}
_MONTH_NUMBER = {
    name.replace("_", " "): number for names in _MONTHS.values() for number, name in enumerate(names.split(), start=1)
}
_MONTH_NUMBER |= {"fevrier": 2, "aout": 8, "decembre": 12, "févr": 2, "fév": 2, "sept": 9, "marz": 3, "jänner": 1, "setiembre": 9}
_NAME = "|".join(sorted((re.escape(name) for name in _MONTH_NUMBER), key=len, reverse=True))

_DAY_MONTH = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:er|st|nd|rd|th|º|°|\.)?(?:\s+(?:de|of))?[\s-]+({_NAME})\.?,?(?:\s+(?:de|del))?[\s-]+(\d{{4}})(?!\d)"
)
_MONTH_DAY = re.compile(rf"(?<!\w)({_NAME})\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})(?!\d)")
_NUMERIC = re.compile(r"(?<![\d.,/-])(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?![\d/-])")
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")
_TIME = r"\d{1,2}\s?(?:[:h.]|uhr|год)\s?\d{0,2}(?::\d{2})?\.?(?![.:]?\d)"

#: What may stand around a date on a line that is a date line: weekday, "published on", time, zone. Nothing else.
#: A word ends where no letter follows, and no repetition is given back: "h h h h x" is read in one way, not in every way.
_AROUND = re.compile(
    rf"^(?:[+-]\d{{1,2}}:?\d{{2}}(?!:?\d)|[\s,;:|·•—–()\[\]/-]|{_TIME}|(?:"
    r"(?:heure|hora|ora|ortszeit|local time|time|za|часом|за)(?: (?:de|di|du|d'|del|la|locale?|londres|paris|київським|києвом|europe|france))*|uhr|h(?:eures?)?|hrs?|am|pm|a\.m\.|p\.m\.|gmt|utc|bst|cest|cet|est|edt|et|pst|pdt|eet|eest|msk|jst|ist|kst|hkt|aest|art|brt|clt|z|t|paris|"
    r"publié|publiée|mise en ligne|mis|mise|à|jour|le|par|créé|modifié|modifiée|actualisé|dernière|modification|date|de|publication|parution|posté|et|la|rédaction|dernier|point|"
    r"published|posted|updated|last|first|modified|on|at|by|the|newsroom|date|"
    r"veröffentlicht|aktualisiert|stand|vom|am|um|zuletzt|erschienen|datum|letztes|update|uhrzeit|"
    r"publicado|publicada|actualizado|actualizada|actualización|el|a|las|los|día|fecha|última|del|h|"
    r"pubblicato|pubblicata|aggiornato|aggiornata|alle|ore|il|ultimo|aggiornamento|data|"
    r"опубліковано|оновлено|дата|публікації|о|об|в|у|год|року|р|"
    r"نشر|نُشر|نشرت|نُشرت|في|تاريخ|النشر|آخر|تحديث|الساعة|بتوقيت|غرينتش|جرينتش|تم|يوم|بتاريخ|م|ص|"
    r"(?:lun|mar|mer|jeu|ven|sam|dim)(?:di)?\.?|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|"
    r"(?:mon|tues?|wednes|wed|thurs?|fri|satur|sat|sun)(?:day)?\.?|"
    r"montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag|"
    r"lunes|martes|miércoles|jueves|viernes|sábado|domingo|lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica|"
    r"понеділок|вівторок|середа|четвер|п'ятниця|субота|неділя|"
    r"الاثنين|الإثنين|الثلاثاء|الأربعاء|الخميس|الجمعة|السبت|الأحد"
    r")(?![^\W\d_]))*+$"
)
UPDATE = re.compile(
    r"mis[e]? à jour|modifi|actualis|dernière|updated|modified|aktualisiert|stand|zuletzt|actualizad|actualización|última|aggiorna|оновлено|تحديث"
)
PUBLISHED_WORD = re.compile(r"publi|posted|veröffentlicht|опубліковано|نشر|pubblicat|erschienen")
_EASTERN_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")


@dataclass(frozen=True)
class DateLine:
    """A line that says when. ``published`` is None where the date is impossible, ambiguous or in the future."""

    published: date | None
    is_update: bool


def read_date_line(folded: str, language: str | None, today: date) -> DateLine | None:
    """What a folded line (``chrome.fold``) says, or None if it is no date line: it may hold nothing but dates and what frames them."""
    if len(folded) > 160:
        return None
    line = folded.translate(_EASTERN_DIGITS)
    found: list[tuple[int, date | None]] = []
    rest = line
    for pattern in (_ISO, _DAY_MONTH, _MONTH_DAY, _NUMERIC):
        for match in pattern.finditer(rest):
            found.append((match.start(), _value(pattern, match, language, today)))
        rest = pattern.sub(lambda match: " " * len(match.group()), rest)
    if not found or not _AROUND.match(rest):
        return None
    start, first = min(found)[0], min(found, key=lambda item: item[0])[1]
    return DateLine(first, bool(UPDATE.search(line[:start])))


def parse_iso(value: object, today: date) -> date | None:
    """The day of an ISO 8601 date or date-time; None for anything else or a day after ``today``."""
    if not isinstance(value, str) or not (match := _ISO.match(value.strip())):
        return None
    return _day(int(match[1]), int(match[2]), int(match[3]), today)


def _value(pattern: re.Pattern[str], match: re.Match[str], language: str | None, today: date) -> date | None:
    if pattern is _ISO:
        return _day(int(match[1]), int(match[2]), int(match[3]), today)
    if pattern is _DAY_MONTH:
        return _day(int(match[3]), _MONTH_NUMBER[match[2]], int(match[1]), today)
    if pattern is _MONTH_DAY:
        return _day(int(match[3]), _MONTH_NUMBER[match[1]], int(match[2]), today)
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    if language == "en" and match[2] == "/":
        # 04/09/2025 is April in one English and September in the other: say so only where one of the two is impossible.
        if first <= 12 and second <= 12 and first != second:
            return None
        if second > 12:
            first, second = second, first
    return _day(year, second, first, today)


def _day(year: int, month: int, day: int, today: date) -> date | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    # A page may be a time zone ahead of us; more than a day ahead it does not tell when it was published.
    return found if year >= 1600 and (found - today).days <= 1 else None
