"""What happens when somebody asks the page or its API: one call each, and nothing of gradio but its error."""

import logging
import re
import secrets
import sys
import threading
import zlib
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from corpus.article import Article
from qa.assistant import Asked, Assistant, Found, Step
from qa.export import as_html, as_markdown
from qa.failures import trace_of
from qa.feedback import Verdict, rated
from qa.journal import Journal, noted
from qa.manage import Office
from qa.markup import plain
from qa.options import AskOptions
from qa.page_texts import INTERFACES, Interface, words
from qa.question import LONGEST_HISTORY, LONGEST_QUESTION, BadQuestion, Turn
from qa.record import record_of
from qa.render import NEAREST, Rendered, notice, panel, passages, pending, render, translation
from qa.request import BadRequest, flag_of, options_of, question_of, turns_of
from qa.restore import Stale, asked_of, slim
from qa.steps import in_steps
from qa.translate import translations_of, with_translations

log = logging.getLogger("article-qa")


class Entry(TypedDict):
    """One reply of a conversation: its record, None for a notice, and its sources as HTML in each language of the page, packed:
    as many as are asked stay in memory for as long as their pages are open."""

    record: dict[str, Any] | None
    sections: dict[Interface, bytes]


Conversation = list[Entry]


@dataclass(frozen=True)
class Desk:
    """What the page answers with, where it notes what was asked and what readers thought of it (None: nowhere), and what an
    operator may do from it (None: nothing)."""

    assistant: Assistant
    journal: Journal | None = None
    candidates: Journal | None = None
    office: Office | None = None

    def article(self, article_id: str) -> Article | None:
        return self.assistant.snapshot().article_by_id(article_id)


#: Answers of a conversation that the browser keeps.
MOST_KEPT = 40
FILTERS = ("languages", "sources", "since", "until")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Refused(Exception):
    """A request that cannot be answered, in words that hold nothing of what was sent."""


def reply(
    desk: Desk,
    message: str,
    history: list[dict[str, Any]],
    conversation: Conversation,
    language: Interface,
    *filters: object,
    quotes_only: bool = False,
    payer: str = "",
) -> Generator[tuple[str, Conversation, str], None, None]:
    """The chat's next message, the conversation with it, and the panel that shows the sources of all its answers.

    Once for each step: what was found, then the answer as far as it is verified. Closing the iterator ends the work at its next
    part, and the model's at once.
    """
    answered = sum(turn["role"] == "assistant" for turn in history)
    entry = Entry(record=None, sections={})
    # An answer taken back or asked again takes its sources along: as many entries as answers, whatever happened before.
    kept = [*conversation, *(Entry(record=None, sections={}) for _ in range(answered))][:answered]
    try:
        turns = turns_of([{**turn, "content": _text_of(turn)} for turn in history[-LONGEST_HISTORY:]])
        options = options_of(*filters)
        found, now = None, (pending(words("searching", language)), [*kept, entry], panel_of(kept, language))
        for step in steps(desk.assistant, question_of(message), turns, options, language, quotes_only is True, payer):
            if isinstance(step, Asked):
                asked = step
                break
            if isinstance(step, Found):
                found = step
                now = _half(passages(found, language, str(answered + 1)), kept, language)
            elif step and found:
                half = Asked(found.question, found.language, "", step, "", "", None, {}, step.writer)
                now = _half(render(half, language, str(answered + 1), options), kept, language)
            yield now  # with nothing new, too: whoever has left is noticed here
        row = noted(asked, secrets.token_hex(8), turns, options, language)
        if desk.journal:
            desk.journal.append(row)
        said, entry = shown(asked, options, language, answered + 1, row)
    except (BadQuestion, BadRequest) as error:
        said = notice(str(error))
    except Exception:
        said = notice(words("failed", language, number=_logged()))
    yield said, [*kept, entry], panel_of([*kept, entry], language)


def _half(rendered: Rendered, kept: Conversation, language: Interface) -> tuple[str, Conversation, str]:
    """An answer that is not whole: shown, and not yet part of the conversation."""
    entry = Entry(record=None, sections={language: _packed(rendered.sources_html)})
    return rendered.answer_html, [*kept, Entry(record=None, sections={})], panel_of([*kept, entry], language)


def steps(
    assistant: Assistant,
    question: str,
    turns: list[Turn],
    options: AskOptions,
    language: Interface,
    quotes_only: bool,
    payer: str,
) -> Iterator[Step | None]:
    """The steps of an answer, and None now and then while none comes: who leaves at any of them stops the work, and the model,
    though it says nothing for a minute."""
    cancel = threading.Event()

    def work(tell: Callable[[Step], None]) -> None:
        for step in assistant.stream(question, turns, options, language, quotes_only, cancel, payer):
            tell(step)

    try:
        yield from in_steps(work)
    finally:
        cancel.set()


def translations(desk: Desk, conversation: Conversation, language: Interface, payer: str = "") -> str:
    """The quotes of the last answer that are in another language than the page, translated by the model, as HTML."""
    record = next((entry["record"] for entry in reversed(conversation) if entry["record"]), None)
    if desk.assistant.model is None or not record or all(quote["language"] == language for quote in record["quotes"]):
        return notice(words("nothing_to_translate", language))
    told = translations_of(desk.assistant, record["quotes"], language, payer)
    pairs = [(one.quote, one.text or words("not_translated", language)) for one in told]
    return translation(pairs, desk.assistant.model.name, language, language)


def shown(asked: Asked, options: AskOptions, language: Interface, number: int, record: dict[str, Any]) -> tuple[str, Entry]:
    """The message of the ``number``-th answer of a conversation, and its entry."""
    rendered = {one: render(asked, one, str(number), options) for one in INTERFACES}
    return rendered[language].answer_html, Entry(
        record=record, sections={one: _packed(rendered[one].sources_html) for one in INTERFACES}
    )


