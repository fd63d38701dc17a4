"""A conversation held in little: packed, no longer than the browser's own, let go when its page is closed, and back when asked for."""

import gc
import json
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest

from app import serve
from index.build import build
from index.encoder import Encoder
from index.options import BuildOptions
from qa.assistant import Assistant
from qa.chat import Desk, reply
from qa.conversation import MOST_KEPT, Conversation, Entry, at_hand, latest, of_log, restored, stored, turns_of_log
from qa.question import Turn
from qa.render import notice
from qa.request import LONGEST_TURN
from qa.sessions import Sessions

QUESTIONS = ("Which city will host Expo 2030?", "Où Charles III a-t-il été couronné ?", "Who won the Kazakh chess championship?")
Log = list[dict[str, Any]]


def talk(assistant: Assistant, questions: list[str], log: Log, held: Conversation) -> tuple[Log, Conversation, str]:
    """The log, the conversation and the panel after these questions, as the page goes on from them."""
    panel = ""
    for question in questions:
        log = [*latest(log), {"role": "user", "content": question}]
        *_, (said, held, panel) = reply(Desk(assistant), question, log[:-1], held, "en")
        log = [*log, {"role": "assistant", "content": said}]
    return log, held, panel


@pytest.fixture(scope="module")
def told(assistant: Assistant) -> tuple[Log, Conversation, str]:
    return talk(assistant, [*QUESTIONS, "?!", QUESTIONS[0]], [], [])


def test_an_entry_holds_what_it_was_made_of(told: tuple[Log, Conversation, str]) -> None:
    _, held, panel = told

    assert [entry.record["question"] for entry in held] == [*QUESTIONS, QUESTIONS[0]]  # the notice is no answer
    assert [entry.record["id"] for entry in held] == [entry.answer_id for entry in held]
    assert all(entry.section("en") in panel and entry.section("fr") != entry.section("en") for entry in held)
    assert len({entry.answer_id for entry in held}) == 4


def test_the_log_says_which_answers_are_held(told: tuple[Log, Conversation, str]) -> None:
    """Taken back, asked again, cleared, or told by somebody else: only what stands in the log is kept."""
    log, held, _ = told
    forged = {"role": "user", "content": log[1]["content"]}
    shifted = [{**log[1], "content": f" {log[1]['content']}"}]

    assert of_log(held, log) == held
    assert of_log(held, log[:-2]) == held[:-1]
    assert of_log(held, log[2:]) == held[1:]
    assert of_log(held, [*log[2:4], *log[:2]]) == [held[1], held[0]]
    assert of_log(held, []) == of_log([], log) == of_log(held, [forged]) == of_log(held, shifted) == []


def test_a_conversation_keeps_its_last_answers(assistant: Assistant, told: tuple[Log, Conversation, str]) -> None:
    """On the page, in the panel, in what is saved and in the browser alike."""
    log, held, _ = told
    long_log, long_held = log[:2] * (MOST_KEPT - 1), held[:1] * (MOST_KEPT - 1)
    log, held, panel = talk(assistant, list(QUESTIONS[1:]), long_log, long_held)

    assert len(log) == 2 * MOST_KEPT
    assert [message["role"] for message in log] == ["user", "assistant"] * MOST_KEPT
    assert [entry.record["question"] for entry in held[-2:]] == list(QUESTIONS[1:])
    assert len(held) == panel.count("<section") == len(stored(held)["records"]) == MOST_KEPT


def test_a_message_too_long_to_be_a_turn_does_not_stop_the_next_questions() -> None:
    refused = [{"role": "user", "content": "a" * (LONGEST_TURN + 1)}, {"role": "assistant", "content": notice("Too long.")}]
    asked = [{"role": "user", "content": "a" * LONGEST_TURN}]

    assert turns_of_log([*refused, *asked]) == [Turn("assistant", "Too long."), Turn("user", "a" * LONGEST_TURN)]


def asked_before(entry: Entry) -> list[str]:
    return [turn["text"] for turn in entry.record["history"] if turn["role"] == "user"]


def test_what_the_server_let_go_comes_back_from_the_browser(assistant: Assistant, told: tuple[Log, Conversation, str]) -> None:
    log, held, panel = told
    kept = json.loads(json.dumps(stored(held)))
    back = at_hand(assistant, [], kept, "en")
    _, on, _ = talk(assistant, [QUESTIONS[1]], log, back)

    assert at_hand(assistant, held, None, "en") is held
    assert [entry.answer_id for entry in back] == [entry.answer_id for entry in held]
    # A verdict on a follow-up is asked again with the turns it followed.
    assert [asked_before(entry) for entry in back[:3]] == [asked_before(entry) for entry in held[:3]]
    assert asked_before(back[2]) == [*QUESTIONS[:2]]
    assert all(entry.section("en") in panel for entry in back)
    assert [entry.answer_id for entry in on[:-1]] == [entry.answer_id for entry in held]


