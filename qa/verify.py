"""Checking stored answers: does every quote still stand where it says it does?"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.article import Article
from corpus.errors import InputError, why_unread
from qa.export import read_export


@dataclass(frozen=True)
class Verdict:
    """One quote of one stored answer. ``problem`` is None where the quote holds."""

    answer_id: str
    number: int
    article_id: str
    problem: str | None


def read_answers(path: Path) -> tuple[list[dict[str, Any]], bool]:
    """The records of a .json, .jsonl, or of a .md or .html file exported from the page; and, of these, whether what is to be
    read in it is still as exported. InputError for a file that holds none."""
    if path.suffix.lower() not in (".md", ".html", ".htm"):
        return read_records(path), True
    try:
        exported = read_export(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {why_unread(error)}") from error
    if exported is None:
        raise InputError(f"{path} holds no answers saved from the page")
    return exported


def read_records(path: Path) -> list[dict[str, Any]]:
    """The objects of a .jsonl file, or the one object of a .json file; InputError names the line that is none."""
    try:
        # Journals were written with lone surrogates in them.
        text = path.read_text("utf-8", "surrogatepass")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {why_unread(error)}") from error
    records = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError as error:
            raise InputError(f"{path} line {number} is not JSON: each line must be one object") from error
        if not isinstance(record, dict):
            raise InputError(f"{path} line {number} is not a JSON object")
        records.append(record)
    return records


def verify(records: list[dict[str, Any]], article: Callable[[str], Article | None]) -> Iterator[Verdict]:
    """A verdict for every quote. ``article`` finds an article by its id."""
    for place, record in enumerate(records, start=1):
        answer_id = str(record.get("id", place))
        quotes = record.get("quotes")
        if not isinstance(quotes, list):
            yield Verdict(answer_id, 0, "", 'no "quotes" list')
            continue
        for number, quote in enumerate(quotes, start=1):
            if not isinstance(quote, dict) or not isinstance(quote.get("article_id"), str):
                yield Verdict(answer_id, number, "", 'a quote without "article_id"')
                continue
            yield Verdict(answer_id, number, quote["article_id"], _problem(quote, article(quote["article_id"])))


def _problem(quote: dict[str, Any], article: Article | None) -> str | None:
    if article is None:
        return "the article is not in the corpus"
    start, end, text = quote.get("start"), quote.get("end"), quote.get("text")
    if not isinstance(start, int) or not isinstance(end, int) or not isinstance(text, str) or not 0 <= start < end:
        return "offsets or text missing"
    if article.text[start:end] == text:
        return None if quote.get("sha256") == article.digest else "the article changed since, the quote still stands at its place"
    if text in article.text:
        return f"the quote stands at {article.text.find(text)}, not at {start}: the article changed since"
    return "the quoted words are not in the article"
