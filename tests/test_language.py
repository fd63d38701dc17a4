"""Languages of texts and of short questions."""

import pytest

from corpus.language import detect_language, question_language

QUESTIONS = [
    ("what role does the US backstop play?", "en"),
    ("Qui a reçu les dirigeants ?", "fr"),
    ("Et quand ?", "fr"),
    ("And who hosted it?", "en"),
    ("combien de pays", "fr"),
    ("Wann war das?", "de"),
    ("¿Cuándo fue?", "es"),
    ("Quando è successo?", "it"),
    ("Коли це було?", "uk"),
    ("متى انعقدت القمة؟", "ar"),
]


@pytest.mark.parametrize(("question", "language"), QUESTIONS)
def test_a_question_has_a_language(question: str, language: str) -> None:
    assert question_language(question) == language


@pytest.mark.parametrize("text", ["", " ", "2025", "OK", "😀😀😀"])
def test_what_has_too_few_letters_has_none(text: str) -> None:
    assert detect_language(text) is None


def test_what_cannot_be_told_falls_back() -> None:
    assert question_language("2025", "fr") == "fr"
