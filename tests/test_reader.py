"""The reader: where an answer stands, that it is not there, and whatever it is given to read."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from corpus.article import Article, Chunk, Span
from corpus.errors import InputError
from corpus.language import question_language
from eval.dataset import read_questions
from eval.run import OWN
from index.encoder import Encoder
from qa.assistant import Assistant, open_assistant, reader_of
from qa.options import AskOptions
from qa.read import (
    CERTAIN,
    EMBEDDED,
    LATER,
    LONGEST_ANSWER,
    READ_BY_READER,
    READ_ON,
    best_span,
    log_odds,
    read,
    reranked,
    spans_to_choose,
)
from qa.reader import STEP, WEIGHTS, WINDOW, Reader, Reading, load_reader
from qa.retrieve import Hit, retrieve

TITLE = "Le tramway relie la gare au port"
TEXT = "Le tramway relie la gare au port depuis lundi. Il transporte 30 000 voyageurs par jour. Il a coûté 412 millions d’euros."
EARTHQUAKE = "Combien de morts le séisme a-t-il faits au Maroc ?"
FILLER = "Le conseil municipal a discuté du marché couvert et des jardins publics pendant deux heures sans rien décider. "


@pytest.fixture(scope="module")
def reader(encoder: Encoder) -> Reader:
    found = load_reader(encoder)
    assert found is not None
    return found


def told(reader: Reader, question: str, text: str) -> tuple[float, str]:
    (reading,) = reader.read(question, [(TITLE, text)])
    margin, span = best_span(reading, None)
    return margin, span.of(text).strip() if span else ""


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Combien de voyageurs le tramway transporte-t-il par jour ?", "30 000"),
        ("How many passengers does the tram carry every day?", "30 000"),
        ("Combien a coûté le tramway ?", "412 millions"),
        ("¿Cuánto costó el tranvía?", "412 millions"),
    ],
)
def test_the_answer_is_marked_whatever_the_language_of_the_question(reader: Reader, question: str, answer: str) -> None:
    margin, found = told(reader, question, TEXT)

    assert answer in found
    assert margin > 0


def test_a_question_in_a_language_it_has_seen_little_of_is_told_from_one_that_is_not_answered(reader: Reader) -> None:
    margin, found = told(reader, "Seit wann fährt die Straßenbahn zum Hafen?", TEXT)

    assert "lundi" in found
    assert margin > told(reader, "Wer hat die Sinfonie geschrieben?", TEXT)[0] + 3


@pytest.mark.parametrize("question", ["Qui a gagné le Tour de France 2019 ?", "Who wrote the symphony?"])
def test_what_is_not_there_is_said_not_to_be(reader: Reader, question: str) -> None:
    assert told(reader, question, TEXT)[0] < 0


def test_an_answer_far_beyond_the_window_is_found(reader: Reader) -> None:
    text = FILLER * 20 + TEXT + " " + FILLER * 5

    (reading,) = reader.read("Combien de voyageurs le tramway transporte-t-il par jour ?", [(TITLE, text)])
    start = text.index(TEXT)
    margin, span = best_span(reading, Span(start, start + len(TEXT)))

    assert span is not None
    assert "30 000" in span.of(text)
    assert margin > 0


def test_an_answer_before_the_last_window_is_marked_where_it_stands(reader: Reader) -> None:
    question = "Combien de voyageurs le tramway transporte-t-il par jour ?"

    (reading,) = reader.read(question, [(TITLE, FILLER + TEXT + " " + FILLER * 20)])
    margin, span = best_span(reading, None)

    assert span is not None
    assert "30 000" in span.of(FILLER + TEXT)
    assert margin > 0


def test_of_a_long_passage_nothing_but_its_own_words_is_judged(reader: Reader) -> None:
    """The question's own tokens, and those between it and the passage, are worth about as much as "not here"."""
    question = "Qui a gagné le Tour de France 2019 ?"
    short, long = (best_span(reading, None)[0] for reading in reader.read(question, [(TITLE, FILLER * 2), (TITLE, FILLER * 30)]))

    assert short < -3
    assert long < -3


def test_offsets_are_of_the_text_and_not_of_its_title(reader: Reader) -> None:
    readings = reader.read("Combien ?", [(TITLE, TEXT), (None, TEXT), ("", FILLER * 12)])

    for reading, text in zip(readings, (TEXT, TEXT, FILLER * 12), strict=True):
        assert len(reading.offsets) == len(reading.start) == len(reading.end) > 0
        assert reading.offsets[0][0] == 0
        assert reading.offsets[-1][1] in (len(text), len(text.rstrip()))
        assert (np.diff(reading.offsets[:, 0]) >= 0).all()
        assert np.isfinite(reading.start).all()


@pytest.mark.parametrize("text", ["", "   ", "\0\u200b", "\ud800", "a", "🚋" * 40, "\u202e" + TEXT, "mot " * 3000])
def test_any_text_can_be_read(reader: Reader, text: str) -> None:
    (reading,) = reader.read("Combien ?", [(TITLE, text)])
    margin, span = best_span(reading, None)

    assert np.isfinite(margin)
    assert span is None or 0 <= span.start <= span.end <= len(text)