def answer_record(
    desk: Desk,
    question: object,
    history: object,
    *filters: object,
    quotes_only: bool = False,
    translate: bool = False,
    payer: str = "",
) -> dict[str, Any]:
    """The record of one answer; ``translate``: with the model's translations of its quotes. Refused for a request that cannot
    be answered."""
    try:
        turns, options = turns_of(history), options_of(*filters)
        quiet = flag_of(quotes_only, "quotes_only")
        translating = flag_of(translate, "translate")
        if translating and desk.assistant.model is None:
            raise BadRequest("There is no chat model here that could translate.")
        asked = desk.assistant.ask(question_of(question), turns, options, quotes_only=quiet, payer=payer)
    except (BadQuestion, BadRequest) as error:
        raise Refused(str(error)) from None
    except Exception:
        raise Refused(words("failed", "en", number=_logged())) from None
    record_id = secrets.token_hex(8)
    if desk.journal:
        desk.journal.append(noted(asked, record_id, turns, options))
    record = record_of(asked, record_id)
    return with_translations(desk.assistant, record, payer) if translating else record


def rate(desk: Desk, conversation: Conversation, number: int, verdict: Verdict, comment: str = "") -> bool:
    """Keep what a reader thought of the ``number``-th reply, from 0; False where that is no answer or nothing is kept."""
    record = conversation[number]["record"] if 0 <= number < len(conversation) else None
    return bool(record and desk.candidates and desk.candidates.append(rated(record, verdict, comment)))


def exported(conversation: Conversation, whole: bool, form: str, language: Interface) -> tuple[str, str]:
    """The last answer or all as text (``html``, else Markdown), and a name for the file; empty where there is none."""
    records = [entry["record"] for entry in conversation if entry["record"]]
    records = records if whole else records[-1:]
    if not records:
        return "", ""
    names = ("history", "options", "fallback_language", "hits", "ms")
    kept = [{name: value for name, value in record.items() if name not in names} for record in records]
    if form == "html":
        return as_html(kept, language), f"article-qa-{records[-1]['id']}.html"
    return as_markdown(kept, language), f"article-qa-{records[-1]['id']}.md"


def stored(conversation: Conversation) -> dict[str, Any]:
    """The conversation as a browser keeps it: its last answers' records, no longer than needed to show them again."""
    return {"records": [slim(entry["record"], NEAREST) for entry in conversation if entry["record"]][-MOST_KEPT:]}


def restored(desk: Desk, kept: object, language: Interface) -> tuple[list[dict[str, str]], Conversation, str]:
    """What a browser kept, to the chat's messages, the conversation and its panel. It may come from anybody: an answer is shown
    only if its quotes still stand in the articles."""
    records = kept.get("records") if isinstance(kept, dict) else None
    messages: list[dict[str, str]] = []
    conversation: Conversation = []
    for record in (records if isinstance(records, list) else [])[-MOST_KEPT:]:
        entry = Entry(record=None, sections={})
        try:
            asked = asked_of(record, desk.article)
            options = options_of(*(dict(record.get("options") or {}).get(name) for name in FILTERS))
            row = noted(asked, _id_of(record), [], options, now=datetime.fromisoformat(record["time"]))
            said, entry = shown(asked, options, language, len(conversation) + 1, row)
            question = asked.question
        except Stale:
            question, said = question_of(record["question"])[:LONGEST_QUESTION], notice(words("stale", language))
        except (BadRequest, TypeError, ValueError, KeyError):
            continue
        messages += [{"role": "user", "content": question}, {"role": "assistant", "content": said}]
        conversation.append(entry)
    return messages, conversation, panel_of(conversation, language)


def _id_of(record: dict[str, Any]) -> str:
    told = record.get("id")
    return told if isinstance(told, str) and _ID.fullmatch(told) else secrets.token_hex(8)


def search_passages(desk: Desk, question: object, *filters: object) -> dict[str, Any]:
    """The passages found for a question, best first, with their words. Refused for a request that cannot be answered."""
    # A chat model finds no passages: it is not asked to word an answer that nobody is shown.
    record = answer_record(desk, question, None, *filters, quotes_only=True)
    texts = {hit["article_id"]: desk.article(hit["article_id"]) for hit in record["hits"]}
    passages = []
    for hit in record["hits"]:
        article = texts[hit["article_id"]]
        if article and article.text[hit["start"] : hit["end"]]:
            published = article.published.isoformat() if article.published else None
            about = {"path": article.path, "language": article.language, "published": published, "source": article.source}
            passages.append({**hit, **about, "text": article.text[hit["start"] : hit["end"]], "sha256": article.digest})
    return {"question": record["question"], "passages": passages, "generation": record["generation"]}


def panel_of(conversation: Conversation, language: Interface) -> str:
    packed = (entry["sections"].get(language) for entry in conversation)
    return panel([zlib.decompress(one).decode() if one else "" for one in packed], language)


def _text_of(turn: dict[str, Any]) -> str:
    """The plain words of a message of the chat, which Gradio holds as a string or as a list of parts."""
    content = turn["content"]
    text = content if isinstance(content, str) else "".join(str(part.get("text", "")) for part in content)
    return plain(text) if turn["role"] == "assistant" else text


def _packed(section: str) -> bytes:
    """A tenth of its size: the same tags and entities again and again."""
    return zlib.compress(section.encode(), 1)


def _logged() -> str:
    """Log the exception at hand under a number that is safe to show."""
    number = secrets.token_hex(4)
    failure = sys.exc_info()[1]
    log.error("no answer, number %s: %s", number, trace_of(failure) if failure else "")
    return number
