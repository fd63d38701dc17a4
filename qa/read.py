"""Passages to the sentences that may answer.

Each sentence of the first passages is scored by what speaks for it: its cosine to the question (embedded behind its article's
title), the score of its passage, the share of the question's information its words hold, whether it holds the kind of thing
that is asked for, and, where there is a reader, the log-odds that an answer stands in it. The weights are a
conditional logit over the candidates of each question, fitted on halves of public sets and the tune half of the own one, then
divided by the cosine's; see docs/decisions.md.
"""

import re
import threading
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from corpus.article import Article, Span
from corpus.sentences import split_sentences
from index.encoder import Encoder, Vectors
from index.search import Term, query_terms
from index.snapshot import Snapshot
from index.terms import embedded_text, stem, words
from qa.question import asked_kind, holds_kind
from qa.reader import Reader, Reading
from qa.retrieve import Hit
from qa.sounds import script_of
from qa.steps import go_on
from qa.texts import day

#: Passages whose sentences are looked at, without a reader and with it: one of some 200 tokens takes it 30 ms on one core, and
#: four take two cores as long as three. A fifth put the answer into the first quote of five more of 665 tune questions.
READ, READ_BY_READER = 5, 4
#: In another script than the question's the encoder ranks less surely. Where the reader's log-odds are below BELIEVED for each of
#: the first READ_BY_READER passages, it reads those up to READ_ON, too, that are in another script. In the order of passages and
#: for the decision their log-odds count LATER less (docs/decisions.md).
READ_ON = 7
BELIEVED, LATER = 0.0, 2.0
#: Characters of a passage that tell its script.
SCRIPT = 100
#: Sentences that are embedded where there is a reader, the best so far: of 665 tune questions whose passages hold the answer not
#: one is answered by another sentence than with all of some 15 to 25, which took a quarter of the time.
EMBEDDED = 6
#: What a logit of the reader's log-odds is worth in the score of a passage.
RERANK = 0.01


@dataclass(frozen=True)
class Weights:
    """What a candidate's score is made of, beside its cosine."""

    passage: float
    share: float
    fragment: float
    kind: dict[str, float]
    log_odds: float


ALONE = Weights(passage=0.58, share=0.03, fragment=-0.024, kind={"number": 0.08, "date": 0.033, "name": 0.027}, log_odds=0.0)
WITH_READER = Weights(passage=0.09, share=0.0, fragment=0.0, kind={"number": 0.029, "date": 0.028, "name": 0.013}, log_odds=0.013)
#: Log-odds beyond this say no more.
CERTAIN = 12.0
#: An answer has at most this many tokens.
LONGEST_ANSWER = 40
_ENDS = re.compile(r"[.!?…。؟۔।][\"»”’')\]]*$")
#: A longer "sentence" (a list, an unpunctuated page) is read as it is, but its embedding sees only this much.
LONGEST_READ = 1500


@dataclass(frozen=True)
class Candidate:
    """A sentence of a hit. ``score`` orders candidates; ``cosine``, -1 to 1, is its largest part. ``background``: the mean
    cosine of background passages in the same language. ``log_odds``: that an answer stands in it (the function of that name),
    and ``answer``: the words of the likeliest one; both None without a reader, ``answer`` also where "not here" is likelier."""

    hit: Hit
    span: Span
    score: float
    cosine: float
    background: float
    log_odds: float | None = None
    answer: str | None = None

    @property
    def text(self) -> str:
        return self.span.of(self.hit.article.text)


