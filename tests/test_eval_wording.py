"""The measures of a chat model's words, on records one can judge by eye, and from end to end against a scripted model."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from chat_server import ChatServer, answers, chat_server, says
from typer.testing import CliRunner

from eval.compare import WORDING
from eval.dataset import read_questions
from eval.report import table
from eval.results import page
from eval.run import application, evaluate
from eval.wording import wording_measures
from index.build import build
from index.encoder import Encoder
from index.options import BuildOptions
from qa.assistant import Assistant

FRENCH = {"text": "Le tramway a transporté 12 000 voyageurs lundi.", "language": "fr"}
ENGLISH = {"text": "The tram carried 12,000 passengers on its first day.", "language": "en"}
ARABIC = {"text": "افتتح المتحف في مصر يوم الاثنين", "language": "ar"}
OTHER = {"text": "Il pleut depuis trois jours.", "language": "fr"}


def record(
    answer: str, quotes: list[dict[str, str]], *remarks: dict[str, Any], writer: str = "m", language: str = "en"
) -> dict[str, Any]:
    return {
        "answer": answer,
        "quotes": quotes,
        "writer": writer,
        "language": language,
        "wording": {"model": "m", "notice": None, "remarks": list(remarks)},
    }


def remark(sentence: str, fault: str, *words: str) -> dict[str, Any]:
    return {"sentence": sentence, "fault": fault, "words": list(words)}


CASES = {
    "no model was asked": ({"answer": "x [1]", "quotes": [FRENCH], "writer": "extractive"}, {}),
    "the articles' own words": (record("x [1]", [FRENCH], writer="extractive"), {"worded": 0}),
    "across languages, the number holds": (
        record("On Monday the tram carried 12,000 passengers. [1]", [FRENCH]),
        {"worded": 1, "citation_recall": 1, "citation_precision": 1, "reply_language": 1, "sentences_struck": 0},
    ),
    "one of two quotes is about something else": (
        record("The tram carried 12,000 passengers. [1] [2]", [FRENCH, OTHER]),
        {"worded": 1, "citation_recall": 1, "citation_precision": 0.5, "reply_language": 1, "sentences_struck": 0},
    ),
    "another number": (
        record("The tram carried 13,000 passengers. (not in its quotes: 13,000) [1]", [ENGLISH], remark("The tram carried 13,000 passengers.", "unsupported", "13,000")),
        {"worded": 1, "citation_recall": 0, "citation_precision": 1, "reply_language": 1, "sentences_struck": 0},
    ),
    "other words in the same language": (
        record("Commuters flocked aboard when services began. [1]", [ENGLISH]),
        {"worded": 1, "citation_recall": 0, "citation_precision": 0, "reply_language": 1, "sentences_struck": 0},
    ),
    "one sentence struck": (
        record("The tram carried 12,000 passengers. [1]", [ENGLISH], remark("It was blue.", "unquoted")),
        {"worded": 1, "citation_recall": 1, "citation_precision": 1, "reply_language": 1, "sentences_struck": 0.5},
    ),
    "a quote struck beside one that holds": (
        record("The tram carried 12,000 passengers. [1]", [ENGLISH]) | {"wording": {"model": "m", "notice": None, "remarks": [], "claimed": 4, "struck": [{}]}},
        {"worded": 1, "citation_recall": 1, "citation_precision": 1, "reply_language": 1, "sentences_struck": 0, "quotes_dropped": 0.25},
    ),
    "a name that cannot be compared": (
        record("Here Joe Biden opened the Egyptian museum. (cannot be compared with its quotes: Joe Biden) [1]", [ARABIC], remark("Here Joe Biden opened the Egyptian museum.", "unchecked", "Joe Biden")),
        {"worded": 1, "citation_recall": 1, "citation_precision": 1, "reply_language": 1, "sentences_struck": 0},
    ),
    "all struck": (record("x [1]", [FRENCH], remark("It was blue.", "unquoted"), writer="extractive"), {"worded": 0, "sentences_struck": 1}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_each_measure_says(case: str) -> None:
    judged, measures = CASES[case]

    assert wording_measures(judged) == measures


@pytest.fixture(scope="module")
def server() -> Iterator[ChatServer]:
    with chat_server() as running:
        yield running


def test_a_run_scores_the_models_path(tmp_path: Path, encoder: Encoder, server: ChatServer) -> None:
    (tmp_path / "tram.txt").write_text(
        "Le tramway de Varmont\n\nLe tramway de Varmont a transporté 12 000 voyageurs lundi.\n", "utf-8"
    )
    (tmp_path / "q.jsonl").write_text(
        '{"id": "1", "lang": "en", "question": "How many passengers did the Varmont tram carry?", "answerable": true, '
        '"positive_passage_ids": ["tram.txt"], "answers": ["12 000"]}\n',
        "utf-8",
    )
    build([tmp_path / "tram.txt"], tmp_path / "index", encoder, BuildOptions())
    said = answers(
        (
            "The Varmont tram carried 12,000 passengers.",
            [(1, "Le tramway de Varmont a transporté 12 000 voyageurs lundi"), (1, "Il a plu")],
        )
    )
    worded = Assistant(tmp_path / "index", encoder, model=server.scripted(says(said)).model())
    about = {"questions": {"files": [], "held": 1, "asked": 1}}

    run = evaluate(worded, read_questions(tmp_path / "q.jsonl"), about, lambda *_: None, datetime.now(UTC))

    assert run["about"]["writer"] == "scripted"
    assert {name: run["summary"][name]["value"] for name in WORDING} | {"quotes_exact": run["summary"]["quotes_exact"]["value"]} == {
        "worded": 1, "citation_recall": 1, "citation_precision": 1, "reply_language": 1, "sentences_struck": 0, "quotes_dropped": 0.5,
        "quotes_exact": 1,
    }  # fmt: skip
    assert run["summary"]["latency_p50_ms"]["value"] > 0
    assert run["summary"]["latency_p95_ms"]["value"] > 0
    shown = page({"worded scripted": run})
    assert "## worded by scripted" in shown
    assert "| quotes dropped | 1 | 0.500 [0.500, 0.500] |" in shown
    assert "| citation recall | 1 |" in shown
    assert all(name in table(run) for name in WORDING)
    assert len(server.sent) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [(["--writer", "llm"], 1, "ARTICLE_QA_LLM_URL"), (["--gguf", "m.gguf"], 2, "--gguf"), (["--brief"], 2, "--brief")],
)
def test_a_model_that_is_not_there_is_named(arguments: list[str], code: int, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ARTICLE_QA_LLM_URL", raising=False)
    ran = CliRunner().invoke(application, arguments)

    assert ran.exit_code == code
    assert says in ran.output
