"""python -m benchmarks.copies --data FOLDER: how well near copies are told from what only resembles them.

Made of the French news texts of the data folder (news_fr): some with up to three copies as outlets print them, some that go on
with up to a third of another article behind them (a follow-up's background, no copy), and forms filled in for towns. Pairs of
texts that are put into one family are compared with those made from one text. True copies in the set itself count as wrong.
"""

import json
import random
import re
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from corpus.article import Article, Span
from corpus.console import mendable, progress_bar
from corpus.copies import families

TOWNS = ("Aubagne", "Brive", "Chinon", "Dinan", "Épinal", "Figeac", "Gap", "Hyères", "Istres", "Joigny", "Laon", "Mende")
Made = list[tuple[str, str]]


def edited(text: str, drawn: random.Random, vocabulary: list[str]) -> str:
    """Agency copy as an outlet prints it: a word in twelve changed, perhaps cut at its end, another first sentence, a credit."""
    sentences = re.split(r"(?<=[.!?]) +", text)
    if len(sentences) > 3 and drawn.random() < 0.5:
        sentences = sentences[: max(2, int(len(sentences) * drawn.uniform(0.5, 1)))]
    if drawn.random() < 0.4:
        sentences.insert(0, " ".join(drawn.choices(vocabulary, k=12)) + ".")
    if len(sentences) > 4 and drawn.random() < 0.3:
        del sentences[drawn.randrange(1, len(sentences) - 1)]
    if drawn.random() < 0.4:
        sentences.append("Avec AFP.")
    share = drawn.uniform(0.01, 0.08)
    return " ".join(drawn.choice(vocabulary) if drawn.random() < share else word for word in " ".join(sentences).split())


def made_of(texts: list[str], copied: int, towns: tuple[str, ...], drawn: random.Random) -> Made:
    """(name of what it is a copy of, text), shuffled: the first ``copied`` texts with their copies, the others as follow-ups of
    those, and a form for each town."""
    kept, fresh = texts[:copied], texts[copied:]
    vocabulary = " ".join(texts).split()
    made: Made = []
    for at, text in enumerate(kept):
        made += [(f"{at}", text), *((f"{at}", edited(text, drawn, vocabulary)) for _ in range(drawn.randrange(4)))]
    for at, text in enumerate(fresh):
        before = kept[at % copied]
        background = before[-int(drawn.uniform(0.1, 0.33) * min(len(text), len(before))) :]
        made.append((f"follow-up {at}", f"{text} {background}"))
    for town in towns:
        shares = drawn.sample(range(10, 99), 4)
        form = (
            f"À {town}, la liste de {town[::-1]} Martin l’emporte avec {shares[0]} % des voix contre {shares[1]} % à son "
            f"adversaire. La participation à {town} s’établit à {shares[2]} %, en baisse de {shares[3]} points. Le maire de "
            f"{town} sera élu samedi."
        )
        made.append((town, form))
    drawn.shuffle(made)
    return made


def scores(made: Made, progress: Callable[[int, int], None] = lambda done, total: None) -> tuple[float, float, float]:
    """Precision, recall and F1 over pairs of texts in one family. ``progress``: how many of how many texts are compared."""
    found = families([_article(str(at), text) for at, (_, text) in enumerate(made)], progress=progress)
    both = Counter((name, family) for (name, _), family in zip(made, found, strict=True))
    pairs = [
        sum(count * (count - 1) // 2 for count in counts.values())
        for counts in (both, Counter(name for name, _ in made), Counter(found))
    ]
    right, true, told = pairs
    return right / max(told, 1), right / max(true, 1), 2 * right / max(true + told, 1)


def _article(name: str, text: str) -> Article:
    return Article(name, name, None, text, (Span(0, len(text)),) if text else (), "fr", None, None, None)


def main(
    data: Annotated[Path, typer.Option(help="The folder of the public sets.")],
    count: Annotated[int, typer.Option(help="Texts that copies are made of.")] = 1500,
) -> None:
    """Print pairwise precision, recall and F1, and how long it took."""
    with mendable():
        with (data / "news_fr.passages.jsonl").open(encoding="utf-8") as file:
            texts = list(dict.fromkeys(json.loads(line)["text"].replace("\n", " ") for line in file))
        made = made_of(texts, count, TOWNS, random.Random(11))
        started = time.perf_counter()
        with progress_bar() as progress:
            precision, recall, both = scores(made, partial(progress, "comparing"))
        took = time.perf_counter() - started
        typer.echo(f"{len(made)} texts: precision {precision:.3f}, recall {recall:.3f}, F1 {both:.3f}, {took:.1f} s")


if __name__ == "__main__":
    typer.run(main)
