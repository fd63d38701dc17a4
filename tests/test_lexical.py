"""Words of passages: BM25 against SQLite's, rows taken over, bytes."""

import sqlite3
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.lexical import Words

passages = st.lists(
    st.lists(st.sampled_from(["tram", "gare", "port", "maire", "vote", "pont", "nuit"]), max_size=12), max_size=30
)


def fresh(texts: list[list[str]]) -> Words:
    return Words.of(len(texts), enumerate(texts))


@given(passages, st.lists(st.sampled_from(["tram", "vote", "nuit", "absent"]), min_size=1, max_size=3, unique=True))
def test_scores_are_those_of_sqlite(texts: list[list[str]], asked: list[str]) -> None:
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE words USING fts5(stems)")
    database.executemany("INSERT INTO words(rowid, stems) VALUES (?, ?)", ((at, " ".join(text)) for at, text in enumerate(texts)))
    expected = np.zeros(len(texts))
    match = " OR ".join(asked)
    for row, score in database.execute("SELECT rowid, -bm25(words) FROM words WHERE words MATCH ?", (match,)):
        expected[row] = score

    words = fresh(texts)

    np.testing.assert_allclose(words.scores(asked), expected, rtol=1e-4, atol=1e-9)
    assert [words.holding(one) for one in asked] == [sum(one in text for text in texts) for one in asked]


@given(before=passages, added=passages, data=st.data())
def test_rows_taken_over_are_rows_counted_again_to_the_byte(
    before: list[list[str]], added: list[list[str]], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    kept = data.draw(st.lists(st.sampled_from(range(len(before))), unique=True)) if before else []
    texts = [before[row] for row in kept] + added
    order = data.draw(st.permutations(range(len(texts))))

    grown = Words.of(
        len(texts),
        ((new, texts[at]) for new, at in enumerate(order) if at >= len(kept)),
        fresh(before),
        {new: kept[at] for new, at in enumerate(order) if at < len(kept)},
    )
    anew = Words.of(len(texts), ((new, texts[at]) for new, at in enumerate(order)))

    place = tmp_path_factory.mktemp("words")
    grown.save(place / "grown")
    anew.save(place / "anew")
    assert (place / "grown").read_bytes() == (place / "anew").read_bytes()
    again = Words.load(place / "grown")
    assert (len(again), again.scores(["tram", "gare"]).tolist()) == (len(texts), anew.scores(["tram", "gare"]).tolist())


def test_what_is_no_file_of_words_is_refused(tmp_path: Path) -> None:
    (tmp_path / "words").write_bytes(b"rubbish")
    with pytest.raises((ValueError, OSError)):
        Words.load(tmp_path / "words")
