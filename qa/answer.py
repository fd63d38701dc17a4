"""What comes back: drafts, which are not trusted, and answers, whose quotes are read off the articles."""

import re
from dataclasses import dataclass, replace
from typing import Literal

from corpus.article import Article, Span
from corpus.graphemes import whole_graphemes
from index.snapshot import ArticleInfo
from qa.names import capitals_tell
from qa.quote import locate
from qa.retrieve import Hit
from qa.support import compared, unfit
from qa.texts import text

#: What was wrong with a sentence in a model's own words: no quote of it was found, it holds markup, it is in another language
#: than the question; or, and then it is shown all the same, it says what its quotes do not hold, or names somebody whom quotes in
#: another script cannot be compared with (without words: no capital tells its names), which alone is no reason to do without it.
Fault = Literal["unquoted", "markup", "language", "unsupported", "unchecked"]
#: Why a claimed quote is struck: no passage has its number; the passage does not say so; too little of it to prove anything, or
#: cut inside a word; it stands in a menu, a caption or the like.
Why = Literal["no_passage", "not_there", "too_little", "not_article"]
#: Letters and digits that a quote needs to prove a worded sentence: two words of anything are in every passage.
SHORTEST_PROOF = 8
#: A run of signs that no reader can read, as of base64, proves nothing either.
_UNREADABLE = re.compile(r"[A-Za-z0-9+/=_-]{40,}")
Decision = Literal["answered", "partly", "not_found"]


@dataclass(frozen=True)
class Claim:
    """A quotation as a writer returned it: words it says stand in an article, and those of them that answer. Untrusted.

    ``passage``: the part of the article that the writer was shown and says they stand in.
    """

    article_id: str
    text: str
    answer: str | None = None
    passage: Span | None = None


@dataclass(frozen=True)
class Sentence:
    """One sentence of a draft's prose and the claims that are to support it. Untrusted.

    ``worded``: it is in a model's own words, and not ours around a quotation.
    """

    text: str
    claims: tuple[Claim, ...]
    worded: bool = False


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
class Remark:
    """What is wrong with a worded sentence; ``words``: those that none of its quotes holds, where that is the fault."""

    sentence: str
    fault: Fault
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Struck:
    """A quote that a sentence in a model's words claimed and no article holds as it was claimed."""

    quote: str
    sentence: str
    why: Why


@dataclass(frozen=True)
class Answer:
    """``prose`` holds the marker ``[n]`` for ``quotes[n - 1]``. Whether it is answered is derived from
    them, so the two cannot disagree.

    ``remarks``: on sentences in a model's words; ``notice``: why a model that was to word the answer did not; ``claimed``: how
    many quotes its sentences claimed, of which ``struck`` are not shown.
    """

    prose: str
    quotes: tuple[Quote, ...]
    hits: tuple[Hit, ...]
    dropped: tuple[str, ...]
    confidence: float
    writer: str
    remarks: tuple[Remark, ...] = ()
    notice: str | None = None
    claimed: int = 0
    struck: tuple[Struck, ...] = ()

    @property
    def faulty(self) -> int:
        """How many of a model's sentences do not stand as they are."""
        return sum(remark.fault != "unchecked" for remark in self.remarks)

    @property
    def decision(self) -> Decision:
        if not self.quotes:
            return "not_found"
        return "partly" if self.dropped or self.remarks else "answered"


