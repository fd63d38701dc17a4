"""The life of an index: whatever happened to the articles, it is the index that would be built from nothing; nobody notices a change."""

import gc
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from counting import CountingEncoder
from hypothesis import given, settings
from hypothesis import strategies as st

from app import _assistant
from corpus.decode import decode
from corpus.errors import IndexBusy, IndexMissing
from index.build import build
from index.encoder import Encoder
from index.locks import only_writer
from index.options import BuildOptions
from index.publish import rollback
from index.snapshot import Snapshot, check_generation, current_generation, generations_of, open_snapshot
from index.status import changes_since
from qa.assistant import Assistant

AGENCY = (
    "Le pont de la Lune a été inauguré mardi par le maire de la ville, après quatre ans de travaux. Il mesure 412 mètres et a coûté "
    "38 millions d’euros. Le tramway l’empruntera à partir de juin."
)
TEXTS = [
    AGENCY,
    AGENCY.replace("mardi", "mercredi") + " Avec agence.",
    "La bibliothèque rouvre ses portes samedi. Les travaux ont duré deux ans.",
    "Trois loups ont été aperçus dimanche près du col.",
    "The night train to Vienna runs again from December.",
]
NAMES = ["a.txt", "b.txt", "c/a.txt", "d.md"]
name, text = st.sampled_from(NAMES), st.sampled_from(TEXTS)
steps = st.one_of(
    st.tuples(st.just("write"), name, text),
    st.tuples(st.just("rename"), name, name),
    st.tuples(st.just("copy"), name, name),
    st.tuples(st.just("recode"), name),
    st.tuples(st.just("delete"), name),
    st.tuples(st.just("build")),
    st.tuples(st.just("rollback")),
)


def take(corpus: Path, step: tuple[str, ...]) -> None:
    """One thing that happens to a corpus; nothing, where it cannot."""
    kind, path = step[0], corpus / step[1]
    if kind == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(step[2], encoding="utf-8")
    elif path.is_file() and kind == "delete":
        path.unlink()
    elif path.is_file() and kind == "recode":
        path.write_bytes(decode(path.read_bytes())[0].encode("cp1252"))
    elif path.is_file() and kind != "delete" and step[1] != step[2]:
        (corpus / step[2]).parent.mkdir(exist_ok=True)
        (shutil.move if kind == "rename" else shutil.copy)(path, corpus / step[2])


def timeless(snapshot: Snapshot) -> dict[str, Any]:
    """The manifest without times; the digests in it stand for every byte of every file."""
    return {key: value for key, value in snapshot.manifest.items() if key not in ("created", "generation")}


def keys_of(snapshot: Snapshot) -> set[str]:
    """What its passages' vectors are known by."""
    return {key for (key,) in snapshot.query("SELECT key FROM chunks")}


@pytest.mark.slow
@settings(max_examples=60)
@given(st.lists(steps, min_size=3, max_size=14))
def test_an_index_that_grew_is_the_index_built_from_nothing_to_the_byte(encoder: Encoder, history: list[tuple[str, ...]]) -> None:
    counting = CountingEncoder(encoder)
    counting.embed_sentences = encoder.embed_sentences  # type: ignore[method-assign]  # the background, once for all examples
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "articles"
        corpus.mkdir()
        keys: set[str] = set()
        for number, step in enumerate([*history, ("build",)]):
            if step[0] == "rollback":
                with suppress(IndexMissing):
                    rollback(Path(folder) / "grown")
                    keys = keys_of(open_snapshot(Path(folder) / "grown"))
                continue
            if step[0] != "build":
                take(corpus, step)
                continue
            counting.embedded.clear()
            build([corpus], Path(folder) / "grown", counting, BuildOptions())
            build([corpus], Path(folder) / f"fresh{number}", encoder, BuildOptions())
            grown, fresh = open_snapshot(Path(folder) / "grown"), open_snapshot(Path(folder) / f"fresh{number}")

            assert timeless(grown) == timeless(fresh)
            before, keys = keys, keys_of(grown)
            assert len(counting.embedded) == len(keys - before)
            assert changes_since(grown.folder) == {"added": [], "changed": [], "renamed": [], "removed": []}


