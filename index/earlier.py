"""Reads from the live generation what a build need not make again."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np

from corpus.article import Article, Chunk
from corpus.errors import ArticleQAError
from index.encoder import Encoder
from index.gate import REFUSED
from index.lexical import Words
from index.past import Content, Past, content_of, recipe
from index.snapshot import FILES, files_that_hold, live_or_none, read_manifest
from index.store import open_store, read_article
from index.vectors import Known, vectors_of

#: What a past is read from.
NEEDED = {"articles.db", "copies.npy", "lexical.bin"}


def earlier(index: Path, encoder: Encoder, chunk_size: int, today: date) -> tuple[Past, Known, str | None]:
    """What the live generation knows of articles that did not change; its vectors and those of the last one refused; and
    its name, if every file of it holds. Nothing of what was made by another recipe or encoder, is damaged, or is not there.
    """
    known, past, whole = Known(), Past(), None
    live = live_or_none(index)
    for folder in filter(None, (index / REFUSED, live)):
        try:
            manifest = read_manifest(folder)
            same = manifest.get("recipe") == recipe() and manifest["options"].get("chunk_size") == chunk_size
            with ThreadPoolExecutor(1) as beside:
                held = beside.submit(_vectors_that_hold, folder, manifest, encoder)
                found = _tried(folder, manifest, today) if same and folder == live else None
                holding, vectors = held.result()
            if vectors:
                known.add(*vectors)
            if folder == live:
                whole = live.name if holding == set(FILES) else None
                past = found if found and holding >= NEEDED else past
        except (ArticleQAError, OSError, ValueError, KeyError):
            continue
    return past, known, whole


def _vectors_that_hold(folder: Path, manifest: dict[str, Any], encoder: Encoder) -> tuple[set[str], tuple[list[str], Any] | None]:
    """The files of it that hold, and if they are among them, the keys of its passages with a FAISS index of their vectors."""
    holding = files_that_hold(folder, manifest)
    return holding, vectors_of(folder, manifest, encoder) if {"articles.db", "vectors.faiss"} <= holding else None


def _tried(folder: Path, manifest: dict[str, Any], today: date) -> Past | None:
    """Read while the digests are taken, which must hold before it is believed; None where it cannot be read."""
    try:
        return _read(folder, manifest, today)
    except Exception:  # bytes that nobody has vouched for yet fail in any way
        return None


def _read(folder: Path, manifest: dict[str, Any], today: date) -> Past:
    articles: dict[str, Article] = {}
    entries: dict[Content, int] = {}
    chunks: dict[int, list[tuple[Chunk, str, int]]] = {}
    names: list[str] = []
    families: list[int] = []
    encodings = {name: encoding for encoding, ids in manifest["encodings"].items() for name in ids}
    # A day that lay in the future when it was read is no longer unknown.
    same_day = datetime.fromisoformat(manifest["created"]).astimezone().date() == today
    with closing(open_store(folder / "articles.db")) as database:
        rows = "SELECT f.*, a.entry, a.family, a.origin FROM full_articles f JOIN articles a ON a.row = f.row ORDER BY a.row"
        for *columns, entry, family, origin in database.execute(rows):
            article = read_article(tuple(columns), origin)
            vars(article)["digest"] = columns[-1]  # as it stands there, like all else: taking them all again is felt
            if article.id in encodings:
                article = replace(article, encoding=encodings[article.id])
            names.append(article.id)
            families.append(family)
            if origin and (article.published or same_day):
                articles[origin] = article
            if entry == columns[0]:
                entries[content_of(article)] = entry
        rows = 'SELECT row, article, start, "end", key FROM chunks ORDER BY row'
        for row, owner, start, end, key in database.execute(rows):
            chunks.setdefault(owner, []).append((Chunk(names[owner], start, end), key, row))
    bands = np.load(folder / "copies.npy", allow_pickle=False)
    return Past(articles, families, entries, chunks, bands, Words.load(folder / "lexical.bin"))
