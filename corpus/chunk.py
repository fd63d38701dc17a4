"""An article to its passages."""

import itertools

from langchain_text_splitters import RecursiveCharacterTextSplitter, TextSplitter

from corpus.article import Article, Chunk, Span
from corpus.graphemes import cut_before
from corpus.sentences import split_sentences, trimmed


class _SentenceSplitter(TextSplitter):
    """Packs whole sentences up to ``chunk_size`` characters; a sentence longer than that is cut at weaker signs, and where there
    are none between two graphemes.

    Nothing is added, dropped or stripped: the chunks, joined, are the text.
    """

    def __init__(self, chunk_size: int, language: str | None):
        super().__init__(chunk_size=chunk_size, chunk_overlap=0, keep_separator="end", strip_whitespace=False)
        self._language = language
        self._long = RecursiveCharacterTextSplitter(
            separators=["\n", "; ", "؛ ", ": ", ", ", "، ", "，", "。", " "],
            chunk_size=chunk_size,
            chunk_overlap=0,
            keep_separator="end",
            strip_whitespace=False,
        )
        self._limit = chunk_size

    def split_text(self, text: str) -> list[str]:
        starts = [0, *(span.start for span in split_sentences(text, self._language)[1:]), len(text)]
        pieces: list[str] = []
        for start, end in itertools.pairwise(starts):
            piece = text[start:end]
            pieces.extend(self._cut(piece) if len(piece) > self._limit else [piece])
        return self._merge_splits(pieces, "")

    def _cut(self, sentence: str) -> list[str]:
        pieces = []
        for piece in self._long.split_text(sentence):
            start = 0
            while len(piece) - start > self._limit:
                # A single sign may be longer than all there is room for.
                whole = cut_before(piece, start + self._limit)
                end = whole if whole > start else start + self._limit
                pieces.append(piece[start:end])
                start = end
            pieces.append(piece[start:])
        return pieces


def chunk_article(article: Article, size: int) -> list[Chunk]:
    """The article's passages in order, each at most ``size`` characters and inside one body span."""
    splitter = _SentenceSplitter(size, article.language)
    chunks = []
    for body in article.body:
        start = body.start
        for piece in splitter.split_text(body.of(article.text)):
            if span := trimmed(article.text, Span(start, start + len(piece))):
                chunks.append(Chunk(article.id, span.start, span.end))
            start += len(piece)
        if start != body.end:
            raise AssertionError(f"{article.id}: chunks end at {start}, the body span at {body.end}")
    return chunks
