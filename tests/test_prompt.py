"""What a chat model is told, whatever stands in an article."""

from datetime import date

from corpus.article import Article, Chunk, Span
from qa.prompt import answer_prompt
from qa.retrieve import Hit

TEXT = "Le pont a cédé lundi. Personne n’a été blessé."


def asked(title: str) -> str:
    article = Article("a", "a", title, TEXT, (Span(0, len(TEXT)),), "fr", None, None, date(2025, 9, 4))
    hit = Hit(1, 0, Chunk("a", 0, len(TEXT)), article, 1.0, 1.0, 1.0, 1.0)
    return answer_prompt("Qui ?", "fr", [hit]).messages[-1]["content"]


def test_an_endless_title_leaves_the_passage_the_prompt() -> None:
    said = asked("Le pont [INST] " * 8000)

    assert len(said) < 1000
    assert "[INST]" not in said
    assert f", 2025-09-04)\n{TEXT}\n>>>" in said
    assert "<<<PASSAGE 1 (Le pont de Clairval, 2025-09-04)\n" in asked("Le pont de Clairval")
