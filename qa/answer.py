"""What comes back: drafts, which are not trusted, and answers, whose quotes are read off the articles."""

from dataclasses import dataclass
from typing import Literal

from corpus.article import Article, Span
from index.snapshot import ArticleInfo
from qa.quote import locate
from qa.retrieve import Hit

Decision = Literal["answered", "partly", "not_found"]


@dataclass(frozen=True)
class Claim:
    """A quotation as a writer returned it: words it says stand in an article, and those of them that answer. Untrusted."""

    article_id: str
    text: str
    answer: str | None = None


@dataclass(frozen=True)
class Sentence:
    """One sentence of a draft's prose and the claims that are to support it. Untrusted."""

    text: str
    claims: tuple[Claim, ...]


@dataclass(frozen=True)
class Draft:
    """What a writer returned. ``writer`` is its name."""

    sentences: tuple[Sentence, ...]
    writer: str


@dataclass(frozen=True)
class Quote:
    """A span of an article. Its words are the article's own: it cannot be wrong, only badly chosen.

    ``answer``: the part of the span that answers, where something told. ``copies``: the other articles that hold the same text,
    or nearly: the span is sure to stand only in those of the same digest.
    """

    article: Article
    span: Span
    answer: Span | None = None
    copies: tuple[ArticleInfo, ...] = ()

    @property
    def text(self) -> str:
        return self.span.of(self.article.text)


@dataclass(frozen=True)
class Answer:
    """``prose`` holds the marker ``[n]`` for ``quotes[n - 1]``. Whether it is answered is derived from
    them, so the two cannot disagree.
    """

    prose: str
    quotes: tuple[Quote, ...]
    hits: tuple[Hit, ...]
    dropped: tuple[str, ...]
    confidence: float
    writer: str

    @property
    def decision(self) -> Decision:
        if not self.quotes:
            return "not_found"
        return "partly" if self.dropped else "answered"


def ground(draft: Draft, hits: list[Hit], confidence: float) -> Answer:
    """The one way from a Draft to an Answer: each claim is located in an article among the hits or dropped.

    A sentence none of whose claims survives is dropped with them. The same span gets one number however often it is quoted.
    """
    articles = {hit.article.id: hit.article for hit in hits}
    copies = {hit.article.id: hit.copies for hit in hits}
    numbers: dict[tuple[str, Span], int] = {}
    quotes: list[Quote] = []
    prose: list[str] = []
    dropped: list[str] = []
    for sentence in draft.sentences:
        markers: list[int] = []
        for claim in sentence.claims:
            article = articles.get(claim.article_id)
            span = locate(claim.text, article.text) if article else None
            if (
                article is None
                or span is None
                or not any(body.start <= span.start and span.end <= body.end for body in article.body)
            ):
                dropped.append(claim.text)
                continue
            key = (article.id, span)
            if key not in numbers:
                quotes.append(Quote(article, span, _within(claim.answer, article, span), copies[article.id]))
                numbers[key] = len(quotes)
            if numbers[key] not in markers:
                markers.append(numbers[key])
        if markers:
            prose.append(f"{sentence.text} {' '.join(f'[{number}]' for number in markers)}")
        else:
            dropped.append(sentence.text)
    return Answer("\n\n".join(prose), tuple(quotes), tuple(hits), tuple(dict.fromkeys(dropped)), confidence, draft.writer)


def _within(words: str | None, article: Article, span: Span) -> Span | None:
    """Where the words stand inside the span; None if they do not."""
    at = article.text.find(words, span.start, span.end) if words else -1
    return Span(at, at + len(words)) if words and at >= 0 else None


def not_found(prose: str, hits: list[Hit], confidence: float, writer: str) -> Answer:
    """The answer that there is no answer, with the nearest passages."""
    return Answer(prose, (), tuple(hits), (), confidence, writer)
