"""Articles and the previous generation to a new generation, and a report of what was done."""

import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from corpus.article import Skipped
from corpus.errors import ArticleQAError, GateRefused, IndexBusy, InputError
from index.background import background_texts, described_background
from index.encoder import Encoder, Vectors
from index.gate import SILENT, VERDICT, Gate, Verdict
from index.options import BuildOptions
from index.plan import Plan, Progress, plan
from index.snapshot import (
    FILES,
    FORMAT,
    current_generation,
    file_digest,
    publish,
    read_manifest,
)
from index.store import open_store, write_store

#: The last candidate that the gate refused.
REFUSED = ".refused"


@dataclass(frozen=True)
class BuildReport:
    """What a build did. ``embedded`` + ``reused`` = ``chunks``."""

    generation: str
    articles: int
    chunks: int
    embedded: int
    reused: int
    skipped: tuple[Skipped, ...]
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

    A chunk whose embedded text was embedded before, by an encoder of the same fingerprint, is not embedded again
    (``full`` embeds all). Where nothing at all changed, the live generation stays. It goes live only if the ``gate`` lets it;
    refused, it is set aside, so that its passages need not be embedded again. Raises InputError for a corpus that is
    not there or an index folder that cannot be written, IndexBusy while another build runs, GateRefused.
    """
    started = time.monotonic()
    now = now or datetime.now(UTC)
    _writable(index)
    with _only_writer(index):
        planned = plan(corpus, options.chunk_size, progress)
        corpus_digest = _digest(planned, options, encoder)
        live = _live_manifest(index)
        if live and not full and live["corpus_digest"] == corpus_digest and live["corpus"] == _recorded(corpus):
            count = len(planned.passages)
            return BuildReport(
                live["generation"],
                len(planned.articles),
                count,
                0,
                count,
                planned.skipped,
                time.monotonic() - started,
                False,
            )
        known = {} if full else _known_vectors(index, encoder.fingerprint)
        vectors, embedded = _vectors(planned, known, encoder, progress)
        generation = f"{now:%Y%m%dT%H%M%S%f}-{corpus_digest[:8]}"
        partial = index / f".partial-{generation}"
        _remove_leftovers(index)
        try:
            partial.mkdir()
            progress("writing", 0, len(planned.passages))
            _write(partial, planned, vectors)
            np.save(partial / "background.npy", _background(index, encoder), allow_pickle=False)
            manifest = {
                "format": FORMAT,
                "generation": generation,
                "created": now.isoformat(timespec="seconds"),
                "options": options.as_dict(),
                "encoder": {
                    "name": encoder.name,
                    "fingerprint": encoder.fingerprint,
                    "dimension": encoder.dimension,
                    "precision": encoder.precision,
                },
                "factory": "Flat",
                "background": described_background(),
                "corpus": _recorded(corpus),
                "corpus_digest": corpus_digest,
                "counts": {"articles": len(planned.articles), "chunks": len(planned.passages), "skipped": len(planned.skipped)},
                "skipped": [[skipped.path, skipped.reason] for skipped in planned.skipped],
                "files": {name: file_digest(partial / name) for name in FILES},
            }
            (partial / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False))
            verdict = _gated(gate, partial, index, progress)
            partial.rename(index / generation)
            publish(index, index / generation)
            shutil.rmtree(index / REFUSED, ignore_errors=True)
        except OSError as error:
            raise ArticleQAError(
                f"the new index could not be written to {index} ({error.strerror}); the previous one is untouched"
            ) from error
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return BuildReport(
        generation,
        len(planned.articles),
        len(planned.passages),
        embedded,
        len(planned.passages) - embedded,
        planned.skipped,
        time.monotonic() - started,
        verdict=verdict,
    )


def _gated(gate: Gate | None, candidate: Path, index: Path, progress: Progress) -> Verdict | None:
    """The gate's verdict, kept beside the generation; GateRefused, the candidate set aside, if it does not pass."""
    if gate is None:
        return None
    progress("judging", 0, 0)
    verdict = gate(candidate, current_generation(index))
    (candidate / VERDICT).write_text(json.dumps(verdict.measured | {"reasons": verdict.reasons}, ensure_ascii=False, indent=1))
    if not verdict.passed:
        shutil.rmtree(index / REFUSED, ignore_errors=True)
        candidate.rename(index / REFUSED)
        raise GateRefused(f"not made live: {'; '.join(verdict.reasons)}. The index answers as before; to pass over it: {SILENT}")
    return verdict


