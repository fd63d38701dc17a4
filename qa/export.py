"""Answers as a file to keep or to print: Markdown or HTML with every quote, its place and its link.

The records travel inside the file, so that ``python -m qa verify`` can check its quotes, and see whether what is to be read
is still what was exported: the file is nothing but a function of them.
"""

import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any

from corpus.console import visible
from corpus.errors import InputError
from qa.markup import escape, lang_of, link_of
from qa.page_texts import INTERFACES, Interface, language_name, words
from qa.texts import day

Record = dict[str, Any]
_RECORDS = re.compile(
    r'<!-- article-qa records (\{.*\}) -->|<script type="application/json" id="article-qa-records">(\{.*\})</script>'
)
_MARKDOWN = re.compile(r"([\\`*_\[\]<&|~$@])")
_LINE_START = re.compile(r"[#+>=-]|\d+(?=[.)])", re.ASCII)
_STYLE = (
    "body{font:17px/1.55 system-ui,sans-serif;max-width:44em;margin:0 auto;padding:20px 16px;overflow-wrap:anywhere}"
    "h1{font-size:1.3rem}h2{font-size:1.1rem;margin-top:2em}figure{margin:0 0 1em}blockquote{margin:0;padding-inline-start:12px;"
    "border-inline-start:3px solid #d4b106;white-space:pre-line}figcaption,.facts{font-size:.85rem;color:#57606a}"
)


def as_markdown(records: list[Record], language: Interface) -> str:
    """The answers as Markdown; the records in a comment at the end."""
    parts = [f"# {_md(words('title', language))}"]
    for record in records:
        parts += [f"## {_md(record['question'])}", f"*{_md(_decision(record, language))}*", _md(record["answer"])]
        for quote in record["quotes"]:
            link = link_of(quote.get("url"))
            told = [f"**\\[{quote['n']}\\]** {_md(_about(quote, language))}", _md(_place(quote, language)), _digest(quote)]
            told += [f"<{link[0]}>"] if link and not re.search(r"[<>\s]", link[0]) else []
            parts += ["  \n".join(told), "\n".join(f"> {line}" for line in _md(quote["text"]).split("\n"))]
    return "\n\n".join([*parts, f"<!-- article-qa records {_packed(records, language)} -->"]) + "\n"


def as_html(records: list[Record], language: Interface) -> str:
    """The answers as a page that loads nothing and runs nothing; the records in a block of data at the end."""
    parts = []
    for record in records:
        lang = lang_of(record.get("language"))
        parts.append(f'<section><h2 dir="auto"{lang}>{escape(record["question"])}</h2>')
        parts.append(f'<p class="facts">{escape(_decision(record, language))}</p>')
        parts += [f'<p dir="auto"{lang}>{escape(one)}</p>' for one in record["answer"].split("\n\n")]
        for quote in record["quotes"]:
            link = link_of(quote.get("url"))
            name = escape(words("original", language, host=link[1])) if link else ""
            source = f'<br><a href="{escape(link[0])}" rel="noopener noreferrer nofollow">{name}</a>' if link else ""
            told = f"[{quote['n']}] {_about(quote, language)}", _place(quote, language), _digest(quote)
            parts.append(
                f'<figure><blockquote dir="auto"{lang_of(quote.get("language"))}>{escape(quote["text"])}</blockquote>'
                f"<figcaption>{'<br>'.join(f'<bdi>{escape(one)}</bdi>' for one in told)}{source}</figcaption></figure>"
            )
        parts.append("</section>")
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{escape(words("title", language))}</title>'
        "<meta http-equiv=\"content-security-policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head><body>'
        f"<h1>{escape(words('title', language))}</h1>\n{''.join(parts)}\n"
        f'<script type="application/json" id="article-qa-records">{_packed(records, language)}</script></body></html>\n'
    )


def read_export(text: str) -> tuple[list[Record], bool] | None:
    """The records inside an exported file, and whether all that is to be read in it is as exported; None if it holds none.

    InputError where the records in it cannot be read.
    """
    found = _RECORDS.findall(text)
    if not found:
        return None
    try:
        held = json.loads(found[-1][0] or found[-1][1])
        records, language = held["records"], held["language"]
        write: Callable[[list[Record], Interface], str] = as_markdown if found[-1][0] else as_html
        if language not in INTERFACES or not all(isinstance(record, dict) for record in records):
            raise ValueError
        return records, write(records, language) == text.replace("\r\n", "\n")
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError("the answer records inside the file cannot be read: export it again") from None


def _packed(records: list[Record], language: Interface) -> str:
    """The records as JSON on one line that can end neither a comment nor a script."""
    text = json.dumps({"language": language, "records": records}, ensure_ascii=False, sort_keys=True)
    for char in "<>&-\u2028\u2029\x85":
        text = text.replace(char, f"\\u{ord(char):04x}") if char != "-" else text.replace("--", "\\u002d\\u002d")
    return text


def _decision(record: Record, language: Interface) -> str:
    decided = words(f"decided_{record['decision']}", language)
    return words("confidence_is", language, decision=decided, percent=round(100 * record["confidence"]))


def _about(quote: Record, language: Interface) -> str:
    published = quote.get("published")
    return ", ".join(
        (
            visible(quote["title"] or words("untitled", language)),
            visible(quote["source"] or words("source_unknown", language)),
            day(date.fromisoformat(published), language) if published else words("date_unknown", language),
            language_name(quote.get("language"), language),
        )
    )


def _place(quote: Record, language: Interface) -> str:
    return words("place", language, path=visible(quote["path"]), start=quote["start"], end=quote["end"])


def _digest(quote: Record) -> str:
    return f"SHA-256 {visible(str(quote['sha256']))[:64]}"


def _md(text: str) -> str:
    """``text`` as Markdown that renders as it stands: no emphasis, link, image, heading, list or HTML comes of it."""
    escaped = _MARKDOWN.sub(r"\\\1", text).replace("://", ":\\/\\/").replace("www.", "www\\.")
    return "\n".join(_line(line) for line in escaped.split("\n"))


def _line(line: str) -> str:
    """No line begins with white space, which would make it code, or with what makes a heading, a list or a rule."""
    rest = line.lstrip()
    lead = "".join(f"&#{ord(char)};" for char in line[: len(line) - len(rest)])
    mark = _LINE_START.match(rest)
    if mark is None:
        return lead + rest
    return lead + (f"{mark[0]}\\{rest[mark.end() :]}" if mark[0].isdigit() else f"\\{rest}")
