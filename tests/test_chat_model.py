"""The client of a chat model against a server that misbehaves: every way ends soon, with a kind, without the key."""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from chat_server import KEY, PATIENT, QUICK, ChatServer, Request, answers, chat_server, says

from corpus.errors import InputError
from qa.breaker import FAILURES, LONGEST_REST, REST, Breaker
from qa.budget import HOUR, Budget
from qa.chat_model import ChatModel, Endpoint, ModelFailed, Prompt, budget_of, endpoint_of

ASKED = Prompt(({"role": "user", "content": "?"},))
SCHEMA = {"type": "object", "properties": {}}


@pytest.fixture(scope="module")
def server() -> Iterator[ChatServer]:
    with chat_server() as running:
        yield running


def outcome(model: ChatModel, prompt: Prompt = ASKED, payer: str = "") -> tuple[str, str]:
    """(text, how it ended)"""
    said: list[str] = []
    try:
        said.extend(model.stream(prompt, payer=payer))
    except ModelFailed as failure:
        return "".join(said), failure.kind
    return "".join(said), "whole"


def status(code: int, body: str = '{"error": {"message": "no"}}', **headers: str) -> Callable[[Request], None]:
    return lambda request: request.refuse(code, body, **headers)


def raw(data: bytes, kind: str = "text/event-stream") -> Callable[[Request], None]:
    def script(request: Request) -> None:
        request.begin(kind=kind)
        request.write(data)

    return script


def silent(request: Request) -> None:
    request.begin()
    time.sleep(3)


def drips(request: Request) -> None:
    request.begin()
    request.event("a")
    while True:
        request.write(b" ")
        time.sleep(0.05)


def endless(request: Request) -> None:
    request.begin()
    while True:
        request.event("again and again ")


def one_long_line(request: Request) -> None:
    request.begin()
    while True:
        request.write(b"data: " + b"x" * 50_000)


def deaf(request: Request) -> None:
    time.sleep(3)


EVENT = b'data: {"choices":[{"delta":{"content":"%s"},"finish_reason":%s}]}\n\n'
WHOLE = json.dumps({"choices": [{"message": {"role": "assistant", "content": "été"}, "finish_reason": "stop"}]})
CASES: dict[str, tuple[Callable[[Request], None], str, str]] = {
    "as it should be": (says("L’été est là."), "L’été est là.", "whole"),
    "a byte at a time": (lambda r: bytewise(r, "né en été 🙂"), "né en été 🙂", "whole"),
    "not streamed": (raw(WHOLE.encode(), "application/json"), "été", "whole"),
    "no [DONE], but it says that it stopped": (raw(EVENT % (b"a", b'"stop"')), "a", "whole"),
    "no [DONE] and no reason": (raw(EVENT % (b"a", b"null")), "a", "cut"),
    "cut inside a character": (raw(EVENT % (b"a", b"null") + b'data: {"choices":[{"delta":{"content":"\xc3'), "a", "cut"),
    "a chunk twice": (raw(EVENT % (b"a", b"null") * 2 + b"data: [DONE]\n\n"), "aa", "whole"),
    "out of tokens": (raw(EVENT % (b"a", b'"length"') + b"data: [DONE]\n\n"), "a", "overlong"),
    "a line that counts tokens": (raw(EVENT % (b"a", b'"stop"') + b'data: {"choices":[]}\n\ndata: [DONE]\n\n'), "a", "whole"),
    "comments": (raw(b": still here\n\n" + EVENT % (b"a", b'"stop"')), "a", "whole"),
    "empty": (raw(b""), "", "cut"),
    "not JSON": (raw(b"data: {nonsense\n\n"), "", "garbled"),
    "not UTF-8": (raw(EVENT % (b"\xff\xfe", b"null")), "", "garbled"),
    "a list": (raw(b"data: [1]\n\n"), "", "garbled"),
    "no choices": (raw(b'data: {"error": {"message": "out of memory"}}\n\n'), "", "garbled"),
    "content is a number": (raw(b'data: {"choices":[{"delta":{"content":7}}]}\n\n'), "", "garbled"),
    "content is null": (raw(b'data: {"choices":[{"delta":{"content":null},"finish_reason":"stop"}]}\n\n'), "", "whole"),
    "deeply nested": (raw(b"data: " + b"[" * 100_000 + b"\n\n"), "", "garbled"),
    "an HTML page": (raw(b"<!doctype html><h1>Welcome</h1>", "text/html"), "", "garbled"),
    "silent": (silent, "", "slow"),
    "deaf": (deaf, "", "slow"),
    "one token, then drips": (drips, "a", "slow"),
    "one endless line": (one_long_line, "", "overlong"),
    "401": (status(401), "", "denied"),
    "403": (status(403), "", "denied"),
    "404, no such model": (status(404), "", "denied"),
    "a redirect": (status(307, Location="http://127.0.0.1:9/v1"), "", "denied"),
    "429": (status(429), "", "busy"),
    "429, long from now": (status(429, Retry_After="3600"), "", "busy"),
    "500": (status(500), "", "failed"),
    "502, an HTML page": (status(502, "<html>Bad gateway</html>"), "", "failed"),
}


