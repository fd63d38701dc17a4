"""python -m benchmarks.load: so many people at the page at once, from a process of their own: waits, errors, memory.

Each of them asks, waits for the answer, thinks for a moment and asks again, in one conversation. Every question carries its
asker's mark, so that an answer or a source which reached another conversation is seen.
"""

import asyncio
import json
import random
import re
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from benchmarks.programs import running
from corpus.console import mendable, progress_bar
from index.plan import Progress

ROOT = Path(__file__).parents[1]
QUESTIONS = (
    "Qui a été élu pape après François ?",
    "Which city will host Expo 2030?",
    "What role does the American backstop play for Ukraine?",
    "Où Charles III a-t-il été couronné ?",
    "Quel navire a heurté le pont de Baltimore ?",
    "Wann wurden die letzten Kernkraftwerke abgeschaltet?",
    "Who won the Kazakh chess championship in 1998?",
)
#: Seconds somebody reads before the next question, and before asking again where the page was busy.
READING, RETRY = (2.0, 8.0), 3.0
_ASKED = re.compile(r'<h3 class="aqa-asked"[^>]*>(.*?)</h3>')


@dataclass
class Seen:
    """What all askers met. ``waits`` in ms, of answers only; ``busy``: polite refusals; ``errors``: anything else."""

    waits: list[float] = field(default_factory=list)
    busy: int = 0
    crossed: int = 0
    errors: dict[str, int] = field(default_factory=dict)

    def error(self, what: str) -> None:
        self.errors[what] = self.errors.get(what, 0) + 1


async def person(number: int, address: str, until: float, seen: Seen, client: httpx.AsyncClient) -> None:
    """One conversation until the time is over."""
    chance = random.Random(number)
    session, mark, said = f"load{number}", f"no. {number}", 0
    await asyncio.sleep(chance.uniform(0, 5))
    while time.monotonic() < until:
        question = f"{chance.choice(QUESTIONS)} ({mark}.{said})"
        began = time.monotonic()
        try:
            joined = await client.post(f"{address}gradio_api/call/chat", json={"data": [question, "en"], "session_hash": session})
            if joined.status_code in (429, 503):
                seen.busy += 1
                await asyncio.sleep(RETRY)
                continue
            joined.raise_for_status()
            told = await client.get(f"{address}gradio_api/call/chat/{joined.json()['event_id']}")
            event, data = _last(told.text)
        except httpx.HTTPError as error:
            seen.error(type(error).__name__)
            continue
        if event != "complete":
            seen.error(f"{event}: {str(data)[:80]}")
            continue
        took = 1000 * (time.monotonic() - began)
        asked = [unescape(heading) for heading in _ASKED.findall(data[-1])]
        seen.crossed += any(f"({mark}." not in heading for heading in asked)
        if question in asked:
            seen.waits.append(took)
        else:
            seen.error("not answered")
        said += 1
        await asyncio.sleep(chance.uniform(*READING))


def _last(stream: str) -> tuple[str, Any]:
    """The last event of a stream and its data."""
    events = re.findall(r"event: (\w+)\ndata: (.*)", stream)
    return (events[-1][0], json.loads(events[-1][1])) if events else ("nothing", None)


async def crowd(people: int, seconds: float, address: str, pid: int, progress: Progress) -> dict[str, Any]:
    """Let them all ask; what they met, the server's memory each second, in MB, and by how much each answer of the second half
    made it grow, in kB."""
    seen, memory, answered = Seen(), [_memory(pid)], [0]
    began = time.monotonic()
    until = began + seconds
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=people)
    async with httpx.AsyncClient(timeout=120, limits=limits) as client:
        progress("asking, second", 0, round(seconds))
        asking = [asyncio.create_task(person(number, address, until, seen, client)) for number in range(people)]
        while time.monotonic() < until:
            await asyncio.sleep(max(0, min(until, began + len(memory)) - time.monotonic()))
            memory.append(_memory(pid))
            answered.append(len(seen.waits))
            progress("asking, second", len(memory) - 1, round(seconds))
        await asyncio.gather(*asking)
    waits = sorted(seen.waits)
    half = len(memory) // 2
    more = answered[-1] - answered[half]
    return {
        "people": people,
        "seconds": seconds,
        "answers": len(waits),
        "busy": seen.busy,
        "errors": seen.errors,
        "crossed": seen.crossed,
        "p50_ms": round(statistics.median(waits)) if waits else None,
        "p95_ms": round(waits[int(0.95 * (len(waits) - 1))]) if waits else None,
        "memory_mb": [round(kb / 1024) for kb in memory],
        "second_half_kb_an_answer": round((memory[-1] - memory[half]) / more, 1) if more else None,
    }


def _memory(pid: int) -> int:
    """Resident memory of a process in kB (Linux)."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) if found else 0


@contextmanager
def serving(index: Path, port: int) -> Iterator[tuple[str, int]]:
    """The page in a process of its own, for as long as this is open: its address, and the number of the process."""
    command = [sys.executable, str(ROOT / "app.py"), "--index", str(index.absolute()), "--port", str(port), "--no-journal"]
    with running(command, cwd=ROOT) as server:
        address = re.search(r"http://\S+/", server.stdout.readline() if server.stdout else "")
        if address is None:
            raise SystemExit("the page did not start")
        yield address[0], server.pid


def main(
    people: Annotated[int, typer.Option(min=1)] = 200,
    seconds: Annotated[float, typer.Option(min=1)] = 60,
    index: Annotated[Path, typer.Option(help="The folder of the index.")] = Path("var/index"),
    port: int = 7959,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures here, too.")] = None,
) -> None:
    """Serve the page from a process of its own and let many people ask it at once."""
    with mendable():
        with progress_bar() as progress, serving(index, port) as (address, pid):
            found = asyncio.run(crowd(people, seconds, address, pid, progress))
        text = json.dumps(found, indent=1)
        if json_file:
            json_file.write_text(text + "\n", "utf-8")
        typer.echo(text)


if __name__ == "__main__":
    typer.run(main)
