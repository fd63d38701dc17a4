"""What the page has for a chat model: the switch to the articles' own words, and translations of the quotes on demand.

Without a model neither is shown.
"""

from typing import Any

import gradio as gr

from qa.chat import Desk, translations
from qa.conversation import Conversation, at_hand
from qa.page_chat import Chat
from qa.page_events import QUIET
from qa.page_texts import Interface, words
from qa.payer import payer


class Wording:
    """Made inside a Blocks; ``listen`` ties it to the page's events."""

    def __init__(self, desk: Desk, language: Interface):
        self._desk = desk
        there = desk.assistant.model is not None
        with gr.Row(visible=there, elem_id="aqa-wording"):
            self.quotes_only = gr.Checkbox(False, label=words("quotes_only", language), container=False, min_width=180)
            self.translate = gr.Button(words("translate", language), size="sm", elem_id="aqa-translate")
        self.translated = gr.HTML("", elem_id="aqa-translated", visible=there, js_on_load=None)

    def listen(self, chat: Chat, conversation: gr.State, kept: gr.BrowserState, language: gr.Radio) -> None:
        if self._desk.assistant.model is None:
            return
        asked = [conversation, kept, language]
        self.translate.click(
            self._translate, asked, self.translated, api_visibility="private", show_progress="hidden", concurrency_limit=2
        )
        # Translations are of the last answer: they go with the next question.
        chat.box.submit(lambda: "", None, self.translated, **QUIET)
        chat.log.clear(lambda: "", None, self.translated, **QUIET)
        language.change(self._words, language, [self.quotes_only, self.translate], **QUIET)

    def _translate(self, conversation: Conversation, kept: object, language: Interface) -> str:
        held = at_hand(self._desk.assistant, conversation, kept, language)
        return translations(self._desk, held, language, payer())

    @staticmethod
    def _words(language: Interface) -> tuple[Any, ...]:
        return gr.update(label=words("quotes_only", language)), gr.update(value=words("translate", language))
