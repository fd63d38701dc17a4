"""Folders and files to articles; the bad ones named, the good ones kept."""

import json
import os
from datetime import date
from pathlib import Path

import pytest

from corpus.article import Article, Skipped
from corpus.errors import InputError
from corpus.read import read_corpus

TODAY = date(2026, 1, 1)
TEXT = "Le tramway relie la gare au port depuis lundi. Il transporte trente mille voyageurs par jour."
HTML = """<html lang="fr"><head><title>Le tramway ouvre | Le Journal témoin</title><meta property="og:title" content="Le tramway ouvre">
<meta property="og:site_name" content="Le Journal témoin"><meta property="article:published_time" content="2025-09-04T05:13:00+02:00"></head>
<body><nav><a href="/">Accueil</a></nav><article><h1>Le tramway ouvre</h1><p>{0}</p><p>{0} Les travaux ont duré quatre ans et coûté
deux cents millions d’euros à la métropole.</p></article><footer>Tous droits réservés</footer></body></html>"""
SKIPPED = {
    "empty.txt": (b"", "empty"),
    "blank.txt": (b" \n\t\n", "empty"),
    "bom.txt": (b"\xef\xbb\xbf", "empty"),
    "picture.txt": (b"\x89PNG\r\n\x1a\n" + bytes(200), "binary, not text"),
    "page.txt": (b"<!DOCTYPE html><html><body><p>x</p></body></html>", "HTML in a text file; rename it to .html"),
    "dump.txt": (b'{"title": "x", "text": "y"}', "JSON in a text file; rename it to .jsonl, one object a line"),
    "menus.txt": (b"Tout accepter\n\nSe connecter\n", "nothing but boilerplate (menus, notices, lists of links)"),
    "bare.html": (b"<html><body></body></html>", "no article text found in the page"),
}


def read(*paths: Path) -> list[Article | Skipped]:
    return list(read_corpus(paths, TODAY))


@pytest.mark.parametrize("name", SKIPPED)
def test_a_bad_file_is_named_with_its_reason_and_loses_nothing_else(name: str, tmp_path: Path) -> None:
    data, reason = SKIPPED[name]
    (tmp_path / name).write_bytes(data)
    (tmp_path / "zz.txt").write_text(TEXT, encoding="utf-8")

    skipped, good = read(tmp_path)

    assert skipped == Skipped(name, reason)
    assert isinstance(good, Article)
    assert good.text == TEXT


def test_order_is_by_name_whatever_the_file_system_says(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.txt", "a.txt", "C.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(TEXT, encoding="utf-8")

    assert [item.path for item in read(tmp_path)] == ["C.txt", "a.txt", "a/z.txt", "b.txt"]


def test_json_that_python_refuses_is_one_bad_record(tmp_path: Path) -> None:
    long, deep = '{"id": "a", "text": "b", "n": ' + "9" * 5000 + "}", "[" * 100_000
    (tmp_path / "a.jsonl").write_text(f"{long}\n{deep}\n" + json.dumps({"id": "c", "text": TEXT}), encoding="utf-8")
    (tmp_path / "b.txt").write_text(long, encoding="utf-8")

    *bad, in_text = read(tmp_path)

    assert bad[:2] == [
        Skipped("a.jsonl line 1", "a number of more than 4300 digits: put it in quotes"),
        Skipped("a.jsonl line 2", "not JSON"),
    ]
    assert [item.id for item in bad[2:] if isinstance(item, Article)] == ["c"]
    assert in_text == Skipped("b.txt", "JSON in a text file; rename it to .jsonl, one object a line")


def test_jsonl_fields_are_taken_and_bad_lines_named(tmp_path: Path) -> None:
    full = {
        "id": 7,
        "text": TEXT,
        "title": "Titre",
        "lang": "fr-FR",
        "date": "2025-09-04T07:13:00",
        "source": "S",
        "url": "https://example.org",
    }
    lines = [json.dumps(full), "not json", '{"id": "x"}', "[]", "", json.dumps({"id": "b", "text": TEXT, "date": "hier"})]
    (tmp_path / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")

    first, *bad, last = read(tmp_path)

    assert isinstance(first, Article)
    assert (first.id, first.title, first.language, first.source, first.url) == ("7", "Titre", "fr", "S", "https://example.org")
    assert first.published == date(2025, 9, 4)
    assert [(item.path, item.reason) for item in bad if isinstance(item, Skipped)] == [
        ("a.jsonl line 2", "not JSON"),
        ("a.jsonl line 3", 'needs an object with "id" and "text"'),
        ("a.jsonl line 4", 'needs an object with "id" and "text"'),
    ]
    assert isinstance(last, Article)
    assert (last.id, last.published, last.title) == ("b", None, None)


def test_a_page_gives_its_text_title_source_and_day(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(HTML.format(TEXT), encoding="utf-8")

    (article,) = read(tmp_path)

    assert isinstance(article, Article)
    assert (article.title, article.source, article.published) == ("Le tramway ouvre", "Le Journal témoin", date(2025, 9, 4))
    assert TEXT in article.text
    assert "Tous droits" not in article.text


def test_two_folders_with_the_same_name_keep_both(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.txt").write_text(f"{TEXT} {folder}.", encoding="utf-8")

    assert [item.id for item in read(tmp_path / "one", tmp_path / "two") if isinstance(item, Article)] == ["a.txt", "a.txt~2"]


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ("a a a", "a a~2 a~3"),
        ("a a a~2", "a a~2 a~2~2"),
        ("a~2 a a a", "a~2 a a~3 a~4"),
    ],
)
def test_an_id_met_twice_counts_on_until_no_other_has_it(ids: str, expected: str, tmp_path: Path) -> None:
    lines = [json.dumps({"id": one, "text": f"{TEXT} {number}."}) for number, one in enumerate(ids.split())]
    (tmp_path / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")

    assert [item.id for item in read(tmp_path) if isinstance(item, Article)] == expected.split()


def test_links_pipes_and_unreadable_files_are_reported_and_never_hang(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "link.txt").symlink_to(tmp_path / "real.txt")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    os.mkfifo(tmp_path / "pipe.txt")

    found = read(tmp_path)

    assert [(item.path, item.reason) for item in found if isinstance(item, Skipped)] == [
        ("loop", "a link; links are not followed"),
        ("link.txt", "a link; links are not followed"),
        ("pipe.txt", "not a regular file"),
    ]
    assert [item.path for item in found if isinstance(item, Article)] == ["real.txt"]


def test_odd_file_names_are_ids_and_nothing_more(tmp_path: Path) -> None:
    for name in (b"<img src=x>.txt", b"'; DROP TABLE articles; --.txt", b"caf\xe9.txt", b"new\nline.txt"):
        with open(os.path.join(os.fsencode(tmp_path), name), "wb") as file:
            file.write(TEXT.encode())

    assert [item.path for item in read(tmp_path)] == [
        "'; DROP TABLE articles; --.txt",
        "<img src=x>.txt",
        "caf\\xe9.txt",
        "new\nline.txt",
    ]


def test_a_missing_corpus_is_one_line_that_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no corpus at .*nowhere: give --corpus"):
        read(tmp_path / "nowhere")
