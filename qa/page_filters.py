"""The page's filters: what the corpus offers to choose from, and the fold that holds them and says which are set."""

from collections import Counter
from typing import Any

import gradio as gr

from index.snapshot import Snapshot
from qa.assistant import Assistant
from qa.page_events import QUIET
from qa.page_texts import Interface, language_name, words
from qa.render import filters_of
from qa.request import BadRequest, options_of

Choices = list[tuple[str, str]]


def languages_in(snapshot: Snapshot, ui_language: Interface) -> Choices:
    """(name with its number of articles, code) of the languages the articles are in, the most frequent first."""
    counted = Counter(info.language for info in snapshot.articles if info.language)
    return [(f"{language_name(code, ui_language)} ({count})", code) for code, count in _sorted(counted)]


def sources_in(snapshot: Snapshot) -> Choices:
    """(name with its number of articles, name) of the outlets, the most frequent first."""
    counted = Counter(info.source for info in snapshot.articles if info.source)
    return [(f"{name} ({count})", name) for name, count in _sorted(counted)]


def _sorted(counted: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))


class Filters:
    """The four inputs in their fold. Made inside a Blocks; ``listen`` ties them to the page's events."""

    def __init__(self, assistant: Assistant, language: Interface):
        self._assistant = assistant
        # Whatever a client sends is checked by qa.request: Gradio's own refusal would repeat it.
        with gr.Accordion(words("filters", language), open=False, elem_id="aqa-filters") as self.fold:
            with gr.Row():
                self.languages = gr.Dropdown(multiselect=True, allow_custom_value=True, **self._languages(language))
                self.sources = gr.Dropdown(multiselect=True, allow_custom_value=True, **self._sources(language))
            with gr.Row():
                self.since = gr.Textbox(label=words("since", language), max_lines=1, max_length=10, elem_classes="aqa-day")
                self.until = gr.Textbox(label=words("until", language), max_lines=1, max_length=10, elem_classes="aqa-day")
            self.none = gr.Button(words("no_filters", language), size="sm", elem_id="aqa-no-filters")
        self.inputs = [self.languages, self.sources, self.since, self.until]

    def listen(self, page: gr.Blocks, language: gr.Radio) -> None:
        for event in (page.load, language.change):
            event(self._translate, [language, *self.inputs], [self.fold, *self.inputs, self.none], **QUIET)
        for one in self.inputs:
            one.change(self._title, [language, *self.inputs], self.fold, **QUIET)
        self.none.click(lambda: ([], [], "", ""), None, self.inputs, **QUIET)

    def _translate(self, language: Interface, *chosen: Any) -> tuple[Any, ...]:
        """New words, and what the corpus offers by now."""
        return (
            self._title(language, *chosen),
            gr.update(**self._languages(language)),
            gr.update(**self._sources(language)),
            gr.update(label=words("since", language)),
            gr.update(label=words("until", language)),
            gr.update(value=words("no_filters", language)),
        )

    def _title(self, language: Interface, *chosen: Any) -> Any:
        """The fold's title: the filters that are set, so that none is forgotten while it is closed."""
        try:
            return gr.update(label=filters_of(options_of(*chosen), language) or words("filters", language))
        except BadRequest as error:
            return gr.update(label=words("bad_filters", language, why=str(error)))

    def _languages(self, language: Interface) -> dict[str, Any]:
        return {
            "choices": languages_in(self._assistant.snapshot(), language),
            "label": words("filter_languages", language),
        }

    def _sources(self, language: Interface) -> dict[str, Any]:
        return {"choices": sources_in(self._assistant.snapshot()), "label": words("filter_sources", language)}
