"""The day an HTML page says it was published. What it says of another story, or does not say whole, leaves the day unknown."""

import json
import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from datetime import date
from email.utils import parsedate
from typing import Any

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from corpus.chrome import fold
from corpus.dates import PUBLISHED_WORD, UPDATE, parse_iso, read_date_line

#: Names of ``meta`` elements, lower case and without the signs between their words, the surest first.
_NAMES = (
    "articlepublishedtime ogarticlepublishedtime ogpublishedtime publishedtime articlepublished articlepublisheddate "
    "articlepublicationdate datepublished publisheddate publishedat publicationdate prismpublicationdate publishdate pubdate "
    "contentpublishdate parselypubdate cxenseparserecspublishtime cxenseparsepublishtime sailthrudate citationpublicationdate "
    "dcdateissued dctermsissued dctermsdate dcdate date dcdatecreated dctermscreated datecreated"
)
_WHOLE = re.compile(r"(\d{4})([-/]?)(\d\d)\2(\d\d)(?:[T ](?:[01]\d|2[0-4]):[0-5]\d.*)?")
#: "Tue, 04 Mar 2025 10:00:00 GMT"; of a year in two digits the century would be guessed.
_MAIL = re.compile(r"(?:[A-Za-z]{3}, )?\d{1,2} [A-Za-z]{3} [12]\d{3} (?:[01]\d|2[0-4]):[0-5]\d.*")
#: What a content system writes that was given no date.
_NO_DATE = date(1970, 1, 1)
#: Pictures, films and people of the page have days of their own.
_STORY = re.compile(r"(?:Article|Posting|Report|Review)$")
_PAGE = re.compile(r"WebPage$")
#: Where a date is another story's, a comment's or a picture's.
_ASIDE = frozenset(("a", "article", "aside", "blockquote", "figure", "footer", "li", "nav"))
_LONGEST_LINE = 160


def head_date(page: HtmlElement, today: date) -> date | None:
    """What the metadata says: JSON-LD before ``meta`` before JSON-LD of a page that describes no article.

    None where that is no whole, valid day or time up to ``today``.
    """
    described = [*_described(page)]
    stories = [item for item in described if _is(item, _STORY)]
    if stated := _stated(stories, today):
        return stated
    found: dict[str, date] = {}
    for meta in page.iter("meta"):
        # An item of the body may be any story's.
        item = meta.get("itemprop") if meta.getparent().tag == "head" else None
        name = meta.get("property") or meta.get("name") or item
        if name and (day := _day(meta.get("content"), today)):
            found.setdefault(re.sub(r"[\W_]", "", name.lower()), day)
    if name := next((name for name in _NAMES.split() if name in found), None):
        return found[name]
    return None if stories else _stated((item for item in described if _is(item, _PAGE)), today)


def date_lines(page: HtmlElement) -> list[str]:
    """The folded lines that may date the page's only headline: of a ``time``, of an update, or beginning with "published".

    The extracted text leaves many of them out. Where they give no day, a ``time`` that only lacks the year ("4 March") says what
    its ``datetime`` is ("2025-03-04").
    """
    headlines = [*page.iter("h1")]
    story = next(headlines[0].iterancestors("article", "main"), None) if len(headlines) == 1 else None
    found: list[HtmlElement] = []
    unread = [] if story is None else [*story.iterchildren("*")]
    while unread:
        part = unread.pop()
        if part.tag in _ASIDE:
            continue
        words = part.text_content()
        # White space between its elements is no part of a line's length.
        line = fold(words) if len(words) <= _LONGEST_LINE * 10 else ""
        if len(line) <= _LONGEST_LINE and (PUBLISHED_WORD.match(line) or UPDATE.search(line)):
            found.append(part)
        elif part.tag in ("p", "time"):
            # A day in a sentence is what the article tells of.
            found += [part] if next(part.iter("time"), None) is not None else []
        else:
            unread += part.iterchildren("*")
    lines = [fold(part.text_content()) for part in found]
    return lines if agreed(lines, None, date.max) else [_with_years(part) for part in found]


def agreed(lines: list[str], language: str | None, today: date) -> date | None:
    """The day that ``date_lines`` give; None where they give none, or more than one."""
    dated = [read_date_line(line, language, today) for line in lines]
    days = {line.published for line in dated if line is not None and not line.is_update}
    return days.pop() if len(days) == 1 else None


def _day(value: object, today: date) -> date | None:
    if not isinstance(value, str):
        return None
    value = value.strip()
    if written := _WHOLE.fullmatch(value):
        value = f"{written[1]}-{written[3]}-{written[4]}"
    elif _MAIL.fullmatch(value) and (sent := parsedate(value)):
        value = "{:04}-{:02}-{:02}".format(*sent)
    else:
        return None
    day = parse_iso(value, today)
    return None if day == _NO_DATE else day


def _with_years(part: HtmlElement) -> str:
    # The article is extracted from the page as it stands.
    part = deepcopy(part)
    for time in [*part.iter("time")]:
        day, words = _day(time.get("datetime"), date.max), fold(time.text_content())
        if day and _names(words, day) and not UPDATE.search(fold(" ".join([words, *time.values()]))):
            time.clear(keep_tail=True)
            time.text = day.isoformat()
    return fold(part.text_content())


def _names(words: str, day: date) -> bool:
    """Are they this day's, its year left out somewhere? "11:46" or "1 day ago" may be an update's."""
    parts = words.split() if len(words) <= _LONGEST_LINE else []
    tries = (" ".join([*parts[:at], str(day.year), *parts[at:]]) for at in range(1, len(parts) + 1))
    return any(read.published == day for line in tries if (read := read_date_line(line, None, date.max)))


def _stated(items: Iterable[dict[str, Any]], today: date) -> date | None:
    days = {day for item in items if (day := _day(item.get("datePublished"), today))}
    return days.pop() if len(days) == 1 else None


def _is(item: dict[str, Any], kind: re.Pattern[str]) -> bool:
    kinds = item.get("@type")
    return any(kind.search(name) for name in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(name, str))


def _bare(script: str) -> str:
    """Without the CDATA marks around it, and what hides these in turn."""
    script = script.strip()
    for mark in ("//", "/*", "<![CDATA[", "*/"):
        script = script.removeprefix(mark).lstrip()
    for mark in ("*/", "]]>", "/*", "//"):
        script = script.removesuffix(mark).rstrip()
    return script


def _described(page: HtmlElement) -> Iterator[dict[str, Any]]:
    """The JSON-LD objects; not those inside others, but for what the page is about."""
    for script in page.iter("script"):
        if "ld+json" not in script.get("type", "").lower():
            continue
        try:
            unread = [json.loads(_bare(script.text_content()), strict=False)]
        except (ValueError, RecursionError):
            continue
        while unread:
            item = unread.pop()
            if isinstance(item, list):
                unread += item
            elif isinstance(item, dict):
                unread += [item[key] for key in ("@graph", "mainEntity") if key in item]
                yield item
