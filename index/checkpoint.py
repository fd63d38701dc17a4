"""Vectors kept while a build embeds, so that one that is interrupted goes on where it stopped.

A file that is only appended to: a line that names the encoder, then batches of

    n (4 bytes, little-endian) | n digests of the texts (32 bytes each) | n vectors (float32) | SHA-256 of all that (32 bytes)

A batch that was cut off or damaged, and what follows it, is dropped when the file is opened again.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.failpoint import step

NAME = ".checkpoint"
_DIGEST = 32
_COUNT = 4


class Checkpoint:
    """``vectors``: by hexadecimal digest of their text, what was embedded before the file was opened and since."""

    def __init__(self, index: Path, encoder: str, dimension: int):
        """Open the index's checkpoint, or begin one if there is none of this ``encoder``. OSError if it cannot be written."""
        self.path = index / NAME
        self.vectors: dict[str, NDArray[np.float32]] = {}
        self._dimension = dimension
        header = f"article-qa checkpoint {encoder} {dimension}\n".encode()
        data = self.path.read_bytes() if self.path.is_file() else b""
        whole = self._read(data, len(header)) if data.startswith(header) else 0
        self._file = self.path.open("r+b" if whole else "wb")
        if whole:
            self._file.truncate(whole)
            self._file.seek(whole)
        else:
            self._file.write(header)

    def add(self, keys: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Keep a batch: it outlives the process from here on."""
        record = len(keys).to_bytes(_COUNT, "little") + b"".join(map(bytes.fromhex, keys)) + vectors.tobytes()
        self._file.write(record + hashlib.sha256(record).digest())
        self._file.flush()
        step()
        self.vectors.update(zip(keys, vectors, strict=True))

    def close(self) -> None:
        self._file.close()

    def remove(self) -> None:
        """What it holds is kept elsewhere now."""
        self.close()
        self.path.unlink(missing_ok=True)

    def _read(self, data: bytes, start: int) -> int:
        """Take in the whole batches; where the last of them ends."""
        while start + _COUNT <= len(data):
            count = int.from_bytes(data[start : start + _COUNT], "little")
            keys = start + _COUNT
            vectors = keys + count * _DIGEST
            end = vectors + count * self._dimension * 4
            if data[end : end + _DIGEST] != hashlib.sha256(data[start:end]).digest():
                break
            found = np.frombuffer(data[vectors:end], dtype=np.float32).reshape(count, self._dimension)
            names = (data[keys + at * _DIGEST : keys + (at + 1) * _DIGEST].hex() for at in range(count))
            self.vectors.update(zip(names, found, strict=True))
            start = end + _DIGEST
        return start


def drop_outlived(index: Path) -> None:
    """Remove a checkpoint no younger than what is live: its build went live, and was ended before it could remove it."""
    path, live = index / NAME, index / "CURRENT"
    if path.is_file() and live.is_file() and path.stat().st_mtime_ns <= live.stat().st_mtime_ns:
        path.unlink()
