"""Asking noted questions again: does each still find the same passages, decide the same and quote the same words?"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from corpus.errors import ArticleQAError
from index.snapshot import open_generation
from qa.assistant import Asked, Assistant
from qa.question import BadQuestion
from qa.record import record_of
from qa.request import BadRequest, options_of, turns_of

#: As many as may be asked for at once.
MOST_PASSAGES = 100
HIT_FIELDS = ("rank", "article_id", "start", "end")
QUOTE_FIELDS = ("n", "article_id", "start", "end", "text", "sha256")


@dataclass(frozen=True)
class Replayed:
    """One noted answer asked again. ``differs``: what is not the same, in order; ``notes``: why it may not be."""

    answer_id: str
    differs: tuple[str, ...]
    notes: tuple[str, ...]


def replay(rows: list[dict[str, Any]], assistant: Assistant) -> Iterator[Replayed]:
    """Ask every row again, of the generation it was answered from where that is still kept, else of the live one."""
    kept = {assistant.snapshot().generation: assistant}
    for place, row in enumerate(rows, start=1):
        answer_id, notes = str(row.get("id", place)), []
        generation = str(row.get("generation"))
        if generation not in kept:
            kept[generation] = _pinned(assistant, generation) or assistant
        asked_of = kept[generation]
        if asked_of.snapshot().generation != generation:
            notes.append(f"generation {generation} is gone: asked of {asked_of.snapshot().generation}")
        for name, now in (("encoder", assistant.encoder.fingerprint), ("reader", assistant.reader and assistant.reader.digest)):
            if name in row and row[name] != now:
                notes.append(f"by {name} {row[name]}, now {now}")
        try:
            record = record_of(ask_again(row, asked_of.ask), answer_id)
        except (BadQuestion, BadRequest) as error:
            yield Replayed(answer_id, ("cannot be asked again",), (*notes, str(error)))
            continue
        if row.get("writer") != record["writer"]:
            notes.append(f"written by {row.get('writer')}, now by {record['writer']}: only the passages are compared")
        if "wording" in row:
            notes.append("a chat model was asked then and is not asked now: its words are not compared")
        if row.get("rewritten_question", record["rewritten_question"]) != record["rewritten_question"]:
            notes.append(f"searched then as: {row.get('rewritten_question')}")
        yield Replayed(answer_id, tuple(_differences(row, record)), tuple(notes))


def ask_again(row: dict[str, Any], ask: Callable[..., Asked]) -> Asked:
    """The row's question with its turns, filters and fallback language. BadQuestion, BadRequest for a row that cannot be read."""
    options, fallback = row.get("options") or {}, row.get("fallback_language")
    question = row.get("question")
    if not isinstance(options, dict) or not isinstance(question, str):
        raise BadRequest('A noted answer needs a "question" and "options".')
    filters = options_of(options.get("languages"), options.get("sources"), options.get("since"), options.get("until"))
    k = options.get("k", filters.k)
    if not isinstance(k, int) or not 1 <= k <= MOST_PASSAGES:
        raise BadRequest(f'"k" must be a number from 1 to {MOST_PASSAGES}.')
    return ask(question, turns_of(row.get("history")), replace(filters, k=k), fallback if isinstance(fallback, str) else None)


def _differences(row: dict[str, Any], record: dict[str, Any]) -> Iterator[str]:
    """What of a row is not as it is now."""
    before, now = _only(row.get("hits"), HIT_FIELDS), _only(record["hits"], HIT_FIELDS)
    if before != now:
        same = next((at for at, (a, b) in enumerate(zip(before, now, strict=False)) if a != b), min(len(before), len(now)))
        yield f"passages, from place {same + 1}"
    if row.get("writer") != record["writer"]:
        return
    if row.get("decision") != record["decision"] and "wording" not in row:
        yield f"decision: {row.get('decision')} before, {record['decision']} now"
    if _only(row.get("quotes"), QUOTE_FIELDS) != _only(record["quotes"], QUOTE_FIELDS):
        yield "quotes"


def _only(rows: object, fields: tuple[str, ...]) -> list[tuple[object, ...]]:
    return [tuple(row.get(field) for field in fields) for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _pinned(assistant: Assistant, generation: str) -> Assistant | None:
    """An assistant over one generation of the same index; None where it is gone or was made by another encoder."""
    folder = assistant.index / generation
    if Path(generation).name != generation or generation.startswith(".") or not (folder / "manifest.json").is_file():
        return None
    try:
        snapshot = open_generation(folder)
        return Assistant(assistant.index, assistant.encoder, assistant.writer, assistant.reader, snapshot=snapshot, pinned=True)
    except ArticleQAError:
        return None
