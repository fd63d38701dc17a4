"""A corpus to what an index of it holds: articles, which of them are copies, and their passages in row order."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from corpus.article import Article, Chunk, Skipped
from corpus.chunk import chunk_article
from corpus.copies import families, same_passages
from corpus.read import read_corpus
from index.terms import embedded_text

#: Told (stage, done, total); ``total`` 0 means not known.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Passage:
    """``article``: the row of the article it is cut from; ``key``: digest of the text that is embedded; ``first``: the row of the
    first passage that says the same in another near copy of the article, its own where there is none."""

    article: int
    chunk: Chunk
    key: str
    first: int


@dataclass(frozen=True)
class Plan:
    """``entries``: for each article the row of the first with the same text, whose passages it shares; ``families``: the row of
    the first near copy. Both are the article's own row where it is the first."""

    articles: tuple[Article, ...]
    entries: tuple[int, ...]
    families: tuple[int, ...]
    passages: tuple[Passage, ...]
    skipped: tuple[Skipped, ...]

    def text(self, row: int) -> str:
        """What is embedded of the passage."""
        passage = self.passages[row]
        return _embedded(self.articles[passage.article], passage.chunk)


def plan(corpus: list[Path], chunk_size: int, progress: Progress) -> Plan:
    """Read the corpus. InputError for one that is not there."""
    articles: list[Article] = []
    skipped: list[Skipped] = []
    for item in read_corpus(corpus):
        if isinstance(item, Skipped):
            skipped.append(item)
        else:
            articles.append(item)
            progress("reading", len(articles), 0)
    entries = _entries(articles)
    own = [row for row, entry in enumerate(entries) if entry == row]
    near = dict(zip(own, (own[place] for place in families([articles[row] for row in own])), strict=True))
    passages = _passages(articles, own, near, chunk_size, progress)
    return Plan(tuple(articles), tuple(entries), tuple(near[entry] for entry in entries), passages, tuple(skipped))


def _entries(articles: list[Article]) -> list[int]:
    """The row of the first article with the same text; what is embedded differs with another title, so that is another entry."""
    seen: dict[tuple[object, ...], int] = {}
    return [
        seen.setdefault((article.digest, article.title, article.body, article.language), row)
        for row, article in enumerate(articles)
    ]


def _passages(
    articles: list[Article], own: list[int], near: dict[int, int], chunk_size: int, progress: Progress
) -> tuple[Passage, ...]:
    chunks = {}
    for done, row in enumerate(own, start=1):
        # The same words again in one article (a refrain, a line pasted a thousand times) are searched once.
        distinct = {chunk: articles[row].text[chunk.start : chunk.end] for chunk in chunk_article(articles[row], chunk_size)}
        chunks[row] = list({text: chunk for chunk, text in reversed(distinct.items())}.values())[::-1]
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
            texts = [[articles[row].text[chunk.start : chunk.end] for chunk in chunks[row]] for row in family]
            for at, place in zip(rows, same_passages(texts), strict=True):
                firsts[at] = rows[place]
    return tuple(
        Passage(row, chunk, key_of(_embedded(articles[row], chunk)), firsts[at])
        for row in own
        for at, chunk in zip(rows_of[row], chunks[row], strict=True)
    )


def key_of(text: str) -> str:
    """What an embedded text's vector is known by."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _embedded(article: Article, chunk: Chunk) -> str:
    return embedded_text(article.title, article.text[chunk.start : chunk.end])