def test_twenty_who_ask_during_five_rebuilds_get_answers_of_one_generation_each(tmp_path: Path, encoder: Encoder) -> None:
    corpus, index = tmp_path / "articles", tmp_path / "index"
    corpus.mkdir()

    def edition(number: int) -> str:
        for subject in ("tramway", "musée"):
            (corpus / f"{subject}.txt").write_text(f"Le {subject} a reçu {number}00 visiteurs hier matin.\n", encoding="utf-8")
        return build([corpus], index, encoder, BuildOptions()).generation

    editions = {edition(1): 1}
    assistant = Assistant(index, encoder)
    found: list[tuple[str, set[str]]] = []
    failed: list[BaseException] = []
    done = threading.Event()

    def asks() -> None:
        while not done.is_set():
            try:
                asked = assistant.ask("Combien de visiteurs le tramway a-t-il reçus ?")
                found.append((asked.generation, {hit.text for hit in asked.answer.hits}))
            except BaseException as error:
                failed.append(error)
                return

    threads = [threading.Thread(target=asks) for _ in range(20)]
    for thread in threads:
        thread.start()
    for number in range(2, 7):
        editions[edition(number)] = number
    last = assistant.ask("Combien de visiteurs le tramway a-t-il reçus ?").generation
    done.set()
    for thread in threads:
        thread.join()

    assert failed == []
    assert editions[last] == 6
    for generation, texts in found:
        number = editions[generation]
        assert texts == {f"Le {subject} a reçu {number}00 visiteurs hier matin." for subject in ("tramway", "musée")}