def read(
    snapshot: Snapshot,
    encoder: Encoder,
    reader: Reader | None,
    question: str,
    vector: Vectors,
    hits: list[Hit],
    focus: Vectors | None = None,
    cancel: threading.Event | None = None,
) -> tuple[list[Hit], list[Candidate]]:
    """The hits in the order the reader gives them, and the sentences of the first, best first; ties keep the order of the hits.

    ``vector``: what was searched. A follow-up was searched with its subject, which every sentence of the article is about;
    ``focus`` is the embedding of its own words, ``question``, and counts half in the order of the sentences. Stopped between
    passages and sentences once ``cancel`` is set.
    """
    if not hits:
        return [], []
    readings: dict[int, Reading] = {}
    if reader:
        readings = _readings(reader, question, hits[:READ_BY_READER])
        if all(log_odds(reading, None) < BELIEVED for reading in readings.values()):
            go_on(cancel)
            further = [hit for hit in hits[READ_BY_READER:READ_ON] if across_scripts(question, hit)]
            readings |= _readings(reader, question, further)
        hits = reranked(hits, readings)
        go_on(cancel)
    weights = WITH_READER if reader else ALONE
    terms = query_terms(snapshot, question) if weights.share else []
    background = dict(zip(snapshot.languages, snapshot.language_statistics.background_of(vector).tolist(), strict=True))
    kind = asked_kind(question)
    candidates = [
        _unembedded(hit, span, readings.get(hit.row), weights, terms, question, kind, background[hit.article.language or ""])
        for hit in hits[: READ_BY_READER if reader else READ]
        for span in spans_to_choose(hit, readings.get(hit.row))
    ]
    if reader:
        candidates = _best_first(candidates)[:EMBEDDED]
    if not candidates:
        return hits, []
    embedded = encoder.embed_sentences([embedded_text(one.hit.article.title, one.text[:LONGEST_READ]) for one in candidates])
    cosines = embedded @ vector
    wanted = cosines if focus is None else (cosines + embedded @ focus) / 2
    return hits, _best_first(
        [
            replace(candidate, score=candidate.score + float(near), cosine=float(cosine))
            for candidate, cosine, near in zip(candidates, cosines, wanted, strict=True)
        ]
    )


def across_scripts(question: str, hit: Hit) -> bool:
    """Is the passage in another script than the question? What has no letters is in none."""
    asked, told = script_of(question), script_of(hit.text[:SCRIPT])
    return bool(asked and told) and asked != told


def _readings(reader: Reader, question: str, hits: list[Hit]) -> dict[int, Reading]:
    """By row."""
    read_of = reader.read(question, [(_dated(hit.article), hit.text) for hit in hits])
    return dict(zip([hit.row for hit in hits], read_of, strict=True))


def _unembedded(
    hit: Hit,
    span: Span,
    reading: Reading | None,
    weights: Weights,
    terms: list[Term],
    question: str,
    kind: str | None,
    background: float,
) -> Candidate:
    """A candidate as far as it can be judged without its embedding. ``kind``: of thing that the question asks for."""
    text = span.of(hit.article.text)
    score = weights.passage * hit.score
    score += weights.share * share_of(terms, text, hit.article.language) if weights.share else 0.0
    score += weights.kind[kind] if kind and holds_kind(text, kind, question) else 0.0
    score += 0.0 if _ENDS.search(text) else weights.fragment
    odds, answer = None, None
    if reading is not None:
        inside = Span(span.start - hit.chunk.start, span.end - hit.chunk.start)
        odds = log_odds(reading, inside)
        margin, told = best_span(reading, inside)
        answer = told.of(hit.text).strip() if told and margin > 0 else None
        score += weights.log_odds * odds
    return Candidate(hit, span, score, 0.0, background, odds, answer)


def _best_first(candidates: list[Candidate]) -> list[Candidate]:
    """Ties keep their order."""
    return sorted(candidates, key=lambda candidate: -candidate.score)


def spans_to_choose(hit: Hit, reading: Reading | None) -> list[Span]:
    """The sentences of a passage; two as one where the likeliest answer begins in the first and ends in the second."""
    spans = sentences_of(hit)
    margin, told = best_span(reading, None) if reading else (0.0, None)
    if told and margin > 0:
        start, end = hit.chunk.start + told.start, hit.chunk.start + told.end
        held = [at for at, span in enumerate(spans) if span.start < end and start < span.end]
        if len(held) == 2:
            spans[held[0] : held[1] + 1] = [Span(spans[held[0]].start, spans[held[1]].end)]
    return spans


