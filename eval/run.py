"""python -m eval.run: ask questions with known answers, judge the records that come back, print and save the numbers."""

import hashlib
import json
import os
import platform
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from corpus.console import during, mendable, progress_bar
from corpus.errors import ArticleQAError, InputError
from eval.candidates import again, candidates_table
from eval.compare import MEASURES, Result, calibration, check_bounds, compare, read_run, summarise
from eval.dataset import Question, answer_measures, check_against, read_questions, subset
from eval.metrics import reliability, retrieval
from eval.report import page, table
from eval.wording import wording_measures
from index.build import build
from index.encoder import load_encoder
from index.options import DEFAULT_INDEX, BuildOptions
from index.plan import Progress
from index.snapshot import Snapshot
from qa.assistant import Assistant, open_assistant, reader_of
from qa.chat_model import MODEL, URL, ChatModel
from qa.decide import WEIGHTS
from qa.feedback import candidates_of
from qa.gguf import configured_model
from qa.options import AskOptions
from qa.question import BadQuestion, Turn
from qa.record import record_of
from qa.verify import verify

OWN = Path(__file__).with_name("questions")
#: What users get, and the same list of passages longer, for the ranks of articles that are not among the usual ones.
USUAL, DEEP = AskOptions(), AskOptions(k=50)
QUOTE_FIELDS = ("article_id", "start", "end", "text", "sha256")
#: Of a chat model that is asked much in little time: tokens of a reply, bytes of passages (one is always shown).
BRIEF_TOKENS, BRIEF_PASSAGES = 140, 800
EXAMPLE = "Example: python -m eval.run --json run.json --report run.html --fail-under recall_at_5.en-fr=0.94"
BOUND = "METRIC=VALUE"


def evaluate(
    assistant: Assistant, questions: list[Question], about: dict[str, Any], progress: Progress, now: datetime
) -> dict[str, Any]:
    """Ask all, then judge: {"about", "summary", "reliability", "questions"}, plain values, ready for JSON.

    ``about`` says where the questions come from. Raises InputError before the first is asked if one names an article that
    the index does not hold.
    """
    snapshot = assistant.snapshot()
    check_against(questions, snapshot.article_by_id)
    questions = [_without_copies(question, snapshot) for question in questions]
    results = []
    ranked: dict[str, list[str]] = {}
    ranked_alone: dict[str, list[str]] = {}
    for number, question in enumerate(questions, start=1):
        record = _ask(assistant, snapshot, question.id, question.text, list(question.history), USUAL, quotes_only=False)
        results.append(_judged(question, record, snapshot))
        if question.right:
            ranked[question.id] = _ranking(assistant, snapshot, question, question.text, list(question.history), record)
        if question.right and question.rewrite:
            alone = _ask(assistant, snapshot, question.id, question.rewrite, [], USUAL)
            ranked_alone[question.id] = _ranking(assistant, snapshot, question, question.rewrite, [], alone)
        progress("asking", number, len(questions))
    right = {question.id: question.right for question in questions if question.right}
    found = retrieval(right, ranked)
    found_alone = retrieval({question: right[question] for question in ranked_alone}, ranked_alone)
    for result in results:
        result["measures"] = found.get(result["id"], {}) | result["measures"]
        if result["id"] in found_alone:
            result["measures"]["rewrite_recall_at_5"] = found_alone[result["id"]]["recall_at_5"]
    return {
        "about": {"date": now.isoformat(timespec="seconds"), **about, **_made_with(assistant, snapshot)},
        "summary": {name: value._asdict() for name, value in summarise(results).items()},
        "reliability": [one._asdict() for one in reliability(*calibration(results))],
        "questions": results,
    }


def _ask(
    assistant: Assistant,
    snapshot: Snapshot,
    record_id: str,
    text: str,
    history: list[Turn],
    options: AskOptions,
    quotes_only: bool = True,
) -> dict[str, Any] | None:
    """The record a user would get, or None where the question cannot be asked at all."""
    try:
        record = record_of(assistant.ask(text, history, options, quotes_only=quotes_only), record_id)
    except BadQuestion:
        return None
    if record["generation"] != snapshot.generation:
        raise ArticleQAError("the index changed while the questions were asked: run the evaluation again")
    return record


def _ranking(
    assistant: Assistant, snapshot: Snapshot, question: Question, text: str, history: list[Turn], record: dict[str, Any] | None
) -> list[str]:
    """Articles by their best passage. Passages further down are looked at only for a right article that is not there yet:
    they cannot change the rank of one that is."""
    articles = _articles(record, question, snapshot)
    if record and not set(question.right) <= set(articles):
        articles = _articles(_ask(assistant, snapshot, question.id, text, history, DEEP), question, snapshot)
    return articles


