"""The page and the table, made of a small run written by hand."""

import re
from copy import deepcopy
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from eval.compare import Result, compare, summarise
from eval.metrics import reliability
from eval.report import fault, page, table, worst

PAYLOAD = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&"


def result(name: str, **changes: Any) -> Result:
    """A question that is answerable, answered and right, but for what is changed."""
    quote = {"article_id": "a", "start": 0, "end": 3, "text": "yes", "sha256": "0"}
    gold = {"question": f"{name}?", "answerable": True, "answers": ["yes"], "right": ["a"], "right_languages": ["fr"]}
    came = {"decision": "answered", "confidence": 0.9, "quotes": [quote], "exact_quotes": 1, "found": ["a", "b"], "ms": 10.0}
    measures = {"recall_at_1": 1.0, "recall_at_5": 1.0, "answer_in_quotes": 1.0}
    right: Result = {"id": name, "lang": "en", "kind": "answerable", "pair": None, **gold, **came, "measures": measures}
    return right | changes


REFUSED = {"decision": "not_found", "quotes": [], "exact_quotes": 0}
ABSENT = {"answerable": False, "kind": "absent", "answers": [], "right": [], "right_languages": [], "measures": {}}
MISQUOTED = {"measures": {"recall_at_1": 1.0, "recall_at_5": 1.0, "answer_in_quotes": 0.0}}


def run(*results: Result) -> dict[str, Any]:
    """As eval.run saves it."""
    confidence = np.array([one["confidence"] for one in results])
    outcome = np.array([float(one["answerable"]) for one in results])
    return {
        "about": {
            "date": "2026-01-02T03:04:05+00:00",
            "questions": {"files": [{"file": "q.jsonl", "sha256": "0"}], "held": 9, "asked": len(results)},
            "encoder": {"name": "builtin", "fingerprint": "f", "precision": "fp32"},
            "counts": {"articles": 2},
            "generation": "g",
        },
        "summary": {name: value._asdict() for name, value in summarise(list(results)).items()},
        "reliability": [one._asdict() for one in reliability(confidence, outcome)],
        "questions": list(results),
    }


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, None, id="right"),
        pytest.param(REFUSED | {"confidence": 0.25}, (0.75, "refused, though the articles say"), id="refused"),
        pytest.param(MISQUOTED, (0.9, "the quotes do not hold the answer"), id="misquoted"),
        pytest.param(ABSENT, (0.9, "answered, though the articles do not say"), id="answered the absent"),
        pytest.param(ABSENT | REFUSED, None, id="refused the absent"),
        pytest.param(
            {"answers": [], "measures": {"recall_at_5": 0.0}}, (0.9, "the right article was not found"), id="no gold, not found"
        ),
        pytest.param({"answers": [], "measures": {"recall_at_5": 1.0}}, None, id="no gold, found"),
    ],
)
def test_fault(changes: dict[str, Any], expected: tuple[float, str] | None) -> None:
    assert fault(result("q", **changes)) == expected


def test_worst_are_the_surest_first() -> None:
    """Right answers are not among them, and no more than asked for."""
    results = [
        result("right"),
        result("sure", **ABSENT),
        result("unsure", **ABSENT | {"confidence": 0.5}),
        result("mid", **MISQUOTED | {"confidence": 0.7}),
    ]

    assert [one["id"] for one, _ in worst(results)] == ["sure", "mid", "unsure"]
    assert [one["id"] for one, _ in worst(results, 1)] == ["sure"]


def test_page_is_self_contained_and_inert() -> None:
    """Markup in any text is shown, not run; nothing is fetched."""
    quote = {"article_id": PAYLOAD, "start": 0, "end": 1, "text": PAYLOAD, "sha256": "0"}
    texts = {
        "question": PAYLOAD,
        "answers": [PAYLOAD],
        "right": [PAYLOAD],
        "lang": PAYLOAD,
        "kind": PAYLOAD,
        "right_languages": [PAYLOAD],
    }
    measured = run(result(PAYLOAD, **texts | MISQUOTED, quotes=[quote]), result("n", **ABSENT))
    measured["about"]["encoder"]["name"] = PAYLOAD
    before = deepcopy(measured)
    before["questions"][0]["measures"]["answer_in_quotes"] = 1.0
    measured["comparison"] = compare(before, measured)

    html = page(measured)
    found = _Elements()
    found.feed(html)

    assert found.tags.isdisjoint({"script", "img", "link", "iframe", "object"})
    assert found.attributes.isdisjoint({"src", "href", "onerror", "onload", "srcset"})
    assert not re.search(r"url\(|@import|https?:", html)
    assert html.count("&lt;script&gt;") >= 8


def test_page_draws_its_plots() -> None:
    """Five plots, each with its name; only those with something to show."""
    titles = re.findall("aria-label='([^']*)'", page(run(result("q"), result("n", **ABSENT | REFUSED))))
    unjudged = run(result("q") | {"ms": None})

    assert titles == [
        "Right article among the first 5, by question language",
        "Stated confidence against observed",
        "Risk against coverage",
        "Confidence: answerable (blue), not (orange)",
        "Time a question takes",
    ]
    assert page(unjudged).count("<svg") == 4


def test_table() -> None:
    """Measure, value, interval and number stand in columns; groups below their measure."""
    lines = table(run(result("q"), result("r", **MISQUOTED))).splitlines()

    assert lines[0].startswith(
        "2026-01-02T03:04:05+00:00  2 of 9 questions of q.jsonl, 2 articles, encoder builtin fp32, index g"
    )
    at = lines.index("  answer_in_quotes                         0.500   0.095 to 0.905       2")
    assert lines[at + 1] == "    en                                     0.500   0.095 to 0.905       2"
    assert "  latency_p50_ms                              10   10 to 10             2" in lines


def test_comparison_names_the_questions_that_changed() -> None:
    """In the table: what moved, by which test, and each question."""
    after = run(result("q"), result("r", **MISQUOTED))
    after["comparison"] = compare(run(result("q"), result("r")), after)
    text = table(after)

    assert "  answer_in_quotes                      1.000 -> 0.500 of 2, p = 1 (-1.000 to +0.000; 0 gained, 1 lost)" in text
    assert "  r  answer_in_quotes  1 -> 0" in text
    assert "recall_at_1  " not in text.partition("Against the run")[2]


class _Elements(HTMLParser):
    """The elements and attributes a browser would make of it."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
