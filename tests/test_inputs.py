"""What people put into a folder of articles: a row a file, with what becomes of it, through reading, index and search."""

import json
import os
import socket
import stat
import string
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from corpus.article import Article, Skipped
from corpus.read import LARGEST_FILE, read_corpus
from index.__main__ import describe
from index.build import build
from index.encoder import Encoder
from index.options import BuildOptions
from index.plan import plan
from index.snapshot import Snapshot, check_generation, open_snapshot
from index.status import status_of
from qa.assistant import Assistant
from qa.cards import article_address
from qa.options import AskOptions
from qa.retrieve import retrieve

STUB = "Le pont de Cahors rouvre lundi aux piétons.\n\nCet article est réservé aux abonnés.\n\nDéjà abonné ? Se connecter\n"
ALSO = "Les brebis sont montées à Roncal samedi.\n\nLire aussi\n\nLe tram de Brest déraille\nUn incendie à Sète\nLa grève reprend à Lens\n"
MIXED = "La vallée a fêté ses guides.\n\nDas Bergfest in Gavarnie dauerte drei Tage.\n\nThe guides sang until midnight, and nobody minded the rain.\n"
FRENCH = "L’été dernier, à Nîmes, « 3 € » suffisaient pour un cœur de bœuf naïf."


@dataclass(frozen=True)
class Skip:
    """The file is passed over, and named with this reason."""

    reason: str


@dataclass(frozen=True)
class Kept:
    """The file is an article of this text; where a question is given, it is the first hit of it."""

    text: str
    question: str = ""


