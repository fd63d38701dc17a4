"""Runs of the evaluation: over the sample articles, over passages given, and the numbers made of them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import ArticleQAError, InputError
from eval.compare import Result, check_bounds, compare, read_run, summarise
from eval.dataset import Question, read_questions
from eval.metrics import share
from eval.run import application, evaluate
from qa.assistant import Assistant
from qa.options import AskOptions

OWN = Path(__file__).resolve().parents[1] / "eval" / "questions" / "tune.jsonl"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ABOUT = {"questions": {"files": [{"file": "q.jsonl", "sha256": "0"}], "held": 3, "asked": 3}}


def asked(assistant: Assistant, questions: list[Question]) -> dict[str, Any]:
    return evaluate(assistant, questions, ABOUT, lambda stage, done, total: None, NOW)


def timeless(run: dict[str, Any]) -> dict[str, Any]:
    """A run without what may differ when it is repeated."""
    summary = {name: value for name, value in run["summary"].items() if not name.startswith("latency")}
    return run | {"summary": summary, "questions": [result | {"ms": 0} for result in run["questions"]]}


@pytest.fixture(scope="module")
def few() -> list[Question]:
    """The first own question of each kind."""
    questions: dict[str, Question] = {}
    for question in read_questions(OWN):
        questions.setdefault(question.kind, question)
    return list(questions.values())


@pytest.fixture(scope="module")
def few_asked(assistant: Assistant, few: list[Question]) -> dict[str, Any]:
    return asked(assistant, few)


def test_run_holds_a_result_for_every_question(few: list[Question], few_asked: dict[str, Any]) -> None:
    """In order; measures are those the question allows, and it is plain JSON."""
    of_kind = {result["kind"]: result for result in few_asked["questions"]}

    assert [result["id"] for result in few_asked["questions"]] == [question.id for question in few]
    assert {"recall_at_5", "answer_in_quotes", "gold_span_quoted", "right_decision"} <= of_kind["answerable"]["measures"].keys()
    assert {"recall_at_5", "rewrite_recall_at_5"} <= of_kind["follow_up"]["measures"].keys()
    assert of_kind["absent"]["measures"].keys() <= {"right_decision", "quotes_exact"}
    assert of_kind["near_miss"]["measures"].keys() <= {"right_decision", "quotes_exact"}
    assert json.loads(json.dumps(few_asked, allow_nan=False)) == few_asked


def test_quotes_are_exact(few_asked: dict[str, Any]) -> None:
    """The verifier users have finds each quote where it says it stands."""
    assert few_asked["summary"]["quotes_exact"]["value"] == 1.0


def test_run_says_what_it_was_made_with(assistant: Assistant, few_asked: dict[str, Any]) -> None:
    """Options, encoder, index, corpus, date and machine, but no folder and no host."""
    about = few_asked["about"]

    assert about["date"] == "2026-01-02T03:04:05+00:00"
    assert about["encoder"] == {
        "name": "builtin",
        "fingerprint": assistant.encoder.fingerprint,
        "precision": assistant.encoder.precision,
    }
    assert about["generation"] == assistant.snapshot().generation
    assert about["corpus_digest"] == assistant.snapshot().manifest["corpus_digest"]
    assert {"ask_options", "build_options", "decision", "python", "machine", "writer", "counts"} <= about.keys()
    assert str(assistant.index.parent) not in json.dumps(few_asked)


def test_same_run_twice_gives_the_same_numbers(assistant: Assistant, few: list[Question], few_asked: dict[str, Any]) -> None:
    """Latencies aside, repeated runs are equal in every value and interval."""
    assert timeless(asked(assistant, few)) == timeless(few_asked)


def test_question_that_cannot_be_asked_counts(assistant: Assistant) -> None:
    """It is a refusal with confidence 0 and every measure at its least, not a gap."""
    question = Question(
        "q", "en", "answerable", "?", True, ("fr/notre-dame-reouverture-cathedrale.txt",), (), {"": ("x",)}, None, (), None, None
    )
    result = asked(assistant, [question])["questions"][0]

    assert (result["decision"], result["confidence"], result["ms"]) == ("not_found", 0.0, None)
    assert set(result["measures"].values()) == {0.0}
    assert {"recall_at_5", "answer_in_quotes", "one_of_five_holds", "right_decision"} <= result["measures"].keys()


def test_article_far_down_keeps_its_rank(assistant: Assistant, few: list[Question]) -> None:
    """An article whose best passage lies below the usual ten is ranked all the same; the user's record stays the usual one."""
    answerable = next(question for question in few if question.kind == "answerable")
    usual = asked(assistant, [answerable])["questions"][0]
    hits = assistant.ask(answerable.text, options=AskOptions(k=50)).answer.hits
    articles = list(dict.fromkeys(hit.article.id for hit in hits))
    far = next(article for article in articles if article not in usual["found"])
    result = asked(assistant, [Question(**{**vars(answerable), "right": (far,), "span": None})])["questions"][0]

    assert (result["found"], result["confidence"]) == (usual["found"], usual["confidence"])
    assert result["measures"]["mrr"] == pytest.approx(1 / (articles.index(far) + 1))


