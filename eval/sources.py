"""Where the rows of the results' sets come from: the public sets, parts of them, and mixes."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import Any

from corpus.errors import InputError
from eval.held_out import for_the_decision, held_out, number_of
from eval.run import OWN

Row = dict[str, Any]
#: Given the data folder, rows to write as a .jsonl file.
Source = Callable[[Path], Iterable[Row]]


def rows(path: Path) -> Iterator[Row]:
    try:
        with path.open(encoding="utf-8") as file:
            yield from map(json.loads, file)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}): give --data the folder of the public sets") from error


def passages(name: str, *, language: str | None = None, titles: bool = True) -> Source:
    """The passages of a set, of one language, with or without their titles."""

    def source(data: Path) -> Iterator[Row]:
        for row in rows(data / f"{name}.passages.jsonl"):
            if language in (None, row["lang"]):
                yield row if titles else row | {"title": ""}

    return source


def asked_about(data: Path, wanted: set[str]) -> list[Row]:
    """Those articles, of the French news, the news pages and PIAF."""
    files = ("news_fr.passages.jsonl", "boilerplate.fundus.jsonl", "piaf_fr.passages.jsonl")
    return [row for name in files for row in rows(data / name) if row["id"] in wanted]


def questions(name: str, keep: Callable[[Row], bool] = lambda row: True) -> Source:
    return lambda data: (row for row in rows(data / f"{name}.questions.jsonl") if keep(row))


def across(asked: str, told: str) -> Source:
    """XQuAD's questions in one language about the passages in another."""

    def source(data: Path) -> Iterator[Row]:
        for row in rows(data / "xquad.questions.jsonl"):
            if row["lang"] == asked:
                right = [one for one in row["positive_passage_ids"] if one.split("-")[1] == told]
                yield row | {"positive_passage_ids": right, "answers": row["answers_by_lang"][told]}

    return source


def elsewhere(*sources: Source) -> Source:
    """Questions about other things than the passages, one of each source in turn."""

    def source(data: Path) -> Iterator[Row]:
        for row in half(*sources)(data):
            yield row | {
                "answerable": False,
                "positive_passage_ids": [],
                "context_passage_ids": [],
                "answers": [],
                "kind": "absent",
            }

    return source


def half(*sources: Source) -> Source:
    """As many rows of each as the shortest has, in turn."""
    return lambda data: chain.from_iterable(zip(*(source(data) for source in sources), strict=False))


def test_part(name: str, source: Source) -> Source:
    """The questions about passages that neither the reader was trained nor the decision fitted on."""
    return _part(name, source, fitted=False)


def fitted_part(name: str, source: Source) -> Source:
    """Those about passages that the reader was not trained on, for the decision."""
    return _part(name, source, fitted=True)


def unused(name: str) -> Source:
    """Of a set's test part those that nothing was chosen by: how the reader is weighed, and how far it reads, once were by every
    second question about passages held out."""
    held = _part(name, questions(name), fitted=None)

    def kept(data: Path) -> Iterator[Row]:
        second = {row["id"] for row in islice(held(data), 0, None, 2)}
        return (row for row in test_part(name, questions(name))(data) if row["id"] not in second)

    return kept


def _part(name: str, source: Source, fitted: bool | None) -> Source:
    """About passages that the reader was not trained on: for the decision, for the test, or (None) both."""

    def kept(data: Path) -> Iterator[Row]:
        titles = _titles(name, data)
        for row in source(data):
            about = _about(row)
            if held_out(name, about, titles[about]) and fitted in (None, for_the_decision(name, about, titles[about])):
                yield row

    return kept


def answerable(source: Source) -> Source:
    return lambda data: (row for row in source(data) if row["answerable"])


def by_subject(name: str, source: Source) -> Source:
    """The rows in another order: one about each title in turn."""

    def turned(data: Path) -> Iterator[Row]:
        titles, about = _titles(name, data), dict[str, list[Row]]()
        for row in source(data):
            about.setdefault(titles[_about(row)], []).append(row)
        for turn in zip_longest(*about.values()):
            yield from (row for row in turn if row)

    return turned


