"""The maths of the evaluation: bare functions on plain lists and arrays, each with its definition and where it comes from."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

import ir_measures
import numpy as np
from ir_measures import RR, Qrel, R, ScoredDoc, Success, nDCG
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

DRAWS = 1000
SEED = 0
BINS = 10
#: Articles of a ranking that count; a right one further down counts as not found.
DEPTH = 10
RETRIEVAL = {"recall_at_1": R @ 1, "recall_at_5": R @ 5, "success_at_5": Success @ 5, "mrr": RR, "ndcg_at_10": nDCG @ 10}


class Estimate(NamedTuple):
    """A number with its 95 % interval from ``low`` to ``high``, made of ``n`` observations by ``interval``."""

    value: float
    low: float
    high: float
    n: int
    interval: str


class Bin(NamedTuple):
    """The answers whose confidence lies in [low, high): their number, mean confidence and observed share."""

    low: float
    high: float
    n: int
    confidence: float
    observed: float


def retrieval(right: Mapping[str, Collection[str]], ranked: Mapping[str, Sequence[str]]) -> dict[str, dict[str, float]]:
    """The measures in ``RETRIEVAL`` of each question in ``right``, by ir_measures; one missing from ``ranked`` gets 0.

    ``right``: the articles that hold the answer; ``ranked``: distinct articles, best first, of which the first ``DEPTH``
    count. R@k is the share of the right articles among the first k (Success@5: is any), RR the reciprocal rank of the first
    right one (Voorhees 1999), nDCG@10 the discounted gain over that of the best order (Järvelin and Kekäläinen 2002).
    """
    qrels = [Qrel(question, article, 1) for question, articles in right.items() for article in articles]
    # Scores fall by one a rank: trec_eval ignores the order it is given and sorts by score, ties by name.
    run = [
        ScoredDoc(question, article, float(DEPTH - rank))
        for question in right
        for rank, article in enumerate(ranked.get(question, ())[:DEPTH])
    ]
    names = {str(measure): name for name, measure in RETRIEVAL.items()}
    found: dict[str, dict[str, float]] = {question: dict.fromkeys(RETRIEVAL, 0.0) for question in right}
    for metric in ir_measures.iter_calc(list(RETRIEVAL.values()), qrels, run):
        found[metric.query_id][names[str(metric.measure)]] = float(metric.value)
    return found


def fold(text: str) -> str:
    """NFKC, case folded, every run of white space one space."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def holds(text: str, answers: Collection[str]) -> bool:
    """Does the folded text hold one of the folded answers? A number inside a longer number ("7" in "2017") does not count."""
    folded = fold(text)
    return any(re.search(rf"(?<!\d){re.escape(fold(answer))}(?!\d)", folded) for answer in answers if fold(answer))


def overlap(found: str, answers: Collection[str]) -> tuple[float, float]:
    """(exact match, F1 of words) of the found words with the nearest answer, both folded and without punctuation.

    As in SQuAD (Rajpurkar et al. 2016), but no articles are taken out: they are another thing in each language.
    """
    best = (0.0, 0.0)
    mine = Counter(re.findall(r"\w+", fold(found)))
    for answer in answers:
        gold = Counter(re.findall(r"\w+", fold(answer)))
        shared = (mine & gold).total()
        f1 = 2 * shared / (mine.total() + gold.total()) if shared else 0.0
        best = max(best, (float(mine == gold and bool(gold)), f1), key=lambda pair: pair[1])
    return best


def wilson(successes: int, n: int) -> tuple[float, float]:
    """95 % score interval of a share (Wilson 1927): (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n)."""
    z = 1.959963984540054
    p = successes / n
    middle = p + z * z / (2 * n)
    reach = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)


def bootstrap(n: int, statistic: Callable[[Rows], float], draws: int = DRAWS, seed: int = SEED) -> tuple[float, float]:
    """95 % percentile interval (Efron 1979): ``statistic`` of rows drawn with replacement from 0 to n - 1.

    Draws for which it is undefined (NaN) are left out; (NaN, NaN) if it is undefined for all.
    """
    values = resampled(n, statistic, draws, seed)
    values = values[~np.isnan(values)]
    if not len(values):
        return math.nan, math.nan
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def resampled(n: int, statistic: Callable[[Rows], float], draws: int = DRAWS, seed: int = SEED) -> Floats:
    """(draws,) the statistic of each bootstrap draw; the same seed gives the same draws."""
    random = np.random.default_rng(seed)
    return np.array([statistic(random.integers(0, n, n)) for _ in range(draws)], dtype=np.float64)