#: Name of the file below the corpus, its bytes, and what becomes of it.
ROWS: dict[str, tuple[str | bytes, bytes, Skip | Kept]] = {
    "B02 nothing": ("b02-a.txt", b"", Skip("empty")),
    "B02 white space": ("b02-b.txt", b" \n\t\r\n", Skip("empty")),
    "B02 a BOM alone": ("b02-c.txt", b"\xef\xbb\xbf", Skip("empty")),
    "B02 zero-width spaces": ("b02-d.txt", "\u200b\u200b\ufeff\n".encode(), Skip("empty")),
    "B03 a picture": ("b03-a.txt", b"\x89PNG\r\n\x1a\n" + bytes(99), Skip("binary, not text")),
    "B03 gzip": ("b03-b.txt", b"\x1f\x8b\x08" + bytes(99), Skip("binary, not text")),
    "B03 PDF": ("b03-c.txt", b"%PDF-1.7\n1 0 obj", Skip("binary, not text")),
    "B03 a program": ("b03-d.md", b"\x7fELF\x02\x01\x01" + bytes(99), Skip("binary, not text")),
    "B03 numbers": ("b03-e.txt", b"\0\1\2\3", Skip("binary, not text")),
    "B04 UTF-8 with BOM": ("b04-a.txt", b"\xef\xbb\xbf" + "Un avion s’est posé à Tarbes.".encode(), Kept("Un avion s’est posé à Tarbes.", "avion à Tarbes")),
    "B04 UTF-16 LE": ("b04-b.txt", b"\xff\xfe" + "Un ballon s’est posé à Auch.".encode("utf-16-le"), Kept("Un ballon s’est posé à Auch.", "ballon à Auch")),
    "B04 UTF-16 BE": ("b04-c.txt", b"\xfe\xff" + "Une montgolfière survole Foix.".encode("utf-16-be"), Kept("Une montgolfière survole Foix.", "montgolfière à Foix")),
    "B05 cp1252": ("b05-a.txt", FRENCH.encode("cp1252"), Kept(FRENCH, "combien pour un cœur de bœuf à Nîmes l’été dernier")),
    "B05 latin-1": ("b05-b.txt", "Le château de Pérouges a été cédé.".encode("latin-1"), Kept("Le château de Pérouges a été cédé.", "château de Pérouges")),
    "B05 iso-8859-15": ("b05-c.txt", "Un vœu à 40 € pour le manège d'Albi.".encode("iso8859-15"), Kept("Un vœu à 40 € pour le manège d'Albi.", "vœu pour le manège d’Albi")),
    "B05 Mac Roman": ("b05-d.txt", "L’élève a gagné le concours d’échecs à Céret.".encode("mac-roman"), Kept("L’élève a gagné le concours d’échecs à Céret.", "concours d’échecs Céret")),
    "B06 one bad byte in 50 kB": ("b06-a.txt", "Le musée rénové a été rouvert. ".encode() * 1600 + b"\xff fin.", Kept("Le musée rénové a été rouvert. " * 1600 + "\ufffd fin.", "musée rénové rouvert")),
    "B06 encoded twice": ("b06-b.txt", "Le lycÃ©e Zola ferme.".encode(), Kept("Le lycÃ©e Zola ferme.", "Zola ferme")),
    "B07 a NUL inside": ("b07.txt", "Le barrage tient bon.\0 La digue de Sangatte a cédé.".encode(), Kept("Le barrage tient bon.\0 La digue de Sangatte a cédé.", "digue de Sangatte")),
    "B08 no spaces at all": ("b08-a.txt", b"abcdefghij" * 20_000, Kept("abcdefghij" * 20_000)),
    "B11 SQL as a name": ("b11'; DROP TABLE articles; --.txt", "Les échasses landaises reviennent.".encode(), Kept("Les échasses landaises reviennent.", "échasses landaises")),
    "B11 markup as a name": ("b11<img src=x onerror=alert(1)>.txt", "Le pastis landais est protégé.".encode(), Kept("Le pastis landais est protégé.", "pastis landais")),
    "B11 a newline in a name": ("b11\nligne.txt", "Le béret béarnais se vend bien.".encode(), Kept("Le béret béarnais se vend bien.", "béret béarnais")),
    "B11 255 bytes": ("b11" + "n" * 248 + ".txt", "La fête du fromage attire Laruns.".encode(), Kept("La fête du fromage attire Laruns.", "fête du fromage")),
    "B11 bytes that are no UTF-8": (b"b11-caf\xe9.txt", "Le café de la Poste ferme à Pau.".encode(), Kept("Le café de la Poste ferme à Pau.", "café de la Poste à Pau")),
    "B11 composed": (unicodedata.normalize("NFC", "b11-été.txt"), b"Une pelote basque pour Hasparren.", Kept("Une pelote basque pour Hasparren.", "pelote Hasparren")),
    "B11 decomposed": (unicodedata.normalize("NFD", "b11-été.txt"), b"Un fronton neuf pour Cambo.", Kept("Un fronton neuf pour Cambo.", "fronton Cambo")),
    "B17 right to left and overrides": ("b17.txt", "Le code est \u202eabc\u202c. افتتح الجسر في الرباط.".encode(), Kept("Le code est \u202eabc\u202c. افتتح الجسر في الرباط.", "افتتح الجسر في الرباط")),
    "B18 soft hyphens and zero width": ("b18.txt", "La co\u00adopé\u00adration trans\u200bfrontalière à Irun avance.".encode(), Kept("La co\u00adopé\u00adration trans\u200bfrontalière à Irun avance.", "coopération transfrontalière Irun")),
    "B18 a Cyrillic letter in a Latin word": ("b18-b.txt", "Le m\u0430nd\u0430taire de Tarascon est élu.".encode(), Kept("Le m\u0430nd\u0430taire de Tarascon est élu.", "mandataire")),
    "B19 accents in two signs": ("b19-a.txt", unicodedata.normalize("NFD", "Une école hôtelière ouvre à Oloron.").encode(), Kept(unicodedata.normalize("NFD", "Une école hôtelière ouvre à Oloron."), "école hôtelière Oloron")),
    "B19 emoji of many signs": ("b19-b.txt", "La famille 👨‍👩‍👧‍👦 🇫🇷 a gagné le loto à Dax.".encode(), Kept("La famille 👨‍👩‍👧‍👦 🇫🇷 a gagné le loto à Dax.", "loto Dax")),
    "B20 CRLF, CR, separators, no-break spaces": ("b20.txt", "Le phare\r\nde Biarritz\rbrille\u2028encore\u00a0: oui\u202f!".encode(), Kept("Le phare\nde Biarritz\nbrille\u2028encore\u00a0: oui\u202f!", "phare de Biarritz")),
    "B21 nothing but chrome": ("b21-a.txt", b"Tout accepter\n\nSe connecter\n", Skip("nothing but boilerplate (menus, notices, lists of links)")),
    "B21 a stub before a paywall": ("b21-b.txt", STUB.encode(), Kept(STUB, "réouverture du pont de Cahors")),
    "B21 a list of other articles": ("b21-c.txt", ALSO.encode(), Kept(ALSO, "brebis à Roncal")),
    "B23 several languages in one": ("b23-f.txt", MIXED.encode(), Kept(MIXED, "Bergfest in Gavarnie")),
    "B23 Arabic": ("b23-a.txt", "وصل القطار السريع إلى طنجة صباح اليوم.".encode(), Kept("وصل القطار السريع إلى طنجة صباح اليوم.", "القطار السريع إلى طنجة")),
    "B23 Chinese": ("b23-b.txt", "北京的新地铁线路今天开通。".encode(), Kept("北京的新地铁线路今天开通。", "北京 新地铁线路")),
    "B23 Occitan": ("b23-c.txt", "Lo trin de nuèit de Tolosa torna partir dempuèi ièr.".encode(), Kept("Lo trin de nuèit de Tolosa torna partir dempuèi ièr.", "trin de nuèit Tolosa")),
    "B23 three words": ("b23-d.txt", "Grève générale dimanche".encode(), Kept("Grève générale dimanche", "grève générale")),
    "B23 digits": ("b23-e.txt", b"8675309 1234 42", Kept("8675309 1234 42", "8675309")),
    "B24 JSON": ("b24-a.txt", b'{"title": "x", "text": "y"}', Skip("JSON in a text file; rename it to .jsonl, one object a line")),
    "B24 a page": ("b24-b.txt", b"<!DOCTYPE html><html><body><p>x</p></body></html>", Skip("HTML in a text file; rename it to .html")),
    "B24 a feed": ("b24-c.txt", b'<?xml version="1.0"?><rss><channel><item/></channel></rss>', Skip("XML in a text file (a feed?); save its articles as .html or .jsonl")),
    "B24 a table": ("b24-d.txt", b"id;titre;date;texte\n1;a;b;c\n2;d;e;f\n3;g;h;i\n", Skip("a table in a text file; save its rows as .jsonl, one object a line")),
    "B24 front matter": ("b24-e.md", b"---\ntitle: Le moulin tourne\ndate: 2025-03-04\nsecret: quarante\n---\nLe moulin de Daudet tourne de nouveau.", Kept("---\ntitle: Le moulin tourne\ndate: 2025-03-04\nsecret: quarante\n---\nLe moulin de Daudet tourne de nouveau.", "moulin de Daudet")),
    "B25 one word, a megabyte": ("b25.txt", b"ping " * 200_000, Kept("ping " * 200_000)),
}  # fmt: skip


