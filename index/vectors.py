"""The vectors of a plan: kept from a generation, from an interrupted build, or embedded now."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ArticleQAError
from index.background import background_texts, described_background
from index.checkpoint import Checkpoint
from index.encoder import Encoder, Vectors
from index.gate import REFUSED
from index.plan import Plan, key_of
from index.snapshot import current_generation, file_digest, read_manifest
from index.store import open_store

#: Texts embedded between two checkpoints: what an interrupted build does again at most.
BATCH = 64
Known = dict[str, NDArray[np.float32]]


def passage_vectors(
    planned: Plan, known: Known, checkpoint: Checkpoint, encoder: Encoder, progress: Callable[[int, int], None]
) -> tuple[Vectors, int]:
    """The vectors of all chunks in row order, and how many had to be embedded now; equal texts are embedded once.

    ``progress``: told how many of how many are embedded, those of an interrupted build included.
    """
    rows = {passage.key: row for row, passage in reversed(list(enumerate(planned.passages)))}
    wanted = {key: planned.text(row) for key, row in sorted(rows.items(), key=lambda item: item[1]) if key not in known}
    embedded = _embed(wanted, checkpoint, encoder.embed_passages, progress)
    vectors = np.zeros((len(planned.passages), encoder.dimension), dtype=np.float32)
    for row, passage in enumerate(planned.passages):
        vectors[row] = known[passage.key] if passage.key in known else checkpoint.vectors[passage.key]
    return vectors, embedded


def background_vectors(index: Path, checkpoint: Checkpoint, encoder: Encoder) -> Vectors:
    """The live generation's background vectors where they are the same passages by the same encoder, else new ones."""
    folder = current_generation(index)
    try:
        live = read_manifest(folder) if folder else {}
    except ArticleQAError:
        live = {}
    if folder and live and _made_by(live, encoder) and live["background"] == described_background():
        path = folder / "background.npy"
        if path.is_file() and file_digest(path) == live["files"]["background.npy"]:
            return np.asarray(np.load(path), dtype=np.float32)
    texts = {key_of(text): text for text in background_texts()}
    # These the encoder remembers: a process that makes a second index need not embed them again.
    _embed(texts, checkpoint, encoder.embed_sentences, lambda done, total: None)
    return np.stack([checkpoint.vectors[key] for key in texts])


def known_vectors(index: Path, encoder: Encoder) -> Known:
    """Vectors of the live generation and of the last one refused, by the key of their embedded text."""
    live = current_generation(index)
    return _vectors_of(index / REFUSED, encoder) | (_vectors_of(live, encoder) if live else {})


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


def _vectors_of(folder: Path, encoder: Encoder) -> Known:
    """A generation's vectors by key; none if it is damaged, gone, or another encoder's."""
    try:
        manifest = read_manifest(folder)
        if not _made_by(manifest, encoder):
            return {}
        if any(file_digest(folder / name) != manifest["files"][name] for name in ("articles.db", "vectors.npy")):
            return {}
        database = open_store(folder / "articles.db")
        keys = [key for (key,) in database.execute("SELECT key FROM chunks ORDER BY row")]
        database.close()
        return dict(zip(keys, np.load(folder / "vectors.npy"), strict=True))
    except (ArticleQAError, OSError):
        return {}
