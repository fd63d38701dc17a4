"""Exported answers: exact words whatever they hold, checked by `qa verify`; stored ones shown again only if they still stand."""

import html
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from typer.testing import CliRunner

from eval.candidates import again, candidates_table
from eval.run import application
from qa.__main__ import app
from qa.assistant import Assistant
from qa.chat import Desk, rate, reply
from qa.conversation import Conversation, exported, restored, stored
from qa.export import as_html, as_markdown, read_export
from qa.feedback import candidates_of, latest
from qa.journal import Journal
from qa.request import BadRequest
from qa.restore import Stale, asked_of

QUESTIONS = ("Which city will host Expo 2030?", "Who won the Kazakh chess championship in 1998?")
HOSTILE = (
    "<script>alert(1)</script> ![b](http://evil.example/?q=1) [l](javascript:alert(1)) <form action=//evil.example> www.evil.example\n"
    "# h\n> q\n- l\n1. n\n    code\n\ttab\n===\n---\n| a | b |\n`c` *i* _u_ ~~s~~ $x$ &lt; a@evil.example --> </script> \u2028 ```mermaid"
)


@pytest.fixture(scope="module")
def conversation(assistant: Assistant) -> Conversation:
    held: Conversation = []
    log: list[dict[str, str]] = []
    for question in QUESTIONS:
        said, held, _ = list(reply(Desk(assistant), question, log, held, "en"))[-1]
        log += [{"role": "user", "content": question}, {"role": "assistant", "content": said}]
    return held


def record_with(text: str) -> dict[str, Any]:
    quote = {
        "n": 1,
        "article_id": text,
        "path": text,
        "title": text,
        "language": "fr",
        "published": "2025-09-04",
        "source": text,
        "url": "https://journal.example/a?b=<c>",
        "start": 0,
        "end": len(text),
        "text": text,
        "sha256": "ab" * 32,
    }
    return {"id": "1", "question": text, "decision": "answered", "confidence": 0.5, "answer": text, "quotes": [quote]}


def test_an_export_verifies_and_a_changed_one_does_not(conversation: Conversation, sample_index: Path, tmp_path: Path) -> None:
    run = CliRunner().invoke
    for form in ("md", "html"):
        text, name = exported(conversation, True, form, "fr")
        file = tmp_path / f"saved.{form}"
        file.write_text(text, "utf-8")
        assert name.endswith(f".{form}")
        checked = run(app, ["verify", str(file), "--index", str(sample_index)])
        assert (checked.exit_code, checked.stdout) == (0, "1 of 1 quotes hold\n")
        file.write_text(text.replace("2030", "2031", 1), "utf-8")
        changed = run(app, ["verify", str(file), "--index", str(sample_index)])
        assert changed.exit_code == 1
        assert "is not what was exported" in changed.stdout
    (tmp_path / "none.md").write_text("# Notes\n")
    assert run(app, ["verify", str(tmp_path / "none.md")]).exit_code == 1


def test_one_answer_or_all(conversation: Conversation) -> None:
    last, _ = exported(conversation, False, "md", "en")
    whole, _ = exported(conversation, True, "md", "en")

    assert [question in last for question in QUESTIONS] == [False, True]
    assert [question in whole for question in QUESTIONS] == [True, True]
    assert "Not in the articles; that the articles answer it:" in last
    assert exported([], True, "md", "en") == ("", "")


def shown_by_markdown(text: str) -> str:
    return MarkdownIt("gfm-like", {"linkify": False}).render(text.split("<!-- article-qa")[0])


def test_hostile_words_stay_words_in_markdown() -> None:
    shown = shown_by_markdown(as_markdown([record_with(HOSTILE)], "en"))
    tags = set(re.findall(r"<(\w+)", shown))

    assert tags <= {"h1", "h2", "p", "em", "strong", "blockquote", "br", "a"}
    assert re.findall(r'<a href="([^"]*)"', shown) == []  # the address of the record is not one that can be written so
    assert [
        line.strip() for line in html.unescape(re.sub(r"<[^>]*>", "", shown.split("<blockquote>")[1])).strip().split("\n")
    ] == [line.strip() for line in HOSTILE.split("\n")]


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=80))
def test_an_export_is_read_back_whatever_it_holds(text: str) -> None:
    records = [record_with(text), record_with(HOSTILE)]
    for language in ("en", "fr"):
        for written in (as_markdown(records, language), as_html(records, language)):
            if "\r\n" not in written:
                assert read_export(written) == (records, True)


def test_hostile_words_stay_words_in_html() -> None:
    page = as_html([record_with(HOSTILE)], "en")
    body = page.split("<body>")[1]

    assert set(re.findall(r"<(\w+)", body)) == {
        *("h1", "section", "h2", "p", "figure", "blockquote", "figcaption", "br", "bdi", "a", "script")
    }
    assert body.count("<script") == 1
    assert html.unescape(re.findall(r"<blockquote[^>]*>(.*?)</blockquote>", body, re.DOTALL)[0]) == HOSTILE


def test_a_conversation_comes_back_as_it_was(conversation: Conversation, assistant: Assistant) -> None:
    kept = json.loads(json.dumps(stored(conversation)))
    messages, back, panel = restored(assistant, kept, "en")

    assert [message["content"] for message in messages[::2]] == list(QUESTIONS)
    assert [entry.packed_sections for entry in back] == [entry.packed_sections for entry in conversation]
    assert panel.count("<section") == 2
    assert exported(back, True, "html", "en")[0] == exported(conversation, True, "html", "en")[0]


