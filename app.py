"""The page: ``python app.py`` builds the index if there is none and opens the chat on this machine alone."""

import atexit
import os
import signal
import tempfile
import threading
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import gradio as gr
import typer
from starlette.middleware import Middleware

from corpus.console import mendable, progress_bar
from corpus.errors import GateRefused, IndexBusy, IndexDamaged, IndexNewer, InputError
from index.build import build as build_index
from index.encoder import Encoder, load_encoder
from index.gate import evaluation_gate
from index.options import DEFAULT_INDEX, SAMPLE_CORPUS, BuildOptions
from index.snapshot import FORMAT, open_snapshot
from index.status import last_manifest
from qa.article_page import ArticlePages
from qa.assistant import Assistant, open_assistant, reader_of
from qa.chat import Desk
from qa.chat_model import ChatModel
from qa.feedback import LONGEST, candidates_of
from qa.gguf import configured_model
from qa.guard import LOOPBACK_NAMES, Guard, Rules, is_loopback, read_logins, signed_in
from qa.heaps import give_back, share_heaps
from qa.journal import Journal, journal_of
from qa.manage import LARGEST_DROP, Office
from qa.mcp import Mcp
from qa.page import build
from qa.sessions import Sessions

ASSETS = Path(__file__).with_name("qa")
#: Answers worked on at once, and questions that may wait; a question beyond them is told at once that the page is busy.
AT_ONCE, WAITING = 8, 64
SESSIONS = 200
#: Questions a minute from one address, where others can reach the page.
RATE = 60
FONTS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif"]
MONOSPACE = ["ui-monospace", "Consolas", "monospace"]

cli = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


def serve(
    desk: Desk,
    host: str = "127.0.0.1",
    port: int | None = None,
    rules: Rules | None = None,
    logins: list[tuple[str, str]] | None = None,
    mcp: bool = False,
) -> tuple[str, gr.Blocks]:
    """Serve the page in a thread of its own; its address, and what ``close`` stops. ``logins``: names and passwords let in."""
    page = build(desk)
    page.queue(max_size=WAITING, default_concurrency_limit=AT_ONCE, api_open=False)
    uploads = bool(desk.office and desk.office.drop)
    rules = replace(rules or Rules(), addresses=not is_loopback(host), uploads=uploads, login=bool(logins), mcp=mcp)
    middleware = [Middleware(Guard, rules=rules), Middleware(Sessions)]
    middleware += [Middleware(ArticlePages, article=desk.article, admitted=signed_in)]
    middleware += [Middleware(Mcp, desk=desk, logins=logins)] if mcp else []
    try:
        _, address, _ = page.launch(
            server_name=host, server_port=port, prevent_thread_lock=True, quiet=True,
            app_kwargs={"middleware": middleware}, auth=logins,
            share=False, show_error=False, strict_cors=True, ssr_mode=False, mcp_server=False, pwa=False, num_workers=0,
            run_history=False, enable_monitoring=False, footer_links=[], max_file_size=LARGEST_DROP if uploads else "1kb",
            state_session_capacity=SESSIONS,
            allowed_paths=[], theme=gr.themes.Base(font=FONTS, font_mono=MONOSPACE),
            css_paths=ASSETS / "page.css", head=f"<script>{(ASSETS / 'page.js').read_text('utf-8')}</script>",
        )  # fmt: skip
    except OSError as error:
        raise InputError(f"cannot listen on {host}, port {port or '7860 to 7959'}: give another --host or --port") from error
    # Under the newest protocol name gradio_client takes every object with a "path" for a file, and a quote of /ask has one.
    page.config["protocol"] = "sse_v2.1"
    return str(address), page