def test_unknown_article_stops_the_run_before_it_starts(assistant: Assistant) -> None:
    """Nothing is asked."""
    question = Question("q", "en", "answerable", "Where?", True, ("nowhere.txt",), (), {"": ("x",)}, None, (), None, None)

    def never(stage: str, done: int, total: int) -> None:
        raise AssertionError("a question was asked")

    with pytest.raises(InputError, match=r"nowhere\.txt"):
        evaluate(assistant, [question], ABOUT, never, NOW)


def judged(name: str, **changes: Any) -> Result:
    """An English question over a French article, answered, found first; but for what is changed."""
    gold = {
        "lang": "en",
        "kind": "answerable",
        "pair": None,
        "question": "?",
        "answerable": True,
        "right": ["a"],
        "right_languages": ["fr"],
    }
    came = {
        "decision": "answered",
        "confidence": 1.0,
        "quotes": [],
        "exact_quotes": 0,
        "ms": 5.0,
        "measures": {"recall_at_5": 1.0},
    }
    return {"id": name, **gold, **came, **changes}


REFUSED = {"decision": "not_found"}
NEAR = {"answerable": False, "kind": "near_miss", "right": [], "right_languages": [], "measures": {}, "confidence": 0.0}
MISSED = {"measures": {"recall_at_5": 0.0}}


def test_abstention_is_scored_by_language_and_kind() -> None:
    """Two answerable (one refused), one near miss refused, one absent answered: each share counted by hand."""
    results = [
        judged("a"),
        judged("b", **REFUSED, lang="fr", confidence=0.25),
        judged("c", **REFUSED | NEAR),
        judged("d", **NEAR | {"kind": "absent", "confidence": 0.5, "lang": "fr"}),
    ]
    found = summarise(results)

    assert found["abstention_precision"] == share(1, 2)
    assert found["abstention_recall"] == share(1, 2)
    assert found["false_refusals"] == share(1, 2)
    assert found["false_refusals.fr"] == share(1, 1)
    assert found["abstention_recall.near_miss"] == share(1, 1)
    assert found["abstention_precision.near_miss"] == share(1, 2)
    assert found["abstention_recall.absent"] == share(0, 1)
    assert found["abstention_auroc"].value == 0.75
    assert found["abstention_auroc.near_miss"].value == 1.0
    assert found["abstention_auroc.absent"].value == 0.5
    assert found["abstention_auroc.fr"].value == 0.0
    assert "abstention_precision.en-fr" not in found
    assert found["ece"].value == pytest.approx((0 + 0.75 + 0 + 0.5) / 4)


def test_unanswerable_questions_are_scored_for_abstaining_only() -> None:
    """They are in no mean of retrieval or answers."""
    found = summarise([judged("a"), judged("c", **NEAR)])

    assert found["recall_at_5"] == share(1, 1)
    assert found["recall_at_5.en-fr"] == share(1, 1)


def test_calibration_needs_both_outcomes() -> None:
    """Of answerable questions alone it would only say how far from 1 the confidences are."""
    assert not {"ece", "ece_if_calibrated"} & summarise([judged("a"), judged("b")]).keys()


