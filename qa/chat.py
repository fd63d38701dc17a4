"""What happens when somebody asks the page or its API: one call each, and nothing of gradio but its error."""

import logging
import secrets
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any

from corpus.article import Article
from qa.assistant import Asked, Assistant, Found, Step
from qa.conversation import MOST_KEPT, Conversation, of_log, panel_of, shown, turns_of_log
from qa.failures import trace_of
from qa.feedback import Verdict, rated
from qa.journal import Journal, noted
from qa.manage import Office
from qa.options import AskOptions
from qa.page_texts import Interface, words
from qa.question import BadQuestion, Turn
from qa.record import record_of
from qa.render import Rendered, notice, passages, pending, render, translation
from qa.request import BadRequest, flag_of, options_of, question_of, turns_of
from qa.steps import in_steps
from qa.translate import translations_of, with_translations

log = logging.getLogger("article-qa")


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
    answer_id = secrets.token_hex(8)
    kept = of_log(conversation, history)[1 - MOST_KEPT :]
    try:
        turns = turns_of_log(history)
        options = options_of(*filters)
        found, now = None, (pending(words("searching", language)), kept, panel_of(kept, language))
        for step in steps(desk.assistant, question_of(message), turns, options, language, quotes_only is True, payer):
            if isinstance(step, Asked):
                asked = step
                break
            if isinstance(step, Found):
                found = step
                now = _half(passages(found, language, answer_id), kept, language)
            elif step and found:
                half = Asked(found.question, found.language, "", step, "", "", None, {}, step.writer)
                now = _half(render(half, language, answer_id, options), kept, language)
            yield now  # with nothing new, too: whoever has left is noticed here
        row = noted(asked, answer_id, turns, options, language)
        if desk.journal:
            desk.journal.append(row)
        said, entry = shown(asked, options, language, row)
        kept = [*kept, entry]
    except (BadQuestion, BadRequest) as error:
        said = notice(str(error))
    except Exception:
        said = notice(words("failed", language, number=_logged()))
    yield said, kept, panel_of(kept, language)


def _half(rendered: Rendered, kept: Conversation, language: Interface) -> tuple[str, Conversation, str]:
    """An answer that is not whole: shown, and not yet part of the conversation."""
    return rendered.answer_html, kept, panel_of(kept, language, rendered.sources_html)


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
    record = conversation[-1].record if conversation else None
    if desk.assistant.model is None or not record or all(quote["language"] == language for quote in record["quotes"]):
        return notice(words("nothing_to_translate", language))
    told = translations_of(desk.assistant, record["quotes"], language, payer)
    pairs = [(one.quote, one.text or words("not_translated", language)) for one in told]
    return translation(pairs, desk.assistant.model.name, language, language)


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


def rate(desk: Desk, conversation: Conversation, answer_id: str | None, verdict: Verdict | None, comment: str = "") -> bool:
    """Keep what a reader thought of an answer, None: nothing any more. False where it is not part of the conversation, or
    nothing is kept."""
    record = next((entry.record for entry in conversation if entry.answer_id == answer_id), None)
    return bool(record and desk.candidates and desk.candidates.append(rated(record, verdict, comment)))


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


def _logged() -> str:
    """Log the exception at hand under a number that is safe to show."""
    number = secrets.token_hex(4)
    failure = sys.exc_info()[1]
    log.error("no answer, number %s: %s", number, trace_of(failure) if failure else "")
    return number
