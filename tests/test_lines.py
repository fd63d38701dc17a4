"""What the programs below the page say in English lines, and what is told of a build, in the page's language."""

import re
from pathlib import Path

import pytest

from corpus.article import Skipped
from corpus.errors import GateRefused, IndexBusy
from corpus.read import read_corpus
from index.build import BuildReport
from index.gate import Verdict
from qa.lines import in_words
from qa.page_reports import build_told, error_told

ROOT = Path(__file__).resolve().parents[1]
MEASURED = {
    "asked": 9,
    "set_aside": [],
    "quotes_exact": (7, 7),
    "recall_at_5": {"n": 5, "candidate": 0.8, "live": 1.0},
    "sentences found again": {"n": 3, "candidate": 2 / 3, "live": None},
    "seconds": 1.0,
}
REPORT = BuildReport(
    "20261123T000000-aa", 4, 3, 1, 2, (Skipped("x.txt", "empty"),), {"cp1252": ["a", "b"]}, 0.52, True, Verdict((), MEASURED)
)

FILES: dict[str, tuple[str, bytes, str]] = {
    "empty": ("a.txt", b" \n", "vide"),
    "binary": ("a.txt", b"\x89PNG\r\n\x1a\n\0\0\0", "binaire, ce n’est pas du texte"),
    "html": ("a.txt", b"<!doctype html><p>x", "du HTML dans un fichier texte\u00a0; renommez-le en .html"),
    "json": ("a.txt", b'{"a": 1}', "du JSON dans un fichier texte\u00a0; renommez-le en .jsonl, un objet par ligne"),
    "a feed": ("a.txt", b"<?xml version='1.0'?><rss></rss>", "du XML dans un fichier texte"),
    "no text": ("a.html", b"<html><body></body></html>", "aucun texte d’article dans la page"),
    "not json": ("a.jsonl", b"nothing\n", "ce n’est pas du JSON"),
    "no id": ("a.jsonl", b'{"text": "x"}\n', "il faut un objet avec «\u00a0id\u00a0» et «\u00a0text\u00a0»"),
}


@pytest.mark.parametrize("case", FILES)
def test_why_a_file_is_left_out_is_told_in_french(case: str, tmp_path: Path) -> None:
    name, data, says = FILES[case]
    (tmp_path / name).write_bytes(data)
    skipped = [one for one in read_corpus([tmp_path]) if isinstance(one, Skipped)]

    assert [in_words(one.reason, "fr").startswith(says) for one in skipped] == [True]
    assert [in_words(one.reason, "en") for one in skipped] == [one.reason for one in skipped]


def test_every_reason_the_reader_gives_has_a_french_form() -> None:
    """Of those written as plain strings in its source."""
    source = (ROOT / "corpus" / "read.py").read_text("utf-8")
    reasons = re.findall(r"""Skipped\(\w+, (?:"([^"]+)"|'([^']+)')\)""", source)

    assert len(reasons) > 8
    for found in reasons:
        reason = "".join(found)
        assert in_words(reason, "fr") != reason


LINES = (
    ("fair.txt: taken in; rebuild to ask it", "fair.txt\u00a0: reçu\u00a0; mettez à jour pour l’interroger"),
    ("x.png: not taken, only .txt, .md are", "x.png\u00a0: refusé, seuls .txt, .md sont reçus"),
    ("x.txt: not taken, binary, not text", "x.txt\u00a0: refusé, binaire, ce n’est pas du texte"),
    ("x.txt: not taken, larger than 5 MB", "x.txt\u00a0: refusé, plus de 5 Mo"),
    (
        "x.txt: larger than 50 MB, the most that is read: split it into several files",
        "x.txt\u00a0: plus de 50 Mo, le plus qui soit lu\u00a0; divisez-le en plusieurs fichiers",
    ),
    (
        "the new index is live and answers; what was still to do in var/index was left (Input/output error): build again",
        "le nouvel index est en service\u00a0; ce qui restait à faire dans var/index ne l’est pas (Input/output error)\u00a0: mettez à jour de nouveau",
    ),
    ("a line nobody foresaw: not even here", "a line nobody foresaw: not even here"),
    ("{0} braces {", "{0} braces {"),
)


@pytest.mark.parametrize(("line", "french"), LINES)
def test_a_line_is_told_by_its_form_and_left_as_it_is_without_one(line: str, french: str) -> None:
    assert in_words(line, "fr") == french
    assert in_words(line, "en") == line


def test_what_the_gate_refused_is_told_reason_by_reason() -> None:
    refused = GateRefused(
        "not made live: recall_at_5 fell from 1.000 to 0.900 of 10: a, b; 2 answers with a quote that is not in its article: c, d. "
        "The index answers as before; to pass over it: python -m index build --no-gate"
    )

    assert error_told(refused, "fr") == (
        "Le contrôle l’a refusé\u00a0; l’index répond comme avant\u00a0:\n"
        "  le bon article parmi les cinq premiers\u00a0: de 1.000 à 0.900 sur 10 (a, b)\n"
        "  2 réponses dont une citation n’est pas dans son article\u00a0: c, d"
    )
    assert error_told(refused, "en").splitlines()[1] == "  recall_at_5 fell from 1.000 to 0.900 of 10: a, b"
    assert "une autre tâche" in error_told(IndexBusy("something else is being done already: wait for it, then try again"), "fr")


def test_a_build_is_told_in_both_languages() -> None:
    assert build_told(REPORT, "en").splitlines() == [
        "4 articles in 3 passages: 1 embedded, 2 kept, 0.5 s",
        "Live: 20261123T000000-aa",
        "The gate passed it: 7 of 7 quotes stand word for word in their article · right article among the first five: 80% of 5 "
        "(before: 100%) · sentences of the articles found again: 66.7% of 3.",
        "Not in UTF-8, read as cp1252 (2): a, b",
        "Left out (1)",
        "  x.txt: empty",
    ]
    assert build_told(REPORT, "fr").splitlines() == [
        "4 articles en 3 passages\u00a0: 1 vectorisés, 2 repris, 0,5 s",
        "En service\u00a0: 20261123T000000-aa",
        "Le contrôle l’a admis\u00a0: 7 citations sur 7 mot pour mot dans leur article · bon article parmi les cinq premiers\u00a0: 80\u00a0% sur 5 "
        "(avant\u00a0: 100\u00a0%) · phrases des articles retrouvées\u00a0: 66,7\u00a0% sur 3.",
        "Pas en UTF-8, lus en cp1252 (2)\u00a0: a, b",
        "Laissés de côté (1)",
        "  x.txt\u00a0: vide",
    ]
