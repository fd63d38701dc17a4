"""python -m qa ask | batch | verify | replay

What loads a model is imported where it is called for: it takes seconds, and help and mistakes do without.
"""

import json
import os
import re
import secrets
import sys
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corpus.article import Article
from corpus.console import mendable, progress_bar
from corpus.errors import IndexDamaged, InputError
from corpus.read import read_corpus
from index.options import DEFAULT_INDEX
from index.snapshot import live_generation, open_snapshot
from qa.gguf import configured_model
from qa.options import AskOptions
from qa.page_texts import words
from qa.question import BadQuestion
from qa.request import turns_of
from qa.texts import model_notice, quoted, text
from qa.verify import read_answers, read_records, verify

if TYPE_CHECKING:
    from qa.assistant import Assistant
    from qa.journal import Journal

#: What an article's or a model's words could steer a terminal with, or turn a line around; and halves of characters.
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help="Ask the articles.")
IndexOption = Annotated[Path, typer.Option("--index", help="The folder of the index.")]
PassagesOption = Annotated[int, typer.Option("--k", min=1, max=100, help="Passages to list as hits.")]
LanguageOption = Annotated[list[str] | None, typer.Option(help="Only articles in this language (fr, en, ...); may be repeated.")]
SourceOption = Annotated[list[str] | None, typer.Option(help="Only articles of this source; may be repeated.")]
SinceOption = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only articles published on this day or later.")]
UntilOption = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only articles published on this day or before.")
]

GgufOption = Annotated[Path | None, typer.Option("--gguf", help="A chat model's file, to word the answers in this process.")]
QuotesOnlyOption = Annotated[bool, typer.Option("--quotes-only", help="No words of a chat model, though one is configured.")]


@app.command(epilog='Example: python -m qa ask "What role does the US backstop play?"')
def ask(
    question: Annotated[str, typer.Argument(help="In any language.")],
    index: IndexOption = DEFAULT_INDEX,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole answer record.")] = False,
    k: PassagesOption = 10,
    language: LanguageOption = None,
    source: SourceOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    history: Annotated[Path | None, typer.Option(help='A JSON file of earlier turns: [{"role", "text"}, ...].')] = None,
    no_journal: Annotated[bool, typer.Option("--no-journal", help="Do not note it in the journal beside the index.")] = False,
    gguf: GgufOption = None,
    quotes_only: QuotesOnlyOption = False,
    translate: Annotated[
        bool, typer.Option("--translate", help="With a chat model: its translations beside quotes in another language.")
    ] = False,
) -> None:
    """Answer one question with quotes from the articles."""
    with mendable():
        turns = turns_of(_json_of(history)) if history else []
        assistant = _opened(index, gguf, worded=translate or not quotes_only)
        from qa.journal import Journal, journal_of, noted
        from qa.record import record_of
        from qa.translate import check_translator, with_translations

        if translate:
            check_translator(assistant)
        options = _options(k, language, source, since, until)
        asked = assistant.ask(question, turns, options, quotes_only=quotes_only)
        if not no_journal:
            Journal(journal_of(index)).append(noted(asked, secrets.token_hex(8), turns, options))
        record = record_of(asked, "1")
        record = with_translations(assistant, record) if translate else record
        typer.echo(json.dumps(record, ensure_ascii=False) if as_json else _readable(record))


