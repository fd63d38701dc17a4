"""Texts to the words they are searched by, and to the text they are embedded as."""

import re
import unicodedata
from functools import cache

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


def embedded_text(title: str | None, passage: str) -> str:
    """What the encoder reads of a passage: its article's title first, since a passage alone rarely names its subject."""
    return f"{title}. {passage}" if title else passage


def words(text: str) -> list[str]:
    """The words of a text in order: lower case, without diacritics, elisions (l', d', qu') and possessives."""
    folded = unicodedata.normalize("NFKD", text)
    folded = unicodedata.normalize(
        "NFC", "".join(c for c in folded if not unicodedata.combining(c) and c not in "\u00ad\u200b\u200d\u2060")
    )
    found: list[str] = []
    for match in _WORD.finditer(folded.lower()):
        word = _POSSESSIVE.sub("", _ELISION.sub("", match.group())).replace("'", " ").replace("’", " ")
        for part in word.split():
            if _UNSPACED.fullmatch(part) and len(part) > 2:
                found.extend(part[i : i + 2] for i in range(len(part) - 1))
            else:
                found.append(part)
    return found


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
