"""A vector or some words to the nearest chunks of a snapshot."""

import itertools
import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import faiss
import numpy as np
from numpy.typing import NDArray

from index.snapshot import Snapshot
from index.terms import stem, words

Rows = NDArray[np.int64]
Scores = NDArray[np.float32]

#: A word found in more than this share of the chunks tells nothing and costs the most to look up.
COMMONEST = 0.25
#: More words than this are a pasted text, not a question; the rarest are kept.
MOST_WORDS = 40
#: From so many chunks on each core compares a part of them: of fewer one has done all as soon.
LARGE = 20_000
CORES = len(os.sched_getaffinity(0))
_THREADS = ThreadPoolExecutor(CORES, "search")


@dataclass(frozen=True)
class Term:
    """A word of a query: its stems in the languages of the snapshot, and its inverse document frequency there (> 0)."""

    word: str
    stems: tuple[str, ...]
    idf: float


def dense_search(
    snapshot: Snapshot, vector: NDArray[np.float32], k: int, allowed: NDArray[np.bool_] | None = None
) -> tuple[Rows, Scores]:
    """At most k (rows, inner products), best first, ties by row. ``allowed``: (chunks,) only these are searched."""
    k = min(k, snapshot.size if allowed is None else int(allowed.sum()))
    if k <= 0:  # FAISS raises a bare AssertionError for k = 0
        return np.zeros(0, np.int64), np.zeros(0, np.float32)
    if snapshot.size < LARGE:
        found = [_nearest(snapshot, vector, k, allowed)]
    else:
        # FAISS shares questions among cores, not the rows that one question is compared with.
        parts = np.arange(snapshot.size) * CORES // snapshot.size
        masks = [parts == part if allowed is None else (parts == part) & allowed for part in range(CORES)]
        found = list(_THREADS.map(lambda mask: _nearest(snapshot, vector, k, mask), masks))
    rows, scores = _sorted(np.concatenate([rows for rows, _ in found]), np.concatenate([scores for _, scores in found]))
    return rows[:k], scores[:k]


def _nearest(snapshot: Snapshot, vector: NDArray[np.float32], k: int, allowed: NDArray[np.bool_] | None) -> tuple[Rows, Scores]:
    parameters = None
    if allowed is not None:
        bits = np.packbits(allowed, bitorder="little")
        parameters = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))  # type: ignore[call-arg, arg-type]
    scores, rows = snapshot.vectors.search(vector.reshape(1, -1), k, params=parameters)
    found = rows[0] >= 0  # FAISS pads with -1
    return rows[0][found].astype(np.int64), scores[0][found]


def query_terms(snapshot: Snapshot, question: str) -> list[Term]:
    """The distinct words of a question that some chunk holds and not too many do, rarest first."""
    return terms_and_unknown(snapshot, question)[0]


def terms_and_unknown(snapshot: Snapshot, question: str) -> tuple[list[Term], float]:
    """``query_terms``, and the inverse document frequencies of the distinct words that no chunk holds, MOST_WORDS at most, added
    up."""
    terms, unknown = [], 0
    for word in itertools.islice(dict.fromkeys(words(question)), MOST_WORDS * 4):
        stems = sorted({stem(word, language or None) for language in snapshot.languages} | {word})
        counts = {one: count for one in stems if (count := snapshot.words.holding(one))}
        if counts:
            terms.append(Term(word, tuple(counts), _idf(snapshot, max(counts.values()))))
        else:
            unknown += 1
    rare = [term for term in terms if term.idf >= math.log(1 + (1 - COMMONEST) / COMMONEST)]
    kept = sorted(rare or terms, key=lambda term: (-term.idf, term.word))[:MOST_WORDS]
    return kept, min(unknown, MOST_WORDS) * _idf(snapshot, 0)


def _idf(snapshot: Snapshot, holding: int) -> float:
    return math.log(1 + (snapshot.size - holding + 0.5) / (holding + 0.5))


def lexical_scores(snapshot: Snapshot, terms: list[Term]) -> Scores:
    """(chunks,) BM25 of the terms' stems, 0 where none stands."""
    return snapshot.words.scores([one for term in terms for one in term.stems])


def lexical_search(scores: Scores, k: int) -> tuple[Rows, Scores]:
    """At most k (rows, scores > 0) of ``lexical_scores``, best first, ties by row."""
    found = np.flatnonzero(scores)
    if len(found) > k > 0:
        least = np.partition(scores[found], len(found) - k)[len(found) - k]
        found = found[scores[found] >= least]
    rows, best = _sorted(found, scores[found])
    return rows[: max(k, 0)], best[: max(k, 0)]


def _sorted(rows: Rows, scores: Scores) -> tuple[Rows, Scores]:
    order = np.lexsort((rows, -scores))
    return rows[order], scores[order]
