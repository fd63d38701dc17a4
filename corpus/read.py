"""Folders and files to articles, in a stable order. A bad file is named and passed over; the run is never lost."""

import hashlib
import json
import os
import re
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import trafilatura

from corpus.article import Article, Skipped
from corpus.chrome import fold
from corpus.clean import clean
from corpus.dates import parse_iso
from corpus.decode import NotText, decode, well_formed
from corpus.errors import InputError
from corpus.hidden import without_hidden
from corpus.language import detect_language
from corpus.published import agreed, date_lines, head_date

SUFFIXES = (".txt", ".md", ".html", ".htm", ".jsonl")
#: A file above this is no article, and reading it would be felt by everything else.
LARGEST_FILE = 50_000_000
NO_TEXT = "no article text found in the page"
_VISIBLE = re.compile(r"\w")


def read_corpus(
    paths: Iterable[Path],
    today: date | None = None,
    known: Mapping[str, Article] | None = None,
    progress: Callable[[float], None] = lambda share: None,
) -> Iterator[Article | Skipped]:
    """Every article below the given folders and in the given files, each once, with a unique id.

    A file's id is its path below the given folder, a .jsonl line's its ``id``. An id met twice (the same file name under two
    given folders) gets ``~2``, ``~3``, the first that is free. Links are not followed. ``today`` bounds publication dates.
    ``known``: articles by their ``origin``, which are not read again where name and bytes are the same. ``progress``: told before
    each article about which share of all bytes is behind it. Raises InputError for a given path that does not exist.
    """
    today = today or date.today()
    known = known or {}
    seen: dict[str, int] = {}
    listed = [found for root in paths for found in _files(Path(root))]
    sizes = [0 if isinstance(found, Skipped) else _size(found[0]) for found in listed]
    read, total = 0, max(1, sum(sizes))
    for found, size in zip(listed, sizes, strict=True):
        within, lines = 0, not isinstance(found, Skipped) and found[0].suffix.lower() == ".jsonl"
        for item in [found] if isinstance(found, Skipped) else _read_file(*found, today, known):
            if isinstance(item, Article):
                # Of a page one article comes, of lines one after the other: about their texts are behind.
                within = min(size, within + len(item.text)) if lines else size
                progress((read + within) / total)
                wanted, number = item.id, seen.get(item.id, 0) + 1
                while number > 1 and f"{wanted}~{number}" in seen:
                    number += 1
                seen[wanted] = number
                if number > 1:
                    # Known by another id than it was read with, it must be read again.
                    item = replace(item, id=f"{wanted}~{number}", origin=None)
                    seen[item.id] = 1
            yield item
        read += size


def _size(path: Path) -> int:
    """Of what will be read of it, in bytes; 0 for what is no file."""
    try:
        info = path.lstat()
    except OSError:
        return 0
    readable = stat.S_ISREG(info.st_mode) and path.suffix.lower() in SUFFIXES and info.st_size <= LARGEST_FILE
    return info.st_size if readable else 0


def _files(root: Path) -> Iterator[tuple[Path, str] | Skipped]:
    """(file, its name for people and as id), sorted; hidden ones are left alone, folders that cannot be walked are named."""
    if root.is_file():
        yield root, _printable(root.name)
        return
    if not root.is_dir():
        raise InputError(f"no corpus at {root}: give --corpus a folder or a {', '.join(SUFFIXES)} file that exists")
    found: list[tuple[str, Path]] = []
    passed_over: list[Skipped] = []

    def name_of(path: Path) -> str:
        return _printable(path.relative_to(root).as_posix())

    def unreadable(error: OSError) -> None:
        passed_over.append(Skipped(name_of(Path(error.filename)), f"a folder that cannot be read: {error.strerror}"))

    for folder, subfolders, names in os.walk(root, onerror=unreadable):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        links = [path for name in subfolders if (path := Path(folder) / name).is_symlink()]
        passed_over += [Skipped(name_of(link), "a link; links are not followed") for link in links]
        paths = [Path(folder) / name for name in names if not name.startswith(".")]
        found += [(name_of(path), path) for path in paths]
    yield from sorted(passed_over, key=lambda skipped: skipped.path)
    for name, path in sorted(found):
        yield path, name


