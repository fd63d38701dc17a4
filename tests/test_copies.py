"""One text in many outlets: exact copies share an entry, near copies are grouped, and neither fills the hits."""

import json
import random
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.copies import TOWNS, made_of, scores
from corpus.article import Article, Span
from corpus.copies import COMPARED, families, same_passages
from corpus.read import read_corpus
from index.build import build
from index.encoder import Encoder
from index.options import BuildOptions
from index.snapshot import Snapshot, check_generation, open_snapshot
from index.status import changes_since
from qa.assistant import Assistant, reader_of
from qa.options import AskOptions
from qa.record import record_of
from qa.retrieve import Hit, retrieve
from qa.verify import verify

SAMPLES = Path(__file__).resolve().parents[1] / "corpus" / "articles"
AGENCY = """Le pont de la Lune a été inauguré mardi par le maire de la ville, après quatre ans de travaux. Il mesure 412 mètres et a coûté
38 millions d’euros. Les piétons et les cyclistes disposent de deux larges voies séparées des voitures. Le chantier avait pris un an de
retard à cause des crues de l’hiver 2024, qui avaient emporté une partie des échafaudages. Le tramway l’empruntera à partir de juin.""".replace(
    "\n", " "
)
TOUCHED = AGENCY.replace("inauguré mardi", "ouvert mardi matin").replace("larges voies", "grandes voies") + " Avec agence."
OTHER = "La bibliothèque rouvre ses portes samedi. Les travaux ont duré deux ans et coûté huit millions d’euros à la commune."
QUESTION = "Combien mesure le pont de la Lune ?"


def write(folder: Path, **records: dict[str, Any]) -> Path:
    """A corpus of one .jsonl file: id to the other fields."""
    folder.mkdir(exist_ok=True)
    lines = [json.dumps({"id": name, "lang": "fr", **fields}, ensure_ascii=False) for name, fields in records.items()]
    (folder / "articles.jsonl").write_text("\n".join(lines), "utf-8")
    return folder


def snapshot_of(corpus: Path, index: Path, encoder: Encoder) -> Snapshot:
    build([corpus], index, encoder, BuildOptions())
    return open_snapshot(index)


def ask(snapshot: Snapshot, encoder: Encoder, question: str = QUESTION, options: AskOptions | None = None) -> list[Hit]:
    return retrieve(snapshot, question, "fr", encoder.embed_queries([question])[0], options or AskOptions())


@pytest.fixture
def outlets(tmp_path: Path) -> Path:
    """An agency's text in three outlets word for word and in a fourth touched up, and another article."""
    return write(
        tmp_path / "articles",
        a={"text": AGENCY, "source": "Agence", "date": "2025-09-01"},
        b={"text": AGENCY, "source": "Courrier", "date": "2025-09-02"},
        c={"text": TOUCHED, "source": "Dépêche", "date": "2025-09-03"},
        d={"text": AGENCY, "source": "Écho", "date": "2025-09-04"},
        e={"text": OTHER, "source": "Courrier", "date": "2025-09-05"},
    )


def test_exact_copies_share_one_entry_and_keep_all_their_names(outlets: Path, tmp_path: Path, encoder: Encoder) -> None:
    snapshot = snapshot_of(outlets, tmp_path / "index", encoder)

    assert [(info.id, info.entry, info.family) for info in snapshot.articles] == [
        ("a", 0, 0), ("b", 0, 0), ("c", 2, 0), ("d", 0, 0), ("e", 4, 4),
    ]  # fmt: skip
    assert snapshot.query("SELECT DISTINCT article FROM chunks") == [(0,), (2,), (4,)]
    assert snapshot.query("SELECT count(*) FROM articles WHERE text IS NULL") == [(2,)]
    copy = snapshot.article_by_id("d")
    assert copy is not None
    assert (copy.text, copy.source) == (AGENCY, "Écho")
    assert [info.id for info in snapshot.copies_of("c")] == ["a", "b", "d"]
    assert snapshot.copies_of("e") == snapshot.copies_of("unknown") == []
    assert check_generation(snapshot.folder, deep=True) == []


