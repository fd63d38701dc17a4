"""The steps each peer goes through, and what is noted of them. Runs in the peer's own environment: no import of the project."""

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Row = dict[str, Any]


def measure(load: Callable[[Row], Any], build: Callable[[Any, list[Row]], None], add: Callable[[Any, Row], None],
            search: Callable[[Any, str], list[str]]) -> None:  # fmt: skip
    """Read a plan (model, articles, one more article, questions with the id of the right article) and print the figures.

    ``search`` gives article ids, best first. A question counts as found at 1 if the first id is the right one.
    """
    plan: Row = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    started = time.perf_counter()
    peer = load(plan)
    loaded = time.perf_counter() - started
    started = time.perf_counter()
    build(peer, plan["articles"])
    built = time.perf_counter() - started
    for question in plan["questions"][:5]:
        search(peer, question["text"])
    taken, found, near = [], 0, 0
    for question in plan["questions"]:
        started = time.perf_counter()
        ids = search(peer, question["text"])
        taken.append(1000 * (time.perf_counter() - started))
        found += ids[:1] == [question["right"]]
        near += question["right"] in list(dict.fromkeys(ids))[:5]
    started = time.perf_counter()
    add(peer, plan["more"])
    search(peer, plan["questions"][0]["text"])
    added = time.perf_counter() - started
    taken.sort()
    with open("/proc/self/status") as status:
        resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1000
    count = len(taken)
    figures = {
        "load_s": loaded, "build_s": built, "p50_ms": statistics.median(taken), "p95_ms": taken[int(count * 0.95)],
        "recall_at_1": found / count, "recall_at_5": near / count, "add_s": added, "rss_mb": resident, "questions": count,
    }  # fmt: skip
    print(json.dumps(figures))
