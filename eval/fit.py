"""Fits the decision "is the answer in the articles?" and writes qa/decision.json.

    python -m eval.fit [--data FOLDER]

Logistic regression over ``qa.decide.Features``, standardised, L2 penalty 1, no weight of evidence below 0, on the *tune* half of
the own questions: answerable ones against absent topics and near misses, those in other languages than French and English at a
sixth of the weight. Once with the reader and once without. Fifty-two
articles tell little about other corpora, so two more kinds of question join at a twentieth of the weight where ``--data`` holds
the articles (format in eval/README.md): those of eval/questions/news.jsonl, written about news of the public sets (as whole
questions, with a day or a year, as keywords, like a headline) and 629 about what is told nowhere, which the own articles are
asked, too; and ones of public sets, about articles that the reader was not trained on and the results do not ask about
(eval/held_out.py). Of those, questions over
their own passages are answerable, those that a set calls unanswerable and those of one set over the passages of another are
not. The threshold is the highest that
refuses at most REFUSED of the answerable questions about news, the own ones and those. The test half and the public
questions of the results are never read.
"""

import hashlib
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from scipy.optimize import minimize

from corpus.console import during, mendable, progress_bar
from corpus.language import question_language
from eval.dataset import FOLLOW_UP, Question, read_questions, subset
from eval.run import OWN
from eval.sources import across, asked_about, fitted_part, questions, written
from eval.sources import passages as passages_of
from index.build import build
from index.encoder import Encoder, load_encoder
from index.options import SAMPLE_CORPUS, BuildOptions
from index.plan import Progress
from index.snapshot import Snapshot, open_snapshot
from qa.assistant import reader_of
from qa.decide import WEIGHTS, Features, features_of
from qa.options import AskOptions
from qa.read import read
from qa.reader import Reader
from qa.retrieve import retrieve

TUNE = OWN / "tune.jsonl"
#: About articles in the folder of public sets.
NEWS = OWN / "news.jsonl"
#: The ids of those that are told nowhere begin so.
NOWHERE = ("elsewhere-", "small-")
#: Sources of samples whose questions are about news.
OURS = ("own", "news")
PUBLIC_WEIGHT = 0.05
#: Each article is asked about in six languages beside these: they count as much as one.
MAIN, OTHER_WEIGHT = ("fr", "en"), 1 / 6
#: Five in a hundred are allowed, less the standard error of that quantile of some 1,000 questions.
REFUSED = 0.04
#: (passages, questions, may be answerable there, how many questions)
PUBLIC = (
    ("piaf_fr", "piaf_fr", True, 125),
    ("squad2_en", "squad2_en", True, 100),
    ("squad2_en", "squad2_en", False, 100),
    ("own", "piaf_fr", False, 75),
    ("own", "squad2_en", False, 75),
    ("piaf_fr", "squad2_en", False, 75),
    ("squad2_en", "piaf_fr", False, 75),
    # What holds for a thousand passages need not for fifteen thousand.
    ("piaf_fr+news_fr", "piaf_fr", True, 100),
    ("piaf_fr+news_fr", "squad2_en", False, 100),
    # Pairs of languages far apart, none of which eval.results reports on.
    *((f"xquad {told}", f"xquad en-{told}", True, 40) for told in ("el", "hi", "tr", "zh")),
)


@dataclass(frozen=True)
class Sample:
    """Features of one question, whether it is answerable there, where it is from ("own", of TUNE, "news" or "public"), and its
    language."""

    features: Features
    answerable: bool
    source: str
    language: str

    @property
    def weight(self) -> float:
        """How much it counts."""
        if self.source != "own":
            return PUBLIC_WEIGHT
        return 1.0 if self.language in MAIN else OTHER_WEIGHT


def features(snapshot: Snapshot, encoder: Encoder, reader: Reader | None, question: str) -> Features:
    """What the assistant would see when it decides about this question."""
    language = question_language(question)
    vector = encoder.embed_queries([question])[0]
    hits = retrieve(snapshot, question, language, vector, AskOptions())
    return features_of(question, *read(snapshot, encoder, reader, question, vector, hits))