def test_one_answer_and_all_its_sources(outlets: Path, tmp_path: Path, encoder: Encoder) -> None:
    snapshot_of(outlets, tmp_path / "index", encoder)
    assistant = Assistant(tmp_path / "index", encoder, reader=reader_of(encoder))

    record = record_of(assistant.ask(QUESTION), "1")

    quote = record["quotes"][0]
    assert {other["article_id"] for other in record["quotes"]} == {quote["article_id"]}
    assert quote["text"].startswith("Il mesure 412 mètres")
    assert {quote["article_id"], *(copy["article_id"] for copy in quote["copies"])} == {"a", "b", "c", "d"}
    assert {"path": "articles.jsonl", "title": None, "source": "Courrier", "published": "2025-09-02"}.items() <= next(
        copy for copy in quote["copies"] if copy["article_id"] == "b"
    ).items()
    assert [(hit["article_id"], hit["copies"]) for hit in record["hits"]] == [(quote["article_id"], 3), ("e", 0)]
    assert {copy["article_id"] for copy in quote["copies"] if copy["exact"]} == {"a", "b", "d"} - {quote["article_id"]}


@pytest.mark.parametrize(
    ("options", "shown", "copies"),
    [
        (AskOptions(sources=("Courrier",)), "b", []),
        (AskOptions(sources=("Écho", "Courrier")), "b", ["d"]),
        (AskOptions(since=date(2025, 9, 3)), "c", ["d"]),
        (AskOptions(sources=("Dépêche",)), "c", []),
    ],
    ids=["one outlet", "two outlets", "days", "the touched one"],
)
def test_a_filter_shows_the_copy_that_passes_it(
    options: AskOptions, shown: str, copies: list[str], outlets: Path, tmp_path: Path, encoder: Encoder
) -> None:
    snapshot = snapshot_of(outlets, tmp_path / "index", encoder)

    first = ask(snapshot, encoder, options=options)[0]

    assert {first.article.id, *(copy.id for copy in first.copies)} == {shown, *copies}
    assert first.article.text[first.chunk.start : first.chunk.end] == first.text
    assert first.chunk.article_id == first.article.id


def test_deleting_one_copy_leaves_the_others(outlets: Path, tmp_path: Path, encoder: Encoder) -> None:
    index = tmp_path / "index"
    snapshot_of(outlets, index, encoder)
    stored = record_of(Assistant(index, encoder).ask(QUESTION, options=AskOptions(sources=("Écho",))), "1")
    lines = (outlets / "articles.jsonl").read_text("utf-8").splitlines()
    (outlets / "articles.jsonl").write_text("\n".join(lines[1:]), "utf-8")

    report = build([outlets], index, encoder, BuildOptions())
    snapshot = open_snapshot(index)

    assert report.embedded == 0
    assert [(info.id, info.entry) for info in snapshot.articles] == [("b", 0), ("c", 1), ("d", 0), ("e", 3)]
    assert [verdict.problem for verdict in verify([stored], snapshot.article_by_id)] == [None] * len(stored["quotes"])
    assert changes_since(snapshot.folder) == {"added": [], "changed": [], "renamed": [], "removed": []}


def test_hits_with_exact_copies_are_the_hits_without_and_lists_of_sources(
    tmp_path: Path, encoder: Encoder, sample_index: Path
) -> None:
    corpus = tmp_path / "articles"
    shutil.copytree(SAMPLES, corpus)
    files = sorted(path for path in corpus.rglob("*.txt"))
    (corpus / "zz").mkdir()
    for path in files[::3]:
        for number in range(5):
            shutil.copy(path, corpus / "zz" / f"{path.stem}{number}.txt")
    with_copies, without = snapshot_of(corpus, tmp_path / "index", encoder), open_snapshot(sample_index)
    questions = [
        "Qui a été élu pape ?",
        "Que s’est-il passé au Louvre ?",
        "How strong was the Noto earthquake?",
        "Quand a rouvert Notre-Dame ?",
    ]

    for question in questions:
        found, expected = ask(with_copies, encoder, question), ask(without, encoder, question)

        assert [(hit.article.id, hit.chunk.start) for hit in found] == [(hit.article.id, hit.chunk.start) for hit in expected]
        # The vectors were embedded in other batches, which shows in the third digit of bf16.
        np.testing.assert_allclose([hit.score for hit in found], [hit.score for hit in expected], atol=4e-3)
        assert all(len(hit.copies) in (0, 5) for hit in found)
    assert with_copies.size == without.size


