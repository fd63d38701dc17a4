"""Whatever ends a build or damages its files: the index answers as before or from the new generation, whole, and says what is wrong."""

import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from children import MENDABLE, OK, failing_fsync, in_child, own_mounts, read_only, without_rights

from corpus.errors import ArticleQAError, IndexDamaged, IndexNewer, InputError, Stopped
from index.build import build
from index.checkpoint import NAME as CHECKPOINT
from index.checkpoint import Checkpoint
from index.encoder import Encoder
from index.failpoint import VARIABLE
from index.options import BuildOptions
from index.publish import GONE, rollback
from index.snapshot import FILES, FORMAT, REBUILD, SEAL, check_generation, current_generation, generations_of, open_snapshot
from qa.assistant import Assistant
from qa.journal import Journal, journal_of, noted
from qa.options import AskOptions

#: The question whose answer is known, in the articles as they were and as they are after the change.
QUESTION, QUOTE = "Quand la bibliothèque rouvre-t-elle ?", "La bibliothèque rouvre ses portes samedi."
ROOT = Path(__file__).resolve().parents[1]
BEFORE = {
    "biblio.txt": "La bibliothèque rouvre ses portes samedi. Les travaux ont duré deux ans.\n",
    "tram.txt": "Le tramway relie la gare au port depuis lundi.\n",
}
AFTER = BEFORE | {
    "tram.txt": "Le tramway est arrêté depuis dimanche.\n",
    "loups.txt": "Trois loups ont été aperçus près du col.\n",
}


