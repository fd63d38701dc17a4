"""A chat model behind an OpenAI-compatible endpoint: messages to text, piece by piece, within limits.

All of it may fail and nothing of it is trusted: who calls catches ``ModelFailed`` and does without.
"""

import asyncio
import queue
import random
import threading
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from corpus.errors import ArticleQAError, InputError
from qa.breaker import Breaker
from qa.budget import CHARACTERS, Budget
from qa.guard import is_loopback
from qa.sse import Events, Garbled

Message = dict[str, str]
URL, MODEL, KEY = "ARTICLE_QA_LLM_URL", "ARTICLE_QA_LLM_MODEL", "ARTICLE_QA_LLM_KEY"
#: Tokens in an hour, of everybody together and of one person.
HOURLY, SHARE = "ARTICLE_QA_LLM_TOKENS_PER_HOUR", "ARTICLE_QA_LLM_TOKENS_PER_PERSON"
#: Seconds between looks at whether somebody wants it stopped.
GLANCE = 0.1
#: Answers that may be other another time.
_PASSING = frozenset({408, 429, 500, 502, 503, 504})
#: Failures of a server that read and wrote nothing.
_UNPAID = frozenset({"unreachable", "denied", "busy", "failed"})
_REASONS = {
    "unreachable": "the chat model's server cannot be reached",
    "slow": "the chat model took too long",
    "denied": "the chat model's server refused the request ({status})",
    "busy": "the chat model's server is busy ({status})",
    "failed": "the chat model's server failed ({status})",
    "garbled": "the chat model's server sent what cannot be read",
    "cut": "the chat model's answer broke off",
    "overlong": "the chat model's answer was too long",
    "resting": "the chat model failed just now and is left alone for a while",
    "spent": "the chat model's tokens of this hour are spent",
    "share": "this person's share of the chat model's tokens of this hour is spent",
    "cancelled": "stopped",
}


class ModelFailed(ArticleQAError):
    """``kind``: a key of the reasons above. Holds nothing of what was sent or received, so no key can leak with it."""

    def __init__(self, kind: str, status: int | None = None, again: bool = False, rest: float | None = None):
        super().__init__(_REASONS[kind].format(status=status))
        self.kind, self.again, self.rest = kind, again, rest


@dataclass(frozen=True)
class Endpoint:
    """``url`` as OpenAI's own clients take it, usually ending in ``/v1``; ``model`` is the server's name for it."""

    url: str
    model: str
    key: str = field(default="", repr=False)


@dataclass(frozen=True)
class Limits:
    """Seconds to connect, to the first token, in all; tokens and bytes of a reply; tries, and the seconds all waits between
    them may take together: a person is waiting. ``passages``: bytes of passages shown at most; with the rest they fit a
    window of 4,096 tokens."""

    connect: float = 3.0
    first: float = 30.0
    total: float = 90.0
    tokens: int = 800
    bytes: int = 1_000_000
    tries: int = 3
    waits: float = 1.5
    passages: int = 7000


@dataclass(frozen=True)
class Prompt:
    """What is sent. With a ``schema`` the reply is to be such JSON; ``plain`` is what is sent to a server that knows none."""

    messages: tuple[Message, ...]
    schema: dict[str, Any] | None = None
    plain: tuple[Message, ...] = ()
    tokens: int | None = None


class ChatModel:
    """Any number of threads may ask. ``holds``: what must live as long, such as a server in this process."""

    def __init__(self, endpoint: Endpoint, limits: Limits | None = None, budget: Budget | None = None, holds: object = None):
        self.name, self.limits = endpoint.model, limits or Limits()
        self._endpoint, self._breaker, self._budget, self._holds = endpoint, Breaker(), budget or Budget(), holds
        self._schemas = True
        self._start = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def stream(self, prompt: Prompt, cancel: threading.Event | None = None, payer: str = "") -> Generator[str]:
        """The reply's text in pieces, none empty. ModelFailed, possibly after some of it.

        Closing the iterator, or setting ``cancel``, closes the connection at once, which is what stops a server's work.
        ``payer``: for whom it is, whose share of the tokens it takes.
        """
        began, cost = time.monotonic(), self._cost(prompt)
        if short := self._budget.spend(began, cost, payer):
            raise ModelFailed(short)
        if not self._breaker.allows(began):
            self._budget.give_back(began, cost, payer)
            raise ModelFailed("resting")
        pieces: queue.Queue[str | ModelFailed | None] = queue.Queue()
        task = asyncio.run_coroutine_threadsafe(self._fetch(prompt, pieces.put), self._running())
        try:
            while (piece := _next(pieces, cancel)) is not None:
                if isinstance(piece, ModelFailed):
                    if piece.kind == "overlong":  # it rambles, but it is there
                        self._breaker.succeeded()
                    else:
                        self._breaker.failed(time.monotonic(), piece.rest)
                    if piece.kind in _UNPAID:
                        self._budget.give_back(began, cost, payer)
                    raise piece
                yield piece
            self._breaker.succeeded()
        finally:
            task.cancel()

    def _cost(self, prompt: Prompt) -> int:
        """Tokens it may take at most, before anything is known of the reply."""
        sent = sum(len(message["content"]) for message in prompt.messages)
        return sent // CHARACTERS + min(prompt.tokens or self.limits.tokens, self.limits.tokens)

    def _running(self) -> asyncio.AbstractEventLoop:
        """The loop that fetches, in a thread of its own: there every wait, a name look-up too, ends at its limit."""
        with self._start:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="chat-model", daemon=True).start()
            return self._loop

    async def _fetch(self, prompt: Prompt, put: Callable[[str | ModelFailed | None], None]) -> None:
        """Puts pieces, then None, or the failure."""
        said = False

        def say(piece: str) -> None:
            nonlocal said
            said = True
            put(piece)

        waited = 0.0
        try:
            async with asyncio.timeout(self.limits.total):
                for attempt in range(1, self.limits.tries + 1):
                    try:
                        await self._once(prompt, say)
                        return put(None)
                    except ModelFailed as failure:
                        wait = random.uniform(0.5, 1.0) * 0.25 * 2**attempt if failure.rest is None else failure.rest
                        if said or not failure.again or attempt == self.limits.tries or waited + wait > self.limits.waits:
                            return put(failure)
                    waited += wait
                    await asyncio.sleep(wait)
        except TimeoutError:
            put(ModelFailed("slow"))
        except Exception:  # a person waits for what is put: whatever this is, it is said, and without its text
            put(ModelFailed("garbled"))

    async def _once(self, prompt: Prompt, say: Callable[[str], None]) -> None:
        try:
            async with asyncio.timeout(self.limits.first) as limit:

                def heard() -> None:
                    limit.reschedule(None)

                await self._post(prompt, say, heard)
        except TimeoutError:
            raise ModelFailed("slow") from None
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol, httpx.ProxyError):
            raise ModelFailed("unreachable") from None
        except httpx.HTTPError:
            raise ModelFailed("cut", again=True) from None
        except Garbled:
            raise ModelFailed("garbled") from None

    async def _post(self, prompt: Prompt, say: Callable[[str], None], heard: Callable[[], None]) -> None:
        with_schema = prompt.schema is not None and self._schemas
        body = self._body(prompt, with_schema)
        # Uncompressed, so that the bytes counted are the bytes held.
        headers = {"Accept-Encoding": "identity"}
        if self._endpoint.key:
            headers["Authorization"] = f"Bearer {self._endpoint.key}"
        timeout = httpx.Timeout(None, connect=self.limits.connect)
        address = f"{self._endpoint.url.rstrip('/')}/chat/completions"
        # A proxy of the environment is for the world outside, not for a server on this machine. Redirects are not followed.
        outside = not is_loopback(urlsplit(address).hostname or "")
        async with (
            httpx.AsyncClient(timeout=timeout, trust_env=outside) as client,
            client.stream("POST", address, json=body, headers=headers) as response,
        ):
            if response.status_code in (400, 422) and prompt.schema is not None:
                # Where the plain prompt is refused as well it was not the schema, but a prompt too long, perhaps.
                self._schemas = not with_schema
                raise ModelFailed("denied", response.status_code, again=with_schema, rest=0.0 if with_schema else None)
            _check(response)
            await self._read(response, say, heard)

    def _body(self, prompt: Prompt, with_schema: bool) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self._endpoint.model,
            "messages": list(prompt.messages if with_schema or not prompt.plain else prompt.plain),
            "stream": True,
            "temperature": 0,
            "max_tokens": min(prompt.tokens or self.limits.tokens, self.limits.tokens),
        }
        if with_schema:
            schema = {"name": "answer", "strict": True, "schema": prompt.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return body

    async def _read(self, response: httpx.Response, say: Callable[[str], None], heard: Callable[[], None]) -> None:
        events = Events(streamed="event-stream" in response.headers.get("content-type", ""))
        size = 0
        async for chunk in response.aiter_raw():
            size += len(chunk)
            if size > self.limits.bytes:
                raise ModelFailed("overlong")
            for piece in events.feed(chunk):
                heard()
                if piece:
                    say(piece)
            if events.done:
                break
        for piece in events.end():
            say(piece)
        if events.finish == "length":
            raise ModelFailed("overlong")
        if not events.done and events.finish is None:
            raise ModelFailed("cut")


def endpoint_of(environment: Mapping[str, str]) -> Endpoint | None:
    """The endpoint that the environment names, None if it names none. InputError says what is wrong with it, never what it is."""
    url, model, key = (environment.get(name, "").strip() for name in (URL, MODEL, KEY))
    if not url:
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https") or parts.query or parts.username is not None:
        raise InputError(f"{URL} must be a plain http or https address, as http://127.0.0.1:11434/v1; a key goes into {KEY}")
    if not model:
        raise InputError(f"{URL} is set and {MODEL} is not: name the model that the server is to use")
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise InputError(f"{KEY} holds characters that no key can have")
    return Endpoint(url, model, key)


def budget_of(environment: Mapping[str, str]) -> Budget:
    """The tokens that the environment allows in an hour; any number where it says none. InputError for what is no number."""
    told = {name: environment.get(name, "").strip() for name in (HOURLY, SHARE)}
    for name, tokens in told.items():
        if tokens and not (tokens.isascii() and tokens.isdigit()):
            raise InputError(f"{name} must be a number of tokens")
    return Budget(*(int(tokens) if tokens else None for tokens in told.values()))


def _next(pieces: "queue.Queue[str | ModelFailed | None]", cancel: threading.Event | None) -> str | ModelFailed | None:
    while True:
        if cancel is not None and cancel.is_set():
            raise ModelFailed("cancelled")
        try:
            return pieces.get(timeout=GLANCE)
        except queue.Empty:
            continue


def _check(response: httpx.Response) -> None:
    status = response.status_code
    if status == 200:
        return
    kind = "busy" if status == 429 else "failed" if status >= 500 else "denied"
    raise ModelFailed(kind, status, again=status in _PASSING, rest=_seconds(response.headers.get("retry-after", "")))


def _seconds(retry_after: str) -> float | None:
    """The header's number of seconds; None for none, or for a date, which would need both clocks to agree."""
    return float(retry_after) if retry_after.strip().isdecimal() and len(retry_after) < 7 else None