def _printable(name: str) -> str:
    """File names are bytes: what is not UTF-8 in one is shown escaped."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _read_file(file: Path, name: str, today: date, known: Mapping[str, Article]) -> Iterator[Article | Skipped]:
    suffix = file.suffix.lower()
    if suffix not in SUFFIXES:
        return
    try:
        mode = file.lstat().st_mode
        if stat.S_ISLNK(mode):
            yield Skipped(name, "a link; links are not followed")
            return
        if not stat.S_ISREG(mode):
            yield Skipped(name, "not a regular file")
            return
        if file.stat().st_size > LARGEST_FILE:
            yield Skipped(name, f"larger than {LARGEST_FILE // 1_000_000} MB, the most that is read: split it into several files")
            return
        data = _whole(file)
        if data is None:
            yield Skipped(name, "still being written: build again once it is whole")
            return
    except OSError as error:
        yield Skipped(name, f"cannot be read: {error.strerror}")
        return
    origin = _origin(name, data)
    if origin in known:
        yield known[origin]
        return
    try:
        text, encoding = decode(data)
    except NotText as error:
        yield Skipped(name, str(error))
        return
    if not _VISIBLE.search(text):
        yield Skipped(name, "empty")
    elif suffix == ".jsonl":
        yield from _read_jsonl(text, encoding, name, today, known)
    elif suffix in (".html", ".htm"):
        yield _from(origin, encoding, _read_html(text, name, today))
    else:
        yield _from(origin, encoding, _read_plain(text, name, today))


def _origin(name: str, data: bytes) -> str:
    """Digest of what an article is read from."""
    return hashlib.sha256(name.encode("utf-8", "surrogatepass") + b"\0" + data).hexdigest()


def _from(origin: str, encoding: str, item: Article | Skipped) -> Article | Skipped:
    known = None if encoding == "utf-8" else encoding
    return replace(item, origin=origin, encoding=known) if isinstance(item, Article) else item


def _whole(file: Path) -> bytes | None:
    """The file's bytes as they were at one moment, read again once if it changed; None if it still changes."""
    for _ in range(2):
        with file.open("rb") as opened:
            before = os.fstat(opened.fileno())
            data = opened.read(LARGEST_FILE + 1) if before.st_size <= LARGEST_FILE else b""
        after = file.stat()
        same = (before.st_ino, before.st_size, before.st_mtime_ns) == (after.st_ino, after.st_size, after.st_mtime_ns)
        if same and len(data) == before.st_size:
            return data
    return None


def _read_plain(text: str, name: str, today: date) -> Article | Skipped:
    head = text.lstrip()[:200].lower()
    if head.startswith(("<!doctype html", "<html")):
        return Skipped(name, "HTML in a text file; rename it to .html")
    if head.startswith(("{", "[")) and _is_json(text):
        return Skipped(name, "JSON in a text file; rename it to .jsonl, one object a line")
    if head.startswith(("<?xml", "<rss", "<feed")):
        return Skipped(name, "XML in a text file (a feed?); save its articles as .html or .jsonl")
    if _is_table(text):
        return Skipped(name, "a table in a text file; save its rows as .jsonl, one object a line")
    return _article(name, name, text, today)


