"""The page as Gradio builds it: the chat, its filters and its sources, and the API for programs. No decisions are made here."""

import os
from typing import Any

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read while gradio is imported
# Gradio keeps ten thousand events to tell how long they took, and reckons all of them up, in pandas, with every further one.
os.environ |= {"GRADIO_ANALYTICS_MAX_EVENTS": "1", "GRADIO_ANALYTICS_CACHE_FREQUENCY": str(10**12)}

import gradio as gr

from qa.assistant import Assistant
from qa.chat import Desk, Refused, answer_record
from qa.conversation import Conversation, at_hand, panel_of
from qa.page_articles import Articles, Evaluation
from qa.page_chat import ANSWERS, Chat
from qa.page_events import QUIET
from qa.page_filters import Filters
from qa.page_texts import Interface, preferred, words
from qa.page_tools import Tools
from qa.page_wording import Wording
from qa.payer import payer
from qa.render import header, panel


class Page(gr.Blocks):
    """Blocks whose endpoints may be called with their first arguments alone, as in ``{"data": ["a question"]}``, and which keep
    nothing of what a session was shown."""

    def validate_inputs(self, block_fn: Any, inputs: list[Any]) -> None:
        inputs.extend(getattr(block, "value", None) for block in block_fn.inputs[len(inputs) :])
        super().validate_inputs(block_fn, inputs)

    async def postprocess_data(self, block_fn: Any, predictions: Any, state: Any) -> list[Any]:
        shown = await super().postprocess_data(block_fn, predictions, state)
        if state:
            # Every component as this session sees it, for links into the session, which the page does not offer.
            state.config_values.clear()
        return shown


def build(desk: Desk) -> gr.Blocks:
    """The page and its API, not yet served."""
    assistant = desk.assistant

    def ask(
        question: str,
        history: list[dict[str, Any]] | None = None,
        languages: list[str] | None = None,
        sources: list[str] | None = None,
        since: str | None = None,
        until: str | None = None,
        quotes_only: bool = False,
        translate: bool = False,
    ) -> dict[str, Any]:
        """One question to its answer record. History: turns of role (user, assistant) and text; dates are ISO and inclusive;
        quotes_only: in no words but the articles', though there is a chat model; translate: the model's translations beside the
        quotes in another language."""
        try:
            filters = languages, sources, since, until
            return answer_record(desk, question, history, *filters, quotes_only=quotes_only, translate=translate, payer=payer())
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
                with gr.Column(scale=3, min_width=340, elem_id="aqa-chat"):
                    filters = Filters(assistant, "en")
                    wording = Wording(desk, "en")
                    chat = Chat(desk, "en")
                    tools = Tools(desk, "en")
                with gr.Column(scale=2, min_width=340):
                    sources = gr.HTML(panel([], "en"), elem_id="aqa-sources", js_on_load=None)
            with gr.Tab(words("articles", "en"), id="articles") as articles_tab:
                articles = Articles(desk, "en")
            with gr.Tab(words("evaluation", "en"), id="evaluation") as evaluation_tab:
                evaluation = Evaluation(desk, "en")
        tabs = {"ask_tab": ask_tab, "articles": articles_tab, "evaluation": evaluation_tab}

        def translate(language: Interface, conversation: Conversation, kept: object) -> tuple[Any, ...]:
            names = [gr.update(label=words(name, language)) for name in tabs]
            held = at_hand(assistant, conversation, kept, language)
            return _header(assistant, language), panel_of(held, language), *names

        def opened(kept: object, request: gr.Request) -> tuple[Any, ...]:
            preferred_language = preferred(request.headers.get("accept-language", ""))
            return preferred_language, *tools.put_back(kept, preferred_language)

        page.load(opened, tools.kept, [language, chat.log, conversation, sources], **QUIET)
        language.change(translate, [language, conversation, tools.kept], [top, sources, *tabs.values()], **QUIET)
        articles.listen(articles_tab, language)
        evaluation.listen(evaluation_tab, language)
        filters.listen(page, language)
        chat.listen(conversation, sources, tools.kept, language, *filters.inputs, wording.quotes_only)
        wording.listen(chat, conversation, tools.kept, language)
        tools.listen(chat, conversation, language)
        gr.api(ask, api_name="ask", concurrency_id=ANSWERS)
    return page


def _header(assistant: Assistant, language: Interface) -> str:
    snapshot = assistant.snapshot()
    return header(language, len(snapshot.articles), len({article.language for article in snapshot.articles}))
