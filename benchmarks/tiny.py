"""python -m benchmarks.tiny: what a folder of very many very short articles costs to build, to look at and to ask.

    python -m benchmarks.tiny [--sizes 1000,10000,100000] [--out var/tiny.json]

Each article is a file of its own: two or three sentences about something that no other is about. Their passages' vectors are
drawn as in ``benchmarks.scale``, the rest is the product. Each figure is of a process of its own, so that its peak of memory is
that of this work alone.
"""

import json
import random
import resource
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from benchmarks.programs import finished
from benchmarks.scale import Drawn, timed
from corpus.console import during, mendable, progress_bar
from index.build import build
from index.encoder import load_encoder
from index.options import BuildOptions
from index.plan import Progress
from index.snapshot import live_generation
from index.status import changes_since
from qa.assistant import open_assistant

PLACES = ["le pont", "la gare", "le marché", "la mairie", "le stade", "le musée", "la halle", "le port", "l’école", "le moulin"]
EVENTS = [
    "rouvre",
    "ferme",
    "est vendu",
    "est repeint",
    "est agrandi",
    "a brûlé",
    "est inauguré",
    "reste fermé",
    "est classé",
    "déménage",
]
SYLLABLES = [
    "ba",
    "bru",
    "cor",
    "dan",
    "fla",
    "gou",
    "li",
    "mar",
    "neu",
    "or",
    "pra",
    "quin",
    "ro",
    "sau",
    "tré",
    "val",
    "vi",
    "zan",
]
ASKED = 30


def write_articles(folder: Path, count: int, progress: Progress) -> None:
    """So many files, a thousand to a folder."""
    for number in range(count):
        progress("writing articles", number, count)
        folder_of = folder / f"{number // 1000:03}"
        folder_of.mkdir(parents=True, exist_ok=True)
        (folder_of / f"{number}.txt").write_text(article(number), encoding="utf-8")


def article(number: int) -> str:
    """Two or three sentences; the town, and what the second one counts, are this article's alone."""
    drawn = random.Random(number)
    place, event = drawn.choice(PLACES), drawn.choice(EVENTS)
    sentences = [
        f"À {town(number)}, {place} {event} {drawn.choice(('lundi', 'mardi', 'jeudi', 'samedi'))}.",
        f"Le conseil de {town(number)} a compté {number + 1000} {drawn.choice(('visiteurs', 'signatures', 'tonnes', 'heures'))}.",
        f"{town(number + 7)} et {town(drawn.randrange(10**6))} en {drawn.choice(('discutent', 'rient', 'doutent'))}.",
    ]
    return " ".join(sentences[: drawn.choice((2, 3))]) + "\n"


def town(number: int) -> str:
    """A name for each number below eleven million."""
    parts = [SYLLABLES[number // len(SYLLABLES) ** power % len(SYLLABLES)] for power in range(5)]
    return "".join(parts).capitalize()


def one_size(count: int) -> dict[str, Any]:
    """The figures of a corpus of that size: seconds, milliseconds, megabytes."""
    with tempfile.TemporaryDirectory(prefix="tiny-") as name:
        corpus, index = Path(name) / "articles", Path(name) / "index"
        with progress_bar() as progress:
            write_articles(corpus, count, progress)
        figures: dict[str, Any] = {"articles": count}
        for what in ("build", "again", "status", "add", "ask"):
            if what == "add":
                (corpus / "new.txt").write_text(article(count), encoding="utf-8")
            figures |= {f"{what}_{key}": value for key, value in _in_a_process(what, corpus, index).items()}
            typer.echo(json.dumps(figures), err=True)
        figures["disk_mb"] = sum(path.stat().st_size for path in index.rglob("*") if path.is_file()) / 1e6
        return figures


def built(corpus: Path, index: Path) -> dict[str, float]:
    encoder = Drawn(load_encoder())
    with progress_bar() as progress:
        started = time.monotonic()
        build([corpus], index, encoder, BuildOptions(), progress=progress)
        return {"s": time.monotonic() - started}


def looked_at(corpus: Path, index: Path) -> dict[str, float]:
    started = time.monotonic()
    changes = changes_since(live_generation(index))
    assert not any(changes.values()), changes
    return {"s": time.monotonic() - started}


def asked(corpus: Path, index: Path) -> dict[str, float]:
    started = time.monotonic()
    assistant = open_assistant(index)
    assistant.ask("Que fait le conseil ?")
    opened = time.monotonic() - started
    numbers = random.Random(3).choices(range(len(assistant.snapshot().articles) - 1), k=ASKED)
    times = []
    with progress_bar() as progress:
        for done, number in enumerate(numbers, start=1):
            times.append(timed(partial(assistant.ask, f"Qu’a compté le conseil de {town(number)} ?")))
            progress("asking", done, ASKED)
    return {"open_s": opened, "p50_ms": float(np.percentile(times, 50)), "p95_ms": float(np.percentile(times, 95))}


PARTS = {"build": built, "again": built, "status": looked_at, "add": built, "ask": asked}


def _in_a_process(what: str, corpus: Path, index: Path) -> dict[str, Any]:
    with during(what):
        made = finished([sys.executable, "-m", "benchmarks.tiny", "--only", f"{what} {corpus} {index}"])
        made.check_returncode()
        return dict(json.loads(made.stdout.splitlines()[-1]))


def main(
    sizes: Annotated[str, typer.Option(help="Articles, with commas.")] = "1000,10000,100000",
    out: Annotated[Path, typer.Option(help="Where the figures go.")] = Path("var/tiny.json"),
    only: Annotated[str, typer.Option(hidden=True)] = "",
) -> None:
    """Measure, and write the figures as JSON."""
    with mendable():
        if only:
            what, corpus, index = only.split(" ")
            found = PARTS[what](Path(corpus), Path(index))
            found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
            typer.echo(json.dumps(found))
            return
        figures = []
        for size in map(int, sizes.split(",")):
            with during(f"{size:,} articles"):
                figures.append(one_size(size))
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    typer.run(main)
