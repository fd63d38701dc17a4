"""What stands before the page: how often one may ask, how long one waits after wrong passwords, who is let in."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from gradio_client import Client
from typer.testing import CliRunner

from app import cli, serve
from corpus.errors import InputError
from qa.assistant import Assistant
from qa.chat import Desk
from qa.guard import Rules, read_logins
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
