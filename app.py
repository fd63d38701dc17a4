"""The page: ``python app.py`` builds the index if there is none and opens the chat on this machine alone."""

import html
import logging
import os
import secrets
import signal
import threading
from pathlib import Path
from typing import Annotated, Any

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read while gradio is imported

import gradio as gr
import typer
from gradio.components.chatbot import ChatbotDataMessages, TextMessage
from starlette.middleware import Middleware

from corpus.console import mendable, progress_bar
from corpus.errors import GateRefused, InputError
from index.build import build as build_index
from index.encoder import load_encoder
from index.gate import evaluation_gate
from index.options import DEFAULT_INDEX, SAMPLE_CORPUS, BuildOptions
from index.snapshot import current_generation, read_manifest
from qa.assistant import Assistant, open_assistant, reader_of
from qa.guard import LOOPBACK_NAMES, Guard, is_loopback
from qa.page_texts import EXAMPLES, INTERFACES, Interface, preferred, words
from qa.question import LONGEST_HISTORY, LONGEST_QUESTION, BadQuestion
from qa.record import record_of
from qa.render import escape, header, notice, panel, plain, render
from qa.request import BadRequest, options_of, question_of, turns_of

ASSETS = Path(__file__).with_name("qa")
#: Answers worked on at once, and questions that may wait; a question beyond them is told at once that the page is busy.
AT_ONCE, WAITING = 8, 64
SESSIONS = 200
FONTS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif"]
MONOSPACE = ["ui-monospace", "Consolas", "monospace"]

log = logging.getLogger("article-qa")
cli = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
Sections = list[dict[Interface, str]]


class TextChatbot(gr.Chatbot):
    """A Chatbot that takes in nothing but text and shows what the user typed as typed.

    Gradio's own would read Markdown and HTML in a question, and build any component a client names in a forged history.
    """

    is_template = True

    def preprocess(self, payload: ChatbotDataMessages | None) -> list[dict[str, Any]]:
        messages = []
        for message in payload.root if payload else []:
            if message.role not in ("user", "assistant") or not all(isinstance(part, TextMessage) for part in message.content):
                raise gr.Error("The history may hold only text by user and assistant.")
            text = "".join(part.text for part in message.content)
            typed = html.unescape(text) if message.role == "user" else text
            messages.append({"role": message.role, "content": [{"type": "text", "text": typed}]})
        return messages

    def postprocess(self, value: list[Any] | None) -> ChatbotDataMessages:
        messages = super().postprocess(value)
        for message in messages.root:
            if message.role == "user":
                message.content = [
                    TextMessage(text=escape(part.text)) for part in message.content if isinstance(part, TextMessage)
                ]
        return messages


class Page(gr.Blocks):
    """Blocks whose endpoints may be called with their first arguments alone, as in ``{"data": ["a question"]}``."""

    def validate_inputs(self, block_fn: Any, inputs: list[Any]) -> None:
        inputs.extend(getattr(block, "value", None) for block in block_fn.inputs[len(inputs) :])
        super().validate_inputs(block_fn, inputs)


