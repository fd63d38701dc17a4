"""The SQLite file of a generation: articles, chunks, and the lexical index over them."""

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import date
from pathlib import Path

from corpus.article import Article, Chunk, Span
from index.terms import stem, words

_SCHEMA = """
CREATE TABLE articles (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, path TEXT NOT NULL, title TEXT, text TEXT NOT NULL, body TEXT NOT NULL,
    language TEXT, source TEXT, url TEXT, published TEXT, digest TEXT NOT NULL);
CREATE TABLE chunks (
    row INTEGER PRIMARY KEY, article INTEGER NOT NULL REFERENCES articles, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    key TEXT NOT NULL);
CREATE VIRTUAL TABLE lexical USING fts5(stems, content='', tokenize='unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE vocabulary USING fts5vocab(lexical, 'row');
"""


def write_store(path: Path, articles: Iterable[Article], chunks: dict[str, list[tuple[Chunk, str]]]) -> None:
    """Write articles, their (chunk, key of the embedded text) pairs in row order, and the words of both."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=OFF")  # the file is thrown away whole if anything fails
        database.execute("PRAGMA synchronous=OFF")  # and fsynced once, by the caller
        database.executescript(_SCHEMA)
        row = 0
        for article_row, article in enumerate(articles):
            database.execute("INSERT INTO articles VALUES (?,?,?,?,?,?,?,?,?,?,?)", _as_row(article_row, article))
            for chunk, key in chunks[article.id]:
                database.execute("INSERT INTO chunks VALUES (?,?,?,?,?)", (row, article_row, chunk.start, chunk.end, key))
                database.execute("INSERT INTO lexical(rowid, stems) VALUES (?, ?)", (row + 1, stems_of(article, chunk)))
                row += 1
        database.execute("INSERT INTO lexical(lexical) VALUES ('optimize')")
        database.commit()
        database.execute("VACUUM")


def stems_of(article: Article, chunk: Chunk) -> str:
    """The stems of title and passage, in the article's language, separated by spaces."""
    text = f"{article.title or ''}\n{article.text[chunk.start : chunk.end]}"
    return " ".join(stem(word, article.language) for word in words(text))


def open_store(path: Path) -> sqlite3.Connection:
    """Read-only. ``immutable`` because a generation never changes: no locks, no journal, a read-only folder will do."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)


def read_article(row: sqlite3.Row | tuple[object, ...]) -> Article:
    """An Article from a row of ``SELECT * FROM articles``."""
    _, article_id, path, title, text, body, language, source, url, published, _ = row
    return Article(
        id=str(article_id),
        path=str(path),
        title=None if title is None else str(title),
        text=str(text),
        body=tuple(Span(start, end) for start, end in json.loads(str(body))),
        language=None if language is None else str(language),
        source=None if source is None else str(source),
        url=None if url is None else str(url),
        published=None if published is None else date.fromisoformat(str(published)),
    )


def _as_row(row: int, article: Article) -> tuple[object, ...]:
    published = article.published.isoformat() if article.published else None
    return (
        row, article.id, article.path, article.title, article.text, json.dumps(article.body), article.language,
        article.source, article.url, published, article.digest,
    )  # fmt: skip
