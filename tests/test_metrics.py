"""The maths of the evaluation, on values that can be computed in the head."""

import math

import numpy as np
import pytest

from eval.metrics import (
    Bin,
    Estimate,
    auroc,
    bootstrap,
    design_effect,
    error_if_calibrated,
    estimate,
    expected_calibration_error,
    fold,
    holds,
    mean,
    overlap,
    paired,
    randomisation,
    reliability,
    retrieval,
    risk_coverage,
    share,
    wilson,
)


def floats(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float64)


@pytest.mark.parametrize(
    ("right", "ranked", "expected"),
    [
        pytest.param(["a"], ["a", "b"], (1, 1, 1, 1, 1), id="first"),
        pytest.param(["b"], ["a", "b"], (0, 1, 1, 1 / 2, 1 / math.log2(3)), id="second"),
        pytest.param(["f"], list("abcdef"), (0, 0, 0, 1 / 6, 1 / math.log2(7)), id="sixth"),
        pytest.param(["k"], list("abcdefghijk"), (0, 0, 0, 0, 0), id="eleventh counts as not found"),
        pytest.param(["a", "z"], ["a", "b"], (1 / 2, 1 / 2, 1, 1, 1 / (1 + 1 / math.log2(3))), id="one of two"),
        pytest.param(["a"], [], (0, 0, 0, 0, 0), id="nothing found"),
        pytest.param(["fr/é à.txt"], ["x", "fr/é à.txt"], (0, 1, 1, 1 / 2, 1 / math.log2(3)), id="spaces and accents in ids"),
    ],
)
def test_retrieval_measures(right: list[str], ranked: list[str], expected: tuple[float, ...]) -> None:
    """R@1, R@5, Success@5, RR and nDCG@10 by their definitions."""
    found = retrieval({"q": right}, {"q": ranked})

    assert list(found["q"].values()) == pytest.approx(list(expected))


def test_question_missing_from_the_ranking_counts_as_zero() -> None:
    """A question nothing came back for is in the result, also where that is all questions."""
    zeros = {"recall_at_1": 0, "recall_at_5": 0, "success_at_5": 0, "mrr": 0, "ndcg_at_10": 0}

    assert retrieval({"q": ["a"], "r": ["b"]}, {"r": ["b"]}) == {"q": zeros, "r": dict.fromkeys(zeros, 1)}
    assert retrieval({"q": ["a"]}, {}) == {"q": zeros}


@pytest.mark.parametrize(
    ("text", "answers", "expected"),
    [
        pytest.param("Il a versé 1,6\u00a0milliard de livres.", ["1,6 milliard"], True, id="no-break space"),
        pytest.param("À BELFAST,\nhier", ["belfast, hier"], True, id="case and line break"),
        pytest.param("ﬁnancement de 3 km²", ["FINANCEMENT", "x"], True, id="ligature"),
        pytest.param("en 2017", ["7"], False, id="number inside a number"),
        pytest.param("le 7 mai", ["7"], True, id="number alone"),
        pytest.param("some 1,500 people", ["500"], False, id="thousands with a comma"),
        pytest.param("1 288 écoles", ["288"], False, id="thousands with a space"),
        pytest.param("1\u202f288 écoles", ["1"], False, id="beginning of thousands"),
        pytest.param("3.5 %", ["3"], False, id="before the point"),
        pytest.param("3,5 %", ["5 %"], False, id="behind the comma"),
        pytest.param("in 2017, 500 people", ["2017", "x"], True, id="a year and a number"),
        pytest.param("2019 2020", ["2019"], True, id="two years"),
        pytest.param("It was 12.", ["12"], True, id="end of a sentence"),
        pytest.param("in 2024 500 men", ["500"], True, id="a number behind a year"),
        pytest.param("04.09.2025", ["2025"], True, id="the year of a date"),
        pytest.param("Dublin", ["Belfast"], False, id="other"),
        pytest.param("Dublin", [" "], False, id="blank answer"),
        pytest.param("Dublin", [], False, id="no answer"),
        pytest.param("a+b", ["a+b"], True, id="not a pattern"),
    ],
)
def test_holds(text: str, answers: list[str], expected: bool) -> None:
    """An answer is found whatever its case, white space and compatibility characters, not inside a number."""
    assert holds(text, answers) is expected


def test_fold() -> None:
    """White space is folded, case too."""
    assert fold("  Straße \t ﬁn ") == "strasse fin"


