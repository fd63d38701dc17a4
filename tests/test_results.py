"""The page of results: every set in its own section, made by one command."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from eval.fit import PUBLIC, _public
from eval.held_out import PIAF_EVERY, for_the_decision, held_out
from eval.results import SETS
from eval.results import main as results
from eval.sources import across, dialogue_openings, dialogue_passages, dialogue_questions, elsewhere, fitted_part, half, questions
from eval.sources import test_part as part_of

#: More questions than there are.
EVERY = 10**6
SPANISH = {
    "1973 oil crisis": "1973: Crisis del petróleo", "French and Indian War": "Guerra franco-india", "Imperialism": "Imperialismo",
    "Scottish Parliament": "Parlamento escocés", "Normans": "Normandos",
}  # fmt: skip
ITALIAN = {
    "1973 oil crisis": "Crisi energetica (1973)", "French and Indian War": "Guerra franco-indiana", "Imperialism": "Imperialismo",
    "Scottish Parliament": "Parlamento scozzese", "Normans": "Normanni",
}  # fmt: skip
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


def test_openings_are_asked_where_they_name_their_subject(data: Path) -> None:
    turns = [json.loads(line) for line in (data / "canard.followups.jsonl").read_text("utf-8").splitlines()]
    turns[3]["rewrite"] = "How tall is it?"
    (data / "canard.followups.jsonl").write_text("\n".join(map(json.dumps, turns)), encoding="utf-8")

    assert [row["question"] for row in dialogue_openings(data)] == ["Who built the bridge of Arles?"]


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
    titles = {"a": "Scottish Parliament", "b": "Normans", "c": "Imperialism"}
    rows = [json.dumps({"id": key, "lang": "en", "title": title, "text": "x"}) for key, title in titles.items()]
    (tmp_path / "squad2_en.passages.jsonl").write_text("\n".join(rows))
    asked = [
        {"id": "1", "positive_passage_ids": ["a"]},
        {"id": "2", "positive_passage_ids": ["b"]},
        {"id": "3", "positive_passage_ids": [], "context_passage_ids": ["a"]},
        {"id": "4", "positive_passage_ids": ["c"]},
    ]

    assert [row["id"] for row in part_of("squad2_en", lambda data: asked)(tmp_path)] == ["1", "3"]
    assert [row["id"] for row in fitted_part("squad2_en", lambda data: asked)(tmp_path)] == ["4"]


def test_what_the_decision_is_fitted_on_is_so_in_every_language() -> None:
    for name, title in (("squad2_en", "Imperialism"), ("squad2_es", "Imperialismo"), ("squad_it", "Crisi energetica (1973)")):
        assert held_out(name, "x", title)
        assert for_the_decision(name, "x", title)
    assert not for_the_decision("squad_it", "x", "Parlamento scozzese")
    for number in range(240):
        if for_the_decision("xquad", f"xquad-de-{number:03}", ""):
            assert held_out("xquad", f"xquad-de-{number:03}", "")
    titles = [f"Titre {number}" for number in range(1000)]
    assert 0 < sum(held_out("piaf_fr", "x", one) and for_the_decision("piaf_fr", "x", one) for one in titles) < 150


@pytest.fixture
def public(tmp_path: Path) -> Path:
    """A question about each passage of sets like the public ones, in the same words in all languages but for a mark."""

    def write(name: str, kind: str, found: list[dict[str, Any]]) -> None:
        (tmp_path / f"{name}.{kind}.jsonl").write_text("\n".join(map(json.dumps, found)), encoding="utf-8")

    def put(name: str, lang: str, titles: list[str]) -> None:
        write(
            name, "passages", [{"id": f"{name}-{at}", "lang": lang, "title": one, "text": one} for at, one in enumerate(titles)]
        )
        asked = [
            {
                "id": f"{name}-q-{at}", "lang": lang, "question": f"{lang} {at}?", "answerable": True, "answers": ["x"],
                "positive_passage_ids": [f"{name}-{at}"],
            }
            for at in range(len(titles))
        ]  # fmt: skip
        unanswered = {"answerable": False, "positive_passage_ids": [], "answers": []}
        nears = [row | unanswered | {"id": f"{row['id']}n", "question": f"near {row['question']}"} for row in asked]
        for near, row in zip(nears, asked, strict=True):
            near["context_passage_ids"] = row["positive_passage_ids"]
        write(name, "questions", asked + (nears if name.startswith("squad2") else []))

    subjects = ["1973 oil crisis", "French and Indian War", "Imperialism", "Scottish Parliament", "Normans"]
    put("squad2_en", "en", subjects * 4)
    put("squad2_es", "es", [SPANISH[one] for one in subjects] * 4)
    put("squad_it", "it", [ITALIAN[one] for one in subjects] * 4)
    put("piaf_fr", "fr", [f"Titre {at}" for at in range(200)])
    asked = [json.loads(line) for line in (tmp_path / "piaf_fr.questions.jsonl").read_text("utf-8").splitlines()]
    write("piaf_fr_en", "questions", [row | {"id": f"{row['id']}@{at}", "lang": at} for row in asked for at in ("fr", "en")])
    write("news_fr", "passages", [])
    write("news_fr", "questions", [])
    languages = ["ar", "de", "el", "en", "es", "hi", "ro", "ru", "tr", "vi", "zh"]
    crossed = [
        {
            "id": f"xquad-{at:x}-{lang}", "lang": lang, "question": f"{lang} xquad {at}?", "answerable": True, "answers": ["x"],
            "positive_passage_ids": [f"xquad-{one}-{at:03}" for one in languages],
            "answers_by_lang": {one: ["x"] for one in languages},
        }
        for at in range(240)
        for lang in languages
    ]  # fmt: skip
    write("xquad", "questions", crossed)
    passages = [{"id": f"xquad-{lang}-{at:03}", "lang": lang, "text": "x"} for lang in languages for at in range(240)]
    write("xquad", "passages", passages)
    write("canard", "followups", [])
    return tmp_path


def test_no_question_of_the_results_took_part_in_fitting(public: Path, tmp_path: Path) -> None:
    """By id, in any language; of all sets that the reader reads. Those without the reader ask all there are."""
    asked = {(name, answerable) for passages, name, answerable, _ in PUBLIC if passages == name or answerable}
    fitted = {_number(one.id) for name, answerable in asked for one in _public(public, name, answerable, EVERY, tmp_path)}
    assert len(fitted) > 30

    reported = {_number(row["id"]) for one in SETS if one.questions and one.read for row in one.questions(public)}
    assert len(reported) > 30
    assert not fitted & reported


def _number(question: str) -> str:
    """What the same question has in common in all languages and sets."""
    bare = question.partition("@")[0]
    return bare.partition("-q-")[2] or bare.removeprefix("xquad-").rpartition("-")[0] or bare


def test_questions_about_something_else_take_turns_and_have_no_answer(tmp_path: Path) -> None:
    for name in ("a", "b"):
        asked = [{"id": f"{name}{at}", "answerable": True, "positive_passage_ids": ["x"], "answers": ["y"]} for at in range(4)]
        (tmp_path / f"{name}.questions.jsonl").write_text("\n".join(map(json.dumps, asked)))

    found = list(half(lambda data: [{"id": str(at)} for at in (1, 3, 5, 7)], elsewhere(questions("a"), questions("b")))(tmp_path))

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
