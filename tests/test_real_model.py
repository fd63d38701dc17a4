"""A real, small and inventive chat model in this process: whatever it says, every quote shown stands in its article."""

from dataclasses import replace
from pathlib import Path

import pytest

from corpus.errors import InputError
from eval.dataset import read_questions, subset
from qa.assistant import Assistant
from qa.gguf import LIMITS, configured_model, open_gguf
from qa.record import record_of
from qa.verify import verify

ROOT = Path(__file__).resolve().parents[1]
GGUF = ROOT / "var" / "models" / "SmolLM2-135M-Instruct.Q4_1.gguf"
QUESTIONS = 8


@pytest.mark.slow
@pytest.mark.skipif(not GGUF.exists(), reason="no chat model (make model)")
def test_whatever_a_real_model_says_every_quote_shown_is_the_articles(assistant: Assistant) -> None:
    pytest.importorskip("xllamacpp", reason="no chat model: pip install '.[gguf]'")
    model = open_gguf(GGUF)
    model.limits = replace(LIMITS, tokens=150, passages=1500)  # a small window of a small model, on a machine that may be busy
    worded = Assistant(assistant.index, assistant.encoder, model=model)
    answerable = [question for question in read_questions(ROOT / "eval" / "questions" / "test.jsonl") if question.answerable]

    records = [record_of(worded.ask(question.text), question.id) for question in subset(answerable, QUESTIONS)]
    verdicts = list(verify(records, worded.snapshot().article_by_id))

    assert len(verdicts) >= QUESTIONS / 2
    assert [verdict.problem for verdict in verdicts] == [None] * len(verdicts)
    assert any("wording" in record and (record["wording"]["remarks"] or record["writer"] == model.name) for record in records)
    assert all(record["quotes"] or record["decision"] == "not_found" for record in records)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [("none.gguf", None, "cannot be read"), ("text.gguf", b"text", "not a GGUF"), ("cut.gguf", b"GGUF\x03", "cannot be loaded")],
)
def test_a_file_that_is_no_model_is_named(name: str, content: bytes | None, says: str, tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp", reason="pip install '.[gguf]'")
    if content is not None:
        (tmp_path / name).write_bytes(content)

    with pytest.raises(InputError, match=f"{name} .*{says}"):
        configured_model(tmp_path / name, {})