def _dated(article: Article) -> str | None:
    """The title with the day it was published: news says "on Thursday 8 May", and questions name the year."""
    if article.title and article.published:
        return dated_title(article.title, article.published, article.language)
    return article.title


def dated_title(title: str, published: date, language: str | None) -> str:
    """As the reader has learnt to read it."""
    return f"{title} ({day(published, language)})"


def reranked(hits: list[Hit], readings: dict[int, Reading]) -> list[Hit]:
    """The hits, in the order they were found in, by their score and what the reader made of them; one it did not read counts as
    the worst of those it did."""
    odds = {
        hit.row: log_odds(readings[hit.row], None) - (LATER if place >= READ_BY_READER else 0.0)
        for place, hit in enumerate(hits)
        if hit.row in readings
    }
    least = min(odds.values(), default=-CERTAIN)
    judged = [replace(hit, score=hit.score + RERANK * odds.get(hit.row, least), reader=odds.get(hit.row)) for hit in hits]
    ordered = sorted(judged, key=lambda hit: (-hit.score, hit.row))
    return [replace(hit, rank=rank) for rank, hit in enumerate(ordered, start=1)]


def log_odds(reading: Reading, within: Span | None) -> float:
    """Log-odds that an answer starts among some characters of the passage (None: anywhere) and not nowhere, plus those that one
    ends there: -CERTAIN to CERTAIN, and -CERTAIN where there are no tokens.

    The reader is trained to give probability to *any* place where the answer stands. Where it stands in several, or its ends are
    in doubt, the likeliest span says too little: all of them together tell better whether there is an answer (docs/decisions.md).
    Passages are compared by the same sum in training (``training.train.ranking_loss``, after Clark & Gardner 2018).
    """
    inside = _tokens(reading, within)
    if not len(inside):
        return -CERTAIN
    odds = float(np.logaddexp.reduce(reading.start[inside]) + np.logaddexp.reduce(reading.end[inside]))
    return max(-CERTAIN, min(CERTAIN, odds))


def best_span(reading: Reading, within: Span | None) -> tuple[float, Span | None]:
    """The margin of the likeliest answer inside some characters of the passage (None: anywhere) and where it stands.

    -CERTAIN and None where there are no tokens.
    """
    offsets, inside = reading.offsets, _tokens(reading, within)
    if not len(inside):
        return -CERTAIN, None
    first, last = int(inside[0]), int(inside[-1]) + 1
    start, end = reading.start[first:last], reading.end[first:last]
    # Best end for each start, over a sliding window: a table of all pairs grows with the square of the sentence.
    windows = sliding_window_view(np.pad(end, (0, LONGEST_ANSWER - 1), constant_values=-np.inf), LONGEST_ANSWER)
    ends = windows.argmax(axis=1)
    worth = start + windows[np.arange(len(start)), ends]
    begin = int(worth.argmax())
    return float(worth[begin]), Span(int(offsets[first + begin, 0]), int(offsets[first + begin + ends[begin], 1]))


def _tokens(reading: Reading, within: Span | None) -> NDArray[np.intp]:
    """Those among some characters of the passage; None: all."""
    offsets = reading.offsets
    if within is None:
        return np.arange(len(offsets))
    # A token may begin with the space before its word.
    return np.flatnonzero((offsets[:, 0] >= within.start - 1) & (offsets[:, 1] > within.start) & (offsets[:, 1] <= within.end))


def sentences_of(hit: Hit) -> list[Span]:
    """The sentences of a passage, as spans of its article."""
    start = hit.chunk.start
    return [Span(start + span.start, start + span.end) for span in split_sentences(hit.text, hit.article.language)]


def share_of(terms: list[Term], text: str, language: str | None) -> float:
    """The part of the terms' information (0 to 1) that the words of ``text`` hold."""
    total = sum(term.idf for term in terms)
    held = {stem(word, language) for word in words(text)}
    return sum(term.idf for term in terms if any(one in held for one in term.stems)) / total if total else 0.0