def test_fifty_near_copies_do_not_crowd_out_what_else_there_is(tmp_path: Path, encoder: Encoder) -> None:
    words = AGENCY.split()
    records = {
        f"copy{number:02}": {
            "text": " ".join([*words[:number], "hier", *words[number : number + 9], "enfin", *words[number + 10 :]])
        }
        for number in range(50)
    }
    others = {
        name: {"text": text}
        for name, text in zip("xyz", [OTHER, "Trois loups ont été aperçus dimanche près du col.", QUESTION], strict=True)
    }
    snapshot = snapshot_of(write(tmp_path / "articles", **records, **others), tmp_path / "index", encoder)

    hits = ask(snapshot, encoder)

    assert sum(hit.article.id.startswith("copy") for hit in hits) <= 2
    assert {"x", "y", "z"} <= {hit.article.id for hit in hits}


def test_what_only_one_outlet_says_is_found(tmp_path: Path, encoder: Encoder) -> None:
    more = (
        AGENCY
        + "\n\nUn restaurant panoramique de quarante couverts ouvrira en septembre sous la seconde arche, selon nos informations."
    )
    corpus = write(tmp_path / "articles", a={"text": AGENCY, "source": "A"}, b={"text": more, "source": "B"})
    snapshot = snapshot_of(corpus, tmp_path / "index", encoder)

    first = ask(snapshot, encoder, "Combien de couverts aura le restaurant panoramique ?")[0]

    assert first.article.id == "b"
    assert [copy.id for copy in first.copies] == ["a"]


def whole(name: str, text: str) -> Article:
    return Article(name, name, None, text, (Span(0, len(text)),) if text else (), "fr", None, None, None)


def test_near_copies_are_told_from_follow_ups_and_filled_in_forms() -> None:
    """Over made-up edits of the samples; follow-ups that repeat up to a third of an article, and forms, are no copies."""
    texts = [
        " ".join(span.of(one.text) for span in one.body).replace("\n", " ")
        for one in read_corpus([SAMPLES])
        if isinstance(one, Article)
    ]

    precision, recall, both = scores(made_of(texts, 42, TOWNS[:6], random.Random(11)))

    assert both >= 0.95, (precision, recall)


@pytest.mark.parametrize(
    ("first", "second", "near"),
    [
        (AGENCY, TOUCHED, True),
        (AGENCY, AGENCY[: len(AGENCY) * 6 // 10], True),
        (AGENCY, OTHER, False),
        (AGENCY, f"{OTHER} {AGENCY[:90]}", False),
        ("Le tramway a reçu cent visiteurs hier matin.", "Le musée a reçu cent visiteurs hier matin.", False),
        ("Non.", "Non.", False),
        ("", "", False),
    ],
    ids=["touched up", "cut", "another", "its first words quoted", "one short form", "two words", "nothing"],
)
def test_pairs(first: str, second: str, near: bool) -> None:
    assert families([whole("a", first), whole("b", second)]) == [0, 0 if near else 1]


def test_passages_are_matched_across_shifted_borders() -> None:
    one, two, three = "un deux trois quatre cinq six", "sept huit neuf dix onze douze", "treize quatorze quinze seize dix-sept"

    assert same_passages([[one, two], [f"{one} sept huit neuf", f"dix onze douze {three}", one], [three]]) == [0, 1, 0, 3, 0, 3]


def test_copies_are_found_among_hundreds_of_filled_in_forms() -> None:
    """More of one form than a text is compared with; the copies of what stands among them are still found."""
    forms = [
        f"À {town}, la liste de {name} obtient {number} voix au premier tour des élections municipales de dimanche. La participation "
        f"atteint {number % 71} % dans la commune de {town}, selon le décompte remis à la préfecture par {name} lundi matin."
        for number, (town, name) in enumerate(
            (f"{one}-{two}", f"Mme {two}{one}")
            for one in "abcdefghijklmno"
            for two in ("Mont", "Val", "Pont", "Bois", "Lac", "Pré")
        )
    ]
    articles = [whole(str(at), text) for at, text in enumerate([AGENCY, *forms, TOUCHED])]

    found = families(articles)

    assert len(forms) > COMPARED
    assert found[-1] == 0
    assert found[1:-1] == list(range(1, len(forms) + 1))
