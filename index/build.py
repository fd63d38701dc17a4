"""Articles and the previous generation to a new generation, and a report of what was done."""

import errno
import hashlib
import json
import os
import re
import shutil
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from corpus.article import Skipped
from corpus.errors import ArticleQAError, GateRefused, IndexNewer, InputError, Stopped
from index.background import described_background
from index.checkpoint import Checkpoint, drop_outlived
from index.collector import uncollected
from index.earlier import earlier
from index.encoder import Encoder, Vectors
from index.failpoint import step
from index.gate import REFUSED, SILENT, VERDICT, Gate, Verdict
from index.lexical import Words
from index.locks import only_writer
from index.options import BuildOptions
from index.past import Past, recipe
from index.plan import Plan, Progress, plan, stems_of
from index.publish import is_live, next_name, publish, remove_leftovers, tidy_up
from index.snapshot import FORMAT, SEAL, current_generation, file_digest, live_or_none, read_manifest
from index.store import write_store
from index.vectors import Known, background_vectors, passage_vectors

MB = 1_000_000
#: What torch, FAISS and onnxruntime say where Python's own parts raise MemoryError.
_NO_MEMORY = re.compile(r"bad_alloc|allocate|memory|start new thread", re.IGNORECASE)


@dataclass(frozen=True)
class BuildReport:
    """What a build did. ``embedded`` + ``reused`` = ``chunks``, which ``articles`` share where they are copies.
    ``encodings``: ids of those whose files were not in UTF-8, by what they were read as."""

    generation: str
    articles: int
    chunks: int
    embedded: int
    reused: int
    skipped: tuple[Skipped, ...]
    encodings: dict[str, list[str]]
    seconds: float
    changed: bool = True
    verdict: Verdict | None = None


def build(
    corpus: list[Path],
    index: Path,
    encoder: Encoder,
    options: BuildOptions,
    *,
    full: bool = False,
    gate: Gate | None = None,
    progress: Progress = lambda stage, done, total: None,
    now: datetime | None = None,
) -> BuildReport:
    """Build a generation of all articles below ``corpus`` and make it live.

    A chunk whose embedded text was embedded before, by the same encoder in the same precision, is not embedded again
    (``full`` embeds all), nor what a build that was interrupted had embedded. Where nothing at all changed, a live generation
    that holds stays. The new one goes live only if the ``gate`` lets it; refused, it is set aside, so that its passages need not
    be embedded again. Whatever happens, the index answers as before or from the new generation, whole.

    Raises InputError for a corpus that is not there, an index folder that cannot be written or has no room, IndexBusy while
    another build runs, IndexNewer, GateRefused, ArticleQAError where writing fails, and on Ctrl-C Stopped, saying how far it got.
    """
    started = time.monotonic()
    now = now or datetime.now(UTC)
    _writable(index)
    with only_writer(index):
        remove_leftovers(index)
        live = _live_manifest(index)
        step()
        today = now.astimezone().date()
        with _naming_lack_of_memory(), uncollected():
            past, known, sound = (Past(), Known(), None) if full else earlier(index, encoder, options.chunk_size, today)
            planned = plan(corpus, options.chunk_size, progress, past)
        corpus_digest = _digest(planned, options, encoder)
        counts = len(planned.articles), len(planned.passages)
        told = planned.skipped, planned.encodings()
        made_of = corpus_digest, _recorded(corpus), recipe()
        if live and sound and (live["corpus_digest"], live["corpus"], live.get("recipe")) == made_of:
            with _naming_what_failed(index, live["generation"], 0):
                tidy_up(index)
                drop_outlived(index)
            seconds = time.monotonic() - started
            return BuildReport(live["generation"], *counts, 0, counts[1], *told, seconds, changed=False)
        _enough_room(index, planned, known, encoder)
        generation = next_name(index, f"{now:%Y%m%dT%H%M%S%f}", corpus_digest)
        partial = index / f".partial-{generation}"
        with _naming_what_failed(index, generation, _needed(planned, counts[1], encoder)), _naming_lack_of_memory():
            try:
                checkpoint = Checkpoint(index, f"{encoder.fingerprint} {encoder.precision}", encoder.dimension)
                vectors, embedded = _vectors(planned, known, checkpoint, encoder, progress)
                background = background_vectors(index, checkpoint, encoder)
                partial.mkdir()
                progress("writing", 0, 0)
                with uncollected():
                    files = _write(partial, planned, past, vectors, background, progress)
                made = {"generation": generation, "created": now.isoformat(timespec="seconds"), "corpus_digest": corpus_digest}
                _write_manifest(partial, made | {"files": files} | _described(corpus, planned, options, encoder))
                verdict = _gated(gate, partial, index, progress)
                publish(index, partial, generation, sound)
                checkpoint.remove()
                shutil.rmtree(index / REFUSED, ignore_errors=True)
            finally:
                shutil.rmtree(partial, ignore_errors=True)
    seconds = time.monotonic() - started
    return BuildReport(generation, *counts, embedded, counts[1] - embedded, *told, seconds, verdict=verdict)


