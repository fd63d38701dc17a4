"""What of the public sets the reader is not trained on, by article: a part of it the decision is fitted on (eval/fit.py), by the
rest both are judged (eval/results.py), and no article is in two of these.

The SQuAD 2 (en, es), SQuAD-it and XQuAD sets are the same articles in several languages, so a title held out of one is held
out of all. Of the French news and the news pages of the extraction set, the articles that training/questions asks about are
trained on, none of which a query of those sets is about. The project's own questions are never trained on at all.
"""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

#: Every fourth of the English titles in alphabetical order, with what the other sets call them.
SQUAD_TITLES = frozenset(
    [
        "1973 oil crisis", "French and Indian War", "Imperialism", "Scottish Parliament",
        "1973: Crisis del petróleo", "Guerra franco-india", "Imperialismo", "Parlamento escocés",
        "Crisi energetica (1973)", "Guerra franco-indiana", "Parlamento scozzese",
    ]
)  # fmt: skip
#: XQuAD's passages have no titles, but five in a row are of one article: those of the titles above.
XQUAD_ARTICLES = frozenset([65 // 5, 230 // 5, 220 // 5, 210 // 5])
#: Of both, what the decision is fitted on: the first and third of them.
FITTED_TITLES = frozenset(
    ["1973 oil crisis", "Imperialism", "1973: Crisis del petróleo", "Imperialismo", "Crisi energetica (1973)"]
)  # fmt: skip
FITTED_XQUAD = frozenset([65 // 5, 220 // 5])
#: One PIAF title in this many is held out, and of those one in this many is for the decision.
PIAF_EVERY, FITTED_EVERY = 4, 3
#: What the reader is asked about news in training.
TRAINED = Path(__file__).parent.parent / "training" / "questions"


def held_out(passage_set: str, passage_id: str, title: str) -> bool:
    """Whether a passage, and every question about it, is kept from training."""
    if passage_set == "piaf_fr":
        return number_of(title) % PIAF_EVERY == 0
    if passage_set == "xquad":
        return int(passage_id.rsplit("-", 1)[1]) // 5 in XQUAD_ARTICLES
    if passage_set == "news_fr":
        return passage_id not in _trained_news()
    return title in SQUAD_TITLES


def for_the_decision(passage_set: str, passage_id: str, title: str) -> bool:
    """Whether a passage that is held out, and every question about it, is there to fit the decision, and not for the test."""
    if passage_set == "piaf_fr":
        return number_of(title) // PIAF_EVERY % FITTED_EVERY == 0
    if passage_set == "xquad":
        return int(passage_id.rsplit("-", 1)[1]) // 5 in FITTED_XQUAD
    return title in FITTED_TITLES


def number_of(name: str) -> int:
    """Always the same, and as if drawn by chance."""
    return int(hashlib.sha256(name.encode()).hexdigest(), 16)


@cache
def _trained_news() -> frozenset[str]:
    return frozenset(row["article"] for row in trained())


def trained() -> list[dict[str, Any]]:
    """The rows of all stages' questions, in their order."""
    files = sorted(TRAINED.glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]
