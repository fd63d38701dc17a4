"""A question to the passages most likely to answer it, whatever language either is in.

The score of a passage is its cosine to the question, plus its lexical share, minus what its language is worth:

    cosine + WEIGHT * share  -  CONTRAST * (mean + DEVIATIONS * deviation)  -  min(best share's worth, CAP)  +  TIMELY

- ``share`` is the part of the question's information (sum of inverse document frequencies) that the passage's words hold,
  from BM25 divided by the most it could reach. Words that no passage holds count UNKNOWN of theirs: where a language has few
  passages, what is left of a question without them is its commonest words, which any passage of that language holds.
  Unlike a z-score, the share stays near nothing where no words match, which is the usual case across languages and is
  why a plain mix loses there. Its weight is less for passages in another language, where only names and numbers match.
- e5 puts any two texts of one language nearer than texts of two. ``mean`` and ``deviation`` are of the question's cosine
  to all passages of the passage's language: subtracting them compares passages across languages.
- The term with ``CAP`` keeps lexical evidence, which only passages in the question's language can have, from lifting them all
  above a passage in another one: the best of each language gains at most what lies above ``CAP``.
- TIMELY is for articles published at the time that the question names. Their passages seldom say the year, and the encoder
  puts passages that say dates of any kind first.

The constants were chosen on mixes of public sets, see docs/decisions.md.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from corpus.article import Article, Chunk
from index.encoder import Vectors
from index.search import Rows, Scores, dense_search, lexical_scores, lexical_search, terms_and_unknown
from index.snapshot import ArticleInfo, Snapshot
from qa.options import AskOptions
from qa.when import NamedDate, dates_named

WEIGHT_SAME = 0.2
WEIGHT_CROSS = 0.05
CONTRAST = 0.75
DEVIATIONS = 2.0
CAP = 0.045
UNKNOWN = 0.5
TIMELY = 0.02
#: Candidates taken from each language's dense list, and from the lexical list of all.
DENSE_DEPTH = 100
LEXICAL_DEPTH = 200
#: BM25's term frequency factor never reaches k1 + 1 = 2.2.
BM25_CEILING = 2.2


@dataclass(frozen=True)
class Hit:
    """A passage found. ``rank`` from 1; ``dense``: cosine, -1 to 1; ``lexical``: share of the question's information its words
    hold, 0 to 1; ``contrast``: standard deviations of ``dense`` above the mean of its language; ``reader``: the log-odds
    that an answer stands in it (``qa.read.reranked``), where it was read; ``copies``: the other articles, under the
    filters, that hold the same text or nearly; ``chance``: the contrast of the best of as many unrelated passages as were
    searched in its language."""

    rank: int
    row: int
    chunk: Chunk
    article: Article
    score: float
    dense: float
    lexical: float
    contrast: float
    reader: float | None = None
    copies: tuple[ArticleInfo, ...] = ()
    chance: float = 0.0

    @property
    def text(self) -> str:
        return self.article.text[self.chunk.start : self.chunk.end]


def retrieve(snapshot: Snapshot, question: str, language: str | None, vector: Vectors, options: AskOptions) -> list[Hit]:
    """At most ``options.k`` hits, best first, ties by row. ``vector``: (dimension,) the question's embedding.

    Of passages that say the same in copies of an article only one is a hit.
    """
    shown = _shown(snapshot, options)
    allowed = None if shown is None else (shown >= 0)[snapshot.chunk_article]
    if snapshot.size == 0 or (allowed is not None and not allowed.any()):
        return []
    terms, unknown = terms_and_unknown(snapshot, question)
    lexical = lexical_scores(snapshot, terms)
    information = sum(term.idf for term in terms) + UNKNOWN * unknown
    shares = np.minimum(lexical / (BM25_CEILING * max(information, 1.0)), 1.0)
    dates = dates_named(question, language)
    scale = 1
    while True:
        rows = _candidates(snapshot, vector, lexical, allowed, scale)
        scored = _scored(snapshot, rows, shares[rows].astype(np.float64), language, vector, dates)
        kept = _once(snapshot, scored.rows, options.k)
        if len(kept) >= min(options.k, DENSE_DEPTH // 2) or scale * DENSE_DEPTH >= snapshot.size:
            break
        scale *= 4  # copies have crowded others out of the lists of candidates
    searched = snapshot.passages_in if allowed is None else _counts(snapshot, allowed)
    hits = []
    for rank, at in enumerate(kept, start=1):
        row = int(scored.rows[at])
        entry = int(snapshot.chunk_article[row])
        info = snapshot.articles[entry if shown is None else int(shown[entry])]
        copies = [copy for copy in snapshot.family(info.row) if copy.row != info.row and passes(copy, options)]
        hits.append(
            Hit(
                rank, row, snapshot.chunk(row)._replace(article_id=info.id), snapshot.article(info.row),
                float(scored.fused[at]), float(scored.cosines[at]), float(scored.shares[at]), float(scored.contrast[at]),
                copies=tuple(copies), chance=best_by_chance(int(searched[snapshot.chunk_language[row]])),
            )
        )  # fmt: skip
    return hits


def best_by_chance(count: int) -> float:
    """By how many standard deviations the greatest of ``count`` numbers drawn from a normal distribution lies above its mean, on
    average: 0 for one, 2.5 for a hundred, 4.9 for a million (Blom 1958, Statistical Estimates and Transformed Beta-Variables)."""
    return float(ndtri((count - 0.375) / (count + 0.25))) if count > 1 else 0.0


def _counts(snapshot: Snapshot, allowed: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(languages,) passages that may be found."""
    return np.bincount(snapshot.chunk_language[allowed], minlength=len(snapshot.languages))