def _vectors(planned: Plan, known: Known, checkpoint: Checkpoint, encoder: Encoder, progress: Progress) -> tuple[Any, int]:
    """As ``passage_vectors``; an interruption says how far it got."""
    reached = (0, 0)

    def count(done: int, total: int) -> None:
        nonlocal reached
        reached = (done, total)
        progress("embedding", done, total)

    try:
        return passage_vectors(planned, known, checkpoint, encoder, count)
    except KeyboardInterrupt:
        done, total = reached
        so_far = f"{done:,} of {total:,} passages are embedded"
        raise Stopped(so_far, "and kept: the next build goes on from there") from None


def _write(folder: Path, planned: Plan, past: Past, vectors: Any, background: Vectors, progress: Progress) -> dict[str, str]:
    """The files of a generation, and the digest of each by its name."""
    beside = ThreadPoolExecutor(1)  # FAISS and digests work on one core, SQLite and words on the other
    digests: dict[str, Future[str]] = {}

    def finish(name: str) -> None:
        digests[name] = beside.submit(file_digest, folder / name)

    try:
        step()
        written = beside.submit(_write_vectors, folder / "vectors.faiss", vectors)
        finish("vectors.faiss")
        write_store(folder / "articles.db", planned)
        written.result()
        finish("articles.db")
        step()
        kept = {row: passage.past for row, passage in enumerate(planned.passages) if passage.past is not None}
        Words.of(len(planned.passages), _fresh_stems(planned, kept, progress), past.words, kept).save(folder / "lexical.bin")
        finish("lexical.bin")
        step()
        np.save(folder / "copies.npy", planned.bands, allow_pickle=False)
        finish("copies.npy")
        step()
        np.save(folder / "background.npy", background, allow_pickle=False)
        finish("background.npy")
        step()
        return {name: digest.result() for name, digest in digests.items()}
    finally:
        beside.shutdown(cancel_futures=True)


def _fresh_stems(planned: Plan, kept: dict[int, int], progress: Progress) -> Iterator[tuple[int, list[str]]]:
    """The passages whose words are not taken over: row and stems of each."""
    count = len(planned.passages) - len(kept)
    rows = (row for row in range(len(planned.passages)) if row not in kept)
    for done, row in enumerate(rows, start=1):
        yield row, stems_of(planned, row)
        progress("counting words", done, count)


def _write_vectors(path: Path, vectors: Any) -> None:
    try:
        faiss.write_index(vectors, str(path))
    except RuntimeError as error:  # FAISS's own word for a full disk
        raise OSError(errno.ENOSPC, "no space left, or the file cannot be written") from error


def _described(corpus: list[Path], planned: Plan, options: BuildOptions, encoder: Encoder) -> dict[str, Any]:
    """What the manifest says beside times and digests."""
    return {
        "format": FORMAT,
        "options": options.as_dict(),
        "encoder": {
            "name": encoder.name,
            "fingerprint": encoder.fingerprint,
            "dimension": encoder.dimension,
            "precision": encoder.precision,
        },
        "factory": "Flat",
        "recipe": recipe(),
        "background": described_background(),
        "corpus": _recorded(corpus),
        "counts": {"articles": len(planned.articles), "chunks": len(planned.passages), "skipped": len(planned.skipped)},
        "skipped": [[skipped.path, skipped.reason] for skipped in planned.skipped],
        "encodings": planned.encodings(),
    }


def _write_manifest(folder: Path, described: dict[str, Any]) -> None:
    manifest = json.dumps(described, indent=1, sort_keys=True, ensure_ascii=False).encode()
    (folder / "manifest.json").write_bytes(manifest)
    (folder / SEAL).write_text(hashlib.sha256(manifest).hexdigest() + "\n")
    step()


