"""Questions are read strictly."""

import json
from pathlib import Path
from typing import Any

import pytest

from corpus.article import Article, Span
from corpus.errors import InputError
from corpus.read import read_corpus
from eval.dataset import Question, check_against, read_questions, subset
from qa.question import Turn

OWN = Path(__file__).resolve().parents[1] / "eval" / "questions"
PLAIN: dict[str, Any] = {
    "id": "q1",
    "lang": "en",
    "question": "Where?",
    "answerable": True,
    "positive_passage_ids": ["a"],
    "answers": ["Paris"],
}
ABSENT = PLAIN | {"answerable": False, "positive_passage_ids": [], "answers": []}
HISTORY = [{"role": "user", "text": "Who?"}, {"role": "assistant", "text": "She."}]
FOLLOW_UP = PLAIN | {"history": HISTORY, "rewrite": "Where was she?"}


def written(folder: Path, *rows: Any) -> Path:
    path = folder / "questions.jsonl"
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows) + "\n", encoding="utf-8")
    return path


def article(text: str, article_id: str = "a", language: str = "fr") -> Article:
    return Article(article_id, "p", None, text, (Span(0, len(text)),), language, None, None, None)


def question(name: str, kind: str = "answerable", lang: str = "en", pair: str | None = None) -> Question:
    return Question(name, lang, kind, "Where?", True, ("a",), (), {"": ("Paris",)}, None, (), None, pair)


def test_every_field_is_read(tmp_path: Path) -> None:
    """A whole question comes back as it was written; fields of no use here do no harm."""
    row = FOLLOW_UP | {"kind": "follow_up", "context_passage_ids": ["b"], "start": 3, "end": 8, "pair": "p", "made": "by hand"}
    row |= {"answers_by_lang": {"de": ["in Paris"]}}

    assert read_questions(written(tmp_path, "", row, "")) == [
        Question(
            id="q1",
            lang="en",
            kind="follow_up",
            text="Where?",
            answerable=True,
            right=("a",),
            context=("b",),
            answers={"": ("Paris",), "de": ("in Paris",)},
            span=Span(3, 8),
            history=(Turn("user", "Who?"), Turn("assistant", "She.")),
            rewrite="Where was she?",
            pair="p",
        )
    ]


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        pytest.param(PLAIN, "answerable", id="answerable"),
        pytest.param(ABSENT, "absent", id="absent"),
        pytest.param(ABSENT | {"context_passage_ids": ["a"]}, "near_miss", id="near miss"),
        pytest.param(PLAIN | {"answerable": None}, "unjudged", id="unjudged"),
        pytest.param(FOLLOW_UP, "follow_up", id="follow-up"),
        pytest.param(PLAIN | {"kind": "title"}, "title", id="as it says"),
    ],
)
def test_kind(tmp_path: Path, row: dict[str, Any], kind: str) -> None:
    """A set that names no kinds gets those its fields imply."""
    assert read_questions(written(tmp_path, row))[0].kind == kind


@pytest.mark.parametrize(
    ("row", "words"),
    [
        pytest.param('{"id": ', "not JSON", id="cut off"),
        pytest.param("[1]", "not a JSON object", id="list"),
        pytest.param(
            {name: value for name, value in PLAIN.items() if name != "answerable"}, '"answerable"', id="answerable missing"
        ),
        pytest.param(PLAIN | {"answerable": "yes"}, '"answerable"', id="answerable a word"),
        pytest.param(PLAIN | {"id": 7}, '"id"', id="id a number"),
        pytest.param(PLAIN | {"question": "  "}, '"question"', id="blank question"),
        pytest.param(PLAIN | {"lang": None}, '"lang"', id="no language"),
        pytest.param(PLAIN | {"positive_passage_ids": []}, "is empty", id="answerable by nothing"),
        pytest.param(PLAIN | {"positive_passage_ids": "a"}, "list", id="a text for a list"),
        pytest.param(PLAIN | {"answers": [3]}, '"answers"', id="a number for an answer"),
        pytest.param(PLAIN | {"answerable": False}, "not answerable", id="unanswerable with an answer"),
        pytest.param(PLAIN | {"answers_by_lang": ["x"]}, "answers_by_lang", id="answers by language a list"),
        pytest.param(PLAIN | {"start": 3}, "start", id="start without end"),
        pytest.param(PLAIN | {"start": 5, "end": 3}, "start", id="end before start"),
        pytest.param(PLAIN | {"start": True, "end": 3}, "start", id="start a truth value"),
        pytest.param(PLAIN | {"start": 1, "end": 3, "answers": []}, "its answer", id="span without answer"),
        pytest.param(PLAIN | {"history": HISTORY}, "rewrite", id="history without rewrite"),
        pytest.param(PLAIN | {"rewrite": "x"}, "history", id="rewrite without history"),
        pytest.param(PLAIN | {"kind": "follow_up"}, "history", id="follow-up without history"),
        pytest.param(FOLLOW_UP | {"kind": "answerable"}, "follow_up", id="history without follow-up"),
        pytest.param(FOLLOW_UP | {"history": [{"role": "system", "text": "x"}]}, "role", id="unknown role"),
        pytest.param(FOLLOW_UP | {"history": [{"role": "user"}]}, '"text"', id="turn without text"),
        pytest.param(PLAIN | {"id": "first"}, "before", id="id twice"),
    ],
)
def test_malformed_line_is_named(tmp_path: Path, row: Any, words: str) -> None:
    """The message holds the file, the line and what is wrong with it."""
    path = written(tmp_path, PLAIN | {"id": "first"}, "", row)

    with pytest.raises(InputError, match=r"questions\.jsonl line 3: ") as caught:
        read_questions(path)
    assert words in str(caught.value)


