"""The conversation on the page: the log, the box for the next question, and what happens on Enter, Stop, Retry, Undo and Clear.

Gradio's ChatInterface writes the log from two more copies of it when an answer is done, over what was cleared meanwhile, and
takes three requests before the question is shown; here it takes one.
"""

import html
import threading
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components.chatbot import ChatbotDataMessages, TextMessage

from index.options import SAMPLE_CORPUS
from qa.assistant import Assistant
from qa.chat import Desk, reply
from qa.conversation import Conversation, at_hand, latest, of_log, panel_of, stored
from qa.markup import escape
from qa.page_events import QUIET
from qa.page_texts import EXAMPLES, Interface, words
from qa.payer import payer
from qa.question import LONGEST_QUESTION

#: Whatever way it was asked, an answer counts among those worked on at once.
ANSWERS = "answers"
Messages = list[dict[str, Any]]


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


@dataclass(frozen=True)
class Asking:
    """A question under way; ``over`` once nobody wants its answer. Gradio's own way to cancel misses what is not queued yet."""

    question: str
    over: threading.Event


class Chat:
    """The log and the box. Made inside a Blocks; ``listen`` ties them to the page's events."""

    def __init__(self, desk: Desk, language: Interface):
        self._desk = desk
        self.log = TextChatbot(
            elem_id="aqa-log", show_label=False, buttons=[], render_markdown=False, latex_delimiters=[],
            allow_tags=False, allow_file_downloads=False, autoscroll=False, **self._log_words(language),
        )  # fmt: skip
        gr.HTML('<p id="aqa-sign" role="status"></p>', elem_id="aqa-sign-row", elem_classes="aqa-plain", js_on_load=None)
        self.box = gr.Textbox(
            elem_id="aqa-question", show_label=False, max_length=LONGEST_QUESTION, submit_btn=True,
            **_box_words(language),
        )  # fmt: skip
        self._asked = gr.State(None)
        # What /chat says and remembers: Gradio gives an endpoint to an event alone.
        self._api = gr.Button(visible=False)
        self._said, self._told = gr.JSON(visible=False), gr.State([])

    def listen(self, conversation: gr.State, sources: gr.HTML, kept: gr.BrowserState, language: gr.Radio, *options: Any) -> None:
        """``sources`` and ``kept`` follow the conversation; ``options``: the filters, and whether to quote only."""
        shown = [self.log, conversation, sources, kept]
        back = [self._asked, self.log, conversation, kept, language]
        asking = [*back, *options]
        queued: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "concurrency_id": ANSWERS}
        answering = []
        for began in (
            self.box.submit(self._begin, [self.box, self.log], [self.box, self._asked, self.log], **QUIET),
            self.log.retry(self._again, [self.log, conversation, kept, language], [self.box, self._asked, *shown[:3]], **QUIET),
        ):
            answering.append(began.then(self._answer, asking, shown, **queued))
            answering[-1].then(_ready, None, self.box, **QUIET)
            # Turned away by a full queue: the question goes back into its box, to be asked again.
            answering[-1].failure(self._turned_away, back, [self.box, *shown], **QUIET)
        # What comes of an answer that is no longer wanted must not be written over what is wanted.
        self.box.stop(self._take_back, back, [self.box, *shown], cancels=answering, **QUIET)
        self.log.undo(self._take_back, back, [self.box, *shown], cancels=answering, **QUIET)
        self.log.clear(self._clear, [self._asked, language], [self.box, *shown], cancels=answering, **QUIET)
        self.log.example_select(_picked, None, self.box, **QUIET)
        language.change(self._words, language, [self.log, self.box], **QUIET)
        self._api.click(
            self._chat, [self.box, self._told, conversation, language, *options], [self._said, self._told, conversation, sources],
            api_name="chat", api_visibility="public", concurrency_id=ANSWERS, postprocess=False,
        )  # fmt: skip

    def _begin(self, question: str, messages: Messages) -> tuple[Any, ...]:
        """The question stands in the log and may be stopped, before anybody looks for an answer."""
        return _busy(), Asking(question, threading.Event()), [*latest(messages), {"role": "user", "content": question}]

    def _again(self, messages: Messages, conversation: Conversation, kept: object, language: Interface) -> tuple[Any, ...]:
        before, question = _last_question(messages)
        conversation = of_log(at_hand(self._desk.assistant, conversation, kept, language), before)
        return *self._begin(question, before), conversation, panel_of(conversation, language)

    def _answer(
        self,
        asked: Asking | None,
        messages: Messages,
        conversation: Conversation,
        kept: object,
        language: Interface,
        *options: Any,
    ) -> Any:
        """The log with the reply, step by step; what the browser keeps, once it is whole. Nothing for an answer not wanted."""
        *filters, quotes_only = options
        held = None
        if asked and not asked.over.is_set():
            conversation = at_hand(self._desk.assistant, conversation, kept, language)
            told = {"quotes_only": quotes_only, "payer": payer()}
            steps = reply(self._desk, asked.question, messages[:-1], conversation, language, *filters, **told)
            with closing(steps):
                for said, held, panel in steps:
                    if asked.over.is_set():
                        break
                    yield [*messages, {"role": "assistant", "content": said}], held, panel, gr.skip()
        wanted = asked and not asked.over.is_set()
        yield gr.skip(), gr.skip(), gr.skip(), stored(held) if wanted and held is not None else gr.skip()

    def _take_back(
        self, asked: Asking | None, messages: Messages, conversation: Conversation, kept: object, language: Interface
    ) -> tuple[Any, ...]:
        """The last question, answered or not, goes back into its box."""
        _end(asked)
        before, question = _last_question(messages)
        conversation = of_log(at_hand(self._desk.assistant, conversation, kept, language), before)
        return _ready(question), before, conversation, panel_of(conversation, language), stored(conversation)

    def _turned_away(self, asked: Asking | None, *told: Any) -> tuple[Any, ...]:
        """As if it was taken back, unless it was: what is stopped fails, too."""
        wanted = asked is not None and not asked.over.is_set()
        return self._take_back(asked, *told) if wanted else (gr.skip(),) * 5

    def _clear(self, asked: Asking | None, language: Interface) -> tuple[Any, ...]:
        _end(asked)
        return _ready(""), [], [], panel_of([], language), stored([])

    def _chat(
        self,
        message: str,
        history: Messages,
        conversation: Conversation,
        language: Interface,
        languages: list[str] | None = None,
        sources: list[str] | None = None,
        since: str | None = None,
        until: str | None = None,
        quotes_only: bool = False,
    ) -> Any:
        """The answer as HTML, and the HTML of the sources panel, in the conversation of this session."""
        filters = languages, sources, since, until
        asked = message, history, conversation, language
        for said, held, panel in reply(self._desk, *asked, *filters, quotes_only=quotes_only, payer=payer()):
            told = [{"role": "user", "content": message}, {"role": "assistant", "content": said}]
            yield said, [*latest(history), *told], held, panel

    def _words(self, language: Interface) -> tuple[Any, ...]:
        return gr.update(**self._log_words(language)), gr.update(**_box_words(language))

    def _log_words(self, language: Interface) -> dict[str, Any]:
        welcome = f'<p class="aqa-welcome">{escape(words("welcome", language))}</p>'
        examples = [{"text": one} for one in _examples(self._desk.assistant, language)] or None
        return {"label": words("chat", language), "placeholder": welcome, "examples": examples}


def _end(asked: Asking | None) -> None:
    if asked:
        asked.over.set()


def _busy() -> Any:
    return gr.update(value="", interactive=False, submit_btn=False, stop_btn=True)


def _ready(question: str | None = None) -> Any:
    value = {} if question is None else {"value": question}
    return gr.update(interactive=True, submit_btn=True, stop_btn=False, **value)


def _picked(example: gr.SelectData) -> str:
    return str(example.value["text"])


def _last_question(messages: Messages) -> tuple[Messages, str]:
    """What stands before the last question, and its text; nothing where none was asked."""
    at = max((at for at, message in enumerate(messages) if message["role"] == "user"), default=0)
    return messages[:at], "".join(part["text"] for message in messages[at : at + 1] for part in message["content"])


def _box_words(language: Interface) -> dict[str, Any]:
    return {"label": words("question", language), "placeholder": words("placeholder", language)}


def _examples(assistant: Assistant, language: Interface) -> tuple[str, ...]:
    """Example questions, which only the sample corpus answers."""
    return EXAMPLES[language] if assistant.snapshot().manifest["corpus"] == [str(SAMPLE_CORPUS.absolute())] else ()