def _gated(gate: Gate | None, candidate: Path, index: Path, progress: Progress) -> Verdict | None:
    """The gate's verdict, kept beside the generation; GateRefused, the candidate set aside, if it does not pass."""
    if gate is None:
        return None
    progress("judging", 0, 0)
    verdict = gate(candidate, live_or_none(index))
    (candidate / VERDICT).write_text(json.dumps(verdict.measured | {"reasons": verdict.reasons}, ensure_ascii=False, indent=1))
    if not verdict.passed:
        shutil.rmtree(index / REFUSED, ignore_errors=True)
        candidate.rename(index / REFUSED)
        raise GateRefused(f"not made live: {'; '.join(verdict.reasons)}. The index answers as before; to pass over it: {SILENT}")
    return verdict


def _live_manifest(index: Path) -> dict[str, Any] | None:
    """None where there is none to read. IndexNewer: a newer program's index is not ours to replace."""
    try:
        folder = current_generation(index)
        return read_manifest(folder) if folder else None
    except IndexNewer:
        raise
    except ArticleQAError:
        return None


def _digest(planned: Plan, options: BuildOptions, encoder: Encoder) -> str:
    """Of everything that shapes the generation: articles as read, options, encoder, format."""
    digest = hashlib.sha256(
        f"{FORMAT} {sorted(options.as_dict().items())} {encoder.fingerprint} {described_background()}".encode()
    )
    for article in planned.articles:
        said = (
            article.digest,
            article.id,
            article.path,
            article.title,
            article.body,
            article.language,
            article.source,
            article.url,
            article.encoding,
        )
        digest.update(f"{said!r} {article.published}".encode())
    digest.update("".join(passage.key for passage in planned.passages).encode())
    return digest.hexdigest()


def _recorded(corpus: list[Path]) -> list[str]:
    return [str(path.absolute()) for path in corpus]


def _writable(index: Path) -> None:
    try:
        index.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"the index folder {index} cannot be made ({error.strerror}): give another --index") from error
    if not os.access(index, os.W_OK):
        raise InputError(f"the index folder {index} cannot be written: give another --index")


def _needed(planned: Plan, embedded: int, encoder: Encoder) -> int:
    """Bytes on the disk while the generation is written, about: vectors, a checkpoint of the new ones, texts and their words."""
    vector = 4 * encoder.dimension
    text = sum(len(article.text) for row, article in enumerate(planned.articles) if planned.entries[row] == row)
    return vector * len(planned.passages) + (vector + 32) * embedded + 3 * text + 400 * len(planned.articles) + MB


def _enough_room(index: Path, planned: Plan, known: Known, encoder: Encoder) -> None:
    """InputError before anything is written where it cannot fit."""
    needed = _needed(planned, sum(passage.key not in known for passage in planned.passages), encoder)
    free = shutil.disk_usage(index).free
    if free < needed:
        raise InputError(
            f"the new index needs about {needed / MB:,.0f} MB in {index}, {free / MB:,.0f} MB are free: make room, or give "
            "another --index"
        )


@contextmanager
def _naming_lack_of_memory() -> Iterator[None]:
    """Memory that ran out as one line, by whatever name a library calls it."""
    try:
        yield
    except (ArticleQAError, OSError):
        raise
    except Exception as error:  # onnxruntime's are of no kind but this
        if not isinstance(error, MemoryError) and not _NO_MEMORY.search(str(error)):
            raise
        raise ArticleQAError(
            "there is not enough memory to build the index; the index answers as before. "
            "Close other programs, or build from fewer articles"
        ) from error


@contextmanager
def _naming_what_failed(index: Path, generation: str, needed: int) -> Iterator[None]:
    """Errors of writing as one line for the person, which says what the index answers from now. ``needed``: bytes, about."""
    try:
        yield
    except (OSError, sqlite3.Error, ArticleQAError, KeyboardInterrupt) as error:
        reason = (error.strerror if isinstance(error, OSError) else str(error).partition(";")[0]) or type(error).__name__
        if is_live(index, generation):
            left = f"the new index is live and answers; what was still to do in {index} was left"
            if isinstance(error, KeyboardInterrupt):
                raise Stopped(f"{left} to the next build") from None
            raise ArticleQAError(
                f"{left} ({reason}): build again once that is mended; until then a power cut may bring the index before back"
            ) from error
        if isinstance(error, ArticleQAError | KeyboardInterrupt):
            raise
        raise ArticleQAError(
            f"the new index could not be written to {index} ({reason}); the index answers as before. "
            f"About {needed / MB:,.0f} MB are needed"
        ) from error
