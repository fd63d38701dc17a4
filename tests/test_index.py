"""Generations: what is reused, what is refused, what is swapped."""

import fcntl
import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from counting import CountingEncoder
from typer.testing import CliRunner

from corpus.errors import EncoderMismatch, IndexBusy, IndexDamaged, IndexMissing, IndexNewer
from index.__main__ import app, describe
from index.build import BuildReport, build
from index.earlier import earlier
from index.encoder import Encoder
from index.gate import Verdict
from index.options import BuildOptions
from index.past import recipe
from index.plan import plan
from index.publish import rollback, strays
from index.snapshot import (
    FILES,
    SEAL,
    check_generation,
    current_generation,
    generations_of,
    open_generation,
    open_snapshot,
    read_manifest,
)
from index.status import changes_since, last_manifest
from qa.assistant import Assistant

ONE = "Le tramway relie la gare au port depuis lundi. Il transporte trente mille voyageurs par jour.\n"
TWO = "La bibliothèque rouvre ses portes samedi. Les travaux ont duré deux ans et coûté huit millions d’euros.\n"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "one.txt").write_text(ONE, encoding="utf-8")
    (folder / "two.txt").write_text(TWO, encoding="utf-8")
    return folder


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def counting(encoder: Encoder) -> CountingEncoder:
    return CountingEncoder(encoder)


def make(corpus: Path, index: Path, encoder: Encoder) -> BuildReport:
    return build([corpus], index, encoder, BuildOptions())


def test_only_what_is_new_is_embedded(corpus: Path, index: Path, counting: CountingEncoder) -> None:
    make(corpus, index, counting)
    counting.embedded.clear()
    (corpus / "one.txt").rename(corpus / "renamed.txt")
    (corpus / "three.txt").write_text("Un troisième article parle du marché de Noël et de ses chalets.\n", encoding="utf-8")

    report = make(corpus, index, counting)

    assert counting.embedded == ["Un troisième article parle du marché de Noël et de ses chalets."]
    assert (report.articles, report.chunks, report.embedded, report.reused) == (3, 3, 1, 2)


def live_of(index: Path) -> Path:
    folder = current_generation(index)
    assert folder is not None
    return folder


def says(folder: Path, **told: object) -> None:
    """The manifest says so instead, nothing where it is None; without a digest of its own, as once they were made."""
    manifest = json.loads((folder / "manifest.json").read_text("utf-8")) | told
    kept = {key: value for key, value in manifest.items() if value is not None}
    (folder / "manifest.json").write_text(json.dumps(kept), "utf-8")
    (folder / SEAL).unlink(missing_ok=True)


def test_nothing_changed_leaves_the_live_generation(corpus: Path, index: Path, counting: CountingEncoder) -> None:
    first = make(corpus, index, counting)

    second = make(corpus, index, counting)

    assert (second.changed, second.generation) == (False, first.generation)
    assert generations_of(index) == [first.generation]


def test_building_on_a_previous_index_equals_building_from_nothing(corpus: Path, tmp_path: Path, encoder: Encoder) -> None:
    make(corpus, tmp_path / "grown", encoder)
    (corpus / "two.txt").unlink()
    (corpus / "one.txt").write_text(ONE + "\nUne suite a été annoncée mardi.\n", encoding="utf-8")
    (corpus / "zero.txt").write_text(TWO, encoding="utf-8")
    make(corpus, tmp_path / "grown", encoder)
    make(corpus, tmp_path / "fresh", encoder)

    grown, fresh = open_snapshot(tmp_path / "grown"), open_snapshot(tmp_path / "fresh")

    rows = "SELECT c.row, a.id, a.text, c.start, c.end, c.key FROM chunks c JOIN articles a ON a.row = c.article ORDER BY c.row"
    assert grown.query(rows) == fresh.query(rows)
    assert [(grown.folder / name).read_bytes() for name in FILES] == [(fresh.folder / name).read_bytes() for name in FILES]
    np.testing.assert_allclose(grown.vectors_of(np.arange(2)), fresh.vectors_of(np.arange(2)), atol=0)


