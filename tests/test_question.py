"""Questions: cleaned, refused politely, typed, and completed from the conversation."""

import pytest

from qa.question import (
    LONGEST_QUESTION,
    BadQuestion,
    Turn,
    asked_kind,
    clean_question,
    holds_kind,
    leans_on_history,
    rewrite,
    stands_alone,
)

POPE = "Qui a été élu pape le 8 mai 2025 ?"
HISTORY = [Turn("user", POPE), Turn("assistant", "Robert Francis Prevost.")]


@pytest.mark.parametrize("text", ["", "   ", "\u200b\u200b", "?!", "a", "😀", "\0\n"])
def test_what_is_no_question_gets_a_polite_line(text: str) -> None:
    with pytest.raises(BadQuestion, match="Please ask a question"):
        clean_question(text, french=False)


def test_a_long_text_is_refused_by_its_length() -> None:
    with pytest.raises(BadQuestion, match=f"5000 caractères ; posez-la en {LONGEST_QUESTION} au plus"):
        clean_question("a" * 5000, french=True)


def test_controls_and_surrogates_are_cleaned_away() -> None:
    assert clean_question(" Qui\0 a\ud800 gagné\n\u202e la course ? ", french=True) == "Qui a gagné la course ?"


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Combien de pays ?", "number"),
        ("How many troops were sent?", "number"),
        ("Quand le pont a-t-il ouvert ?", "date"),
        ("In which year did it open?", "date"),
        ("Qui a gagné ?", "name"),
        ("Where was it signed?", "name"),
        ("Pourquoi ?", None),
        ("Quantas pessoas morreram?", "number"),
        ("Em que ano abriu a ponte?", "date"),
        ("Скільки країн вступило до союзу?", "number"),
        ("Хто виграв вибори?", "name"),
        ("متى افتُتح الجسر؟", "date"),
        ("وكم دولة شاركت؟", "number"),
        ("من فاز في الانتخابات؟", "name"),
        # Here it means "of".
        ("ما الجزء الذي انهار من الجسر؟", None),
    ],
)
def test_what_is_asked_for(question: str, kind: str | None) -> None:
    assert asked_kind(question) == kind


def test_a_number_that_the_question_names_is_no_answer_to_how_many() -> None:
    assert not holds_kind("Les 26 pays se sont réunis.", "number", "Que font les 26 pays, et combien de soldats ?")
    assert holds_kind("Ils enverront 5 000 soldats.", "number", "Que font les 26 pays, et combien de soldats ?")


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Et quand ?", "fr"),
        ("Combien de pays y ont participé ?", "fr"),
        ("Quel âge a-t-il ?", "fr"),
        ("And who hosted it?", "en"),
        ("What did he say about their plans?", "en"),
        ("In Asia, where did they go?", "en"),
        ("What did Putin tell them about the war?", "en"),
        ("Qu’a-t-il dit ensuite à Paris ?", "fr"),
        ("Quand y est-il allé avec Trump ?", "fr"),
        ("Où la ministre a-t-elle parlé ?", "fr"),
        ("¿Y cuántos aviones estaban ya en el aire entonces?", "es"),
        ("Quantas vezes tinha ela visitado a cidade antes da cimeira?", "pt"),
        ("А коли саме обидві країни розірвали дипломатичні відносини?", "uk"),
        ("Скільки разів він до того відвідував столицю України?", "uk"),
        ("وكم دولة صارت في الاتحاد الأوروبي الآن؟", "ar"),
        ("كم يوماً يستمر هذا الحداد في المغرب؟", "ar"),
    ],
)
def test_a_follow_up_leans_on_what_was_said(question: str, language: str) -> None:
    assert leans_on_history(question, language)
    assert rewrite(question, HISTORY, language) == f"{POPE} {question}"


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Quelle magnitude avait le séisme au Maroc en septembre 2023 ?", "fr"),
        ("How many people died in the earthquake in Morocco?", "en"),
        # A pronoun for what the question itself has named.
        ("When did Germany shut down its last nuclear plants?", "en"),
        ("How old was Richard Burton when he went on his first trip?", "en"),
        ("Quand Emmanuel Macron a-t-il quitté ses fonctions de ministre ?", "fr"),
        ("Où Charles III a-t-il été couronné ?", "fr"),
        ("Quantos países participaram na cimeira de Paris em setembro de 2025?", "pt"),
        ("Скільки моряків загинуло під час аварії на мосту в Балтиморі?", "uk"),
        ("ما هي عاصمة الدولة التي نظمت كأس العالم 2022؟", "ar"),
        # Six words, two of them "what is".
        ("ما هي عملة كرواتيا منذ 2023؟", "ar"),
    ],
)
def test_a_question_about_something_else_stands_alone_once_a_passage_stands_out(question: str, language: str) -> None:
    assert stands_alone(question, language, contrast=4.0)
    assert not stands_alone(question, language, contrast=1.0)


def test_a_question_with_a_pronoun_stands_alone_only_where_it_is_plain_what_it_is_about() -> None:
    assert not stands_alone("Et quand ?", "fr", contrast=4.0)
    assert stands_alone("Quand a-t-il gagné le Tour de France 2024 ?", "fr", contrast=6.0)


def test_the_subject_of_a_chain_is_the_question_that_opened_the_topic_and_the_last_one() -> None:
    history = [Turn("user", "Où a eu lieu le sommet du G7 en 2023 ?"), *HISTORY, Turn("user", "Et quel est son âge ?")]

    assert rewrite("Et sa nationalité ?", history, "fr") == f"{POPE} Et quel est son âge ? Et sa nationalité ?"


def test_a_question_without_a_name_opens_no_topic() -> None:
    history = [*HISTORY, Turn("user", "Comment la cérémonie publique avait-elle commencé ce jour-là ?")]

    assert rewrite("Et quand ?", history, "fr").startswith(POPE)


def test_without_history_nothing_is_added() -> None:
    assert rewrite("Et quand ?", [], "fr") == "Et quand ?"
