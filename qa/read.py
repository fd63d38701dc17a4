"""Passages to the sentences that may answer: the place where a trained reader would plug in.

Each sentence of the first passages is scored by its cosine to the question (embedded behind its article's title), the
score of its passage, the share of the question's information its words hold, and whether it holds the kind of thing that
is asked for. The weights are a conditional logit over the candidates of each question, fitted on halves of two public sets
and the tune half of the own one, then divided by the cosine's; see docs/decisions.md.
"""

import re
from dataclasses import dataclass

import numpy as np

from corpus.article import Span
from corpus.sentences import split_sentences
from index.encoder import Encoder, Vectors
from index.search import Term, query_terms
from index.snapshot import Snapshot
from index.terms import embedded_text, stem, words
from qa.question import asked_kind, holds_kind
from qa.retrieve import Hit

#: Passages whose sentences are read. Each costs about 15 ms on two cores the first time.
READ = 5
PASSAGE = 0.58
SHARE = 0.03
KIND = {"number": 0.08, "date": 0.033, "name": 0.027}
FRAGMENT = -0.024
_ENDS = re.compile(r"[.!?…。؟۔।][\"»”’')\]]*$")
#: A longer "sentence" (a list, an unpunctuated page) is read as it is, but its embedding sees only this much.
LONGEST_READ = 1500


@dataclass(frozen=True)
class Candidate:
    """A sentence of a hit. ``score`` orders candidates; ``cosine``, -1 to 1, is its largest part. ``surplus``:
    ``cosine`` above that of background passages in the same language."""

    hit: Hit
    span: Span
    score: float
    cosine: float
    surplus: float

    @property
    def text(self) -> str:
        return self.span.of(self.hit.article.text)


def read(
    snapshot: Snapshot, encoder: Encoder, question: str, vector: Vectors, hits: list[Hit], focus: Vectors | None = None
) -> list[Candidate]:
    """The sentences of the first hits, best first; ties keep the order of the hits.

    ``vector``: what was searched. A follow-up was searched with its subject, which every sentence of the article is about;
    ``focus`` is the embedding of its own words, ``question``, and counts half in the order of the sentences.
    """
    terms = query_terms(snapshot, question)
    kind = asked_kind(question)
    found = [(hit, span) for hit in hits[:READ] for span in sentences_of(hit)]
    if not found:
        return []
    texts = [embedded_text(hit.article.title, span.of(hit.article.text)[:LONGEST_READ]) for hit, span in found]
    embedded = encoder.embed_sentences(texts)
    cosines = embedded @ vector
    wanted = cosines if focus is None else (cosines + embedded @ focus) / 2
    background = dict(zip(snapshot.languages, snapshot.language_statistics.background_of(vector), strict=True))
    candidates = []
    for (hit, span), cosine, near in zip(found, cosines, wanted, strict=True):
        text = span.of(hit.article.text)
        surplus = float(cosine) - float(background[hit.article.language or ""])
        share = share_of(terms, text, hit.article.language)
        holds = kind is not None and holds_kind(text, kind, question)
        score = float(near) + PASSAGE * hit.score + SHARE * share
        score += KIND[kind] if kind and holds else 0.0
        score += 0.0 if _ENDS.search(text) else FRAGMENT
        candidates.append(Candidate(hit, span, score, float(cosine), surplus))
    order = np.argsort([-candidate.score for candidate in candidates], kind="stable")
    return [candidates[at] for at in order]


def sentences_of(hit: Hit) -> list[Span]:
    """The sentences of a passage, as spans of its article."""
    start = hit.chunk.start
    return [Span(start + span.start, start + span.end) for span in split_sentences(hit.text, hit.article.language)]


def share_of(terms: list[Term], text: str, language: str | None) -> float:
    """The part of the terms' information (0 to 1) that the words of ``text`` hold."""
    total = sum(term.idf for term in terms)
    held = {stem(word, language) for word in words(text)}
    return sum(term.idf for term in terms if any(one in held for one in term.stems)) / total if total else 0.0