def test_a_deleted_article_is_gone_from_words_and_vectors(corpus: Path, index: Path, encoder: Encoder) -> None:
    make(corpus, index, encoder)
    (corpus / "one.txt").unlink()
    make(corpus, index, encoder)
    snapshot = open_snapshot(index)

    assert snapshot.size == snapshot.vectors.ntotal == 1
    assert (snapshot.words.holding("tramway"), snapshot.words.holding("bibliothequ")) == (0, 1)
    assert snapshot.article_by_id("one.txt") is None


def test_the_same_corpus_gives_the_same_manifest_but_for_times(corpus: Path, tmp_path: Path, encoder: Encoder) -> None:
    manifests = []
    for name in ("a", "b"):
        make(corpus, tmp_path / name, encoder)
        manifest = dict(open_snapshot(tmp_path / name).manifest)
        manifests.append({key: value for key, value in manifest.items() if key not in ("created", "generation")})

    assert manifests[0] == manifests[1]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "remove"])
def test_a_damaged_file_is_named_and_never_served(name: str, damage: str, corpus: Path, index: Path, encoder: Encoder) -> None:
    make(corpus, index, encoder)
    folder = current_generation(index)
    assert folder is not None
    path = folder / name
    data = bytearray(path.read_bytes())
    if damage == "flip":
        data[len(data) // 2] ^= 1
    path.write_bytes({"flip": data, "cut": data[:-1], "empty": b"", "remove": b""}[damage])
    if damage == "remove":
        path.unlink()

    with pytest.raises(IndexDamaged, match=name):
        open_snapshot(index)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "cannot be read .*rebuild with python -m index build"),
        ("", "is not JSON; rebuild with python -m index build"),
        ("[]", "has no format number; rebuild with python -m index build"),
        ('{"format": "three"}', "has no format number; rebuild with python -m index build"),
        ('{"format": 99}', "is of format 99, .*use the newer program, or another --index"),
    ],
    ids=["missing", "empty", "a list", "of no known version", "from the future"],
)
def test_a_manifest_that_cannot_be_read_says_what_to_do(
    text: str | None, message: str, corpus: Path, index: Path, encoder: Encoder
) -> None:
    make(corpus, index, encoder)
    folder = current_generation(index)
    assert folder is not None
    (folder / "manifest.json").unlink()
    (folder / SEAL).unlink()
    if text is not None:
        (folder / "manifest.json").write_text(text)

    with pytest.raises(IndexDamaged, match=message):
        open_snapshot(index)


@pytest.mark.parametrize("name", [*FILES, "manifest.json", "../CURRENT"])
def test_the_previous_generation_answers_for_a_damaged_one_and_says_so(
    name: str, corpus: Path, index: Path, encoder: Encoder, capsys: pytest.CaptureFixture[str]
) -> None:
    first = make(corpus, index, encoder)
    (corpus / "two.txt").write_text(f"{TWO}\nUne fête est prévue.\n", encoding="utf-8")
    make(corpus, index, encoder)
    folder = current_generation(index)
    assert folder is not None
    (folder / name).write_bytes(b"rubbish/")

    asked = Assistant(index, encoder).ask("Quand la bibliothèque rouvre-t-elle ?")

    # A CURRENT that names nothing leaves two whole generations: the newer one answers.
    assert asked.generation == (folder.name if name.endswith("CURRENT") else first.generation)
    assert asked.answer.quotes[0].text == "La bibliothèque rouvre ses portes samedi."
    assert "Answering from" in capsys.readouterr().err


def overtaken(corpus: Path, index: Path, encoder: Encoder) -> tuple[BuildReport, Assistant]:
    """A generation and the assistant that has it open while the next one, of an article less, goes live."""
    first = make(corpus, index, encoder)
    assistant = Assistant(index, encoder)
    (corpus / "two.txt").unlink()
    make(corpus, index, encoder)
    return first, assistant


def test_a_running_assistant_stays_with_what_holds(
    corpus: Path, index: Path, encoder: Encoder, capsys: pytest.CaptureFixture[str]
) -> None:
    first, assistant = overtaken(corpus, index, encoder)
    (live_of(index) / "articles.db").write_bytes(b"rubbish")

    answered = [assistant.ask("Quand la bibliothèque rouvre-t-elle ?").generation for _ in range(2)]

    assert answered == [first.generation] * 2
    assert capsys.readouterr().err.count("as before") == 1