@dataclass(frozen=True)
class Made:
    snapshot: Snapshot
    skipped: dict[str, str]
    told: str


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Made:
    """All rows in one corpus, and its index."""
    place = tmp_path_factory.mktemp("inputs")
    (place / "articles").mkdir()
    for name, data, _ in ROWS.values():
        with open(os.path.join(os.fsencode(place / "articles"), os.fsencode(name)), "wb") as file:
            file.write(data)
    report = build([place / "articles"], place / "index", encoder, BuildOptions())
    return Made(open_snapshot(place / "index"), {one.path: one.reason for one in report.skipped}, describe(report))


def id_of(name: str | bytes) -> str:
    return os.fsdecode(name).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


@pytest.mark.parametrize("row", ROWS)
def test_what_becomes_of_a_file(row: str, made: Made, encoder: Encoder) -> None:
    name, _, expected = ROWS[row]
    article = made.snapshot.article_by_id(id_of(name))

    if isinstance(expected, Skip):
        assert (made.skipped.get(id_of(name)), article) == (expected.reason, None)
        return
    assert article is not None
    assert article.text == expected.text
    assert id_of(name) not in made.skipped
    if expected.question:
        vector = encoder.embed_queries([expected.question])[0]
        first = retrieve(made.snapshot, expected.question, article.language, vector, AskOptions())[0]
        assert first.article.id == article.id
        assert first.text in expected.text


