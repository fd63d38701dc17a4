"""Dense, lexical and fused search over a small index whose right answers are plain."""

import json
from datetime import date

import numpy as np
import pytest

from index.build import build
from index.encoder import Encoder
from index.options import BuildOptions
from index.search import dense_search, lexical_scores, lexical_search, query_terms
from index.snapshot import Snapshot, open_snapshot
from index.terms import LONGEST_TITLE, embedded_text, stem, words
from qa.assistant import Assistant
from qa.options import AskOptions
from qa.retrieve import UNKNOWN, Hit, best_by_chance, retrieve

LINES = """{"id": "tram", "lang": "fr", "date": "2025-03-01", "source": "A", "title": "Le tramway", "text": "Le tramway relie la gare au port depuis lundi. Il roule de six heures à minuit."}
{"id": "biblio", "lang": "fr", "date": "2025-06-01", "source": "B", "title": "La bibliothèque", "text": "La bibliothèque municipale rouvre samedi après deux ans de travaux."}
{"id": "ferry", "lang": "en", "source": "A", "title": "The ferry", "text": "The ferry to the island stops running in winter because of storms."}
{"id": "moineaux", "lang": "de", "date": "2024-01-01", "title": "Die Spatzen", "text": "Im Stadtpark zählten Freiwillige im Januar 412 Spatzen."}
"""


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Snapshot:
    folder = tmp_path_factory.mktemp("search")
    (folder / "a.jsonl").write_text(LINES, encoding="utf-8")
    build([folder / "a.jsonl"], folder / "index", encoder, BuildOptions())
    return open_snapshot(folder / "index")


def found(snapshot: Snapshot, encoder: Encoder, question: str, language: str, options: AskOptions | None = None) -> list[Hit]:
    return retrieve(snapshot, question, language, encoder.embed_queries([question])[0], options or AskOptions())


def test_words_are_folded_and_stems_are_the_languages() -> None:
    assert words("L’Été d'Élodie, qu’il n'a pas vu : 3,5 % aujourd’hui") == [
        "ete", "elodie", "il", "a", "pas", "vu", "3", "5", "aujourd", "hui",
    ]  # fmt: skip
    assert words("the ship's crew") == ["the", "ship", "crew"]
    assert words("志愿者联盟") == ["志愿", "愿者", "者联", "联盟"]
    assert stem("voyageurs", "fr") == stem("voyageur", "fr") == "voyageur"
    assert stem("412", "fr") == "412"
    assert stem("спільнота", "uk") == "спільнота"


def test_a_title_leaves_the_passage_its_room() -> None:
    long = "Le pont de Clairval " * 6000

    assert embedded_text("a" * LONGEST_TITLE, "Le pont a cédé.") == f"{'a' * LONGEST_TITLE}. Le pont a cédé."
    assert embedded_text(None, "Le pont a cédé.") == "Le pont a cédé."
    assert embedded_text(long, "Le pont a cédé.") == f"{long[:LONGEST_TITLE]}. Le pont a cédé."


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("Le p\u0430rlement", "Le parlement"),  # Cyrillic а
        ("\u0421NRS", "CNRS"),  # Cyrillic С
        ("Αirbus", "Airbus"),  # Greek Α
        ("Ки\u0069в", "Киів"),  # Latin i in a Ukrainian word
        ("co\u00adopé\u200bra\u2060tion", "coopération"),
        ("\ufefftram\u202eway\u202c", "tramway"),
        ("می\u200cروم", "میروم"),
        ("e\u0301cole", "école"),
    ],
)
def test_what_looks_like_a_word_is_searched_as_that_word(written: str, plain: str) -> None:
    assert words(written) == words(plain)


def test_words_that_mix_scripts_and_look_like_nothing_else_stay() -> None:
    assert words("covid-19 ковид жаzz москва") == ["covid", "19", "ковид", "жаzz", "москва"]
    assert words("μg β-caroten") == ["μg", "β", "caroten"]


def test_what_chance_alone_would_find_grows_with_what_is_searched(assistant: Assistant, encoder: Encoder) -> None:
    """The greatest of so many normal numbers, drawn; and each hit is held against the passages of its language that were searched."""
    drawn = np.random.default_rng(1)
    for count in (1, 2, 10, 100, 5000):
        best = np.mean([drawn.standard_normal(count).max() for _ in range(4000)])
        assert best_by_chance(count) == pytest.approx(best, abs=0.05)

    snapshot = assistant.snapshot()
    sizes = dict(zip(snapshot.languages, snapshot.passages_in, strict=True))
    everything = found(snapshot, encoder, "Qui a ouvert le port ?", "fr")
    assert {(hit.article.language, hit.chance) for hit in everything} == {
        (hit.article.language, best_by_chance(sizes[hit.article.language or ""])) for hit in everything
    }
    day = max(hit.article.published for hit in everything if hit.article.published)
    some = found(snapshot, encoder, "Qui a ouvert le port ?", "fr", AskOptions(since=day, until=day))
    assert some
    assert all(hit.chance < best_by_chance(sizes[hit.article.language or ""]) for hit in some)


