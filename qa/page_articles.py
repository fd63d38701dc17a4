"""The page's two other tabs: the articles, with what an operator may do to the index, and the evaluation."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from corpus.errors import ArticleQAError
from corpus.read import SUFFIXES
from index.snapshot import live_generation
from index.status import status_of
from qa.articles import SORTS, articles_table, build_report
from qa.chat import Desk
from qa.manage import Step
from qa.markup import escape, said
from qa.page_events import QUIET
from qa.page_reports import error_told
from qa.page_texts import Interface, words

#: Work that takes its time waits in the queue, one at a time, and draws its own progress.
WORK: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "concurrency_limit": 1}


class Articles:
    """The tab of the articles. Made inside a Tab; ``listen`` ties it to the page's events."""

    def __init__(self, desk: Desk, language: Interface):
        self._desk = desk
        self.report = gr.HTML(elem_classes="aqa-plain", js_on_load=None)
        office = desk.office
        if office:
            with gr.Row(elem_classes="aqa-office"):
                self.rebuild = gr.Button(words("rebuild", language), size="md")
                self.roll_back = gr.Button(words("roll_back", language), size="md")
            with gr.Column(visible=False) as self.asking:
                self.sure = gr.HTML(elem_classes="aqa-plain aqa-sure", js_on_load=None)
                with gr.Row(elem_classes="aqa-office"):
                    self.keep = gr.Button(words("keep", language), size="md")
                    self.go_back = gr.Button(words("roll_back_sure", language), variant="stop", size="md")
            self.drop = None
            if office.drop:
                self.drop = gr.File(
                    label=words("drop", language),
                    file_count="multiple",
                    file_types=list(SUFFIXES),
                    height=150,
                    elem_id="aqa-drop",
                )
            self.working = gr.HTML(elem_id="aqa-working", js_on_load=None)
        with gr.Row():
            self.search = gr.Textbox(label=words("search", language), max_length=200, max_lines=1, min_width=260)
            self.sort = gr.Dropdown(
                self._sorts(language), value="newest", label=words("sort", language), filterable=False, min_width=260
            )
            self.number = gr.Number(1, label=words("page_number", language), minimum=1, precision=0, min_width=80)
        self.table = gr.HTML(elem_classes="aqa-plain", js_on_load=None)

    def listen(self, tab: gr.Tab, language: gr.Radio) -> None:
        asked = [self.search, self.sort, self.number, language]
        for event in (tab.select, self.search.change, self.sort.change, self.number.change, language.change):
            event(self._table, asked, self.table, **QUIET)
        tab.select(self._report, language, self.report, **QUIET)
        language.change(self._translate, language, [self.report, self.search, self.sort, self.number], **QUIET)
        office = self._desk.office
        if not office:
            return
        told = '<p role="alert">{}</p>'
        self.roll_back.click(
            lambda language: (gr.update(visible=True), told.format(said("roll_back_asked", language))),
            language,
            [self.asking, self.sure],
            **QUIET,
        )
        for button in (self.keep, self.go_back):
            button.click(lambda: gr.update(visible=False), None, self.asking, **QUIET)
        for button, work in ((self.rebuild, office.rebuild), (self.go_back, office.roll_back)):
            button.click(lambda language, work=work: (yield from _steps(work, language)), language, self.working, **WORK).then(
                self._table, asked, self.table, **QUIET
            ).then(self._report, language, self.report, **QUIET)
        named = {"rebuild": self.rebuild, "roll_back": self.roll_back, "keep": self.keep, "roll_back_sure": self.go_back}
        language.change(
            lambda language: [gr.update(value=words(name, language)) for name in named], language, [*named.values()], **QUIET
        )
        language.change(lambda: gr.update(visible=False), None, self.asking, **QUIET)
        if self.drop:
            language.change(lambda language: gr.update(label=words("drop", language)), language, self.drop, **QUIET)
            self.drop.upload(self._take_in, [self.drop, language], [self.drop, self.working], **WORK)

    def _take_in(self, files: list[str] | None, language: Interface) -> tuple[None, str]:
        office = self._desk.office
        try:
            said_of = office.take_in([Path(file) for file in files or []], language) if office else []
        except ArticleQAError as error:
            said_of = [error_told(error, language)]
        return None, f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in said_of)}</ul>"

    def _table(self, search: str, sort: str, number: float | None, language: Interface) -> str:
        text = search if isinstance(search, str) else ""
        return articles_table(self._desk.assistant.snapshot(), text[:200], sort, int(number or 1), language)

    def _report(self, language: Interface) -> str:
        assistant = self._desk.assistant
        return build_report(assistant.snapshot(), status_of(live_generation(assistant.index))["gate"], language)

    def _translate(self, language: Interface) -> tuple[Any, ...]:
        return (
            self._report(language),
            gr.update(label=words("search", language)),
            gr.update(choices=self._sorts(language), label=words("sort", language)),
            gr.update(label=words("page_number", language)),
        )

    @staticmethod
    def _sorts(language: Interface) -> list[tuple[str, str]]:
        return [(words(name, language), name) for name in SORTS]


class Evaluation:
    """The tab of the evaluation: the last run's report as it was written, in a frame in which nothing runs."""

    def __init__(self, desk: Desk, language: Interface):
        self._desk = desk
        office = desk.office
        if office:
            with gr.Row(elem_classes="aqa-office"):
                self.run = gr.Button(words("evaluate", language), size="md")
            self.working = gr.HTML(elem_id="aqa-evaluating", js_on_load=None)
        self.report = gr.HTML(elem_id="aqa-evaluation", js_on_load=None)

    def listen(self, tab: gr.Tab, language: gr.Radio) -> None:
        for event in (tab.select, language.change):
            event(self._report, language, self.report, **QUIET)
        office = self._desk.office
        if office:
            self.run.click(lambda language: (yield from _steps(office.evaluate, language)), language, self.working, **WORK).then(
                self._report, language, self.report, **QUIET
            )
            language.change(lambda language: gr.update(value=words("evaluate", language)), language, self.run, **QUIET)

    def _report(self, language: Interface) -> str:
        try:
            report = (self._desk.assistant.index.with_name("evaluation") / "run.html").read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            return f'<p class="aqa-note">{said("no_evaluation", language)}</p>'
        frame = f'<iframe sandbox="" tabindex="0" title="{said("evaluation", language)}" srcdoc="{escape(report)}"></iframe>'
        return f'<p class="aqa-note">{said("report_from", language)}</p>{frame}'


def _steps(work: Callable[[Interface], Iterator[Step]], language: Interface) -> Iterator[str]:
    """Each step as HTML: a bar, and at the end what came of it."""
    try:
        for step in work(language):
            if step.report is not None:
                kind = "aqa-failed" if step.failed else "aqa-done"
                yield f'<pre class="{kind}" role="status">{escape(step.report)}</pre>'
            else:
                count = f" {step.done} / {step.total}" if step.total else ""
                bar = f'<progress max="{step.total}" value="{step.done}">' if step.total else "<progress>"
                stage = words(f"stage_{step.stage}", language)
                yield f'<label class="aqa-step" role="status">{escape(stage + count)} {bar}</progress></label>'
    except ArticleQAError as error:
        yield f'<pre class="aqa-failed" role="status">{escape(error_told(error, language))}</pre>'
