"""Which parts of a scraped text are the article: title, publication date, body spans. Nothing is ever deleted."""

import re
from dataclasses import dataclass
from datetime import date

from corpus.article import Span
from corpus.chrome import RELATED, SENTENCE_WORDS, fold, is_chrome
from corpus.dates import PUBLISHED_WORD, parse_iso, read_date_line

#: Longer lines are paragraphs, whatever they say.
LONGEST_CHROME = 300
LONGEST_TITLE = 250
#: A date below this many lines of text is some other page's.
HEAD_LINES = 14
#: A line of so few words in the head names a section ("Sports", "Proche-Orient"), not a subject.
KICKER_WORDS = 3
_SENTENCE_END = re.compile(r"[.!?…][\"»”')\]]*$|[.…。۔]$")
#: "title: A", "title:A", "Publish Date : B", "'title': A"; not "http://" nor "12:30".
_KEY = re.compile(r"""("[^"]+"|'[^']+'|\w[\w.'’-]*(?:[^\S\n]+[\w.'’-]+){0,3})[^\S\n]*:(?:(?!\S)|(?<!\d:)(?!//))(.*)""")


@dataclass(frozen=True)
class Cleaned:
    """``body`` in order, without overlap, each from its first to its last visible character."""

    title: str | None
    published: date | None
    body: tuple[Span, ...]


@dataclass(frozen=True)
class _Line:
    span: Span
    folded: str

    @property
    def headline_like(self) -> bool:
        return (len(self.folded) <= 180 and not self.folded.endswith((".", "...", "。", "۔"))) or len(self.folded) <= 25


def clean(text: str, language: str | None, today: date, title: str | None = None, source: str | None = None) -> Cleaned:
    """Mark out the boilerplate of ``text``. A ``title`` known from elsewhere is kept; else the first line may be one.

    Lines that hold nothing but the title, or nothing but the ``source``'s name, are not body.
    """
    front, meta = _front_matter(text)
    lines = _lines(text, front)
    published = parse_iso(meta.get("date", ""), today)
    title = title or meta.get("title")
    kinds = _Kinds(lines, language, today)
    if title is None and (headline := kinds.headline()) is not None:
        title = headline.span.of(text).lstrip("#").strip()
    title_folded = fold(title).lstrip("# ") if title else None
    names = {title_folded, fold(source) if source else None}
    body = [line for line in kinds.body() if line.folded.lstrip("# ") not in names]
    if not body:
        body = [line for line in lines if title_folded is not None and line.folded.lstrip("# ") == title_folded][:1]
    return Cleaned(title, published or kinds.published(), _runs(text, lines, body))


