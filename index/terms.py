"""Texts to the words they are searched by, and to the text they are embedded as."""

import re
import unicodedata
from functools import cache

import regex
import Stemmer

_STEMMERS = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "eu": "basque", "fi": "finnish", "fr": "french", "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian",
    "it": "italian", "lt": "lithuanian", "ne": "nepali", "nl": "dutch", "no": "norwegian", "pt": "portuguese",
    "ro": "romanian", "ru": "russian", "sv": "swedish", "ta": "tamil", "tr": "turkish",
}  # fmt: skip
#: Scripts written without spaces are searched by pairs of characters.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_ELISION = re.compile(r"^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|dell|nell|all|sull|un|quest)['’](?=.)", re.IGNORECASE)
_POSSESSIVE = re.compile(r"['’]s$")
#: Accents, and what has no width: soft hyphens, joiners, marks of direction.
_UNSEEN = regex.compile(r"[\P{ccc=0}\p{Cf}]+")
#: Small letters that look alike, some of them only as capitals; "·" where there is none.
_LATINS, _CYRILLICS, _GREEKS = "abcehijkmopstuvxy", "авсеніјкморѕт··ху", "αβ·ε·ι·κ·ορ·τυνχγ"
_TO_LATIN = {ord(sign): latin for latin, *both in zip(_LATINS, _CYRILLICS, _GREEKS, strict=True) for sign in both if sign != "·"}
_TO_CYRILLIC = {ord(latin): sign for latin, sign in zip(_LATINS, _CYRILLICS, strict=True) if sign != "·"}
#: Characters of a title that are read before a passage: a longer one would leave the passage no room in the encoder's window.
LONGEST_TITLE = 300
_LATIN, _OTHER = re.compile("[a-z]"), re.compile("[\u0370-\u03ff\u0400-\u052f]")


def embedded_text(title: str | None, passage: str) -> str:
    """What the encoder reads of a passage: its article's title first, since a passage alone rarely names its subject."""
    return f"{title[:LONGEST_TITLE]}. {passage}" if title else passage


def words(text: str) -> list[str]:
    """The words of a text in order: lower case, without diacritics, elisions (l', d', qu') and possessives.

    A word that mixes scripts is read in the one that all its letters have a look-alike in.
    """
    folded = text if text.isascii() else unicodedata.normalize("NFC", _UNSEEN.sub("", unicodedata.normalize("NFKD", text)))
    found: list[str] = []
    for match in _WORD.finditer(folded.lower()):
        word = _POSSESSIVE.sub("", _ELISION.sub("", match.group())).replace("'", " ").replace("’", " ")
        for part in word.split():
            if _UNSPACED.fullmatch(part) and len(part) > 2:
                found.extend(part[i : i + 2] for i in range(len(part) - 1))
            else:
                found.append(part if part.isascii() else _one_script(part))
    return found


def _one_script(word: str) -> str:
    if not (_LATIN.search(word) and _OTHER.search(word)):
        return word
    for alike, left in ((_TO_LATIN, _OTHER), (_TO_CYRILLIC, _LATIN)):
        folded = word.translate(alike)
        if not left.search(folded):
            return folded
    return word


def stem(word: str, language: str | None) -> str:
    """The word's stem by the language's Snowball stemmer; the word itself where there is none, and for numbers."""
    stemmer = _stemmer(language) if language else None
    if stemmer is None or not word.isalpha():
        return word
    return str(stemmer.stemWord(word))


@cache
def _stemmer(language: str) -> Stemmer.Stemmer | None:
    name = _STEMMERS.get(language)
    if name is None or name not in Stemmer.algorithms():
        return None
    return Stemmer.Stemmer(name)
