"""Quotes in the reader's language, for whoever asks: a model's words beside the article's, never in their place."""

from dataclasses import dataclass
from typing import Any

from corpus.errors import InputError
from qa.assistant import Assistant
from qa.chat_model import MODEL, URL, ModelFailed

#: Quotes of an answer that are translated at most; an answer of the articles' own words has three.
MOST_TRANSLATED = 12
#: Failures of one reply. After any other the next quote would fail as well, and somebody waits.
_OF_ONE = ("garbled", "overlong")


@dataclass(frozen=True)
class Translation:
    """Of the quote numbered ``n``. Without a ``text``, ``notice`` is why: a kind of ``ModelFailed``, or ``gone``."""

    n: int
    quote: str
    text: str | None
    notice: str | None = None


def check_translator(assistant: Assistant) -> None:
    """InputError where there is no chat model that could translate."""
    if assistant.model is None:
        raise InputError(f"a translation needs a chat model: set {URL} and {MODEL}, or give --gguf a file")


def translations_of(assistant: Assistant, quotes: list[dict[str, Any]], language: str, payer: str = "") -> list[Translation]:
    """The quotes of a record that are in another language than this, translated one by one; none of it raises."""
    found: list[Translation] = []
    failed: str | None = None
    for quote in [one for one in quotes if one["language"] != language][:MOST_TRANSLATED]:
        said, notice = None, failed
        if failed is None:
            try:
                said = assistant.translate(quote, language, payer)
            except ModelFailed as failure:
                notice = failure.kind
                failed = None if notice in _OF_ONE else notice
            except InputError:
                notice = "gone"
        found.append(Translation(quote["n"], quote["text"], said, notice))
    return found


def with_translations(assistant: Assistant, record: dict[str, Any], payer: str = "") -> dict[str, Any]:
    """The record, and beside its quotes the model's ``translations`` of those in another language than the question."""
    language = record["language"] or "en"
    listed = [
        {"n": one.n, "text": one.text, "notice": one.notice}
        for one in translations_of(assistant, record["quotes"], language, payer)
    ]
    by = assistant.model.name if assistant.model else None
    return {**record, "translations": {"by": by, "language": language, "quotes": listed}}
