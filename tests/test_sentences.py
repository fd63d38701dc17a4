"""Sentence ends, on the cases that splitters get wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.sentences import split_sentences

CASES = {
    "French abbreviations": (
        "fr",
        [
            "M. J.-P. Martin a vu Mme. Petit et le Dr. Blanc à 10 h. 30.",
            "Il a dit : « C’est fini. On part ! » puis il est parti.",
        ],
    ),
    "articles of law": ("fr", ["Cf. art. 49 al. 3 de la Constitution.", "Vraiment ?", "Oui !"]),
    "numbers": ("fr", ["Le taux est de 3.5 % selon l’O.N.U. et les autres.", "Il baisse."]),
    "English titles": ("en", ["Mr. Smith met Dr. Jones at 5 p.m. yesterday.", "They left."]),
    "initials of a country": ("en", ["The U.S. Senate voted.", "It passed."]),
    "German": ("de", ["Das ist z. B. der 3. Oktober.", "Er kam nicht."]),
    "Arabic": ("ar", ["اجتمع القادة في باريس.", "هل وصلوا؟", "نعم."]),
    "Chinese": ("zh", ["领导人在巴黎会面。", "他们谈了和平。"]),
    "no language": (None, ["One sentence.", "Another one."]),
}


@pytest.mark.parametrize("case", CASES)
def test_splits(case: str) -> None:
    language, expected = CASES[case]
    text = ("" if language == "zh" else " ").join(expected)

    assert [span.of(text) for span in split_sentences(text, language)] == expected


def test_a_blank_line_ends_a_sentence_and_a_wrapped_line_does_not() -> None:
    text = "Un intertitre\n\nUne phrase qui est coupée au bout de soixante-dix caractères comme dans\nun courriel. Une autre."

    assert [span.of(text) for span in split_sentences(text, "fr")] == [
        "Un intertitre",
        "Une phrase qui est coupée au bout de soixante-dix caractères comme dans\nun courriel.",
        "Une autre.",
    ]


@given(
    st.text(alphabet=st.sampled_from("aÉ .!?…\n\t«»\"'()\u00a0\u2028\0😀é1h"), max_size=200),
    st.sampled_from(["fr", "en", "xx", None]),
)
def test_nothing_visible_is_lost_and_nothing_is_said_twice(text: str, language: str | None) -> None:
    spans = split_sentences(text, language)
    covered = [at for span in spans for at in range(*span)]

    assert covered == sorted(set(covered))
    assert {at for at, c in enumerate(text) if not c.isspace()} <= set(covered)
    assert all(span.of(text) == span.of(text).strip() != "" for span in spans)