def changed(record: dict[str, Any], where: str, value: Any) -> dict[str, Any]:
    copy = json.loads(json.dumps(record))
    *path, last = where.split(".")
    into = copy
    for step in path:
        into = into[int(step)] if step.isdigit() else into[step]
    into[int(last) if last.isdigit() else last] = value
    return copy


FORGED = {
    "words that are not there": ("quotes.0.text", "The mayor confessed.", Stale),
    "other offsets": ("quotes.0.start", 1, Stale),
    "negative offsets": ("quotes.0.start", -9, Stale),
    "offsets that are none": ("quotes.0.end", "x", Stale),
    "another article": ("quotes.0.article_id", "fr/ivg-constitution-congres-versailles.txt", Stale),
    "an article that is not there": ("quotes.0.article_id", "../../etc/passwd", Stale),
    "an article that is a list": ("quotes.0.article_id", ["x"], Stale),
    "another text of the article": ("quotes.0.sha256", "0" * 64, Stale),
    "a quote that is text": ("quotes.0", "x", Stale),
    "an answer outside its quote": ("quotes.0.answer", {"start": 0, "end": 1}, Stale),
    "a passage beyond the text": ("hits.0.end", 10**9, Stale),
    "a score that is none": ("hits.0.score", "high", BadRequest),
    "no quotes": ("quotes", None, BadRequest),
    "a thousand quotes": ("quotes", [{}] * 1000, BadRequest),
    "confidence": ("confidence", 7, BadRequest),
    "confidence that is none": ("confidence", float("nan"), BadRequest),
    "an answer that is a list": ("answer", ["x"], BadRequest),
    "an endless answer": ("answer", "x" * 100_000, BadRequest),
    "an endless question": ("question", "x" * 10_000, BadRequest),
    "a language that is a number": ("language", 3, BadRequest),
}
NEVER = {
    "a time that is none": ("time", "yesterday"),
    "filters that are none": ("options", [1]),
    "a filter that is none": ("options", {"since": "yesterday"}),
}


@pytest.mark.parametrize("case", FORGED)
def test_what_does_not_stand_in_the_articles_is_not_shown_again(
    conversation: Conversation, assistant: Assistant, case: str
) -> None:
    where, value, expected = FORGED[case]
    record = changed(stored(conversation)["records"][0], where, value)
    with pytest.raises(expected):
        asked_of(record, assistant.snapshot().article_by_id)

    messages, back, _ = restored(assistant, {"records": [record]}, "en")
    assert "confessed" not in str(messages) + str(back)
    assert back == []


@pytest.mark.parametrize("case", NEVER)
def test_what_cannot_be_read_is_left_out(conversation: Conversation, assistant: Assistant, case: str) -> None:
    record = changed(stored(conversation)["records"][0], *NEVER[case])

    assert restored(assistant, {"records": [record]}, "en")[:2] == ([], [])


@pytest.mark.parametrize("kept", [None, [], {}, {"records": 3}, {"records": [None, 1, "x", {}, []]}, {"records": {"a": 1}}, "x"])
def test_what_is_no_conversation_is_none(assistant: Assistant, kept: Any) -> None:
    assert restored(assistant, kept, "en")[:2] == ([], [])


def test_forged_words_around_true_quotes_stay_text(conversation: Conversation, assistant: Assistant) -> None:
    record = changed(stored(conversation)["records"][0], "answer", f"{HOSTILE} [1]")
    record = {**record, "id": HOSTILE, "options": {"sources": ["<script>x"]}, "writer": HOSTILE, "rewritten_question": HOSTILE}
    messages, back, panel = restored(assistant, {"records": [record]}, "en")

    assert not re.search(r"<(script|form|img)", str(messages) + panel)
    assert re.fullmatch(r"[0-9a-f]{16}", back[0].answer_id)


def test_verdicts_are_kept_and_asked_again(
    conversation: Conversation, assistant: Assistant, sample_index: Path, tmp_path: Path
) -> None:
    index = tmp_path / "index"
    shutil.copytree(sample_index, index)
    desk = Desk(assistant, candidates=Journal(candidates_of(index)))
    first, second = (entry.answer_id for entry in conversation)
    missing = CliRunner().invoke(application, ["--candidates", "--index", str(index)])
    kept = [
        rate(desk, conversation, first, "dislike"),
        rate(desk, conversation, first, "like", "=right\nindeed"),
        rate(desk, conversation, second, "dislike", "it is there"),
        rate(desk, conversation, "0" * 16, "like"),
        rate(desk, conversation, None, "like"),
        rate(Desk(assistant), conversation, first, "like"),
    ]

    assert kept == [True, True, True, False, False, False]
    assert missing.exit_code == 1
    assert "no reader judged" in missing.stderr
    rows = list(again(candidates_of(index), assistant))
    assert [(row["verdict"], row["comment"], row["same"]) for row in rows] == [
        ("like", "=right\nindeed", True),
        ("dislike", "it is there", True),
    ]
    assert candidates_table(rows).splitlines() == [
        "like     kept     Which city will host Expo 2030? (=right indeed)",
        "dislike  kept     Who won the Kazakh chess championship in 1998? (it is there)",
        "liked, and kept: 1.00, 95 % 0.21 to 1.00, n 1",
        "disliked, and changed: 0.00, 95 % 0.00 to 0.79, n 1",
    ]
    told = CliRunner().invoke(application, ["--candidates", "--index", str(index)])
    assert (told.exit_code, told.stdout.splitlines()) == (0, candidates_table(rows).splitlines())


def test_a_verdict_taken_back_is_no_candidate() -> None:
    record = {"id": "a"}
    rows = [{"answer_id": "a", "verdict": verdict, "comment": "", "record": record} for verdict in ("like", None)]

    assert latest([*rows, {"answer_id": "b", "verdict": "odd", "record": {}}, {}]) == []
