"""python -m index build | status | check | rollback

What loads a model is imported where it is called for: it takes seconds, and most commands do without.
"""

import json
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corpus.console import mendable, progress_bar, visible
from corpus.errors import ArticleQAError, GateRefused, IndexDamaged, IndexNewer, InputError
from index.gate import evaluation_gate
from index.options import AUTO, DEFAULT_INDEX, ENGINES, SAMPLE_CORPUS, BuildOptions
from index.publish import rollback as roll_back
from index.publish import strays
from index.snapshot import check_generation, live_generation, with_remedy
from index.status import changes_since, last_manifest, status_of
from index.watch import keep_up

if TYPE_CHECKING:
    from index.build import BuildReport

app = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help="Make and look after the index."
)
IndexOption = Annotated[Path, typer.Option("--index", help="The folder of the index.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command("build", epilog="Example: python -m index build --corpus my-articles --corpus more.jsonl")
def build_command(
    corpus: Annotated[
        list[Path] | None,
        typer.Option(help="A folder or file of articles; may be repeated. Default: that of the last build, else the samples."),
    ] = None,
    index: IndexOption = DEFAULT_INDEX,
    full: Annotated[bool, typer.Option("--full", help="Embed every passage again.")] = False,
    model: Annotated[str | None, typer.Option(help="builtin, or a sentence-transformers folder or hub name.")] = None,
    no_gate: Annotated[bool, typer.Option("--no-gate", help="Make it live without putting questions to it.")] = False,
    questions: Annotated[
        Path | None, typer.Option(help="Questions about your articles, for the gate to ask: .jsonl, see eval/README.md.")
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Stay, and build again whenever the articles change.")] = False,
    chunk_size: Annotated[int | None, typer.Option(min=100, max=4000, help="Characters a passage may have.")] = None,
    engine: Annotated[
        str | None, typer.Option(help=f"What computes the built-in model, here and in answering: {AUTO}, {', '.join(ENGINES)}.")
    ] = None,
) -> None:
    """Take in new, changed and removed articles, and make the result the live index unless it answers worse than that.

    With --watch, again whenever they change, until Ctrl-C.
    """
    with mendable():
        from index.build import build
        from index.encoder import load_encoder

        recorded = _recorded(index, corpus)
        before = recorded.get("options", {})
        options = BuildOptions(
            model=model or before.get("model", BuildOptions.model),
            chunk_size=chunk_size or before.get("chunk_size", BuildOptions.chunk_size),
            engine=engine or before.get("engine", BuildOptions.engine),
        )
        paths = corpus or [Path(path) for path in recorded.get("corpus", [SAMPLE_CORPUS])]
        encoder = load_encoder(options.model, engine=options.engine)
        gate = None if no_gate else evaluation_gate(questions)

        def once(full: bool) -> "BuildReport":
            with progress_bar() as progress:
                return build(paths, index, encoder, options, full=full, gate=gate, progress=progress)

        if not watch:
            typer.echo(describe(once(full)))
            return
        first = True

        def rebuild() -> bool:
            nonlocal first
            try:
                report = once(full and first)
            except ArticleQAError as error:
                typer.echo(visible(str(error)), err=True)
                return isinstance(error, GateRefused)  # until the articles change it would be refused again
            if report.changed or first:
                typer.echo(describe(report))
            first = False
            return True

        keep_up(paths, rebuild, threading.Event())


@app.command(epilog="Example: python -m index status --json")
def status(index: IndexOption = DEFAULT_INDEX, as_json: JsonOption = False) -> None:
    """What the live index holds, and what changed in the corpus since it was built."""
    with mendable():
        folder = live_generation(index)
        found = status_of(folder)
        found["changes"] = changes_since(folder)
        if as_json:
            typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
            return
        typer.echo(f"generation  {found['generation']}, built {found['created']}")
        typer.echo(f"articles    {found['articles']} in {found['chunks']} passages, {found['skipped']} files skipped")
        if found["encodings"]:
            typer.echo(f"not UTF-8   {describe_encodings(found['encodings'])}")
        typer.echo(f"encoder     {found['encoder']['name']} ({found['encoder']['fingerprint']}), {found['encoder']['precision']}")
        typer.echo(f"size        {found['bytes'] / 1e6:.1f} MB, FAISS factory {found['factory']}")
        typer.echo(f"gate        {describe_gate(found['gate']) if found['gate'] else 'not asked'}")
        for kind, names in found["changes"].items():
            shown = ", ".join(map(visible, names[:5])) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
            typer.echo(f"{kind:<11} {len(names)}{': ' + shown if names else ''}")


@app.command(epilog="Example: python -m index check")
def check(index: IndexOption = DEFAULT_INDEX, as_json: JsonOption = False) -> None:
    """Check digests, counts and rows of the live index; exit 1 and name the file if anything is wrong."""
    with mendable():
        folder = live_generation(index)
        with progress_bar() as progress:
            problems = check_generation(folder, deep=True, progress=progress)
        if as_json:
            found = {"generation": folder.name, "ok": not problems, "problems": problems, "strays": strays(index)}
            typer.echo(json.dumps(found, ensure_ascii=False))
        elif not problems:
            typer.echo(f"{folder.name} holds")
            for stray in strays(index):
                typer.echo(f"not of the index, never opened: {visible(stray)}")
        else:
            for problem in problems[1:]:
                typer.echo(visible(problem), err=True)
        if problems:
            raise IndexDamaged(visible(with_remedy(problems[0])))


@app.command(epilog="Example: python -m index rollback")
def rollback(index: IndexOption = DEFAULT_INDEX) -> None:
    """Go back to the previous generation."""
    with mendable():
        typer.echo(f"live again: {roll_back(index)}")


def describe(report: "BuildReport") -> str:
    """The report in a few lines, naming what was skipped."""
    counts = f"{report.articles} articles in {report.chunks} passages"
    if report.changed:
        first = f"{counts}: {report.embedded} embedded, {report.reused} kept, {report.seconds:.1f} s"
    else:
        first = f"nothing changed: {counts}, {report.seconds:.1f} s"
    lines = [first, f"live: {report.generation}"]
    if report.verdict:
        lines.append(f"gate passed in {report.verdict.measured['seconds']} s: {describe_gate(report.verdict.measured)}")
    if report.encodings:
        lines.append(f"not in UTF-8: {describe_encodings(report.encodings)}")
    if report.skipped:
        lines.append(f"skipped {len(report.skipped)}:")
        lines += [visible(f"  {skipped.path}: {skipped.reason}") for skipped in report.skipped[:20]]
        if len(report.skipped) > 20:
            lines.append(f"  and {len(report.skipped) - 20} more, all named in the manifest")
    return "\n".join(lines)


def describe_encodings(encodings: dict[str, list[str]]) -> str:
    """What articles were read as, with the first of their names."""
    parts = []
    for encoding, ids in encodings.items():
        more = f" and {len(ids) - 3} more" if len(ids) > 3 else ""
        parts.append(f"{len(ids)} read as {encoding} ({', '.join(map(visible, ids[:3]))}{more})")
    return "; ".join(parts)


def describe_gate(measured: dict[str, Any]) -> str:
    """What was measured, in a line; the live generation's value in brackets."""
    parts = []
    for name, found in measured.items():
        if isinstance(found, dict):
            before = "" if found["live"] is None else f" ({found['live']:.3f})"
            parts.append(f"{name} {found['candidate']:.3f}{before} of {found['n']}")
    exact, quotes = measured["quotes_exact"]
    return ", ".join([f"{exact} of {quotes} quotes exact", *parts])


def _recorded(index: Path, corpus: list[Path] | None) -> dict[str, Any]:
    """Options and corpus of the last build; empty where there was none, or only damage is left of it and a corpus is given."""
    try:
        return last_manifest(index) or {}
    except IndexNewer:
        raise
    except IndexDamaged as damage:
        if corpus:
            return {}
        # The samples, the default, would take the place of the person's own articles.
        raise InputError(f"nothing in {index} tells any more what it was built from: give --corpus FOLDER") from damage


if __name__ == "__main__":
    app()
