"""The vectors of a plan: kept from a generation, from an interrupted build, or embedded now."""

from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from corpus.errors import ArticleQAError
from index.background import background_texts, described_background
from index.checkpoint import Checkpoint
from index.encoder import Encoder, Vectors
from index.plan import Plan, key_of
from index.snapshot import file_digest, live_or_none, read_manifest
from index.store import open_store

#: Texts embedded between two checkpoints: what an interrupted build does again at most.
BATCH = 64


class Known:
    """Vectors of earlier generations by the key of their embedded text."""

    def __init__(self) -> None:
        self._rows: dict[str, int] = {}
        self._indexes: list[Any] = []
        self._count = 0

    def add(self, keys: list[str], flat: Any) -> None:
        """More of them: the rows of a FAISS index, in order."""
        self._rows.update(zip(keys, range(self._count, self._count + len(keys)), strict=True))
        self._indexes.append(flat)
        self._count += len(keys)

    def __contains__(self, key: str) -> bool:
        return key in self._rows

    def fill(self, keys: list[str], vectors: Vectors) -> list[int]:
        """Set each row of ``vectors`` whose key is known; the other rows."""
        rows = np.fromiter((self._rows.get(key, -1) for key in keys), np.int64, len(keys))
        first = 0
        for flat in self._indexes:
            # FAISS's own memory, not a copy of it; the index is kept for as long.
            part = faiss.rev_swig_ptr(flat.get_xb(), flat.ntotal * flat.d).reshape(flat.ntotal, flat.d)
            here = (rows >= first) & (rows < first + len(part))
            if here.sum() > len(rows) // 2:
                # Most of them: written in place, without a copy as large. The others' rows are overwritten.
                others = vectors[~here]
                np.take(part, np.where(here, rows - first, 0), axis=0, out=vectors, mode="clip")
                vectors[~here] = others
            else:
                vectors[here] = part[rows[here] - first]
            first += len(part)
        return np.flatnonzero(rows < 0).tolist()


def passage_vectors(
    planned: Plan, known: Known, checkpoint: Checkpoint, encoder: Encoder, progress: Callable[[int, int], None]
) -> tuple[Any, int]:
    """A FAISS index of all chunks' vectors in row order, and how many had to be embedded now; equal texts are embedded once.

    ``progress``: told how many of how many are embedded, those of an interrupted build included.
    """
    flat, vectors = _unfilled(len(planned.passages), encoder.dimension)
    missing = known.fill([passage.key for passage in planned.passages], vectors)
    wanted: dict[str, str] = {}
    for row in missing:
        if planned.passages[row].key not in wanted:
            wanted[planned.passages[row].key] = planned.text(row)
    embedded = _embed(wanted, checkpoint, encoder.embed_passages, progress)
    for row in missing:
        vectors[row] = checkpoint.vectors[planned.passages[row].key]
    return flat, embedded


def _unfilled(count: int, dimension: int) -> tuple[Any, Vectors]:
    """A FAISS index of so many vectors, all 0, and its memory to write them to: ``add`` would take as much again."""
    flat = faiss.IndexFlatIP(dimension)
    flat.codes.resize(count * dimension * np.dtype(np.float32).itemsize)
    flat.ntotal = count
    if not count:
        return flat, np.zeros((0, dimension), dtype=np.float32)
    return flat, faiss.rev_swig_ptr(flat.get_xb(), count * dimension).reshape(count, dimension)


def background_vectors(index: Path, checkpoint: Checkpoint, encoder: Encoder) -> Vectors:
    """The live generation's background vectors where they are the same passages by the same encoder, else new ones."""
    folder = live_or_none(index)
    try:
        live = read_manifest(folder) if folder else {}
    except ArticleQAError:
        live = {}
    if folder and live and _made_by(live, encoder) and live["background"] == described_background():
        path = folder / "background.npy"
        with suppress(OSError):
            if file_digest(path) == live["files"].get("background.npy"):
                return np.asarray(np.load(path), dtype=np.float32)
    texts = {key_of(text): text for text in background_texts()}
    # These the encoder remembers: a process that makes a second index need not embed them again.
    _embed(texts, checkpoint, encoder.embed_sentences, lambda done, total: None)
    return np.stack([checkpoint.vectors[key] for key in texts])


def _made_by(manifest: dict[str, Any], encoder: Encoder) -> bool:
    """To the last digit: another precision may read the vectors, but would not have made them."""
    made_by = manifest["encoder"]
    return bool(made_by["fingerprint"] == encoder.fingerprint and made_by["precision"] == encoder.precision)


def _embed(
    texts: dict[str, str],
    checkpoint: Checkpoint,
    embed: Callable[[list[str]], Vectors],
    progress: Callable[[int, int], None],
) -> int:
    """Embed what the checkpoint lacks; how many texts that were."""
    # In the encoder's own order, so that a build that goes on makes the batches that one in a single run makes.
    order = sorted(texts, key=lambda key: -len(texts[key]))
    missing = [key for key in order if key not in checkpoint.vectors]
    done = len(order) - len(missing)
    for start in range(0, len(missing), BATCH):
        batch = missing[start : start + BATCH]
        progress(done + start, len(order))
        checkpoint.add(batch, embed([texts[key] for key in batch]))
        progress(done + start + len(batch), len(order))
    return len(missing)


def vectors_of(folder: Path, manifest: dict[str, Any], encoder: Encoder) -> tuple[list[str], Any]:
    """The keys and vectors (a FAISS index) of a generation whose files hold; none if they are another encoder's."""
    if not _made_by(manifest, encoder):
        return [], faiss.IndexFlatIP(encoder.dimension)
    with closing(open_store(folder / "articles.db")) as database:
        keys = [key for (key,) in database.execute("SELECT key FROM chunks ORDER BY row")]
    return keys, faiss.read_index(str(folder / "vectors.faiss"))