def test_a_search_shared_among_cores_finds_what_one_finds(
    assistant: Assistant, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = assistant.snapshot()
    vector = encoder.embed_queries(["Qui a ouvert le port ?"])[0]
    french = snapshot.chunk_language == snapshot.languages.index("fr")
    cases = [(100, None), (100, french), (3, ~french), (snapshot.size, None), (5, np.arange(snapshot.size) < 2)]
    alone = [dense_search(snapshot, vector, k, allowed) for k, allowed in cases]

    monkeypatch.setattr("index.search.LARGE", 1)
    monkeypatch.setattr("index.search.CORES", 3)

    for (k, allowed), (rows, scores) in zip(cases, alone, strict=True):
        shared = dense_search(snapshot, vector, k, allowed)
        assert shared[0].tolist() == rows.tolist()
        assert shared[1].tolist() == scores.tolist()


def test_dense_search_is_sorted_and_filters_hold(snapshot: Snapshot, encoder: Encoder) -> None:
    vector = encoder.embed_queries(["Quand la bibliothèque rouvre-t-elle ?"])[0]
    rows, scores = dense_search(snapshot, vector, 10)
    allowed = np.array([True, False, True, False])

    assert snapshot.articles[snapshot.chunk_article[rows[0]]].id == "biblio"
    assert list(scores) == sorted(scores, reverse=True)
    assert sorted(rows) == [0, 1, 2, 3]
    assert sorted(dense_search(snapshot, vector, 10, allowed)[0]) == [0, 2]
    assert len(dense_search(snapshot, vector, 0)[0]) == 0
    assert len(dense_search(snapshot, vector, 5, np.zeros(4, dtype=bool))[0]) == 0


@pytest.mark.parametrize(
    "question", ['"', "AND", "NEAR(", "a:b", "-tramway", "^x", "(", "tramway' OR 1=1 --", "*", "{title}", "%s"]
)
def test_search_operators_are_only_words(question: str, snapshot: Snapshot, encoder: Encoder) -> None:
    terms = query_terms(snapshot, question)

    assert all(len(term.stems) >= 1 and term.idf > 0 for term in terms)
    lexical_search(lexical_scores(snapshot, terms), 10)
    assert len(found(snapshot, encoder, question, "fr")) == 4


def test_lexical_search_finds_stems_without_accents(snapshot: Snapshot) -> None:
    rows, scores = lexical_search(lexical_scores(snapshot, query_terms(snapshot, "bibliotheques")), 10)

    assert [snapshot.articles[snapshot.chunk_article[row]].id for row in rows] == ["biblio"]
    assert scores[0] > 0


@pytest.mark.parametrize(
    ("question", "language", "article"),
    [
        ("When does the library open again?", "en", "biblio"),
        ("Où va le tram ?", "fr", "tram"),
        ("Pourquoi le bac vers l’île s’arrête-t-il en hiver ?", "fr", "ferry"),
        ("How many sparrows were counted?", "en", "moineaux"),
        ("412", "en", "moineaux"),
    ],
)
def test_the_right_article_is_first_in_whatever_language(
    question: str, language: str, article: str, snapshot: Snapshot, encoder: Encoder
) -> None:
    hits = found(snapshot, encoder, question, language)

    assert hits[0].article.id == article
    assert [hit.rank for hit in hits] == [1, 2, 3, 4]
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(-1 <= hit.dense <= 1 and 0 <= hit.lexical <= 1 for hit in hits)


@pytest.mark.parametrize(
    ("options", "articles"),
    [
        (AskOptions(languages=("en", "de")), {"ferry", "moineaux"}),
        (AskOptions(sources=("A",)), {"tram", "ferry"}),
        (AskOptions(since=date(2025, 1, 1)), {"tram", "biblio"}),
        (AskOptions(until=date(2025, 3, 1)), {"tram", "moineaux"}),
        (AskOptions(since=date(2025, 3, 2), until=date(2025, 5, 1)), set()),
        (AskOptions(k=1, languages=("fr",)), {"tram"}),
    ],
)
def test_filters_reach_the_search(options: AskOptions, articles: set[str], snapshot: Snapshot, encoder: Encoder) -> None:
    assert {hit.article.id for hit in found(snapshot, encoder, "Où va le tramway ?", "fr", options)} == articles


def test_the_commonest_words_of_a_rare_language_do_not_carry_its_passages_ahead(
    tmp_path_factory: pytest.TempPathFactory, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a question about a French article the only Ukrainian one holds « до », « на », « що », « від » and « день », and nothing it is about."""
    folder = tmp_path_factory.mktemp("rare")
    weather = (
        "Скільки ще триватиме дощ, на сході не знають. До вечора на півдні сухо, від моря віє вітер. Що буде на день пізніше?"
    )
    rows = [*map(json.loads, LINES.splitlines()), {"id": "погода", "lang": "uk", "title": "Погода", "text": weather}]
    (folder / "a.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    build([folder / "a.jsonl"], folder / "index", encoder, BuildOptions())
    snapshot = open_snapshot(folder / "index")
    question = "До скількох годин на день їздить трамвай, що йде від вокзалу до порту?"

    shares = []
    for unknown in (0.0, UNKNOWN):
        monkeypatch.setattr("qa.retrieve.UNKNOWN", unknown)
        hits = found(snapshot, encoder, question, "uk")
        shares.append(next(hit.lexical for hit in hits if hit.article.id == "погода"))

    assert hits[0].article.id == "tram"
    assert shares[1] < shares[0] / 2
