"""One immutable generation of the index: saved beside the live one, checked, swapped in by a rename, opened to read.

<index>/CURRENT                  the name of the live generation
<index>/<generation>/manifest.json  options, encoder, counts, digests of the files below
                     manifest.sha256  its own digest; generations made before it was kept have none
                     articles.db    articles and chunks (SQLite)
                     vectors.faiss  a FAISS index of unit vectors, row i = chunk i
                     lexical.bin    how often which stem stands in which chunk
                     background.npy vectors of the background passages
                     copies.npy     what near copies are found by; for later builds
"""

import hashlib
import json
import os
import sqlite3
import sys
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path
from typing import IO, Any

import faiss
import numpy as np
from numpy.typing import NDArray

from corpus.article import Article, Chunk
from corpus.errors import IndexDamaged, IndexMissing, IndexNewer
from index.collector import uncollected
from index.lexical import Words
from index.locks import hold
from index.plan import Progress
from index.statistics import SAMPLE, LanguageStatistics
from index.store import open_store, read_article

FORMAT = 3
FILES = ("articles.db", "vectors.faiss", "lexical.bin", "background.npy", "copies.npy")
SEAL = "manifest.sha256"
REBUILD = "python -m index build"
#: What every manifest says, and what below that.
SAID: dict[str, tuple[str, ...]] = {
    "generation": (), "created": (), "corpus_digest": (), "corpus": (), "options": (), "factory": (), "skipped": (), "files": (),
    "encoder": ("name", "fingerprint", "dimension", "precision"), "counts": ("articles", "chunks", "skipped"),
    "background": ("languages",),
}  # fmt: skip
#: Vectors checked at a time.
PART = 50_000


@dataclass(frozen=True)
class ArticleInfo:
    """What search, filters and lists of sources need of an article without its text.

    ``row``: its own; ``entry``: that of the first article with the same text, which holds the chunks of all; ``family``: that of
    the first near copy; ``digest``: of its text.
    """

    published: date | None
    row: int
    entry: int
    family: int
    id: str
    path: str
    digest: str
    title: str | None
    language: str | None
    source: str | None


