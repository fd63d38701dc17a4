"""Law: a located quote is a slice of the article. And a table of what is tolerated while looking."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.article import Article, Chunk, Span
from qa.answer import Claim, Draft, Sentence, ground
from qa.quote import locate
from qa.retrieve import Hit

TEXT = "Il l’a dit : « La paix est proche », selon 26\u202fpays – dont l'Italie.\n\nPuis il s’est tu (« fin »)."
FOUND = {
    "exact": ("La paix est proche", "La paix est proche"),
    "straight apostrophe": ("Il l'a dit", "Il l’a dit"),
    "curly apostrophe": ("l’Italie", "l'Italie"),
    "straight quotation marks": ('dit : "La paix est proche", selon', "dit : « La paix est proche », selon"),
    "plain space for a narrow one": ("26 pays", "26\u202fpays"),
    "no space before a colon": ("Il l’a dit: « La paix", "Il l’a dit : « La paix"),
    "hyphen for a dash": ("pays - dont", "pays – dont"),
    "a line break": ("l'Italie. Puis il", "l'Italie.\n\nPuis il"),
    "quotation marks around it": ("« La paix est proche »", "« La paix est proche »"),
    "quotation marks the article lacks": ("“selon 26 pays”", "selon 26\u202fpays"),
    "white space around it": ("  Puis il ", "Puis il"),
    "a small first letter": ("la paix est proche", "La paix est proche"),
    "a capital first letter": ("Selon 26 pays", "selon 26\u202fpays"),
    "an ellipsis at the ends": ("… La paix est proche [...]", "La paix est proche"),
    "an ellipsis for some words": ("La paix ... 26 pays", "La paix est proche », selon 26\u202fpays"),
    "two ellipses, one in brackets": (
        "Il l’a dit […] proche… 26 pays",
        "Il l’a dit : « La paix est proche », selon 26\u202fpays",
    ),
}
NOT_FOUND = [
    *("La paix est loin", "la Paix est proche", "aix est Proche", "", " ", "«»", "a", ".*", "(", "\\", "...", "… …"),
    *("26 pays … La paix", "La paix … s’est tu", "La … est … proche … selon", "selon … a"),
]


@pytest.mark.parametrize("case", FOUND)
def test_finds_what_was_meant_and_returns_what_stands(case: str) -> None:
    claimed, words = FOUND[case]
    span = locate(claimed, TEXT)

    assert span is not None
    assert span.of(TEXT) == words


@pytest.mark.parametrize("claimed", NOT_FOUND)
def test_finds_nothing_that_is_not_there(claimed: str) -> None:
    assert locate(claimed, TEXT) is None


@given(st.text(max_size=80), st.text(max_size=200))
def test_whatever_is_returned_is_a_slice(claimed: str, text: str) -> None:
    span = locate(claimed, text)

    assert span is None or (0 <= span.start < span.end <= len(text) and span.of(text).strip() == span.of(text))


@given(st.text(alphabet=st.sampled_from("abcé '’«»\u00a0\n.,:-–"), min_size=20, max_size=100), st.data())
def test_every_slice_of_an_article_is_found_in_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 10))
    claimed = text[start : start + 10]
    span = locate(claimed, text)

    if sum(c.isalnum() for c in claimed) >= 3:
        assert span is not None
        assert "".join(span.of(text).split()) in "".join(text.split())


def hit_of(text: str, body: tuple[Span, ...]) -> Hit:
    article = Article("a.txt", "a.txt", "Titre", text, body, "fr", None, None, None)
    return Hit(1, 0, Chunk("a.txt", body[0].start, body[0].end), article, 1.0, 0.9, 0.5, 3.0)


def test_ground_keeps_what_is_in_the_article_and_names_what_it_drops() -> None:
    hit = hit_of(TEXT, (Span(0, len(TEXT)),))
    draft = Draft(
        (
            Sentence("Peace is near.", (Claim("a.txt", "La paix est proche"), Claim("a.txt", "invented"))),
            Sentence("Nobody said this.", (Claim("a.txt", "not there"), Claim("b.txt", "La paix est proche"))),
            Sentence("Again.", (Claim("a.txt", "La paix est proche"),)),
        ),
        "test",
    )
    answer = ground(draft, [hit], 0.8)

    assert answer.prose == "Peace is near. [1]\n\nAgain. [1]"
    assert [quote.text for quote in answer.quotes] == ["La paix est proche"]
    assert answer.dropped == ("invented", "not there", "La paix est proche", "Nobody said this.")
    assert answer.decision == "partly"


def test_ground_drops_quotes_of_boilerplate() -> None:
    text = "Le texte de l'article.\n\nTout accepter"
    draft = Draft((Sentence("x", (Claim("a.txt", "Tout accepter"),)),), "test")

    assert ground(draft, [hit_of(text, (Span(0, 22),))], 0.9).decision == "not_found"


@pytest.mark.parametrize(
    ("claimed", "quoted"),
    [
        ("Le cafe", "Le cafe\u0301"),
        ("gagne 👨‍👩", "gagne 👨‍👩‍👧‍👦"),
        ("👧‍👦 au loto", "👨‍👩‍👧‍👦 au loto"),
        ("Le cafe\u0301", "Le cafe\u0301"),
    ],
    ids=["an accent", "the end of a family", "the start of one", "nothing cut"],
)
def test_a_quote_and_the_answer_marked_in_it_cut_no_grapheme(claimed: str, quoted: str) -> None:
    text = "Le cafe\u0301 de Dax gagne 👨‍👩‍👧‍👦 au loto."
    draft = Draft((Sentence("x", (Claim("a.txt", claimed),)), Sentence("y", (Claim("a.txt", text, claimed),))), "test")

    short, whole = ground(draft, [hit_of(text, (Span(0, len(text)),))], 0.9).quotes

    assert short.text == quoted
    assert whole.answer is not None
    assert whole.answer.of(text) == quoted
