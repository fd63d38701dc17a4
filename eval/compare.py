"""Per-question results to numbers: the means of one run, held against bounds, and what changed between two runs."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from corpus.errors import ArticleQAError, InputError
from eval.dataset import FOLLOW_UP
from eval.metrics import (
    RETRIEVAL,
    Estimate,
    Floats,
    Rows,
    auroc,
    error_if_calibrated,
    estimate,
    expected_calibration_error,
    mean,
    paired,
    share,
)

#: One question as eval.run judged it; its "measures" holds those that apply to it and no others.
Result = dict[str, Any]

ANSWERS = (
    *("answer_in_first_quote", "answer_in_quotes", "answer_exact", "answer_f1", "gold_span_quoted"),
    *("best_passage_holds", "one_of_five_holds"),
)
ABSTENTION = ("abstention_precision", "abstention_recall", "abstention_auroc", "false_refusals")
#: Of answers that a chat model was to word.
WORDING = ("worded", "citation_recall", "citation_precision", "reply_language", "sentences_struck", "quotes_dropped")
FOLLOW_UPS = ("follow_up_recall_at_5", "rewrite_recall_at_5", "follow_up_share")
WHOLE = (
    "quotes_exact",
    "ece",
    "ece_if_calibrated",
    "recall_at_5_french_minus_english",
    *FOLLOW_UPS,
    "latency_p50_ms",
    "latency_p95_ms",
)
#: Every measure of a run; those not in WHOLE also by group, as in ``recall_at_5.en`` or ``abstention_recall.near_miss``.
MEASURES = (*RETRIEVAL, *ANSWERS, *ABSTENTION, *WORDING, *WHOLE)
#: What a run was made with: where two differ in one, the comparison says so.
SETTINGS = (
    "questions",
    "ask_options",
    "build_options",
    "encoder",
    "reader",
    "decision",
    "corpus_digest",
    "writer",
    "model_limits",
    "python",
    "machine",
)


def summarise(results: list[Result]) -> dict[str, Estimate]:
    """Every measure that the results allow, by name, then by group; follow-ups count in their own rows, exactness and latency.

    Questions about one article hang together in all intervals (see ``together``) but those of quotes and times.
    """
    alone = [result for result in results if result["kind"] != FOLLOW_UP]
    leaning = [result for result in results if result["kind"] == FOLLOW_UP]
    found: dict[str, Estimate | None] = {}
    for suffix, members in _groups(alone):
        for name in (*RETRIEVAL, *ANSWERS, *WORDING):
            held = [result for result in members if name in result["measures"]]
            found[name + suffix] = _mean(held, [result["measures"][name] for result in held])
        for name, value in _abstention(members).items():
            found[name + suffix] = value
    answerable = [result for result in alone if result["answerable"]]
    for kind in sorted({result["kind"] for result in alone if result["answerable"] is False}):
        of_kind = _abstention(answerable + [result for result in alone if result["kind"] == kind])
        found |= {f"{name}.{kind}": of_kind[name] for name in ABSTENTION if name != "false_refusals"}
    found["false_refusals.follow_up"] = _abstention(leaning)["false_refusals"]
    quotes = sum(len(result["quotes"]) for result in results)
    found["quotes_exact"] = share(sum(result["exact_quotes"] for result in results), quotes)
    confidence, outcome = calibration(results)
    if len(set(outcome)) == 2:  # of a set that is all answerable it would only say how far from 1 the confidences are
        clusters = together(_judged(results))
        found["ece"] = estimate(len(outcome), lambda rows: expected_calibration_error(confidence[rows], outcome[rows]), clusters)
        found["ece_if_calibrated"] = error_if_calibrated(confidence)
    found["recall_at_5_french_minus_english"] = _language_gap(alone)
    found |= _follow_ups([result for result in leaning if "recall_at_5" in result["measures"]])
    milliseconds = np.array([result["ms"] for result in results if result["ms"] is not None])
    found["latency_p50_ms"] = _percentile(milliseconds, 50)
    found["latency_p95_ms"] = _percentile(milliseconds, 95)
    return {name: value for name, value in found.items() if value is not None}


def _percentile(values: Floats, percent: float) -> Estimate | None:
    return estimate(len(values), lambda rows: float(np.percentile(values[rows], percent)))


def calibration(results: list[Result]) -> tuple[Floats, Floats]:
    """(confidence, outcome) of the stand-alone judged questions. Confidence claims that the articles hold the answer: the
    outcome is whether they do (1 or 0), not whether the quotes show it."""
    judged = _judged(results)
    return np.array([result["confidence"] for result in judged]), np.array([float(result["answerable"]) for result in judged])


def together(results: list[Result]) -> Rows:
    """(n,) a number for each result, the same for questions about the same article: if one is found, the others mostly are. One
    that no article is about stands alone."""
    numbers: dict[str, int] = {}
    about = [[*result.get("right", ()), *result.get("context", ()), f"question {result['id']}"][0] for result in results]
    return np.array([numbers.setdefault(one, len(numbers)) for one in about], dtype=np.int64)


def _judged(results: list[Result]) -> list[Result]:
    return [result for result in results if result["kind"] != FOLLOW_UP and result["answerable"] is not None]


def _mean(results: list[Result], values: Sequence[float]) -> Estimate | None:
    return mean(values, together(results).tolist())


def _groups(results: list[Result]) -> Iterator[tuple[str, list[Result]]]:
    """(suffix, members): all; by the question's language, ``.en``; by that and the language of the right articles, ``.en-fr``."""
    yield "", results
    for lang in sorted({result["lang"] for result in results}):
        yield f".{lang}", [result for result in results if result["lang"] == lang]
    for lang, articles in sorted({(result["lang"], tuple(result["right_languages"])) for result in results if result["right"]}):
        if len(articles) == 1:
            members = [result for result in results if result["lang"] == lang and tuple(result["right_languages"]) == articles]
            yield f".{lang}-{articles[0]}", members


