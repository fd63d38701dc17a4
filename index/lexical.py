"""Which passage holds which word how often, and BM25 over that.

Kept as a matrix of passages by stems in columns (scipy's compressed sparse columns), so that a question reads a few columns, and
a build takes over the rows of the passages that did not change. A stem is known by eight bytes of its digest.
"""

import hashlib
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

#: Robertson & Zaragoza 2009, "The Probabilistic Relevance Framework", the usual values.
K1, B = 1.2, 0.75
#: What a stem is worth that stands in half of the passages or more.
LEAST_IDF = 1e-6


class Words:
    """``counts``: (passages, stems) how often; ``vocabulary``: (stems,) sorted, what each column is known by."""

    def __init__(self, counts: sparse.csc_array, vocabulary: NDArray[np.uint64]):
        self.counts = counts
        self.vocabulary = vocabulary

    @cached_property
    def _damping(self) -> NDArray[np.float32]:
        """(passages,) what longer passages' counts are damped by."""
        lengths = np.asarray(self.counts.sum(axis=1), dtype=np.float32).ravel()
        average = float(lengths.mean()) if lengths.any() else 1.0
        return np.asarray(K1 * (1 - B + B * lengths / average), dtype=np.float32)

    @classmethod
    def of(
        cls,
        size: int,
        fresh: Iterable[tuple[int, Sequence[str]]],
        past: "Words | None" = None,
        kept: Mapping[int, int] | None = None,
    ) -> "Words":
        """Of ``size`` passages: the stems of the ``fresh`` ones with their row, and rows ``kept`` of ``past``, new row to old.

        Of a million passages there are a hundred million entries: each takes some bytes here from the first on, and no object.
        """
        seen: dict[str, int] = {}
        of_passage, lengths, stems, often = array("i"), array("i"), array("i"), array("H")
        for row, words in fresh:
            found = Counter(words)
            of_passage.append(row)
            lengths.append(len(found))
            stems.extend([seen.setdefault(stem, len(seen)) for stem in found])
            often.extend([min(count, 65_535) for count in found.values()])
        vocabulary, place = np.unique(np.fromiter(map(known_by, seen), np.uint64, len(seen)), return_inverse=True)
        rows, column = np.repeat(_ints(of_passage), _ints(lengths)), place.astype(np.int32)[_ints(stems)]
        counts = np.frombuffer(often, np.uint16) if often else np.zeros(0, np.uint16)
        if past is None or not kept:
            return cls(_columns(counts, rows, column, (size, len(vocabulary))), vocabulary)
        taken = past._taken(kept)
        both = np.union1d(vocabulary, taken.vocabulary)
        here = np.searchsorted(both, vocabulary).astype(np.int32)
        fresh_ones = _columns(counts, rows, here[column], (size, len(both)))
        # Millions of entries are taken over as they lie, column by column; rows are out of order only where passages moved.
        per_column = np.zeros(len(both), np.int64)
        per_column[np.searchsorted(both, taken.vocabulary)] = np.diff(taken.counts.indptr)
        starts = np.concatenate([[0], np.cumsum(per_column)]).astype(taken.counts.indptr.dtype)
        old_ones = sparse.csc_array((taken.counts.data, taken.counts.indices, starts), shape=(size, len(both)))
        old_ones.sort_indices()
        return cls(old_ones + fresh_ones, both)

    def _taken(self, kept: Mapping[int, int]) -> "Words":
        """The rows of it that are kept, new row to old, under their new numbers; stems that none of them holds are left out."""
        now = np.full(len(self), -1, np.int32)
        now[np.fromiter(kept.values(), np.int64, len(kept))] = np.fromiter(kept.keys(), np.int64, len(kept))
        moved = now[self.counts.indices]
        there = moved >= 0
        before = np.concatenate([[0], np.cumsum(there)])
        lengths = np.diff(before[self.counts.indptr])
        still = lengths > 0
        starts = np.concatenate([[0], np.cumsum(lengths[still])])
        counts = sparse.csc_array((self.counts.data[there], moved[there], starts), shape=(int(now.max()) + 1, int(still.sum())))
        return Words(counts, self.vocabulary[still])

    def save(self, path: Path) -> None:
        """Write it; the same words are the same bytes. OSError where that fails."""
        with path.open("wb") as file:
            for array in (
                self.vocabulary,
                self.counts.indptr.astype(np.int64),
                self.counts.indices.astype(np.int32),
                self.counts.data,
            ):
                np.save(file, array, allow_pickle=False)
            np.save(file, np.array(self.counts.shape), allow_pickle=False)

    @classmethod
    def load(cls, path: Path) -> "Words":
        """What ``save`` wrote. ValueError or OSError where it is something else."""
        with path.open("rb") as file:
            vocabulary, starts, rows, counts, shape = (np.load(file, allow_pickle=False) for _ in range(5))
        return cls(sparse.csc_array((counts, rows, starts), shape=tuple(shape)), vocabulary)

    def __len__(self) -> int:
        """The number of passages."""
        return int(self.counts.shape[0])

    def holding(self, stem: str) -> int:
        """The number of passages that hold the stem."""
        found = self._column(stem)
        return 0 if found is None else int(found.stop - found.start)

    def scores(self, stems: Sequence[str]) -> NDArray[np.float32]:
        """(passages,) BM25 of the stems, 0 where none stands."""
        found = np.zeros(len(self), dtype=np.float32)
        for one in stems:
            column = self._column(one)
            if column is None:
                continue
            rows, counts = self.counts.indices[column], self.counts.data[column].astype(np.float32)
            idf = max(float(np.log((len(self) - len(rows) + 0.5) / (len(rows) + 0.5))), LEAST_IDF)
            found[rows] += idf * counts * (K1 + 1) / (counts + self._damping[rows])
        return found

    def _column(self, stem: str) -> slice | None:
        """Where the stem's passages stand in the matrix's arrays."""
        wanted = known_by(stem)
        at = int(np.searchsorted(self.vocabulary, np.uint64(wanted)))
        if at == len(self.vocabulary) or int(self.vocabulary[at]) != wanted:
            return None
        return slice(int(self.counts.indptr[at]), int(self.counts.indptr[at + 1]))


def _columns(
    counts: NDArray[np.uint16], rows: NDArray[np.int32], columns: NDArray[np.int32], shape: tuple[int, int]
) -> sparse.csc_array:
    """The matrix with these entries, the rows of each column in order."""
    matrix = sparse.coo_array((counts, (rows, columns)), shape=shape, dtype=np.uint16).tocsc()
    matrix.sort_indices()
    return matrix


def _ints(found: "array[int]") -> NDArray[np.int32]:
    return np.frombuffer(found, np.int32) if found else np.zeros(0, np.int32)


@lru_cache(maxsize=100_000)
def known_by(stem: str) -> int:
    """Eight bytes of the stem's digest: among a million stems two that share them are one chance in 37 million."""
    return int.from_bytes(hashlib.blake2b(stem.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
