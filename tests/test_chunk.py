"""Law: a chunk is a slice of its article, inside a body span, at most as long as asked; together they are the body."""

import regex
from hypothesis import given
from hypothesis import strategies as st

from corpus.article import Article, Chunk, Span
from corpus.chunk import chunk_article
from corpus.sentences import split_sentences


def article_of(text: str, body: tuple[Span, ...]) -> Article:
    return Article("a", "a.txt", None, text, body, "fr", None, None, None)


@given(
    st.text(alphabet=st.sampled_from("aé. ?!\n,;«»\u00a0\u2028\0😀Mm1"), min_size=1, max_size=600),
    st.integers(20, 200),
    st.data(),
)
def test_chunks_are_slices_of_the_body(text: str, size: int, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(text)))
    body = tuple(span for span in (Span(0, cut), Span(cut, len(text))) if span.start < span.end)
    chunks = chunk_article(article_of(text, body), size)

    end = 0
    for chunk in chunks:
        assert end <= chunk.start < chunk.end <= chunk.start + size
        assert any(span.start <= chunk.start and chunk.end <= span.end for span in body)
        assert text[chunk.start : chunk.end].strip() == text[chunk.start : chunk.end]
        end = chunk.end
    covered = {at for chunk in chunks for at in range(chunk.start, chunk.end)}
    assert {at for at, c in enumerate(text) if not c.isspace()} <= covered


def test_a_chunk_ends_where_a_sentence_does() -> None:
    text = "Une première phrase de quarante lettres. Une deuxième phrase de quarante lettres. Une troisième."

    assert chunk_article(article_of(text, (Span(0, len(text)),)), 85) == [Chunk("a", 0, 81), Chunk("a", 82, 96)]


def test_a_sentence_longer_than_a_chunk_is_cut_at_a_weaker_sign() -> None:
    text = "mot, " * 100

    chunks = chunk_article(article_of(text, (Span(0, 500),)), 100)

    assert all(text[chunk.start : chunk.end].endswith("mot,") for chunk in chunks)


#: Signs of several characters, and what stands between signs.
SIGNS = ["👨‍👩‍👧‍👦", "🇫🇷", "👍🏽", "1️⃣", "e\u0301", "क्षि", "각", "é", "a", "B"]
BETWEEN = [" ", ". ", "! ", "\n", "\n\n", "…", " » ", ": ", "文。", ",", "\u00a0"]


@given(st.lists(st.sampled_from(SIGNS + BETWEEN), min_size=1, max_size=120).map("".join), st.integers(20, 60))
def test_neither_a_sentence_nor_a_passage_cuts_a_grapheme(text: str, size: int) -> None:
    whole = {0, *(match.end() for match in regex.finditer(r"\X", text))}

    ends = {at for language in ("fr", "en", None) for span in split_sentences(text, language) for at in span}
    ends |= {at for chunk in chunk_article(article_of(text, (Span(0, len(text)),)), size) for at in (chunk.start, chunk.end)}

    assert ends <= whole


def test_a_sign_longer_than_a_chunk_is_cut_after_all() -> None:
    text = "e" + "\u0301" * 250

    assert [(chunk.start, chunk.end) for chunk in chunk_article(article_of(text, (Span(0, 251),)), 100)] == [
        (0, 100),
        (100, 200),
        (200, 251),
    ]
