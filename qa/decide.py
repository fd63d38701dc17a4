"""Is the answer in the articles? A probability from what was found."""

import json
import math
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from qa.read import Candidate, across_scripts
from qa.retrieve import Hit

#: The hits that are judged, however many were asked for.
DEPTH = 10
WEIGHTS = Path(__file__).with_name("decision.json")
#: Below this surplus nearly everything is about something else, whatever the reader makes of it.
NEAR = 0.08


@dataclass(frozen=True)
class Features:
    """What the decision sees. None is about a particular corpus.

    ``contrast``: standard deviations by which a passage's cosine lies above the best that as many unrelated passages of its
    language would show by chance, the most of the first three: in a larger corpus something always comes nearer. ``cosine``: the
    most of any sentence read; ``above``: the most by which a sentence's cosine lies above that of background passages in its
    language, and ``surplus`` by which one of those passages' does; ``across``: 1 where the question is in another script than the
    first passage, else 0: there each of the others is lower for a right answer, too; ``log_odds``: the reader's that an answer
    stands in a passage (``qa.read.reranked``), the most of those it read; None without a reader.
    """

    contrast: float
    cosine: float
    above: float
    surplus: float
    across: float
    log_odds: float | None

    def values(self) -> dict[str, float]:
        """What is weighed: with a reader ``surplus`` as the two pieces of a linear spline with its knot at NEAR, else all as
        they are."""
        values = {name: value for name, value in asdict(self).items() if value is not None}
        if self.log_odds is not None:
            del values["surplus"]
            values["surplus_below"] = min(self.surplus - NEAR, 0.0)
            values["surplus_above"] = max(self.surplus - NEAR, 0.0)
        return values


@dataclass(frozen=True)
class Decision:
    """``confidence``: the probability, 0 to 1, that the articles hold the answer; ``found``: whether to answer."""

    confidence: float
    found: bool


def features_of(question: str, hits: list[Hit], candidates: list[Candidate]) -> Features:
    """Raises ValueError without hits."""
    if not hits or not candidates:
        raise ValueError("no hits to judge")
    odds = [hit.reader for hit in hits if hit.reader is not None]
    background = {candidate.hit.article.language: candidate.background for candidate in candidates}
    return Features(
        contrast=max(hit.contrast - hit.chance for hit in hits[:3]),
        cosine=max(candidate.cosine for candidate in candidates),
        above=max(candidate.cosine - candidate.background for candidate in candidates),
        surplus=max((hit.dense - background[of] for hit in hits[:3] if (of := hit.article.language) in background), default=0.0),
        across=float(across_scripts(question, hits[0])),
        log_odds=max(odds) if odds else None,
    )


def decide(question: str, hits: list[Hit], candidates: list[Candidate]) -> Decision:
    """Logistic regression over ``Features``; nothing found at all is certainly not there."""
    if not hits or not candidates:
        return Decision(0.0, False)
    features = features_of(question, hits, candidates)
    model = _models()["alone" if features.log_odds is None else "with_reader"]
    logit = model.intercept + sum(model.weights[name] * value for name, value in features.values().items())
    confidence = 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, logit))))
    return Decision(confidence, confidence >= model.threshold)


@dataclass(frozen=True)
class _Model:
    intercept: float
    threshold: float
    weights: dict[str, float]


@cache
def _models() -> dict[str, _Model]:
    """Fitted by ``python -m eval.fit`` on the tune half of the own questions, and written there with what they were fitted on."""
    found = json.loads(WEIGHTS.read_text("utf-8"))
    return {name: _Model(**found[name]) for name in ("alone", "with_reader")}
