"""What readers thought of answers, kept as candidates for the evaluation: a line of JSON for each verdict."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

Verdict = Literal["like", "dislike"]
LONGEST_COMMENT = 1000
#: Bytes before the file is set aside, once.
LONGEST = 10_000_000


def candidates_of(index: Path) -> Path:
    """Where verdicts on the answers of an index are kept: beside its folder."""
    return index.with_name("candidates.jsonl")


def rated(record: dict[str, Any], verdict: Verdict | None, comment: str = "", now: datetime | None = None) -> dict[str, Any]:
    """A line of the file: the verdict (None: taken back), the comment, and the noted answer it is about."""
    return {
        "time": (now or datetime.now(UTC)).isoformat(timespec="seconds"),
        "answer_id": record["id"],
        "verdict": verdict,
        "comment": comment[:LONGEST_COMMENT],
        "record": record,
    }


def latest(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A row an answer, in the order first rated: its last verdict, its last comment. Verdicts taken back are left out."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        if not isinstance(row.get("record"), dict) or row.get("verdict") not in ("like", "dislike", None):
            continue
        before = found.get(str(row.get("answer_id")), {})
        found[str(row.get("answer_id"))] = {**row, "comment": row.get("comment") or before.get("comment", "")}
    return [row for row in found.values() if row["verdict"]]
