"""Is the answer in the articles? A probability from what was found."""

import json
import math
from dataclasses import astuple, dataclass, fields
from functools import cache
from pathlib import Path

from qa.read import Candidate
from qa.retrieve import Hit

#: The hits that are judged, however many were asked for.
DEPTH = 10
WEIGHTS = Path(__file__).with_name("decision.json")


@dataclass(frozen=True)
class Features:
    """What the decision sees. None is about a particular corpus.

    ``contrast``: standard deviations by which a passage's cosine lies above unrelated passages of its language, the most of
    the first three; ``cosine``: the most of any sentence read; ``surplus``: the most by which a sentence's cosine lies above
    that of background passages in its language.
    """

    contrast: float
    cosine: float
    surplus: float


@dataclass(frozen=True)
class Decision:
    """``confidence``: the probability, 0 to 1, that the articles hold the answer; ``found``: whether to answer."""

    confidence: float
    found: bool


def features_of(hits: list[Hit], candidates: list[Candidate]) -> Features:
    """Raises ValueError without hits."""
    if not hits or not candidates:
        raise ValueError("no hits to judge")
    return Features(
        contrast=max(hit.contrast for hit in hits[:3]),
        cosine=max(candidate.cosine for candidate in candidates),
        surplus=max(candidate.surplus for candidate in candidates),
    )


def decide(hits: list[Hit], candidates: list[Candidate]) -> Decision:
    """Logistic regression over ``Features``; nothing found at all is certainly not there."""
    if not hits or not candidates:
        return Decision(0.0, False)
    model = _model()
    logit = model.intercept
    for field, value in zip(fields(Features), astuple(features_of(hits, candidates)), strict=True):
        logit += model.weights[field.name] * value
    confidence = 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, logit))))
    return Decision(confidence, confidence >= model.threshold)


@dataclass(frozen=True)
class _Model:
    intercept: float
    threshold: float
    weights: dict[str, float]


@cache
def _model() -> _Model:
    """Fitted by ``python -m eval.fit`` on the tune half of the own questions, and written there with what it was fitted on."""
    found = json.loads(WEIGHTS.read_text("utf-8"))
    return _Model(found["intercept"], found["threshold"], found["weights"])
