"""What a chat model does here: it words answers, rewrites follow-ups, translates quotes. ``ground`` believes nothing of it."""

import threading
from collections.abc import Generator, Iterator
from contextlib import closing

from corpus.article import Span
from corpus.language import question_language
from qa.answer import Claim, Sentence
from qa.chat_model import ChatModel, ModelFailed
from qa.prompt import answer_prompt, rewrite_prompt, shown_passages, translate_prompt
from qa.question import LONGEST_QUESTION, Turn
from qa.reply import LONGEST_TEXT, Reply, Said, tidied
from qa.retrieve import Hit
from qa.support import numbers_in, unfit, unsupported

#: A rewritten question may be this much longer than what it is made of, and no more.
LONGEST_REWRITE = 300
#: Characters of a translation; the prompt's tokens end it sooner.
LONGEST_TRANSLATION = 6000


class Refused(Exception):
    """The model says that the passages do not answer."""


def worded(
    model: ChatModel,
    question: str,
    language: str | None,
    hits: list[Hit],
    cancel: threading.Event | None = None,
    payer: str = "",
) -> Iterator[Sentence]:
    """The model's sentences as they come, each with its claims. ModelFailed, possibly after some; Refused instead of any."""
    passages = shown_passages(hits, model.limits.passages)
    reply = Reply()
    before: set[str] = set()
    with closing(model.stream(answer_prompt(question, language, passages), cancel, payer)) as pieces:
        for piece in pieces:
            yield from (_sentence(said, passages) for said in reply.feed(piece) if _new(said, before))
            if reply.full:
                return
    yield from (_sentence(said, passages) for said in reply.end() if _new(said, before))
    if reply.refused:
        raise Refused


def rewritten(
    model: ChatModel,
    question: str,
    turns: list[Turn],
    language: str | None,
    cancel: threading.Event | None = None,
    payer: str = "",
) -> str | None:
    """The question as it stands without the conversation; None where the model does not do it, or adds what nobody said."""
    try:
        said = _line(model.stream(rewrite_prompt(question, turns, language), cancel, payer))
    except ModelFailed as failure:
        if failure.kind == "cancelled":
            raise
        return None
    known = [(turn.text, language) for turn in turns] + [(question, language)]
    if not 2 < len(said) <= min(LONGEST_REWRITE, LONGEST_QUESTION) or unfit(said, language):
        return None
    if question_language(said, language) != language or unsupported(said, language, known):
        return None
    return said


def translated(model: ChatModel, words: str, source: str | None, target: str, payer: str = "") -> str:
    """The words in another language, as the model puts them. ModelFailed, too, for a lost number or another language."""
    said = _line(model.stream(translate_prompt(words, target), payer=payer), LONGEST_TRANSLATION)
    numbers = {value for values in numbers_in(said, target, loosely=True).values() for value in values}
    lost = [number for number, values in numbers_in(words, source).items() if not values & numbers]
    if not said or lost or unfit(said, target):
        raise ModelFailed("garbled")
    return said


def _line(pieces: Generator[str], longest: int = LONGEST_TEXT) -> str:
    reply = Reply()
    with closing(pieces):
        for piece in pieces:
            reply.feed(piece)
            if reply.full:
                break
    return tidied(reply.text, longest).strip('"“”«» ')


def _new(said: Said, before: set[str]) -> bool:
    """Whether it was not said before, as a model says that goes round in circles."""
    new = said.text not in before
    before.add(said.text)
    return new


def _sentence(said: Said, passages: list[Hit]) -> Sentence:
    return Sentence(said.text, tuple(_claim(number, words, passages) for number, words in said.quotes), worded=True)


def _claim(number: int, words: str, passages: list[Hit]) -> Claim:
    """A number that no passage has becomes a claim on no article, which is dropped and named as any other."""
    if not 1 <= number <= len(passages):
        return Claim("", words)
    hit = passages[number - 1]
    return Claim(hit.article.id, words, passage=Span(hit.chunk.start, hit.chunk.end))