@app.command(epilog="Example: python -m qa batch questions.jsonl --out answers.jsonl")
def batch(
    questions: Annotated[Path, typer.Argument(help='Lines of {"id", "question", "history"?, ...}; other fields are kept.')],
    out: Annotated[Path, typer.Option(help="The file to write, an answer record a line.")],
    index: IndexOption = DEFAULT_INDEX,
    k: PassagesOption = 10,
    language: LanguageOption = None,
    source: SourceOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    journal: Annotated[bool, typer.Option("--journal", help="Note the answers in the journal beside the index, too.")] = False,
    gguf: GgufOption = None,
    quotes_only: QuotesOnlyOption = False,
) -> None:
    """Answer a file of questions; one that cannot be asked gets a line with its "error"."""
    with mendable():
        rows = read_records(questions)
        for number, row in enumerate(rows, start=1):
            if not isinstance(row.get("question"), str):
                raise InputError(f'{questions} line {number}: needs a "question" string')
        assistant = _opened(index, gguf, worded=not quotes_only)
        from qa.journal import Journal, journal_of

        options = _options(k, language, source, since, until)
        partial = out.with_name(out.name + ".partial")
        try:
            # A lone surrogate in a field that is kept is written as JSON's own escape of it.
            with partial.open("w", encoding="utf-8", errors="backslashreplace") as file, progress_bar() as progress:
                for number, row in enumerate(rows, start=1):
                    answered = _answered(assistant, row, number, options, Journal(journal_of(index)) if journal else None)
                    file.write(json.dumps(answered, ensure_ascii=False) + "\n")
                    progress("answering", number, len(rows))
            partial.replace(out)
        except OSError as error:
            raise InputError(f"{out} cannot be written: {error.strerror}") from error
        finally:
            partial.unlink(missing_ok=True)
        typer.echo(f"{len(rows)} answers in {out}")


@app.command("verify", epilog="Example: python -m qa verify answers.jsonl --corpus my-articles")
def verify_command(
    answers: Annotated[
        Path, typer.Argument(help="Stored answers: .jsonl, a .json object, or a .md or .html saved from the page.")
    ],
    corpus: Annotated[list[Path] | None, typer.Option(help="Check against the articles read from here.")] = None,
    index: IndexOption = DEFAULT_INDEX,
) -> None:
    """Check every quote of stored answers against the articles; exit 1 if one does not hold."""
    with mendable():
        records, as_exported = read_answers(answers)
        if corpus:
            articles = {item.id: item for item in read_corpus(corpus) if isinstance(item, Article)}
            verdicts = list(verify(records, articles.get))
        else:
            verdicts = list(verify(records, open_snapshot(index).article_by_id))
        bad = [verdict for verdict in verdicts if verdict.problem]
        for verdict in bad:
            typer.echo(_tame(f"answer {verdict.answer_id}, quote {verdict.number} ({verdict.article_id}): {verdict.problem}"))
        typer.echo(f"{len(verdicts) - len(bad)} of {len(verdicts)} quotes hold")
        if not as_exported:
            typer.echo(f"{answers}: what is to be read in it is not what was exported; only the records inside it were checked")
        if bad or not as_exported:
            raise typer.Exit(1)


@app.command("replay", epilog="Example: python -m qa replay var/journal.jsonl")
def replay_command(
    journal: Annotated[Path, typer.Argument(help="A journal, or any file of answer records.")],
    index: IndexOption = DEFAULT_INDEX,
) -> None:
    """Ask noted questions again; exit 1 if one finds other passages, decides or quotes otherwise."""
    with mendable():
        rows, differing, notes = read_records(journal), 0, Counter[str]()
        assistant = _opened(index)
        from qa.replay import replay

        with progress_bar() as progress:
            for done, replayed in enumerate(replay(rows, assistant), start=1):
                progress("asking", done, len(rows))
                notes.update(replayed.notes)
                if replayed.differs:
                    differing += 1
                    typer.echo(_tame(f"answer {replayed.answer_id}: {'; '.join(replayed.differs)}"))
        for note, count in notes.items():
            typer.echo(_tame(f"{count} of {len(rows)}: {note}"))
        typer.echo(f"{len(rows) - differing} of {len(rows)} answers are the same again")
        if differing:
            raise typer.Exit(1)


def _answered(
    assistant: "Assistant", row: dict[str, Any], number: int, options: AskOptions, journal: "Journal | None"
) -> dict[str, Any]:
    from qa.journal import noted
    from qa.record import record_of

    record_id = str(row.get("id", number))
    try:
        turns = turns_of(row.get("history"))
        asked = assistant.ask(row["question"], turns, options)
        if journal:
            journal.append(noted(asked, record_id, turns, options))
    except (BadQuestion, InputError) as error:
        return {**row, "id": record_id, "error": str(error)}
    return {**row, **record_of(asked, record_id)}


