"""What readers liked and disliked, asked again: is the liked answer still given, and the disliked one no longer?"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpus.errors import InputError
from eval.metrics import share
from qa.assistant import Assistant
from qa.feedback import latest
from qa.question import BadQuestion
from qa.record import record_of
from qa.replay import ask_again
from qa.request import BadRequest
from qa.verify import read_records

Row = dict[str, Any]


def again(path: Path, assistant: Assistant) -> Iterator[Row]:
    """Each candidate with what its question gets now; ``same``: the same quotes, or again none. InputError if there are none."""
    if not path.is_file():
        raise InputError(f"no reader judged an answer yet: there is no {path}")
    for row in latest(read_records(path)):
        record = row["record"]
        try:
            now = record_of(ask_again(record, assistant.ask), str(row["answer_id"]))
        except (BadQuestion, BadRequest):
            continue
        yield {
            "id": now["id"],
            "question": now["question"],
            "verdict": row["verdict"],
            "comment": row["comment"],
            "decision": now["decision"],
            "same": _told(now) == _told(record),
        }


def candidates_table(found: list[Row]) -> str:
    """A line a candidate, then the shares of the liked that are kept and of the disliked that changed."""
    lines = []
    for row in found:
        now = "kept" if row["same"] else "changed"
        comment = f" ({' '.join(row['comment'].split())})" if row["comment"] else ""
        lines.append(f"{row['verdict']:<8} {now:<8} {' '.join(row['question'].split())}{comment}")
    for verdict, outcome in (("like", True), ("dislike", False)):
        judged = [row["same"] == outcome for row in found if row["verdict"] == verdict]
        shown = share(sum(judged), len(judged))
        name = "liked, and kept" if outcome else "disliked, and changed"
        if shown:
            lines.append(f"{name}: {shown.value:.2f}, 95 % {shown.low:.2f} to {shown.high:.2f}, n {len(judged)}")
    return "\n".join(lines) or "no verdicts"


def _told(record: Row) -> set[tuple[object, object]]:
    """What was quoted, wherever in its article it stands by now."""
    quotes = record.get("quotes")
    return {(quote.get("article_id"), quote.get("text")) for quote in quotes} if isinstance(quotes, list) else set()