def test_wilson() -> None:
    """Known values: 1 of 2 is symmetric, (z²/2n ± z√(1/4n + …)) / …; 0 and n keep to 0 and 1."""
    z2 = 1.959963984540054**2
    reach = math.sqrt(z2 / (2 + z2)) / 2

    assert wilson(1, 2) == pytest.approx((0.5 - reach, 0.5 + reach))
    assert wilson(0, 4) == pytest.approx((0, z2 / (4 + z2)))
    assert wilson(4, 4) == pytest.approx((4 / (4 + z2), 1))


def test_share_and_mean() -> None:
    """Zeros and ones are a share with Wilson's interval, other values a mean with the bootstrap's; nothing is None."""
    assert share(3, 4) == Estimate(0.75, *wilson(3, 4), 4, "wilson")
    assert mean([1.0, 0.0, 1.0, 1.0]) == share(3, 4)
    assert mean([0.5, 0.5]) == Estimate(0.5, 0.5, 0.5, 2, "bootstrap")
    assert mean([]) is None
    assert share(0, 0) is None


def test_bootstrap_repeats_and_covers() -> None:
    """The same seed gives the same interval; of 0 … 100 the mean's is about ± 1.96 · 29.2 / √101."""
    values = np.arange(101, dtype=np.float64)
    first = bootstrap(101, lambda rows: float(values[rows].mean()))

    assert first == bootstrap(101, lambda rows: float(values[rows].mean()))
    assert first == pytest.approx((50 - 5.69, 50 + 5.69), abs=0.8)


def test_undefined_draws_are_left_out() -> None:
    """A statistic undefined on some draws is bounded by the others; undefined on all, it is no estimate."""
    one_positive = np.array([True, False])

    assert estimate(2, lambda rows: auroc(floats(1, 0)[rows], one_positive[rows])) == Estimate(1.0, 1.0, 1.0, 2, "bootstrap")
    assert estimate(2, lambda rows: math.nan) is None
    assert estimate(0, lambda rows: 1.0) is None


@pytest.mark.parametrize(
    ("scores", "positive", "expected"),
    [
        pytest.param([0.9, 0.1], [1, 0], 1.0, id="right order"),
        pytest.param([0.1, 0.9], [1, 0], 0.0, id="wrong order"),
        pytest.param([0.5, 0.5], [1, 0], 0.5, id="tie"),
        pytest.param([4, 3, 2, 1], [1, 0, 1, 0], 0.75, id="three of four pairs"),
        pytest.param([2, 1, 1], [1, 1, 0], 0.75, id="a pair right, a pair tied"),
    ],
)
def test_auroc(scores: list[float], positive: list[int], expected: float) -> None:
    """The share of (positive, negative) pairs in the right order, ties half."""
    assert auroc(floats(*scores), np.array(positive, dtype=bool)) == expected


def test_auroc_of_one_kind_is_undefined() -> None:
    """Without a negative there is nothing to tell apart."""
    assert math.isnan(auroc(floats(1, 2), np.array([True, True])))


def test_reliability_bins() -> None:
    """A bin begins at its lower bound, the last one ends with 1; empty ones are left out."""
    found = reliability(floats(0.5, 1.0, 0.95, 0.0), floats(1, 1, 0, 0))

    assert found == [Bin(0.0, 0.1, 1, 0.0, 0.0), Bin(0.5, 0.6, 1, 0.5, 1.0), Bin(0.9, 1.0, 2, 0.975, 0.5)]


def test_expected_calibration_error() -> None:
    """Two of four answers at 0.75 right, one of one at 1: (4 · 0.25 + 1 · 0) / 5."""
    assert expected_calibration_error(floats(0.75, 0.75, 0.75, 0.75, 1.0), floats(1, 1, 0, 0, 1)) == pytest.approx(0.2)


def test_calibration_error_that_chance_alone_would_show() -> None:
    """Two answers at .5: none, one or both right is an error of .5, 0, .5; certain ones cannot miss; many miss by less."""
    found = error_if_calibrated(floats(0.5, 0.5))
    assert found is not None
    assert (found.value, found.low, found.high, found.n) == (pytest.approx(0.25, abs=0.03), 0.0, 0.5, 2)

    assert error_if_calibrated(floats(1.0, 0.0)) == (0.0, 0.0, 0.0, 2, "resampling")
    many = error_if_calibrated(np.full(10_000, 0.5))
    assert many is not None
    assert many.high < 0.02
    assert error_if_calibrated(floats()) is None


def test_risk_coverage() -> None:
    """Surest first; equal confidences are answered together."""
    assert risk_coverage(floats(0.2, 0.9, 0.5, 0.5), floats(1, 0, 1, 0)) == [(0.25, 0.0), (0.75, 1 / 3), (1.0, 0.5)]