def build(assistant: Assistant) -> gr.Blocks:
    """The page and its API, not yet served."""

    def chat(message: str, history: list[dict[str, Any]], sections: Sections, language: Interface) -> tuple[str, Sections, str]:
        """The answer as HTML, and the HTML of the sources panel."""
        return reply(assistant, message, history, sections, language)

    def ask(
        question: str,
        history: list[dict[str, Any]] | None = None,
        languages: list[str] | None = None,
        sources: list[str] | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> dict[str, Any]:
        """One question to its answer record. History: turns of role (user, assistant) and text; dates are ISO and inclusive."""
        return answer_record(assistant, question, history, languages, sources, since, until)

    examples = _examples(assistant, "en")
    with Page(title=words("title", "en"), analytics_enabled=False, fill_width=True) as page:
        with gr.Row(elem_id="aqa-top"):
            top = gr.HTML(_header(assistant, "en"), elem_id="aqa-header", js_on_load=None)
            language = gr.Radio(
                [("English", "en"), ("Français", "fr")],
                value="en",
                label="Language / Langue",
                show_label=False,
                container=False,
                elem_id="aqa-language",
                min_width=180,
            )
        sections = gr.State([])
        with gr.Row(elem_id="aqa-main"):
            sources = gr.HTML(panel([], "en"), elem_id="aqa-sources", js_on_load=None, render=False)
            with gr.Column(scale=3, min_width=340, elem_id="aqa-chat"):
                interface = gr.ChatInterface(
                    chat,
                    chatbot=TextChatbot(
                        elem_id="aqa-log", show_label=False, buttons=[], render_markdown=False, latex_delimiters=[],
                        allow_tags=False, allow_file_downloads=False, **_chatbot_words("en"),
                    ),
                    textbox=gr.Textbox(
                        elem_id="aqa-question", max_length=LONGEST_QUESTION, submit_btn=True, **_textbox_words("en")
                    ),
                    additional_inputs=[sections, language],
                    additional_outputs=[sections, sources],
                    examples=[[question] for question in examples] or None,
                    cache_examples=False,
                    flagging_mode="never",
                    analytics_enabled=False,
                    api_name="chat",
                    fill_height=False,
                )  # fmt: skip
            with gr.Column(scale=2, min_width=340):
                sources.render()

        def translate(language: Interface, sections: Sections) -> tuple[Any, ...]:
            shown = gr.update(
                **_chatbot_words(language), examples=[{"text": one} for one in _examples(assistant, language)] or None
            )
            return _header(assistant, language), shown, gr.update(**_textbox_words(language)), _panel(sections, language)

        quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "queue": False}
        page.load(_language_of, None, language, **quiet)
        language.change(translate, [language, sections], [top, interface.chatbot, interface.textbox, sources], **quiet)
        interface.chatbot.clear(lambda language: ([], panel([], language)), language, [sections, sources], **quiet)
        interface.chatbot.undo(
            lambda sections, language: (sections[:-1], _panel(sections[:-1], language)),
            [sections, language],
            [sections, sources],
            **quiet,
        )
        gr.api(ask, api_name="ask")
    return page


def reply(
    assistant: Assistant, message: str, history: list[dict[str, Any]], sections: Sections, language: Interface
) -> tuple[str, Sections, str]:
    """The chat's next message, the sources of all its answers, and the panel that shows them."""
    answered = sum(turn["role"] == "assistant" for turn in history)
    said, sources = "", {}
    try:
        turns = turns_of([{**turn, "content": _text_of(turn)} for turn in history[-LONGEST_HISTORY:]])
        asked = assistant.ask(question_of(message), turns, fallback_language=language)
        rendered = {one: render(asked, one, str(answered + 1)) for one in INTERFACES}
        said, sources = rendered[language].answer_html, {one: rendered[one].sources_html for one in INTERFACES}
    except (BadQuestion, BadRequest) as error:
        said = notice(str(error))
    except Exception:
        said = notice(words("failed", language, number=_logged()))
    # An answer taken back or asked again takes its sources along: as many sections as answers, whatever happened before.
    kept: Sections = [*sections, *({} for _ in range(answered))][:answered]
    return said, [*kept, sources], _panel([*kept, sources], language)


def answer_record(assistant: Assistant, question: object, history: object, *filters: object) -> dict[str, Any]:
    """The record of one answer; gr.Error, without anything of what was sent, for a request that cannot be answered."""
    try:
        asked = assistant.ask(question_of(question), turns_of(history), options_of(*filters))
    except (BadQuestion, BadRequest) as error:
        raise gr.Error(str(error), print_exception=False) from None
    except Exception:
        raise gr.Error(words("failed", "en", number=_logged()), print_exception=False) from None
    return record_of(asked, secrets.token_hex(8))