def test_a_damaged_generation_is_rebuilt_in_full(corpus: Path, index: Path, counting: CountingEncoder) -> None:
    make(corpus, index, counting)
    folder = current_generation(index)
    assert folder is not None
    (folder / "vectors.faiss").write_bytes(b"rubbish")
    (corpus / "one.txt").write_text(ONE + "\nEncore.\n", encoding="utf-8")
    counting.embedded.clear()

    make(corpus, index, counting)

    assert len(counting.embedded) == 2
    assert check_generation(open_snapshot(index).folder, deep=True) == []


@pytest.mark.parametrize("name", [*FILES, "manifest.json", SEAL])
@pytest.mark.parametrize("damage", ["flip", "remove"])
def test_a_damaged_live_generation_is_built_again_though_no_article_changed(
    name: str, damage: str, corpus: Path, index: Path, counting: CountingEncoder
) -> None:
    first = make(corpus, index, counting)
    path = live_of(index) / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    if damage == "remove":
        path.unlink()
    counting.embedded.clear()

    report = make(corpus, index, counting)

    if (name, damage) == (SEAL, "remove"):  # as it was made before there were any
        assert not report.changed
        return
    assert report.changed
    assert report.generation != first.generation
    assert live_of(index).name == report.generation
    assert check_generation(live_of(index), deep=True) == []
    sound = name in ("lexical.bin", "background.npy", "copies.npy")
    assert len([text for text in counting.embedded if "tramway" in text or "bibliothèque" in text]) == (0 if sound else 2)
    assert not make(corpus, index, counting).changed


@pytest.mark.parametrize("name", [b"", b"\xff\xfe", b"\0" * 31, b"a/b"], ids=["empty", "not UTF-8", "NULs", "a path"])
def test_a_current_that_names_nothing_stops_no_build(name: bytes, corpus: Path, index: Path, encoder: Encoder) -> None:
    first = make(corpus, index, encoder)
    (index / "CURRENT").write_bytes(name)
    asked: list[Path | None] = []

    def gate(candidate: Path, live: Path | None) -> Verdict:
        asked.append(live)
        return Verdict((), {})

    assert open_snapshot(index).generation == first.generation
    report = build([corpus], index, encoder, BuildOptions(), gate=gate)

    assert asked == [None]
    assert open_snapshot(index).generation == live_of(index).name == report.generation != first.generation


def test_no_bit_of_the_manifest_turns_over_unseen(corpus: Path, index: Path, encoder: Encoder) -> None:
    make(corpus, index, encoder)
    folder = live_of(index)
    data = (folder / "manifest.json").read_bytes()
    for at in range(len(data)):
        (folder / "manifest.json").write_bytes(data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :])
        with pytest.raises(IndexDamaged, match=r"manifest\.json.*rebuild") as raised:
            read_manifest(folder)
        assert raised.type is not IndexNewer
    (folder / "manifest.json").write_bytes(data.replace(b'"format": 3', b'"format": 7'))
    with pytest.raises(IndexDamaged, match="its digest is not the one in"):
        open_snapshot(index)


def test_a_manifest_without_a_digest_is_opened_unless_it_lacks_something(
    corpus: Path, index: Path, encoder: Encoder, capsys: pytest.CaptureFixture[str]
) -> None:
    first, assistant = overtaken(corpus, index, encoder)
    folder = live_of(index)
    whole = json.loads((folder / "manifest.json").read_text("utf-8"))
    says(folder)
    assert open_snapshot(index).generation == folder.name

    for key, told in [("files", None), ("counts", None), ("counts", {"articles": 1}), ("background", None), ("background", {})]:
        says(folder, **whole | {key: told})
        with pytest.raises(IndexDamaged, match=f"lacks {key}, or a part of it; rebuild"):
            open_generation(folder)

    assert assistant.snapshot().generation == first.generation
    assert "as before" in capsys.readouterr().err


def test_what_another_recipe_made_is_made_again_of_the_same_vectors(corpus: Path, index: Path, counting: CountingEncoder) -> None:
    make(corpus, index, counting)
    says(live_of(index), recipe="another")
    counting.embedded.clear()

    report = make(corpus, index, counting)

    assert (report.changed, report.embedded, counting.embedded) == (True, 0, [])
    assert read_manifest(live_of(index))["recipe"] == recipe()