def test_a_question_of_three_hundred_words_leaves_room_for_the_passage(reader: Reader) -> None:
    (reading,) = reader.read("pourquoi donc le tramway " * 75, [(TITLE, TEXT)])

    assert len(reading.start) > 20


def test_a_passage_reads_the_same_alone_and_among_others(reader: Reader) -> None:
    question = "Combien a coûté le tramway ?"
    (alone,) = reader.read(question, [(TITLE, TEXT)])
    among = reader.read(question, [(None, FILLER * 9), (TITLE, TEXT), ("x", "court")])[1]

    np.testing.assert_allclose(alone.start, among.start, atol=0.3)  # bf16
    assert best_span(alone, None)[1] == best_span(among, None)[1]


def test_windows_come_in_few_shapes(reader: Reader) -> None:
    """torch keeps kernels for every shape it has met: as many as there are lengths would fill the memory of a page that serves."""
    shapes = set()
    met = reader.model.trunk.register_forward_hook(lambda *call: shapes.add(call[-1].last_hidden_state.shape[1]))
    try:
        for count in range(1, 400, 9):
            reader.read("Qui ?", [(TITLE, FILLER[:count]), (None, FILLER * (count // 40))])
    finally:
        met.remove()

    assert 3 < len(shapes) <= WINDOW // STEP
    assert all(tokens % STEP == 0 for tokens in shapes)


def test_word_embeddings_are_the_encoders_own(reader: Reader, encoder: Encoder) -> None:
    ours = dict(reader.model.trunk.named_parameters())
    codes = ours.get("words.codes", ours.get("embeddings.word_embeddings.codes"))

    assert codes is not None
    assert codes.data_ptr() == encoder.model[0].auto_model.words.codes.data_ptr()  # type: ignore[union-attr, operator]


def test_a_question_is_tokenised_the_same_while_another_is_read(reader: Reader, encoder: Encoder) -> None:
    """Encoder and reader have one tokenizer, and each tells it its own padding and truncation."""
    texts = ["Qui ?", "Combien de visiteurs le tramway a-t-il reçus hier matin, selon la mairie de la ville ?"]
    alone = encoder.model.preprocess(texts)["input_ids"].tolist()
    asked, ended = len(reader._ids(texts[0])[0]), threading.Event()

    def others() -> list[int]:
        counts = []
        while not ended.is_set():
            counts.append(len(reader._ids(texts[0])[0]))
        return counts

    with ThreadPoolExecutor(2) as threads:
        reading = [threads.submit(others) for _ in range(2)]
        try:
            found = [encoder.model.preprocess(texts)["input_ids"].tolist() for _ in range(2000)]
        finally:
            ended.set()
        counts = {count for one in reading for count in one.result()}

    assert all(one == alone for one in found)
    assert counts == {asked}


def test_the_best_span_is_the_best_of_all_pairs() -> None:
    random = np.random.default_rng(5)
    for _ in range(50):
        size = int(random.integers(1, 90))
        start, end = random.normal(size=(2, size)).astype(np.float32)
        offsets = np.stack([np.arange(size) * 2, np.arange(size) * 2 + 2], axis=1)
        pairs = {
            (i, j): start[i] + end[j] for i in range(size) for j in range(i, min(size, i + LONGEST_ANSWER))
        }  # fmt: skip
        first, last = max(pairs, key=lambda pair: pairs[pair])

        assert best_span(Reading(start, end, offsets), None) == (pytest.approx(pairs[first, last]), Span(first * 2, last * 2 + 2))


def test_the_log_odds_are_those_of_every_start_and_end_against_none() -> None:
    start, end = np.random.default_rng(6).normal(size=(2, 30)).astype(np.float32)
    offsets = np.stack([np.arange(30) * 2, np.arange(30) * 2 + 2], axis=1)
    reading = Reading(start, end, offsets)

    def share(logits: np.ndarray) -> float:
        """The probability of those tokens, in a softmax with "not here", whose logit is 0."""
        return float(np.exp(logits).sum() / (1 + np.exp(logits).sum()))

    within = share(start[5:9]), share(end[5:9])
    expected = sum(np.log(part / (1 - part)) for part in within)
    assert log_odds(reading, Span(10, 18)) == pytest.approx(expected, abs=1e-5)
    assert log_odds(reading, None) > log_odds(reading, Span(10, 18)) >= best_span(reading, Span(10, 18))[0]
    assert log_odds(reading, Span(70, 80)) == -CERTAIN
    assert log_odds(Reading(start + 40, end, offsets), None) == CERTAIN


def test_a_damaged_file_is_named_and_answers_go_on_without_it(
    encoder: Encoder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = bytearray(WEIGHTS.read_bytes())
    data[len(data) // 2] ^= 1
    damaged = tmp_path / "reader.safetensors"
    damaged.write_bytes(data)

    with pytest.raises(InputError, match=r"reader\.safetensors is damaged .* by the encoder alone"):
        load_reader(encoder, damaged)
    with pytest.raises(InputError, match="cannot be read"):
        load_reader(encoder, tmp_path / "none.safetensors")
    with pytest.raises(InputError, match="cannot be loaded"):
        Reader(encoder, b"\0" * 100)

    assert reader_of(encoder, damaged) is None
    assert "damaged" in capsys.readouterr().err


def test_without_the_reader_questions_are_answered_all_the_same(sample_index: Path) -> None:
    asked = open_assistant(sample_index, reader=False).ask(EARTHQUAKE)

    assert asked.reader is None
    assert asked.answer.quotes[0].article.id == "fr/maroc-seisme-al-haouz.txt"
    assert asked.answer.quotes[0].answer is None
    assert all(hit.reader is None for hit in asked.answer.hits)


def test_with_the_reader_the_words_that_answer_are_marked_in_the_quote(assistant: Assistant) -> None:
    quote = assistant.ask("Où était l'épicentre du séisme au Maroc ?").answer.quotes[0]

    assert quote.answer is not None
    assert quote.span.start <= quote.answer.start < quote.answer.end <= quote.span.end
    assert quote.answer.of(quote.article.text) == "près de la commune d’Ighil"


def test_sentences_left_unembedded_would_not_have_been_the_answer(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot, encoder = assistant.snapshot(), assistant.encoder
    found = [question for question in read_questions(OWN / "tune.jsonl") if question.answerable and not question.history][:20]

    def chosen(question: str) -> tuple[int, str]:
        vector = encoder.embed_queries([question])[0]
        hits = retrieve(snapshot, question, question_language(question), vector, AskOptions())
        candidates = read(snapshot, encoder, assistant.reader, question, vector, hits)[1]
        return len(candidates), candidates[0].text

    few = [chosen(question.text) for question in found]
    monkeypatch.setattr("qa.read.EMBEDDED", 1000)
    all_of_them = [chosen(question.text) for question in found]

    assert max(count for count, _ in few) == EMBEDDED < max(count for count, _ in all_of_them)
    assert [text for _, text in few] == [text for _, text in all_of_them]


@pytest.mark.parametrize(
    ("question", "read_on"),
    [
        ("Où était l'épicentre du séisme au Maroc ?", False),
        ("Qui a gagné le Tour de France 2019 ?", False),
        ("Де був епіцентр землетрусу в Марокко?", False),
        ("Скільки хвилин варити яйце некруто?", True),
    ],
)
def test_across_scripts_it_reads_on_where_it_believes_none_of_the_first(
    assistant: Assistant, question: str, read_on: bool
) -> None:
    hits = assistant.ask(question).answer.hits
    believed = [hit.reader for hit in hits if hit.reader is not None]

    assert (len(believed) > READ_BY_READER) == read_on
    assert len(believed) <= READ_ON


def test_what_is_read_later_counts_less(assistant: Assistant) -> None:
    snapshot = assistant.snapshot()
    question = "Qui a gagné le Tour de France 2019 ?"
    found = retrieve(snapshot, question, "fr", assistant.encoder.embed_queries([question])[0], AskOptions())
    assert assistant.reader is not None
    texts = [(hit.article.title, hit.text) for hit in found]
    readings = dict(zip([hit.row for hit in found], assistant.reader.read(question, texts), strict=True))

    judged = {hit.row: hit.reader for hit in reranked(found, readings)}

    for place, hit in enumerate(found):
        less = LATER if place >= READ_BY_READER else 0.0
        assert judged[hit.row] == pytest.approx(log_odds(readings[hit.row], None) - less)


@pytest.mark.parametrize(
    ("first", "last", "margin", "expected"),
    [
        ("Le", "mai.", 3.0, ["Le musée ouvre en mai.", "Il compte douze salles."]),
        ("mai.", "Il", 3.0, ["Le musée ouvre en mai. Il compte douze salles."]),
        ("douze", "salles.", 3.0, ["Le musée ouvre en mai.", "Il compte douze salles."]),
        ("mai.", "Il", -3.0, ["Le musée ouvre en mai.", "Il compte douze salles."]),
    ],
)
def test_an_answer_that_crosses_two_sentences_is_quoted_with_both(
    first: str, last: str, margin: float, expected: list[str]
) -> None:
    text = "Avant. Le musée ouvre en mai. Il compte douze salles. Après."
    body = Span(0, len(text))
    article = Article("a", "a", "Le musée", text, (body,), "fr", None, None, None)
    hit = Hit(1, 0, Chunk("a", 7, len(text) - 7), article, 0.0, 0.0, 0.0, 0.0)
    words = [match.span() for match in re.finditer(r"\S+", hit.text)]
    start, end = np.full(len(words), -9.0, np.float32), np.full(len(words), -9.0, np.float32)
    named = [hit.text[a:b] for a, b in words]
    start[named.index(first)] = end[named.index(last)] = margin / 2

    found = spans_to_choose(hit, Reading(start, end, np.array(words)))

    assert [span.of(text) for span in found] == expected