@pytest.mark.parametrize(
    ("row", "chrome"),
    [("b21-b.txt", ["réservé aux abonnés", "Déjà abonné"]), ("b21-c.txt", ["Lire aussi", "Brest", "Sète", "Lens"])],
)
def test_what_stands_around_an_article_is_kept_and_never_quoted(row: str, chrome: list[str], made: Made) -> None:
    article = made.snapshot.article_by_id(row)

    assert article is not None
    body = "".join(span.of(article.text) for span in article.body)
    assert [words for words in chrome if words not in article.text] == []
    assert [words for words in chrome if words in body] == []


@pytest.mark.parametrize("named", ["../../outside", "/etc/passwd", "a/../../b", "<img src=x>", "x'; DROP TABLE articles; --"])
def test_an_id_in_a_line_is_a_name_and_never_a_path(named: str, tmp_path: Path, encoder: Encoder) -> None:
    """B11."""
    corpus = tmp_path / "in" / "deep" / "corpus"
    corpus.mkdir(parents=True)
    line = {"id": named, "text": "La passerelle de Lourdes est fermée depuis mardi."}
    (corpus / "a.jsonl").write_text(json.dumps(line), encoding="utf-8")

    build([corpus], tmp_path / "index", encoder, BuildOptions())
    found = Assistant(tmp_path / "index", encoder).ask("Quelle passerelle est fermée ?").answer.hits[0]

    assert found.article.id == named
    assert article_address(named, None, "en").startswith("article?id=")
    assert set(article_address(named, None, "en")[11:]) <= set(f"{string.ascii_letters}{string.digits}%+-_.&=")
    assert sorted(path.name for path in (tmp_path / "in").rglob("*")) == ["a.jsonl", "corpus", "deep"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "index"]


def test_the_index_of_all_that_holds(made: Made) -> None:
    assert check_generation(made.snapshot.folder, deep=True) == []
    kept = sum(isinstance(expected, Kept) for _, _, expected in ROWS.values())
    assert (len(made.snapshot.articles), len(made.skipped)) == (kept, len(ROWS) - kept)
    endless = [info.row for info in made.snapshot.articles if info.id in ("b08-a.txt", "b25.txt")]
    assert all(len(made.snapshot.rows_of(row)) < 40 for row in endless)


def test_what_a_file_was_read_as_is_kept_where_it_was_not_utf_8(made: Made) -> None:
    """B04, B05."""
    expected = {
        "utf-16-le": ["b04-b.txt"],
        "utf-16-be": ["b04-c.txt"],
        "cp1252": ["b05-a.txt", "b05-b.txt"],
        "iso8859-15": ["b05-c.txt"],
        "mac-roman": ["b05-d.txt"],
    }

    assert made.snapshot.manifest["encodings"] == expected
    assert status_of(made.snapshot.folder)["encodings"] == expected
    assert "not in UTF-8: 1 read as utf-16-le (b04-b.txt); 1 read as utf-16-be (b04-c.txt); 2 read as cp1252 (" in made.told


