"""Bytes to text, by a fixed ladder: a statistical guesser reads French cp1252 as cp1250 and turns è into č."""

import codecs
import re

_BOMS = [
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
]
_MAGIC = (
    b"%PDF-",
    b"\x89PNG",
    b"\x1f\x8b",
    b"PK\x03\x04",
    b"\x7fELF",
    b"GIF8",
    b"\xff\xd8\xff",
    b"BZh",
    b"7z\xbc\xaf",
    b"SQLite format 3\0",
)
#: Control bytes that no text encoding on the ladder uses, tab, newlines, form feed and escape aside.
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
#: Encodings of one byte a sign, as newsrooms of the West have used them; the first wins where they read alike well.
_SINGLE = ("cp1252", "iso8859-15", "mac-roman")
_LETTER, _SMALL = r"[^\W\d_]", "[a-zß-öø-ÿœšž]"
#: Characters by which one of them is chosen.
JUDGED = 1_000_000
#: Signs where no text has them, which a wrong one of those encodings makes of accents: a capital inside a small word, a fraction
#: inside a word, a currency nobody has.
_ODD = re.compile(
    rf"[\x80-\x9f]|(?<={_SMALL})[À-ÖØ-ÞŒŠŽŸ]|(?<=\d)\s?¤|¤(?=\s?\d)|(?<!\d)[¼½¾](?={_LETTER})|ƒ(?=[a-z])| ˆ |"
    rf"(?<={_LETTER})[¼½¾¨´¸¦¬ˆ˜‰†‡ƒ‹›˘˙˚˝˛ˇ∂∆∏∑Ω√∫≈≠≤≥◊]"
)


class NotText(ValueError):
    """The bytes are no text in any encoding of the ladder; the message says why."""


def decode(data: bytes) -> tuple[str, str]:
    """(text, encoding): BOM, UTF-16 by its NULs, strict UTF-8, UTF-8 with a few bad bytes, then the one of cp1252, ISO 8859-15
    and Mac Roman that leaves the fewest signs out of place, cp1252 where they are equals; latin-1 for bytes that has not.

    Newlines become ``\\n``. Raises NotText.
    """
    for bom, named in _BOMS:
        if data.startswith(bom):
            return _newlines(data[len(bom) :].decode(named, "replace")), named
    if data.startswith(_MAGIC):
        raise NotText("binary, not text")
    sample = data[:65536]
    if encoding := _utf16(sample):
        return _newlines(data.decode(encoding, "replace")), encoding
    if len(_CONTROL.findall(sample)) > max(3, len(sample) // 50):
        raise NotText("binary, not text")
    try:
        return _newlines(data.decode("utf-8")), "utf-8"
    except UnicodeDecodeError:
        pass
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = sum(c > "\x7f" for c in text) - bad
    if good >= bad and good > 0:
        # Half or more of what is not ASCII is good UTF-8: a damaged byte or two, or a cut end, must not turn every é into Ã©.
        return _newlines(text), "utf-8"
    return min((_single(data, encoding) for encoding in _SINGLE), key=lambda read: len(_ODD.findall(read[0][:JUDGED])))


def _single(data: bytes, encoding: str) -> tuple[str, str]:
    """Read in an encoding of one byte a sign; in latin-1 where it has no sign for a byte."""
    try:
        return _newlines(data.decode(encoding)), encoding
    except UnicodeDecodeError:
        return _newlines(data.decode("latin-1")), "latin-1"


def _utf16(sample: bytes) -> str | None:
    """UTF-16 without a BOM: in Latin text every second byte is NUL, and always the same second one."""
    if len(sample) < 4:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    encoding = None
    if odd > 0.4 * half and even < 0.05 * half:
        encoding = "utf-16-le"
    if even > 0.4 * half and odd < 0.05 * half:
        encoding = "utf-16-be"
    if encoding and len(_CONTROL.findall(sample.decode(encoding, "ignore").encode("utf-8"))) > len(sample) // 100:
        return None  # a file of numbers
    return encoding


def _newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def well_formed(text: str) -> str:
    """JSON may carry lone surrogates, of characters that a client cut in two, which no file and no reply can hold: they become
    U+FFFD."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)