@cli.command(epilog="Example: python app.py --corpus my-articles --port 7860")
def main(
    index: Annotated[Path, typer.Option(help="The folder of the index.")] = DEFAULT_INDEX,
    corpus: Annotated[
        list[Path] | None,
        typer.Option(help="A folder or file of articles to bring the index up to date with; may be given several times."),
    ] = None,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Default: the first free one from 7860.")] = None,
    allow_public: Annotated[bool, typer.Option("--allow-public", help="Let other machines in without a log-in.")] = False,
    login: Annotated[Path | None, typer.Option(help="A file of name:password lines: only they are let in.")] = None,
    rate: Annotated[
        int | None, typer.Option(min=0, help="Questions a minute from one address; 0: any. Default: 60 if others can reach it.")
    ] = None,
    manage: Annotated[
        bool, typer.Option("--manage", help="Let readers rebuild the index, roll it back and run the evaluation.")
    ] = False,
    mcp: Annotated[bool, typer.Option("--mcp", help="Offer the articles to other programs' models at /mcp.")] = False,
    drop: Annotated[Path | None, typer.Option(help="With --manage: the corpus folder that dropped articles go to.")] = None,
    name: Annotated[
        list[str] | None, typer.Option(help="A host name the page is reached under; may be given several times.")
    ] = None,
    gguf: Annotated[Path | None, typer.Option("--gguf", help="A chat model's file, to word the answers in this process.")] = None,
    journal: Annotated[
        Path | None, typer.Option(help="Where every answer is noted. Default: journal.jsonl beside the index.")
    ] = None,
    no_journal: Annotated[bool, typer.Option("--no-journal", help="Note no answers.")] = False,
) -> None:
    """Ask the articles in the browser. Builds the index first if there is none."""
    with mendable():
        share_heaps()
        public = not is_loopback(host)
        if public and not allow_public and not login:
            raise InputError(f"{host} can be reached from other machines, without a log-in: add --login FILE, or --allow-public")
        if public and manage and not login:
            raise InputError(f"{host} can be reached from other machines: --manage needs --login FILE there")
        if drop and not manage:
            raise InputError("--drop needs --manage: what is dropped in is not asked before a rebuild")
        logins = read_logins(login) if login else None
        assistant = _assistant(index, corpus, configured_model(gguf, os.environ))
        give_back()
        desk = Desk(
            assistant,
            journal=None if no_journal else Journal(journal or journal_of(index)),
            candidates=None if no_journal else Journal(candidates_of(index), longest=LONGEST, kept=1),
            office=Office(assistant, _in_corpus(drop, assistant)) if manage else None,
        )
        names = LOOPBACK_NAMES | {one.lower() for one in name or ()}
        a_minute = rate if rate is not None else RATE if public else 0
        # A question takes two requests: one to be answered, one to free the box for the next.
        address, _ = serve(desk, host, port, Rules(names, a_minute=2 * a_minute), logins, mcp)
        typer.echo(f"Article QA is at {address} (Ctrl-C stops it)")
        try:
            threading.Event().wait()
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C would print the traceback of the exit itself


def _in_corpus(drop: Path | None, assistant: Assistant) -> Path | None:
    """The folder for dropped articles. InputError for one that a rebuild would not read."""
    corpus = [Path(path) for path in assistant.snapshot().manifest["corpus"]]
    if drop and not any(drop.absolute().is_relative_to(path) for path in corpus):
        raise InputError(f"{drop} is not part of the corpus ({', '.join(map(str, corpus))}): a rebuild would not read it")
    return drop


def _assistant(index: Path, corpus: list[Path] | None, model: ChatModel | None) -> Assistant:
    """Over the index as it is, or built first where there is none, a corpus is named, or an older program made it; what the gate
    refuses is not served."""
    try:
        last = last_manifest(index)
    except IndexDamaged as damage:
        if not corpus or isinstance(damage, IndexNewer):
            raise
        last = None
    made = last or {"format": FORMAT, "options": {}, "corpus": [SAMPLE_CORPUS]}
    if last and not corpus and made["format"] == FORMAT:
        return open_assistant(index, model=model)
    if made["format"] < FORMAT:
        typer.echo(f"the index is of format {made['format']}, this program writes {FORMAT}: bringing it up to date", err=True)
    options = BuildOptions(**made["options"])
    encoder = load_encoder(options.model, engine=options.engine)
    try:
        with progress_bar() as progress:
            gate = evaluation_gate() if last else None
            build_index(corpus or [Path(path) for path in made["corpus"]], index, encoder, options, gate=gate, progress=progress)
    except GateRefused as refused:
        typer.echo(str(refused), err=True)
    except IndexBusy as busy:
        if last:
            raise
        typer.echo(f"{busy}; meanwhile the page has no articles, and takes them in once they are there", err=True)
        return _awaiting(index, encoder, options, model)
    return Assistant(index, encoder, reader=reader_of(encoder), model=model)


def _awaiting(index: Path, encoder: Encoder, options: BuildOptions, model: ChatModel | None) -> Assistant:
    """Over an index that another process is making for the first time: without articles until it is there."""
    folder = tempfile.TemporaryDirectory(prefix="article-qa-")
    atexit.register(folder.cleanup)
    none, empty = Path(folder.name) / "none", Path(folder.name) / "index"
    none.mkdir()
    build_index([none], empty, encoder, options)
    return Assistant(index, encoder, reader=reader_of(encoder), snapshot=open_snapshot(empty), model=model)


if __name__ == "__main__":
    cli()
