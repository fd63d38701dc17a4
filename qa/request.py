"""What a client of the page's API sent, checked: Gradio passes on a list where a string is declared, and any length."""

from datetime import date

from corpus.decode import well_formed
from corpus.errors import InputError
from qa.options import AskOptions
from qa.question import Turn

LONGEST_TURN = 20_000
MOST_TURNS = 500
MOST_VALUES = 100
LONGEST_VALUE = 200


class BadRequest(InputError):
    """A request that cannot be read; the message holds nothing of what was sent."""


def question_of(question: object) -> str:
    """The question, of any length: how long it may be is for ``clean_question`` to say."""
    if not isinstance(question, str):
        raise BadRequest("The question must be a string.")
    return question


def flag_of(value: object, name: str) -> bool:
    """True or false; None is false."""
    if value is not None and not isinstance(value, bool):
        raise BadRequest(f'"{name}" must be true or false.')
    return value is True


def turns_of(history: object) -> list[Turn]:
    """The turns of ``[{"role": "user" or "assistant", "text": ...}, ...]``; ``content`` will do for ``text``."""
    if history is None:
        return []
    if not isinstance(history, list) or len(history) > MOST_TURNS:
        raise BadRequest(f"The history must be a list of at most {MOST_TURNS} turns.")
    return [_turn_of(item) for item in history]


def options_of(languages: object = None, sources: object = None, since: object = None, until: object = None) -> AskOptions:
    """The filters: lists of strings (one string will do), ISO dates; None or empty for no filter."""
    return AskOptions(
        languages=_strings(languages, "languages"),
        sources=_strings(sources, "sources"),
        since=_date(since, "since"),
        until=_date(until, "until"),
    )


def _turn_of(item: object) -> Turn:
    if not isinstance(item, dict) or item.get("role") not in ("user", "assistant"):
        raise BadRequest('Each turn of the history must be an object whose "role" is "user" or "assistant".')
    text = item.get("text", item.get("content"))
    if not isinstance(text, str) or len(text) > LONGEST_TURN:
        raise BadRequest(f'Each turn of the history needs a "text" of at most {LONGEST_TURN} characters.')
    return Turn(item["role"], well_formed(text))


def _strings(value: object, name: str) -> tuple[str, ...]:
    values = [] if value is None or value == "" else [value] if isinstance(value, str) else value
    if not isinstance(values, list) or len(values) > MOST_VALUES:
        raise BadRequest(f'"{name}" must be a list of at most {MOST_VALUES} strings.')
    if not all(isinstance(one, str) and len(one) <= LONGEST_VALUE for one in values):
        raise BadRequest(f'"{name}" must hold strings of at most {LONGEST_VALUE} characters.')
    return tuple(well_formed(one) for one in values)


def _date(value: object, name: str) -> date | None:
    if value is None or value == "":
        return None
    try:
        return date.fromisoformat(value) if isinstance(value, str) else _no_date(name)
    except ValueError:
        return _no_date(name)


def _no_date(name: str) -> date:
    raise BadRequest(f'"{name}" must be a date such as 2025-09-04.')