@pytest.mark.slow
def test_many_updates_of_an_article_leave_two_generations_and_nothing_in_memory(tmp_path: Path, encoder: Encoder) -> None:
    corpus, index = tmp_path / "articles", tmp_path / "index"
    corpus.mkdir()
    sizes, handles, memory = [], [], []
    assistant = None
    for number in range(30):
        (corpus / "a.txt").write_text(f"Le tramway a reçu {number + 100} visiteurs hier matin.\n", encoding="utf-8")
        build([corpus], index, encoder, BuildOptions())
        assistant = assistant or Assistant(index, encoder)
        assert f"{number + 100} visiteurs" in assistant.ask("Combien de visiteurs ?").answer.hits[0].text
        sizes.append(sum(path.stat().st_size for path in index.rglob("*")))
        handles.append(len(list(Path("/proc/self/fd").iterdir())))
        memory.append(int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"))

    assert len(generations_of(index)) == 2
    assert max(sizes[5:]) <= min(sizes[5:]) * 1.05
    assert max(handles[5:]) <= min(handles[5:]) + 2
    # A generation that stayed in memory would be more than a megabyte of statistics and handles each time.
    assert memory[-1] - memory[5] <= 24_000_000


def over_one_article(place: Path, encoder: Encoder, text: str) -> tuple[Path, Path, Assistant]:
    """A folder that holds ``a.txt``, an index of it, and who answers from that."""
    corpus, index = place / "articles", place / "index"
    corpus.mkdir()
    (corpus / "a.txt").write_text(text, encoding="utf-8")
    build([corpus], index, encoder, BuildOptions())
    return corpus, index, Assistant(index, encoder)


def test_a_generation_is_closed_when_it_was_replaced_and_a_thread_s_files_when_it_ended(tmp_path: Path, encoder: Encoder) -> None:
    """At once: whoever waits for the collector may wait for long."""
    corpus, index, assistant = over_one_article(tmp_path, encoder, "Le tramway a reçu 100 visiteurs hier matin.\n")
    gc.disable()
    try:
        for _ in range(5):
            asking = threading.Thread(target=assistant.ask, args=("Combien de visiteurs ?",))
            asking.start()
            asking.join()
        of_threads = _open_below(index)
        for number in (2, 3):
            (corpus / "a.txt").write_text(f"Le tramway a reçu {number}00 visiteurs hier matin.\n", encoding="utf-8")
            build([corpus], index, encoder, BuildOptions())
            assistant.ask("Combien de visiteurs ?")
        of_generations = _open_below(index)
    finally:
        gc.enable()

    # The last thread's, this one's, and the manifest; then this one's and the manifest.
    assert (len(of_threads), len(of_generations)) == (3, 2)
    assert {Path(path).parent.name for path in of_generations} == {assistant.snapshot().generation}


def _open_below(folder: Path) -> list[str]:
    files = [os.readlink(f"/proc/self/fd/{one}") for one in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{one}")]
    return [path for path in files if path.startswith(str(folder))]


def test_an_old_text_is_reachable_nowhere_once_it_was_edited(tmp_path: Path, encoder: Encoder) -> None:
    corpus, index, assistant = over_one_article(tmp_path, encoder, "Le maire a démissionné hier soir devant les zébus.\n")
    question = "Devant quoi le maire a-t-il démissionné ?"
    assert "zébus" in assistant.ask(question).answer.hits[0].text
    (corpus / "a.txt").write_text("Le maire a démissionné hier soir devant les élus.\n", encoding="utf-8")
    build([corpus], index, encoder, BuildOptions())

    asked = assistant.ask(question)
    snapshot = open_snapshot(index)

    assert all("zébus" not in hit.article.text for hit in asked.answer.hits)
    assert (snapshot.words.holding("zebus"), snapshot.words.holding("zebu"), snapshot.words.holding("elus")) == (0, 0, 1)
    assert b"z\xc3\xa9bus" not in (snapshot.folder / "articles.db").read_bytes()
    assert snapshot.vectors.ntotal == 1


def test_after_a_roll_back_the_next_build_keeps_what_was_live(tmp_path: Path, encoder: Encoder) -> None:
    corpus, index = tmp_path / "articles", tmp_path / "index"
    corpus.mkdir()
    made = []
    for number in range(3):
        (corpus / "a.txt").write_text(f"Édition {number} du journal.\n", encoding="utf-8")
        if number == 2:
            assert rollback(index) == made[0]
        made.append(build([corpus], index, encoder, BuildOptions()).generation)

    assert generations_of(index) == [made[2], made[0]]
    assert rollback(index) == made[0]
    live = current_generation(index)
    assert live is not None
    assert check_generation(live, deep=True) == []


def test_status_tells_a_rename_from_a_new_article(tmp_path: Path, encoder: Encoder) -> None:
    corpus, index = tmp_path / "articles", tmp_path / "index"
    corpus.mkdir()
    for number, words in enumerate(TEXTS):
        (corpus / f"{number}.txt").write_text(words, encoding="utf-8")
    build([corpus], index, encoder, BuildOptions())
    (corpus / "0.txt").rename(corpus / "moved.txt")
    (corpus / "1.txt").unlink()
    (corpus / "2.txt").write_text("Autre chose.", encoding="utf-8")
    (corpus / "9.txt").write_text("Du nouveau.", encoding="utf-8")
    live = current_generation(index)
    assert live is not None

    assert changes_since(live) == {
        "added": ["9.txt"],
        "changed": ["2.txt"],
        "renamed": ["0.txt -> moved.txt"],
        "removed": ["1.txt"],
    }


@pytest.mark.slow
def test_who_asks_before_there_is_an_index_is_told_and_answered_once_there_is_one(tmp_path: Path, encoder: Encoder) -> None:
    """The page over an index that another process is still making."""
    corpus, index = tmp_path / "articles", tmp_path / "index"
    corpus.mkdir()
    (corpus / "a.txt").write_text("Le tramway a reçu cent visiteurs hier matin.\n", encoding="utf-8")
    index.mkdir()
    with only_writer(index):
        assistant = _assistant(index, None, None)
        early = assistant.ask("Combien de visiteurs le tramway a-t-il reçus ?").answer
    report = build([corpus], index, encoder, BuildOptions())

    asked = assistant.ask("Combien de visiteurs le tramway a-t-il reçus ?")

    assert early.prose == "L’index ne contient encore aucun article."
    assert asked.generation == report.generation
    assert asked.answer.quotes[0].text == "Le tramway a reçu cent visiteurs hier matin."


@pytest.mark.parametrize("when", [0, 4_000_000_000], ids=["all alike", "in the future"])
def test_a_changed_text_is_noticed_whatever_its_time_and_size(when: int, tmp_path: Path, encoder: Encoder) -> None:
    """A19."""
    corpus, index = tmp_path / "articles", tmp_path / "index"
    corpus.mkdir()
    for text in ("Le pont de Bayonne ferme lundi.", "Le pont de Bayonne ferme mardi."):
        for name in ("a.txt", "b.txt"):
            (corpus / name).write_text(text if name == "a.txt" else "La gare de Dax rouvre.", encoding="utf-8")
            os.utime(corpus / name, (when, when))
        report = build([corpus], index, encoder, BuildOptions())

    article = open_snapshot(index).article_by_id("a.txt")
    assert article is not None
    assert (report.embedded, article.text) == (1, "Le pont de Bayonne ferme mardi.")


def test_the_lock_of_a_writer_that_was_killed_is_taken_over(tmp_path: Path, encoder: Encoder) -> None:
    """A13: its number stands in the file still, and may be another program's by now."""
    corpus, index = tmp_path / "articles", tmp_path / "index"
    for folder in (corpus, index):
        folder.mkdir()
    (corpus / "a.txt").write_text("Le pont de Bayonne ferme lundi.", encoding="utf-8")
    program = """
import sys, time
from pathlib import Path
from index.locks import only_writer
with only_writer(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""
    holder = subprocess.Popen(
        [sys.executable, "-c", program, str(index)], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(IndexBusy, match=f"process {holder.pid}"):
        build([corpus], index, encoder, BuildOptions())
    holder.kill()
    holder.wait()
    (index / ".lock").write_text(f"{os.getpid()}\n")  # as if the number had been given to this process

    assert build([corpus], index, encoder, BuildOptions()).chunks == 1
