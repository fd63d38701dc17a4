"""python -m eval.gate: may a new generation take the place of the live one? Its verdict is one JSON object.

Both are asked the same questions: the *tune* half of the project's own, so far as the corpus holds their articles (the test
half is kept for reporting); any the person brings; and sentences out of the articles themselves, which must be found again.
Refused is a candidate

- with a quote that is not an exact slice of its article,
- whose recall_at_5 is more than RECALL below the live one's, over questions or over sentences,
- whose abstention recall is more than ABSTENTION below the live one's,
- which refuses more than ABSTENTION more of the answerable questions.

A corpus that grows comes to hold answers that it did not. So a question counts only where both hold the articles it is about; an
article that is new and holds the gold answer is as right as the one named; and a false answer counts only where what
it quotes stood in the live one too.
"""

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from corpus.console import mendable, progress_bar
from corpus.errors import ArticleQAError, InputError
from corpus.sentences import split_sentences
from eval.compare import Result
from eval.dataset import Question, read_questions
from eval.run import OWN, evaluate
from index.encoder import Encoder, encoder_of
from index.plan import Progress
from index.snapshot import Snapshot, open_generation
from qa.assistant import Assistant

TUNE = OWN / "tune.jsonl"
RECALL, ABSTENTION = 0.01, 0.03
#: Articles of which a sentence is looked for, and the characters such a sentence has.
PROBES, PROBE_LENGTH = 60, range(60, 240)
PROBE = "probe"
#: A generation's results and a question to whether it did well.
Outcome = Callable[["Measured", Question], bool]
#: Differences of shares are sums of rounded numbers.
EPSILON = 1e-9


@dataclass(frozen=True)
class Measured:
    """What one generation did with the questions that apply to both."""

    results: dict[str, Result]
    snapshot: Snapshot

    def found(self, question: Question, live: Snapshot | None) -> bool:
        """Is an article that answers among the first five?"""
        for article_id in self.results[question.id]["found"][:5]:
            if article_id in question.right:
                return True
            article = self.snapshot.article_by_id(article_id)
            if (
                live
                and article
                and question.has_answers
                and _is_new(article_id, article.digest, live)
                and question.answered_by(article.text, article.language)
            ):
                return True
        return False

    def refused(self, question: Question) -> bool:
        return bool(self.results[question.id]["decision"] == "not_found")


def judge(asked: list[Question], candidate: Measured, live: Measured | None) -> tuple[list[str], dict[str, Any]]:
    """Why the candidate is refused (nothing if it passes), and the numbers of both."""
    rows = [candidate.results[question.id] for question in asked]
    inexact = [row["id"] for row in rows if row["measures"].get("quotes_exact") == 0]
    judged = [question for question in asked if question.answerable and question.kind != PROBE]
    probed = [question for question in asked if question.kind == PROBE]
    absent = [question for question in asked if not question.answerable]
    aside = [question for question in absent if live and _new_evidence(candidate.results[question.id], live.snapshot)]
    absent = [question for question in absent if question not in aside]
    known = live.snapshot if live else None
    reasons = [f"{len(inexact)} answers with a quote that is not in its article: {_named(inexact)}"] if inexact else []
    measured: dict[str, Any] = {
        "asked": len(asked),
        "set_aside": [question.id for question in aside],
        "quotes_exact": (sum(row["exact_quotes"] for row in rows), sum(len(row["quotes"]) for row in rows)),
    }
    rules: list[tuple[str, list[Question], float, Outcome]] = [
        ("recall_at_5", judged, RECALL, lambda one, question: one.found(question, known)),
        ("sentences found again", probed, RECALL, lambda one, question: one.found(question, known)),
        ("abstention_recall", absent, ABSTENTION, Measured.refused),
        ("answerable questions answered", judged, ABSTENTION, lambda one, question: not one.refused(question)),
    ]
    for name, questions, allowed, good in rules:
        if not questions:
            continue
        now = [good(candidate, question) for question in questions]
        before = [good(live, question) for question in questions] if live else None
        share, was = sum(now) / len(now), sum(before) / len(before) if before else None
        measured[name] = {"n": len(now), "candidate": share, "live": was}
        if before and was is not None and was - share > allowed + EPSILON:
            lost = [question.id for question, is_good, was_good in zip(questions, now, before, strict=True) if was_good > is_good]
            reasons.append(f"{name} fell from {was:.3f} to {share:.3f} of {len(now)}: {_named(lost)}")
    return reasons, measured


def _is_new(article_id: str, digest: str, live: Snapshot) -> bool:
    """Does the live generation lack the article, or hold other words under its id?"""
    before = live.article_by_id(article_id)
    return before is None or before.digest != digest


def _new_evidence(result: Result, live: Snapshot) -> bool:
    return any(_is_new(quote["article_id"], quote["sha256"], live) for quote in result["quotes"])


def _named(ids: list[str]) -> str:
    return ", ".join(ids[:5]) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")


