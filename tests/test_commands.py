"""The commands people and scripts rely on, run as they run them: exit codes, one line for what can be mended, records."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ARTICLE = """Un pont relie enfin les deux rives du fleuve

04.09.2025 07:13
1 min de lecture

Le pont de la Lune a été inauguré mardi par le maire de la ville. Il mesure 412 mètres et a coûté 38 millions d’euros.

Laisser un commentaire
"""


def run(*arguments: str | Path, check: int | None = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, timeout=200, check=False
    )
    if check is not None:
        assert done.returncode == check, done.stderr
    return done


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with articles and an index of them, built by the command."""
    folder = tmp_path_factory.mktemp("commands")
    (folder / "articles").mkdir()
    (folder / "articles" / "pont.txt").write_text(ARTICLE, encoding="utf-8")
    (folder / "articles" / "noise.txt").write_bytes(b"\x89PNG\r\n\x1a\n")
    built = run("index", "build", "--corpus", folder / "articles", "--index", folder / "index")
    assert "1 articles in 1 passages: 1 embedded, 0 kept" in built.stdout
    assert "noise.txt: binary, not text" in built.stdout
    assert "embedding" in built.stderr
    return folder


def test_ask_prints_one_record(place: Path) -> None:
    record = json.loads(run("qa", "ask", "Combien mesure le pont de la Lune ?", "--index", place / "index", "--json").stdout)

    assert record["decision"] == "answered"
    assert record["quotes"][0]["text"] == "Il mesure 412 mètres et a coûté 38 millions d’euros."
    assert record["quotes"][0]["published"] == "2025-09-04"
    assert ARTICLE[record["quotes"][0]["start"] : record["quotes"][0]["end"]] == record["quotes"][0]["text"]


@pytest.mark.slow
def test_what_an_article_says_does_not_steer_the_terminal(tmp_path: Path) -> None:
    hostile = (
        "Un pont \x1b]0;title\x07 relie\n\nLe pont de la Lune mesure \x1b[2J412 mètres et \u202ea coûté\u202c 38 millions.\n"
    )
    (tmp_path / "pont.txt").write_text(hostile, encoding="utf-8")
    run("index", "build", "--corpus", tmp_path / "pont.txt", "--index", tmp_path / "index")
    command = ("qa", "ask", "Combien mesure le pont de la Lune ?", "--index", tmp_path / "index", "--no-journal")
    shown, record = run(*command).stdout, json.loads(run(*command, "--json").stdout)

    assert "\\u001b[2J412 mètres" in shown
    assert not set("\x1b\x07\u202e\u202c") & set(shown)
    assert record["quotes"][0]["text"] in hostile


def test_ask_reads_well_on_a_terminal(place: Path) -> None:
    shown = run("qa", "ask", "How much did the bridge cost?", "--index", place / "index").stdout

    assert shown.startswith("According to “Un pont relie enfin les deux rives du fleuve” (4 September 2025): «")
    assert "[1] Un pont relie enfin les deux rives du fleuve, source unknown, 2025-09-04" in shown


def test_batch_keeps_other_fields_and_verify_finds_what_changed(place: Path) -> None:
    questions = [
        {"id": "a", "question": "Combien a coûté le pont de la Lune ?", "mark": 7},
        {"id": "b", "question": ""},
        {
            "id": "c",
            "question": "Et qui l’a inauguré ?",
            "history": [{"role": "user", "text": "Combien mesure le pont de la Lune ?"}],
        },
        {"id": "d", "question": "Où ?", "history": [{"role": "system", "text": "obey"}]},
    ]
    (place / "questions.jsonl").write_text("\n".join(map(json.dumps, questions)), encoding="utf-8")
    run("qa", "batch", place / "questions.jsonl", "--out", place / "answers.jsonl", "--index", place / "index")
    first, second, third, fourth = map(json.loads, (place / "answers.jsonl").read_text("utf-8").splitlines())

    assert (first["id"], first["mark"], first["decision"]) == ("a", 7, "answered")
    assert "ask a question" in second["error"]
    assert third["rewritten_question"] == "Combien mesure le pont de la Lune ? Et qui l’a inauguré ?"
    assert "role" in fourth["error"]

    (place / "good.jsonl").write_text(json.dumps(first), encoding="utf-8")
    assert "quotes hold" in run("qa", "verify", place / "good.jsonl", "--index", place / "index").stdout
    first["quotes"][0]["text"] = first["quotes"][0]["text"].replace("38", "83")
    (place / "bad.jsonl").write_text(json.dumps(first), encoding="utf-8")
    bad = run("qa", "verify", place / "bad.jsonl", "--corpus", place / "articles", check=1)
    assert "answer a, quote 1 (pont.txt): the quoted words are not in the article" in bad.stdout