def _articles(record: dict[str, Any] | None, question: Question, snapshot: Snapshot) -> list[str]:
    """The articles found, in order; one of several copies under the name of the right one among them."""
    named = {copy.id: right for right in question.right for copy in snapshot.copies_of(right)}
    found = [hit["article_id"] for hit in record["hits"]] if record else []
    return list(dict.fromkeys(named.get(article_id, article_id) for article_id in found))


def _without_copies(question: Question, snapshot: Snapshot) -> Question:
    """The question without right articles that are copies of one before: no more than one of them is ever listed."""
    right: list[str] = []
    for article_id in question.right:
        if not {copy.id for copy in snapshot.copies_of(article_id)} & set(right):
            right.append(article_id)
    return question if len(right) == len(question.right) else replace(question, right=tuple(right))


def _judged(question: Question, record: dict[str, Any] | None, snapshot: Snapshot) -> Result:
    """What came back for one question beside its gold. A question that could not be asked counts as refused with confidence 0."""
    record = record or {"decision": "not_found", "confidence": 0.0, "quotes": [], "hits": [], "ms": {"total": None}}
    right = [article for article_id in question.right if (article := snapshot.article_by_id(article_id))]
    exact = [verdict.problem is None for verdict in verify([record], snapshot.article_by_id)]
    measures: dict[str, float] = {}
    if question.answerable is not None:
        measures["right_decision"] = float((record["decision"] != "not_found") == question.answerable)
    if exact:
        measures["quotes_exact"] = float(all(exact))
    if question.has_answers:
        measures |= answer_measures(question, record, snapshot.article_by_id)
    measures |= wording_measures(record)
    return {
        "id": question.id,
        "lang": question.lang,
        "kind": question.kind,
        "pair": question.pair,
        "question": question.text,
        "answerable": question.answerable,
        "answers": sorted({answer for answers in question.answers.values() for answer in answers}),
        "right": list(question.right),
        "context": list(question.context),
        "right_languages": sorted({article.language or "unknown" for article in right}),
        "decision": record["decision"],
        "confidence": record["confidence"],
        "quotes": [{name: quote[name] for name in QUOTE_FIELDS} for quote in record["quotes"]],
        "exact_quotes": sum(exact),
        "found": _articles(record, question, snapshot),
        "ms": record["ms"]["total"],
        "measures": measures,
    }


def _made_with(assistant: Assistant, snapshot: Snapshot) -> dict[str, Any]:
    """All that the numbers depend on, as JSON gives it back; nothing that names a machine or a folder."""
    manifest, encoder = snapshot.manifest, assistant.encoder
    name = Path(encoder.name).name if Path(encoder.name).is_dir() else encoder.name
    return {
        "ask_options": {option: list(value) if isinstance(value, tuple) else value for option, value in asdict(USUAL).items()},
        "build_options": manifest["options"] | {"model": name},
        "encoder": {"name": name, "fingerprint": encoder.fingerprint, "precision": encoder.precision},
        "reader": assistant.reader.digest if assistant.reader else None,
        "decision": _digest(WEIGHTS),
        "generation": snapshot.generation,
        "corpus_digest": manifest["corpus_digest"],
        "counts": manifest["counts"],
        "writer": assistant.model.name if assistant.model else assistant.writer.name,
        "model_limits": asdict(assistant.model.limits) if assistant.model else None,
        "python": platform.python_version(),
        "machine": {"system": platform.system(), "architecture": platform.machine(), "cpus": os.cpu_count()},
    }


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def _questions(split: str, path: Path | None, limit: int | None) -> tuple[list[Question], dict[str, Any]]:
    """The questions to ask, and what the run says about where they come from."""
    files = [path] if path else [OWN / f"{name}.jsonl" for name in (("tune", "test") if split == "all" else (split,))]
    found = [question for file in files for question in read_questions(file)]
    if len({question.id for question in found}) < len(found):
        raise InputError(f"{' and '.join(file.name for file in files)} share question ids: give each question its own")
    chosen = subset(found, limit) if limit else found
    named = [{"file": file.name, "sha256": _digest(file)} for file in files]
    return chosen, {"questions": {"files": named, "held": len(found), "asked": len(chosen)}}


@contextmanager
def _assistant(
    index: Path, passages: Path | None, reader: bool, model: ChatModel | None, progress: Progress
) -> Iterator[Assistant]:
    """An assistant over the live index, or over one of the passages that lasts as long as the block."""
    if passages is None:
        yield open_assistant(index, reader, model)
        return
    with tempfile.TemporaryDirectory(prefix="article-qa-eval-") as folder:
        options = BuildOptions()
        encoder = load_encoder(options.model)
        with during("the throw-away index"):
            report = build([passages], Path(folder), encoder, options, progress=progress)
        for skipped in report.skipped[:10]:
            typer.echo(f"skipped {skipped.path}: {skipped.reason}", err=True)
        yield Assistant(Path(folder), encoder, reader=reader_of(encoder) if reader else None, model=model)


