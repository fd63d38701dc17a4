"""A new generation goes live only if it answers no worse than the one before."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import faiss
import numpy as np
import pytest
from typer.testing import CliRunner

from corpus.errors import ArticleQAError, GateRefused, InputError
from eval.dataset import read_questions
from eval.gate import PROBE, known, main, questions_for
from index.__main__ import app
from index.build import REFUSED, build
from index.encoder import Encoder
from index.gate import VERDICT, Verdict, evaluation_gate
from index.options import BuildOptions
from index.snapshot import SEAL, current_generation, file_digest, generations_of, open_generation, open_snapshot
from qa.assistant import Assistant

ROOT = Path(__file__).resolve().parents[1]

SUBJECTS = ("tramway", "musée", "marché", "stade", "pont", "théâtre", "lycée", "canal", "phare", "moulin")
NUMBERS = ("vingt", "trente", "quarante", "cinquante", "soixante", "douze", "quinze", "seize", "treize", "onze")


def write_articles(folder: Path) -> None:
    """Short articles that differ in what they are about."""
    folder.mkdir()
    for subject, number in zip(SUBJECTS, NUMBERS, strict=True):
        (folder / f"{subject}.txt").write_text(
            f"Le {subject} de la ville rouvre\n\nLe conseil municipal a voté {number} millions d’euros pour le {subject} de la ville, "
            f"fermé depuis deux ans. Les habitants attendaient le {subject} avec impatience depuis l’hiver dernier.\n",
            encoding="utf-8",
        )


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    write_articles(tmp_path / "articles")
    return tmp_path / "articles"


@pytest.fixture
def index(tmp_path: Path, corpus: Path, encoder: Encoder) -> Path:
    build([corpus], tmp_path / "index", encoder, BuildOptions())
    return tmp_path / "index"


def misaligned(generation: Path, candidate: Path) -> Path:
    """A copy of a generation whose vectors stand beside the wrong passages, with digests that hold."""
    shutil.copytree(generation, candidate)
    vectors = faiss.read_index(str(candidate / "vectors.faiss")).reconstruct_n(0, -1)
    vectors = np.roll(vectors, len(vectors) // 2, axis=0)
    flat = faiss.IndexFlatIP(vectors.shape[1])
    flat.add(vectors)
    faiss.write_index(flat, str(candidate / "vectors.faiss"))
    manifest = json.loads((candidate / "manifest.json").read_text())
    manifest["files"]["vectors.faiss"] = file_digest(candidate / "vectors.faiss")
    (candidate / "manifest.json").write_text(json.dumps(manifest))
    (candidate / SEAL).unlink()
    return candidate


@pytest.mark.slow
def test_vectors_beside_the_wrong_passages_are_refused_and_lost_questions_named(sample_index: Path, tmp_path: Path) -> None:
    live = current_generation(sample_index)
    assert live is not None
    candidate = misaligned(live, tmp_path / "candidate")

    verdict = evaluation_gate()(candidate, live)

    recall = verdict.measured["recall_at_5"]
    assert recall["candidate"] < recall["live"] - 0.1
    assert any(reason.startswith(f"recall_at_5 fell from {recall['live']:.3f}") and "-0" in reason for reason in verdict.reasons)
    exact, quotes = verdict.measured["quotes_exact"]
    assert exact == quotes > 0


@pytest.mark.slow
def test_a_corpus_that_grows_passes_and_the_verdict_is_kept_beside_the_generation(corpus: Path, index: Path) -> None:
    before = current_generation(index)
    (corpus / "gare.txt").write_text(
        "La gare est rénovée\n\nLa gare accueille un nouveau hall vitré depuis mardi matin.\n", "utf-8"
    )

    done = CliRunner().invoke(app, ["build", "--index", str(index), "--corpus", str(corpus)])

    after = current_generation(index)
    assert done.exit_code == 0, done.stderr
    assert "gate passed" in done.stdout
    assert after is not None
    assert after != before
    assert json.loads((after / VERDICT).read_text())["reasons"] == []
    assert "quotes exact" in CliRunner().invoke(app, ["status", "--index", str(index)]).stdout


def test_a_refused_generation_is_not_made_live_nor_embedded_again(corpus: Path, index: Path, encoder: Encoder) -> None:
    before = current_generation(index)
    (corpus / "gare.txt").write_text("La gare accueille un nouveau hall vitré depuis mardi matin.\n", encoding="utf-8")
    refusing = Verdict(("recall_at_5 fell from 1.000 to 0.500 of 10: tramway",), {})

    with pytest.raises(GateRefused, match=r"recall_at_5 fell .* --no-gate"):
        build([corpus], index, encoder, BuildOptions(), gate=lambda candidate, live: refusing)

    assert current_generation(index) == before
    assert len(generations_of(index)) == 1
    assert (index / REFUSED / "manifest.json").is_file()
    report = build([corpus], index, encoder, BuildOptions())
    assert (report.embedded, report.articles) == (0, len(SUBJECTS) + 1)
    assert not (index / REFUSED).exists()


def test_a_gate_that_cannot_run_leaves_the_live_index(corpus: Path, index: Path, encoder: Encoder, tmp_path: Path) -> None:
    before = current_generation(index)
    (corpus / "gare.txt").write_text("La gare accueille un nouveau hall vitré.\n", encoding="utf-8")
    (tmp_path / "bad.jsonl").write_text("not json\n")

    with pytest.raises(ArticleQAError, match=r"could not run \(exit 1\)"):
        build([corpus], index, encoder, BuildOptions(), gate=evaluation_gate(tmp_path / "bad.jsonl"))

    assert current_generation(index) == before


def test_a_live_generation_whose_manifest_lacks_something_is_not_compared_with(
    corpus: Path, index: Path, encoder: Encoder, capsys: pytest.CaptureFixture[str]
) -> None:
    live = current_generation(index)
    assert live is not None
    (corpus / "gare.txt").write_text("La gare accueille un nouveau hall vitré depuis mardi matin.\n", encoding="utf-8")
    candidate = index / build([corpus], index, encoder, BuildOptions()).generation
    manifest = json.loads((live / "manifest.json").read_text())
    (live / "manifest.json").write_text(json.dumps({key: value for key, value in manifest.items() if key != "files"}))
    (live / SEAL).unlink()

    main(candidate, live, None)

    said = capsys.readouterr()
    assert "the live index cannot be compared with: " in said.err
    assert json.loads(said.out)["reasons"] == []


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_gate_that_is_interrupted_as_it_starts_does_not_go_on(number: int, status: int, sample_index: Path) -> None:
    program = """