def serve(page: gr.Blocks, host: str = "127.0.0.1", port: int | None = None, names: tuple[str, ...] = ()) -> str:
    """Serve the page in a thread of its own; its address. ``names``: host names it answers to beside this machine's own."""
    page.queue(max_size=WAITING, default_concurrency_limit=AT_ONCE, api_open=False)
    guard = Middleware(Guard, names=LOOPBACK_NAMES | {name.lower() for name in names}, addresses=not is_loopback(host))
    try:
        _, address, _ = page.launch(
            server_name=host, server_port=port, prevent_thread_lock=True, quiet=True, app_kwargs={"middleware": [guard]},
            share=False, show_error=False, strict_cors=True, ssr_mode=False, mcp_server=False, pwa=False, num_workers=0,
            run_history=False, enable_monitoring=False, footer_links=[], max_file_size="1kb", state_session_capacity=SESSIONS,
            allowed_paths=[], theme=gr.themes.Base(font=FONTS, font_mono=MONOSPACE),
            css_paths=ASSETS / "page.css", head=f"<script>{(ASSETS / 'page.js').read_text('utf-8')}</script>",
        )  # fmt: skip
    except OSError as error:
        raise InputError(f"cannot listen on {host}, port {port or '7860 to 7959'}: give another --host or --port") from error
    # Under the newest protocol name gradio_client takes every object with a "path" for a file, and a quote of /ask has one.
    page.config["protocol"] = "sse_v2.1"
    return str(address)


@cli.command(epilog="Example: python app.py --corpus my-articles --port 7860")
def main(
    index: Annotated[Path, typer.Option(help="The folder of the index.")] = DEFAULT_INDEX,
    corpus: Annotated[
        list[Path] | None,
        typer.Option(help="A folder or file of articles to bring the index up to date with; may be given several times."),
    ] = None,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Default: the first free one from 7860.")] = None,
    allow_public: Annotated[bool, typer.Option("--allow-public", help="Let other machines in: there is no log-in.")] = False,
    name: Annotated[
        list[str] | None, typer.Option(help="A host name the page is reached under; may be given several times.")
    ] = None,
) -> None:
    """Ask the articles in the browser. Builds the index first if there is none."""
    with mendable():
        if not is_loopback(host) and not allow_public:
            raise InputError(f"{host} can be reached from other machines, without a log-in: add --allow-public if that is meant")
        address = serve(build(_assistant(index, corpus)), host, port, tuple(name or ()))
        typer.echo(f"Article QA is at {address} (Ctrl-C stops it)")
        try:
            threading.Event().wait()
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C would print the traceback of the exit itself


def _assistant(index: Path, corpus: list[Path] | None) -> Assistant:
    """Over the index as it is, or built first where there is none or a corpus is named; what the gate refuses is not served."""
    live = current_generation(index)
    if live is not None and not corpus:
        return open_assistant(index)
    options = BuildOptions(**read_manifest(live)["options"]) if live else BuildOptions()
    encoder = load_encoder(options.model)
    try:
        with progress_bar() as progress:
            gate = evaluation_gate() if live else None
            build_index(corpus or [SAMPLE_CORPUS], index, encoder, options, gate=gate, progress=progress)
    except GateRefused as refused:
        typer.echo(str(refused), err=True)
    return Assistant(index, encoder, reader=reader_of(encoder))


def _language_of(request: gr.Request) -> Interface:
    return preferred(request.headers.get("accept-language", ""))


def _text_of(turn: dict[str, Any]) -> str:
    """The plain words of a message of the chat, which Gradio holds as a string or as a list of parts."""
    content = turn["content"]
    text = content if isinstance(content, str) else "".join(str(part.get("text", "")) for part in content)
    return plain(text) if turn["role"] == "assistant" else text


def _panel(sections: Sections, language: Interface) -> str:
    return panel([section.get(language, "") for section in sections], language)


def _header(assistant: Assistant, language: Interface) -> str:
    snapshot = assistant.snapshot()
    return header(language, len(snapshot.articles), len({article.language for article in snapshot.articles}))


def _examples(assistant: Assistant, language: Interface) -> tuple[str, ...]:
    """Example questions, which only the sample corpus answers."""
    return EXAMPLES[language] if assistant.snapshot().manifest["corpus"] == [str(SAMPLE_CORPUS.absolute())] else ()


def _chatbot_words(language: Interface) -> dict[str, Any]:
    return {"label": words("chat", language), "placeholder": f'<p class="aqa-welcome">{escape(words("welcome", language))}</p>'}


def _textbox_words(language: Interface) -> dict[str, Any]:
    return {"label": words("question", language), "placeholder": words("placeholder", language)}


def _logged() -> str:
    """Log the exception at hand under a number that is safe to show."""
    number = secrets.token_hex(4)
    log.exception("no answer, number %s", number)
    return number


if __name__ == "__main__":
    cli()
