"""A chat-completion server on loopback that does what a test scripts: says a reply, badly or well, and keeps what it was sent."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from qa.chat_model import ChatModel, Endpoint, Limits

KEY = "sk-a-key-that-nobody-may-see"
#: Short, so that a test of a limit takes no longer than it must; and long, where no limit is to be met on a busy machine.
QUICK = Limits(connect=1.0, first=0.6, total=1.5, tokens=300, bytes=200_000, waits=0.4)
PATIENT = replace(QUICK, connect=5.0, first=20.0, total=30.0, waits=1.5)


class Request(BaseHTTPRequestHandler):
    """One request; ``sent`` is its JSON. What a script may do with it."""

    protocol_version = "HTTP/1.1"
    server: "ChatServer"

    def do_POST(self) -> None:
        self.sent: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.sent.append(self.sent)
        self.close_connection = True
        try:
            self.server.script(self)
        except (BrokenPipeError, ConnectionResetError):
            self.server.hung_up.set()

    def log_message(self, *_: object) -> None:
        pass

    def begin(self, status: int = 200, kind: str = "text/event-stream", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Connection", "close")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def write(self, data: bytes | str) -> None:
        self.wfile.write(data if isinstance(data, bytes) else data.encode())
        self.wfile.flush()

    def event(self, text: str | None, finish: str | None = None) -> None:
        delta = {} if text is None else {"content": text}
        self.write(f"data: {json.dumps({'choices': [{'index': 0, 'delta': delta, 'finish_reason': finish}]})}\n\n")

    def refuse(self, status: int, body: str = '{"error": {"message": "no"}}', **headers: str) -> None:
        self.begin(status, "application/json", **headers)
        self.write(body)


class ChatServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.script: Callable[[Request], None] = says("")
        self.sent: list[dict[str, Any]] = []
        self.hung_up = threading.Event()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def scripted(self, script: Callable[[Request], None]) -> "ChatServer":
        self.script, self.sent = script, []
        self.hung_up.clear()
        return self

    def model(self, limits: Limits = PATIENT) -> ChatModel:
        return ChatModel(Endpoint(self.url, "scripted", KEY), limits)


@contextmanager
def chat_server() -> Iterator[ChatServer]:
    server = ChatServer()
    yield server
    server.shutdown()
    server.server_close()


def says(text: str, piece: int = 7, pause: float = 0.0) -> Callable[[Request], None]:
    """A stream of ``text`` in pieces of so many characters, as a well-behaved server sends it."""

    def script(request: Request) -> None:
        request.begin()
        for at in range(0, len(text), piece):
            request.event(text[at : at + piece])
            time.sleep(pause)
        request.event(None, "stop")
        request.write("data: [DONE]\n\n")

    return script


def answers(*sentences: tuple[str, list[tuple[int, str]]]) -> str:
    """The JSON that a model is asked for."""
    listed = [
        {"text": text, "quotes": [{"passage": number, "quote": words} for number, words in quotes]} for text, quotes in sentences
    ]
    return json.dumps({"answerable": bool(sentences), "sentences": listed}, ensure_ascii=False)


def passages_in(sent: dict[str, Any]) -> dict[int, str]:
    """The numbered passages of a request to word an answer, as the model reads them."""
    found = re.findall(r"<<<PASSAGE (\d+) \([^\n]*\)\n(.*?)\n>>>\n", sent["messages"][-1]["content"], re.DOTALL)
    return {int(number): words for number, words in found}