def _abstention(results: list[Result]) -> dict[str, Estimate | None]:
    """Of refusals: how many were due, and of those due how many came; both for the decision. AUROC for 1 - confidence.

    Precision is left out of a group where no refusal is due: it would say 0 of a group that cannot reach more.
    """
    judged = [result for result in results if result["answerable"] is not None]
    absent = [result for result in judged if not result["answerable"]]
    answerable = [result for result in judged if result["answerable"]]
    refused = [result for result in judged if _refused(result)]
    is_absent = np.array([not result["answerable"] for result in judged], dtype=np.bool_)
    doubt = np.array([1 - result["confidence"] for result in judged])
    return {
        "abstention_precision": _mean(refused, [float(not one["answerable"]) for one in refused]) if absent else None,
        "abstention_recall": _mean(absent, [float(_refused(one)) for one in absent]),
        "abstention_auroc": estimate(len(judged), lambda rows: auroc(doubt[rows], is_absent[rows]), together(judged)),
        "false_refusals": _mean(answerable, [float(_refused(one)) for one in answerable]),
    }


def _refused(result: Result) -> bool:
    return bool(result["decision"] == "not_found")


def _language_gap(results: list[Result]) -> Estimate | None:
    """R@5 of French less that of English questions, over the same French articles: those asked about in both, or pairs."""
    units: dict[str, dict[str, list[float]]] = {}
    for result in results:
        if result["right_languages"] == ["fr"] and result["lang"] in ("fr", "en") and "recall_at_5" in result["measures"]:
            unit = units.setdefault(result["pair"] or result["right"][0], {"fr": [], "en": []})
            unit[result["lang"]].append(result["measures"]["recall_at_5"])
    both = [unit for unit in units.values() if unit["fr"] and unit["en"]]
    sums = np.array([[sum(unit["fr"]), len(unit["fr"]), sum(unit["en"]), len(unit["en"])] for unit in both])

    def gap(rows: Rows) -> float:
        french, of_french, english, of_english = sums[rows].sum(axis=0)
        return float(french / of_french - english / of_english)

    return estimate(len(both), gap)


def _follow_ups(results: list[Result]) -> dict[str, Estimate | None]:
    asked = np.array([result["measures"]["recall_at_5"] for result in results])
    alone = np.array([result["measures"]["rewrite_recall_at_5"] for result in results])

    def kept(rows: Rows) -> float:
        return float(asked[rows].sum() / alone[rows].sum()) if alone[rows].sum() else float("nan")

    share = estimate(len(results), kept, together(results))
    return dict(zip(FOLLOW_UPS, (_mean(results, asked.tolist()), _mean(results, alone.tolist()), share), strict=True))


