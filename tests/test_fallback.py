"""A chat model that fails, in every way a server can: the articles' own words stand in within two seconds of the failure."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace

import pytest
from chat_server import KEY, PATIENT, QUICK, ChatServer, Request, answers, chat_server
from test_wording import EXTRACTIVE, QUESTION, SAID, TRUE, assistant, exact  # noqa: F401  fixture

from qa.assistant import Asked, Assistant, Found
from qa.chat_model import ChatModel, Endpoint, Limits, ModelFailed, Prompt

#: Seconds from the failure to the answer.
SOON = 2.0
HALF = answers((SAID, [(1, TRUE)]))[:-40]


@dataclass(frozen=True)
class Case:
    """``does``: what the server does. ``after``: seconds from the request to the failure where a limit makes it one; else it
    fails when it is done, or is hung up on."""

    does: Callable[[Request], None]
    notice: str
    limits: Limits = PATIENT
    after: float | None = None


def silent(request: Request) -> None:
    request.begin()
    time.sleep(3)


def deaf(_: Request) -> None:
    time.sleep(3)


def a_token_a_second(request: Request) -> None:
    request.begin()
    for char in HALF:
        request.event(char)
        time.sleep(1)


def keeps_alive(request: Request) -> None:
    """Comments are no tokens."""
    request.begin()
    while True:
        request.write(b": wait\n\n")
        time.sleep(0.05)


def endless(text: str) -> Callable[[Request], None]:
    def script(request: Request) -> None:
        request.begin()
        while True:
            request.event(text)

    return script


def one_long_line(request: Request) -> None:
    request.begin()
    while True:
        request.write(b"data: " + b"x" * 50_000)


def sends(data: bytes, kind: str = "text/event-stream") -> Callable[[Request], None]:
    def script(request: Request) -> None:
        request.begin(kind=kind)
        request.write(data)

    return script


def cut(request: Request) -> None:
    request.begin()
    request.event(HALF)


def cut_inside_a_character(request: Request) -> None:
    request.begin()
    request.event(HALF)
    request.write(b'data: {"choices":[{"delta":{"content":"\xc3')


def hangs_up(request: Request) -> None:
    request.connection.shutdown(socket.SHUT_RDWR)


def status(code: int, **headers: str) -> Callable[[Request], None]:
    return lambda request: request.refuse(code, f"<html>{KEY}</html>", **headers)


CASES = {
    "no byte": Case(deaf, "slow", QUICK, QUICK.first),
    "no token": Case(silent, "slow", QUICK, QUICK.first),
    "no token, but signs of life": Case(keeps_alive, "slow", QUICK, QUICK.first),
    "a token a second": Case(a_token_a_second, "slow", QUICK, QUICK.total),
    "endless words": Case(endless("again and again "), "garbled"),
    "endless thoughts": Case(endless("<think>hm "), "overlong", replace(PATIENT, bytes=20_000)),
    "endless line": Case(one_long_line, "overlong"),
    "cut": Case(cut, "cut"),
    "cut inside a character": Case(cut_inside_a_character, "cut"),
    "hung up at once": Case(hangs_up, "cut"),
    "empty": Case(sends(b""), "cut"),
    "garbage": Case(sends(b"data: {nonsense\n\n"), "garbled"),
    "not UTF-8": Case(sends(b'data: {"choices":[{"delta":{"content":"\xff\xfe"}}]}\n\n'), "garbled"),
    "a page": Case(sends(b"<!doctype html><h1>Welcome</h1>", "text/html"), "garbled"),
    "another schema": Case(sends(b'data: {"choices":[{"delta":{"content":"{\\"answer\\": 1}"},"finish_reason":"stop"}]}\n\n'), "garbled"),
    "401": Case(status(401), "denied"),
    "403": Case(status(403), "denied"),
    "404": Case(status(404), "denied"),
    "429": Case(status(429), "busy"),
    "429, come back in an hour": Case(status(429, Retry_After="3600"), "busy"),
    "500": Case(status(500), "failed"),
    "502": Case(status(502), "failed"),
    "503, come back in a second": Case(status(503, Retry_After="1"), "failed"),
}  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[ChatServer]:
    with chat_server() as running:
        yield running


@pytest.mark.parametrize("case", CASES)
def test_the_articles_own_words_stand_in_soon_after_the_first_failure(
    case: str,
    assistant: Assistant,  # noqa: F811
    server: ChatServer,
) -> None:
    """Measured by the server, from its first failure on: what is tried again is tried within these seconds, too."""
    it = CASES[case]
    failed: list[float] = []

    def fails(request: Request) -> None:
        if it.after is not None:
            failed.append(time.monotonic() + it.after)
        try:
            it.does(request)
        finally:
            failed.append(time.monotonic())

    model = server.scripted(fails).model(it.limits)
    asked = Assistant(assistant.index, assistant.encoder, model=model).ask(QUESTION)
    answered = time.monotonic()
    deadline = time.monotonic() + 5
    while not failed and time.monotonic() < deadline:  # it notices that it was hung up on when it writes again
        time.sleep(0.01)

    assert answered - failed[0] < SOON
    assert asked.answer.prose.startswith(EXTRACTIVE)
    assert (asked.answer.writer, asked.answer.notice) == ("extractive", it.notice)
    assert asked.answer.quotes
    assert exact(assistant, asked)


UNREACHABLE = {
    "nobody listens": "http://127.0.0.1:9/v1",
    "no such name": "http://nobody.invalid/v1",
    "no TLS there": "https://127.0.0.1:{port}/v1",
}


@pytest.mark.parametrize("case", UNREACHABLE)
def test_the_articles_own_words_stand_in_where_there_is_no_server(
    case: str,
    assistant: Assistant,  # noqa: F811
    server: ChatServer,
) -> None:
    url = UNREACHABLE[case].format(port=server.server_address[1])
    steps = Assistant(assistant.index, assistant.encoder, model=ChatModel(Endpoint(url, "m", KEY), Limits())).stream(QUESTION)
    read = next(step for step in steps if isinstance(step, Found) and step.read)
    began = time.monotonic()
    asked = next(step for step in steps if isinstance(step, Asked))

    assert time.monotonic() - began < SOON
    assert (asked.answer.writer, asked.answer.notice) == ("extractive", "unreachable")
    assert read.hits[0].article.id == asked.answer.hits[0].article.id


def test_a_connection_that_never_comes_ends_at_its_limit(assistant: Assistant) -> None:  # noqa: F811
    """A server whose queue is full answers no call, not even to refuse it."""
    with socket.socket() as full, ExitStack() as waiting:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):
            client = waiting.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(full.getsockname())
        model = ChatModel(
            Endpoint(f"http://127.0.0.1:{full.getsockname()[1]}/v1", "m", KEY), replace(QUICK, first=20.0, total=30.0)
        )
        steps = Assistant(assistant.index, assistant.encoder, model=model).stream(QUESTION)
        next(step for step in steps if isinstance(step, Found) and step.read)
        began = time.monotonic()
        asked = next(step for step in steps if isinstance(step, Asked))
        took = time.monotonic() - began

    assert (asked.answer.writer, asked.answer.notice) == ("extractive", "unreachable")
    assert QUICK.connect <= took < QUICK.connect + SOON


def test_what_is_tried_again_waits_longer_each_time_and_never_just_as_long(server: ChatServer) -> None:
    """So that many who failed together do not come back together."""
    waits = []
    for _ in range(3):
        came: list[float] = []

        def busy(request: Request, came: list[float] = came) -> None:
            came.append(time.monotonic())
            request.refuse(503)

        with pytest.raises(ModelFailed):
            list(server.scripted(busy).model().stream(Prompt(({"role": "user", "content": "?"},))))
        waits.append((came[1] - came[0], came[2] - came[1]))

    assert all(first >= 0.25 and second >= 0.5 for first, second in waits)
    assert sum(map(sum, waits)) < 3 * (PATIENT.waits + 1)
    assert len({round(first, 2) for first, _ in waits} | {round(second, 2) for _, second in waits}) > 3


def test_while_the_circuit_is_open_nobody_waits(assistant: Assistant, server: ChatServer) -> None:  # noqa: F811
    model = server.scripted(status(429, Retry_After="60")).model()
    worded = Assistant(assistant.index, assistant.encoder, model=model)
    notices = [worded.ask(QUESTION).answer.notice for _ in range(3)]

    assert notices == ["busy", "resting", "resting"]
    assert len(server.sent) == 1
