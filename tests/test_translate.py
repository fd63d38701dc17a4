"""Quotes translated on demand: by the model, labelled as such, beside the quotes and never in their place."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chat_server import KEY, ChatServer, chat_server, says
from gradio_client import Client
from test_wording import EXTRACTIVE, QUESTION, assistant  # noqa: F401  fixture
from typer.testing import CliRunner

from app import serve
from index.build import build
from index.encoder import Encoder
from index.options import BuildOptions
from qa.__main__ import app
from qa.assistant import Assistant
from qa.chat import Desk, Refused, answer_record
from qa.page_texts import words
from qa.translate import MOST_TRANSLATED, translations_of

GOOD = "The extent of the American backstop is not known yet."
#: What the server does; text and notice of the first translation; requests that three quotes take.
CASES: dict[str, tuple[Any, str | None, str | None, int]] = {
    "as it should be": (says(GOOD), GOOD, None, 3),
    "terminal escapes and directions": (says(f"\x1b[31m{GOOD}\x1b[0m\u202e\x07"), GOOD, None, 3),
    "in quotation marks, after thoughts": (says(f"<think>hm</think>“{GOOD}”"), GOOD, None, 3),
    "markup": (says(f"<img src=x onerror=alert(1)> {GOOD}"), None, "garbled", 3),
    "a link": (says(f"{GOOD} http://evil.example"), None, "garbled", 3),
    "the wrong language": (says("Reste à connaître l’ampleur du filet de sécurité américain, ce que chacun attend."), None, "garbled", 3),
    "nothing": (says(""), None, "garbled", 3),
    "refused": (lambda request: request.refuse(401, KEY), None, "denied", 1),
    "busy for long": (lambda request: request.refuse(429, KEY, Retry_After="60"), None, "busy", 1),
}  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[ChatServer]:
    with chat_server() as running:
        yield running


def with_model(assistant: Assistant, server: ChatServer) -> Assistant:  # noqa: F811
    return Assistant(assistant.index, assistant.encoder, model=server.model())


@pytest.mark.parametrize("case", CASES)
def test_a_translation_is_the_models_or_none(case: str, assistant: Assistant, server: ChatServer) -> None:  # noqa: F811
    script, text, notice, requests = CASES[case]
    quote = answer_record(Desk(assistant), QUESTION, None)["quotes"][0]
    quotes = [{**quote, "n": n} for n in (1, 2, 3)]

    told = translations_of(with_model(assistant, server.scripted(script)), quotes, "en")

    assert [(one.n, one.quote, one.text, one.notice) for one in told] == [(n, quote["text"], text, notice) for n in (1, 2, 3)]
    assert len(server.sent) == requests


def test_what_is_in_the_language_already_is_left_and_there_is_an_end_to_it(
    assistant: Assistant,  # noqa: F811
    server: ChatServer,
) -> None:
    worded = with_model(assistant, server.scripted(says(GOOD)))
    quote = answer_record(Desk(assistant), QUESTION, None)["quotes"][0]

    assert translations_of(worded, [quote], "fr") == []
    assert server.sent == []
    assert len(translations_of(worded, [quote] * 40, "en")) == MOST_TRANSLATED
    assert [(one.text, one.notice) for one in translations_of(worded, [{**quote, "article_id": "gone"}], "en")] == [
        (None, "gone")
    ]


def test_a_quote_of_an_article_that_has_changed_is_translated_in_its_own_words(
    encoder: Encoder, server: ChatServer, tmp_path: Path
) -> None:
    text = "Le pont de Clairval a cédé lundi matin. Personne n’a été blessé, et la route reste fermée jusqu’à vendredi soir."
    (tmp_path / "pont.txt").write_text(text, "utf-8")
    build([tmp_path / "pont.txt"], tmp_path / "index", encoder, BuildOptions())
    worded = Assistant(tmp_path / "index", encoder, model=server.scripted(says(GOOD)).model())
    record = answer_record(Desk(worded), "Qui a été blessé à Clairval ?", None, quotes_only=True)
    (tmp_path / "pont.txt").write_text(f"Le maire de Clairval a démissionné hier, et son adjointe le remplace. {text}", "utf-8")
    build([tmp_path / "pont.txt"], tmp_path / "index", encoder, BuildOptions())
    translations_of(worded, record["quotes"], "en")

    assert record["quotes"]
    assert [sent["messages"][-1]["content"] for sent in server.sent] == [
        f"<<<TEXT\n{quote['text']}\n>>>" for quote in record["quotes"]
    ]


def test_nothing_is_translated_unless_asked_and_a_translation_changes_nothing_else(
    assistant: Assistant,  # noqa: F811
    server: ChatServer,
) -> None:
    desk = Desk(with_model(assistant, server.scripted(says(GOOD))))
    plain = answer_record(desk, QUESTION, None, quotes_only=True)
    asked_for_plain = len(server.sent)
    told = answer_record(desk, QUESTION, None, quotes_only=True, translate=True)

    assert asked_for_plain == 0
    assert "translations" not in plain
    assert told["translations"] == {
        "by": "scripted", "language": "en", "quotes": [{"n": quote["n"], "text": GOOD, "notice": None} for quote in plain["quotes"]],
    }  # fmt: skip
    for name in plain.keys() - {"id", "ms"}:
        assert told[name] == plain[name]
    assert KEY not in json.dumps(told)


@pytest.mark.parametrize("told", ["yes", 1, [True]])
def test_what_is_no_flag_is_refused(told: Any, assistant: Assistant, server: ChatServer) -> None:  # noqa: F811
    with pytest.raises(Refused, match='"translate" must be true or false'):
        answer_record(Desk(with_model(assistant, server)), QUESTION, None, translate=told)


def test_without_a_model_it_is_said_before_the_question_is_asked(assistant: Assistant) -> None:  # noqa: F811
    with pytest.raises(Refused, match="no chat model here that could translate"):
        answer_record(Desk(assistant), QUESTION, None, translate=True)


@pytest.mark.slow
def test_the_pages_api_translates_when_asked(assistant: Assistant, server: ChatServer) -> None:  # noqa: F811
    server.scripted(says(GOOD))
    address, page = serve(Desk(with_model(assistant, server)))
    try:
        client = Client(address, verbose=False)
        plain = client.predict(QUESTION, quotes_only=True, api_name="/ask")
        told = client.predict(QUESTION, quotes_only=True, translate=True, api_name="/ask")
    finally:
        page.close(verbose=False)

    assert "translations" not in plain
    assert told["quotes"] == plain["quotes"]
    assert {one["text"] for one in told["translations"]["quotes"]} == {GOOD}


@pytest.mark.parametrize(
    ("script", "shown"),
    [
        (says(f"\x1b[31m{GOOD}"), f"    {GOOD} (translation by scripted, not a quotation)\n"),
        (lambda request: request.refuse(500, KEY), "    (the chat model gave no translation that can be shown)\n"),
    ],
)
def test_the_command_translates_when_asked(
    script: Any,
    shown: str,
    assistant: Assistant,  # noqa: F811
    server: ChatServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server.scripted(script)
    for name, value in (("URL", server.url), ("MODEL", "scripted"), ("KEY", KEY)):
        monkeypatch.setenv(f"ARTICLE_QA_LLM_{name}", value)
    command = ["ask", QUESTION, "--index", str(assistant.index), "--no-journal", "--quotes-only", "--translate"]
    ran = CliRunner().invoke(app, command)

    assert ran.exit_code == 0, ran.output
    assert ran.stdout.startswith(EXTRACTIVE)
    assert shown in ran.stdout
    assert "\x1b" not in ran.stdout
    assert KEY not in ran.output


def test_the_command_says_what_a_translation_needs(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.delenv("ARTICLE_QA_LLM_URL", raising=False)
    ran = CliRunner().invoke(app, ["ask", QUESTION, "--index", str(assistant.index), "--translate"])

    assert (ran.exit_code, ran.stdout) == (1, "")
    assert "needs a chat model: set ARTICLE_QA_LLM_URL" in ran.stderr


def test_the_page_shows_markup_in_a_translation_as_text(assistant: Assistant, server: ChatServer) -> None:  # noqa: F811
    from qa.chat import reply, translations

    desk = Desk(with_model(assistant, server.scripted(says(f"{GOOD} * _a_ & 3 > 2"))))
    *_, (_, conversation, _) = reply(desk, QUESTION, [], [], "en", quotes_only=True)
    shown = translations(desk, conversation, "en")

    assert "&#95;a&#95; &#38; 3 &#62; 2" in shown
    assert words("translated", "en", model="scripted").split()[0] in shown