def test_files_that_hold_no_questions(tmp_path: Path) -> None:
    """Missing, empty and undecodable files are named, not read as no questions."""
    (tmp_path / "latin.jsonl").write_bytes(b'{"id": "\xe9"}')

    for path, words in (
        (tmp_path / "none.jsonl", "cannot be read"),
        (written(tmp_path, ""), "no questions"),
        (tmp_path / "latin.jsonl", "UTF-8"),
    ):
        with pytest.raises(InputError, match=words):
            read_questions(path)


def test_unknown_article_is_named(tmp_path: Path) -> None:
    """Right and context articles must all be held."""
    held = {"a": article("À Paris.")}
    rows = (PLAIN, PLAIN | {"positive_passage_ids": ["b"]}, PLAIN | {"context_passage_ids": ["c"]})
    known, right, context = (read_questions(written(tmp_path, row)) for row in rows)
    check_against(known, held.get)

    with pytest.raises(InputError, match='"q1" names the article "b"'):
        check_against(right, held.get)
    with pytest.raises(InputError, match='"q1" names the article "c"'):
        check_against(context, held.get)


def test_gold_span_must_hold_the_answer(tmp_path: Path) -> None:
    """An article edited since the question was made is noticed."""
    questions = read_questions(written(tmp_path, PLAIN | {"start": 2, "end": 7}))
    check_against(questions, {"a": article("À Paris.")}.get)

    with pytest.raises(InputError, match="characters 2 to 7"):
        check_against(questions, {"a": article("Hier, à Paris.")}.get)


def test_answers_by_language() -> None:
    """A text is held against the answers in its own language where there are some, else against all the others."""
    asked = Question("q", "en", "answerable", "?", True, ("a",), (), {"": ("Paris",), "de": ("Berlin",)}, None, (), None, None)

    assert asked.answered_by("in Berlin", "de")
    assert not asked.answered_by("in Paris", "de")
    assert asked.answered_by("à Paris", "fr")
    assert asked.answered_by("Paris", None)


def test_subset_is_even_and_in_order() -> None:
    """Each kind and language keeps its share, though the file alternates two languages."""
    questions = [question(f"q{n}", lang="en" if n % 2 else "fr") for n in range(12)]

    assert [one.id for one in subset(questions, 6)] == ["q0", "q1", "q4", "q5", "q8", "q9"]
    assert subset(questions, 6) == subset(questions, 6)
    assert subset(questions, 99) == questions
    assert [one.id for one in subset(questions, 1)] == ["q1"]


def test_subset_keeps_pairs_whole() -> None:
    """Both halves of a pair or neither."""
    questions = [question(f"q{n}", lang="en" if n % 2 else "fr", pair=f"p{n // 2}") for n in range(8)]

    assert [one.id for one in subset(questions, 4)] == ["q0", "q1", "q4", "q5"]


@pytest.mark.parametrize("split", ["tune", "test"])
def test_own_questions_fit_the_sample_articles(split: str) -> None:
    """Every one is well formed, names articles that exist, and its gold span holds its answer."""
    held = {item.id: item for item in read_corpus([OWN.parents[1] / "corpus" / "articles"]) if isinstance(item, Article)}

    check_against(read_questions(OWN / f"{split}.jsonl"), held.get)
