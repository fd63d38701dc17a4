"""What is told of a build, of its gate and of what went wrong, in the page's language. Pure: records in, plain text out."""

import re
from typing import Any

from corpus.errors import ArticleQAError
from index.build import BuildReport
from qa.lines import in_words
from qa.page_texts import Interface, words

#: Skipped files that are named, and articles of an encoding.
MOST_NAMED, MOST_ENCODED = 20, 3
#: What the gate measures, by its names in a verdict, and the page's text for it.
MEASURED = {
    "recall_at_5": "gate_recall",
    "sentences found again": "gate_sentences",
    "abstention_recall": "gate_refused",
    "answerable questions answered": "gate_answered",
}
_REFUSED = re.compile(r"not made live: (.*)\. The index answers as before; .*", re.DOTALL)


def error_told(error: ArticleQAError, language: Interface) -> str:
    """What a person can mend; of a gate that refused, each reason."""
    line = str(error)
    refused = _REFUSED.fullmatch(line)
    if not refused:
        return in_words(line, language)
    reasons = [in_words(reason, language) for reason in refused[1].split("; ")]
    return "\n".join([words("gate_refusal", language), *(f"  {reason}" for reason in reasons)])


def gate_told(measured: dict[str, Any], language: Interface) -> str:
    """What the gate measured, in a line; the live generation's value in brackets where there was one."""
    exact, quotes = measured["quotes_exact"]
    told = [words("gate_quotes", language, exact=exact, quotes=quotes)]
    for name, found in measured.items():
        if isinstance(found, dict):
            before = found["live"]
            was = words("gate_before", language, before=_percent(before, language)) if before is not None else ""
            share = words("gate_share", language, share=_percent(found["candidate"], language), count=found["n"])
            told.append(f"{words(MEASURED[name], language) if name in MEASURED else name} {share}{was}")
    return " · ".join(told)


def build_told(report: BuildReport, language: Interface) -> str:
    """What a build did, a line each."""
    seconds = _decimal(report.seconds, language)
    counts: dict[str, str | int] = {"articles": report.articles, "chunks": report.chunks, "seconds": seconds}
    if report.changed:
        lines = [words("build_changed", language, **counts, embedded=report.embedded, kept=report.reused)]
    else:
        lines = [words("build_unchanged", language, **counts)]
    lines.append(words("build_live", language, generation=report.generation))
    if report.verdict:
        lines.append(words("gate_passed", language, measured=gate_told(report.verdict.measured, language)))
    for encoding, ids in report.encodings.items():
        named = ", ".join(ids[:MOST_ENCODED]) + (" …" if len(ids) > MOST_ENCODED else "")
        lines.append(words("encoded", language, count=len(ids), encoding=encoding, names=named))
    if report.skipped:
        lines.append(words("skipped", language, count=len(report.skipped)))
        lines += ["  " + in_words(f"{one.path}: {one.reason}", language) for one in report.skipped[:MOST_NAMED]]
    return "\n".join(lines)


def _percent(share: float, language: Interface) -> str:
    return _decimal(100 * share, language).removesuffix(".0").removesuffix(",0")


def _decimal(number: float, language: Interface) -> str:
    return f"{number:.1f}".replace(".", "," if language == "fr" else ".")