@dataclass(frozen=True)
class _Scored:
    """Candidates, best first: rows, their scores and what those are made of."""

    rows: Rows
    fused: NDArray[np.float64]
    cosines: NDArray[np.float64]
    shares: NDArray[np.float64]
    contrast: NDArray[np.float64]


def _scored(
    snapshot: Snapshot,
    rows: Rows,
    shares: NDArray[np.float64],
    language: str | None,
    vector: Vectors,
    dates: list[NamedDate],
) -> _Scored:
    cosines = (snapshot.vectors_of(rows) @ vector).astype(np.float64)
    groups = snapshot.chunk_language[rows]
    means, deviations = snapshot.language_statistics.of(vector)
    contrast = (cosines - means[groups]) / deviations[groups]
    worth = np.where(np.array(snapshot.languages)[groups] == (language or ""), WEIGHT_SAME, WEIGHT_CROSS) * shares
    fused = cosines + worth
    if len(snapshot.languages) > 1:
        best = np.zeros(len(snapshot.languages))
        np.maximum.at(best, groups, worth)
        fused -= CONTRAST * (means + DEVIATIONS * deviations)[groups] + np.minimum(best, CAP)[groups]
    if dates:
        fused += TIMELY * _timely(snapshot, rows, dates)
    order = np.lexsort((rows, -fused))
    return _Scored(rows[order], fused[order], cosines[order], shares[order], contrast[order])


def _timely(snapshot: Snapshot, rows: Rows, dates: list[NamedDate]) -> NDArray[np.float64]:
    """(len(rows),) 1 where the article was published at the time of one of the dates, else 0."""
    articles, of_row = np.unique(snapshot.chunk_article[rows], return_inverse=True)
    published = [snapshot.articles[article].published for article in articles]
    return np.array([float(any(named.is_of(day) for named in dates)) for day in published])[of_row]


def _once(snapshot: Snapshot, rows: Rows, k: int) -> list[int]:
    """Places in ``rows`` of the first ``k`` to be listed. Where a near copy of an article is listed already, only what that does
    not say remains of the others: one text is quoted rather than now one outlet's and now another's.
    """
    kept: list[int] = []
    listed: dict[int, set[int]] = {}
    said: dict[int, set[int]] = {}
    for at, row in enumerate(rows):
        article = int(snapshot.chunk_article[row])
        family = snapshot.articles[article].family
        articles, passages = listed.setdefault(family, set()), said.setdefault(family, set())
        if article not in articles:
            if int(snapshot.chunk_passage[row]) in passages:
                continue
            articles.add(article)
            passages.update(snapshot.chunk_passage[snapshot.rows_of(article)].tolist())
        kept.append(at)
        if len(kept) >= k:
            break
    return kept


def _candidates(snapshot: Snapshot, vector: Vectors, lexical: Scores, allowed: NDArray[np.bool_] | None, scale: int) -> Rows:
    """Sorted rows: the nearest of every language, so that no language crowds another out, and the best by words."""
    found = []
    for group in range(len(snapshot.languages)):
        of_group = None if len(snapshot.languages) == 1 else snapshot.chunk_language == group
        if allowed is not None:
            of_group = allowed if of_group is None else of_group & allowed
        found.append(dense_search(snapshot, vector, scale * DENSE_DEPTH, of_group)[0])
    worded, _ = lexical_search(lexical, scale * LEXICAL_DEPTH)
    found.append(worded if allowed is None else worded[allowed[worded]])
    return np.unique(np.concatenate(found))


def _shown(snapshot: Snapshot, options: AskOptions) -> NDArray[np.int64] | None:
    """(articles,) for an article that holds passages the row of the first that shares them and passes the filters, else -1; None
    where there are no filters and each is shown as itself."""
    if not options.narrow:
        return None
    shown = np.full(len(snapshot.articles), -1)
    for info in reversed(snapshot.articles):
        if passes(info, options):
            shown[info.entry] = info.row
    return shown


def passes(info: ArticleInfo, options: AskOptions) -> bool:
    return (
        (not options.languages or info.language in options.languages)
        and (not options.sources or info.source in options.sources)
        and (options.since is None or (info.published is not None and info.published >= options.since))
        and (options.until is None or (info.published is not None and info.published <= options.until))
    )
