"""python -m benchmarks.scale: what questions and additions cost as the corpus grows, and what FAISS factories would save.

    python -m benchmarks.scale [--sizes 1000,10000,100000,1000000] [--vectors 1000000] [--out var/performance.json]

Articles are made of words of the sample articles, drawn at random. Of each size the first ``REAL`` passages are embedded;
the vectors of the rest are drawn around those (cosine about 0.9), which costs a search as much as real ones. Everything else is
the product: its build, its index, its questions with the reader. Memory is that of a process that only answers.
"""

import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import faiss
import numpy as np
import typer

from benchmarks.programs import finished
from corpus.article import Article
from corpus.console import during, mendable, progress_bar
from corpus.read import read_corpus
from corpus.sentences import split_sentences
from eval.dataset import read_questions
from eval.run import OWN
from index.build import build
from index.encoder import Encoder, Vectors, load_encoder
from index.options import SAMPLE_CORPUS, BuildOptions
from index.plan import Progress
from qa.assistant import open_assistant
from qa.heaps import give_back, share_heaps

REAL, SENTENCES, WORDS, PER_ARTICLE, PER_FILE = 500, 14, 19, 3.4, 2000
#: Articles taken in one after the other: title, text, a question, what its answer must say.
NEW = (
    (
        "Une navette à Brumeval",
        "La navette fluviale de Brumeval relie depuis mardi les deux rives du Doubs en six minutes, selon la mairie.",
        "En combien de minutes la navette de Brumeval relie-t-elle les deux rives ?",
        "six minutes",
    ),
    (
        "Le marché de Tarvigny",
        "Le marché couvert de Tarvigny a rouvert samedi après onze mois de travaux, avec quarante étals de producteurs.",
        "Combien d’étals le marché couvert de Tarvigny compte-t-il ?",
        "quarante étals",
    ),
    (
        "Guitares à emporter",
        "La bibliothèque de Ploermoc prête désormais des guitares, pour trois semaines et contre une caution de vingt euros.",
        "Pour combien de temps la bibliothèque de Ploermoc prête-t-elle une guitare ?",
        "trois semaines",
    ),
    (
        "Un harfang au phare",
        "Un harfang s’est posé dimanche sur le phare de Kervannig, où les ornithologues n’en avaient plus compté depuis 1987.",
        "Depuis quand n’avait-on plus compté de harfang au phare de Kervannig ?",
        "1987",
    ),
    (
        "Le train de Montaubry",
        "Le train à crémaillère de Montaubry montera de nouveau en mai : ses rails sont reposés sur 800 mètres.",
        "Sur quelle longueur les rails du train de Montaubry sont-ils reposés ?",
        "800 mètres",
    ),
)
FACTORIES = ("Flat", "SQ8", "SQfp16", "IVF1024,SQ8", "IVF1024,Flat")
NEIGHBOURS = 10
#: Vectors drawn or added at a time.
PART = 50_000