def test_a_build_takes_the_corpus_of_the_newest_manifest_that_holds_never_the_samples_over_it(
    corpus: Path, index: Path, encoder: Encoder
) -> None:
    assert last_manifest(index) is None
    first = make(corpus, index, encoder)
    (corpus / "two.txt").unlink()
    second = make(corpus, index, encoder)
    for broken, told in ((index / "CURRENT", second), (live_of(index) / "manifest.json", first)):
        broken.write_bytes(b"")
        manifest = last_manifest(index)
        assert manifest is not None
        assert (manifest["generation"], manifest["corpus"]) == (told.generation, [str(corpus)])
    (index / first.generation / "manifest.json").write_bytes(b"")

    done = CliRunner().invoke(app, ["build", "--index", str(index)])

    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == f"nothing in {index} tells any more what it was built from: give --corpus FOLDER\n"


def test_names_are_told_with_their_controls_spelled_out(corpus: Path, index: Path, encoder: Encoder) -> None:
    (corpus / "pi\x1b[2Jège\u202e.txt").write_bytes(b"\x89PNG\r\n\x1a\n")
    (corpus / "an\x1bcien.txt").write_bytes("Une fête est prévue à l’été, près du théâtre rénové.\n".encode("cp1252"))
    said = describe(make(corpus, index, encoder))
    (corpus / "nou\x1b[31mveau\n.txt").write_text(ONE, encoding="utf-8")
    shown = CliRunner().invoke(app, ["status", "--index", str(index)]).stdout
    (index / "\x1bnotes").touch()
    checked = CliRunner().invoke(app, ["check", "--index", str(index)]).stdout

    assert "  pi\\u001b[2Jège\\u202e.txt: " in said
    assert "(an\\u001bcien.txt)" in said
    assert "(an\\u001bcien.txt)" in shown
    assert "added       1: nou\\u001b[31mveau\\u000a.txt\n" in shown
    assert "never opened: \\u001bnotes\n" in checked
    assert not set("\x1b\u202e") & set(said + shown + checked)


def test_rollback_goes_back_one_generation_and_says_when_it_cannot(corpus: Path, index: Path, encoder: Encoder) -> None:
    first = make(corpus, index, encoder)
    (corpus / "one.txt").unlink()
    make(corpus, index, encoder)

    assert rollback(index) == first.generation
    assert open_snapshot(index).article_by_id("one.txt") is not None
    with pytest.raises(IndexMissing, match="no earlier generation"):
        rollback(index)


def test_only_the_live_and_the_previous_generation_are_kept(corpus: Path, index: Path, encoder: Encoder) -> None:
    made = []
    for number in range(4):
        (corpus / "one.txt").write_text(f"{ONE}\nÉdition {number}.\n", encoding="utf-8")
        made.append(make(corpus, index, encoder).generation)

    assert generations_of(index) == [made[3], made[2]]


def test_a_second_writer_is_told_who_is_writing(corpus: Path, index: Path, encoder: Encoder) -> None:
    index.mkdir()
    with (index / ".lock").open("w") as lock:
        lock.write("4242\n")
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)

        with pytest.raises(IndexBusy, match="process 4242"):
            make(corpus, index, encoder)


def test_no_index_says_how_to_make_one(index: Path) -> None:
    with pytest.raises(IndexMissing, match="make one with python -m index build"):
        open_snapshot(index)


def test_an_index_of_another_encoder_is_refused_naming_both(corpus: Path, index: Path, encoder: Encoder) -> None:
    make(corpus, index, encoder)
    other = Encoder(encoder.model, "other", "0123456789abcdef", "fp32")

    with pytest.raises(EncoderMismatch, match=f"{encoder.fingerprint}.*0123456789abcdef"):
        Assistant(index, other)


def test_an_empty_corpus_makes_an_index_that_says_it_is_empty(tmp_path: Path, index: Path, encoder: Encoder) -> None:
    (tmp_path / "none").mkdir()
    build([tmp_path / "none"], index, encoder, BuildOptions())

    asked = Assistant(index, encoder).ask("Qui a gagné ?")

    assert asked.answer.decision == "not_found"
    assert asked.answer.prose == "L’index ne contient encore aucun article."