def _vectors(planned: Plan, known: dict[str, Any], encoder: Encoder, progress: Progress) -> tuple[Vectors, int]:
    """The vectors of all chunks in row order, and how many had to be embedded; equal texts are embedded once."""
    rows = {passage.key: row for row, passage in reversed(list(enumerate(planned.passages)))}
    missing = sorted(row for key, row in rows.items() if key not in known)
    done = 0

    def count(batch: int) -> None:
        nonlocal done
        done += batch
        progress("embedding", done, len(missing))

    fresh = encoder.embed_passages([planned.text(row) for row in missing], count)
    found = known | {planned.passages[row].key: vector for row, vector in zip(missing, fresh, strict=True)}
    vectors = np.zeros((len(planned.passages), encoder.dimension), dtype=np.float32)
    for row, passage in enumerate(planned.passages):
        vectors[row] = found[passage.key]
    return vectors, len(missing)


def _write(folder: Path, planned: Plan, vectors: Vectors) -> None:
    np.save(folder / "vectors.npy", vectors, allow_pickle=False)
    flat = faiss.IndexFlatIP(vectors.shape[1])
    flat.add(vectors)
    try:
        faiss.write_index(flat, str(folder / "vectors.faiss"))
    except RuntimeError as error:  # FAISS's own word for a full disk
        raise OSError(28, "no space left, or the file cannot be written") from error
    write_store(folder / "articles.db", planned)


def _known_vectors(index: Path, fingerprint: str) -> dict[str, Any]:
    """Vectors of the live generation and of the last one refused, by the key of their embedded text."""
    live = current_generation(index)
    return _vectors_of(index / REFUSED, fingerprint) | (_vectors_of(live, fingerprint) if live else {})


def _vectors_of(folder: Path, fingerprint: str) -> dict[str, Any]:
    """A generation's vectors by key; none if it is damaged, gone, or another encoder's."""
    try:
        manifest = read_manifest(folder)
        if manifest["encoder"]["fingerprint"] != fingerprint:
            return {}
        if any(file_digest(folder / name) != manifest["files"][name] for name in ("articles.db", "vectors.npy")):
            return {}
        database = open_store(folder / "articles.db")
        keys = [key for (key,) in database.execute("SELECT key FROM chunks ORDER BY row")]
        database.close()
        return dict(zip(keys, np.load(folder / "vectors.npy"), strict=True))
    except (ArticleQAError, OSError):
        return {}


def _background(index: Path, encoder: Encoder) -> Vectors:
    """The live generation's background vectors where they are the same passages by the same encoder, else new ones."""
    live, folder = _live_manifest(index), current_generation(index)
    if live and folder and live["encoder"]["fingerprint"] == encoder.fingerprint and live["background"] == described_background():
        path = folder / "background.npy"
        if path.is_file() and file_digest(path) == live["files"]["background.npy"]:
            return np.asarray(np.load(path), dtype=np.float32)
    return encoder.embed_passages(background_texts())


def _live_manifest(index: Path) -> dict[str, Any] | None:
    folder = current_generation(index)
    try:
        return read_manifest(folder) if folder else None
    except ArticleQAError:
        return None


def _digest(planned: Plan, options: BuildOptions, encoder: Encoder) -> str:
    """Of everything that shapes the generation: articles as read, options, encoder, format."""
    digest = hashlib.sha256(
        f"{FORMAT} {sorted(options.as_dict().items())} {encoder.fingerprint} {described_background()}".encode()
    )
    for article in planned.articles:
        digest.update(repr(article).encode("utf-8"))
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


def _remove_leftovers(index: Path) -> None:
    """What a build that was killed left behind; holding the lock, none of it is anyone's."""
    for path in index.glob(".partial-*"):
        shutil.rmtree(path, ignore_errors=True)
    for path in index.glob(".CURRENT.*"):
        path.unlink(missing_ok=True)


@contextmanager
def _only_writer(index: Path) -> Iterator[None]:
    """A kernel lock: it ends with its holder, however that dies."""
    with (index / ".lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise IndexBusy(f"another build (process {holder}) is writing {index}: wait for it, then try again") from error
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield
