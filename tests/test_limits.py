"""What stands before the page: how often one may ask, how long one waits after wrong passwords, who is let in."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client
from starlette.responses import PlainTextResponse
from typer.testing import CliRunner

from app import cli, serve
from corpus.errors import InputError
from qa.assistant import Assistant
from qa.chat import Desk
from qa.guard import LONGEST_BODY, LOOPBACK_NAMES, Guard, Rules, read_logins
from qa.limits import FREE_TRIES, LONGEST_WAIT, MOST_ADDRESSES, Rate, Tries

QUESTION = "Qui a succédé au pape François ?"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_address_may_ask_so_often_a_minute_and_others_are_not_held_up() -> None:
    clock = Clock()
    rate = Rate(3, clock)

    assert [rate.wait("a") for _ in range(4)] == [0, 0, 0, 20]
    assert rate.wait("b") == 0
    clock.now = 20
    assert [rate.wait("a"), rate.wait("a")] == [0, 20]
    clock.now = 1000
    assert [rate.wait("a") for _ in range(4)] == [0, 0, 0, 20]


def test_many_addresses_take_no_more_room() -> None:
    rate, tries = Rate(1, Clock()), Tries(Clock())
    for number in range(MOST_ADDRESSES + 100):
        rate.wait(str(number))
        tries.wrong(str(number))

    assert len(rate._held) == len(tries._wrong) == MOST_ADDRESSES


def test_a_thousand_wrong_passwords_wait_longer_and_longer_and_a_right_one_forgets() -> None:
    clock = Clock()
    tries, waits = Tries(clock), []
    for _ in range(1000):
        waits.append(tries.wait("a"))
        clock.now += waits[-1]
        tries.wrong("a")

    assert waits[:FREE_TRIES] == [0] * FREE_TRIES
    assert waits[FREE_TRIES : FREE_TRIES + 4] == [2, 4, 8, 16]
    assert waits[-1] == LONGEST_WAIT
    assert tries.wait("b") == 0
    tries.right("a")
    assert tries.wait("a") == 0


@pytest.fixture
def limited(assistant: Assistant) -> Iterator[str]:
    address, page = serve(Desk(assistant), rules=Rules(a_minute=4))
    yield address
    page.close(verbose=False)


@pytest.mark.parametrize("last", ["ask", "chat"])
def test_who_asks_too_often_is_told_to_wait(limited: str, last: str) -> None:
    """By whichever way: questions to one count for the other."""
    said = [httpx.post(f"{limited}gradio_api/call/{way}", json={"data": ["?"]}) for way in ("ask", "chat", "ask", "chat", last)]

    assert [one.status_code for one in said] == [200] * 4 + [429]
    assert said[-1].json() == {"detail": "Too many at once: try again in 15 s."}
    assert said[-1].headers["retry-after"] == "15"
    assert httpx.get(limited).status_code == 200


@pytest.fixture(scope="module")
def locked(assistant: Assistant) -> Iterator[str]:
    address, page = serve(Desk(assistant), logins=[("ana", "a long password")])
    yield address
    page.close(verbose=False)


def test_without_logging_in_there_is_nothing(locked: str) -> None:
    for method, path in (("GET", "config"), ("GET", "gradio_api/info"), ("GET", "article?id=x"), ("POST", "gradio_api/call/ask")):
        refused = httpx.request(method, locked + path, **({"json": {"data": [QUESTION]}} if method == "POST" else {}))
        assert refused.status_code == 401, path
    assert httpx.get(f"{locked}openapi.json").status_code == 404
    assert (
        httpx.get(f"{locked}article?id=x", headers={"cookie": "access-token-x=y; a; =; access-token-unsecure-"}).status_code
        == 401
    )


def test_who_logs_in_may_ask_and_read(locked: str, assistant: Assistant) -> None:
    client = Client(locked, auth=("ana", "a long password"), verbose=False)
    record = client.predict(QUESTION, api_name="/ask")
    with httpx.Client(base_url=locked) as browser:
        browser.post("/login", data={"username": "ana", "password": "a long password"})
        read = browser.get(f"/article?id={record['quotes'][0]['article_id']}")

    assert record["decision"] == "answered"
    assert read.status_code == 200


def test_wrong_passwords_are_slowed(locked: str) -> None:
    said = [
        httpx.post(f"{locked}login", data={"username": "ana", "password": f"guess {number}"}).status_code
        for number in range(FREE_TRIES + 3)
    ]

    assert said == [400] * FREE_TRIES + [429] * 3
    assert httpx.post(f"{locked}login", data={"username": "ana", "password": "a long password"}).status_code == 429


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def locked_app(assistant: Assistant) -> Iterator[Any]:
    """What is served, to be asked without the network: what many do at once comes in one order."""
    _, page = serve(Desk(assistant), logins=[("ana", "a long password")], mcp=True)
    yield page.app
    page.close(verbose=False)


def _asking(app: Any, host: str = "127.0.0.1") -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"http://{host}")


@pytest.mark.anyio
async def test_passwords_sent_at_once_are_slowed_like_those_sent_one_by_one(locked_app: Any) -> None:
    """All are under way before the first password is read."""
    form, come = b"username=ana&password=a+guess", asyncio.Event()

    async def password() -> AsyncIterator[bytes]:
        await come.wait()
        yield form

    async def guessed(client: httpx.AsyncClient) -> int:
        headers = {"content-type": "application/x-www-form-urlencoded", "content-length": str(len(form))}
        return (await client.post("/login", content=password(), headers=headers)).status_code

    async with _asking(locked_app) as client:
        right = {"username": "ana", "password": "a long password"}
        assert (await client.post("/login", data=right)).status_code == 200
        guesses = [asyncio.create_task(guessed(client)) for _ in range(FREE_TRIES + 20)]
        await asyncio.wait(guesses, timeout=0.5)
        come.set()
        said = await asyncio.gather(*guesses)

    assert sorted(said) == [400] * FREE_TRIES + [429] * 20


@pytest.mark.anyio
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
async def test_no_way_to_ask_the_tools_guesses_passwords_for_nothing(locked_app: Any, method: str) -> None:
    """Those who know the password are not slowed, as many as they are at once."""
    async with _asking(locked_app) as client:
        asked = [client.request(method, "/mcp", auth=("ana", "a long password")) for _ in range(FREE_TRIES + 3)]
        known = [one.status_code for one in await asyncio.gather(*asked)]
        guesses = [client.request(method, "/mcp", auth=("ana", f"guess {n}")) for n in range(FREE_TRIES + 3)]
        said = [one.status_code for one in await asyncio.gather(*guesses)]

    assert {*known} <= {400, 405}
    assert said == [401] * FREE_TRIES + [429] * 3


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("path", "kind", "piece"),
    [
        ("/gradio_api/call/ask", "application/json", LONGEST_BODY // 3),
        # These two stop reading sooner, unless it comes in one piece.
        ("/login", "application/x-www-form-urlencoded", LONGEST_BODY + 1),
        ("/mcp", "application/json", LONGEST_BODY + 1),
    ],
)
async def test_what_comes_is_counted_whatever_length_was_said(locked_app: Any, path: str, kind: str, piece: int) -> None:
    taken = []

    async def sent() -> AsyncIterator[bytes]:
        for number in range(100):
            taken.append(number)
            yield b" " * piece

    async with _asking(locked_app) as client:
        headers = {"content-length": "5", "content-type": kind}
        refused = await client.post(path, content=sent(), headers=headers, auth=("ana", "a long password"))

    assert refused.status_code == 413
    assert f"A request may have {LONGEST_BODY} bytes." in refused.text
    assert refused.headers["x-frame-options"] == "DENY"
    assert len(taken) == LONGEST_BODY // piece + 1


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("POST", "gradio_api/call/ask", {"content-length": "5", "transfer-encoding": "chunked"}, 400),
        ("GET", "config", {"content-length": "5", "transfer-encoding": "chunked"}, 400),
        ("GET", "config", {}, 411),
        ("GET", "config", {"content-length": str(LONGEST_BODY + 1)}, 413),
    ],
)
def test_a_request_says_its_length_once(address: str, method: str, path: str, headers: dict[str, str], status: int) -> None:
    body = b'{"data": ["?"]}' if "transfer-encoding" in headers or not headers else b" " * (LONGEST_BODY + 1)

    assert httpx.request(method, address + path, content=iter([body]), headers=headers).status_code == status


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("192.168.1.2:7860", "http://192.168.1.2:7860", 200),
        ("192.168.1.2", "https://192.168.1.2", 200),
        ("[fe80::1]:7860", "http://[FE80::1]:7860", 200),
        ("192.168.1.2:7860", "http://6.6.6.6", 403),
        ("192.168.1.2:7860", "http://127.0.0.1:7860", 403),
        ("192.168.1.2:7860", "http://localhost:3000", 403),
        ("127.0.0.1:7860", "http://6.6.6.6", 403),
        ("127.0.0.1:7860", "http://localhost:3000", 200),
        ("qa.example", "https://qa.example", 200),
        # A proxy may ask under another name than its readers do.
        ("127.0.0.1:7860", "https://qa.example", 200),
        ("10.0.0.5:7860", "https://qa.example", 200),
        ("10.0.0.5:7860", "https://203.0.113.7", 200),
        ("qa.example", "http://192.168.1.2", 403),
        ("qa.example", "http://localhost", 403),
        ("192.168.1.2:7860", "null", 403),
        ("192.168.1.2:7860", "", 403),
    ],
)
async def test_where_others_can_reach_it_a_page_elsewhere_makes_no_browser_ask(host: str, origin: str, status: int) -> None:
    rules = Rules(LOOPBACK_NAMES | {"qa.example", "203.0.113.7"}, addresses=True)
    async with _asking(Guard(PlainTextResponse("in"), rules), host) as client:
        asked = await client.post("/gradio_api/call/ask", json={"data": ["?"]}, headers={"origin": origin})

    assert asked.status_code == status


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://evil.example", 403),
        ("null", 403),
        ("http://127.0.0.1.evil.example", 403),
        ("http://127.0.0.1:7860", 200),
        ("https://localhost", 200),
    ],
)
def test_a_page_elsewhere_makes_no_browser_ask(address: str, origin: str, status: int) -> None:
    asked = httpx.post(f"{address}gradio_api/call/ask", json={"data": ["?"]}, headers={"origin": origin})

    assert asked.status_code == status


LOGINS = {
    "good": ("ana: a long password\n\nbo:another:password\n", [("ana", " a long password"), ("bo", "another:password")]),
    "no colon": ("ana", "a name, a colon"),
    "short": ("ana:x", "at least 8"),
    "nameless": (":a long password", "a name, a colon"),
    "empty": ("\n", "holds no log-in"),
}


@pytest.mark.parametrize("case", LOGINS)
def test_logins_are_read_or_refused(tmp_path: Path, case: str) -> None:
    text, expected = LOGINS[case]
    file = tmp_path / "logins"
    file.write_text(text)
    file.chmod(0o600)
    if isinstance(expected, str):
        with pytest.raises(InputError, match=expected):
            read_logins(file)
    else:
        assert read_logins(file) == expected
    file.chmod(0o644)
    with pytest.raises(InputError, match="can be read by others"):
        read_logins(file)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--host", "0.0.0.0"], "0.0.0.0 can be reached from other machines, without a log-in"),
        (
            ["--host", "0.0.0.0", "--allow-public", "--manage"],
            "0.0.0.0 can be reached from other machines: --manage needs --login",
        ),
        (["--drop", "articles"], "--drop needs --manage"),
        (["--login", "no/such/file"], "no/such/file cannot be read"),
    ],
)
def test_what_would_let_anybody_in_is_refused(tmp_path: Path, arguments: list[str], says: str) -> None:
    ran = CliRunner().invoke(cli, ["--index", str(tmp_path / "index"), *arguments])

    assert ran.exit_code == 1
    assert ran.stderr.startswith(says)
