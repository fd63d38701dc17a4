"""A corpus to what an index of it holds: articles, which of them are copies, and their passages in row order."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from corpus.article import Article, Chunk, Skipped
from corpus.chunk import chunk_article
from corpus.copies import BANDS, Keys, band_keys, families, same_passages
from corpus.read import read_corpus
from index.past import Content, Past, content_of
from index.terms import embedded_text, stem, words

#: Told (stage, done, total); ``total`` 0 means not known.
Progress = Callable[[str, int, int], None]
#: A chunk, the key of its text, and its row in the live generation where it is taken over from there.
Cut = tuple[Chunk, str, int | None]


class Passage(NamedTuple):
    """``article``: the row of the article it is cut from; ``key``: digest of the text that is embedded; ``first``: the row of the
    first passage that says the same in another near copy of the article, its own where there is none; ``past``: its row in the
    live generation, where it was taken over from there."""

    article: int
    chunk: Chunk
    key: str
    first: int
    past: int | None


@dataclass(frozen=True)
class Plan:
    """``entries``: for each article the row of the first with the same text, whose passages it shares; ``families``: the row of
    the first near copy. Both are the article's own row where it is the first. ``bands``: (articles, bands), of the entries what
    ``corpus.copies.band_keys`` made of them."""

    articles: tuple[Article, ...]
    entries: tuple[int, ...]
    families: tuple[int, ...]
    passages: tuple[Passage, ...]
    skipped: tuple[Skipped, ...]
    bands: Keys

    def text(self, row: int) -> str:
        """What is embedded of the passage."""
        passage = self.passages[row]
        return _embedded(self.articles[passage.article], passage.chunk)

    def encodings(self) -> dict[str, list[str]]:
        """Ids of the articles whose files were not in UTF-8, by what they were read as."""
        found: dict[str, list[str]] = {}
        for article in self.articles:
            if article.encoding:
                found.setdefault(article.encoding, []).append(article.id)
        return found


def plan(corpus: list[Path], chunk_size: int, progress: Progress, past: Past | None = None) -> Plan:
    """Read the corpus; what ``past`` knows of it is taken from there. InputError for a corpus that is not there."""
    past = past or Past()
    articles: list[Article] = []
    skipped: list[Skipped] = []

    def read(share: float) -> None:
        # How many there are is not known before they are read, but about which share of them this is.
        done = len(articles) + 1
        progress("reading", done, max(done + 1, round(done / share)) if share else 0)

    for item in read_corpus(corpus, known=past.articles, progress=read):
        (skipped if isinstance(item, Skipped) else articles).append(item)  # type: ignore[arg-type]
    progress("reading", len(articles), len(articles))
    entries = _entries(articles)
    own = [row for row, entry in enumerate(entries) if entry == row]
    before = {row: entry for row in own if (entry := past.entries.get(content_of(articles[row]))) is not None}
    bands = _bands(articles, own, before, past, progress)
    if len(own) == len(past.entries) and all(before.get(row) == row for row in own):
        near = {row: past.families[row] for row in own}  # the same texts in the same order: the same families
    else:
        places = families([articles[row] for row in own], bands[own], partial(progress, "comparing"))
        near = dict(zip(own, (own[place] for place in places), strict=True))
    passages = _passages(articles, own, near, chunk_size, progress, before, past)
    return Plan(tuple(articles), tuple(entries), tuple(near[entry] for entry in entries), passages, tuple(skipped), bands)


def _bands(articles: list[Article], own: list[int], before: dict[int, int], past: Past, progress: Progress) -> Keys:
    """``before``: the rows in ``past`` of those that it knows."""
    found = np.zeros((len(articles), BANDS), dtype=np.uint32)
    found[list(before)] = past.bands[list(before.values())] if before else 0
    fresh = [row for row in own if row not in before]
    found[fresh] = band_keys([articles[row] for row in fresh], partial(progress, "sketching"))
    return found


def _entries(articles: list[Article]) -> list[int]:
    """The row of the first article with the same text; what is embedded differs with another title, so that is another entry."""
    seen: dict[Content, int] = {}
    return [seen.setdefault(content_of(article), row) for row, article in enumerate(articles)]


def _passages(
    articles: list[Article],
    own: list[int],
    near: dict[int, int],
    chunk_size: int,
    progress: Progress,
    before: dict[int, int],
    past: Past,
) -> tuple[Passage, ...]:
    chunks: dict[int, list[Cut]] = {}
    for done, row in enumerate(own, start=1):
        if row not in before:
            chunks[row] = [(chunk, key_of(_embedded(articles[row], chunk)), None) for chunk in _cut(articles[row], chunk_size)]
        else:
            name = articles[row].id
            same = past.chunks.get(before[row], [])
            renamed = same and same[0][0].article_id != name
            chunks[row] = [(chunk._replace(article_id=name), key, at) for chunk, key, at in same] if renamed else list(same)
        progress("cutting", done, len(own))
    rows_of: dict[int, range] = {}
    end = 0
    for row in own:
        rows_of[row] = range(end, end + len(chunks[row]))
        end += len(chunks[row])
    firsts = list(range(end))
    members: dict[int, list[int]] = {}
    for row in own:
        members.setdefault(near[row], []).append(row)
    for family in members.values():
        if len(family) > 1:
            rows = [at for row in family for at in rows_of[row]]
            texts = [[articles[row].text[chunk.start : chunk.end] for chunk, _, _ in chunks[row]] for row in family]
            for at, place in zip(rows, same_passages(texts), strict=True):
                firsts[at] = rows[place]
    return tuple(
        Passage(row, chunk, key, firsts[at], taken)
        for row in own
        for at, (chunk, key, taken) in zip(rows_of[row], chunks[row], strict=True)
    )


def _cut(article: Article, chunk_size: int) -> list[Chunk]:
    # The same words again in one article (a refrain, a line pasted a thousand times) are searched once.
    distinct = {chunk: article.text[chunk.start : chunk.end] for chunk in chunk_article(article, chunk_size)}
    return list({text: chunk for chunk, text in reversed(distinct.items())}.values())[::-1]


def stems_of(plan: Plan, row: int) -> list[str]:
    """The stems of a passage and of its article's title, in the article's language, in order."""
    passage = plan.passages[row]
    article = plan.articles[passage.article]
    text = f"{article.title or ''}\n{article.text[passage.chunk.start : passage.chunk.end]}"
    return [stem(word, article.language) for word in words(text)]


def key_of(text: str) -> str:
    """What an embedded text's vector is known by."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _embedded(article: Article, chunk: Chunk) -> str:
    return embedded_text(article.title, article.text[chunk.start : chunk.end])