def questions_for(candidate: Snapshot, live: Snapshot | None, brought: list[Question]) -> list[Question]:
    """The questions that apply to both, in a fixed order."""
    snapshots = [one for one in (candidate, live) if one]
    own = [question for question in read_questions(TUNE) if _applies(question, snapshots)]
    # What the own set calls absent is absent from the sample articles; of any other corpus nobody knows.
    if not any(question.answerable for question in own):
        own = []
    return [*own, *(one for one in brought if _applies(one, snapshots)), *probes(snapshots)]


def known(brought: list[Question], snapshots: list[Snapshot]) -> list[Question]:
    """Those about articles that one of them holds, the others named on stderr: an article may have been taken away since.
    InputError if none is left."""
    kept = []
    for question in brought:
        unknown = [one for one in (*question.right, *question.context) if not any(s.article_by_id(one) for s in snapshots)]
        if unknown:
            typer.echo(f'question "{question.id}" is not asked: no index holds its article "{unknown[0]}"', err=True)
        else:
            kept.append(question)
    if brought and not kept:
        raise InputError("none of the questions given with --questions is about an article of this corpus: see the names above")
    return kept


def _applies(question: Question, snapshots: list[Snapshot]) -> bool:
    if question.answerable is None:
        return False
    for snapshot in snapshots:
        articles = [snapshot.article_by_id(one) for one in (*question.right, *question.context)]
        if not all(articles):
            return False
        if question.has_answers and not any(one and question.answered_by(one.text, one.language) for one in articles):
            return False
    return True


def probes(snapshots: list[Snapshot]) -> list[Question]:
    """A sentence of each of PROBES articles that all the snapshots hold alike; its copies elsewhere are right as well."""
    first = snapshots[0]
    found: list[Question] = []
    for info in sorted(first.articles, key=lambda one: hashlib.sha256(one.id.encode()).digest()):
        if len(found) == PROBES:
            break
        versions = [snapshot.article_by_id(info.id) for snapshot in snapshots]
        article = versions[0]
        if article is None or any(other is None or other.digest != article.digest for other in versions):
            continue
        sentences = [
            text
            for body in article.body
            for span in split_sentences(body.of(article.text), article.language)
            if len(text := span.of(body.of(article.text))) in PROBE_LENGTH and "\n" not in text
        ]
        if sentences:
            text = sentences[len(sentences) // 2]
            right = {
                row[0] for one in snapshots for row in one.query("SELECT id FROM full_articles WHERE instr(text, ?)", (text,))
            }
            found.append(_probe(info.id, article.language or "unknown", text, tuple(sorted(right))))
    return found


def _probe(article_id: str, language: str, text: str, right: tuple[str, ...]) -> Question:
    return Question(
        id=f"{PROBE}-{article_id}", lang=language, kind=PROBE, text=text, answerable=True, right=right, context=(),
        answers={"": ()}, span=None, history=(), rewrite=None, pair=None,
    )  # fmt: skip


def measure(assistant: Assistant, questions: list[Question], progress: Progress) -> Measured:
    """The generation's answers to the questions."""
    snapshot = assistant.snapshot()
    run = evaluate(assistant, [_within(question, snapshot) for question in questions], {}, progress, datetime.now(UTC))
    return Measured({result["id"]: result for result in run["questions"]}, snapshot)


def _within(question: Question, snapshot: Snapshot) -> Question:
    """The question with those of a probe's copies that this generation holds."""
    right = tuple(one for one in question.right if snapshot.article_by_id(one))
    return question if right == question.right else replace(question, right=right)


def main(
    candidate: Annotated[Path, typer.Option(help="The folder of the new generation.")],
    live: Annotated[Path | None, typer.Option(help="The folder of the live one, if there is one.")] = None,
    questions: Annotated[Path | None, typer.Option(help="Questions about the corpus: .jsonl, see eval/README.md.")] = None,
) -> None:
    """Judge a new generation against the live one; exit 0 whatever the verdict, 1 if there can be none."""
    with mendable(), progress_bar() as progress:
        started = time.monotonic()
        brought = read_questions(questions) if questions else []
        encoders: dict[str, Encoder] = {}
        new, old = _opened(candidate, encoders), None
        if live:
            try:
                old = _opened(live, encoders)
            except ArticleQAError as error:  # damaged, or its model is gone: nothing to lose by replacing it
                typer.echo(f"the live index cannot be compared with: {error}", err=True)
        brought = known(brought, [one.snapshot() for one in (new, old) if one])
        asked = questions_for(new.snapshot(), old.snapshot() if old else None, brought)
        after = measure(new, asked, progress)
        before = measure(old, asked, progress) if old else None
        reasons, measured = judge(asked, after, before)
        measured["seconds"] = round(time.monotonic() - started, 1)
        typer.echo(json.dumps({"reasons": reasons, "measured": measured}, ensure_ascii=False))


def _opened(folder: Path, encoders: dict[str, Encoder]) -> Assistant:
    snapshot = open_generation(folder)
    name = f"{snapshot.manifest['encoder']['name']} {snapshot.manifest['options'].get('engine')}"
    if name not in encoders:
        encoders[name] = encoder_of(snapshot.manifest)
    # Without the reader: it is the same for both, and a gate that takes minutes is a gate people pass over.
    return Assistant(folder.parent, encoders[name], snapshot=snapshot, pinned=True)


if __name__ == "__main__":
    typer.run(main)