def _opened(index: Path, gguf: Path | None = None, worded: bool = False) -> "Assistant":
    """``worded``: with the chat model that is configured, if any. IndexMissing comes before a model is loaded; what a damaged
    index can still do is found out on opening it."""
    with suppress(IndexDamaged):
        live_generation(index)
    from qa.assistant import open_assistant

    return open_assistant(index, model=configured_model(gguf, os.environ) if worded else None)


def _options(
    k: int, language: list[str] | None, source: list[str] | None, since: datetime | None, until: datetime | None
) -> AskOptions:
    options = AskOptions(k=k, languages=tuple(language or ()), sources=tuple(source or ()))
    return replace(options, since=since.date() if since else None, until=until.date() if until else None)


def _readable(record: dict[str, Any]) -> str:
    lines = [record["answer"], ""]
    if record["decision"] == "not_found":
        lines += [f"  {hit['rank']}. {hit['title'] or hit['article_id']} ({hit['article_id']})" for hit in record["hits"][:3]]
    for quote in record["quotes"]:
        about = [quote["title"] or "untitled", quote["source"] or "source unknown", quote["published"] or "date unknown"]
        lines.append(f"[{quote['n']}] {', '.join(about)}")
        cited = " ".join(quote["text"].split())
        lines += [] if cited in record["answer"] else [f"    {quoted(cited, quote['language'])}"]
        lines.append(f"    {quote['path']} {quote['start']}-{quote['end']}")
        lines += [f"    {line}" for line in _translation(record, quote["n"])]
    wording = record.get("wording")
    if wording and wording["notice"]:
        worded = record["writer"] == wording["model"]
        lines += ["", model_notice(wording["notice"], worded, record["language"])]
    if record["dropped_claims"]:
        lines += [
            "",
            text("dropped", record["language"]),
            *(f"  - {claim}{_why(claim, record)}" for claim in record["dropped_claims"]),
        ]
    by = f", worded by {record['writer']}" if wording and record["writer"] == wording["model"] and record["quotes"] else ""
    lines += ["", f"{record['decision']}{by}, confidence {record['confidence']:.0%}, {record['ms']['total']:.0f} ms"]
    return _tame("\n".join(lines))


def _tame(shown: str) -> str:
    return _CONTROLS.sub(lambda match: f"\\u{ord(match.group()):04x}", shown)


def _why(claim: str, record: dict[str, Any]) -> str:
    """Why a quote that a model claimed is struck, and of which sentence; or why a sentence of its is."""
    wording, language = record.get("wording", {}), record["language"]
    for struck in wording.get("struck", ()):
        if struck["quote"] == claim:
            return f" ({text(struck['why'], language)}: {struck['sentence']})"
    for remark in wording.get("remarks", ()):
        if remark["sentence"] == claim and remark["fault"] == "unsupported":
            return f" ({text('unsupported', language, words=', '.join(remark['words']))})"
        if remark["sentence"] == claim and remark["fault"] != "unchecked":
            return f" ({words(remark['fault'], 'fr' if language == 'fr' else 'en')})"
    return ""


def _translation(record: dict[str, Any], n: int) -> list[str]:
    """The model's translation of the quote, and that it is one; why there is none; nothing where nobody asked for it."""
    told = record.get("translations", {"quotes": []})
    for one in told["quotes"]:
        if one["n"] == n and one["text"]:
            return [f"{one['text']} ({text('translation', told['language'], model=told['by'])})"]
        if one["n"] == n:
            return [f"({text('no_translation', told['language'])})"]
    return []


def _json_of(path: Path) -> object:
    try:
        return json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise InputError(f"{path} is not JSON") from error


if __name__ == "__main__":
    sys.exit(app())