import os, subprocess, sys
from pathlib import Path
from corpus.console import mendable
from index.gate import evaluation_gate

def started(frame, event, _):
    if event == "return" and frame.f_code is subprocess.Popen.__init__.__code__:
        sys.setprofile(None)
        os.kill(os.getpid(), int(sys.argv[1]))

try:
    with mendable():
        sys.setprofile(started)
        evaluation_gate()(Path(sys.argv[2]), None)
finally:
    try:
        os.waitpid(-1, os.WNOHANG)
        print("it goes on")
    except ChildProcessError:
        print("nothing goes on")
"""
    command = [sys.executable, "-c", program, str(int(number)), str(current_generation(sample_index))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, restore_signals=True)

    assert (done.stdout, done.stderr, done.returncode) == ("nothing goes on\n", "stopped\n", status)


def test_without_the_gate_nothing_is_asked(corpus: Path, index: Path) -> None:
    (corpus / "gare.txt").write_text("La gare accueille un nouveau hall vitré depuis mardi.\n", encoding="utf-8")

    done = CliRunner().invoke(app, ["build", "--index", str(index), "--corpus", str(corpus), "--no-gate"])

    assert done.exit_code == 0
    assert "gate" not in done.stdout


def test_a_corpus_of_ones_own_is_asked_for_its_own_sentences_and_none_of_the_samples_questions(index: Path) -> None:
    asked = questions_for(open_snapshot(index), None, [])

    assert {question.kind for question in asked} == {PROBE}
    assert {question.right for question in asked} == {(f"{subject}.txt",) for subject in SUBJECTS}


def test_questions_about_articles_that_are_gone_are_left_out(sample_index: Path, corpus: Path, index: Path) -> None:
    both = questions_for(open_snapshot(sample_index), open_snapshot(index), [])

    assert {question.kind for question in both} <= {PROBE}
    assert any(question.answerable is False for question in questions_for(open_snapshot(sample_index), None, []))


def test_questions_about_articles_that_no_index_holds_are_named_and_of_nothing_else_refused(
    index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = {"lang": "fr", "question": "Combien pour le pont ?", "answerable": True, "answers": ["soixante"]}
    rows = [asked | {"id": one, "positive_passage_ids": [f"{one}.txt"]} for one in ("pont", "pond")]
    (tmp_path / "questions.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    brought, snapshots = read_questions(tmp_path / "questions.jsonl"), [open_snapshot(index)]

    assert [question.id for question in known(brought, snapshots)] == ["pont"]
    assert 'question "pond" is not asked: no index holds its article "pond.txt"' in capsys.readouterr().err
    with pytest.raises(InputError, match="none of the questions given with --questions"):
        known(brought[1:], snapshots)
    assert known([], snapshots) == []


def test_an_assistant_of_one_generation_stays_with_it(corpus: Path, index: Path, encoder: Encoder) -> None:
    old = current_generation(index)
    assert old is not None
    pinned = Assistant(index, encoder, snapshot=open_generation(old), pinned=True)
    (corpus / "gare.txt").write_text("La gare accueille un nouveau hall vitré depuis mardi.\n", encoding="utf-8")
    build([corpus], index, encoder, BuildOptions())

    assert pinned.snapshot().generation == open_generation(old).generation != open_snapshot(index).generation
