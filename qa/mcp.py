"""The articles as tools for other programs' models: MCP over HTTP, one request one answer, no session kept.

Of the protocol (revision 2025-06-18) it speaks what two tools need: ``initialize``, ``ping``, ``tools/list``, ``tools/call``.
Gradio's own server would need another pydantic than the rest, and would offer every endpoint of the page.
"""

import asyncio
import base64
import binascii
import hmac
import json
from collections.abc import Callable
from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from qa.chat import Desk, Refused, answer_record, search_passages
from qa.question import LONGEST_QUESTION

PROTOCOLS = ("2025-06-18", "2025-03-26")
#: Bytes of a request.
LONGEST = 200_000
#: Calls worked on at once, in threads that the page needs too, and calls that may wait; one beyond them is told so at once.
AT_ONCE, WAITING = 8, 64
_FILTERS = {
    "languages": {"type": "array", "items": {"type": "string"}, "description": "ISO 639-1 codes; none for all"},
    "sources": {"type": "array", "items": {"type": "string"}, "description": "outlets; none for all"},
    "since": {"type": "string", "format": "date", "description": "published on this day or later"},
    "until": {"type": "string", "format": "date", "description": "published on this day or before"},
}
_QUESTION = {"type": "string", "maxLength": LONGEST_QUESTION, "description": "in any language; the articles may be in another"}
TOOLS = [
    {
        "name": "ask_corpus",
        "description": "Answer a question from the articles, with verbatim quotes and their places, or say that they do not.",
        "inputSchema": {"type": "object", "properties": {"question": _QUESTION, **_FILTERS}, "required": ["question"]},
        "annotations": {"readOnlyHint": True},
    },
    {
        "name": "search_passages",
        "description": "The passages of the articles nearest to a question, best first, word for word, with their places.",
        "inputSchema": {"type": "object", "properties": {"question": _QUESTION, **_FILTERS}, "required": ["question"]},
        "annotations": {"readOnlyHint": True},
    },
]
Json = dict[str, Any]


class Mcp:
    """ASGI middleware that answers ``POST /mcp`` and passes all else on. ``logins``: names and passwords, by HTTP Basic."""

    def __init__(self, app: ASGIApp, desk: Desk, logins: list[tuple[str, str]] | None = None):
        self._app = app
        self._desk = desk
        self._logins = logins
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._calls = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/mcp":
            await self._app(scope, receive, send)
            return
        if not self._admitted(scope):
            answer: Response = PlainTextResponse("Log in first.", 401, {"www-authenticate": "Basic"})
        elif scope["method"] != "POST":
            answer = PlainTextResponse("Only POST.", 405, {"allow": "POST"})
        else:
            answer = await self._answer(await _body(receive), (scope.get("client") or ("",))[0])
        await answer(scope, receive, send)

    def _admitted(self, scope: Scope) -> bool:
        if not self._logins:
            return True
        header = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        kind, _, packed = header.partition(b" ")
        try:
            said = base64.b64decode(packed, validate=True) if kind.lower() == b"basic" else b""
        except binascii.Error:
            said = b""
        held = [f"{name}:{password}".encode() for name, password in self._logins]
        return sum(hmac.compare_digest(said, one) for one in held) > 0

    async def _answer(self, body: bytes | None, address: str) -> Response:
        try:
            asked = json.loads(body or b"")
        except (ValueError, RecursionError):
            return _error(None, -32700, "This is not JSON.", 400)
        if not isinstance(asked, dict) or asked.get("jsonrpc") != "2.0" or not isinstance(asked.get("method"), str):
            return _error(None, -32600, "This is no JSON-RPC request.", 400)
        if "id" not in asked:
            return Response(status_code=202)  # a notification
        asked_id = asked["id"] if isinstance(asked["id"], str | int) else None
        given = asked.get("params")
        params: Json = given if isinstance(given, dict) else {}
        if asked["method"] == "tools/call":
            return await self._call(asked_id, params, address)
        methods: dict[str, Callable[[Json], Json]] = {
            "initialize": _initialized,
            "ping": lambda params: {},
            "tools/list": lambda params: {"tools": TOOLS},
        }
        if asked["method"] not in methods:
            return _error(asked_id, -32601, "There is no such method.")
        return JSONResponse({"jsonrpc": "2.0", "id": asked_id, "result": methods[asked["method"]](params)})

    async def _call(self, asked_id: str | int | None, params: Json, address: str) -> Response:
        tools: dict[str, Callable[..., Json]] = {"ask_corpus": partial(_asked, address), "search_passages": search_passages}
        given = params.get("arguments")
        arguments: Json = given if isinstance(given, dict) else {}
        if params.get("name") not in list(tools):
            return _error(asked_id, -32602, "There is no such tool.")
        filters = [arguments.get(name) for name in _FILTERS]
        try:
            found = await self._in_turn(tools[params["name"]], arguments.get("question"), *filters)
            result: Json = {
                "content": [{"type": "text", "text": json.dumps(found, ensure_ascii=False)}],
                "structuredContent": found,
                "isError": False,
            }
        except Refused as refused:
            result = {"content": [{"type": "text", "text": str(refused)}], "isError": True}
        return JSONResponse({"jsonrpc": "2.0", "id": asked_id, "result": result})

    async def _in_turn(self, tool: Callable[..., Json], *asked: object) -> Json:
        if self._calls >= AT_ONCE + WAITING:
            raise Refused("Too many are asking just now: ask again in a moment.")
        self._calls += 1
        try:
            async with self._turns:
                return await run_in_threadpool(tool, self._desk, *asked)
        finally:
            self._calls -= 1


def _asked(address: str, desk: Desk, question: object, *filters: object) -> Json:
    return answer_record(desk, question, None, *filters, payer=address)


def _initialized(params: Json) -> Json:
    version = params.get("protocolVersion")
    return {
        "protocolVersion": version if version in PROTOCOLS else PROTOCOLS[0],
        "capabilities": {"tools": {}},
        "serverInfo": {"name": "article-qa", "version": "1"},
    }


def _error(asked_id: str | int | None, code: int, message: str, status: int = 200) -> Response:
    return JSONResponse({"jsonrpc": "2.0", "id": asked_id, "error": {"code": code, "message": message}}, status)


async def _body(receive: Receive) -> bytes | None:
    """The request's body; None for one that is too long."""
    body: bytes = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > LONGEST:
            return None
        if message["type"] != "http.request" or not message.get("more_body"):
            return bytes(body)
