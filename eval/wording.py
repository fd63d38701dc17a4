"""How well a chat model's words are borne out by the quotes they carry, as far as words can tell.

A sentence counts as supported if its quotes hold its numbers, dates and names, and, where a quote is in its language, half of its
other words or more, by their stems. That is a proxy, and for prose that says things in other words a low one: nothing here reads.
"""

import re
from typing import Any

from corpus.language import detect_language
from index.terms import stem, words
from qa.support import unsupported

#: Share of a sentence's content words that its quotes must hold; shorter words carry little of what is said.
ENOUGH, SHORTEST = 0.5, 4
_SHOWN = re.compile(r"^(.*?)((?: \[\d+\])+)$", re.DOTALL)


def wording_measures(record: dict[str, Any]) -> dict[str, float]:
    """Of a record whose wording was a chat model's to do, each 0 to 1; empty of any other.

    ``worded``: its words are what is shown, and not the articles' own. Where they are: the share of sentences supported by their
    quotes together; of quotes that support a part of their sentence; whether the reply is in the question's language. And, where
    it said anything, the shares of its sentences and of the quotes it claimed that were struck.
    """
    wording = record.get("wording")
    if not wording:
        return {}
    shown = _sentences(record) if record["writer"] == wording["model"] else []
    measures = {"worded": float(bool(shown))}
    faulty = [remark for remark in wording["remarks"] if remark["fault"] != "unchecked"]
    struck = sum(remark["fault"] != "unsupported" or not shown for remark in faulty)
    if wording.get("claimed"):
        measures["quotes_dropped"] = len(wording["struck"]) / wording["claimed"]
    if shown or struck:
        measures["sentences_struck"] = struck / (len(shown) + struck)
    if not shown:
        return measures
    language = record["language"]
    supported = [_supported(text, language, quotes) for text, quotes in shown]
    useful = [_contributes(text, language, quote) for text, quotes in shown for quote in quotes]
    measures["citation_recall"] = sum(supported) / len(supported)
    measures["citation_precision"] = sum(useful) / len(useful)
    found = detect_language(" ".join(text for text, _ in shown))
    if language and found:
        measures["reply_language"] = float(found == language)
    return measures


def _sentences(record: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """The shown sentences as the model wrote them, each with its quotes."""
    named = {remark["sentence"] for remark in record["wording"]["remarks"] if remark["fault"] in ("unsupported", "unchecked")}
    found = []
    for paragraph in record["answer"].split("\n\n"):
        match = _SHOWN.match(paragraph)
        if match:
            text = next((sentence for sentence in named if match.group(1).startswith(f"{sentence} (")), match.group(1))
            found.append((text, [record["quotes"][int(number) - 1] for number in re.findall(r"\d+", match.group(2))]))
    return found


def _supported(text: str, language: str | None, quotes: list[dict[str, Any]]) -> bool:
    if unsupported(text, language, [(quote["text"], quote["language"]) for quote in quotes]):
        return False
    alike = [quote["text"] for quote in quotes if quote["language"] == language]
    return not alike or _overlap(text, " ".join(alike), language) >= ENOUGH


def _contributes(text: str, language: str | None, quote: dict[str, Any]) -> bool:
    """Does it hold a number, a date or a name of the sentence, or, in the same language, some of its words?"""
    everything = set(unsupported(text, language, []))
    missing = set(unsupported(text, language, [(quote["text"], quote["language"])]))
    if missing < everything:
        return True
    if quote["language"] == language:
        return _overlap(text, quote["text"], language) >= ENOUGH / 2
    return not everything  # nothing that could be compared across languages


def _overlap(text: str, quoted: str, language: str | None) -> float:
    """The share of the text's content words whose stems the quoted words hold; 1 of none."""
    wanted = {stem(word, language) for word in words(text) if len(word) >= SHORTEST}
    return len(wanted & {stem(word, language) for word in words(quoted)}) / len(wanted) if wanted else 1.0
