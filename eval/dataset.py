"""Questions with known answers, read strictly: a set that is wrong somewhere measures nothing."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.article import Article, Span
from corpus.errors import InputError
from eval.metrics import holds, overlap
from qa.question import Turn

FOLLOW_UP = "follow_up"


@dataclass(frozen=True)
class Question:
    """A question and its gold.

    ``answerable``: do the articles hold the answer; None where nobody judged it. ``right``: ids of the articles that hold it.
    ``context``: articles on its subject. ``answers``: wordings of the answer by the language of the text they stand in, under
    "" for any. ``span``: where the first stands in the only right article. A follow-up has ``history`` and its stand-alone
    ``rewrite``. ``pair`` is shared by the same question in several languages.
    """

    id: str
    lang: str
    kind: str
    text: str
    answerable: bool | None
    right: tuple[str, ...]
    context: tuple[str, ...]
    answers: dict[str, tuple[str, ...]]
    span: Span | None
    history: tuple[Turn, ...]
    rewrite: str | None
    pair: str | None

    @property
    def has_answers(self) -> bool:
        return bool(self.answerable and any(self.answers.values()))

    def answered_by(self, text: str, language: str | None) -> bool:
        """Does the text, of an article in that language, hold a gold answer?"""
        return holds(text, self.answers_in(language))

    def answers_in(self, language: str | None) -> tuple[str, ...]:
        """The answer's wordings in a text of that language."""
        return self.answers.get(language or "", self.answers[""])


class _Malformed(Exception):
    """What is wrong with a line; the reader says which."""


def read_questions(path: Path) -> list[Question]:
    """The questions of a .jsonl file in order. InputError names the first line that is malformed or repeats an id."""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}): give --questions a .jsonl file") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8: save it so") from error
    questions: dict[str, Question] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            question = _question(json.loads(line))
            if question.id in questions:
                raise _Malformed(f'the id "{question.id}" was given before')
        except ValueError as error:
            raise InputError(f"{path} line {number}: not JSON, each line must be one object") from error
        except _Malformed as error:
            raise InputError(f"{path} line {number}: {error}") from error
        questions[question.id] = question
    if not questions:
        raise InputError(f"{path} holds no questions")
    return list(questions.values())


def _question(row: Any) -> Question:
    if not isinstance(row, dict):
        raise _Malformed("not a JSON object")
    answerable = row.get("answerable")
    if "answerable" not in row or not (answerable is None or isinstance(answerable, bool)):
        raise _Malformed('"answerable" must be true, false or null')
    right, context, answers = (_texts(row, name) for name in ("positive_passage_ids", "context_passage_ids", "answers"))
    if answerable and not right:
        raise _Malformed('answerable, yet "positive_passage_ids" is empty')
    if answerable is False and (right or answers):
        raise _Malformed('not answerable, yet it has "positive_passage_ids" or "answers"')
    by_lang = row.get("answers_by_lang", {})
    if not isinstance(by_lang, dict):
        raise _Malformed('"answers_by_lang" must be an object of lists')
    history = _history(row)
    kind = _text(row, "kind") if "kind" in row else _kind(answerable, bool(context), bool(history))
    if (kind == FOLLOW_UP) != bool(history) or bool(history) != ("rewrite" in row):
        raise _Malformed(f'a {FOLLOW_UP} has "history" and "rewrite", and nothing else has')
    return Question(
        id=_text(row, "id"),
        lang=_text(row, "lang"),
        kind=kind,
        text=_text(row, "question"),
        answerable=answerable,
        right=right,
        context=context,
        answers={"": answers, **{lang: _texts(by_lang, lang) for lang in by_lang}},
        span=_span(row, right, answers),
        history=history,
        rewrite=_text(row, "rewrite") if history else None,
        pair=_text(row, "pair") if "pair" in row else None,
    )


def _kind(answerable: bool | None, has_context: bool, has_history: bool) -> str:
    """What a question is called that does not say it itself."""
    if has_history:
        return FOLLOW_UP
    if answerable is None:
        return "unjudged"
    return "answerable" if answerable else "near_miss" if has_context else "absent"