class Drawn(Encoder):
    """The encoder, but later passages' vectors are drawn around those of the first."""

    def __init__(self, encoder: Encoder):
        vars(self).update(vars(encoder))
        self.random = np.random.default_rng(3)
        self.real = np.zeros((0, encoder.dimension), dtype=np.float32)

    def embed_passages(self, texts: list[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """A build asks for a batch at a time: what comes after the first ``REAL`` is drawn around them."""
        if len(self.real) < REAL:
            found = super().embed_passages(texts, progress)
            self.real = np.concatenate([self.real, found])
            return found
        # A copy: a view would keep the real ones in memory with every batch, nine times what the vectors need.
        return around(self.real, len(self.real) + len(texts), self.random)[len(self.real) :].copy()


def around(real: Vectors, count: int, rng: np.random.Generator) -> Vectors:
    """``real`` and, up to ``count``, vectors at a cosine of about 0.9 to one of them; all unit."""
    found = np.empty((count, real.shape[1]), dtype=np.float32)
    found[: len(real)] = real[:count]
    for start in range(len(real), count, PART):
        part = found[start : start + PART]
        part[:] = real[rng.integers(len(real), size=len(part))]
        part += rng.standard_normal(part.shape, dtype=np.float32) * (0.48 / part.shape[1] ** 0.5)
        part /= np.linalg.norm(part, axis=1, keepdims=True)
    return found


def write_articles(folder: Path, chunks: int, progress: Progress) -> None:
    """Articles of about so many passages in all, as .jsonl files of some thousands each."""
    folder.mkdir(parents=True)
    rng = random.Random(11)
    sentences: dict[str, list[str]] = {}
    for article in read_corpus([SAMPLE_CORPUS]):
        if isinstance(article, Article) and article.language in ("fr", "en", "de", "es"):
            for body in (span.of(article.text) for span in article.body):
                spans = split_sentences(body, article.language)
                sentences.setdefault(article.language, []).extend(" ".join(span.of(body).split()) for span in spans)
    words = {language: " ".join(found).split() for language, found in sentences.items()}
    count = int(chunks / PER_ARTICLE)
    for number in range(count):
        progress("writing articles", number, count)
        language = rng.choices(["fr", "en", "de", "es"], [17, 1, 1, 1])[0]
        # Words, not sentences: articles that share sentences are near copies, which this is not about. Capitals, so that
        # sentences are told: three as one would be three times as long to read as any that people write.
        drawn = [" ".join(rng.choices(words[language], k=WORDS)).capitalize() + "." for _ in range(SENTENCES)]
        row = {"id": f"a{number}", "title": f"{drawn[0][:60]} {number}", "text": " ".join(drawn), "lang": language}
        row |= {"date": f"20{rng.randint(10, 25)}-{rng.randint(1, 12):02}-03"}
        with (folder / f"{number // PER_FILE:04}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def one_size(chunks: int) -> dict[str, Any]:
    """The figures of a corpus of that size, in seconds, milliseconds and megabytes."""
    with tempfile.TemporaryDirectory(prefix="scale-") as name:
        folder = Path(name)
        corpus, index = folder / "articles", folder / "index"
        encoder = load_encoder()
        with progress_bar() as progress:
            write_articles(corpus, chunks, progress)
            started = time.monotonic()
            report = build([corpus], index, Drawn(encoder), BuildOptions(), progress=progress)
            built = time.monotonic() - started
        figures: dict[str, Any] = {"chunks": report.chunks, "articles": report.articles, "build_s": built}
        figures["disk_mb"] = sum(path.stat().st_size for path in index.rglob("*") if path.is_file()) / 1e6
        figures |= _in_a_process("ask", index)
        figures |= _in_a_process("add", index, corpus, folder / "new")
        return figures


def ask(index: Path) -> dict[str, Any]:
    """Start to first answer, questions, memory; set up as the page is."""
    share_heaps()
    started = time.monotonic()
    assistant = open_assistant(index)
    give_back()
    questions = [question.text for question in read_questions(OWN / "test.jsonl") if not question.history]
    random.Random(5).shuffle(questions)
    assistant.ask(questions[0])
    first = time.monotonic() - started
    times = []
    with progress_bar() as progress:
        for done, text in enumerate(questions[1:101]):
            progress("asking", done, 100)
            times.append(timed(partial(assistant.ask, text)))
    return {
        "open_s": first, "p50_ms": float(np.percentile(times, 50)), "p95_ms": float(np.percentile(times, 95)),
        "rss_mb": resident(),
    }  # fmt: skip


def add(index: Path, corpus: Path, new: Path) -> dict[str, Any]:
    """One more article, from the beginning of the build to an answer quoting it: the median of five taken in one after the other,
    and the first, for which the process has no memory yet."""
    encoder = load_encoder()
    assistant = open_assistant(index)
    new.mkdir()
    took, published = [], []
    for number, (title, text, question, answer) in enumerate(NEW):
        (new / f"{number}.txt").write_text(f"{title}\n\n{text}\n", "utf-8")
        started = time.monotonic()
        with progress_bar() as progress:
            build([corpus, new], index, encoder, BuildOptions(), progress=progress)
        published.append(time.monotonic() - started)
        asked = assistant.ask(question)
        took.append(time.monotonic() - started)
        assert any(answer in quote.text for quote in asked.answer.quotes), asked.answer.prose
    return {"add_s": float(np.median(took)), "add_first_s": took[0], "add_build_s": float(np.median(published))}


def factories(count: int, progress: Progress) -> list[dict[str, Any]]:
    """Each factory over ``count`` vectors: seconds to build, milliseconds a query, bytes, and its recall@10 of Flat."""
    encoder = load_encoder()
    texts = [article.text[:500] for article in read_corpus([SAMPLE_CORPUS]) if isinstance(article, Article)]
    rng = np.random.default_rng(4)
    vectors = around(encoder.embed_passages(texts), count, rng)
    asked = around(encoder.embed_queries([q.text for q in read_questions(OWN / "test.jsonl")][:100]), 200, rng)[100:]
    exact: Any = None
    found = []
    for factory in FACTORIES:
        started = time.monotonic()
        index = faiss.index_factory(vectors.shape[1], factory, faiss.METRIC_INNER_PRODUCT)
        progress(f"{factory}: learning", 0, 0)
        index.train(vectors[rng.integers(count, size=min(count, 60_000))])
        for at in range(0, count, PART):
            progress(f"{factory}: adding", at, count)
            index.add(vectors[at : at + PART])
        row: dict[str, Any] = {"factory": factory, "chunks": count, "build_s": time.monotonic() - started}
        row["mb"] = len(faiss.serialize_index(index)) / 1e6
        for probes in (8, 32, 64) if factory.startswith("IVF") else (0,):
            if probes:
                faiss.ParameterSpace().set_index_parameter(index, "nprobe", probes)
            times = [timed(partial(index.search, v[None], NEIGHBOURS)) for v in asked]
            rows = index.search(asked, NEIGHBOURS)[1]
            exact = rows if exact is None else exact
            recall = np.mean([len(set(a) & set(b)) / NEIGHBOURS for a, b in zip(rows, exact, strict=True)])
            found.append(row | {"nprobe": probes, "query_ms": float(np.median(times)), "recall_at_10": float(recall)})
            typer.echo(json.dumps(found[-1]), err=True)
    return found


def _in_a_process(what: str, *paths: Path) -> dict[str, Any]:
    with during({"ask": "asking", "add": "adding one more article"}[what]):
        made = finished([sys.executable, "-m", "benchmarks.scale", "--only", " ".join([what, *map(str, paths)])])
        made.check_returncode()
        return dict(json.loads(made.stdout.splitlines()[-1]))


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started)


def resident() -> float:
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1000


def main(
    sizes: Annotated[str, typer.Option(help="Passages, with commas; empty leaves them out.")] = "1000,10000,100000,1000000",
    vectors: Annotated[int, typer.Option(help="Vectors for the factories; 0 leaves them out.")] = 1_000_000,
    out: Annotated[Path, typer.Option(help="Where the figures go.")] = Path("var/performance.json"),
    only: Annotated[str, typer.Option(hidden=True)] = "",
) -> None:
    """Measure, and write the figures as JSON; ``python -m benchmarks.page`` makes the page of them."""
    with mendable():
        if only:
            what, *paths = only.split(" ")
            typer.echo(json.dumps({"ask": ask, "add": add}[what](*map(Path, paths))))  # type: ignore[operator]
            return
        out.parent.mkdir(parents=True, exist_ok=True)
        # What is not measured this time stays as it was: the two parts take minutes each.
        figures: dict[str, Any] = json.loads(out.read_text()) if out.is_file() else {"sizes": [], "factories": []}
        figures["cpus"] = len(os.sched_getaffinity(0))
        if sizes:
            figures["sizes"] = []
        for size in map(int, filter(None, sizes.split(","))):
            with during(f"{size:,} passages"):
                figures["sizes"].append(one_size(size))
            typer.echo(json.dumps(figures["sizes"][-1]), err=True)
            out.write_text(json.dumps(figures, indent=1))
        if vectors:
            with during("FAISS factories"), progress_bar() as progress:
                figures["factories"] = factories(vectors, progress)
        out.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    typer.run(main)
