"""The list of all articles as a table to search and sort, and what the last build did. Pure: a snapshot in, HTML out."""

import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Any

from corpus.console import visible
from index.snapshot import ArticleInfo, Snapshot
from qa.cards import article_address
from qa.lines import in_words
from qa.markup import escape, lang_of, said
from qa.page_reports import gate_told
from qa.page_texts import Interface, language_name, words
from qa.texts import day

#: Rows of a page of the table, and skipped files that are named.
ROWS = 50
MOST_SKIPPED = 100
Key = Callable[[ArticleInfo], Any]
#: What the table can be sorted by, and how; what is not known comes last.
SORTS: dict[str, tuple[Key, bool]] = {
    "newest": (lambda info: info.published or date.min, True),
    "oldest": (lambda info: info.published or date.max, False),
    "by_title": (lambda info: _folded(info.title or "\U0010ffff"), False),
    "by_source": (lambda info: _folded(info.source or "\U0010ffff"), False),
    "by_language": (lambda info: info.language or "\U0010ffff", False),
    "by_copies": (lambda info: 0, True),
}


def found_in(snapshot: Snapshot, search: str, sort: str) -> list[ArticleInfo]:
    """The articles whose title, outlet, file or language hold every word searched for, sorted; ties by row."""
    asked = [_folded(word) for word in search.split()[:20]]

    def told(info: ArticleInfo) -> str:
        names = [language_name(info.language, ui_language) for ui_language in ("en", "fr")] if info.language else []
        return _folded(" ".join([info.title or "", info.source or "", info.path, info.language or "", *names]))

    matching = [info for info in snapshot.articles if all(word in told(info) for word in asked)]
    if sort == "by_copies":
        return sorted(matching, key=lambda info: -len(snapshot.family(info.row)))
    key, last_first = SORTS.get(sort, SORTS["newest"])
    return sorted(matching, key=key, reverse=last_first)


def articles_table(snapshot: Snapshot, search: str, sort: str, page: int, ui_language: Interface) -> str:
    """One page of the table, from 1, under a line that says how many there are."""
    matching = found_in(snapshot, search, sort)
    pages = max(1, -(-len(matching) // ROWS))
    page = min(max(page, 1), pages)
    shown = matching[(page - 1) * ROWS : page * ROWS]
    counted = said("table_count", ui_language, count=len(matching), page=page, pages=pages)
    names = ("title_column", "source_column", "date_column", "language_column", "copies_column", "file_column")
    head = "".join(f'<th scope="col">{said(name, ui_language)}</th>' for name in names)
    rows = "".join(_row(snapshot, info, ui_language) for info in shown)
    return (
        f'<p class="aqa-note" role="status">{counted}</p><div class="aqa-scroll" tabindex="0" role="region" '
        f'aria-label="{said("articles", ui_language)}"><table class="aqa-table"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def build_report(snapshot: Snapshot, gate: dict[str, Any] | None, ui_language: Interface) -> str:
    """What the live generation holds, what was left out and why, and what the gate measured of it."""
    manifest = snapshot.manifest
    counts = manifest["counts"]
    created = manifest["created"][:16].replace("T", " ")
    told = words("built", ui_language, articles=counts["articles"], chunks=counts["chunks"], created=created)
    verdict = gate_told(gate, ui_language) if gate else words("no_gate", ui_language)
    skipped = "".join(
        f"<li><bdi>{escape(visible(path))}</bdi>: {escape(in_words(reason, ui_language))}</li>"
        for path, reason in manifest["skipped"][:MOST_SKIPPED]
    )
    left_out = f"<details><summary>{said('skipped', ui_language, count=counts['skipped'])}</summary><ul>{skipped}</ul></details>"
    return (
        f'<p>{escape(told)} <span class="aqa-note">{escape(snapshot.generation)}</span></p>'
        f'<p class="aqa-note">{said("gate", ui_language)} {escape(verdict)}</p>{left_out if skipped else ""}'
    )


def _row(snapshot: Snapshot, info: ArticleInfo, ui_language: Interface) -> str:
    title = escape(info.title) if info.title else said("untitled", ui_language)
    address = escape(article_address(info.id, None, ui_language))
    cells = (
        f'<a href="{address}" target="_blank" rel="noopener" dir="auto"{lang_of(info.language)}>{title}</a>',
        f"<bdi>{escape(info.source)}</bdi>" if info.source else said("unknown", ui_language),
        escape(day(info.published, ui_language)) if info.published else said("unknown", ui_language),
        escape(language_name(info.language, ui_language)),
        str(len(snapshot.family(info.row)) - 1),
        f"<bdi>{escape(visible(info.path))}</bdi>",
    )
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _folded(text: str) -> str:
    """Without accents and case, as people type when they look for something."""
    return "".join(c for c in unicodedata.normalize("NFKD", text).casefold() if not unicodedata.combining(c))
