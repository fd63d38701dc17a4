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
    """What the decision sees. All are about the best passage and the best sentence, none about a particular corpus.

    ``contrast``: standard deviations of the best passage's cosine above its language's mean; ``cosine``: the best
    sentence's; ``same_share``, ``cross_share``: the share of the question's information in the best passage's words,
    if it is in the question's language or not (the other is 0); ``sentence_share``: the same of the best sentence;
    ``lead``: score of the best passage above the mean of the next nine; ``cross``: 1 if it is in another language.
    """

    contrast: float
    cosine: float
    same_share: float
    cross_share: float
    sentence_share: float
    lead: float
    cross: float


@dataclass(frozen=True)
class Decision:
    """``confidence``: the probability, 0 to 1, that the articles hold the answer; ``found``: whether to answer."""

    confidence: float
    found: bool


def features_of(hits: list[Hit], candidates: list[Candidate], language: str | None) -> Features:
    """Raises ValueError without hits."""
    if not hits or not candidates:
        raise ValueError("no hits to judge")
    first, best = hits[0], candidates[0]
    others = [hit.score for hit in hits[1:DEPTH]]
    same = first.article.language == language
    return Features(
        contrast=max(hit.contrast for hit in hits[:3]),
        cosine=max(candidate.cosine for candidate in candidates),
        same_share=first.lexical if same else 0.0,
        cross_share=0.0 if same else first.lexical,
        sentence_share=best.share,
        lead=first.score - sum(others) / len(others) if others else 0.0,
        cross=0.0 if same else 1.0,
    )


def decide(hits: list[Hit], candidates: list[Candidate], language: str | None) -> Decision:
    """Logistic regression over ``Features``; nothing found at all is certainly not there."""
    if not hits or not candidates:
        return Decision(0.0, False)
    model = _model()
    logit = model.intercept
    for field, value in zip(fields(Features), astuple(features_of(hits, candidates, language)), strict=True):
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
