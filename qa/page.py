"""The page as Gradio builds it: the chat, its filters and its sources, and the API for programs. No decisions are made here."""

import html
import os
from typing import Any

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read while gradio is imported

import gradio as gr
from gradio.components.chatbot import ChatbotDataMessages, TextMessage

from index.options import SAMPLE_CORPUS
from qa.assistant import Assistant
from qa.chat import Conversation, Desk, Refused, answer_record, panel_of, reply, stored
from qa.markup import escape
from qa.page_articles import Articles, Evaluation
from qa.page_filters import Filters
from qa.page_texts import EXAMPLES, Interface, preferred, words
from qa.page_tools import Tools
from qa.page_wording import Wording
from qa.question import LONGEST_QUESTION
from qa.render import header, panel

#: Neither listed nor queued, and nothing spins: events of the page itself.
QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "queue": False}


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


def build(desk: Desk) -> gr.Blocks:
    """The page and its API, not yet served."""
    assistant = desk.assistant

    def chat(
        message: str,
        history: list[dict[str, Any]],
        conversation: Conversation,
        language: Interface,
        languages: list[str] | None = None,
        sources: list[str] | None = None,
        since: str | None = None,
        until: str | None = None,
        quotes_only: bool = False,
    ) -> Any:
        """The answer as HTML, and the HTML of the sources panel."""
        filters = languages, sources, since, until
        yield from reply(desk, message, history, conversation, language, *filters, quotes_only=quotes_only)

    def ask(
        question: str,
        history: list[dict[str, Any]] | None = None,
        languages: list[str] | None = None,
        sources: list[str] | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> dict[str, Any]:
        """One question to its answer record. History: turns of role (user, assistant) and text; dates are ISO and inclusive."""
        try:
            return answer_record(desk, question, history, languages, sources, since, until)
        except Refused as refused:
            raise gr.Error(str(refused), print_exception=False) from None

    with Page(title=words("title", "en"), analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600)) as page:
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
        conversation = gr.State([])
        with gr.Tabs(elem_id="aqa-tabs"):
            with gr.Tab(words("ask_tab", "en"), id="ask") as ask_tab, gr.Row(elem_id="aqa-main"):
                sources = gr.HTML(panel([], "en"), elem_id="aqa-sources", js_on_load=None, render=False)
                with gr.Column(scale=3, min_width=340, elem_id="aqa-chat"):
                    filters = Filters(assistant, "en")
                    wording = Wording(desk, "en")
                    interface = gr.ChatInterface(
                        chat,
                        chatbot=TextChatbot(
                            elem_id="aqa-log", show_label=False, buttons=[], render_markdown=False, latex_delimiters=[],
                            allow_tags=False, allow_file_downloads=False, **_chatbot_words("en"),
                        ),
                        textbox=gr.Textbox(
                            elem_id="aqa-question", max_length=LONGEST_QUESTION, submit_btn=True, stop_btn=True,
                            **_textbox_words("en"),
                        ),
                        additional_inputs=[conversation, language, *filters.inputs, wording.quotes_only],
                        additional_outputs=[conversation, sources],
                        examples=[[question] for question in _examples(assistant, "en")] or None,
                        cache_examples=False,
                        flagging_mode="never",
                        analytics_enabled=False,
                        api_name="chat",
                        fill_height=False,
                    )  # fmt: skip
                    tools = Tools(desk, "en")
                with gr.Column(scale=2, min_width=340):
                    sources.render()
            with gr.Tab(words("articles", "en"), id="articles") as articles_tab:
                articles = Articles(desk, "en")
            with gr.Tab(words("evaluation", "en"), id="evaluation") as evaluation_tab:
                evaluation = Evaluation(desk, "en")
        tabs = {"ask_tab": ask_tab, "articles": articles_tab, "evaluation": evaluation_tab}

        def translate(language: Interface, conversation: Conversation) -> tuple[Any, ...]:
            examples = [{"text": one} for one in _examples(assistant, language)] or None
            chatbot = gr.update(**_chatbot_words(language), examples=examples)
            return _header(assistant, language), chatbot, gr.update(**_textbox_words(language)), panel_of(conversation, language)

        def opened(kept: object, request: gr.Request) -> tuple[Any, ...]:
            preferred_language = preferred(request.headers.get("accept-language", ""))
            return preferred_language, *tools.put_back(kept, preferred_language)

        shown = [language, interface.chatbot, interface.chatbot_state, conversation, sources]
        page.load(opened, tools.kept, shown, **QUIET)
        translated = [top, interface.chatbot, interface.textbox, sources]
        language.change(translate, [language, conversation], translated, **QUIET)
        language.change(
            lambda language: [gr.update(label=words(name, language)) for name in tabs], language, [*tabs.values()], **QUIET
        )
        articles.listen(articles_tab, language)
        evaluation.listen(evaluation_tab, language)
        filters.listen(page, language)
        wording.listen(interface, conversation, language)
        tools.listen(page, interface, conversation, language)

        def back_to(conversation: Conversation, language: Interface) -> tuple[Any, ...]:
            return conversation, panel_of(conversation, language), stored(conversation)

        # What is kept in the browser follows an answer by itself, but not what happens outside the queue.
        held = [conversation, sources, tools.kept]
        interface.chatbot.clear(lambda language: back_to([], language), language, held, **QUIET)
        interface.chatbot.undo(
            lambda conversation, language: back_to(conversation[:-1], language), [conversation, language], held, **QUIET
        )
        gr.api(ask, api_name="ask")
    return page


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
