"""The table of articles, and what an operator may do from the page: rebuild, roll back, drop in, evaluate."""

import html
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from app import serve
from corpus.errors import IndexBusy, InputError
from index.build import build
from index.encoder import Encoder
from index.gate import Verdict
from index.options import BuildOptions
from qa.articles import ROWS, articles_table, build_report, found_in
from qa.assistant import Asked, Assistant, Found
from qa.chat import Desk
from qa.manage import LARGEST_DROP, MOST_DROPS, Office
from qa.page_texts import Interface, words

FIRE = "La halle de Vertbois\n\nUn incendie a détruit la halle de Vertbois dimanche 3 mars 2024, sans faire de blessé.\n"
BRIDGE = "Le pont de Clairval\n\nLe pont de Clairval a cédé lundi 9 septembre 2024 au matin. Personne n’a été blessé.\n"
FAIR = "The Montclair fair\n\nThe Montclair fair opened on Tuesday with three hundred exhibitors, the town hall said.\n"


@pytest.fixture
def office(encoder: Encoder, tmp_path: Path) -> Office:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "a.txt").write_text(BRIDGE, "utf-8")
    (corpus / "b.txt").write_text(FIRE, "utf-8")
    (corpus / "c.txt").write_text(FIRE, "utf-8")
    (corpus / "d.txt").write_bytes(b"\0\1\2")
    build([corpus], tmp_path / "index", encoder, BuildOptions())
    return Office(Assistant(tmp_path / "index", encoder), corpus, gate=None)


def paths(office: Office, search: str, sort: str = "by_title") -> list[str]:
    return [info.path for info in found_in(office.assistant.snapshot(), search, sort)]


def test_articles_are_found_and_sorted(office: Office) -> None:
    assert paths(office, "") == ["b.txt", "c.txt", "a.txt"]
    assert paths(office, "VERTBOIS halle") == ["b.txt", "c.txt"]
    assert paths(office, "francais clairval") == ["a.txt"]
    assert paths(office, "nowhere") == []
    assert paths(office, "", "by_copies") == ["b.txt", "c.txt", "a.txt"]
    assert paths(office, "", "no such order") == paths(office, "", "newest")


def test_the_table_tells_what_is_known_and_links_to_the_article(office: Office) -> None:
    table = articles_table(office.assistant.snapshot(), "", "by_title", 99, "fr")
    rows = [
        [html.unescape(re.sub(r"<[^>]*>", "", cell)) for cell in re.findall(r"<td>(.*?)</td>", row)]
        for row in table.split("<tr>")[2:]
    ]

    assert rows[0] == ["La halle de Vertbois", "inconnu", rows[0][2], "français", "1", "b.txt"]
    assert rows[2][0] == "Le pont de Clairval"
    assert "3 articles, page 1 sur 1" in html.unescape(table)
    assert html.unescape(table).count("article?id=a.txt&language=fr") == 1


def test_a_long_table_has_pages(sample_index: Path, encoder: Encoder) -> None:
    snapshot = Assistant(sample_index, encoder).snapshot()
    first, last = (articles_table(snapshot, "", "newest", page, "en") for page in (1, 2))

    assert first.count("<tr>") == ROWS + 1
    assert last.count("<tr>") == len(snapshot.articles) - ROWS + 1


def test_the_report_names_what_was_left_out(office: Office) -> None:
    report = html.unescape(build_report(office.assistant.snapshot(), None, "en"))

    assert "3 articles in 2 passages" in report
    assert "What the gate measured: not asked" in report
    assert "Left out (1)" in report
    assert "d.txt" in report


def last(steps: object) -> Any:
    return list(steps)[-1]  # type: ignore[call-overload]


def test_what_is_dropped_in_is_answered_after_a_rebuild_and_gone_after_a_roll_back(office: Office, tmp_path: Path) -> None:
    (tmp_path / "fair.txt").write_text(FAIR, "utf-8")
    before = office.assistant.snapshot().generation

    assert office.take_in([tmp_path / "fair.txt"]) == ["fair.txt: taken in; rebuild to ask it"]
    assert not (tmp_path / "fair.txt").exists()
    done = last(office.rebuild())
    assert not done.failed
    assert "4 articles in 3 passages: 1 embedded, 2 kept" in str(done.report)
    answer = office.assistant.ask("How many exhibitors has the Montclair fair?").answer
    assert answer.hits[0].article.path == "fair.txt"
    assert last(office.roll_back()).report == f"Live again: {before}"
    assert office.assistant.snapshot().generation == before


def test_an_article_that_goes_while_it_is_being_quoted(office: Office, tmp_path: Path) -> None:
    steps = office.assistant.stream("Quel pont a cédé ?")
    found = next(steps)
    (tmp_path / "corpus" / "a.txt").unlink()
    rebuilt = last(office.rebuild())
    asked = last(steps)

    assert not rebuilt.failed
    assert isinstance(found, Found)
    assert isinstance(asked, Asked)
    assert asked.answer.quotes[0].text in BRIDGE
    assert asked.answer.quotes[0].article.id == "a.txt"
    address, page = serve(Desk(office.assistant))
    try:
        read = httpx.get(f"{address}article?id=a.txt&language=fr")
    finally:
        page.close(verbose=False)
    assert (read.status_code, read.text) == (404, "Cet article n’est pas, ou plus, dans l’index.")