def _titles(name: str, data: Path) -> dict[str, str]:
    return {row["id"]: row.get("title") or "" for row in rows(data / f"{name}.passages.jsonl")}


def _about(row: Row) -> str:
    return str((row.get("context_passage_ids") or row["positive_passage_ids"])[0])


def dialogues(data: Path) -> dict[str, list[Row]]:
    """CANARD's turns by the subject they are about."""
    found: dict[str, list[Row]] = {}
    for row in rows(data / "canard.followups.jsonl"):
        found.setdefault(row["title"], []).append(row)
    return found


def dialogue_passages(data: Path) -> Iterator[Row]:
    """CANARD has no passages, but its answers are cut from articles: those of one subject make an article."""
    for number, (title, turns) in enumerate(dialogues(data).items()):
        said = dict.fromkeys(one["text"] for turn in turns for one in turn["history"] if one["role"] == "assistant")
        sentences = [text if text[-1:] in ".!?" else f"{text}." for text in said if "I don't know" not in text]
        if sentences:
            yield {"id": f"canard-{number}", "lang": "en", "title": title, "text": " ".join(sentences)}


def dialogue_questions(data: Path) -> Iterator[Row]:
    """Its follow-ups that were rewritten. The first question stands in its rewritten form: it names the subject, as people do
    who ask a folder of articles and not one page."""
    held = {row["id"] for row in dialogue_passages(data)}
    for number, turns in enumerate(dialogues(data).values()):
        opening = {_dialogue(turn): turn["rewrite"] for turn in turns if not turn["history"]}
        for turn in turns:
            if turn["history"] and turn["changed"] and _dialogue(turn) in opening and f"canard-{number}" in held:
                history = [{**turn["history"][0], "text": opening[_dialogue(turn)]}, *turn["history"][1:]]
                yield {
                    "id": turn["id"], "lang": "en", "kind": "follow_up", "question": turn["question"], "answerable": True,
                    "positive_passage_ids": [f"canard-{number}"], "answers": [], "history": history, "rewrite": turn["rewrite"],
                }  # fmt: skip


def _dialogue(turn: Row) -> str:
    return str(turn["id"].rsplit("-", 1)[0])


def dialogue_openings(data: Path) -> Iterator[Row]:
    """The first question of one dialogue of each subject, a person or a band mostly, as it was rewritten; if that names it."""
    told = set[str]()
    for title, turns in dialogues(data).items():
        subject, opening = title.partition(" - ")[0], next((turn for turn in turns if not turn["history"]), None)
        if opening and subject not in told and _names(opening["rewrite"], subject):
            told.add(subject)
            yield {"id": opening["id"], "lang": "en", "question": opening["rewrite"]}


def _names(question: str, subject: str) -> bool:
    words = re.findall(r"\w{4,}", subject.partition("(")[0].casefold()) or [subject.casefold()]
    return any(word in question.casefold() for word in words)


def about_other_things(*names: str) -> Source:
    """Questions that neither the sample articles nor other sets answer: CANARD's, each about another subject, and answerable
    ones of those sets, about articles that were held out, the subjects in turn; what several languages ask is asked in one."""
    held = [by_subject(name, answerable(test_part(name, questions(name)))) for name in names]

    def apart(at: int) -> Source:
        """The SQuAD sets' common numbers, shared out among the languages."""
        return lambda data: (row for row in held[at](data) if number_of(row["id"].partition("-q-")[2]) % len(held) == at)

    return elsewhere(dialogue_openings, *(apart(at) for at in range(len(held))))


def own_answerable(data: Path) -> Iterator[Row]:
    """Of the own test half, those that stand alone."""
    return (row for row in rows(OWN / "test.jsonl") if row["kind"] == "answerable")


def own_short(data: Path) -> Iterator[Row]:
    """Short ones about the sample articles, that decide nothing."""
    return rows(OWN / "short.jsonl")


def written(path: Path, found: Iterable[Row]) -> Path:
    """The path, the rows now in it as .jsonl."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in found)
    return path
