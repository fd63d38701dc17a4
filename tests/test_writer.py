"""What the extractive writer makes of candidates, and what the decision makes of evidence."""

from dataclasses import replace
from datetime import date

import pytest

from corpus.article import Article, Chunk, Span
from qa.answer import ground
from qa.decide import decide
from qa.read import Candidate
from qa.retrieve import Hit
from qa.writer import MOST_QUOTES, NEAR, NEAR_BY_READER, ExtractiveWriter

TEXT = "Un pont a ouvert. Il mesure 412 mètres. Il a coûté cher. Il est beau."
SPANS = [Span(0, 17), Span(18, 39), Span(40, 56), Span(57, 69)]


def article(article_id: str, title: str | None = "Le pont", published: date | None = date(2025, 9, 1)) -> Article:
    return Article(article_id, article_id, title, TEXT, (Span(0, len(TEXT)),), "fr", None, None, published)


def candidate(of: Article, span: Span, score: float) -> Candidate:
    hit = Hit(1, 0, Chunk(of.id, 0, len(TEXT)), of, 0.3, 0.85, 0.2, 4.0)
    return Candidate(hit, span, score, 0.85, 0.75)


def written(language: str, *candidates: Candidate) -> str:
    return ground(ExtractiveWriter().write("?", language, list(candidates)), [one.hit for one in candidates], 0.9).prose


def test_the_frame_names_the_article_once_and_the_quotes_are_in_its_marks() -> None:
    one, other = article("a"), article("b", title=None, published=None)

    assert written("fr", candidate(one, SPANS[1], 1.0), candidate(one, SPANS[2], 1.0), candidate(other, SPANS[3], 1.0)) == (
        "D’après « Le pont » (1er septembre 2025)\u00a0: «\u00a0Il mesure 412 mètres.\u00a0» [1]\n\n"
        "Et\u00a0: «\u00a0Il a coûté cher.\u00a0» [2]\n\n"
        "Voir aussi un article sans titre\u00a0: «\u00a0Il est beau.\u00a0» [3]"
    ).replace("« Le pont »", "«\u00a0Le pont\u00a0»")


def test_the_frame_is_english_for_a_language_without_its_own() -> None:
    assert written("sw", candidate(article("a"), SPANS[0], 1.0)).startswith("According to “Le pont” (2025-09-01): «")


def test_only_near_ties_are_quoted_beside_the_first_and_never_more_than_three() -> None:
    a = article("a")
    near = [candidate(a, span, 1.0 - 0.4 * NEAR * at) for at, span in enumerate(SPANS)]

    assert written("en", *near).count("[") == min(MOST_QUOTES, 3)
    assert written("en", near[0], candidate(a, SPANS[1], 1.0 - 2 * NEAR)).count("[") == 1


def test_what_the_reader_weighed_ties_within_more() -> None:
    a = article("a")
    read = [replace(candidate(a, span, 1.0 - 0.9 * NEAR_BY_READER * at), log_odds=1.0) for at, span in enumerate(SPANS[:2])]

    assert written("en", *read).count("[") == 2
    assert written("en", *(replace(one, log_odds=None) for one in read)).count("[") == 1


def test_the_same_words_are_quoted_once() -> None:
    assert written("en", candidate(article("a"), SPANS[0], 1.0), candidate(article("b"), SPANS[0], 1.0)).count("[") == 1


@pytest.mark.parametrize(("field", "by"), [("cosine", 0.05), ("background", -0.05)])
def test_more_evidence_never_makes_an_answer_less_likely(field: str, by: float) -> None:
    weak = candidate(article("a"), SPANS[0], 1.0)
    strong = replace(weak, **{field: getattr(weak, field) + by})

    assert decide("Qui ?", [weak.hit], [strong]).confidence > decide("Qui ?", [weak.hit], [weak]).confidence


def test_what_was_read_with_more_odds_is_likelier_and_one_passage_is_enough() -> None:
    found = candidate(article("a"), SPANS[0], 1.0)
    weak, strong = replace(found.hit, reader=-3.0), replace(found.hit, reader=3.0)

    assert decide("Qui ?", [weak, strong], [found]).confidence > decide("Qui ?", [weak, weak], [found]).confidence
    assert decide("Qui ?", [weak, strong], [found]).confidence == decide("Qui ?", [strong, weak], [found]).confidence


def test_nothing_found_is_certainly_not_there() -> None:
    assert decide("Qui ?", [], []).found is False
    assert decide("Qui ?", [], []).confidence == 0.0


def test_evidence_in_another_script_is_worth_more() -> None:
    found = candidate(article("a"), SPANS[0], 1.0)

    assert decide("Хто?", [found.hit], [found]).confidence > decide("Qui ?", [found.hit], [found]).confidence