def share(successes: int, n: int) -> Estimate | None:
    """``successes`` of ``n`` with Wilson's interval; None of nothing."""
    return Estimate(successes / n, *wilson(successes, n), n, "wilson") if n else None


def mean(values: Sequence[float]) -> Estimate | None:
    """The mean: with Wilson's interval where all values are 0 or 1, else with the bootstrap's; None of nothing."""
    if all(value in (0, 1) for value in values):
        return share(int(sum(values)), len(values))
    array = np.array(values, dtype=np.float64)
    return estimate(len(array), lambda rows: float(array[rows].mean()))


def estimate(n: int, statistic: Callable[[Rows], float]) -> Estimate | None:
    """The statistic of the rows 0 to n - 1 with its bootstrap interval; None where it is undefined."""
    value = statistic(np.arange(n)) if n else math.nan
    return None if math.isnan(value) else Estimate(value, *bootstrap(n, statistic), n, "bootstrap")


def auroc(scores: Floats, positive: NDArray[np.bool_]) -> float:
    """Chance that a random positive scores above a random negative, ties half (Hanley and McNeil 1982; Mann-Whitney U / n₁n₀).

    NaN unless both kinds occur.
    """
    ones = int(positive.sum())
    zeros = len(positive) - ones
    if not ones or not zeros:
        return math.nan
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return float((ranks[positive].sum() - ones * (ones + 1) / 2) / (ones * zeros))


def reliability(confidence: Floats, outcome: Floats, bins: int = BINS) -> list[Bin]:
    """The non-empty bins of equal width, each [low, high), the last with its end (DeGroot and Fienberg 1983)."""
    which = np.minimum((confidence * bins).astype(np.int64), bins - 1)
    return [
        Bin(at / bins, (at + 1) / bins, int(inside.sum()), float(confidence[inside].mean()), float(outcome[inside].mean()))
        for at in range(bins)
        if (inside := which == at).any()
    ]


def expected_calibration_error(confidence: Floats, outcome: Floats, bins: int = BINS) -> float:
    """Σ over bins of n_b/n · |observed − confidence| (Naeini et al. 2015; Guo et al. 2017). Biased upwards where n is small."""
    return sum(b.n * abs(b.observed - b.confidence) for b in reliability(confidence, outcome, bins)) / len(confidence)


def error_if_calibrated(confidence: Floats, bins: int = BINS) -> Estimate | None:
    """The calibration error that just so many answers would show were each right as often as its confidence says.

    Mean and 95 % range of outcomes drawn from the confidences (the consistency resampling of Broecker & Smith 2007): an error
    inside the range is no sign of a false confidence.
    """
    if not len(confidence):
        return None
    random = np.random.default_rng(SEED)
    drawn = (random.random((DRAWS, len(confidence))) < confidence).astype(np.float64)
    errors = np.array([expected_calibration_error(confidence, outcome, bins) for outcome in drawn])
    low, high = np.percentile(errors, [2.5, 97.5])
    return Estimate(float(errors.mean()), float(low), float(high), len(confidence), "resampling")


def risk_coverage(confidence: Floats, wrong: Floats) -> list[tuple[float, float]]:
    """(coverage, risk) at every threshold: the share answered, and the share wrong among those, surest first.

    Geifman and El-Yaniv 2017. Equal confidences are answered together.
    """
    order = np.argsort(-confidence, kind="stable")
    answered = np.arange(1, len(order) + 1)
    risk = np.cumsum(wrong[order]) / answered
    last = np.append(np.diff(confidence[order]) != 0, True)
    return [(float(a / len(order)), float(r)) for a, r in zip(answered[last], risk[last], strict=True)]


def mcnemar(gained: int, lost: int) -> float:
    """Two-sided exact p of McNemar's test (1947): the pairs that changed, as tosses of a fair coin; 1 where none did."""
    n = gained + lost
    tail = sum(math.comb(n, k) for k in range(min(gained, lost) + 1))
    return min(1.0, float(2 * tail / 2**n))


def paired_bootstrap(differences: Floats) -> tuple[float, float, float]:
    """(low, high, p) of the mean difference: its 95 % percentile interval; p: twice the lesser share of draws at or past 0."""
    draws = resampled(len(differences), lambda rows: float(differences[rows].mean()))
    low, high = np.percentile(draws, [2.5, 97.5])
    return float(low), float(high), min(1.0, 2 * min(float((draws <= 0).mean()), float((draws >= 0).mean())))