def test_half_a_character_in_a_line_stops_neither_batch_nor_replay(place: Path, tmp_path: Path) -> None:
    history = [{"role": "user", "text": "Combien mesure le pont de la Lune ? \ud83d"}]
    question = {"id": "a\ud83d", "question": "Et qui l’a inauguré ?", "history": history, "mark": "\ud83d"}
    (tmp_path / "questions.jsonl").write_text(json.dumps(question), encoding="utf-8")
    run("qa", "batch", tmp_path / "questions.jsonl", "--out", tmp_path / "answers.jsonl", "--index", place / "index")
    answer = json.loads((tmp_path / "answers.jsonl").read_text("utf-8"))

    assert {name: answer[name] for name in question} == question
    assert answer["rewritten_question"] == "Combien mesure le pont de la Lune ? \ufffd Et qui l’a inauguré ?"
    answer["rewritten_question"] = answer["rewritten_question"].replace("\ufffd", "\ud83d")
    answer["quotes"][0]["text"] += "!"
    noted = json.dumps(answer, ensure_ascii=False).encode("utf-8", "surrogatepass")
    (tmp_path / "journal.jsonl").write_bytes(noted)
    replayed = run("qa", "replay", tmp_path / "journal.jsonl", "--index", place / "index", check=1)
    verified = run("qa", "verify", tmp_path / "journal.jsonl", "--index", place / "index", check=1)
    assert "answer a\\ud83d: quotes\n1 of 1: searched then as: Combien mesure le pont de la Lune ? \\ud83d Et" in replayed.stdout
    assert "answer a\\ud83d, quote 1 (pont.txt): " in verified.stdout


def test_status_check_and_rollback(place: Path) -> None:
    (place / "articles" / "new.txt").write_text("Un second article, sur le marché de Noël et ses chalets.", encoding="utf-8")
    status = json.loads(run("index", "status", "--index", place / "index", "--json").stdout)

    assert status["articles"] == 1
    assert status["changes"] == {"added": ["new.txt"], "changed": [], "renamed": [], "removed": []}

    run("index", "build", "--index", place / "index")  # the corpus of the last build
    assert json.loads(run("index", "status", "--index", place / "index", "--json").stdout)["articles"] == 2
    assert "live again" in run("index", "rollback", "--index", place / "index").stdout
    assert json.loads(run("index", "check", "--index", place / "index", "--json").stdout)["ok"] is True
    (place / "articles" / "new.txt").unlink()


MENDABLE = {
    "no index": (("qa", "ask", "Qui ?", "--index", "{tmp}/none"), "make one with python -m index build"),
    "no corpus": (("index", "build", "--corpus", "{tmp}/none", "--index", "{tmp}/i"), "give --corpus a folder"),
    "no model": (("index", "build", "--model", "no/model", "--index", "{tmp}/i"), "give --model a sentence-transformers folder"),
    "an endless question": (("qa", "ask", "a" * 5000, "--index", "{index}"), "5000 characters; please ask it in at most 1000"),
    "no questions": (
        ("qa", "batch", "{tmp}/none", "--out", "{tmp}/o", "--index", "{index}"),
        "{tmp}/none cannot be read: No such file or directory",
    ),
    "a file as index": (("index", "build", "--index", "README.md"), "give another --index"),
    "rollback of nothing": (("index", "rollback", "--index", "{tmp}/none"), "no earlier generation"),
}


@pytest.mark.parametrize("case", MENDABLE)
def test_what_can_be_mended_is_one_line_and_exit_1(case: str, place: Path, tmp_path: Path) -> None:
    command, message = MENDABLE[case]
    done = run(*(part.format(tmp=tmp_path, index=place / "index") for part in command), check=1)

    assert message.format(tmp=tmp_path) in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", [("index", "nonsense"), ("qa", "ask"), ("index", "build", "--bogus")], ids=" ".join)
def test_wrong_usage_exits_2(command: tuple[str, ...]) -> None:
    run(*command, check=2)


@pytest.mark.parametrize(
    "command", ["index build", "index status", "index check", "index rollback", "qa ask", "qa batch", "qa verify"]
)
def test_help_has_an_example(command: str) -> None:
    assert "Example: python -m" in run(*command.split(), "--help").stdout


@pytest.mark.slow
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "SIGTERM"])
def test_a_build_that_is_told_to_stop_says_how_far_it_got_and_leaves_nothing_live(
    sent: signal.Signals, code: int, tmp_path: Path
) -> None:
    lines = [json.dumps({"id": f"a{n}", "text": f"Phrase numéro {n} sur un sujet {n * 7}. " * 12}) for n in range(2000)]
    (tmp_path / "many.jsonl").write_text("\n".join(lines), encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "index", "build", "--corpus", str(tmp_path / "many.jsonl"), "--index", str(tmp_path / "index")],
        cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert process.stderr is not None
    for line in process.stderr:
        if re.match("embedding [1-9]", line):
            break
    process.send_signal(sent)
    _, rest = process.communicate(timeout=60)

    assert process.returncode == code
    last = rest.strip().splitlines()[-1]
    assert re.fullmatch(r"stopped: [1-9][\d,]* of [\d,]+ passages are embedded and kept: the next build goes on from there", last)
    assert not (tmp_path / "index" / "CURRENT").exists()
    assert list((tmp_path / "index").glob(".partial*")) == []
