"""What the reader is shown, and what it is told is right. The training itself takes an hour; its parts are checked here."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
import torch

from eval.dataset import read_questions
from eval.fit import NEWS, TUNE
from eval.held_out import held_out, trained
from eval.run import OWN
from index.encoder import Encoder
from qa.read import best_span
from qa.reader import QUESTION, WINDOW, load_reader
from training.contrasts import exchanged, without_answer
from training.examples import FAMILY, Example, only, passages_from, places
from training.folders import UNSURE, Asked, contested_groups, crossed_groups, public_asked, strange_groups
from training.news import ELSEWHERE, dated_passages, news_groups
from training.train import Settings, batches, encode, loss_of, ranking_loss, rate_at

TEXT = "Le tramway coûte 412 millions d’euros. Le budget de 1412 millions est tenu. Il coûte 412 millions."
FILLER = "Le conseil municipal a discuté du marché couvert et des jardins publics pendant deux heures. "


@pytest.mark.parametrize(
    ("text", "answers", "found"),
    [
        (TEXT, ["412 millions"], ["412 millions", "412 millions"]),
        (TEXT, ["tram"], []),
        (TEXT, ["12"], []),
        (TEXT, ["euros", "tramway"], ["tramway", "euros"]),
        ("تكلف 412 مليون", ["412"], ["412"]),
        ("他在1905年出生", ["1905年"], ["1905年"]),
        (TEXT, ["", "absent"], []),
    ],
)
def test_answers_are_marked_wherever_they_stand_but_not_inside_longer_words(
    text: str, answers: list[str], found: list[str]
) -> None:
    assert [text[start:end] for start, end in places(text, answers)] == found


@pytest.mark.parametrize("before", [0, 12, 40])
def test_the_marked_tokens_spell_the_answer_in_whatever_window(before: int, encoder: Encoder) -> None:
    tokenizer = encoder.model.tokenizer
    text = FILLER * before + "Le tramway coûte 412 millions d’euros. " + FILLER * before
    example = Example("Combien coûte le tramway ?", "Le tramway", text, places(text, ["412 millions"]))

    for seed in range(5):
        ids, starts, ends = encode(example, tokenizer, random.Random(seed))

        assert len(ids) <= WINDOW
        assert [tokenizer.decode(ids[a : b + 1]).strip() for a, b in zip(starts, ends, strict=True)] == ["412 millions"]


def test_without_an_answer_the_first_token_is_right(encoder: Encoder) -> None:
    ids, starts, ends = encode(Example("Qui ? " * 200, "", FILLER, ()), encoder.model.tokenizer, random.Random(1))

    assert (starts, ends) == ([0], [0])
    assert len(ids) <= WINDOW
    assert ids.index(encoder.model.tokenizer.sep_token_id) == QUESTION + 1


def test_any_right_place_is_right() -> None:
    mask = torch.ones((1, 4), dtype=torch.long)
    logits = torch.log(torch.tensor([[[0.1, 0.1], [0.2, 0.2], [0.3, 0.3], [0.4, 0.4]]]))

    loss = loss_of(logits, mask, [[1, 2]], [[3]])

    assert float(loss) == pytest.approx(-(torch.log(torch.tensor(0.5)) + torch.log(torch.tensor(0.4))).item() / 2)
    masked = loss_of(logits, torch.tensor([[1, 1, 1, 0]]), [[1]], [[1]])
    assert float(masked) == pytest.approx(-torch.log(torch.tensor(0.2 / 0.6)).item(), abs=1e-3)


def test_batches_hold_every_row_once_in_the_same_order_each_time() -> None:
    drawn = random.Random(3)
    groups = [[([at] * drawn.randint(20, 250), [0], [0]) for _ in range(drawn.randint(1, 4))] for at in range(1000)]
    first, second = (batches(groups, Settings()) for _ in range(2))

    assert first == second
    assert sorted(group[0][0][0] for batch in first for group in batch) == list(range(1000))
    sizes = [sum(map(len, batch)) for batch in first]
    assert max(sizes) <= Settings.batch + 3
    assert sum(size < Settings.batch for size in sizes) <= 2  # the last of each pool


def test_the_passage_that_answers_is_to_be_worth_more_than_the_others_of_its_question() -> None:
    """Two passages of two tokens, "not here" first; then a question alone, and one that nothing answers: they do not count."""
    logits = torch.zeros(5, 3, 2)
    logits[0, 1] = torch.tensor([2.0, 1.0])
    mask = torch.ones(5, 3, dtype=torch.long)
    wrong = 2 * float(torch.log(torch.tensor(2.0)))
    right = float(torch.logsumexp(torch.tensor([2.0, 0.0]), 0) + torch.logsumexp(torch.tensor([1.0, 0.0]), 0))

    loss = ranking_loss(logits, mask, [2, 1, 2], [True, True, False])

    assert float(loss) == pytest.approx(-torch.log_softmax(torch.tensor([right, wrong]), 0)[0].item(), abs=1e-5)
    assert float(ranking_loss(logits[2:], mask[2:], [1, 2], [True, False])) == 0.0


TWO_SUMMITS = "Le sommet de Paris a réuni 26 pays en 2025. Celui de Londres en avait réuni 19. Berlin suivra."


def test_one_name_or_number_is_exchanged_for_another_that_does_not_stand_beside_the_answer() -> None:
    question, answer = "Combien de pays le sommet de Paris a-t-il réunis ?", TWO_SUMMITS.index("26")

    found = {
        exchanged(question, TWO_SUMMITS, TWO_SUMMITS, ((answer, answer + 2),), "fr", random.Random(seed)) for seed in range(20)
    }

    assert found == {question.replace("Paris", "Londres")}
    assert exchanged("Combien de pays ?", TWO_SUMMITS, TWO_SUMMITS, (), "fr", random.Random(0)) is None


def test_the_sentences_that_answer_are_taken_out_and_no_other() -> None:
    text = f"{TWO_SUMMITS} Les ministres des affaires étrangères se retrouveront ensuite à Varsovie pour en parler encore."
    at = text.index("26")

    rest = without_answer(text, ((at, at + 2),), ["26"], "fr")

    assert rest == text.split(". ", 1)[1]
    assert without_answer(text, ((at, at + 2),), ["réuni"], "fr") is None


def test_the_rate_rises_then_falls_to_nothing() -> None:
    assert [rate_at(done, 0.1) for done in (0.0, 0.05, 0.1, 0.55, 1.0)] == pytest.approx([0.0, 0.5, 1.0, 0.5, 0.0])


TRAM = "Le tramway de Lens coûte 412 millions d’euros, a dit la maire. Il ouvrira au printemps de 2027."
TOWNS = ("Brest", "Calais", "Lorient", "Bastia")
PORT = "Le port de Brest a perdu 19 grues dans la tempête. Le trafic reprend lentement, disent les pilotes."


def test_a_question_about_news_is_read_with_the_passages_that_the_encoder_likes(tmp_path: Path, encoder: Encoder) -> None:
    tram = {"id": "tram", "lang": "fr", "title": "Le tramway de Lens", "date": "2026-03-04", "text": f"{TRAM}\n\n{FILLER * 12}"}
    port = {"id": "port", "lang": "fr", "title": "Le port de Brest", "date": "2026-03-05 07:30:00+00:00", "text": PORT}
    (tmp_path / "news_fr.passages.jsonl").write_text(json.dumps(tram), "utf-8")
    (tmp_path / "boilerplate.fundus.jsonl").write_text(json.dumps(port), "utf-8")
    (tmp_path / "piaf_fr.passages.jsonl").write_text("", "utf-8")
    start = TRAM.index("412")
    asked: list[dict[str, Any]] = [
        {
            "article": "tram",
            "kind": "answerable",
            "question": "Que coûte le tramway de Lens ?",
            "start": start,
            "end": start + 12,
        },
        {"article": "tram", "kind": "near_miss", "question": "Qui construit le tramway de Lens ?"},
        {"article": "port", "kind": "absent", "question": "Quand la digue de Brest a-t-elle cédé ?"},
    ]

    passages = dated_passages(tmp_path, encoder, {"tram", "port"})
    for seed in range(4):
        answerable, near, absent = news_groups(passages, encoder, seed, asked, (2, 2, 2))

        (right, *wrong) = answerable
        assert [right.text[a:b] for a, b in right.spans] == ["412 millions"]
        assert right.title in ("Le tramway de Lens (4 mars 2026)", "")
        assert wrong
        assert not any(one.spans or "412 millions" in one.text for one in wrong)
        assert {one.text in PORT for one in wrong} == {True, False}
        assert len(near) == 2
        assert not any(one.spans or one.text in PORT for one in near)
        assert not any(one.spans for one in absent)
        assert any(one.text in PORT for one in absent)
        fewer = list(news_groups(passages, encoder, seed, asked, (1, 2, 1)))
        assert [len(group) for group in fewer] == [2, 2, 1]
        assert fewer[0][0].spans
        assert not fewer[0][1].spans


def test_passages_of_some_articles_keep_their_vectors(encoder: Encoder) -> None:
    articles = [{"id": name, "lang": "fr", "title": name, "text": f"Le port de {name} est fermé."} for name in TOWNS]
    every = passages_from(articles, encoder)

    some = only(every, {"Lorient", "Calais"})

    assert some.titles == ["Calais", "Lorient"]
    assert some.chunks_of == {"Calais": [0], "Lorient": [1]}
    assert [some.whole[name] for name in some.titles] == some.texts
    assert (some.vectors == every.vectors[[1, 2]]).all()


def test_a_question_about_something_else_is_read_with_the_passage_the_reader_falls_for(encoder: Encoder) -> None:
    reader = load_reader(encoder)
    assert reader
    lengths = [
        f"La traversée de {name} dure {at} jours, dit la compagnie, qui a treize navires." for at, name in enumerate(TOWNS, 2)
    ]
    articles = [
        {"id": name, "lang": "fr", "title": f"Le port de {name}", "text": text} for name, text in zip(TOWNS, lengths, strict=True)
    ]
    sets = {"piaf_fr": passages_from(articles, encoder)}
    near, told, far = (
        "Combien de jours dure la traversée de Marseille ?",
        "Combien de jours dure la traversée de Brest ?",
        "Who painted the ceiling of the Sistine Chapel?",
    )

    def believed(question: str) -> dict[str, float]:
        readings = reader.read(question, [(f"Le port de {name}", text) for name, text in zip(TOWNS, lengths, strict=True)])
        return {text: best_span(reading, None)[0] for text, reading in zip(lengths, readings, strict=True)}

    found = [list(strange_groups([(one, None)], sets, encoder, reader, 3)) for one in (near, told, far)]

    margins = believed(near)
    ((example,),) = found[0]
    assert (example.text, example.spans) == (max(lengths, key=lambda text: margins[text]), ())
    assert UNSURE[0] < margins[example.text] < UNSURE[1]
    assert max(believed(told).values()) > UNSURE[1]
    assert max(believed(far).values()) < UNSURE[0]
    assert found[1:] == [[], []]
    # Not asked what it believes, any of the nearest is wrong.
    ((unread,),) = strange_groups([(far, None)], sets, encoder, None, 3)
    assert unread.text in lengths
    assert not unread.spans
    # Nor is it asked of passages that are about its own matter.
    with pytest.raises(IndexError):
        list(strange_groups([(near, FAMILY["piaf_fr"])], sets, encoder, reader, 3))


def test_a_question_in_another_language_is_read_with_its_passage_and_the_wrong_one_the_reader_falls_for(
    tmp_path: Path, encoder: Encoder
) -> None:
    reader = load_reader(encoder)
    assert reader
    texts = [f"Die Überfahrt nach {name} dauert {at} Tage, sagt die Reederei." for at, name in enumerate(TOWNS, 2)]
    articles = [{"id": f"xquad-de-{at:03}", "lang": "de", "title": "", "text": text} for at, text in enumerate(texts)]
    asked = {
        "lang": "en", "question": "How long is the crossing to Calais?", "positive_passage_ids": ["xquad-de-001"],
        "answers": ["3 days"], "answers_by_lang": {"de": ["3 Tage"], "en": ["3 days"]}, "answerable": True,
    }  # fmt: skip
    (tmp_path / "xquad.questions.jsonl").write_text(json.dumps(asked) + "\n" + json.dumps(asked | {"lang": "de"}), "utf-8")

    for right, *wrong in crossed_groups(tmp_path, passages_from(articles, encoder), encoder, reader, 1, 2):
        assert [right.text[start:end] for start, end in right.spans] == ["3 Tage"]
        assert [(one.text in texts, "3 Tage" in one.text, one.spans) for one in wrong] == [(True, False, ())]


def test_a_question_among_others_of_its_set_is_read_with_the_wrong_passage_that_is_believed_most(
    tmp_path: Path, encoder: Encoder
) -> None:
    reader = load_reader(encoder)
    assert reader
    lengths = [f"La traversée de {name} dure {at} jours, dit la compagnie." for at, name in enumerate(TOWNS, 2)]
    articles = [
        {"id": name, "lang": "fr", "title": f"Le port de {name}", "text": text} for name, text in zip(TOWNS, lengths, strict=True)
    ]
    passages = passages_from(articles, encoder)
    told, untold, far = (
        f"Combien de jours dure la traversée de {TOWNS[0]} ?",
        f"Combien de jours dure la traversée de {TOWNS[1]} ?",
        "Who painted the ceiling of the Sistine Chapel?",
    )
    asked = [
        {"question": told, "positive_passage_ids": [TOWNS[0]], "answers": ["2 jours"], "answerable": True},
        {"question": untold, "positive_passage_ids": [], "context_passage_ids": [TOWNS[1]], "answers": [], "answerable": False},
        {"question": "Held out?", "positive_passage_ids": ["elsewhere"], "answers": ["2 jours"], "answerable": True},
    ]
    (tmp_path / "set.jsonl").write_text("\n".join(map(json.dumps, asked)), "utf-8")
    drawn = public_asked(tmp_path / "set.jsonl", passages, 9, 9, 1)

    assert [(one.question, one.own) for one in drawn] == [(told, (0,)), (untold, (1,))]
    (right, *wrong), (sure,) = contested_groups(drawn, passages, encoder, reader, 1)
    assert [right.text[start:end] for start, end in right.spans] == ["2 jours"]
    assert all("2 jours" not in one.text and not one.spans for one in wrong)
    # The reader is sure of its answer, and yet it is wrong: the set says that nothing answers.
    assert (sure.text, sure.spans) == (lengths[1], ())
    assert best_span(reader.read(untold, [(f"Le port de {TOWNS[1]}", lengths[1])])[0], None)[0] > UNSURE[1]
    assert not list(contested_groups([Asked(far, None, (), ())], passages, encoder, reader, 1))


def test_no_article_is_asked_about_both_in_training_and_for_the_decision() -> None:
    rows = trained()
    decided = {article for question in read_questions(NEWS) for article in (*question.right, *question.context)}

    assert len(rows) > 6000
    assert len(decided) > 60
    assert not decided & {row["article"] for row in rows}
    assert all(("start" in row) == (row["kind"] == "answerable") for row in rows)
    assert not any(held_out("news_fr", row["article"], "") for row in rows)
    assert all(held_out("news_fr", article, "") for article in decided)


def test_what_is_asked_in_training_as_told_nowhere_is_asked_neither_for_the_decision_nor_for_the_results() -> None:
    asked = {json.loads(line)["question"].casefold() for line in ELSEWHERE.read_text("utf-8").splitlines()}
    judged = {
        question.text.casefold()
        for file in (NEWS, TUNE, *(OWN / f"{name}.jsonl" for name in ("test", "short", "headlines", "headlines-news")))
        for question in read_questions(file)
    }

    assert len(asked) > 2500
    assert not asked & judged
