"""Which articles are one text: agency copy that each outlet cut or touched up, and which of their passages say the same.

Two texts are near copies if most of the shorter one's runs of three words stand in the longer one, and one stretch of it
stands there word for word. The second keeps apart what was filled into one form (match reports, results of two towns): there a
name or a figure changes in every sentence. MinHash only proposes pairs; each is then compared in full.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash

from corpus.article import Article

#: Words in a run that is compared.
RUN = 3
#: Least part of the shorter text's runs that stand in the longer one, and of all runs of both that they share.
CONTAINED, SHARED = 0.5, 0.25
#: Least words of a stretch that stands in both; of a shorter text the least part of it, but so many words at least.
STRETCH, STRETCH_PART, LEAST_STRETCH = 20, 0.6, 12
#: 85 bands of 3: a pair that shares .35 of its runs is proposed with .98, one that shares .01 with .0001.
PERMUTATIONS, BANDS, SEED = 255, 85, 1
_MIX = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)
Keys = NDArray[np.uint32]
#: Texts before it that one is compared with, those that share most.
COMPARED = 40
#: Characters of texts whose words are kept at hand while they are compared, about 40 bytes each, and fewest texts.
KEPT, FEWEST_KEPT = 3_000_000, 500
#: Words of a text beyond this are not compared.
LONGEST = 20_000
#: Scripts without spaces are compared by characters.
_WORD = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W_]+")


def families(
    articles: Sequence[Article], keys: Keys | None = None, progress: Callable[[int, int], None] = lambda done, total: None
) -> list[int]:
    """For each article the place of the first near copy of it, its own where there is none before; a copy's copy is a copy.

    ``keys``: (articles, BANDS) what ``band_keys`` made of them, where it is known. ``progress``: how many of how many are done.
    """
    first = list(range(len(articles)))
    keys = band_keys(articles) if keys is None else keys
    length = sum(len(article.text) for article in articles) // (1 + len(articles))

    def root(place: int) -> int:
        while first[place] != place:
            first[place] = place = first[first[place]]
        return place

    @lru_cache(maxsize=max(FEWEST_KEPT, KEPT // (1 + length)))
    def body(place: int) -> tuple[list[str], set[str]]:
        own = _body(articles[place])
        return own, _runs(own)

    for place, shared in _sharing_a_band(keys):
        progress(place + 1, len(articles))
        for other, _ in sorted(shared.most_common(COMPARED)):
            if root(other) != root(place) and _near(body(other), body(place)):
                older, newer = sorted((root(other), root(place)))
                first[newer] = older
    return [root(place) for place in range(len(articles))]


def band_keys(articles: Sequence[Article], progress: Callable[[int, int], None] = lambda done, total: None) -> Keys:
    """(articles, BANDS) for each article's body a number for each band of its MinHash; zeros where it has no words.

    Two articles that share a band share its number. After Broder 1997; banding as in Leskovec et al., "Mining of Massive
    Datasets", section 3.4.
    """
    found = np.zeros((len(articles), BANDS), dtype=np.uint32)
    for place, article in enumerate(articles):
        progress(place + 1, len(articles))
        own = _body(article)
        if own:
            sketch = RMinHash(num_perm=PERMUTATIONS, seed=SEED)
            sketch.update(sorted(_runs(own)))
            bands = np.array(sketch.digest(), dtype=np.uint64).reshape(BANDS, -1)
            # Any mixing will do: a number shared by chance only proposes a pair that is then compared in full.
            mixed = (bands * _MIX[: bands.shape[1]]).sum(axis=1, dtype=np.uint64) >> np.uint64(32)
            found[place] = np.maximum(mixed, 1)
    return found


def _sharing_a_band(keys: Keys) -> Iterator[tuple[int, Counter[int]]]:
    """Places that share bands with places before them, in order, and how many with each. In a band that many share, which is a
    form's and not a copy's, each is put beside the last ones before it only: all pairs of a thousand match reports would take
    minutes. One place at a time, for those of a hundred thousand forms would fill the memory.
    """
    places = np.flatnonzero(keys.any(axis=1))
    bands = np.ascontiguousarray(keys[places].T)
    order = np.argsort(bands, axis=1, kind="stable").astype(np.int32)
    # Of each place in each band: its seat among them in that order, and the first seat it is put beside; its own if none.
    seat, beside = np.empty_like(order), np.empty_like(order)
    seats = np.arange(len(places), dtype=np.int32)
    for band, ordered, seat_of, beside_of in zip(bands, order, seat, beside, strict=True):
        begins = np.append(True, np.diff(band[ordered].astype(np.int64)) != 0)[: len(seats)]
        seat_of[ordered] = seats
        beside_of[ordered] = np.maximum(np.maximum.accumulate(np.where(begins, seats, 0)), seats - COMPARED)
    shared = beside < seat
    for at in np.flatnonzero(shared.any(axis=0)).tolist():
        found: Counter[int] = Counter()
        for band in np.flatnonzero(shared[:, at]).tolist():
            found.update(places[order[band, beside[band, at] : seat[band, at]]].tolist())
        yield int(places[at]), found


def same_passages(articles: Sequence[Sequence[str]]) -> list[int]:
    """For each passage of the articles of one family, all counted through, the place of the first that says the same, or its own.

    A passage says the same as those of earlier articles if most of its runs of words stand in them; borders shift, so it
    is put to the one that holds the most of it.
    """
    firsts: list[int] = []
    holder: dict[str, int] = {}
    for passages in articles:
        fresh: dict[str, int] = {}
        for passage in passages:
            place, runs = len(firsts), _runs(_words(passage))
            held = Counter(holder[run] for run in runs if run in holder)
            if runs and held.total() >= CONTAINED * len(runs):
                firsts.append(min(held, key=lambda other: (-held[other], other)))
            else:
                firsts.append(place)
                fresh |= dict.fromkeys(runs - fresh.keys(), place)
        holder = fresh | holder
    return firsts


def _near(first: tuple[list[str], set[str]], second: tuple[list[str], set[str]]) -> bool:
    """Each: the words of a text and their runs."""
    (shorter, runs), (_, of_longer) = sorted((first, second), key=lambda text: len(text[0]))
    common = len(runs & of_longer)
    if common < CONTAINED * len(runs) or common < SHARED * (len(runs) + len(of_longer) - common):
        return False
    return _longest_stretch(shorter, of_longer) >= max(LEAST_STRETCH, min(STRETCH, STRETCH_PART * len(shorter)))


def _longest_stretch(words: list[str], runs: set[str]) -> int:
    """The words of the longest stretch all of whose runs are among ``runs``."""
    breaks = [-1, *(at for at, run in enumerate(_in_order(words)) if run not in runs), len(words) - RUN + 1]
    longest = max(after - before - 1 for before, after in pairwise(breaks))
    return longest + RUN - 1 if longest > 0 else 0


def _in_order(words: list[str]) -> list[str]:
    return [" ".join(words[start : start + RUN]) for start in range(max(1, len(words) - RUN + 1))] if words else []


def _runs(words: list[str]) -> set[str]:
    """Every run of RUN words; of fewer words, the one there is."""
    return set(_in_order(words))


def _body(article: Article) -> list[str]:
    return _words(" ".join(span.of(article.text) for span in article.body))


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", text[: LONGEST * 8]).casefold())[:LONGEST]
