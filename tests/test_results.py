"""The page of results: every set in its own section, made by one command."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from eval.held_out import PIAF_EVERY, held_out
from eval.results import SETS
from eval.results import main as results
from eval.sources import across, dialogue_passages, dialogue_questions, elsewhere, half, odd, questions
from eval.sources import test_part as part_of

TURNS = {
    "The bridge of Arles": [
        ("Who built it?", "Who built the bridge of Arles?", "The engineer Morel built the bridge in two years."),
        ("When did it open?", "When did the bridge of Arles open?", "It opened to carts in the spring of 1884"),
        ("Was it painted?", "Was the bridge of Arles painted?", "Workers painted the bridge in green."),
    ],
    "The lighthouse of Erquy": [
        ("How tall is it?", "How tall is the lighthouse of Erquy?", "The tower of granite is 31 metres tall."),
        ("Who keeps it?", "Who keeps the lighthouse of Erquy?", "Two keepers live below the lamp."),
        ("Is it lit?", "Is the lighthouse of Erquy lit?", "I don't know."),
    ],
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rows = []
    for number, (title, turns) in enumerate(TURNS.items()):
        history: list[dict[str, str]] = []
        for place, (question, rewrite, answer) in enumerate(turns):
            rows.append(
                {
                    "id": f"canard-{number}-{place}", "lang": "en", "title": title, "history": list(history),
                    "question": question, "rewrite": rewrite, "changed": True,
                }
            )  # fmt: skip
            history += [{"role": "user", "text": question}, {"role": "assistant", "text": answer}]
    (tmp_path / "canard.followups.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return tmp_path


def test_dialogues_become_articles_and_follow_ups_that_open_with_their_subject(data: Path) -> None:
    passages, questions = list(dialogue_passages(data)), list(dialogue_questions(data))

    assert [one["title"] for one in passages] == list(TURNS)
    assert passages[0]["text"].endswith("It opened to carts in the spring of 1884.")
    assert len(questions) == 4
    assert {one["history"][0]["text"] for one in questions} == {turns[0][1] for turns in TURNS.values()}


def test_one_command_writes_the_page(data: Path, tmp_path: Path) -> None:
    application = typer.Typer()
    application.command()(results)
    out = tmp_path / "results.md"

    done = CliRunner().invoke(
        application, ["--data", str(data), "--out", str(out), "--only", "canard", "--kept", str(tmp_path / "kept")]
    )

    written = out.read_text("utf-8")
    assert done.exit_code == 0, done.output
    assert "## canard" in written
    assert "4 of 4 questions, 2 articles" in written
    assert "| follow-ups | 4 |" in written


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    application = typer.Typer()
    application.command()(results)

    done = CliRunner().invoke(
        application, ["--data", str(tmp_path / "none"), "--only", "canard", "--out", str(tmp_path / "x.md")]
    )

    assert done.exit_code == 1
    assert "give --data the folder of the public sets" in done.stderr


def test_what_is_held_out_is_held_out_in_every_language() -> None:
    assert held_out("squad2_en", "x", "Imperialism")
    assert held_out("squad2_es", "x", "Imperialismo")
    assert held_out("squad_it", "x", "Parlamento scozzese")
    assert [number for number in range(240) if held_out("xquad", f"xquad-de-{number:03}", "")] == [
        *range(65, 70), *range(210, 215), *range(220, 225), *range(230, 235),
    ]  # fmt: skip
    assert 0.15 < sum(held_out("piaf_fr", "x", f"Titre {number}") for number in range(1000)) * 1 / 1000 < 2 / PIAF_EVERY


def test_the_test_part_asks_of_held_out_articles_only(tmp_path: Path) -> None:
    titles = {"a": "Imperialism", "b": "Normans"}
    rows = [json.dumps({"id": key, "lang": "en", "title": title, "text": "x"}) for key, title in titles.items()]
    (tmp_path / "squad2_en.passages.jsonl").write_text("\n".join(rows))
    asked = [
        {"id": "1", "positive_passage_ids": ["a"]},
        {"id": "2", "positive_passage_ids": ["b"]},
        {"id": "3", "positive_passage_ids": [], "context_passage_ids": ["a"]},
    ]

    assert [row["id"] for row in part_of("squad2_en", lambda data: asked)(tmp_path)] == ["1", "3"]


def test_questions_about_something_else_take_turns_and_have_no_answer(tmp_path: Path) -> None:
    for name in ("a", "b"):
        asked = [{"id": f"{name}{at}", "answerable": True, "positive_passage_ids": ["x"], "answers": ["y"]} for at in range(4)]
        (tmp_path / f"{name}.questions.jsonl").write_text("\n".join(map(json.dumps, asked)))

    found = list(
        half(odd(lambda data: [{"id": str(at)} for at in range(8)]), elsewhere(questions("a"), questions("b")))(tmp_path)
    )

    assert [row["id"] for row in found] == ["1", "a0", "3", "b0", "5", "a1", "7", "b1"]
    assert all(row["kind"] == "absent" and not row["positive_passage_ids"] and not row["answers"] for row in found[1::2])


def test_a_question_across_languages_keeps_the_answers_of_the_passages_language(tmp_path: Path) -> None:
    row = {
        "id": "1", "lang": "en", "positive_passage_ids": ["xquad-de-001", "xquad-en-001"],
        "answers": ["two"], "answers_by_lang": {"de": ["zwei"], "en": ["two"]},
    }  # fmt: skip
    (tmp_path / "xquad.questions.jsonl").write_text(json.dumps(row))

    (found,) = across("en", "de")(tmp_path)

    assert (found["positive_passage_ids"], found["answers"]) == (["xquad-de-001"], ["zwei"])


def test_sets_have_names_of_their_own() -> None:
    assert len({one.name for one in SETS}) == len(SETS)