def test_copies_are_told_after_a_reload_too(encoder: Encoder, tmp_path: Path) -> None:
    text = "Le pont de Clairval a cédé lundi matin. Personne n’a été blessé. La route reste fermée jusqu’à vendredi soir."
    rows = [{"id": f"a{n}", "text": text, "source": f"Journal {n}", "date": f"2025-03-0{n}"} for n in (1, 2, 3)]
    (tmp_path / "articles.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    build([tmp_path / "articles.jsonl"], tmp_path / "index", encoder, BuildOptions())
    assistant = Assistant(tmp_path / "index", encoder)
    *_, (_, held, panel) = reply(
        Desk(assistant), "Qui a été blessé à Clairval ?", [], [], "fr", None, ["Journal 1", "Journal 3"], None, None
    )
    _, _, again = restored(assistant, json.loads(json.dumps(stored(held))), "fr")

    assert "Le même texte dans un autre article" in panel
    assert "Journal&#32;2" not in panel
    assert "Journal 2" not in panel
    assert again == panel


def test_an_answer_of_an_open_conversation_takes_few_bytes(assistant: Assistant) -> None:
    """As many people as like may leave their pages open: 40 answers of 500 pages come to less than 250 MB."""
    question = "What role does the American backstop play for Ukraine?"
    many, traced = [], []
    tracemalloc.start()
    for _ in range(12):
        many.append(talk(assistant, [question], [], [])[1])
        gc.collect()
        traced.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()

    # The first answers also leave what all later ones share: compiled patterns, connections, words looked up.
    assert len(many) == 12
    assert (traced[11] - traced[3]) / 8 < 12_000


@pytest.fixture
def page(assistant: Assistant) -> Iterator[tuple[str, gr.Blocks]]:
    address, page = serve(Desk(assistant))
    yield address, page
    page.close(verbose=False)


def ask(address: str, session: str, question: str = QUESTIONS[0], fetch: bool = True) -> None:
    joined = httpx.post(f"{address}gradio_api/call/chat", json={"data": [question, "en"], "session_hash": session}, timeout=60)
    joined.raise_for_status()
    if fetch:
        assert "event: complete" in httpx.get(f"{address}gradio_api/call/chat/{joined.json()['event_id']}", timeout=60).text


def test_gradio_keeps_nothing_of_what_a_session_was_shown(page: tuple[str, gr.Blocks]) -> None:
    """But its states: no log, no panel, no list of the articles' outlets for each page."""
    address, blocks = page
    ask(address, "one")
    ask(address, "one")
    session = blocks.app.state_holder.session_data["one"]
    states = {name: value for name, value in session.state_data.items() if value}

    assert session.config_values == {}
    assert sorted(type(value[0]).__name__ for value in states.values()) == ["Entry", "dict"]
    assert len(blocks._queue.event_analytics) == 1


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_closed_page_leaves_nothing_behind(page: tuple[str, gr.Blocks]) -> None:
    """Nor do answers that nobody fetches. A page that is open, or was a moment ago, stays."""
    address, blocks = page
    clock = Clock()
    sessions = Sessions(blocks.app, over=60, clock=clock)
    sessions._open["open"] = 1
    for name in ("open", "closed", "back"):
        ask(address, name)
    ask(address, "left", fetch=False)
    holder, queue = blocks.app.state_holder, blocks._queue
    while queue.event_ids_to_events:
        time.sleep(0.05)

    def kept() -> list[set[str]]:
        held = (holder.session_data, holder.time_last_used, queue.pending_messages_per_session, queue.pending_event_ids_session)
        return [set(one) & {"open", "closed", "back", "left"} for one in held]

    assert queue.pending_messages_per_session["left"].qsize() > 0
    sessions.let_go(blocks.app)
    clock.now = 59
    ask(address, "back")
    sessions.let_go(blocks.app)
    assert kept() == [{"open", "closed", "back", "left"}] * 4
    clock.now = 61
    sessions.let_go(blocks.app)
    assert kept() == [{"open", "back"}] * 4
    clock.now = 120
    sessions.let_go(blocks.app)
    assert kept() == [{"open"}] * 4


def test_who_has_the_page_open_is_known_by_its_connection(assistant: Assistant) -> None:
    address, blocks = serve(Desk(assistant))
    try:
        [sessions] = [one for one in chain(blocks.app.middleware_stack) if isinstance(one, Sessions)]
        with httpx.stream("GET", f"{address}gradio_api/heartbeat/abc") as first:
            lines = first.iter_lines()  # which hangs up when nobody holds it any more
            next(lines)
            assert sessions._open == {"abc": 1}
        deadline = time.monotonic() + 20
        while sessions._open and time.monotonic() < deadline:
            time.sleep(0.05)
        assert sessions._open == {}
    finally:
        blocks.close(verbose=False)


def chain(app: Any) -> Iterator[Any]:
    """An ASGI application, and those that it wraps."""
    while app is not None:
        yield app
        app = getattr(app, "app", getattr(app, "_app", None))