def ground(draft: Draft, hits: list[Hit], confidence: float, language: str | None = None) -> Answer:
    """The one way from a Draft to an Answer: each claim is located in an article among the hits or dropped.

    A sentence none of whose claims survives is dropped with them. The same span gets one number however often it is quoted.
    A worded sentence must also be fit to be shown, in ``language``; what it says beyond its quotes is named behind it.
    """
    articles = {hit.article.id: hit.article for hit in hits}
    copies = {hit.article.id: hit.copies for hit in hits}
    numbers: dict[tuple[str, Span], int] = {}
    quotes: list[Quote] = []
    prose: list[str] = []
    dropped: list[str] = []
    remarks: list[Remark] = []
    struck: list[Struck] = []
    for sentence in draft.sentences:
        found: list[Quote] = []
        for claim in sentence.claims:
            quote = _located(claim, articles.get(claim.article_id))
            if isinstance(quote, Quote):
                found.append(quote)
            else:
                dropped.append(claim.text)
                struck += [Struck(claim.text, sentence.text, quote)] if sentence.worded else []
        told = _remarks(sentence, found, language) if sentence.worded else []
        remarks += told
        if not found or any(remark.fault not in ("unsupported", "unchecked") for remark in told):
            dropped.append(sentence.text)
            continue
        markers: list[int] = []
        for quote in found:
            key = (quote.article.id, quote.span)
            if key not in numbers:
                quotes.append(replace(quote, copies=copies[quote.article.id]))
                numbers[key] = len(quotes)
            if numbers[key] not in markers:
                markers.append(numbers[key])
        named = "".join(f" ({told_of(remark, language)})" for remark in told)
        prose.append(f"{sentence.text}{named} {' '.join(f'[{number}]' for number in markers)}")
    unique = tuple(dict.fromkeys(dropped))
    claimed = sum(len(sentence.claims) for sentence in draft.sentences if sentence.worded)
    shown = "\n\n".join(prose), tuple(quotes), tuple(hits), unique, confidence, draft.writer
    return Answer(*shown, remarks=tuple(remarks), claimed=claimed, struck=tuple(struck))


def _located(claim: Claim, article: Article | None) -> Quote | Why:
    """Where the claim stands: in the passage it names if it names one, and never in what is not the article; or why nowhere."""
    if article is None:
        return "no_passage"
    shown = claim.passage or Span(0, len(article.text))
    at = locate(claim.text, shown.of(article.text))
    if at is None:
        return "not_there"
    span = whole_graphemes(article.text, Span(shown.start + at.start, shown.start + at.end))
    if claim.passage and (_letters(span.of(article.text)) < SHORTEST_PROOF or _splits_word(article.text, span)):
        return "too_little"
    if not any(body.start <= span.start and span.end <= body.end for body in article.body):
        return "not_article"
    return Quote(article, span, _within(claim.answer, article, span))


def _letters(quoted: str) -> int:
    """The letters and digits that can be read."""
    return sum(c.isalnum() for c in _UNREADABLE.sub("", quoted))


def _splits_word(text: str, span: Span) -> bool:
    """Does it begin or end inside a word or number? Only of scripts that set words apart and know capitals."""
    edges = [text[max(0, at - 1) : at + 1] for at in (span.start, span.end)]
    return any(len(edge) == 2 and all(c.isdigit() or c.lower() != c.upper() for c in edge) for edge in edges)


def _remarks(sentence: Sentence, quotes: list[Quote], language: str | None) -> list[Remark]:
    if not quotes:
        return [Remark(sentence.text, "unquoted")]
    if fault := unfit(sentence.text, language):
        return [Remark(sentence.text, fault)]
    quoted = [(quote.text, quote.article.language) for quote in quotes]
    missing, unchecked = compared(sentence.text, language, quoted)
    # Where no capital tells a name, that none was found says nothing.
    told = unchecked or not capitals_tell(sentence.text)
    remarks = [Remark(sentence.text, "unchecked", unchecked)] if told else []
    return [*remarks, Remark(sentence.text, "unsupported", missing)] if missing else remarks


def told_of(remark: Remark, language: str | None) -> str:
    """What is said behind a sentence that is shown all the same."""
    name = remark.fault if remark.words else "unread"
    return text(name, language, words=", ".join(remark.words))


def _within(words: str | None, article: Article, span: Span) -> Span | None:
    """Where the words stand inside the span; None if they do not."""
    at = article.text.find(words, span.start, span.end) if words else -1
    return whole_graphemes(article.text, Span(at, at + len(words))) if words and at >= 0 else None


def not_found(prose: str, hits: list[Hit], confidence: float, writer: str) -> Answer:
    """The answer that there is no answer, with the nearest passages."""
    return Answer(prose, (), tuple(hits), (), confidence, writer)