class _Kinds:
    """The lines of one text, each judged once."""

    def __init__(self, lines: list[_Line], language: str | None, today: date):
        self.lines = lines
        self.dates = [read_date_line(line.folded, language, today) for line in lines]
        self.chrome = [
            len(line.folded) <= LONGEST_CHROME
            and (dated is not None or is_chrome(line.folded) or bool(RELATED.fullmatch(line.folded)))
            for line, dated in zip(lines, self.dates, strict=True)
        ]
        self._drop_listed()

    def _drop_listed(self) -> None:
        """Headlines below "read also", and all short lines once the page's foot has begun, are chrome too."""
        last_paragraph = max((i for i, line in enumerate(self.lines) if self._paragraph(i, line)), default=len(self.lines))
        listing = False
        for i, line in enumerate(self.lines):
            if self.chrome[i]:
                heading = bool(RELATED.fullmatch(line.folded)) and not re.search(r":\s*\S", line.folded)
                listing = listing or heading or i > last_paragraph
            elif listing and line.headline_like:
                self.chrome[i] = True
            else:
                listing = False

    def _paragraph(self, i: int, line: _Line) -> bool:
        return not self.chrome[i] and len(line.folded) > 80 and bool(_SENTENCE_END.search(line.folded))

    def headline(self) -> _Line | None:
        """The title's line, if text follows one: a line that is repeated or marked, else the first with enough words to be one.

        Shorter lines above the title name the site or the section: they are chrome from here on.
        """
        content = [i for i, chrome in enumerate(self.chrome) if not chrome]
        if len(content) < 2:
            return None
        head = []
        for i in content[:6]:
            if self._paragraph(i, self.lines[i]) or len(self.lines[i].folded) > LONGEST_TITLE:
                break
            head.append(i)
        below = [self.lines[i].folded for i in content[:10]]
        chosen = next((i for i in head if below.count(self.lines[i].folded) > 1 or self.lines[i].folded.startswith("# ")), None)
        if chosen is None:
            open_ended = [i for i in head if not re.search(r"[.;,:]$", self.lines[i].folded)]
            worded = [i for i in open_ended if len(self.lines[i].folded.split()) > KICKER_WORDS]
            # "Coupe du monde 2022" above "Coupe du monde : l'Argentine sacrée" is a section too.
            chosen = next((i for i in worded if len(self.lines[i].folded) > 25), next(iter(worded), None))
            if chosen is None and open_ended and open_ended == head[:1]:
                # "L'incendie de Vertbois": short, but the only line of the head that is no sentence.
                chosen = open_ended[0] if len(re.split(r"[ ']", self.lines[head[0]].folded)) >= KICKER_WORDS else None
        if chosen is None or chosen == content[-1]:
            return None
        for i in head:
            if i < chosen or (len(self.lines[i].folded.split()) <= KICKER_WORDS and i != chosen):
                self.chrome[i] = True
        return self.lines[chosen]

    def body(self) -> list[_Line]:
        return [line for line, chrome in zip(self.lines, self.chrome, strict=True) if not chrome]

    def published(self) -> date | None:
        """The first date line of the head that is no update; below the head, only one that says "published"."""
        paragraphs = 0
        for i, (line, dated) in enumerate(zip(self.lines, self.dates, strict=True)):
            paragraphs += self._paragraph(i, line) and len(line.folded) > 200
            if dated is None or dated.is_update:
                continue
            if (i < HEAD_LINES and paragraphs < 2) or PUBLISHED_WORD.match(line.folded):
                return dated.published
        return None


def _lines(text: str, start: int) -> list[_Line]:
    found = []
    for match in re.finditer(r"[^\n]+", text[start:]):
        piece = match.group()
        if piece.isspace():
            continue
        left = start + match.start() + len(piece) - len(piece.lstrip())
        span = Span(left, start + match.start() + len(piece.rstrip()))
        # A line too long to be chrome need not be folded whole.
        found.append(_Line(span, fold(span.of(text)[: LONGEST_CHROME * 4])))
    return found


def _runs(text: str, lines: list[_Line], body: list[_Line]) -> tuple[Span, ...]:
    """Neighbouring body lines as one span."""
    kept = {line.span for line in body}
    runs: list[Span] = []
    broken = True
    for line in lines:
        if line.span not in kept:
            broken = True
        elif broken:
            runs.append(line.span)
            broken = False
        else:
            runs[-1] = Span(runs[-1].start, line.span.end)
    return tuple(runs)


def _front_matter(text: str) -> tuple[int, dict[str, str]]:
    """Where the text starts after a YAML front matter of plain ``key: value`` lines, and those.

    Between the rules stand keys, below them lists, indented lines and open brackets, and remarks. Prose is none of these.
    """
    lines = re.finditer(r".*\n?", text)
    if next(lines).group().rstrip() != "---":
        return 0, {}
    found: dict[str, str] = {}
    unclosed = 0
    for match in lines:
        line = match.group().rstrip()
        if line == "---":
            # "Breaking news: the mayor resigns this morning" is a key with its value only among others.
            known = any(key in ("title", "date") or len(value.split()) < SENTENCE_WORDS for key, value in found.items())
            return (match.end(), {key: value for key, value in found.items() if value}) if known and not unclosed else (0, {})
        if unclosed:
            unclosed = max(0, unclosed + _opened(line))
        elif pair := _KEY.fullmatch(line):
            value = pair[2].strip()
            found[pair[1].strip("\"'").lower()] = value.strip("\"'")
            unclosed = max(0, _opened(value)) if value.startswith(("[", "{")) else 0
        elif line and not line.startswith("#") and not (found and re.match(r"\s|-(?:\s|$)", line)):
            break
    return 0, {}


def _opened(line: str) -> int:
    """How many brackets more it opens than it closes."""
    return sum(line.count(sign) for sign in "[{") - sum(line.count(sign) for sign in "]}")
