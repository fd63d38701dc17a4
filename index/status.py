"""What an index holds, and how the corpus moved on since."""

import json
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from corpus.article import Article
from corpus.errors import IndexDamaged, IndexNewer
from corpus.read import read_corpus
from index.gate import VERDICT
from index.past import recipe
from index.snapshot import current_generation, generations_of, read_manifest
from index.store import open_store, read_article


def last_manifest(index: Path) -> dict[str, Any] | None:
    """The live generation's manifest; where it does not hold, that of the newest generation whose does. None where nothing was
    built yet.

    IndexDamaged where no manifest holds; IndexNewer where the live one is a newer program's.
    """
    try:
        live = current_generation(index)
        return read_manifest(live) if live else None
    except IndexNewer:
        raise
    except IndexDamaged:
        for name in generations_of(index):
            with suppress(IndexDamaged):
                return read_manifest(index / name)
        raise


def status_of(folder: Path) -> dict[str, Any]:
    """Plain values from the manifest, and the bytes on disk."""
    manifest = read_manifest(folder)
    return {
        "generation": manifest["generation"],
        "created": manifest["created"],
        "articles": manifest["counts"]["articles"],
        "chunks": manifest["counts"]["chunks"],
        "skipped": manifest["counts"]["skipped"],
        "encoder": manifest["encoder"],
        "options": manifest["options"],
        "factory": manifest["factory"],
        "corpus": manifest["corpus"],
        "encodings": manifest.get("encodings", {}),
        "gate": _verdict(folder),
        "bytes": sum(path.stat().st_size for path in folder.iterdir()),
    }


def _verdict(folder: Path) -> dict[str, Any] | None:
    """What the gate measured of this generation; None where it was not asked."""
    try:
        return dict(json.loads((folder / VERDICT).read_text("utf-8")))
    except (OSError, ValueError):
        return None


def changes_since(folder: Path) -> dict[str, list[str]]:
    """Ids of the articles added, changed, renamed ("old -> new") and removed in the corpus since the generation was built.

    By digest of the text; a removed article whose text stands under a new id is renamed. What stands in the same bytes as it was
    read from is not read again.
    """
    manifest = read_manifest(folder)
    with closing(open_store(folder / "articles.db")) as database:
        rows = "SELECT f.*, a.origin FROM full_articles f JOIN articles a ON a.row = f.row"
        held = [read_article(tuple(columns), origin) for *columns, origin in database.execute(rows)]
    before = {article.id: article.digest for article in held}
    known = {article.origin: article for article in held if article.origin} if manifest.get("recipe") == recipe() else {}
    paths = [path for path in map(Path, manifest["corpus"]) if path.exists()]
    now = {item.id: item.digest for item in read_corpus(paths, known=known) if isinstance(item, Article)}
    added, removed = sorted(now.keys() - before.keys()), sorted(before.keys() - now.keys())
    renamed = []
    for old in removed:
        new = next((name for name in added if now[name] == before[old]), None)
        if new is not None:
            renamed.append((old, new))
            added.remove(new)
    return {
        "added": added,
        "changed": sorted(name for name in now.keys() & before.keys() if now[name] != before[name]),
        "renamed": [f"{old} -> {new}" for old, new in renamed],
        "removed": [old for old in removed if old not in dict(renamed)],
    }