def _bounds(given: list[str] | None, flag: str) -> list[tuple[str, float]]:
    """METRIC=VALUE, as the person wrote them, to pairs; typer.BadParameter (exit 2) for anything else."""
    bounds = []
    for one in given or []:
        name, _, value = one.partition("=")
        try:
            bound = float(value)
            if bound != bound:  # nothing is under or over "nan"
                raise ValueError
            bounds.append((name.strip(), bound))
        except ValueError:
            raise typer.BadParameter(f'"{one}" is not METRIC=VALUE', param_hint=flag) from None
        if name.strip().partition(".")[0] not in MEASURES:
            raise typer.BadParameter(f'no measure "{name}"; there are: {", ".join(MEASURES)}', param_hint=flag)
    return bounds


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}): give another file") from error


application = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@application.command(epilog=EXAMPLE)
def run(
    index: Annotated[Path | None, typer.Option(help="The folder of the index to ask. Default: var/index.")] = None,
    split: Annotated[
        Literal["test", "tune", "all"] | None, typer.Option(help="The project's own questions to ask. Default: test.")
    ] = None,
    passages: Annotated[Path | None, typer.Option(help="Ask a throw-away index of these articles; needs --questions.")] = None,
    questions: Annotated[Path | None, typer.Option(help="Questions to ask instead: .jsonl, see eval/README.md.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Ask only so many, evenly spaced.")] = None,
    no_reader: Annotated[bool, typer.Option("--no-reader", help="Choose sentences by the encoder alone.")] = False,
    writer: Annotated[
        Literal["extractive", "llm"], typer.Option(help="Who words the answers: llm is the configured chat model, or --gguf.")
    ] = "extractive",
    gguf: Annotated[Path | None, typer.Option("--gguf", help="With --writer llm: a chat model's file.")] = None,
    brief: Annotated[
        bool, typer.Option("--brief", help="With --writer llm: short replies from a passage or two, for a slow machine.")
    ] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="Save the run here, for --baseline and for reading.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write a page with plots and the worst answers here.")] = None,
    baseline: Annotated[Path | None, typer.Option(help="Compare with a run saved before.")] = None,
    fail_under: Annotated[list[str] | None, typer.Option(metavar=BOUND, help="Exit 1 if it is less; may be repeated.")] = None,
    candidates: Annotated[
        bool, typer.Option("--candidates", help="Ask again what readers liked or disliked, as kept beside the index.")
    ] = False,
    fail_over: Annotated[list[str] | None, typer.Option(metavar=BOUND, help="Exit 1 if it is more; may be repeated.")] = None,
) -> None:
    """Ask questions whose answers are known and measure what comes back."""
    if passages and (index or not questions):
        raise typer.BadParameter("--passages needs --questions, and takes no --index")
    if questions and split:
        raise typer.BadParameter("--split chooses among the project's own questions: leave it out with --questions")
    if (gguf or brief) and writer != "llm":
        raise typer.BadParameter("--gguf and --brief are about the answers of --writer llm")
    if candidates and (passages or questions or split):
        raise typer.BadParameter("--candidates asks what was kept beside the index: leave out --passages, --questions, --split")
    at_least, at_most = _bounds(fail_under, "--fail-under"), _bounds(fail_over, "--fail-over")
    with mendable():
        for file in (json_file, report):
            if file and not file.absolute().parent.is_dir():
                raise InputError(f"{file} cannot be written: there is no folder {file.parent}")
        if candidates:
            found = []
            with progress_bar() as progress:
                for row in again(candidates_of(index or DEFAULT_INDEX), open_assistant(index or DEFAULT_INDEX, not no_reader)):
                    found.append(row)
                    progress("asking", len(found), 0)
            if json_file:
                _write(json_file, json.dumps(found, ensure_ascii=False, indent=1) + "\n")
            typer.echo(candidates_table(found))
            return
        model = configured_model(gguf, os.environ) if writer == "llm" else None
        if writer == "llm" and model is None:
            raise InputError(f"--writer llm needs a chat model: set {URL} and {MODEL}, or give --gguf a file")
        if model and brief:
            model.limits = replace(model.limits, tokens=BRIEF_TOKENS, passages=BRIEF_PASSAGES)
        before = read_run(baseline) if baseline else None
        chosen, about = _questions(split or "test", questions, limit)
        with (
            progress_bar() as progress,
            _assistant(index or DEFAULT_INDEX, passages, not no_reader, model, progress) as assistant,
        ):
            measured = evaluate(assistant, chosen, about, progress, datetime.now(UTC))
        if before:
            measured["comparison"] = compare(before, measured)
        if json_file:
            _write(json_file, json.dumps(measured, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n")
        if report:
            _write(report, page(measured))
        typer.echo(table(measured))
        check_bounds(measured["summary"], at_least, at_most)


if __name__ == "__main__":
    application(prog_name="python -m eval.run")
