"""Date lines: what they say, and what is no date line at all."""

import time
from datetime import date

import pytest

from corpus.chrome import fold
from corpus.dates import DateLine, read_date_line

TODAY = date(2026, 1, 1)
SEPTEMBER = date(2025, 9, 4)
DATED = [
    ("04.09.2025 07:13", "fr", SEPTEMBER),
    ("Publié le 4 septembre 2025 à 07h13", "fr", SEPTEMBER),
    ("Publié le jeudi 4 septembre 2025", "fr", SEPTEMBER),
    ("1er septembre 2025", "fr", date(2025, 9, 1)),
    ("4 SEPT. 2025", "fr", SEPTEMBER),
    ("September 4, 2025", "en", SEPTEMBER),
    ("Published on Thursday, 4 September 2025 at 07:13 BST", "en", SEPTEMBER),
    ("Sep 4, 2025, 7:13 am", "en", SEPTEMBER),
    ("2025-09-04T07:13:00Z", None, SEPTEMBER),
    ("2025-09-04 07:13:00 -0500", None, SEPTEMBER),
    ("Mise en ligne le mercredi 4 septembre 2025, 7 h 13, heure de Paris", "fr", SEPTEMBER),
    ("04/09/2025 - 07:13", "fr", SEPTEMBER),
    ("13/09/2025", "en", date(2025, 9, 13)),
    ("09/13/2025", "en", date(2025, 9, 13)),
    ("Veröffentlicht am 4. September 2025, 07:13 Uhr", "de", SEPTEMBER),
    ("Publicado el 4 de septiembre de 2025 a las 7:13", "es", SEPTEMBER),
    ("Pubblicato il 4 settembre 2025 alle 07:13", "it", SEPTEMBER),
    ("4 вересня 2025, 07:13", "uk", SEPTEMBER),
    ("نشر في 4 سبتمبر 2025", "ar", SEPTEMBER),
    ("٤ سبتمبر ٢٠٢٥", "ar", SEPTEMBER),
]
UNKNOWN = [
    ("31 février 2025", "fr"),
    ("04/09/2025", "en"),  # April or September: two Englishes
    ("04.09.2099 07:13", "fr"),  # the future
]
NOT_DATE_LINES = [
    "Le 4 septembre 2025, les dirigeants se sont réunis à Paris.",
    "Il y a 3 heures",
    "hier",
    "Paris 2024",
    "",
]


@pytest.mark.parametrize(("line", "language", "expected"), DATED, ids=[line for line, _, _ in DATED])
def test_reads_the_day(line: str, language: str | None, expected: date) -> None:
    assert read_date_line(fold(line), language, TODAY) == DateLine(expected, False)


@pytest.mark.parametrize(("line", "language"), UNKNOWN)
def test_what_cannot_be_known_is_none(line: str, language: str) -> None:
    assert read_date_line(fold(line), language, TODAY) == DateLine(None, False)


@pytest.mark.parametrize("line", NOT_DATE_LINES)
def test_other_lines_are_no_date_lines(line: str) -> None:
    assert read_date_line(fold(line), "fr", TODAY) is None


@pytest.mark.parametrize("line", ["Mis à jour le 05/09/2025 à 10:20", "Updated 5 September 2025", "Aktualisiert am 5.9.2025"])
def test_an_update_says_so(line: str) -> None:
    found = read_date_line(fold(line), "fr", TODAY)

    assert found == DateLine(date(2025, 9, 5), True)


@pytest.mark.parametrize("around", ["h " * 22, "-07:00" * 22, "7h13h" * 10, "heure de " * 14])
def test_what_can_be_read_in_many_ways_takes_no_time(around: str) -> None:
    started = time.process_time()

    assert read_date_line(f"01/02/2024 {around}x", "fr", TODAY) is None
    assert time.process_time() - started < 2