def bytewise(request: Request, text: str) -> None:
    request.begin()
    event = json.dumps({"choices": [{"delta": {"content": text}, "finish_reason": "stop"}]}, ensure_ascii=False)
    for byte in f"data: {event}\n\n".encode():
        request.write(bytes([byte]))


@pytest.mark.parametrize("case", CASES)
def test_every_reply_ends_in_time_with_its_kind(case: str, server: ChatServer) -> None:
    script, text, end = CASES[case]
    began = time.monotonic()

    assert outcome(server.scripted(script).model(QUICK if end == "slow" else PATIENT)) == (text, end)
    assert end != "slow" or time.monotonic() - began < QUICK.total + 1


def test_an_endless_reply_is_cut_at_its_bytes(server: ChatServer) -> None:
    text, end = outcome(server.scripted(endless).model())

    assert end == "overlong"
    assert len(text) < QUICK.bytes


def test_nobody_listens() -> None:
    began = time.monotonic()

    assert outcome(ChatModel(Endpoint("http://127.0.0.1:9/v1", "m"), QUICK)) == ("", "unreachable")
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    ("code", "headers", "calls"),
    [(500, {}, 3), (429, {"Retry_After": "0"}, 3), (429, {"Retry_After": "9"}, 1), (401, {}, 1), (404, {}, 1)],
)
def test_only_what_may_pass_is_tried_again_and_not_beyond_the_wait(
    code: int, headers: dict[str, str], calls: int, server: ChatServer
) -> None:
    outcome(server.scripted(status(code, **headers)).model())

    assert len(server.sent) == calls


def test_a_second_try_may_succeed_and_what_was_said_is_never_said_twice(server: ChatServer) -> None:
    def recovers(request: Request) -> None:
        (says("well") if len(server.sent) > 1 else status(503))(request)

    assert outcome(server.scripted(recovers).model()) == ("well", "whole")


def test_a_server_without_schemas_gets_the_plain_prompt_once_and_for_all(server: ChatServer) -> None:
    def knows_no_schema(request: Request) -> None:
        (status(400) if "response_format" in request.sent else says(request.sent["messages"][0]["content"]))(request)

    model = server.scripted(knows_no_schema).model()
    prompt = Prompt(({"role": "user", "content": "as JSON"},), SCHEMA, ({"role": "user", "content": "in lines"},))

    assert [outcome(model, prompt) for _ in range(2)] == [("in lines", "whole")] * 2
    assert [("response_format" in sent) for sent in server.sent] == [True, False, False]


def test_a_prompt_that_is_refused_either_way_does_not_take_the_schema_away(server: ChatServer) -> None:
    def too_long_at_first(request: Request) -> None:
        (status(400) if len(server.sent) <= 2 else says("well"))(request)

    model = server.scripted(too_long_at_first).model()
    prompt = Prompt(({"role": "user", "content": "as JSON"},), SCHEMA, ({"role": "user", "content": "in lines"},))

    assert [outcome(model, prompt) for _ in range(2)] == [("", "denied"), ("well", "whole")]
    assert [("response_format" in sent) for sent in server.sent] == [True, False, True]


