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
from scipy.stats import t as student

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

DRAWS = 1000
#: Draws of a test, of which the least p is one in so many.
SWAPS = 10_000
#: Sums of shares that should be 0 differ by so little.
TINY = 1e-9
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
    """Does the folded text hold one of the folded answers? A number inside a longer number ("7" in "2017", "500" in "1,500" or
    "1 500", "3" in "3.5") does not count."""
    folded = fold(text)
    return any(re.search(_standing(fold(answer)), folded) for answer in answers if fold(answer))


def _standing(answer: str) -> str:
    """The answer where no number goes on before or behind it."""
    digits = len(re.match(r"\d*", answer).group())  # type: ignore[union-attr]
    # "1 500", "21 500", "321 500", but not "2024 500", which are two; and "04.09.2025" holds its year.
    thousands = "".join(rf"(?<!(?<!\d)\d{{{count}}}[ '’])" for count in (1, 2, 3)) if digits == 3 else ""
    before = rf"(?<!\d[.,]){thousands}" if 0 < digits <= 3 else ""
    behind = r"(?![.,]\d)(?![ '’]\d{3}(?!\d))" if answer[-1].isdigit() else ""
    return rf"(?<!\d){before}{re.escape(answer)}(?!\d){behind}"


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


def wilson(successes: float, n: float) -> tuple[float, float]:
    """95 % score interval of a share (Wilson 1927): (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n)."""
    z = 1.959963984540054
    p = successes / n
    middle = p + z * z / (2 * n)
    reach = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)


def design_effect(values: Floats, clusters: Rows) -> float:
    """How many times as much the mean of ``values`` (n,) varies as that of so many independent ones, 1 at least (Kish 1965): its
    variance by clusters, linearised, over s²/n; and more where it is known from few of them, by the squares of Student's t
    (Korn & Graubard 1998). ``clusters`` (n,): those that share a number hang together. 1 where all values are alike, which tells
    nothing, and of a single cluster.
    """
    _, which = np.unique(clusters, return_inverse=True)
    count, n = int(which.max()) + 1, len(values)
    rest = values - values.mean()
    spread = float(rest @ rest)
    if count < 2 or not spread:
        return 1.0
    sums = np.bincount(which, weights=rest)
    few = float((student.ppf(0.975, count - 1) / student.ppf(0.975, n - 1)) ** 2)
    return max(1.0, few * count / (count - 1) * float(sums @ sums) * (n - 1) / (spread * n))


def bootstrap(
    n: int, statistic: Callable[[Rows], float], clusters: Rows | None = None, draws: int = DRAWS, seed: int = SEED
) -> tuple[float, float]:
    """95 % percentile interval (Efron 1979): ``statistic`` of rows drawn with replacement from 0 to n - 1, or of whole
    ``clusters`` (n,) of them (Field & Welsh 2007).

    Draws for which it is undefined (NaN) are left out; (NaN, NaN) if it is undefined for all.
    """
    values = resampled(n, statistic, clusters, draws, seed)
    values = values[~np.isnan(values)]
    if not len(values):
        return math.nan, math.nan
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def resampled(
    n: int, statistic: Callable[[Rows], float], clusters: Rows | None = None, draws: int = DRAWS, seed: int = SEED
) -> Floats:
    """(draws,) the statistic of each bootstrap draw; the same seed gives the same draws."""
    random = np.random.default_rng(seed)
    if clusters is None or len(np.unique(clusters)) in (1, n):  # of a single one nothing could vary
        return np.array([statistic(random.integers(0, n, n)) for _ in range(draws)], dtype=np.float64)
    order = np.argsort(clusters, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(clusters[order])) + 1)
    count = len(members)
    drawn = (random.integers(0, count, count) for _ in range(draws))
    return np.array([statistic(np.concatenate([members[one] for one in chosen])) for chosen in drawn], dtype=np.float64)


def share(successes: int, n: int) -> Estimate | None:
    """``successes`` of ``n`` with Wilson's interval; None of nothing."""
    return Estimate(successes / n, *wilson(successes, n), n, "wilson") if n else None


def mean(values: Sequence[float], clusters: Sequence[int] | None = None) -> Estimate | None:
    """The mean: with Wilson's interval where all values are 0 or 1, else with the bootstrap's; None of nothing.

    ``clusters``: those that share a number hang together, so that n of them tell less than n would: Wilson's interval is that of
    n over the design effect (Dean & Pagano 2015), the bootstrap draws whole clusters.
    """
    array = np.array(values, dtype=np.float64)
    together = np.arange(len(array)) if clusters is None else np.array(clusters, dtype=np.int64)
    if not len(array) or not np.isin(array, (0, 1)).all():
        return estimate(len(array), lambda rows: float(array[rows].mean()), together)
    effective = len(array) / design_effect(array, together)
    value = float(array.mean())
    return Estimate(value, *wilson(value * effective, effective), len(array), "wilson")


def estimate(n: int, statistic: Callable[[Rows], float], clusters: Rows | None = None) -> Estimate | None:
    """The statistic of the rows 0 to n - 1 with its bootstrap interval; None where it is undefined."""
    value = statistic(np.arange(n)) if n else math.nan
    return None if math.isnan(value) else Estimate(value, *bootstrap(n, statistic, clusters), n, "bootstrap")


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


def randomisation(differences: Floats, clusters: Rows | None = None) -> float:
    """Two-sided p of Fisher's paired randomisation test: how often chance alone, swapping the two runs' values, would move the
    sum of ``differences`` (n,) so far (Smucker, Allan & Carterette 2007). ``clusters`` (n,): those that share a number are
    swapped together.

    Exact up to SWAPS ways to swap, else (1 + draws at least as far) / (1 + SWAPS), which is never 0 (Phipson & Smyth 2010).
    """
    together = np.arange(len(differences)) if clusters is None else clusters
    sums = np.bincount(np.unique(together, return_inverse=True)[1], weights=differences)
    sums = sums[np.abs(sums) > TINY]
    if not len(sums):
        return 1.0
    moved = abs(float(sums.sum())) - TINY
    if 2 ** len(sums) <= SWAPS:
        signs = 1 - 2 * ((np.arange(2 ** len(sums))[:, None] >> np.arange(len(sums))) & 1)
        return float((np.abs(signs @ sums) >= moved).mean())
    random, far = np.random.default_rng(SEED), 0
    for _ in range(SWAPS // DRAWS):
        far += int((np.abs((1.0 - 2.0 * random.integers(0, 2, (DRAWS, len(sums)))) @ sums) >= moved).sum())
    return (1 + far) / (1 + SWAPS // DRAWS * DRAWS)


def paired(differences: Floats, clusters: Rows | None = None) -> tuple[float, float, float]:
    """(low, high, p) of the mean difference: its 95 % bootstrap interval and the randomisation test's p."""
    low, high = bootstrap(len(differences), lambda rows: float(differences[rows].mean()), clusters)
    return low, high, randomisation(differences, clusters)
