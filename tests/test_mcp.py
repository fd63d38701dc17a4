"""The tools for other programs' models: the protocol's few words, the same answers and limits as everywhere."""

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse

from app import serve
from qa.answer import Draft
from qa.assistant import Assistant
from qa.chat import Desk
from qa.guard import Rules
from qa.mcp import Json, Mcp
from qa.read import Candidate

QUESTION = "Which city will host Expo 2030?"


@pytest.fixture(scope="module")
def url(assistant: Assistant) -> Iterator[str]:
    address, page = serve(Desk(assistant), mcp=True)
    yield f"{address}mcp"
    page.close(verbose=False)


def call(url: str, method: str, params: Any = None, **headers: Any) -> Any:
    return httpx.post(url, json={"jsonrpc": "2.0", "id": 7, "method": method, "params": params}, timeout=60, **headers).json()


def test_a_client_is_welcomed_and_told_the_tools(url: str) -> None:
    welcome = call(url, "initialize", {"protocolVersion": "2025-03-26", "capabilities": {}})["result"]
    notified = httpx.post(url, json={"jsonrpc": "2.0", "method": "notifications/initialized"})
    tools = call(url, "tools/list")["result"]["tools"]

    assert (welcome["protocolVersion"], welcome["capabilities"]) == ("2025-03-26", {"tools": {}})
    assert (notified.status_code, notified.content) == (202, b"")
    assert [tool["name"] for tool in tools] == ["ask_corpus", "search_passages"]
    assert call(url, "ping") == {"jsonrpc": "2.0", "id": 7, "result": {}}


def test_the_tools_answer_with_words_that_stand_in_the_articles(url: str, assistant: Assistant) -> None:
    asked = call(url, "tools/call", {"name": "ask_corpus", "arguments": {"question": QUESTION}})["result"]
    found = call(url, "tools/call", {"name": "search_passages", "arguments": {"question": QUESTION, "languages": ["ar"]}})[
        "result"
    ]
    article = assistant.snapshot().article_by_id

    assert (asked["isError"], asked["structuredContent"]["decision"]) == (False, "answered")
    for row in asked["structuredContent"]["quotes"] + found["structuredContent"]["passages"]:
        assert row["text"] == article(row["article_id"]).text[row["start"] : row["end"]]  # type: ignore[union-attr]
    assert {row["language"] for row in found["structuredContent"]["passages"]} == {"ar"}


#: What the official Python client sends (mcp 2.3.0), in this order, with the headers that matter: first it asks for
#: a newer protocol's welcome, then begins as older servers expect.
ABOUT = {"name": "mcp", "version": "0.1.0"}
NEWER = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": ABOUT,
    "io.modelcontextprotocol/clientCapabilities": {},
}
BEGUN = {"mcp-protocol-version": "2025-06-18"}
SESSION: list[tuple[Json, dict[str, str]]] = [
    (
        {"id": 1, "method": "server/discover", "params": {"_meta": NEWER}},
        {"mcp-protocol-version": "2026-07-28", "mcp-method": "server/discover"},
    ),
    (
        {"id": 2, "method": "initialize", "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": ABOUT}},
        {},
    ),
    ({"method": "notifications/initialized"}, BEGUN),
    ({"id": 3, "method": "tools/list"}, BEGUN),
    ({"id": 4, "method": "tools/call", "params": {"name": "ask_corpus", "arguments": {"question": QUESTION}}}, BEGUN),
    ({"id": 5, "method": "tools/call", "params": {"name": "search_passages", "arguments": {"question": QUESTION}}}, BEGUN),
]


def test_the_official_clients_session_is_answered_as_it_expects(url: str) -> None:
    """That client, against this server, listed both tools and called them with these very messages."""
    told = []
    for message, headers in SESSION:
        accepts = {"accept": "application/json, text/event-stream", **headers}
        answer = httpx.post(url, json={"jsonrpc": "2.0", **message}, headers=accepts, timeout=60)
        told.append(answer.json() if answer.content else answer.status_code)
        assert answer.headers.get("content-type") in ("application/json", None)

    assert told[0]["error"]["code"] == -32601
    assert told[1]["result"]["protocolVersion"] == "2025-06-18"
    assert told[2] == 202
    assert [tool["name"] for tool in told[3]["result"]["tools"]] == ["ask_corpus", "search_passages"]
    assert [answer["id"] for answer in told if isinstance(answer, dict)] == [1, 2, 3, 4, 5]
    for answer in told[4:]:
        assert json.loads(answer["result"]["content"][0]["text"]) == answer["result"]["structuredContent"]