def test_an_encoding_that_changes_is_taken_in_without_embedding(tmp_path: Path, encoder: Encoder) -> None:
    """Of a file, and of lines of one; the text is the same."""
    corpus, index = tmp_path / "articles", tmp_path / "index"
    corpus.mkdir()
    line = json.dumps({"id": "ligne", "text": "Le théâtre d’Évreux rouvre."}, ensure_ascii=False)
    reports = []
    for encoding in ("utf-8", "cp1252", "cp1252", "mac-roman", "utf-8"):
        (corpus / "a.txt").write_bytes("Le café d’à côté ferme.".encode(encoding))
        (corpus / "b.jsonl").write_bytes(line.encode(encoding))
        reports.append(build([corpus], index, encoder, BuildOptions()))
        if len(reports) == 3:  # taken over by a build with something else to do, it is still known
            (corpus / "c.txt").write_text("Trois loups ont été aperçus.", encoding="utf-8")
            reports.append(build([corpus], index, encoder, BuildOptions()))

    both = ["a.txt", "ligne"]
    kept = [{}, {"cp1252": both}, {"cp1252": both}, {"cp1252": both}, {"mac-roman": both}, {}]
    assert [report.encodings for report in reports] == kept
    assert [report.changed for report in reports] == [True, True, False, True, True, True]
    assert [report.embedded for report in reports] == [2, 0, 0, 1, 0, 0]


def test_no_articles_is_an_answer(tmp_path: Path, encoder: Encoder) -> None:
    """B01."""
    (tmp_path / "none").mkdir()
    build([tmp_path / "none"], tmp_path / "index", encoder, BuildOptions())

    assert Assistant(tmp_path / "index", encoder).ask("Qui ?").answer.decision == "not_found"


def test_a_file_beyond_the_limit_is_not_read(tmp_path: Path) -> None:
    """B08."""
    with (tmp_path / "huge.txt").open("wb") as file:
        file.truncate(LARGEST_FILE + 1)

    assert [item.reason for item in read_corpus([tmp_path]) if isinstance(item, Skipped)] == [
        "larger than 50 MB, the most that is read: split it into several files"
    ]


def test_many_tiny_articles_are_planned_with_progress(tmp_path: Path) -> None:
    """B09, as many as a test has time for."""
    lines = (
        json.dumps({"id": str(number), "text": f"La commune numéro {number} compte {number * 7919} habitants."})
        for number in range(1500)
    )
    (tmp_path / "tiny.jsonl").write_text("\n".join(lines), encoding="utf-8")
    told: list[tuple[str, int, int]] = []

    planned = plan([tmp_path], 600, lambda *now: told.append(now))

    assert [article.id for article in planned.articles] == [str(number) for number in range(1500)]
    assert len(planned.passages) == 1500
    assert ("reading", 1500, 1500) in told
    guesses = [total for stage, done, total in told if stage == "reading" and done > 100]
    assert max(guesses) < 2 * 1500
    assert min(guesses) > 1500 / 2


def _link(place: Path) -> None:
    (place / "odd").symlink_to("/")


def _file_link(place: Path) -> None:
    (place / "odd.txt").symlink_to("/etc/passwd")


def _loop(place: Path) -> None:
    (place / "odd").symlink_to(place, target_is_directory=True)


def _pipe(place: Path) -> None:
    os.mkfifo(place / "odd.txt")


def _device(place: Path) -> None:
    try:
        os.mknod(place / "odd.txt", stat.S_IFCHR | 0o600, os.makedev(1, 3))  # as /dev/null
    except PermissionError:
        pytest.skip("making a device takes root")