def test_a_schema_is_sent_as_the_servers_know_it(server: ChatServer) -> None:
    outcome(server.scripted(says(answers())).model(), Prompt(ASKED.messages, SCHEMA))
    (sent,) = server.sent

    assert sent["response_format"] == {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": SCHEMA}}
    assert (sent["model"], sent["stream"], sent["max_tokens"]) == ("scripted", True, QUICK.tokens)


@pytest.mark.parametrize("how", ["closed", "event"])
def test_stopping_hangs_up_on_the_server(how: str, server: ChatServer) -> None:
    cancel = threading.Event()
    pieces = server.scripted(says("word " * 1000, pause=0.02)).model().stream(ASKED, cancel)
    next(pieces)
    began = time.monotonic()
    if how == "closed":
        pieces.close()
    else:
        cancel.set()
        with pytest.raises(ModelFailed, match="stopped"):
            list(pieces)

    assert server.hung_up.wait(2)
    assert time.monotonic() - began < 2


def test_the_key_is_in_no_log_error_or_text(server: ChatServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    said = [repr(server.model()), repr(Endpoint(server.url, "m", KEY))]
    for script in (status(401, f'{{"error": "Incorrect API key provided: {KEY}"}}'), raw(b"nonsense"), says("well")):
        try:
            said += server.scripted(script).model().stream(ASKED)
        except ModelFailed as failure:
            said += [str(failure), repr(failure), repr(failure.__cause__)]

    assert KEY not in "".join(said) + caplog.text
    assert KEY not in json.dumps(server.sent)


def test_after_failures_nobody_waits(server: ChatServer) -> None:
    model = server.scripted(silent).model(QUICK)
    kinds = [outcome(model)[1] for _ in range(FAILURES + 1)]

    assert kinds == ["slow"] * FAILURES + ["resting"]


def test_a_model_that_rambles_is_still_asked(server: ChatServer) -> None:
    model = server.scripted(raw(EVENT % (b"a", b'"length"'))).model()

    assert [outcome(model)[1] for _ in range(FAILURES + 2)] == ["overlong"] * (FAILURES + 2)


def test_the_hours_tokens_are_spent_before_they_are_asked_for(server: ChatServer) -> None:
    model = ChatModel(Endpoint(server.scripted(says("well")).url, "m"), replace(PATIENT, tokens=100), Budget(250))

    assert [outcome(model)[1] for _ in range(4)] == ["whole", "whole", "spent", "spent"]
    assert len(server.sent) == 2


def test_one_persons_share_is_spent_and_others_have_theirs(server: ChatServer) -> None:
    model = ChatModel(Endpoint(server.scripted(says("well")).url, "m"), replace(PATIENT, tokens=100), Budget(350, each=150))

    assert [outcome(model, payer=payer)[1] for payer in "aabbac"] == ["whole", "share", "whole", "share", "share", "whole"]
    assert [outcome(model, payer=payer)[1] for payer in "da"] == ["spent", "share"]
    assert len(server.sent) == 3


@pytest.mark.parametrize(("code", "left"), [(404, "whole"), (500, "whole"), (200, "spent")])
def test_what_a_server_did_not_take_is_given_back(code: int, left: str, server: ChatServer) -> None:
    """A failed call costs nothing, an answer cut short does."""
    script = status(code) if code != 200 else raw(EVENT % (b"a", b"null"))
    model = ChatModel(Endpoint(server.scripted(script).url, "m"), replace(PATIENT, tokens=100, tries=1), Budget(150))
    assert outcome(model)[1] != "whole"
    server.scripted(says("well"))

    assert outcome(model)[1] == left


def test_a_model_at_rest_costs_nothing(server: ChatServer) -> None:
    model = ChatModel(
        Endpoint(server.scripted(status(429, Retry_After="60")).url, "m"), replace(PATIENT, tokens=100), Budget(150)
    )

    assert [outcome(model)[1] for _ in range(4)] == ["busy", "resting", "resting", "resting"]


def test_the_budget_by_its_clock() -> None:
    budget = Budget(100)
    spent = [budget.spend(at, tokens, "a") for at, tokens in ((0.0, 60), (1.0, 60), (2.0, 40), (HOUR, 60), (HOUR + 1, 1))]

    assert spent == [None, "spent", None, None, "spent"]

    budget.give_back(HOUR, 60, "a")
    budget.give_back(0.0, 60, "a")

    assert [budget.spend(HOUR + 1, 60, "a"), budget.spend(HOUR + 1, 1, "b")] == [None, "spent"]
    assert Budget().spend(0.0, 10**9, "a") is None


def test_the_budget_of_each_by_its_clock_and_nobody_is_remembered_beyond_the_hour() -> None:
    budget = Budget(each=10)
    for number in range(100):
        assert budget.spend(0.0, 10, str(number)) is None

    assert [budget.spend(HOUR - 1, 1, "7"), budget.spend(HOUR - 1, 1, "new")] == ["share", None]
    assert [budget.spend(HOUR, 10, "7"), budget.spend(HOUR, 10, "new")] == [None, "share"]
    assert len(budget._by) == 2


def test_the_hours_tokens_of_the_environment() -> None:
    budget = budget_of({"ARTICLE_QA_LLM_TOKENS_PER_HOUR": " 50000 ", "ARTICLE_QA_LLM_TOKENS_PER_PERSON": "20000"})

    assert [budget.spend(0.0, 20_000, payer) for payer in "aabc"] == [None, "share", None, "spent"]
    assert [budget_of({}).spend(0.0, 10**9, "a") for _ in range(2)] == [None, None]


@pytest.mark.parametrize("name", ["ARTICLE_QA_LLM_TOKENS_PER_HOUR", "ARTICLE_QA_LLM_TOKENS_PER_PERSON"])
@pytest.mark.parametrize("told", ["many", "-1", "1e6", "٣"])
def test_no_number_of_tokens_is_named(told: str, name: str) -> None:
    with pytest.raises(InputError, match=f"{name} must be a number of tokens"):
        budget_of({name: told})


def test_the_breaker_by_its_clock() -> None:
    breaker = Breaker(failures=2, rest=10.0)
    breaker.failed(0.0)

    assert breaker.allows(0.0)

    breaker.failed(1.0)

    assert [breaker.allows(at) for at in (1.0, 10.9, 11.0, 12.0)] == [False, False, True, False]

    breaker.succeeded()

    assert breaker.allows(12.0)

    breaker.failed(20.0, rest=1e9)

    assert [breaker.allows(at) for at in (20.0 + LONGEST_REST - 1, 20.0 + LONGEST_REST)] == [False, True]
    assert REST < LONGEST_REST


WRONG = {
    "no model": {"ARTICLE_QA_LLM_URL": "http://127.0.0.1/v1"},
    "no scheme": {"ARTICLE_QA_LLM_URL": "localhost:11434/v1", "ARTICLE_QA_LLM_MODEL": "m"},
    "a file": {"ARTICLE_QA_LLM_URL": "file:///etc/passwd", "ARTICLE_QA_LLM_MODEL": "m"},
    "a password in it": {"ARTICLE_QA_LLM_URL": f"https://me:{KEY}@example.org/v1", "ARTICLE_QA_LLM_MODEL": "m"},
    "a key in it": {"ARTICLE_QA_LLM_URL": f"https://example.org/v1?key={KEY}", "ARTICLE_QA_LLM_MODEL": "m"},
    "a line in the key": {
        "ARTICLE_QA_LLM_URL": "https://example.org",
        "ARTICLE_QA_LLM_MODEL": "m",
        "ARTICLE_QA_LLM_KEY": f"{KEY}\nX: y",
    },
    "not an address": {"ARTICLE_QA_LLM_URL": "http://[", "ARTICLE_QA_LLM_MODEL": "m"},
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_setting_is_named_without_what_it_holds(case: str) -> None:
    with pytest.raises(InputError, match="ARTICLE_QA_LLM_") as caught:
        endpoint_of(WRONG[case])

    assert KEY not in str(caught.value)


def test_no_setting_is_no_model() -> None:
    assert endpoint_of({"ARTICLE_QA_LLM_MODEL": "m", "ARTICLE_QA_LLM_KEY": KEY}) is None
    assert endpoint_of({"ARTICLE_QA_LLM_URL": " https://example.org/v1 ", "ARTICLE_QA_LLM_MODEL": "m"}) == Endpoint(
        "https://example.org/v1", "m"
    )
