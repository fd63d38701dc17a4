"""Bytes to text: the ladder, on bytes whose text is known."""

import pytest

from corpus.decode import NotText, decode

FRENCH = "L’été, à Noël : « 3 € », cœur, naïf."
CASES = {
    "utf-8": (FRENCH.encode("utf-8"), FRENCH, "utf-8"),
    "utf-8 with BOM": (b"\xef\xbb\xbf" + FRENCH.encode("utf-8"), FRENCH, "utf-8"),
    "utf-16-le with BOM": (b"\xff\xfe" + FRENCH.encode("utf-16-le"), FRENCH, "utf-16-le"),
    "utf-16-be with BOM": (b"\xfe\xff" + FRENCH.encode("utf-16-be"), FRENCH, "utf-16-be"),
    "utf-16-le without BOM": (FRENCH.encode("utf-16-le"), FRENCH, "utf-16-le"),
    "cp1252": (FRENCH.encode("cp1252"), FRENCH, "cp1252"),
    "latin-1": ("déjà vu à l'été".encode("latin-1"), "déjà vu à l'été", "cp1252"),
    "bytes undefined in cp1252": ("été\x81".encode("latin-1"), "été\x81", "latin-1"),
    "one bad byte in UTF-8": (("été " * 50).encode() + b"\xff fin", "été " * 50 + "\ufffd fin", "utf-8"),
    "UTF-8 cut within its only other sign": ("It’s late …".encode()[:-1], "It’s late \ufffd", "utf-8"),
    "iso-8859-15 by its œ": ("Le cœur de l'été à Nîmes".encode("iso8859-15"), "Le cœur de l'été à Nîmes", "iso8859-15"),
    "iso-8859-15 by its €": ("Il coûte 3 €.".encode("iso8859-15"), "Il coûte 3 €.", "iso8859-15"),
    "a half in cp1252": ("À 2½ km d'ici, ½ litre d'eau".encode("cp1252"), "À 2½ km d'ici, ½ litre d'eau", "cp1252"),
    "Mac Roman": (FRENCH.encode("mac-roman"), FRENCH, "mac-roman"),
    "Mac Roman, a word": ("déjà".encode("mac-roman"), "déjà", "mac-roman"),
    "Mac Roman, an apostrophe alone": ("l’ami".encode("mac-roman"), "l’ami", "mac-roman"),
    "an apostrophe alone in cp1252": ("l’ami".encode("cp1252"), "l’ami", "cp1252"),
    "German in cp1252": (
        "Die „Straße“ kostet 3 €, ÄRGER und Übermut".encode("cp1252"),
        "Die „Straße“ kostet 3 €, ÄRGER und Übermut",
        "cp1252",
    ),
    "Icelandic in cp1252": ("Þórður á Ísafirði, það er ágætt".encode("cp1252"), "Þórður á Ísafirði, það er ágætt", "cp1252"),
    "three accented bytes": ("Élu".encode("cp1252"), "Élu", "cp1252"),
    "CRLF and CR": (b"a\r\nb\rc\n", "a\nb\nc\n", "utf-8"),
    "a NUL in the middle": ("avant\0après le zéro".encode(), "avant\0après le zéro", "utf-8"),
    "Arabic": ("قمة باريس".encode(), "قمة باريس", "utf-8"),
    "empty": (b"", "", "utf-8"),
}


@pytest.mark.parametrize("case", CASES)
def test_decodes(case: str) -> None:
    data, text, encoding = CASES[case]

    assert decode(data) == (text, encoding)


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7\n...",
        b"\x89PNG\r\n\x1a\n...",
        b"\x1f\x8b\x08...",
        b"\x7fELF\x02\x01",
        bytes(range(256)) * 20,
        b"\0\1\2\3",
        bytes(range(4)) * 99,
        b"\1\0\2\0\3\0\4\0" * 9,
    ],
    ids=["pdf", "png", "gzip", "elf", "noise", "four bytes", "bytes", "numbers of two bytes"],
)
def test_binary_is_no_text(data: bytes) -> None:
    with pytest.raises(NotText):
        decode(data)