WRONG: dict[str, tuple[Any, str]] = {
    "nothing": ({}, "The question must be a string."),
    "a list": ({"question": ["x"]}, "The question must be a string."),
    "overlong": ({"question": "a" * 5000}, "Your question has 5000 characters; please ask it in at most 1000."),
    "a date in words": ({"question": "x", "since": "hier"}, '"since" must be a date such as 2025-09-04.'),
    "arguments that are none": ([1], "The question must be a string."),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_answered_is_refused_in_the_same_words_as_elsewhere(url: str, case: str) -> None:
    arguments, message = WRONG[case]
    result = call(url, "tools/call", {"name": "search_passages", "arguments": arguments})["result"]

    assert result == {"content": [{"type": "text", "text": message}], "isError": True}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", -32700),
        (b"[" * 100_000, -32700),
        (b"[]", -32600),
        (b'{"jsonrpc": "1.0", "id": 1, "method": "ping"}', -32600),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "resources/list"}', -32601),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "rm"}}', -32602),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": ["ask_corpus"]}}', -32602),
        (b" " * 300_000 + b"{}", -32700),
    ],
)
def test_what_is_no_request_is_told_so(url: str, body: bytes, code: int) -> None:
    assert httpx.post(url, content=body).json()["error"]["code"] == code


def test_it_is_there_only_when_asked_for(address: str, url: str) -> None:
    assert httpx.post(f"{address}mcp", json={}).status_code == 404
    assert httpx.get(url).status_code == 405
    assert httpx.post(url, json={}, headers={"origin": "http://evil.example"}).status_code == 403


def test_the_same_log_in_and_the_same_rate(assistant: Assistant) -> None:
    address, page = serve(Desk(assistant), rules=Rules(a_minute=6), logins=[("ana", "a long password")], mcp=True)
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    tries = [None, ("ana", "wrong"), ("bo", "a long password"), ("ana", "a long password")]
    codes = [httpx.post(f"{address}mcp", json=ping, auth=auth).status_code for auth in tries]
    httpx.get(f"{address}mcp")
    odd = httpx.post(f"{address}mcp", json=ping, headers={"authorization": "Basic ???"}).status_code
    last = [httpx.post(f"{address}mcp", json=ping, auth=tries[-1]).status_code for _ in range(2)]
    page.close(verbose=False)

    assert (codes, odd, last) == ([401, 401, 401, 200], 401, [200, 429])


class WaitingWriter:
    """Writes when it is let."""

    name = "waiting"

    def __init__(self) -> None:
        self.let = threading.Event()

    def write(self, question: str, language: str | None, candidates: list[Candidate]) -> Draft:
        self.let.wait(60)
        return Draft((), "waiting")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.anyio
async def test_more_calls_than_can_wait_are_told_so_and_leave_the_page_its_threads(
    assistant: Assistant, sample_index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.mcp.AT_ONCE", 2)
    monkeypatch.setattr("qa.mcp.WAITING", 1)
    writer = WaitingWriter()
    mcp = Mcp(PlainTextResponse("the page"), Desk(Assistant(sample_index, assistant.encoder, writer)))
    body = {
        "jsonrpc": "2.0",
        "id": 7,
        "method": "tools/call",
        "params": {"name": "ask_corpus", "arguments": {"question": QUESTION}},
    }
    async with httpx.AsyncClient(transport=httpx.ASGITransport(mcp), base_url="http://127.0.0.1", timeout=60) as client:
        calls = [asyncio.create_task(client.post("/mcp", json=body)) for _ in range(60)]
        try:
            busy, waiting = await asyncio.wait(calls, timeout=3)
            free = await asyncio.wait_for(run_in_threadpool(lambda: "free"), 10)
        finally:
            writer.let.set()
        answers = [call.result().json()["result"] for call in busy]
        late = [(await call).json()["result"] for call in waiting]
        after = (await client.post("/mcp", json=body)).json()["result"]

    told = {"content": [{"type": "text", "text": "Too many are asking just now: ask again in a moment."}], "isError": True}
    assert (answers, free) == ([told] * 57, "free")
    assert [one["isError"] for one in [*late, after]] == [False] * 4