@pytest.mark.parametrize(
    ("gained", "lost", "p"),
    [(0, 0, 1.0), (1, 0, 1.0), (5, 0, 2 / 32), (0, 5, 2 / 32), (3, 1, 10 / 16), (2, 2, 1.0), (2000, 0, 1 / 10_001)],
)
def test_randomisation_of_ones_is_a_toss_of_coins(gained: int, lost: int, p: float) -> None:
    """As McNemar's exact test: 5 of 5 is 2/32, 1 of 4 or less twice is 10/16; questions that did not change tell nothing; of many
    the least that ten thousand draws can say."""
    assert randomisation(floats(*[1] * gained, *[-1] * lost, 0, 0, 0)) == pytest.approx(p)


def test_randomisation_swaps_what_hangs_together_at_once() -> None:
    """Ten questions about one article that all gained are one toss: no evidence. Sizes count: -1, 2, 3 moves as far only with its mirror
    image or with all of one sign."""
    assert randomisation(floats(*[1] * 10)) == pytest.approx(2 / 2**10)
    assert randomisation(floats(*[1] * 10), np.zeros(10, dtype=np.int64)) == 1.0
    assert randomisation(floats(-1, 2, 3)) == pytest.approx(4 / 8)
    assert randomisation(floats(-0.5, -0.5, 2, 3), np.array([7, 7, 1, 2])) == pytest.approx(4 / 8)


def test_randomisation_by_draws_agrees_with_the_exact_one() -> None:
    """16 gained and 4 lost: the coin's two tails are .0118."""
    exact = 2 * sum(math.comb(20, k) for k in range(5)) / 2**20

    assert randomisation(floats(*[1] * 16, *[-1] * 4)) == pytest.approx(exact, abs=0.004)


def test_paired() -> None:
    """Balanced: no evidence, and an interval on both sides of 0; one article that moved everything: the interval reaches to 0."""
    low, high, p = paired(floats(*[1, -1] * 20))
    assert low < 0 < high
    assert p > 0.5

    low, _, _ = paired(floats(*[1] * 10, *[0] * 10), np.array([0] * 10 + list(range(1, 11))))
    assert low == 0


def test_design_effect() -> None:
    """Questions that stand alone count in full; twenty about five articles, each article's alike, count as five (times 19/16, and
    the squares of Student's t, 2.776 over 2.093, for the few); articles with the same share of right ones each do not count for
    more than they are."""
    alone, fives = np.arange(20), np.repeat(np.arange(5), 4)
    mixed = floats(*[1, 1, 1, 0] * 5)
    few = (2.7764 / 2.0930) ** 2

    assert design_effect(mixed, alone) == pytest.approx(1)
    assert design_effect(floats(*[1] * 12, *[0] * 8), fives) == pytest.approx(4 * 19 / 16 * few, rel=1e-4)
    assert design_effect(mixed, fives) == 1
    assert design_effect(floats(1, 1, 1), np.array([0, 0, 1])) == 1
    assert design_effect(floats(1, 0), np.array([3, 3])) == 1


def test_intervals_of_questions_that_hang_together_are_wider() -> None:
    """The share's as Wilson's of fewer, another mean's by drawing whole articles."""
    right, about = [1.0] * 12 + [0.0] * 8, [at // 4 for at in range(20)]
    together, alone = mean(right, about), mean(right)
    assert together is not None
    assert alone is not None
    few = 20 / design_effect(floats(*right), np.array(about))

    assert (together.low, together.high) == pytest.approx(wilson(0.6 * few, few))
    assert together.low < alone.low < alone.value < alone.high < together.high
    assert (together.value, together.n, together.interval) == (0.6, 20, "wilson")
    partly = [value / 2 for value in right]
    drawn, single = mean(partly, about), mean(partly)
    assert drawn is not None
    assert single is not None
    assert drawn.high - drawn.low > 1.5 * (single.high - single.low)


@pytest.mark.parametrize(
    ("found", "answers", "expected"),
    [
        ("412 millions", ["412 millions"], (1.0, 1.0)),
        (" 412 Millions,", ["412 millions", "autre"], (1.0, 1.0)),
        ("412 millions d’euros", ["412 millions"], (0.0, 2 * 2 / 6)),
        ("rien", ["412 millions"], (0.0, 0.0)),
        ("", ["412"], (0.0, 0.0)),
        ("412", [], (0.0, 0.0)),
    ],
)
def test_overlap_of_marked_words(found: str, answers: list[str], expected: tuple[float, float]) -> None:
    assert overlap(found, answers) == pytest.approx(expected)