def write(corpus: Path, articles: dict[str, str]) -> None:
    shutil.rmtree(corpus, ignore_errors=True)
    corpus.mkdir()
    for name, text in articles.items():
        (corpus / name).write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def before(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of BEFORE, to be copied."""
    place = tmp_path_factory.mktemp("before")
    write(place / "articles", BEFORE)
    build([place / "articles"], place / "index", encoder, BuildOptions())
    return place / "index"


@pytest.fixture
def place(before: Path, tmp_path: Path) -> Path:
    """An index of BEFORE, and its corpus as in AFTER."""
    shutil.copytree(before, tmp_path / "index")
    write(tmp_path / "articles", AFTER)
    return tmp_path


def rebuild(place: Path, encoder: Encoder, full: bool = False, fault: str = "") -> None:
    os.environ[VARIABLE] = fault
    build([place / "articles"], place / "index", encoder, BuildOptions(), full=full)


def assert_whole(index: Path, encoder: Encoder) -> set[str]:
    """The live generation is one of the two, holds, and answers; the ids of its articles."""
    snapshot = open_snapshot(index)
    held = {info.id: snapshot.article(info.row).text for info in snapshot.articles}
    assert held in (BEFORE, AFTER)
    assert snapshot.folder == current_generation(index)
    assert check_generation(snapshot.folder, deep=True) == []
    asked = Assistant(index, encoder, snapshot=snapshot).ask(QUESTION)
    assert QUOTE in [quote.text for quote in asked.answer.quotes]
    assert asked.generation == snapshot.generation
    return set(held)


def assert_tidy(index: Path) -> None:
    """Nothing is left but generations, the name of one, and the writer's lock."""
    assert {path.name for path in index.iterdir()} - {"CURRENT", ".lock"} == set(generations_of(index))
    assert len(generations_of(index)) <= 2


@pytest.mark.parametrize("full", [False, True], ids=["incremental", "full"])
def test_a_build_killed_anywhere_leaves_a_whole_index_and_the_next_one_finishes(
    full: bool, place: Path, encoder: Encoder, tmp_path: Path
) -> None:
    saved = tmp_path / "saved"
    shutil.copytree(place / "index", saved)
    for number in itertools.count(1):
        shutil.rmtree(place / "index")
        shutil.copytree(saved, place / "index")

        ended, said = in_child(encoder, lambda number=number: rebuild(place, encoder, full, f"kill@{number}"))

        assert_whole(place / "index", encoder)
        if ended == OK:
            break
        assert ended == -signal.SIGKILL, said
        assert in_child(encoder, lambda: rebuild(place, encoder, full)) == (OK, "")
        assert assert_whole(place / "index", encoder) == set(AFTER)
        leftover = [path for path in (place / "index").iterdir() if path.name.startswith((".partial", GONE, ".CURRENT"))]
        assert leftover == []
    assert number > 12


def test_a_disk_that_fills_up_anywhere_leaves_the_index_and_is_named(place: Path, encoder: Encoder, tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    shutil.copytree(place / "index", saved)
    refused = 0
    for number in itertools.count(1):
        shutil.rmtree(place / "index")
        shutil.copytree(saved, place / "index")

        status, said = in_child(encoder, lambda number=number: rebuild(place, encoder, fault=f"full@{number}"))

        assert_whole(place / "index", encoder)
        assert list((place / "index").glob(".partial*")) == []
        assert status in (OK, MENDABLE), said
        if status == MENDABLE:
            refused += 1
            assert "could not be written" in said
            assert "MB are needed" in said
        elif number > 20:
            break
    assert refused > 7


def test_an_interrupted_build_goes_on_where_it_stopped_and_makes_the_same_index(
    tmp_path: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.vectors.BATCH", 2)
    articles = {
        f"{number}.txt": f"La salle numéro {number} du musée rouvre au public. " * (1 + number % 3) for number in range(9)
    }
    write(tmp_path / "articles", articles)
    manifests, counts = [], []
    for name, faults in (("straight", []), ("halting", ["kill@3", "kill@3", "kill@3"])):
        for fault in faults:
            assert in_child(encoder, lambda fault=fault, name=name: made(tmp_path, name, encoder, fault))[0] == -signal.SIGKILL
            counts.append(
                len(Checkpoint(tmp_path / name, f"{encoder.fingerprint} {encoder.precision}", encoder.dimension).vectors)
            )
        assert in_child(encoder, lambda name=name: made(tmp_path, name, encoder, "")) == (OK, "")
        manifest = dict(open_snapshot(tmp_path / name).manifest)
        manifests.append({key: value for key, value in manifest.items() if key not in ("created", "generation")})

    assert counts == [4, 8, 11]  # two batches a time: of the passages, then of the background
    assert manifests[0] == manifests[1]


def made(place: Path, name: str, encoder: Encoder, fault: str) -> None:
    os.environ[VARIABLE] = fault
    build([place / "articles"], place / name, encoder, BuildOptions())


@pytest.mark.parametrize("name", [*FILES, "manifest.json"])
@pytest.mark.parametrize("damage", ["flip", "half", "minus one", "empty"])
def test_a_damaged_file_is_named_by_check_and_the_previous_generation_answers(
    name: str, damage: str, grown: Path, encoder: Encoder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(grown / "index", tmp_path / "index")
    live = current_generation(tmp_path / "index")
    assert live is not None
    data = (live / name).read_bytes()
    # A byte of the manifest that is no JSON any more is one kind of damage, another digest in it is the other.
    place = len(data) // 2 if name != "manifest.json" else data.index(b'"vectors.faiss"') + 22
    flipped = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
    (live / name).write_bytes({"flip": flipped, "half": data[: len(data) // 2], "minus one": data[:-1], "empty": b""}[damage])

    problems = check_generation(live, deep=True)
    snapshot = open_snapshot(tmp_path / "index")

    assert any(name in problem for problem in problems)
    assert {info.id for info in snapshot.articles} == set(BEFORE)
    assert "Answering from" in capsys.readouterr().err
    asked = Assistant(tmp_path / "index", encoder, snapshot=snapshot, pinned=True).ask(QUESTION)
    assert QUOTE in [quote.text for quote in asked.answer.quotes]


@pytest.fixture(scope="module")
def grown(before: Path, encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index with two generations, of BEFORE and AFTER."""
    place = tmp_path_factory.mktemp("grown")
    shutil.copytree(before, place / "index")
    write(place / "articles", AFTER)
    build([place / "articles"], place / "index", encoder, BuildOptions())
    return place


def test_a_damaged_checkpoint_loses_only_what_follows_the_damage(tmp_path: Path) -> None:
    vectors = np.arange(24, dtype=np.float32).reshape(6, 4)
    keys = [f"{number:064x}" for number in range(6)]
    kept = Checkpoint(tmp_path, "encoder", 4)
    for start in (0, 2, 4):
        kept.add(keys[start : start + 2], vectors[start : start + 2])
    kept.close()
    data = (tmp_path / CHECKPOINT).read_bytes()
    record = 4 + 2 * 32 + 2 * 4 * 4 + 32
    for name, damaged, left in [
        ("whole", data, 6),
        ("torn", data[:-1], 4),
        ("only the count", data[: -record + 4], 4),
        ("a byte in the middle", data[: -2 * record + 50] + b"!" + data[-2 * record + 51 :], 2),
        ("a huge count", data[: -2 * record] + b"\xff" * 4 + data[-2 * record + 4 :], 2),
        ("its first line", b"x" + data[1:], 0),
        ("nothing", b"", 0),
    ]:
        (tmp_path / CHECKPOINT).write_bytes(damaged)
        again = Checkpoint(tmp_path, "encoder", 4)
        assert (name, sorted(again.vectors)) == (name, keys[:left])
        assert all((again.vectors[key] == vectors[row]).all() for row, key in enumerate(keys[:left]))
        again.add(keys[5:], vectors[5:])
        again.close()
        assert len(Checkpoint(tmp_path, "encoder", 4).vectors) == len({*keys[:left], keys[5]})
    assert Checkpoint(tmp_path, "another", 4).vectors == {}


def test_a_failed_fsync_fails_the_build_and_is_not_tried_again(
    place: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, calls = current_generation(place / "index"), []

    def fails(descriptor: int) -> None:
        calls.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(ArticleQAError, match=r"could not be written .*Input/output error"):
        rebuild(place, encoder)

    assert len(calls) == 1
    assert current_generation(place / "index") == before
    assert_whole(place / "index", encoder)


@pytest.mark.parametrize("renamed", ["", ".partial-", ".CURRENT."], ids=["at first", "once it has its name", "once it is live"])
def test_a_disk_that_cannot_keep_what_it_was_given_fails_the_build(renamed: str, place: Path, encoder: Encoder) -> None:
    before = current_generation(place / "index")

    def work() -> None:
        def renames(event: str, arguments: tuple[object, ...]) -> None:
            if event == "os.rename" and Path(str(arguments[0])).name.startswith(renamed):
                failing_fsync()

        if renamed:
            sys.addaudithook(renames)
        else:
            failing_fsync()
        rebuild(place, encoder)

    status, said = in_child(encoder, work)

    assert status == MENDABLE, said
    assert "Input/output error" in said
    assert_whole(place / "index", encoder)
    live = current_generation(place / "index") != before
    assert live == (renamed == ".CURRENT.")
    assert ("the new index is live and answers" in said, "the index answers as before" in said) == (live, not live)
    assert (place / "index" / CHECKPOINT).is_file()
    rebuild(place, encoder)
    assert assert_whole(place / "index", encoder) == set(AFTER)
    assert_tidy(place / "index")


def test_a_roll_back_that_the_disk_may_lose_says_so(place: Path, encoder: Encoder) -> None:
    (first,) = generations_of(place / "index")
    rebuild(place, encoder)

    def work() -> None:
        def renames(event: str, arguments: tuple[object, ...]) -> None:
            if event == "os.rename" and Path(str(arguments[0])).name.startswith(".CURRENT."):
                failing_fsync()

        sys.addaudithook(renames)
        rollback(place / "index")

    status, said = in_child(encoder, work)

    assert (status, said) == (
        MENDABLE,
        f"{first} is live again, but the disk may lose that with the power (Input/output error): mend it, then build",
    )
    assert assert_whole(place / "index", encoder) == set(BEFORE)


@pytest.mark.parametrize("renamed", [".partial-", ".CURRENT.", "20"], ids=["at first", "once it has its name", "once it is live"])
def test_ctrl_c_says_whether_the_new_index_is_live(renamed: str, place: Path, encoder: Encoder) -> None:
    rebuild(place, encoder)
    (place / "articles" / "tram.txt").write_text(BEFORE["tram.txt"], encoding="utf-8")
    (place / "articles" / "loups.txt").unlink()
    before = current_generation(place / "index")

    def work() -> None:
        def renames(event: str, arguments: tuple[object, ...]) -> None:
            if event == "os.rename" and Path(str(arguments[0])).name.startswith(renamed):
                raise KeyboardInterrupt

        sys.addaudithook(renames)
        try:
            rebuild(place, encoder)
        except Stopped as stopped:
            raise ArticleQAError(f"stopped: {stopped}") from None
        except KeyboardInterrupt:
            raise ArticleQAError("interrupted") from None

    status, said = in_child(encoder, work)

    live = current_generation(place / "index") != before
    assert live == (renamed == "20")
    left = f"stopped: the new index is live and answers; what was still to do in {place / 'index'} was left to the next build"
    assert (status, said) == (MENDABLE, left if live else "interrupted")
    assert_whole(place / "index", encoder)
    rebuild(place, encoder)
    assert assert_whole(place / "index", encoder) == set(BEFORE)
    assert_tidy(place / "index")


def test_vectors_kept_for_another_corpus_outlive_a_build_that_finds_nothing_to_do(place: Path, encoder: Encoder) -> None:
    rebuild(place, encoder)
    kept = Checkpoint(place / "index", "encoder", 4)
    kept.add([f"{1:064x}"], np.zeros((1, 4), dtype=np.float32))
    kept.close()
    os.utime(place / "index" / "CURRENT", (0, 0))

    rebuild(place, encoder)
    assert (place / "index" / CHECKPOINT).is_file()
    os.utime(place / "index" / "CURRENT")
    rebuild(place, encoder)
    assert_tidy(place / "index")


def test_an_index_that_may_only_be_read_answers_and_refuses_to_be_written(place: Path, encoder: Encoder) -> None:
    index = place / "index"
    live = current_generation(index)
    assert live is not None
    for path in [*live.iterdir(), live, *index.iterdir(), index]:
        path.chmod(0o555 if path.is_dir() else 0o444)

    def without(work: Callable[[], object]) -> tuple[int, str]:
        return in_child(encoder, lambda: (without_rights(), work()))

    assert without(lambda: assert_whole(index, encoder)) == (OK, "")
    assert without(lambda: rebuild(place, encoder)) == (
        MENDABLE,
        f"the index folder {index} cannot be written: give another --index",
    )
    assert without(lambda: rollback(index)) == (
        MENDABLE,
        f"no earlier generation in {index} to go back to: rebuild with {REBUILD}",
    )
    index.chmod(0o755)
    rebuild(place, encoder)
    index.chmod(0o555)
    status, said = without(lambda: rollback(index))
    index.chmod(0o755)

    assert (status, said) == (MENDABLE, f"the index folder {index} cannot be written: nothing was changed")


@pytest.fixture
def mounting(encoder: Encoder, tmp_path: Path) -> None:
    """Skips the test where the kernel lets this process mount nothing."""
    (tmp_path / "probe").mkdir()
    status, said = in_child(encoder, lambda: (own_mounts(), read_only(tmp_path / "probe")))
    if status != OK:
        pytest.skip(f"no file system can be mounted here: {said.splitlines()[-1]}")


@pytest.mark.usefixtures("mounting")
def test_an_index_on_a_read_only_file_system_answers_and_refuses_to_be_written(
    place: Path, encoder: Encoder, capfd: pytest.CaptureFixture[str]
) -> None:
    index = place / "index"
    rebuild(place, encoder)  # so that there is something to go back to

    def on_it(work: Callable[[], object]) -> tuple[int, str]:
        return in_child(encoder, lambda: (own_mounts(), read_only(place), work()))

    def asked_and_noted() -> None:
        asked = Assistant(index, encoder).ask(QUESTION)
        assert QUOTE in [quote.text for quote in asked.answer.quotes]
        assert not Journal(journal_of(index)).append(noted(asked, "a", [], AskOptions()))

    assert on_it(lambda: assert_whole(index, encoder)) == (OK, "")
    assert on_it(asked_and_noted) == (OK, "")
    assert "journal.jsonl cannot be written (Read-only file system): answers go on without it" in capfd.readouterr().err
    for refused, said in (
        (lambda: rebuild(place, encoder), f"the index folder {index} cannot be written: give another --index"),
        (lambda: rollback(index), f"the index folder {index} cannot be written: nothing was changed"),
        (
            lambda: build([place / "articles"], place / "new", encoder, BuildOptions()),
            f"the index folder {place / 'new'} cannot be made (Read-only file system): give another --index",
        ),
    ):
        assert on_it(refused) == (MENDABLE, said)


@pytest.mark.usefixtures("mounting")
@pytest.mark.parametrize("renamed", [".partial-", ".CURRENT."], ids=["once it is written", "once it is live"])
def test_a_file_system_that_turns_read_only_fails_the_build(renamed: str, place: Path, encoder: Encoder) -> None:
    before = current_generation(place / "index")

    def work() -> None:
        own_mounts()

        def renames(event: str, arguments: tuple[object, ...]) -> None:
            if event == "os.rename" and Path(str(arguments[0])).name.startswith(renamed):
                read_only(place)

        sys.addaudithook(renames)
        rebuild(place, encoder)

    status, said = in_child(encoder, work)

    assert status == MENDABLE, said
    assert "could not be written" in said
    assert "Read-only file system" in said
    assert current_generation(place / "index") == before
    assert_whole(place / "index", encoder)
    rebuild(place, encoder)
    assert assert_whole(place / "index", encoder) == set(AFTER)
    assert_tidy(place / "index")


def test_a_lock_that_is_somebody_elses_is_one_line(place: Path, encoder: Encoder) -> None:
    lock = place / "index" / ".lock"
    lock.chmod(0o444)

    status, said = in_child(encoder, lambda: (without_rights(), rebuild(place, encoder)))

    assert (status, said) == (MENDABLE, f"{lock} cannot be written (Permission denied): give another --index")


def test_too_little_room_is_refused_at_once_with_figures(place: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: type("Usage", (), {"free": 300_000})())

    with pytest.raises(InputError, match=r"needs about \d+ MB in .*, 0 MB are free"):
        rebuild(place, encoder)

    assert assert_whole(place / "index", encoder) == set(BEFORE)
    assert not (place / "index" / CHECKPOINT).exists()


def test_an_index_of_a_newer_program_is_not_overwritten(place: Path, encoder: Encoder) -> None:
    live = current_generation(place / "index")
    assert live is not None
    manifest = json.loads((live / "manifest.json").read_text())
    (live / "manifest.json").write_text(json.dumps(manifest | {"format": 99}))
    (live / SEAL).unlink()

    with pytest.raises(IndexNewer, match=r"of format 99.*another --index"):
        rebuild(place, encoder, full=True)

    assert generations_of(place / "index") == [live.name]


def test_an_index_of_an_older_format_is_refused_with_the_remedy_which_works(place: Path, encoder: Encoder) -> None:
    live = current_generation(place / "index")
    assert live is not None
    manifest = json.loads((live / "manifest.json").read_text())
    (live / "manifest.json").write_text(json.dumps(manifest | {"format": 1}))
    (live / SEAL).unlink()

    with pytest.raises(
        IndexDamaged, match=f"of format 1, this program reads {FORMAT}: bring it up to date with python -m index build"
    ):
        open_snapshot(place / "index")

    rebuild(place, encoder)
    assert assert_whole(place / "index", encoder) == set(AFTER)


def test_a_clock_that_goes_back_does_not_confuse_the_generations(place: Path, encoder: Encoder) -> None:
    past = datetime(1999, 1, 1, tzinfo=UTC)
    (first,) = generations_of(place / "index")
    report = build([place / "articles"], place / "index", encoder, BuildOptions(), now=past)

    assert generations_of(place / "index") == [report.generation, first]
    assert rollback(place / "index") == first


def test_a_file_in_the_way_of_the_index_is_one_line(place: Path, encoder: Encoder) -> None:
    (place / "file").write_text("x")

    with pytest.raises(InputError, match=r"cannot be made .*give another --index"):
        build([place / "articles"], place / "file", encoder, BuildOptions())


def test_a_generation_that_is_read_is_not_removed(place: Path, encoder: Encoder) -> None:
    index, corpus = place / "index", place / "articles"
    reader = open_snapshot(index)
    for number in range(4):
        (corpus / "tram.txt").write_text(f"Le tramway numéro {number} circule.\n")
        build([corpus], index, encoder, BuildOptions())

        assert reader.folder.is_dir()
    assert len(generations_of(index)) == 3
    assert reader.article(1).text == BEFORE["tram.txt"]

    del reader
    (corpus / "tram.txt").unlink()
    build([corpus], index, encoder, BuildOptions())
    assert len(generations_of(index)) == 2
    assert_tidy(index)


@pytest.mark.slow
def test_memory_that_runs_out_is_one_line_and_the_index_answers_as_before(place: Path, encoder: Encoder) -> None:
    """The address space of a program is closed a little above what it has, now with more room and now with less."""
    (place / "articles/new.txt").write_text(
        "\n\n".join(f"La ligne {n} relie la gare au port {n}." for n in range(40_000)), "utf-8"
    )
    program = """
import resource, sys
from pathlib import Path
from corpus.errors import ArticleQAError
from index.build import build
from index.encoder import load_encoder
from index.options import BuildOptions
encoder = load_encoder()
encoder.embed_passages(["Un mot."])
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + int(sys.argv[2]) * 1_000_000,) * 2)
try:
    build([Path(sys.argv[1]) / "articles"], Path(sys.argv[1]) / "index", encoder, BuildOptions())
except ArticleQAError as error:
    print(error)
"""
    before = current_generation(place / "index")
    named = 0
    for room in (8, 30, 60):
        told = subprocess.run(
            [sys.executable, "-c", program, str(place), str(room)], capture_output=True, text=True, timeout=300, cwd=ROOT
        )

        # Some of the libraries end the program where they get no memory; that is no worse than a kill.
        said = "there is not enough memory to build the index; the index answers as before" in told.stdout
        assert said or told.returncode, (room, told)
        named += said
        assert current_generation(place / "index") == before
        assert assert_whole(place / "index", encoder) == set(BEFORE)
    assert named >= 1