def test_unjudged_questions_are_scored_for_retrieval_only() -> None:
    """Where nobody said whether the articles answer, deciding is not scored."""
    found = summarise([judged("a", answerable=None)])

    assert found["recall_at_5"] == share(1, 1)
    assert not {"false_refusals", "ece", "abstention_auroc"} & found.keys()


def test_follow_ups_are_reported_apart() -> None:
    """As a share of their stand-alone forms, and in no row of the others."""
    leaning = {"kind": "follow_up", "measures": {"recall_at_5": 0.0, "rewrite_recall_at_5": 1.0}}
    kept = {"kind": "follow_up", "measures": {"recall_at_5": 1.0, "rewrite_recall_at_5": 1.0}}
    found = summarise([judged("a"), judged("b", **leaning, **REFUSED), judged("c", **kept)])

    assert found["recall_at_5"] == share(1, 1)
    assert found["follow_up_recall_at_5"] == share(1, 2)
    assert found["rewrite_recall_at_5"] == share(2, 2)
    assert found["follow_up_share"].value == 0.5
    assert found["false_refusals"] == share(0, 1)
    assert found["false_refusals.follow_up"] == share(1, 2)
    assert found["latency_p50_ms"].n == 3


def test_language_gap_compares_over_the_same_articles() -> None:
    """Only French articles asked about in both languages count, and pairs where there are some."""
    results = [
        judged("fr", lang="fr"),
        judged("en", **MISSED),
        judged("en2"),
        judged("other", right=["b"], **MISSED),
        judged("german", right=["c"], right_languages=["de"], **MISSED),
    ]
    paired = [judged("p1", pair="p", lang="fr", **MISSED), judged("p2", pair="p"), judged("alone", pair="q", **MISSED)]

    assert summarise(results)["recall_at_5_french_minus_english"].value == 0.5
    assert summarise(paired)["recall_at_5_french_minus_english"].value == -1.0


def as_run(*results: Result) -> dict[str, Any]:
    return {"about": {"date": "d", "encoder": "e"}, "summary": {}, "questions": list(results)}


def test_compare_pairs_the_questions() -> None:
    """Shared questions alone are tested; a reworded one is another question; what changed is named."""
    ranked = {"measures": {"recall_at_5": 1.0, "mrr": 0.5}}
    before = as_run(judged("a", **MISSED), judged("b", **ranked), judged("gone"), judged("reworded"))
    after = as_run(judged("a"), judged("b", measures={"recall_at_5": 1.0, "mrr": 1.0}), judged("reworded", question="??"))
    after["about"]["encoder"] = "f"
    found = compare(before, after)

    assert (found["shared"], found["only_before"], found["only_after"]) == (2, 2, 1)
    assert found["settings"] == [["encoder", "e", "f"]]
    assert found["measures"]["recall_at_5"] == {
        "n": 2, "before": 0.5, "after": 1.0, "difference": 0.5, "low": 0.0, "high": 1.0, "gained": 1, "lost": 0, "p": 1.0,
    }  # fmt: skip
    assert found["changed"] == [["b", "mrr", 0.5, 1.0], ["a", "recall_at_5", 0.0, 1.0]]


def test_compare_counts_follow_ups_apart() -> None:
    """As the summary does: what follow-ups gained is not told of questions that stand alone."""
    leaning = judged("f", kind="follow_up", measures={"recall_at_5": 0.0, "rewrite_recall_at_5": 1.0})
    before, after = as_run(judged("a"), leaning), as_run(judged("a"), leaning | {"measures": {"recall_at_5": 1.0}})

    found = compare(before, after)["measures"]

    assert (found["recall_at_5"]["n"], found["recall_at_5"]["gained"]) == (1, 0)
    assert (found["follow_up_recall_at_5"]["n"], found["follow_up_recall_at_5"]["gained"]) == (1, 1)


def test_questions_about_one_article_hang_together() -> None:
    """Eight about two articles, those of one all found: the interval is that of two tosses, not of eight."""
    found = summarise([judged(f"{one}{at}", right=[one], **({} if one == "a" else MISSED)) for one in "ab" for at in range(4)])

    assert found["recall_at_5"].value == 0.5
    assert found["recall_at_5"].low < share(4, 8).low - 0.1