def test_a_running_assistant_moves_to_the_new_generation(corpus: Path, index: Path, encoder: Encoder) -> None:
    make(corpus, index, encoder)
    assistant = Assistant(index, encoder)
    before = assistant.ask("Quand la bibliothèque rouvre-t-elle ?").generation
    (corpus / "two.txt").unlink()
    report = make(corpus, index, encoder)

    after = assistant.ask("Quand la bibliothèque rouvre-t-elle ?")

    assert before != after.generation == report.generation
    assert all(hit.article.id != "two.txt" for hit in after.answer.hits)


def test_status_names_what_changed_since(corpus: Path, index: Path, encoder: Encoder) -> None:
    make(corpus, index, encoder)
    (corpus / "one.txt").write_text(TWO, encoding="utf-8")
    (corpus / "two.txt").unlink()
    (corpus / "new.txt").write_text(ONE, encoding="utf-8")
    folder = current_generation(index)
    assert folder is not None

    assert changes_since(folder) == {"added": ["new.txt"], "changed": ["one.txt"], "renamed": [], "removed": ["two.txt"]}


def test_the_manifest_says_what_it_was_made_of(corpus: Path, index: Path, encoder: Encoder) -> None:
    make(corpus, index, encoder)
    manifest = open_snapshot(index).manifest

    assert manifest["options"] == {"model": "builtin", "chunk_size": 600, "engine": "auto"}
    assert manifest["encoder"]["fingerprint"] == encoder.fingerprint
    assert manifest["counts"] == {"articles": 2, "chunks": 2, "skipped": 0}
    assert json.dumps(manifest, sort_keys=True)


def test_vectors_of_another_precision_are_not_mixed_in(corpus: Path, index: Path, encoder: Encoder) -> None:
    make(corpus, index, encoder)
    other = CountingEncoder(Encoder(encoder.model, encoder.name, encoder.fingerprint, "another"))
    (corpus / "one.txt").write_text(f"{ONE}\nUne suite.\n", encoding="utf-8")

    report = make(corpus, index, other)

    assert (report.embedded, report.reused) == (report.chunks, 0)


def test_strays_are_listed_and_left_alone(corpus: Path, index: Path, encoder: Encoder) -> None:
    make(corpus, index, encoder)
    for name in ("docstore.pkl", "notes.txt~", ".notes.swp", "left.tmp"):
        (index / name).write_bytes(b"cos\nsystem\n(S'exit'\ntR.")
    (corpus / "one.txt").unlink()
    make(corpus, index, encoder)

    assert strays(index) == [".notes.swp", "docstore.pkl", "left.tmp", "notes.txt~"]
    assert open_snapshot(index).size == 1


def test_what_did_not_change_is_taken_over_unread(corpus: Path, index: Path, encoder: Encoder) -> None:
    make(corpus, index, encoder)
    (corpus / "one.txt").rename(corpus / "renamed.txt")
    (corpus / "new.txt").write_text("Une navette relie les deux rives depuis mardi.\n", encoding="utf-8")

    past, known, sound = earlier(index, encoder, BuildOptions().chunk_size, date.today())
    planned = plan([corpus], BuildOptions().chunk_size, lambda *now: None, past)

    taken = {planned.articles[passage.article].id: passage.past is not None for passage in planned.passages}
    assert taken == {"new.txt": False, "renamed.txt": True, "two.txt": True}
    assert [article.id for article in planned.articles if any(article is one for one in past.articles.values())] == ["two.txt"]
    assert {planned.articles[passage.article].id for passage in planned.passages if passage.key not in known} == {"new.txt"}
    assert sound == current_generation(index).name  # type: ignore[union-attr]


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_taken_over_from_a_file_that_does_not_hold(name: str, corpus: Path, index: Path, encoder: Encoder) -> None:
    make(corpus, index, encoder)
    folder = current_generation(index)
    assert folder is not None
    (folder / name).write_bytes((folder / name).read_bytes()[:-1] + b"?")

    past, known, sound = earlier(index, encoder, BuildOptions().chunk_size, date.today())

    assert sound is None
    assert bool(past.articles) == (name in ("vectors.faiss", "background.npy"))
    planned = plan([corpus], BuildOptions().chunk_size, lambda *now: None, past)
    kept = [passage.key in known for passage in planned.passages]
    assert kept == [name not in ("vectors.faiss", "articles.db")] * len(planned.passages)