def samples(
    encoder: Encoder, readers: list[Reader | None], data: Path | None, work: Path, progress: Progress
) -> Iterator[list[Sample]]:
    """For each question a sample with each of the readers."""
    snapshots = {"own": _index([SAMPLE_CORPUS], work / "own", encoder, progress)}
    tune = [question for question in read_questions(TUNE) if question.kind != FOLLOW_UP]
    asked = [(question, "own", bool(question.answerable), "own") for question in tune]
    for passages, name, answerable, count in PUBLIC if data else ():
        if passages not in snapshots:
            files = [_passages(Path(data or "."), one, work) for one in passages.split("+")]
            snapshots[passages] = _index(files, work / passages, encoder, progress)
        own = passages == name
        asked += [
            (question, passages, answerable, "public")
            for question in _public(Path(data or "."), name, answerable if own else True, count, work)
        ]
    if data:
        about = read_questions(NEWS)
        wanted = {article for question in about for article in (*question.right, *question.context)}
        held = [row | {"date": str(row["date"])[:10]} for row in asked_about(data, wanted)]
        snapshots["news"] = _index([written(work / "news.jsonl", held)], work / "news", encoder, progress)
        asked += [(question, "news", bool(question.answerable), "news") for question in about]
        asked += [(question, "own", False, "news") for question in about if question.id.startswith(NOWHERE)]
    for number, (question, passages, answerable, source) in enumerate(asked, start=1):
        found = [features(snapshots[passages], encoder, reader, question.text) for reader in readers]
        yield [Sample(one, answerable, source, question.lang) for one in found]
        progress("asking", number, len(asked))


def fit(found: list[Sample]) -> dict[str, Any]:
    """Intercept, weights by feature name (of the raw features) and threshold."""
    names = list(found[0].features.values())
    matrix = np.array([list(sample.features.values().values()) for sample in found])
    labels = np.array([sample.answerable for sample in found])
    weights = np.array([sample.weight for sample in found])
    ours = np.array([sample.source in OURS for sample in found])
    mean, scale = matrix.mean(axis=0), matrix.std(axis=0) + 1e-9
    standard, signs = (matrix - mean) / scale, np.where(labels, 1.0, -1.0)

    def loss(parameters: Any) -> float:
        margins = signs * (standard @ parameters[1:] + parameters[0])
        return float(weights @ np.logaddexp(0, -margins) + 0.5 * parameters[1:] @ parameters[1:])

    # More evidence must not make an answer less likely, whatever chance says in a few hundred questions.
    bounds = [(None, None)] + [(0.0, None)] * len(names)
    found_at = minimize(loss, np.zeros(len(bounds)), bounds=bounds, method="L-BFGS-B").x
    raw = found_at[1:] / scale
    intercept = float(found_at[0] - raw @ mean)
    confidences = 1 / (1 + np.exp(-(matrix @ raw + intercept)))
    threshold = float(np.quantile(confidences[ours & labels], REFUSED))
    return {
        "intercept": round(intercept, 6),
        "weights": {name: round(float(value), 6) for name, value in zip(names, raw, strict=True)},
        "threshold": round(threshold, 4),
    }


def _passages(data: Path, name: str, work: Path) -> Path:
    """The file of a set, or of one language of it ("xquad el")."""
    if " " not in name:
        return data / f"{name}.passages.jsonl"
    whole, language = name.split(" ")
    return written(work / f"{name}.passages.jsonl", passages_of(whole, language=language)(data))


def _public(data: Path, name: str, answerable: bool, count: int, work: Path) -> list[Question]:
    """Questions about articles held out for the decision; "xquad en-el": English ones about Greek passages."""
    if " " in name:
        whole, pair = name.split(" ")
        rows = fitted_part(whole, across(*pair.split("-")))(data)
    else:
        rows = fitted_part(name, questions(name))(data)
    path = written(work / f"{name}.jsonl", rows)
    return subset([question for question in read_questions(path) if question.answerable == answerable], count)


def _index(corpus: list[Path], index: Path, encoder: Encoder, progress: Progress) -> Snapshot:
    build(corpus, index, encoder, BuildOptions(), progress=progress)
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
        reader = reader_of(encoder)
        with during("the features"), progress_bar() as progress:
            found = list(samples(encoder, [None, reader] if reader else [None], data, Path(work), progress))
        fitted = {"alone": fit([pair[0] for pair in found])}
        fitted["with_reader"] = fit([pair[-1] for pair in found]) if reader else fitted["alone"]
        described = {
            "own_tune": sum(pair[0].source == "own" for pair in found),
            "own_tune_sha256": hashlib.sha256(TUNE.read_bytes()).hexdigest(),
            "news": sum(pair[0].source == "news" for pair in found),
            "news_sha256": hashlib.sha256(NEWS.read_bytes()).hexdigest(),
            "public": sum(pair[0].source == "public" for pair in found),
            "public_sets": [list(row) for row in PUBLIC] if data else [],
            "public_weight": PUBLIC_WEIGHT,
            "other_weight": OTHER_WEIGHT,
            "encoder": encoder.fingerprint,
            "reader": reader.digest if reader else None,
        }
        text = json.dumps(fitted | {"fitted_on": described}, indent=1)
        out.write_text(text + "\n", "utf-8")
        typer.echo(text)


if __name__ == "__main__":
    typer.run(main)