def test_bounds() -> None:
    """Every one that is not met is named with its value; one that was not measured is not met."""
    summary = {"recall_at_5": {"value": 0.9}, "ece": {"value": 0.04}}
    check_bounds(summary, [("recall_at_5", 0.9)], [("ece", 0.04)])

    with pytest.raises(ArticleQAError, match=r"^recall_at_5 is 0.9, under 0.94; mrr was not measured.*; ece is 0.04, over 0.03$"):
        check_bounds(summary, [("recall_at_5", 0.94), ("mrr", 0.5)], [("ece", 0.03)])


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"questions": [1], "about": {}, "summary": {}}', '{"questions": []}'])
def test_baseline_that_is_no_run(tmp_path: Path, text: str) -> None:
    (tmp_path / "old.json").write_text(text)

    with pytest.raises(InputError, match=r"old\.json"):
        read_run(tmp_path / "old.json")


def command(*arguments: object) -> int:
    """The exit code of ``python -m eval.run`` with these arguments."""
    with pytest.raises(SystemExit) as caught:
        application([str(argument) for argument in arguments], prog_name="python -m eval.run")
    return int(caught.value.code or 0)


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["--passages", "p.jsonl"], id="passages without questions"),
        pytest.param(["--passages", "p.jsonl", "--questions", "q.jsonl", "--index", "i"], id="passages and index"),
        pytest.param(["--questions", "q.jsonl", "--split", "tune"], id="questions and split"),
        pytest.param(["--fail-under", "recall_at_5"], id="bound without value"),
        pytest.param(["--fail-under", "recal=1"], id="unknown measure"),
        pytest.param(["--fail-over", "ece=low"], id="bound that is no number"),
        pytest.param(["--limit", "0"], id="nothing asked"),
        pytest.param(["--splitt", "tune"], id="unknown flag"),
    ],
)
def test_wrong_usage_exits_2(arguments: list[str]) -> None:
    assert command(*arguments) == 2


def test_mendable_errors_exit_1_with_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Named at once, before anything is loaded or asked."""
    bad = tmp_path / "bad.jsonl"
    bad.write_text("{}\n")
    cases = [
        (["--questions", bad], "bad.jsonl line 1: "),
        (["--index", tmp_path / "none"], "no index in "),
        (["--baseline", bad], "bad.jsonl is not a run"),
        (["--json", tmp_path / "none" / "run.json"], "there is no folder"),
    ]

    for arguments, words in cases:
        assert command(*arguments) == 1
        lines = capsys.readouterr().err.splitlines()
        assert len(lines) == 1
        assert words in lines[0]


def test_passages_and_questions_given(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A throw-away index is built, asked, reported and compared with the run before; the table alone goes to stdout."""
    passages, questions, saved, report = (tmp_path / name for name in ("p.jsonl", "q.jsonl", "run.json", "run.html"))
    texts = {
        "tower": "The new tower in Lille was opened by Anna Duval on 3 May 2024.",
        "bread": "Bakers baked 900 loaves for the fair in Brest.",
    }
    passages.write_text("\n".join(json.dumps({"id": name, "lang": "en", "text": text}) for name, text in texts.items()))
    row = {"id": "q", "lang": "en", "question": "Who opened the new tower in Lille?", "answerable": True}
    questions.write_text(json.dumps(row | {"positive_passage_ids": ["tower"], "answers": ["anna  duval"]}))
    given = ["--passages", passages, "--questions", questions]
    met = command(*given, "--json", saved, "--report", report, "--fail-under", "recall_at_1=1")
    output = capsys.readouterr()
    run = json.loads(saved.read_text("utf-8"))
    not_met = command(*given, "--baseline", saved, "--fail-over", "recall_at_1=0.5")

    assert met == 0
    assert output.out.splitlines()[0].endswith(run["about"]["generation"])
    assert "recall_at_1" in output.out
    assert "asking 1 of 1" in output.err
    assert run["questions"][0]["measures"]["one_of_five_holds"] == 1.0
    assert run["about"]["questions"]["files"][0]["file"] == "q.jsonl"
    assert report.read_text("utf-8").startswith("<!doctype html>")
    assert not_met == 1
    last = capsys.readouterr()
    assert last.err.splitlines()[-1] == "recall_at_1 is 1, over 0.5"
    assert "no question changed" in last.out
    assert "made with another" not in last.out
