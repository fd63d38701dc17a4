"""A conversation: its last answers, packed as long as their page is open, copied or saved on demand, and kept by the browser.

What the server holds of it is a copy of what the browser keeps, beside a few details: it may be let go at any time.
"""

import json
import re
import secrets
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from index.snapshot import ArticleInfo
from qa.assistant import Asked, Assistant
from qa.export import as_html, as_markdown
from qa.journal import noted
from qa.markup import plain
from qa.options import AskOptions
from qa.page_texts import INTERFACES, Interface, words
from qa.question import LONGEST_HISTORY, LONGEST_QUESTION, Turn
from qa.render import NEAREST, notice, panel, render
from qa.request import LONGEST_TURN, BadRequest, options_of, question_of, turns_of
from qa.restore import Stale, asked_of, slim
from qa.retrieve import passes

#: Answers of a conversation, on the page, in what is saved of it and in what the browser keeps.
MOST_KEPT = 40
FILTERS = ("languages", "sources", "since", "until")
_ID = re.compile(r"[0-9a-f]{16}")
_ANSWER = re.compile(rf'<div class="aqa-reply [a-z -]+" data-answer="({_ID.pattern})">')


@dataclass(frozen=True)
class Entry:
    """One answer: its record, and its sources as HTML in each language of the page, both packed to a sixth of their size."""

    answer_id: str
    packed_record: bytes
    packed_sections: Mapping[Interface, bytes]

    @property
    def record(self) -> dict[str, Any]:
        return dict(json.loads(zlib.decompress(self.packed_record)))

    def section(self, language: Interface) -> str:
        return zlib.decompress(self.packed_sections[language]).decode("utf-8", "surrogatepass")


Conversation = list[Entry]


def shown(asked: Asked, options: AskOptions, language: Interface, record: dict[str, Any]) -> tuple[str, Entry]:
    """The message of an answer in the chat, and its entry. ``record``: its line of the journal."""
    rendered = {one: render(asked, one, record["id"], options) for one in INTERFACES}
    sections = {one: _packed(rendered[one].sources_html) for one in INTERFACES}
    return rendered[language].answer_html, Entry(record["id"], _packed(json.dumps(record)), sections)


def panel_of(conversation: Conversation, language: Interface, coming: str = "") -> str:
    """The sources panel; ``coming``: the section of an answer that is not whole yet."""
    return panel([*(entry.section(language) for entry in conversation), coming], language)


def raw_text(message: dict[str, Any]) -> str:
    """The text of a message of the chat, which Gradio holds as a string or as a list of parts."""
    content = message["content"]
    return content if isinstance(content, str) else "".join(str(part.get("text", "")) for part in content)


def turns_of_log(messages: Sequence[dict[str, Any]]) -> list[Turn]:
    """The last messages of the chat, oldest first, as the turns that a question follows: in plain words. One too long to be a
    turn is left out: it was refused, and the questions behind it are not."""
    told = [
        {**message, "content": plain(raw_text(message)) if message["role"] == "assistant" else raw_text(message)}
        for message in messages[-LONGEST_HISTORY:]
    ]
    return turns_of([turn for turn in told if len(turn["content"]) <= LONGEST_TURN])


def answer_in(message: dict[str, Any]) -> str | None:
    """The id of the answer that a message of the chat shows; None for a question or a notice."""
    found = _ANSWER.match(raw_text(message)) if message["role"] == "assistant" else None
    return found[1] if found else None


def of_log(conversation: Conversation, messages: Sequence[dict[str, Any]]) -> Conversation:
    """The entries of the answers in a log, in its order: one that was taken back, or is asked again, takes its sources along."""
    held = {entry.answer_id: entry for entry in conversation}
    return [held[one] for one in map(answer_in, messages) if one in held]


def latest(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The log as it may be when a question joins it: the oldest answers, with their questions, are let go."""
    answers = [at for at, message in enumerate(messages) if message["role"] == "assistant"]
    return messages[answers[-MOST_KEPT] + 1 :] if len(answers) >= MOST_KEPT else messages


def exported(conversation: Conversation, whole: bool, form: str, language: Interface) -> tuple[str, str]:
    """The last answer or all as text (``html``, else Markdown), and a name for the file; empty where there is none."""
    records = [entry.record for entry in (conversation if whole else conversation[-1:])]
    if not records:
        return "", ""
    names = ("history", "options", "fallback_language", "hits", "ms")
    kept = [{name: value for name, value in record.items() if name not in names} for record in records]
    if form == "html":
        return as_html(kept, language), f"article-qa-{records[-1]['id']}.html"
    return as_markdown(kept, language), f"article-qa-{records[-1]['id']}.md"


def stored(conversation: Conversation) -> dict[str, Any]:
    """The conversation as a browser keeps it: its answers' records, no longer than needed to show them again."""
    return {"records": [slim(entry.record, NEAREST) for entry in conversation[-MOST_KEPT:]]}


def at_hand(assistant: Assistant, conversation: Conversation, kept: object, language: Interface) -> Conversation:
    """The conversation; where the server has let it go, what its browser kept of it."""
    return conversation or restored(assistant, kept, language)[1]


def restored(assistant: Assistant, kept: object, language: Interface) -> tuple[list[dict[str, str]], Conversation, str]:
    """What a browser kept, to the chat's messages, the conversation and its panel. It may come from anybody: an answer is shown
    only if its quotes still stand in the articles."""
    records = kept.get("records") if isinstance(kept, dict) else None
    messages: list[dict[str, str]] = []
    conversation: Conversation = []
    for record in (records if isinstance(records, list) else [])[-MOST_KEPT:]:
        try:
            question, said, entry = _again(assistant, record, turns_of_log(messages), language)
        except Stale:
            question, said = question_of(record["question"])[:LONGEST_QUESTION], notice(words("stale", language))
        except (BadRequest, TypeError, ValueError, KeyError):
            continue
        else:
            conversation.append(entry)
        messages += [{"role": "user", "content": question}, {"role": "assistant", "content": said}]
    return messages, conversation, panel_of(conversation, language)


def _again(assistant: Assistant, record: Any, turns: list[Turn], language: Interface) -> tuple[str, str, Entry]:
    """The question of a stored record, its message and its entry. ``turns``: what it followed."""
    if not isinstance(record, dict):
        raise BadRequest("A stored answer must be an object.")
    options = options_of(*(dict(record.get("options") or {}).get(name) for name in FILTERS))
    snapshot = assistant.snapshot()

    def copies(article_id: str) -> tuple[ArticleInfo, ...]:
        return tuple(info for info in snapshot.copies_of(article_id) if passes(info, options))

    asked = asked_of(record, snapshot.article_by_id, copies)
    told = record.get("id")
    answer_id = told if isinstance(told, str) and _ID.fullmatch(told) else secrets.token_hex(8)
    row = noted(asked, answer_id, turns, options, now=datetime.fromisoformat(record["time"]))
    return asked.question, *shown(asked, options, language, row)


def _packed(text: str) -> bytes:
    """A tenth of its size, of HTML: the same tags and entities again and again."""
    return zlib.compress(text.encode("utf-8", "surrogatepass"), 1)
