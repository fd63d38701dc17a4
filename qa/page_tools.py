"""What can be done with answers once they are there: copy, save, judge, and find them again after a reload."""

import json
from typing import Any

import gradio as gr

from qa.chat import Conversation, Desk, exported, rate, restored
from qa.feedback import LONGEST_COMMENT, Verdict
from qa.page_chat import Chat
from qa.page_events import QUIET
from qa.page_texts import Interface, words

#: The browser keeps the conversation for itself: the key hides nothing, and what comes back is checked like any request.
KEPT = "article-qa-conversation"


class Tools:
    """The row below the chat and the fold for a comment. Made inside a Blocks; ``listen`` ties them to the page's events."""

    def __init__(self, desk: Desk, language: Interface):
        self._desk = desk
        with gr.Row(elem_id="aqa-tools"):
            self.what = gr.Radio(
                self._whats(language), value="last", label=words("what", language), show_label=False, container=False
            )
            self.copy = gr.Button(words("copy", language), size="sm", elem_id="aqa-copy")
            self.markdown = gr.Button("Markdown", size="sm", elem_id="aqa-markdown")
            self.html = gr.Button("HTML", size="sm", elem_id="aqa-html")
        self.carried = gr.Textbox(visible="hidden", elem_id="aqa-carried")
        with gr.Group(visible=False, elem_id="aqa-commenting") as self.commenting:
            self.comment = gr.Textbox(
                label=words("comment", language), max_length=LONGEST_COMMENT, max_lines=3, elem_id="aqa-comment"
            )
            self.send = gr.Button(words("send", language), size="sm")
        self.rated = gr.State(None)
        self.kept = gr.BrowserState({}, storage_key=KEPT, secret=KEPT)

    def listen(self, chat: Chat, conversation: gr.State, language: gr.Radio) -> None:
        for button, form in ((self.copy, "copy"), (self.markdown, "md"), (self.html, "html")):
            button.click(
                lambda what, conversation, language, form=form: self._carry(form, what, conversation, language),
                [self.what, conversation, language],
                self.carried,
                **QUIET,
            ).then(None, self.carried, None, js="(carried) => { window.aqaDeliver(carried); }")
        if self._desk.candidates:
            about = [chat.log, conversation]
            liked = chat.log.like(self._like, about, [self.rated, self.commenting], **QUIET)
            liked.then(None, None, None, js="() => { window.aqaComment(); }")
            self.send.click(
                self._comment, [self.rated, self.comment, conversation, language], [self.comment, self.commenting], **QUIET
            )
            self.comment.submit(
                self._comment, [self.rated, self.comment, conversation, language], [self.comment, self.commenting], **QUIET
            )
        language.change(self._translate, language, [self.what, self.copy, self.comment, self.send], **QUIET)

    def put_back(self, kept: object, language: Interface) -> tuple[Any, ...]:
        """What a browser kept, to the messages of the chat, the conversation and its panel."""
        return restored(self._desk, kept, language)

    def _carry(self, form: str, what: str, conversation: Conversation, language: Interface) -> str:
        text, name = exported(conversation, what == "all", form, language)
        if not text:
            gr.Info(words("nothing_to_save", language))
        return json.dumps({"form": form, "text": text, "name": name, "copied": words("copied", language)})

    def _like(self, messages: list[dict[str, Any]], conversation: Conversation, about: gr.LikeData) -> tuple[Any, ...]:
        index = about.index[0] if isinstance(about.index, list | tuple) else about.index
        number = sum(message["role"] == "assistant" for message in messages[:index]) if isinstance(index, int) else -1
        verdict: Verdict = "like" if about.liked is True else "dislike"
        if not rate(self._desk, conversation, number, verdict):
            return None, gr.update(visible=False)
        return (number, verdict), gr.update(visible=True)

    def _comment(self, rated: Any, comment: object, conversation: Conversation, language: Interface) -> tuple[Any, ...]:
        if rated and isinstance(comment, str) and comment.strip():
            number, verdict = rated
            if rate(self._desk, conversation, number, verdict, comment.strip()):
                gr.Info(words("thanks", language))
        return "", gr.update(visible=False)

    def _translate(self, language: Interface) -> tuple[Any, ...]:
        return (
            gr.update(choices=self._whats(language), label=words("what", language)),
            gr.update(value=words("copy", language)),
            gr.update(label=words("comment", language)),
            gr.update(value=words("send", language)),
        )

    @staticmethod
    def _whats(language: Interface) -> list[tuple[str, str]]:
        return [(words("last_answer", language), "last"), (words("all_answers", language), "all")]