def _read_html(html: str, name: str, today: date) -> Article | Skipped:
    page = trafilatura.load_html(html)
    if page is None:
        return Skipped(name, NO_TEXT)
    published, said = head_date(page, today), date_lines(without_hidden(page))
    document = trafilatura.bare_extraction(page, include_comments=False, include_tables=True, with_metadata=True)
    extracted = getattr(document, "text", None)
    if not extracted or not _VISIBLE.search(extracted):
        return Skipped(name, NO_TEXT)
    text = well_formed(re.sub(r"\n+", "\n\n", extracted))
    read = _article(
        name,
        name,
        text,
        today,
        title=_text_or_none(getattr(document, "title", None)),
        published=published,
        source=_text_or_none(getattr(document, "sitename", None)),
        url=_text_or_none(getattr(document, "url", None)),
    )
    if isinstance(read, Article) and read.published is None:
        return replace(read, published=agreed(said, read.language, today))
    return read


def _read_jsonl(text: str, encoding: str, name: str, today: date, known: Mapping[str, Article]) -> Iterator[Article | Skipped]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        # A line is known again by its text, so it must not be taken for one of a file in another encoding.
        origin = _origin(name, f"{encoding} {line}".encode())
        if origin in known:
            yield known[origin]
            continue
        place = f"{name} line {number}"
        try:
            record = json.loads(line)
        except (json.JSONDecodeError, RecursionError):
            yield Skipped(place, "not JSON")
            continue
        except ValueError:
            yield Skipped(place, f"a number of more than {sys.get_int_max_str_digits()} digits: put it in quotes")
            continue
        if not isinstance(record, dict) or not isinstance(record.get("text"), str) or "id" not in record:
            yield Skipped(place, 'needs an object with "id" and "text"')
        elif not isinstance(record["id"], str | int) or isinstance(record["id"], bool) or not str(record["id"]).strip():
            yield Skipped(place, '"id" must be a non-empty string')
        elif not _VISIBLE.search(record["text"]):
            yield Skipped(place, "empty")
        else:
            read = _article(
                well_formed(str(record["id"])),
                name,
                well_formed(record["text"]).replace("\r\n", "\n").replace("\r", "\n"),
                today,
                title=_text_or_none(record.get("title")),
                published=parse_iso(record.get("date"), today),
                source=_text_or_none(record.get("source")),
                url=_text_or_none(record.get("url")),
                language=_language_code(record.get("lang")),
            )
            yield _from(origin, encoding, read)


def _article(
    article_id: str,
    path: str,
    text: str,
    today: date,
    *,
    title: str | None = None,
    published: date | None = None,
    source: str | None = None,
    url: str | None = None,
    language: str | None = None,
) -> Article | Skipped:
    first_guess = language or detect_language(text)
    cleaned = clean(text, first_guess, today, title, source)
    if not cleaned.body:
        return Skipped(path, "nothing but boilerplate (menus, notices, lists of links)")
    body = " ".join(span.of(text) for span in cleaned.body)
    return Article(
        id=article_id,
        path=path,
        title=cleaned.title,
        text=text,
        body=cleaned.body,
        language=language or detect_language(body),
        source=source,
        url=url,
        published=published or cleaned.published,
    )


def _is_json(text: str) -> bool:
    try:
        json.loads(text, parse_int=str)  # as numbers, those of thousands of digits are refused
    except (json.JSONDecodeError, RecursionError):
        return text.count("\n{") > 1
    return True


def _is_table(text: str) -> bool:
    """Do the first lines all have the same number of fields, four or more, as prose never has?"""
    lines = [line for line in text[:20_000].split("\n")[:20] if line.strip()]
    if len(lines) < 4:
        return False
    return any(len({line.count(sign) for line in lines}) == 1 and lines[0].count(sign) >= 3 for sign in ";\t,|")


def _text_or_none(value: Any) -> str | None:
    """A metadata field as one clean line, or None."""
    if not isinstance(value, str) or not fold(value):
        return None
    return well_formed(" ".join(value.split()))


def _language_code(value: Any) -> str | None:
    return value.lower()[:2] if isinstance(value, str) and re.fullmatch(r"[A-Za-z]{2}(?:[-_].*)?", value) else None
