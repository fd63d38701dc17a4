"""What can be done with answers once they are there: copy, save, judge, and find them again after a reload."""

import json
from typing import Any

import gradio as gr

from qa.chat import Desk, rate
from qa.conversation import Conversation, answer_in, at_hand, exported, restored
from qa.feedback import LONGEST_COMMENT, Verdict
from qa.page_chat import Chat
from qa.page_events import QUIET
from qa.page_texts import Interface, words

#: The browser keeps the conversation for itself: the key hides nothing, and what comes back is checked like any request.
KEPT = "article-qa-conversation"
#: Gradio shows no message of its own for what answers at once.
DELIVER = "(carried) => { window.aqaDeliver(carried); }"


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
            carried = button.click(
                lambda *asked, form=form: self._carry(form, *asked),
                [self.what, conversation, self.kept, language],
                self.carried,
                **QUIET,
            )
            carried.then(None, self.carried, None, js=DELIVER)
        if self._desk.candidates:
            about = [chat.log, conversation, self.kept, language]
            liked = chat.log.like(self._like, about, [self.rated, self.commenting], **QUIET)
            liked.then(None, None, None, js="() => { window.aqaComment(); }")
            said = [self.rated, self.comment, conversation, self.kept, language]
            for sent in (self.send.click, self.comment.submit):
                thanked = sent(self._comment, said, [self.comment, self.commenting, self.carried], **QUIET)
                thanked.then(None, self.carried, None, js=DELIVER)
        language.change(self._translate, language, [self.what, self.copy, self.comment, self.send], **QUIET)

    def put_back(self, kept: object, language: Interface) -> tuple[Any, ...]:
        """What a browser kept, to the messages of the chat, the conversation and its panel."""
        return restored(self._desk.assistant, kept, language)

    def _carry(self, form: str, what: str, conversation: Conversation, kept: object, language: Interface) -> str:
        held = at_hand(self._desk.assistant, conversation, kept, language)
        text, name = exported(held, what == "all", form, language)
        return _carried(words("copied" if text else "nothing_to_save", language), form=form, text=text, name=name)

    def _like(
        self,
        messages: list[dict[str, Any]],
        conversation: Conversation,
        kept: object,
        language: Interface,
        about: gr.LikeData,
    ) -> tuple[Any, ...]:
        index = about.index[0] if isinstance(about.index, list | tuple) else about.index
        answer_id = answer_in(messages[index]) if isinstance(index, int) and 0 <= index < len(messages) else None
        # A thumb that is pressed again is taken back: Gradio says so with an empty text.
        verdict: Verdict | None = "like" if about.liked is True else "dislike" if about.liked is False else None
        noted = rate(self._desk, at_hand(self._desk.assistant, conversation, kept, language), answer_id, verdict)
        asking = noted and verdict is not None
        return (answer_id, verdict) if asking else None, gr.update(visible=asking)

    def _comment(
        self, rated: Any, comment: object, conversation: Conversation, kept: object, language: Interface
    ) -> tuple[Any, ...]:
        noted = False
        if rated and isinstance(comment, str) and comment.strip():
            answer_id, verdict = rated
            held = at_hand(self._desk.assistant, conversation, kept, language)
            noted = rate(self._desk, held, answer_id, verdict, comment.strip())
        return "", gr.update(visible=False), _carried(words("thanks", language) if noted else "")

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


def _carried(said: str, form: str = "", text: str = "", name: str = "") -> str:
    """What page.js copies or saves, and what it says of it."""
    return json.dumps({"form": form, "text": text, "name": name, "said": said})
