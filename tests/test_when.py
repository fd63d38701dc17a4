"""The dates that questions name, and what they do to the search."""

import json
from datetime import date

import pytest

from index.build import build
from index.encoder import Encoder
from index.options import BuildOptions
from index.snapshot import Snapshot, open_snapshot
from qa.options import AskOptions
from qa.retrieve import TIMELY, retrieve
from qa.when import NamedDate, dates_named


@pytest.mark.parametrize(
    ("question", "language", "expected"),
    [
        ("Who was elected pope in May 2025?", "en", [(2025, 5)]),
        ("What was said on May 8, 2025 and on 9th of June 2024?", "en", [(2025, 5), (2024, 6)]),
        ("Qui a parlé le 1er août 2024 ?", "fr", [(2024, 8)]),
        ("¿Qué pasó el 8 de mayo de 2025?", "es", [(2025, 5)]),
        ("Wer siegte im März 2024?", "de", [(2024, 3)]),
        ("Хто переміг у травні 2025 року?", "uk", [(2025, 5)]),
        ("Кто победил в марте 2025?", "ru", [(2025, 3)]),
        ("Kto wygrał w maju 2025 roku?", "pl", [(2025, 5)]),
        ("من فاز في مارس ٢٠٢٥؟", "ar", [(2025, 3)]),
        ("2025年5月に誰が", "ja", [(2025, 5)]),
        ("Ce qui s'est passé 2025-05-08", None, [(2025, 5)]),
        ("Qui organise l'Expo-2030 ?", "fr", [(2030, None)]),
        ("Saison 2024-25, saison 2024-2025", "fr", [(2024, None), (2024, None), (2025, None)]),
        ("матч 2025", "ru", [(2025, None)]),
        ("May 2025", None, [(2025, None)]),
        ("May 2025", "not a language", [(2025, None)]),
        ("en mai", "fr", []),
        ("2.025 €, 12025, 1789, 2025 %", "fr", [(2025, None)]),
        ("2025% 2025.5 3,2025", "fr", []),
    ],
)
def test_years_and_months_are_told(question: str, language: str | None, expected: list[tuple[int, int | None]]) -> None:
    assert [(named.year, named.month) for named in dates_named(question, language)] == expected


def test_news_of_a_month_is_also_printed_in_the_next() -> None:
    december, year = NamedDate(2024, 12), NamedDate(2024, None)

    assert [december.is_of(date(*day)) for day in ((2024, 11, 30), (2024, 12, 1), (2025, 1, 31), (2025, 2, 1))] == [
        False, True, True, False,
    ]  # fmt: skip
    assert [year.is_of(date(*day)) for day in ((2023, 12, 31), (2024, 1, 1), (2024, 12, 31), (2025, 1, 1))] == [
        False, True, True, False,
    ]  # fmt: skip
    assert not december.is_of(None)
    assert not year.is_of(None)


STORIES = (
    ("elder", "2023-05-20", "Dans la nuit de mardi, la crue de la Sauze a inondé 40 maisons de Tarnac."),
    ("later", "2024-06-02", "À Tarnac, 75 maisons ont été inondées jeudi par une crue de la Sauze."),
    ("undated", None, "Les riverains de la Sauze, à Tarnac, attendent encore la digue promise après la crue."),
)


@pytest.fixture(scope="module")
def floods(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Snapshot:
    """Two floods of one river in two years, which their articles do not say, and one article without a date."""
    folder = tmp_path_factory.mktemp("floods")
    lines = [json.dumps({"id": one, "lang": "fr", "text": text} | ({"date": day} if day else {})) for one, day, text in STORIES]
    (folder / "a.jsonl").write_text("\n".join(lines), "utf-8")
    build([folder / "a.jsonl"], folder / "index", encoder, BuildOptions())
    return open_snapshot(folder / "index")


@pytest.mark.parametrize(
    ("question", "language", "first"),
    [
        ("Combien de maisons la crue de la Sauze a-t-elle inondées à Tarnac en mai 2023 ?", "fr", "elder"),
        ("Combien de maisons la crue de la Sauze a-t-elle inondées à Tarnac en mai 2024 ?", "fr", "later"),
        ("Combien de maisons la crue de la Sauze a-t-elle inondées à Tarnac en 2024 ?", "fr", "later"),
        ("How many houses did the Sauze flood in Tarnac in May 2023?", "en", "elder"),
        ("How many houses did the Sauze flood in Tarnac in 2024?", "en", "later"),
    ],
)
def test_the_article_of_the_time_comes_first(
    floods: Snapshot, encoder: Encoder, question: str, language: str, first: str
) -> None:
    hits = retrieve(floods, question, language, encoder.embed_queries([question])[0], AskOptions())

    assert hits[0].article.id == first


def test_a_time_without_articles_changes_nothing_but_the_date_adds_its_worth(floods: Snapshot, encoder: Encoder) -> None:
    question = "Combien de maisons la crue de la Sauze a-t-elle inondées à Tarnac en {} ?"
    vector = encoder.embed_queries(["Combien de maisons la crue a-t-elle inondées ?"])[0]
    scores = {
        year: {hit.article.id: hit.score for hit in retrieve(floods, question.format(year), "fr", vector, AskOptions())}
        for year in (2001, 2024)
    }

    gained = {one: scores[2024][one] - scores[2001][one] for one in scores[2001]}
    assert gained == pytest.approx({"elder": 0.0, "later": TIMELY, "undated": 0.0})
