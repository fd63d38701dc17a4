"""Do two words in different scripts or languages sound alike? By their consonants, written in Latin letters by anyascii.

A name is written as it sounds where it goes from one alphabet to another: « Poutine », "Putin", « Путин », « بوتين ». Vowels and the
spelling of hisses differ, consonants seldom do. A coincidence is possible, and likelier the shorter the words are.
"""

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from itertools import product

import regex
from anyascii import anyascii

#: Letters at the place to the sounds they may be; the longest first. A vowel is none.
_SOUNDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("shch", ("S",)), ("tsch", ("S",)), ("dsch", ("S",)), ("dzh", ("S", "DS")), ("tch", ("S",)), ("sch", ("S",)), ("zh", ("S",)), ("sh", ("S",)),
    ("ts", ("S",)), ("tz", ("S",)), ("dj", ("S",)), ("kh", ("K",)), ("gh", ("G",)), ("ph", ("F",)), ("th", ("T",)), ("ck", ("K",)),
    ("qu", ("K",)), ("ch", ("S", "K")), ("ce", ("S",)), ("ci", ("S",)), ("cy", ("S",)), ("ge", ("G", "S")), ("gi", ("G", "S")),
    ("x", ("KS",)), ("b", ("B",)), ("c", ("K",)), ("d", ("D",)), ("f", ("F",)), ("g", ("G",)), ("h", ("", "K", "G")),
    ("j", ("S", "", "K")), ("k", ("K",)), ("l", ("L",)), ("m", ("M",)), ("n", ("N",)), ("p", ("P",)), ("q", ("K",)), ("r", ("R",)),
    ("s", ("S",)), ("t", ("T",)), ("v", ("F",)), ("w", ("", "F")), ("z", ("S",)),
)  # fmt: skip
_UNIT = re.compile("|".join([*(letters for letters, _ in _SOUNDS), "."]))
_OF = dict(_SOUNDS)
#: Sounds that a script does not tell apart.
_MERGED = {"ARABIC": str.maketrans("P", "B"), "HANGUL": str.maketrans("L", "R"), "KATAKANA": str.maketrans("L", "R")}
#: Written without spaces: a name is looked for anywhere in them.
_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI")
#: Vowel signs and tones are parts of a word, though no letters.
_WORD = regex.compile(r"[\p{L}\p{M}]+")
#: Readings of one word at most; sounds by which longer words may differ at their ends, as by a case or an article.
MOST, ENDINGS = 48, 2


def script(text: str) -> str:
    """LATIN, CYRILLIC, ARABIC, CJK, ...: of the first letter; empty without one."""
    first = next((c for c in text if c.isalpha()), "")
    return unicodedata.name(first, "").partition(" ")[0].partition("-")[0] if first else ""


@lru_cache(2000)
def script_of(text: str) -> str:
    """As ``script``, of most of its letters; CJK of Japanese too."""
    counts = Counter(script(c) for c in text if c.isalpha())
    most = max(counts, key=lambda one: counts[one], default="")
    return "CJK" if most in ("HIRAGANA", "KATAKANA") else most


def alike(name: str, text: str) -> bool:
    """Is there a word in the text, in another script than the name's, that sounds like the name's word?"""
    words = [word for word in _WORD.findall(text) if script(word) != script(name)]
    if anyascii(name).lower() in (run for word in words if script(word) in _UNSPACED for run in _syllables(word)):
        return True
    # Where capitals tell, only what may be a name is compared.
    return any(_match(name, word) for word in words if word[0].isupper() or word.upper() == word.lower())


def alike_in_another_language(name: str, text: str) -> bool:
    """Is there a word with a capital in the text, in the name's script, that is the same name to the ear? « Lutero », "Luther"."""
    return any(word[0].isupper() and script(word) == script(name) and _match(name, word) for word in _WORD.findall(text))


@lru_cache(2000)
def _syllables(word: str) -> frozenset[str]:
    """What any one to four syllables in a row are read as: a name may begin and end at each."""
    read = re.findall(r"[A-Z]?[a-z]+", anyascii(word))
    return frozenset(
        "".join(read[at:end]).lower() for at in range(len(read)) for end in range(at + 1, min(at + 4, len(read)) + 1)
    )


def _match(name: str, word: str) -> bool:
    for one, other in product(_heard(name), _heard(word)):
        for merged in (_MERGED.get(script(name)), _MERGED.get(script(word))):
            one, other = (one.translate(merged), other.translate(merged)) if merged else (one, other)
        short, long = sorted((one, other), key=len)
        if len(short) > 1 and one == other:
            return True
        if len(short) > 2 and short in long and len(long) - len(short) <= ENDINGS:
            return True
    return False


@lru_cache(20_000)
def _heard(word: str) -> tuple[str, ...]:
    """The consonants that may be heard in it, no sound twice running."""
    readings = [""]
    for match in _UNIT.finditer(anyascii(word).lower()):
        sounds = _OF.get(match.group(), ("",))
        readings = list(dict.fromkeys(_joined(reading, sound) for reading in readings for sound in sounds))[:MOST]
    return tuple(readings)


def _joined(reading: str, sound: str) -> str:
    return reading + (sound[1:] if reading[-1:] == sound[:1] else sound)