DROPS: dict[str, tuple[str, bytes, str]] = {
    "a picture": ("x.png", b"\x89PNG", "x.png: not taken, only .txt, .md, .html, .htm, .jsonl are"),
    "a binary": ("x.txt", b"\x89PNG\r\n\x1a\n\0\0\0", "x.txt: not taken, binary, not text"),
    "empty": ("x.txt", b" \n", "x.txt: not taken, empty"),
    "too large": ("x.txt", b"a" * (LARGEST_DROP + 1), "x.txt: not taken, larger than 5 MB"),
    "one that is there": ("a.txt", FAIR.encode(), "a.txt: not taken, there is one of that name"),
    "an odd name": ("..%2f é;rm -rf$.txt", FAIR.encode(), "2f-é-rm--rf-.txt: taken in; rebuild to ask it"),
    "hidden": (".hidden.txt", FAIR.encode(), "hidden.txt: taken in; rebuild to ask it"),
}


@pytest.mark.parametrize("case", DROPS)
def test_only_articles_are_taken_in_and_nothing_is_replaced(office: Office, tmp_path: Path, case: str) -> None:
    name, data, says = DROPS[case]
    (tmp_path / "sent").mkdir()
    (tmp_path / "sent" / name).write_bytes(data)

    assert office.take_in([tmp_path / "sent" / name]) == [says]
    assert list((tmp_path / "sent").iterdir()) == []
    assert (tmp_path / "corpus" / "a.txt").read_text("utf-8") == BRIDGE
    assert {path.parent for path in tmp_path.rglob("*.txt")} == {tmp_path / "corpus"}


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "3 more: not taken, drop them again, at most 50 at once"),
        ("fr", "3 de plus\u00a0: refusés, déposez-les de nouveau, 50 à la fois au plus"),
    ],
)
def test_of_more_files_than_are_taken_at_once_the_rest_is_told_and_not_kept(
    office: Office, tmp_path: Path, language: Interface, says: str
) -> None:
    (tmp_path / "sent").mkdir()
    files = [tmp_path / "sent" / f"{number}.txt" for number in range(MOST_DROPS + 3)]
    for file in files:
        file.write_text(FAIR, "utf-8")
    said = office.take_in(files, language)

    assert len(said) == MOST_DROPS + 1
    assert said[-1] == says
    assert not any((tmp_path / "corpus" / file.name).exists() for file in files[MOST_DROPS:])
    assert list((tmp_path / "sent").iterdir()) == []


def test_without_a_folder_nothing_is_taken_in(office: Office, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--drop"):
        Office(office.assistant).take_in([tmp_path / "x.txt"])


def gated(office: Office, gate: Callable[[Path, Path | None], Verdict]) -> Office:
    return Office(office.assistant, office.drop, gate)


def test_what_the_gate_refuses_is_said_and_not_served(office: Office, tmp_path: Path) -> None:
    (tmp_path / "corpus" / "e.txt").write_text(FAIR, "utf-8")
    before = office.assistant.snapshot().generation
    done = last(gated(office, lambda candidate, live: Verdict(("it answers worse",), {})).rebuild())

    assert done.failed
    assert done.report == "The gate refused it, and the index answers as before:\n  it answers worse"
    assert office.assistant.snapshot().generation == before


def test_each_step_of_a_build_has_a_name_on_the_page(office: Office, encoder: Encoder, tmp_path: Path) -> None:
    """Steps are the build's own words: a new one must be told in both languages before the page meets it."""
    met: set[str] = set()
    for name, texts in {"first": 1, "second": 2}.items():
        (tmp_path / f"{name}.txt").write_text("Le tram sans titre roule depuis lundi.\n" * texts, "utf-8")
        build([tmp_path], tmp_path / "index", encoder, BuildOptions(), progress=lambda stage, done, total: met.add(stage))
    met |= {step.stage for step in office.rebuild("fr") if step.report is None}

    assert {"reading", "sketching", "cutting", "embedding", "writing"} <= met
    for stage in met:
        assert words(f"stage_{stage}", "en") != words(f"stage_{stage}", "fr")


def test_one_thing_at_a_time(office: Office, tmp_path: Path) -> None:
    let_go, asked = threading.Event(), threading.Event()

    def gate(candidate: Path, live: Path | None) -> Verdict:
        asked.set()
        let_go.wait(20)
        return Verdict((), {"quotes_exact": [0, 0], "seconds": 0})

    (tmp_path / "corpus" / "e.txt").write_text(FAIR, "utf-8")
    waiting = gated(office, gate)
    steps = waiting.rebuild()
    next(steps)
    assert asked.wait(20)
    with pytest.raises(IndexBusy):
        next(waiting.roll_back())
    let_go.set()
    assert not last(steps).failed
    assert last(waiting.roll_back()).report


@pytest.mark.slow
def test_an_evaluation_that_cannot_be_run_says_so_and_leaves_the_last_report(office: Office) -> None:
    """The own questions are about articles that this index does not hold."""
    office.evaluation.mkdir()
    (office.evaluation / "run.html").write_text("the last one", "utf-8")
    done = last(office.evaluate("fr"))

    assert done.failed
    assert str(done.report).startswith("l’évaluation s’est arrêtée\u00a0: ")
    assert (office.evaluation / "run.html").read_text("utf-8") == "the last one"