def check_bounds(summary: dict[str, Any], at_least: list[tuple[str, float]], at_most: list[tuple[str, float]]) -> None:
    """ArticleQAError naming every bound that is not met, or whose measure was not measured."""
    broken = []
    for bounds, word in ((at_least, "under"), (at_most, "over")):
        for name, bound in bounds:
            value = summary[name]["value"] if name in summary else None
            if value is None:
                broken.append(f"{name} was not measured: no question of this set allows it")
            elif value < bound if word == "under" else value > bound:
                broken.append(f"{name} is {value:.4g}, {word} {bound:g}")
    if broken:
        raise ArticleQAError("; ".join(broken))


def read_run(path: Path) -> dict[str, Any]:
    """A run that eval.run saved. InputError if it is none."""
    try:
        run = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read as JSON: give --baseline a file that eval.run --json wrote") from error
    try:
        for result in run["questions"]:
            _ = result["id"], result["question"], result["measures"].items()
        _ = run["about"].items(), run["summary"].items()
    except (TypeError, KeyError, AttributeError) as error:
        raise InputError(f"{path} is not a run of eval.run: give --baseline a file that its --json wrote") from error
    return dict(run)


def compare(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """What changed from one run to another, over the questions that both asked in the same words.

    ``measures``: each with a paired test (see ``_tested``), follow-ups apart; ``changed``: [question id, measure, before, after]
    of each that differs; ``settings``: [name, before, after] of what the runs were made with, where it differs.
    """
    old = {result["id"]: result for result in before["questions"]}
    pairs = [
        (old[result["id"]], result)
        for result in after["questions"]
        if result["id"] in old and old[result["id"]]["question"] == result["question"]
    ]
    moved: dict[str, list[tuple[Result, float, float]]] = {}
    for one, other in pairs:
        for name in one["measures"].keys() & other["measures"].keys():
            moved.setdefault(_row_of(name, other), []).append((other, one["measures"][name], other["measures"][name]))
    values = {name: moved[name] for name in sorted(moved)}
    return {
        "baseline": before["about"].get("date"),
        "shared": len(pairs),
        "only_before": len(before["questions"]) - len(pairs),
        "only_after": len(after["questions"]) - len(pairs),
        "settings": [
            [name, before["about"].get(name), after["about"].get(name)]
            for name in SETTINGS
            if before["about"].get(name) != after["about"].get(name)
        ],
        "measures": {name: _tested(rows) for name, rows in values.items()},
        "changed": [[one["id"], name, b, a] for name, rows in values.items() for one, b, a in rows if abs(a - b) > 1e-9],
    }


def _row_of(name: str, result: Result) -> str:
    """What the comparison calls a measure of this question: follow-ups are compared apart, as they are counted apart."""
    if result.get("kind") != FOLLOW_UP or name == "rewrite_recall_at_5":
        return name
    return "follow_up_recall_at_5" if name == "recall_at_5" else f"{name}.{FOLLOW_UP}"


def _tested(rows: list[tuple[Result, float, float]]) -> dict[str, Any]:
    """Means, their difference with its 95 % interval, how many gained and lost, and the p of the paired randomisation test, in
    which questions about one article are swapped together."""
    b, a = (np.array([row[at] for row in rows], dtype=np.float64) for at in (1, 2))
    low, high, p = paired(a - b, together([result for result, _, _ in rows]))
    return {
        "n": len(rows), "before": float(b.mean()), "after": float(a.mean()), "difference": float((a - b).mean()),
        "low": low, "high": high, "gained": int((a > b).sum()), "lost": int((a < b).sum()), "p": p,
    }  # fmt: skip


def comparison_lines(comparison: dict[str, Any]) -> list[str]:
    """What changed against the baseline: settings, measures that moved with their paired test, questions."""
    lines = [
        f"Against the run of {comparison['baseline']}: {comparison['shared']} questions in both, "
        f"{comparison['only_before']} only before, {comparison['only_after']} only now"
    ]
    lines += [f"  made with another {name}: {before} -> {after}" for name, before, after in comparison["settings"]]
    for name, row in comparison["measures"].items():
        if not any(changed[1] == name for changed in comparison["changed"]):
            continue
        lines.append(
            f"  {name:<38}{row['before']:.3f} -> {row['after']:.3f} of {row['n']}, p = {row['p']:.3g} "
            f"({row['low']:+.3f} to {row['high']:+.3f}; {row['gained']} gained, {row['lost']} lost)"
        )
    changed = [f"  {question}  {name}  {before:.3g} -> {after:.3g}" for question, name, before, after in comparison["changed"]]
    return [*lines, "  questions that changed:" if changed else "  no question changed", *changed]