def _socket(place: Path) -> None:
    socket.socket(socket.AF_UNIX).bind(str(place / "odd.txt"))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (_link, "a link; links are not followed"),
        (_file_link, "a link; links are not followed"),
        (_loop, "a link; links are not followed"),
        (_pipe, "not a regular file"),
        (_socket, "not a regular file"),
        (_device, "not a regular file"),
    ],
    ids=["link out", "link to a file", "loop", "pipe", "socket", "device"],
)
def test_what_is_no_file_is_named_and_never_waited_for(
    make: Callable[[Path], None], reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B10."""
    make(tmp_path)
    (tmp_path / "real.txt").write_text("Le tramway circule.", encoding="utf-8")

    found = list(read_corpus([tmp_path]))

    assert [(item.path.removesuffix(".txt"), item.reason) for item in found if isinstance(item, Skipped)] == [("odd", reason)]
    assert [item.id for item in found if isinstance(item, Article)] == ["real.txt"]


@pytest.mark.parametrize(
    "line",
    ["", "31 février 2025", "Publié le 31/02/2025", "Publié le 4 mars 2999", "hier", "Publié hier à 10h"],
    ids=["none", "impossible", "impossible in figures", "in the future", "relative", "relative and published"],
)
def test_a_date_that_is_none_is_unknown(line: str, tmp_path: Path) -> None:
    """B22."""
    body = "Le conseil municipal a voté hier soir le budget de la ville après un long débat entre la majorité et l’opposition, qui s’est abstenue."
    (tmp_path / "a.txt").write_text(f"Le budget est voté par la ville\n\n{line}\n\n{body}\n", encoding="utf-8")

    (article,) = read_corpus([tmp_path])

    assert isinstance(article, Article)
    assert article.published is None


def test_a_file_that_grows_while_it_is_read_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text("Le tramway circule.", encoding="utf-8")
    fstat, grown = os.fstat, []

    def grows(descriptor: int) -> os.stat_result:
        found = fstat(descriptor)
        if not grown:
            grown.append(1)
            with (tmp_path / "a.txt").open("a", encoding="utf-8") as file:
                file.write(" Il est plein.")
        return found

    monkeypatch.setattr(os, "fstat", grows)
    (article,) = read_corpus([tmp_path])

    assert isinstance(article, Article)
    assert article.text == "Le tramway circule. Il est plein."


def test_a_file_that_never_stays_the_same_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A15."""
    (tmp_path / "a.txt").write_text("Le tramway circule.", encoding="utf-8")
    fstat = os.fstat

    def grows(descriptor: int) -> os.stat_result:
        found = fstat(descriptor)
        with (tmp_path / "a.txt").open("a", encoding="utf-8") as file:
            file.write(" Il est plein.")
        return found

    monkeypatch.setattr(os, "fstat", grows)

    assert list(read_corpus([tmp_path])) == [Skipped("a.txt", "still being written: build again once it is whole")]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("data", "most"),
    [
        (b"abcdefghij" * 100_000, 1_700),
        (b"ping " * 2_000_000, 3),
        (b"La mairie ouvre le guichet au public. " * 200_000, 3),
        (("Le pont de Bayonne ferme.\n\n" * 20_000).encode(), 3),
    ],
    ids=["B08 a megabyte on a line", "B25 ten megabytes of a word", "B25 of a sentence", "B25 of a paragraph"],
)
def test_large_articles_are_cut_into_few_passages(data: bytes, most: int, tmp_path: Path) -> None:
    (tmp_path / "large.txt").write_bytes(data)

    planned = plan([tmp_path], 600, lambda *now: None)

    assert [len(article.text) for article in planned.articles] == [len(data.decode())]
    assert 0 < len(planned.passages) <= most
    assert all(passage.chunk.end - passage.chunk.start <= 600 for passage in planned.passages)


def test_a_file_that_goes_or_moves_while_the_corpus_is_read_is_named(tmp_path: Path) -> None:
    """A15: the names are listed first; what is gone when its turn comes is passed over, what has moved is found the next time."""
    for name in "abcd":
        (tmp_path / f"{name}.txt").write_text(f"L’article {name} parle du pont de Bayonne.", encoding="utf-8")
    reading = read_corpus([tmp_path])

    found = [next(reading)]
    (tmp_path / "b.txt").unlink()
    (tmp_path / "c.txt").rename(tmp_path / "e.txt")
    found += reading

    assert [item.id for item in found if isinstance(item, Article)] == ["a.txt", "d.txt"]
    assert [(item.path, item.reason) for item in found if isinstance(item, Skipped)] == [
        (name, "cannot be read: No such file or directory") for name in ("b.txt", "c.txt")
    ]
    assert [item.id for item in read_corpus([tmp_path]) if isinstance(item, Article)] == ["a.txt", "d.txt", "e.txt"]
