"""What happens when somebody asks the page or its API: one call each, and nothing of gradio but its error."""

import logging
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypedDict

from corpus.article import Article
from qa.assistant import Asked, Assistant
from qa.journal import Journal, noted
from qa.markup import plain
from qa.options import AskOptions
from qa.page_texts import INTERFACES, Interface, words
from qa.question import LONGEST_HISTORY, BadQuestion
from qa.record import record_of
from qa.render import notice, panel, render
from qa.request import BadRequest, options_of, question_of, turns_of

log = logging.getLogger("article-qa")


class Entry(TypedDict):
    """One reply of a conversation: its record, None for a notice, and its sources as HTML in each language of the page."""

    record: dict[str, Any] | None
    sections: dict[Interface, str]


Conversation = list[Entry]


@dataclass(frozen=True)
class Desk:
    """What the page answers with and where it keeps what was asked. ``journal`` None: nowhere."""

    assistant: Assistant
    journal: Journal | None = None

    def article(self, article_id: str) -> Article | None:
        return self.assistant.snapshot().article_by_id(article_id)


class Refused(Exception):
    """A request that cannot be answered, in words that hold nothing of what was sent."""


def reply(
    desk: Desk, message: str, history: list[dict[str, Any]], conversation: Conversation, language: Interface, *filters: object
) -> Iterator[tuple[str, Conversation, str]]:
    """The chat's next message, the conversation with it, and the panel that shows the sources of all its answers.

    Closing the iterator ends the work at the next step.
    """
    answered = sum(turn["role"] == "assistant" for turn in history)
    entry = Entry(record=None, sections={})
    try:
        turns = turns_of([{**turn, "content": _text_of(turn)} for turn in history[-LONGEST_HISTORY:]])
        options = options_of(*filters)
        asked = desk.assistant.ask(question_of(message), turns, options, fallback_language=language)
        row = noted(asked, secrets.token_hex(8), turns, options, language)
        if desk.journal:
            desk.journal.append(row)
        said, entry = shown(asked, options, language, answered + 1, row)
    except (BadQuestion, BadRequest) as error:
        said = notice(str(error))
    except Exception:
        said = notice(words("failed", language, number=_logged()))
    # An answer taken back or asked again takes its sources along: as many entries as answers, whatever happened before.
    kept = [*conversation, *(Entry(record=None, sections={}) for _ in range(answered))][:answered]
    yield said, [*kept, entry], panel_of([*kept, entry], language)


def shown(asked: Asked, options: AskOptions, language: Interface, number: int, record: dict[str, Any]) -> tuple[str, Entry]:
    """The message of the ``number``-th answer of a conversation, and its entry."""
    rendered = {one: render(asked, one, str(number), options) for one in INTERFACES}
    return rendered[language].answer_html, Entry(record=record, sections={one: rendered[one].sources_html for one in INTERFACES})


def answer_record(desk: Desk, question: object, history: object, *filters: object) -> dict[str, Any]:
    """The record of one answer. Refused for a request that cannot be answered."""
    try:
        turns, options = turns_of(history), options_of(*filters)
        asked = desk.assistant.ask(question_of(question), turns, options)
    except (BadQuestion, BadRequest) as error:
        raise Refused(str(error)) from None
    except Exception:
        raise Refused(words("failed", "en", number=_logged())) from None
    record_id = secrets.token_hex(8)
    if desk.journal:
        desk.journal.append(noted(asked, record_id, turns, options))
    return record_of(asked, record_id)


def panel_of(conversation: Conversation, language: Interface) -> str:
    return panel([entry["sections"].get(language, "") for entry in conversation], language)


def _text_of(turn: dict[str, Any]) -> str:
    """The plain words of a message of the chat, which Gradio holds as a string or as a list of parts."""
    content = turn["content"]
    text = content if isinstance(content, str) else "".join(str(part.get("text", "")) for part in content)
    return plain(text) if turn["role"] == "assistant" else text


def _logged() -> str:
    """Log the exception at hand under a number that is safe to show."""
    number = secrets.token_hex(4)
    log.exception("no answer, number %s", number)
    return number