def _text(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value.strip():
        raise _Malformed(f'"{name}" must be a non-empty text')
    return value


def _texts(row: dict[str, Any], name: str) -> tuple[str, ...]:
    values = row.get(name, [] if name == "context_passage_ids" else None)
    if not isinstance(values, list) or not all(isinstance(value, str) and value.strip() for value in values):
        raise _Malformed(f'"{name}" must be a list of non-empty texts')
    return tuple(dict.fromkeys(values))


def _span(row: dict[str, Any], right: tuple[str, ...], answers: tuple[str, ...]) -> Span | None:
    start, end = row.get("start"), row.get("end")
    if start is None and end is None:
        return None
    if type(start) is not int or type(end) is not int or not 0 <= start < end:
        raise _Malformed('"start" and "end" must be numbers of characters, start before end')
    if len(right) != 1 or not answers:
        raise _Malformed('"start" and "end" need one right article and its answer')
    return Span(start, end)


def _history(row: dict[str, Any]) -> tuple[Turn, ...]:
    turns = row.get("history", [])
    if not isinstance(turns, list) or not all(
        isinstance(turn, dict) and turn.get("role") in ("user", "assistant") for turn in turns
    ):
        raise _Malformed('"history" must be a list of {"role": "user" or "assistant", "text"}')
    return tuple(Turn(turn["role"], _text(turn, "text")) for turn in turns)


def check_against(questions: list[Question], article: Callable[[str], Article | None]) -> None:
    """InputError for the first question that names an unknown article, or whose gold span does not hold its answer."""
    for question in questions:
        for article_id in (*question.right, *question.context):
            if article(article_id) is None:
                raise InputError(
                    f'question "{question.id}" names the article "{article_id}", which the index does not hold: '
                    "build the index of the articles the questions are about"
                )
        found = article(question.right[0]) if question.span else None
        if question.span and found and not question.answered_by(question.span.of(found.text), found.language):
            raise InputError(
                f'question "{question.id}": characters {question.span.start} to {question.span.end} of "{found.id}" hold '
                f'"{question.span.of(found.text)[:60]}", not the answer: correct "start" and "end"'
            )


def answer_measures(question: Question, record: dict[str, Any], article: Callable[[str], Article | None]) -> dict[str, float]:
    """Where the gold answer is in an answer record, each 0 or 1: in its quotes, and in its passages, quoted or not; with a reader
    also how well the words it marks in the first quote match it, 0 to 1."""
    quoted = [question.answered_by(quote["text"], quote["language"]) for quote in record["quotes"]]
    passages = []
    for hit in record["hits"][:5]:
        found = article(hit["article_id"])
        passages.append(bool(found and question.answered_by(found.text[hit["start"] : hit["end"]], found.language)))
    measures = {
        "answer_in_first_quote": float(any(quoted[:1])),
        "answer_in_quotes": float(any(quoted)),
        "best_passage_holds": float(any(passages[:1])),
        "one_of_five_holds": float(any(passages)),
    }
    if record.get("reader"):
        first = record["quotes"][0] if record["quotes"] else {}
        told = first.get("answer")
        words = first["text"][told["start"] - first["start"] : told["end"] - first["start"]] if told else ""
        measures["answer_exact"], measures["answer_f1"] = overlap(words, question.answers_in(first.get("language")))
    if question.span:
        start, end = question.span
        measures["gold_span_quoted"] = float(
            any(q["article_id"] in question.right and q["start"] <= start and end <= q["end"] for q in record["quotes"])
        )
    return measures


def subset(questions: list[Question], limit: int) -> list[Question]:
    """``limit`` of them, evenly spaced within each kind and language, in file order; all if there are no more.

    Pairs are kept whole, so there may be a few more or fewer. Spacing over the file as it lies would beat with its rhythm: of
    a file that alternates two languages every second line is one language.
    """
    if not questions:
        return []
    pairs: dict[str, list[int]] = {}
    for place, question in enumerate(questions):
        pairs.setdefault(f"pair {question.pair}" if question.pair else f"id {question.id}", []).append(place)
    units = sorted(pairs.values(), key=lambda unit: (questions[unit[0]].kind, questions[unit[0]].lang, unit[0]))
    count = min(len(units), max(1, limit * len(units) // len(questions)))
    chosen = [place for at in range(count) for place in units[at * len(units) // count]]
    return [questions[place] for place in sorted(chosen)]
