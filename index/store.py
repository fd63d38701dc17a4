"""The SQLite file of a generation: articles and their chunks."""

import json
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

from corpus.article import Article, Span
from index.plan import Plan

_SCHEMA = """
CREATE TABLE articles (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, path TEXT NOT NULL, title TEXT, text TEXT, body TEXT NOT NULL,
    language TEXT, source TEXT, url TEXT, published TEXT, digest TEXT NOT NULL,
    entry INTEGER NOT NULL REFERENCES articles, family INTEGER NOT NULL REFERENCES articles, origin TEXT);
CREATE TABLE chunks (
    row INTEGER PRIMARY KEY, article INTEGER NOT NULL REFERENCES articles, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    key TEXT NOT NULL, passage INTEGER NOT NULL REFERENCES chunks);
CREATE VIEW full_articles AS
    SELECT a.row, a.id, a.path, a.title, e.text, a.body, a.language, a.source, a.url, a.published, a.digest
    FROM articles a JOIN articles e ON e.row = a.entry;
"""


def write_store(path: Path, plan: Plan) -> None:
    """Write articles and passages. A text that several articles share is kept once."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=OFF")  # the file is thrown away whole if anything fails
        database.execute("PRAGMA synchronous=OFF")  # and fsynced once, by the caller
        database.executescript(_SCHEMA)
        articles = enumerate(zip(plan.articles, plan.entries, plan.families, strict=True))
        database.executemany(
            "INSERT INTO articles VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            ((*_as_row(row, one, entry == row), entry, family, one.origin) for row, (one, entry, family) in articles),
        )
        passages = enumerate(plan.passages)
        database.executemany(
            "INSERT INTO chunks VALUES (?,?,?,?,?,?)",
            ((row, one.article, one.chunk.start, one.chunk.end, one.key, one.first) for row, one in passages),
        )
        database.commit()


def open_store(path: Path) -> sqlite3.Connection:
    """Read-only. ``immutable`` because a generation never changes: no locks, no journal, a read-only folder will do."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)


def read_article(row: sqlite3.Row | tuple[object, ...], origin: str | None = None) -> Article:
    """An Article from a row of ``SELECT * FROM full_articles``."""
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
        origin=origin,
    )


def _as_row(row: int, article: Article, with_text: bool) -> tuple[object, ...]:
    published = article.published.isoformat() if article.published else None
    return (
        row, article.id, article.path, article.title, article.text if with_text else None, json.dumps(article.body),
        article.language, article.source, article.url, published, article.digest,
    )  # fmt: skip
