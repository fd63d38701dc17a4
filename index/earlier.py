"""Reads from the live generation what a build need not make again."""

from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np

from corpus.article import Article, Chunk
from corpus.errors import ArticleQAError
from index.lexical import Words
from index.past import Content, Past, content_of, recipe
from index.snapshot import current_generation, file_digest, read_manifest
from index.store import open_store, read_article


def past_of(index: Path, chunk_size: int, today: date) -> Past:
    """Of the live generation; nothing where it was made by another recipe, is damaged, or is not there."""
    folder = current_generation(index)
    try:
        manifest = read_manifest(folder) if folder else {}
    except ArticleQAError:
        return Past()
    if folder is None or manifest.get("recipe") != recipe() or manifest["options"].get("chunk_size") != chunk_size:
        return Past()
    try:
        if any(file_digest(folder / name) != manifest["files"][name] for name in ("articles.db", "copies.npy", "lexical.bin")):
            return Past()
        return _read(folder, manifest, today)
    except (OSError, ValueError, KeyError):
        return Past()


def _read(folder: Path, manifest: dict[str, Any], today: date) -> Past:
    articles: dict[str, Article] = {}
    entries: dict[Content, int] = {}
    chunks: dict[int, list[tuple[Chunk, str, int]]] = {}
    # A day that lay in the future when it was read is no longer unknown.
    same_day = datetime.fromisoformat(manifest["created"]).astimezone().date() == today
    with closing(open_store(folder / "articles.db")) as database:
        for *columns, row, entry, origin in database.execute(
            "SELECT f.*, a.row, a.entry, a.origin FROM full_articles f JOIN articles a ON a.row = f.row ORDER BY a.row"
        ):
            article = read_article(tuple(columns), origin)
            if origin and (article.published or same_day):
                articles[origin] = article
            if entry == row:
                entries[content_of(article)] = row
        ids = dict(database.execute("SELECT row, id FROM articles"))
        for row, article_row, start, end, key in database.execute(
            'SELECT row, article, start, "end", key FROM chunks ORDER BY row'
        ):
            chunks.setdefault(article_row, []).append((Chunk(ids[article_row], start, end), key, row))
    bands = np.load(folder / "copies.npy", allow_pickle=False)
    return Past(articles, entries, chunks, bands, Words.load(folder / "lexical.bin"))
