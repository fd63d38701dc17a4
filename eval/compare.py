"""Per-question results to numbers: the means of one run, held against bounds, and what changed between two runs."""

import json
from collections.abc import Iterator
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
    mcnemar,
    mean,
    paired_bootstrap,
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
    "python",
    "machine",
)


def summarise(results: list[Result]) -> dict[str, Estimate]:
    """Every measure that the results allow, by name, then by group; follow-ups count in their own rows, exactness and latency."""
    alone = [result for result in results if result["kind"] != FOLLOW_UP]
    leaning = [result for result in results if result["kind"] == FOLLOW_UP]
    found: dict[str, Estimate | None] = {}
    for suffix, members in _groups(alone):
        for name in (*RETRIEVAL, *ANSWERS, *WORDING):
            found[name + suffix] = mean([result["measures"][name] for result in members if name in result["measures"]])
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
        found["ece"] = estimate(len(outcome), lambda rows: expected_calibration_error(confidence[rows], outcome[rows]))
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
    judged = [result for result in results if result["kind"] != FOLLOW_UP and result["answerable"] is not None]
    return np.array([result["confidence"] for result in judged]), np.array([float(result["answerable"]) for result in judged])


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
    absent = np.array([not result["answerable"] for result in judged], dtype=np.bool_)
    refused = np.array([result["decision"] == "not_found" for result in judged], dtype=np.bool_)
    doubt = np.array([1 - result["confidence"] for result in judged])
    due = int((absent & refused).sum())
    return {
        "abstention_precision": share(due, int(refused.sum())) if absent.any() else None,
        "abstention_recall": share(due, int(absent.sum())),
        "abstention_auroc": estimate(len(judged), lambda rows: auroc(doubt[rows], absent[rows])),
        "false_refusals": share(int((refused & ~absent).sum()), int((~absent).sum())),
    }


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

    return dict(zip(FOLLOW_UPS, (mean(asked.tolist()), mean(alone.tolist()), estimate(len(results), kept)), strict=True))


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

    ``measures``: each with a paired test (see ``_tested``); ``changed``: [question id, measure, before, after] of each that
    differs; ``settings``: [name, before, after] of what the runs were made with, where it differs.
    """
    old = {result["id"]: result for result in before["questions"]}
    pairs = [
        (old[result["id"]], result)
        for result in after["questions"]
        if result["id"] in old and old[result["id"]]["question"] == result["question"]
    ]
    names = sorted({name for one, other in pairs for name in one["measures"].keys() & other["measures"].keys()})
    values: dict[str, list[tuple[str, float, float]]] = {name: [] for name in names}
    for one, other in pairs:
        for name in one["measures"].keys() & other["measures"].keys():
            values[name].append((one["id"], one["measures"][name], other["measures"][name]))
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
        "measures": {name: _tested([b for _, b, _ in rows], [a for _, _, a in rows]) for name, rows in values.items()},
        "changed": [[question, name, b, a] for name, rows in values.items() for question, b, a in rows if abs(a - b) > 1e-9],
    }


def _tested(before: list[float], after: list[float]) -> dict[str, Any]:
    """Means and their difference: exact McNemar where all values are 0 or 1 (``gained``, ``lost``), else a paired bootstrap."""
    b, a = np.array(before, dtype=np.float64), np.array(after, dtype=np.float64)
    row: dict[str, Any] = {"n": len(b), "before": float(b.mean()), "after": float(a.mean()), "difference": float((a - b).mean())}
    if np.isin(b, (0, 1)).all() and np.isin(a, (0, 1)).all():
        gained, lost = int((a > b).sum()), int((a < b).sum())
        return row | {"test": "mcnemar", "gained": gained, "lost": lost, "p": mcnemar(gained, lost)}
    low, high, p = paired_bootstrap(a - b)
    return row | {"test": "bootstrap", "low": low, "high": high, "p": p}


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
        moved = f"  {name:<38}{row['before']:.3f} -> {row['after']:.3f} of {row['n']}, p = {row['p']:.3g}"
        tossed = row["test"] == "mcnemar"
        lines.append(
            f"{moved} ({row['gained']} gained, {row['lost']} lost)"
            if tossed
            else f"{moved} ({row['low']:+.3f} to {row['high']:+.3f})"
        )
    changed = [f"  {question}  {name}  {before:.3g} -> {after:.3g}" for question, name, before, after in comparison["changed"]]
    return [*lines, "  questions that changed:" if changed else "  no question changed", *changed]