class Snapshot:
    """An opened generation. Any number of threads may read it; nothing in it ever changes.

    ``chunk_article``, ``chunk_start``, ``chunk_end``, ``chunk_passage``: int64 arrays over the chunks. The first holds article
    rows, the last the row of the first chunk that says the same in another near copy of the article.
    """

    def __init__(self, folder: Path, manifest: dict[str, Any], vectors: Any, words: Words, held: IO[bytes]):
        """``held``: keeps the generation from being removed for as long as the snapshot is in use."""
        self.folder = folder
        self._held = held
        self.manifest = manifest
        self.vectors = vectors
        self.words = words
        self._databases: dict[threading.Thread, sqlite3.Connection] = {}
        # A connection is part of a cycle (its cache of statements holds it): the collector would leave its file open for long.
        weakref.finalize(self, _close, self._databases)
        rows = self.query('SELECT article, start, "end", passage FROM chunks ORDER BY row')
        table = np.fromiter(chain.from_iterable(rows), np.int64, 4 * len(rows)).reshape(-1, 4)
        self.chunk_article, self.chunk_start, self.chunk_end, self.chunk_passage = table.T
        self.articles = [
            ArticleInfo(date.fromisoformat(published) if published else None, *row)
            for published, *row in self.query(
                "SELECT published, row, entry, family, id, path, digest, title, language, source FROM articles ORDER BY row"
            )
        ]
        self._row_of = {info.id: info.row for info in self.articles}
        self._families: dict[int, list[ArticleInfo]] = {}
        for info in self.articles:
            self._families.setdefault(info.family, []).append(info)
        languages = sorted({info.language or "" for info in self.articles})
        self.languages = tuple(languages)
        of_article = np.array([languages.index(info.language or "") for info in self.articles], dtype=np.int64)
        #: (chunks,) the position in ``languages`` of each chunk's article language; "" stands for unknown.
        self.chunk_language: NDArray[np.int64] = of_article[self.chunk_article] if len(of_article) else np.zeros(0, np.int64)
        #: (languages,) how many.
        self.passages_in = np.bincount(self.chunk_language, minlength=len(languages))
        self.language_statistics = LanguageStatistics(self._own_vectors(), self._background(), self.languages)

    @property
    def generation(self) -> str:
        return self.folder.name

    @property
    def size(self) -> int:
        """The number of chunks."""
        return len(self.chunk_article)

    def query(self, sql: str, values: tuple[Any, ...] | list[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of a read-only statement; each thread has its own connection."""
        thread = threading.current_thread()
        if thread not in self._databases:
            _close(self._databases, of_ended=True)
            self._databases[thread] = open_store(self.folder / "articles.db")
        return list(self._databases[thread].execute(sql, values))

    def _own_vectors(self) -> dict[str, NDArray[np.float32]]:
        """Vectors of evenly spaced chunks of each language, at most SAMPLE."""
        found = {}
        for group, language in enumerate(self.languages):
            of_group = np.flatnonzero(self.chunk_language == group)
            found[language] = self.vectors_of(of_group[:: max(1, -(-len(of_group) // SAMPLE))])
        return found

    def _background(self) -> dict[str, NDArray[np.float32]]:
        vectors = np.load(self.folder / "background.npy")
        of_row = np.array(self.manifest["background"]["languages"])
        return {str(language): vectors[of_row == language] for language in np.unique(of_row)}

    def article(self, row: int) -> Article:
        return read_article(self.query("SELECT * FROM full_articles WHERE row = ?", (int(row),))[0])

    def article_by_id(self, article_id: str) -> Article | None:
        row = self._row_of.get(article_id)
        return None if row is None else self.article(row)

    def family(self, row: int) -> list[ArticleInfo]:
        """The article of that row and all copies of it, exact and near, in row order."""
        return self._families[self.articles[row].family]

    def copies_of(self, article_id: str) -> list[ArticleInfo]:
        """The other articles that hold the same text, or nearly, in row order; none for an unknown article."""
        row = self._row_of.get(article_id)
        return [] if row is None else [info for info in self.family(row) if info.row != row]

    def rows_of(self, article: int) -> range:
        """The chunks of the article of that row; none where they are kept with another one that has the same text."""
        return range(*np.searchsorted(self.chunk_article, [article, article + 1]).tolist())

    def chunk(self, row: int) -> Chunk:
        info = self.articles[self.chunk_article[row]]
        return Chunk(info.id, int(self.chunk_start[row]), int(self.chunk_end[row]))

    def vectors_of(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """(len(rows), dimension) the stored vectors of some chunks."""
        if not len(rows):
            return np.zeros((0, self.manifest["encoder"]["dimension"]), dtype=np.float32)
        return np.asarray(self.vectors.reconstruct_batch(rows.astype(np.int64)), dtype=np.float32)


def _close(databases: dict[threading.Thread, sqlite3.Connection], of_ended: bool = False) -> None:
    """All of them, or those of threads that have ended. Other threads may do the same at once."""
    for thread in list(databases):
        if not (of_ended and thread.is_alive()) and (database := databases.pop(thread, None)):
            database.close()


def current_generation(index: Path) -> Path | None:
    """The live generation's folder, or None where nothing was built yet."""
    try:
        name = (index / "CURRENT").read_text().strip()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise IndexDamaged(f"{index / 'CURRENT'} cannot be read: rebuild with {REBUILD}") from error
    if not name or "/" in name or "\0" in name or name.startswith("."):
        raise IndexDamaged(f"{index / 'CURRENT'} names no generation: rebuild with {REBUILD}")
    return index / name


def live_or_none(index: Path) -> Path | None:
    """The live generation's folder; None also where ``CURRENT`` does not tell it."""
    try:
        return current_generation(index)
    except IndexDamaged:
        return None


def live_generation(index: Path) -> Path:
    """The live generation's folder. IndexMissing where nothing was built yet."""
    folder = current_generation(index)
    if folder is None:
        raise IndexMissing(f"no index in {index}: make one with {REBUILD} --index {index}")
    return folder


def open_snapshot(index: Path) -> Snapshot:
    """Open the live generation after checking the digest of every file; where it does not hold, the newest that does.

    Says so on stderr. IndexMissing; IndexDamaged where there is none.
    """
    try:
        live = live_generation(index)
        try:
            return open_generation(live)
        except IndexDamaged:
            # Two builds may have come in between: what was live has been removed since.
            if current_generation(index) == live:
                raise
            return open_generation(live_generation(index))
    except IndexDamaged as damage:
        for name in generations_of(index):
            try:
                snapshot = open_generation(index / name)
            except IndexDamaged:
                continue
            print(f"{damage}. Answering from {name}, the newest generation that holds", file=sys.stderr)
            return snapshot
        raise


def open_generation(folder: Path) -> Snapshot:
    """Open one generation; IndexDamaged names the file that does not hold."""
    held = hold(folder)
    vectors, words, problems = _checked(folder, deep=False)
    if problems or words is None:
        raise IndexDamaged(with_remedy(problems[0]))
    with uncollected():
        return Snapshot(folder, read_manifest(folder), vectors, words, held)


def with_remedy(problem: str) -> str:
    """What is wrong with a generation, and what mends it."""
    if REBUILD in problem:
        return problem
    return f"index damaged: {problem}; rebuild with {REBUILD} or go back with python -m index rollback"


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest, of this format or an older one, or IndexDamaged saying what is wrong with it."""
    path = folder / "manifest.json"
    try:
        data = path.read_bytes()
        manifest = json.loads(data)
    except OSError as error:
        raise IndexDamaged(f"{path} cannot be read ({error.strerror}); rebuild with {REBUILD}") from error
    except ValueError as error:
        raise IndexDamaged(f"{path} is not JSON; rebuild with {REBUILD}") from error
    found = manifest.get("format") if isinstance(manifest, dict) else None
    if not isinstance(found, int) or found < 1:
        raise IndexDamaged(f"{path} has no format number; rebuild with {REBUILD}")
    if not _sealed(folder, data):  # before the format is believed: one bit makes it a newer program's
        raise IndexDamaged(f"{path}: its digest is not the one in {SEAL}; rebuild with {REBUILD}")
    if found > FORMAT:
        raise IndexNewer(
            f"{path} is of format {found}, this program reads up to {FORMAT}: use the newer program, or another --index"
        )
    for name, parts in SAID.items():
        if name not in manifest or (parts and not (isinstance(manifest[name], dict) and manifest[name].keys() >= set(parts))):
            raise IndexDamaged(f"{path} lacks {name}, or a part of it; rebuild with {REBUILD}")
    return dict(manifest)


def _sealed(folder: Path, manifest: bytes) -> bool:
    try:
        return (folder / SEAL).read_bytes().strip() == hashlib.sha256(manifest).hexdigest().encode()
    except FileNotFoundError:
        return True
    except OSError:
        return False


def check_generation(folder: Path, deep: bool = False, progress: Progress = lambda stage, done, total: None) -> list[str]:
    """What is wrong with a generation, a line each naming the file; empty if it holds.

    Always: digests and sizes of the files, equal numbers of chunks, vectors and lexical rows. ``deep``: every article's
    digest, every chunk inside a body span of its article, every vector of unit length.
    """
    return _checked(folder, deep, progress)[-1]


def files_that_hold(folder: Path, manifest: dict[str, Any]) -> set[str]:
    """The names of the files whose digest is the manifest's."""
    with ThreadPoolExecutor() as threads:
        digests = threads.map(_digest_or_none, [folder / name for name in FILES])
        return {name for name, digest in zip(FILES, digests, strict=True) if digest and digest == manifest["files"].get(name)}


def _digest_or_none(path: Path) -> str | None:
    try:
        return file_digest(path)
    except OSError:
        return None


def _checked(
    folder: Path, deep: bool, progress: Progress = lambda stage, done, total: None
) -> tuple[Any, Words | None, list[str]]:
    """The FAISS index and the words, read once for checking and for searching (None if their bytes do not hold), and what is
    wrong."""
    try:
        manifest = read_manifest(folder)
    except IndexDamaged as error:
        return None, None, [str(error)]
    if manifest["format"] < FORMAT:
        old = f"{folder} is of format {manifest['format']}, this program reads {FORMAT}: bring it up to date with {REBUILD}"
        return None, None, [old]
    progress("checking digests", 0, 0)
    holding = files_that_hold(folder, manifest)
    problems = [
        f"{folder / name}: its digest is not the one in the manifest" if os.access(folder / name, os.R_OK)
        else f"{folder / name}: cannot be read"
        for name in FILES if name not in holding
    ]  # fmt: skip
    if problems:
        return None, None, problems
    # Digests hold, so FAISS reads the bytes it wrote: it has no checksums of its own and would not notice.
    vectors = faiss.read_index(str(folder / "vectors.faiss"))
    words = Words.load(folder / "lexical.bin")
    database = open_store(folder / "articles.db")
    try:
        counts = {
            "articles.db chunks": database.execute("SELECT count(*) FROM chunks").fetchone()[0],
            "lexical.bin": len(words),
            "vectors.faiss": vectors.ntotal,
        }
        wanted = manifest["counts"]["chunks"]
        problems += [f"{folder}: {name} has {count} rows, {wanted} expected" for name, count in counts.items() if count != wanted]
        if deep and not problems:
            problems += _check_rows(folder, database, vectors, manifest["counts"], progress)
    finally:
        database.close()
    return vectors, words, problems


def _check_rows(folder: Path, database: Any, vectors: Any, counts: dict[str, int], progress: Progress) -> list[str]:
    problems = []
    bodies = {}
    for done, row in enumerate(database.execute("SELECT * FROM full_articles"), start=1):
        progress("checking articles", done, counts["articles"])
        article = read_article(row)
        bodies[row[0]] = article.body
        if article.digest != row[-1]:
            problems.append(f"{folder / 'articles.db'}: the text of {article.id} does not match its digest")
    for row, article_row, start, end in database.execute('SELECT row, article, start, "end" FROM chunks ORDER BY row'):
        if row % 1000 == 999:
            progress("checking passages", row + 1, counts["chunks"])
        if not any(span.start <= start < end <= span.end for span in bodies.get(article_row, ())):
            problems.append(f"{folder / 'articles.db'}: chunk {row} lies outside its article's body")
    for start in range(0, vectors.ntotal, PART):
        lengths = np.linalg.norm(vectors.reconstruct_n(start, min(PART, vectors.ntotal - start)), axis=1)
        for row in np.flatnonzero(np.abs(lengths - 1) > 1e-3):
            problems.append(f"{folder / 'vectors.faiss'}: row {start + row} is no unit vector")
        progress("checking vectors", start + len(lengths), vectors.ntotal)
    return problems


def generations_of(index: Path) -> list[str]:
    """Names of the generation folders, newest first (their names begin with the time of the build)."""
    if not index.is_dir():
        return []
    complete = (path.name for path in index.iterdir() if path.name[0] != "." and (path / "manifest.json").is_file())
    return sorted(complete, reverse=True)


def file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
