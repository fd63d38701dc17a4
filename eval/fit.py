"""Fits the decision "is the answer in the articles?" and writes qa/decision.json.

    python -m eval.fit [--data FOLDER]

Logistic regression over ``qa.decide.Features``, standardised, L2 penalty 1, no weight of evidence below 0, on the *tune* half of
the own questions: answerable ones against absent topics and near misses. Fifty-two articles tell little about other corpora, so
even-numbered questions of public sets join at a tenth of the weight each where ``--data`` holds them (format in eval/README.md):
questions over their own passages are answerable, questions of one set over the passages of another are not. The threshold is
the highest that refuses at most REFUSED of the answerable own tune questions. The test half and the odd-numbered public
questions are never read.
"""

import hashlib
import json
import tempfile
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from scipy.optimize import minimize

from corpus.console import mendable
from corpus.language import question_language
from eval.dataset import FOLLOW_UP, Question, read_questions, subset
from index.build import build
from index.encoder import Encoder, load_encoder
from index.options import SAMPLE_CORPUS, BuildOptions
from index.snapshot import Snapshot, open_snapshot
from qa.decide import WEIGHTS, Features, features_of
from qa.options import AskOptions
from qa.read import read
from qa.retrieve import retrieve

TUNE = Path(__file__).parent / "questions" / "tune.jsonl"
PUBLIC_WEIGHT = 0.1
REFUSED = 0.05
#: (passages, questions, may be answerable there, how many questions)
PUBLIC = (
    ("piaf_fr", "piaf_fr", True, 125),
    ("squad2_en", "squad2_en", True, 100),
    ("own", "piaf_fr", False, 75),
    ("own", "squad2_en", False, 75),
    ("piaf_fr", "squad2_en", False, 75),
    ("squad2_en", "piaf_fr", False, 75),
)


@dataclass(frozen=True)
class Sample:
    """Features of one question, whether it is answerable there, and how much it counts."""

    features: Features
    answerable: bool
    weight: float
    own: bool


def features(snapshot: Snapshot, encoder: Encoder, question: str) -> Features:
    """What the assistant would see when it decides about this question."""
    language = question_language(question)
    vector = encoder.embed_queries([question])[0]
    hits = retrieve(snapshot, question, language, vector, AskOptions())
    return features_of(hits, read(snapshot, encoder, question, vector, hits))


def samples(encoder: Encoder, data: Path | None, work: Path) -> Iterator[Sample]:
    snapshots = {"own": _index(SAMPLE_CORPUS, work / "own", encoder)}
    for question in read_questions(TUNE):
        if question.kind != FOLLOW_UP:
            yield Sample(features(snapshots["own"], encoder, question.text), bool(question.answerable), 1.0, True)
    for passages, name, answerable, count in PUBLIC if data else ():
        if passages not in snapshots:
            snapshots[passages] = _index(Path(data or ".") / f"{passages}.passages.jsonl", work / passages, encoder)
        for question in _public(Path(data or ".") / f"{name}.questions.jsonl", answerable, count):
            yield Sample(features(snapshots[passages], encoder, question.text), answerable, PUBLIC_WEIGHT, False)


def fit(found: list[Sample]) -> dict[str, Any]:
    """Intercept, weights by feature name (of the raw features) and threshold."""
    matrix = np.array([astuple(sample.features) for sample in found])
    labels = np.array([sample.answerable for sample in found])
    weights = np.array([sample.weight for sample in found])
    own = np.array([sample.own for sample in found])
    mean, scale = matrix.mean(axis=0), matrix.std(axis=0) + 1e-9
    standard, signs = (matrix - mean) / scale, np.where(labels, 1.0, -1.0)

    def loss(parameters: Any) -> float:
        margins = signs * (standard @ parameters[1:] + parameters[0])
        return float(weights @ np.logaddexp(0, -margins) + 0.5 * parameters[1:] @ parameters[1:])

    # More evidence must not make an answer less likely, whatever chance says in a few hundred questions.
    bounds = [(None, None)] + [(0.0, None)] * len(fields(Features))
    found_at = minimize(loss, np.zeros(len(bounds)), bounds=bounds, method="L-BFGS-B").x
    raw = found_at[1:] / scale
    intercept = float(found_at[0] - raw @ mean)
    confidences = 1 / (1 + np.exp(-(matrix @ raw + intercept)))
    threshold = float(np.quantile(confidences[own & labels], REFUSED))
    return {
        "intercept": round(intercept, 6),
        "weights": {field.name: round(float(value), 6) for field, value in zip(fields(Features), raw, strict=True)},
        "threshold": round(threshold, 4),
    }


def _public(path: Path, answerable: bool, count: int) -> list[Question]:
    even = read_questions(path)[::2]
    if answerable:
        even = [question for question in even if question.answerable]
    return subset(even, count)


def _index(corpus: Path, index: Path, encoder: Encoder) -> Snapshot:
    build([corpus], index, encoder, BuildOptions())
    return open_snapshot(index)


def main(
    data: Annotated[
        Path | None, typer.Option(help="A folder of public sets; without it only the own questions are used.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Where to write the weights.")] = WEIGHTS,
) -> None:
    """Fit the decision on the tune half and write its weights."""
    with mendable(), tempfile.TemporaryDirectory() as work:
        encoder = load_encoder()
        found = list(samples(encoder, data, Path(work)))
        fitted = fit(found) | {
            "fitted_on": {
                "own_tune": sum(sample.own for sample in found),
                "own_tune_sha256": hashlib.sha256(TUNE.read_bytes()).hexdigest(),
                "public": sum(not sample.own for sample in found),
                "public_sets": [list(row) for row in PUBLIC] if data else [],
                "public_weight": PUBLIC_WEIGHT,
                "encoder": encoder.fingerprint,
            }
        }
        out.write_text(json.dumps(fitted, indent=1) + "\n", "utf-8")
        typer.echo(json.dumps(fitted, indent=1))


if __name__ == "__main__":
    typer.run(main)
