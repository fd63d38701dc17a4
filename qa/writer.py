"""Evidence to a draft. The default writer only quotes; one that words the answer implements the same call."""

from typing import Protocol

from corpus.article import Article
from qa.answer import Claim, Draft, Sentence
from qa.read import Candidate
from qa.texts import day, quoted, text

#: A second and a third sentence are quoted while they score this near to the first; the second where the reader's log-odds are in
#: the scores and spread them.
NEAR = 0.02
NEAR_BY_READER = 0.034
MOST_QUOTES = 3


class Writer(Protocol):
    """Turns what was read into prose with claimed quotes; nothing it returns is believed before ``ground``."""

    name: str

    def write(self, question: str, language: str | None, candidates: list[Candidate]) -> Draft: ...


class ExtractiveWriter:
    """Quotes the sentence that answers, and up to two that nearly tie with it, framed in the question's language."""

    name = "extractive"

    def write(self, question: str, language: str | None, candidates: list[Candidate]) -> Draft:
        chosen: list[Candidate] = []
        for candidate in candidates:
            near = NEAR if candidate.log_odds is None else NEAR_BY_READER
            if len(chosen) == MOST_QUOTES or (chosen and candidate.score < chosen[0].score - near):
                break
            if all(candidate.text != other.text for other in chosen):
                chosen.append(candidate)
        sentences = []
        for at, candidate in enumerate(chosen):
            article = candidate.hit.article
            # The title once: a second sentence of the same article needs no second introduction.
            known = any(other.hit.article.id == article.id for other in chosen[:at])
            name = "again" if known else "also" if at else "according"
            frame = text(name, language, source=source_of(article, language))
            words = quoted(" ".join(candidate.text.split()), article.language)
            sentences.append(Sentence(f"{frame} {words}", (Claim(article.id, candidate.text, candidate.answer),)))
        return Draft(tuple(sentences), self.name)


def source_of(article: Article, language: str | None) -> str:
    """The article's title and day, as a reader would name it."""
    name = quoted(article.title, language) if article.title else text("untitled", language)
    return f"{name} ({day(article.published, language)})" if article.published else name
