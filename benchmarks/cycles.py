"""python -m benchmarks.cycles: one article edited, built and asked about again and again in one process; what grows meanwhile.

    python -m benchmarks.cycles [--count 10000] [--out var/cycles.json]

Each cycle is the product: the article is written, the build makes a generation live beside an assistant that goes on running, and
a question is answered from it, with the reader. What grew is told by comparing the second tenth of the cycles with the last.
"""

import json
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from corpus.console import during, mendable, progress_bar
from index.build import build
from index.encoder import Encoder, load_encoder
from index.options import BuildOptions
from index.snapshot import generations_of
from qa.assistant import Assistant, reader_of
from qa.reader import Reader

OTHERS = {
    "biblio.txt": "La bibliothèque rouvre ses portes samedi. Les travaux ont duré deux ans.\n",
    "loups.txt": "Trois loups ont été aperçus près du col.\n",
}
ASKED = "Combien de visiteurs le tramway a-t-il reçus ?"


@dataclass(frozen=True)
class Cycle:
    """After one: seconds it took, bytes below the index, generations kept, handles and threads of the process, its memory in
    bytes, vectors in the live index."""

    seconds: float
    disk: int
    generations: int
    handles: int
    threads: int
    memory: int
    vectors: int


def cycles(place: Path, encoder: Encoder, reader: Reader | None, count: int) -> Iterator[Cycle]:
    """Edit, build and ask in the folder so many times. AssertionError where an answer is not of the last edition."""
    corpus, index = place / "articles", place / "index"
    corpus.mkdir()
    for name, text in OTHERS.items():
        (corpus / name).write_text(text, encoding="utf-8")
    assistant = None
    for number in range(count):
        started = time.perf_counter()
        (corpus / "tram.txt").write_text(f"Le tramway a reçu {number + 100} visiteurs hier matin.\n", encoding="utf-8")
        with during(f"cycle {number + 1} of {count}"):
            build([corpus], index, encoder, BuildOptions())
            assistant = assistant or Assistant(index, encoder, reader=reader)
            asked = assistant.ask(ASKED)
        took = time.perf_counter() - started
        held = [hit.text for hit in asked.answer.hits if hit.article.id == "tram.txt"]
        assert held == [f"Le tramway a reçu {number + 100} visiteurs hier matin."], (number, held)
        yield Cycle(
            took,
            sum(path.stat().st_size for path in index.rglob("*")),
            len(generations_of(index)),
            len(os.listdir("/proc/self/fd")),
            len(os.listdir("/proc/self/task")),
            int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"),
            assistant.snapshot().vectors.ntotal,
        )


def grown(seen: list[Cycle]) -> dict[str, Any]:
    """Of each thing the most in the second tenth of the cycles and in the last; of seconds the median."""
    tenth = max(1, len(seen) // 10)
    found: dict[str, Any] = {"cycles": len(seen)}
    for name in asdict(seen[0]):
        early, late = ([getattr(one, name) for one in part] for part in (seen[tenth : 2 * tenth] or seen, seen[-tenth:]))
        found[name] = [float(np.median(part)) if name == "seconds" else max(part) for part in (early, late)]
    return found


def main(
    count: Annotated[int, typer.Option(min=1)] = 10_000,
    out: Annotated[Path, typer.Option(help="Where the figures go.")] = Path("var/cycles.json"),
) -> None:
    """Run them, and write what grew as JSON, after each tenth anew."""
    with mendable(), progress_bar() as progress, tempfile.TemporaryDirectory(prefix="cycles-") as name:
        encoder = load_encoder()
        seen: list[Cycle] = []
        out.parent.mkdir(parents=True, exist_ok=True)
        for one in cycles(Path(name), encoder, reader_of(encoder), count):
            seen.append(one)
            progress("cycles", len(seen), count)
            if len(seen) % max(1, count // 10) == 0:
                out.write_text(json.dumps(grown(seen), indent=1))
        typer.echo(json.dumps(grown(seen), indent=1))


if __name__ == "__main__":
    typer.run(main)
