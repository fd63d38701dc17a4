"""The names in a sentence that stand in none of its quotes, and those that cannot be compared with them.

Places are known by their code, peoples and tongues by their country's; other names count by their first letters, accents and case
aside, and against another script by how they sound. A name that is not found in another script is no proof of anything: it is
told as not compared. A word that begins a sentence is a name where the dictionary has no other word written so. German writes every
noun like a name: there places are taken for names, who speaks or holds an office, words that are in no dictionary, nor made of such,
the commonest surnames where no noun would stand, and two or more words together that are no common nouns by their endings. Where a
script has no capitals only places are.
"""

import re
import unicodedata
from functools import cache
from typing import NamedTuple

import regex

from qa.lexicon import determined, ordinary, singular
from qa.numbers import fold, small_numbers
from qa.places import locale_of, places_in, places_named, words_for
from qa.sounds import alike, alike_in_another_language, script_of

_WORD = regex.compile(r"[\p{L}\p{M}]+(?:[-'’][\p{L}\p{M}]+)*")
_ALNUM = regex.compile(r"[\p{L}\p{M}\p{N}]+")
#: Scripts in which a capital may tell a name.
_CAPITALS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN")
#: Of a century or a king: others write it in figures.
_ROMAN = re.compile(r"(?=[IVX]+$)X{0,3}(?:IX|IV|V?I{0,3})")
_RUN = regex.compile(r"(?<!\w)\p{Lu}[\w'’.-]*(?:[ \u00a0]\p{Lu}[\w'’.-]*)*")
#: The space behind a sentence in the sentence, which no abbreviation ends.
_ENDS = re.compile(r"(?<=[^\W\d_]{5}\.)[ \u00a0](?=[^\W\d_])")
#: Words that are written with a capital, first in a sentence or before a name, and are no names.
_TITLES = """
president prime minister king queen pope mr mrs ms dr sir lord saint the a an this that these those it he she they in on at of and
but for to from by with as after before when while then later also however according there its his her their i we président
présidente premier première ministre roi reine pape monsieur madame le la les l un une des du de d et mais en au aux à il elle ils
elles ce cette ces selon dans sur pour par avec son sa ses
"""
#: German words that stand before a name or a noun: in front of a sentence, as a title, as a measure.
_GERMAN = """
der die das den dem des beim vom ins ans zum zur ein eine einen einem einer eines er sie es wir ich ihr sein seine ihre im in am an auf aus bei mit nach von vor zu
über unter durch für gegen ohne um seit bis laut wie als wenn dass ob doch aber und oder denn weil da so nun dann dort hier auch nur noch schon
gestern heute morgen damals zuvor danach später früher nicht kein keine alle viele mehrere einige beide jeder jede dieser diese dieses man
herr frau könig königin papst stadt land bundesland insel provinz region hauptstadt firma konzern partei zeitung sender verband gruppe team
projekt anfang mitte ende euro dollar prozent tonnen meter kilometer jahre jahr tage tag uhr grad million millionen milliarde milliarden tausend
mal general bürgermeister chr mio mrd nr bzw
"""
_NOUN = re.compile(r"(?:ung|heit|keit|schaft|tion|tät|ismus|nis|tum|chen|ment|enz|anz|ur|age|ie|ik|haus|staat)(?:e|en|s|es)?$")
#: What a person is, in front of a name.
_OFFICE = re.compile(
    r"(?:minister|präsident|kanzler|chef|sprecher|sekretär|meister|kommissar|direktor|leiter|anwalt|richter|trainer|forscher|experte|autor)"
    r"(?:e|en|s|es|in|innen)?$"
)
#: Who speaks in German is a name where it has no article: before the verb, behind it, behind an office or « Herr ». A sentence may
#: also begin with an adverb before its verb: then what follows the verb speaks.
_SAYS = (
    "sagte?|erklärte?|betonte?|meinte?|schrieb|schreibt|warnte?|lobte?|kritisierte?|bestätigte?|sprach|spricht|versprach|verspricht|nannte|nennt|"
    "antwortete?|behauptete?|versicherte?|ergänzte?|dementierte?|kündigte?|forderte?|teilte?|räumte?|hofft|hoffte|glaubte?|fügte?|berichtete?|wies|weist"
)
_OFFICES = r"\w*(?:minister|präsident|kanzler|chef|sprecher|sekretär|meister|kommissar|direktor|leiter|anwalt|richter|trainer)(?:in)?|Herr|Frau|König|Königin|Papst"
_NAME = r"(?P<name>\p{Lu}[\p{L}-]+)"
_SPEAKERS = (
    regex.compile(rf"^{_NAME}\s+(?:{_SAYS})(?=\s*[,:.]|\s+(?:dass|am|im|in|bei|vor|nach|mit|gegenüber|auf|zu|nicht|\d))"),
    regex.compile(rf"[,;:.!?–—„“»«]\s*{_NAME}\s+(?:{_SAYS})\b"),
    regex.compile(
        rf"\b(?:sagte?|erklärte?|betonte?|meinte?|schrieb|so)\s+{_NAME}(?=\s*(?:[,.;:!?“»«)]|$)|\s+(?:am|im|in|dem|der|den)\b)"
    ),
    regex.compile(rf"\b(?i:{_OFFICES})\s+{_NAME}"),
)
#: Surnames that German dictionaries hold as if they were nouns: the commonest of Germany, and those who governed it or its neighbours.
_SURNAMES = """
Adenauer Albrecht Arnold Barnier Bauer Baumann Bayrou Beck Becker Berger Bergmann Blair Borne Brandt Bush Böhm Cameron Clinton Costa
Dietrich Dreyer Erhard Fischer Frank Franke Friedrich Fuchs Gauck Günther Haas Hahn Hartmann Haseloff Heil Heinrich Herrmann Hoffmann
Hofmann Huber Johnson Jäger Kallas Keller Klingbeil Koch Kohl Kraus Krause Kretschmer Krämer Krüger Kuhn Köhler Kühn Laschet
Lauterbach Lehmann Lorenz Maier Martin Mayer Meier Merkel Merz Meyer Michel Modi Möller Müller Netanjahu Neumann Otto Peters Pfeiffer
Philippe Pohl Rau Richter Roth Rutte Sauer Schmid Schmidt Schmitt Schmitz Schneider Scholz Schreiber Schröder Schubert Schulte Schulz
Schulze Schumacher Schuster Schäfer Seidel Simon Steinmeier Stocker Stoltenberg Thatcher Thomas Vance Vogel Vogt Voigt Wagenknecht
Wagner Walter Weber Werner Winkler Wissing Wolf Wolff Wulff Wüst Ziegler Zimmermann
"""
_SURNAME = regex.compile(rf"(?<![\p{{L}}-])(?P<name>{'|'.join(_SURNAMES.split())})(?![\p{{L}}-])")
#: Stand before a noun, an adjective between them or not; a surname has none before it, but for an adjective's sake.
_BEFORE_NOUNS = """
der die das den dem des ein eine einen einem einer eines kein keine keinen keinem keiner keines mein dein sein ihr unser
meine deine seine ihre unsere seinen ihren seinem ihrem seiner ihrer dieser diese dieses diesen diesem jeder jede jedes jeden
jedem jener jene alle allen aller viele vielen vieler mehrere einige wenige beide beiden manche solche andere weitere mehr
beim vom zum zur im am ins ans als es ist sei war wäre wird wurde würde bleibt blieb
"""
#: English leaves no article out before what speaks, be it in the singular, but before a name: « Trump said ».
_SAYS_IN_ENGLISH = re.compile(
    r" (?:said|says|told|tells|announced|warned|argued|added|replied|insisted|denied|promised|wrote|stated|explained|claimed|declared)\b"
)
_NOBODY = re.compile(
    r"(?:he|she|it|they|we|i|you|who|no ?one|(?:some|any|every|no)(?:one|body)|none|both|all|many|few|some|most|others|this|that)$",
    re.IGNORECASE,
)
#: Adjectives that are written with a capital before the noun they make a name of: « der Zweite Weltkrieg ».
_EPITHET = re.compile(
    r"(?:isch|lich|jährig|heilig|ewig|erst|zweit|dritt|viert|fünft|sechst|siebt|acht|neunt|zehnt|elft|zwölft|oberst|schwarz|weiß|rot|grün|blau|groß|"
    r"klein|kalt|nah|fern|mittler)(?:e|en|er|es|em)$"
)
_ADVERB = re.compile(
    r"(?:lich|isch|end|weise|dem|falls|gleich|zeitig|eits|seits|neut|zuletzt|oft|immer|wieder|mals|dazu|dabei|damit|dafür|dagegen)$"
)
_ADJECTIVE = re.compile(r"(?:e|en|er|es|em)$")
#: Peoples whose name is not like their country's in another language; English alone writes the adjective with a capital.
_PEOPLES = {
    "american": "US", "americans": "US", "british": "GB", "german": "DE", "germans": "DE", "french": "FR", "spanish": "ES",
    "spaniards": "ES", "dutch": "NL", "greek": "GR", "greeks": "GR", "swiss": "CH", "polish": "PL", "poles": "PL", "welsh": "GB",
    "hungarian": "HU", "hungarians": "HU", "swedish": "SE", "swedes": "SE", "finnish": "FI", "finns": "FI", "danish": "DK",
    "danes": "DK", "irish": "IE", "croatian": "HR", "emirati": "AE", "albanian": "AL", "georgian": "GE", "norwegian": "NO",
}  # fmt: skip
Quotes = list[tuple[str, str | None]]


class Name(NamedTuple):
    """``text``: a run of words with capitals; ``places``: the codes of the places so called; ``determined``: behind an article."""

    text: str
    places: frozenset[str] = frozenset()
    determined: bool = False


def names_beyond(sentence: str, language: str | None, quotes: Quotes) -> tuple[list[str], list[str]]:
    """(names that stand in no quote, names that cannot be compared with the quotes), each as the sentence writes it."""
    codes = {code for text, lang in quotes for code in places_in(text, lang)}
    others = [text for text, lang in quotes if not _alike_written(sentence, language, text, lang)]
    near = {fold(word) for text, _ in quotes for word in _pieces(text)} | words_for(codes, language)
    whole = " ".join(fold(text) for text, _ in quotes)
    skipped = _no_names(language or "")
    speakers = _speakers(sentence) if language == "de" else set()
    missing: list[str] = []
    unchecked: list[str] = []
    translated = all(lang != language for _, lang in quotes)
    for name, of_name, behind_article in dict.fromkeys(_names(sentence, language, speakers)):
        if of_name:
            if not (of_name & codes or fold(name) in whole or any(_all_alike(name, text) for text in others)):
                # Of the world's cities few are known: that one is in no quote is sure of a script that both are in.
                (unchecked if others and all("/" in code for code in of_name) else missing).append(name)
            continue
        words = [piece for piece in _pieces(name) if fold(piece) not in skipped]
        if translated and behind_article:
            # « le Conseil » is "the Council": a dictionary's word behind an article has another form in another language.
            words = [piece for piece in words if _people(piece, language) or not ordinary(piece, language or "")]
        unknown = [piece for piece in words if not _known(piece, language, quotes, near, codes)]
        if language == "de":
            # Two such words are a name, and one that speaks, has an office or is no German word; else a noun, hyphens or not.
            whole_name = " " in name and 1 < len(unknown) == len(words)
            unknown = unknown if whole_name else [piece for piece in unknown if piece in speakers or not ordinary(piece, "de")]
        unheard = [piece for piece in unknown if not _heard(piece, language, quotes, others)]
        # Of two words that are not there the name is told whole, from the first of them on.
        (unchecked if others else missing).extend([name[name.index(unheard[0]) :]] if len(unheard) > 1 else unheard)
    return missing, unchecked


def capitals_tell(sentence: str) -> bool:
    """Whether names look like names in it, be it like nouns in German."""
    return script_of(sentence) in ("", *_CAPITALS)


def _speakers(sentence: str) -> set[str]:
    """The words of a German sentence that where they stand are names."""
    found = {piece for one in _SPEAKERS for match in one.finditer(sentence) for piece in _pieces(match.group("name"))}
    others = (_OFFICE, _NOUN, _ADVERB)
    called = {match.group("name") for match in _SURNAME.finditer(sentence) if _no_noun(sentence, match.start(), match.end())}
    return called | {piece for piece in found if not any(kind.search(piece.lower()) for kind in others)}


def _no_noun(sentence: str, start: int, end: int) -> bool:
    """Does a surname that is a noun too (« Fischer ») stand where no noun would: without an article or a number, and many of them
    (« Fischer protestieren ») doing nothing?"""
    earlier, last = ["", "", *_ALNUM.findall(sentence[:start].rsplit(". ", 1)[-1])][-2:]
    if last.isdigit() or last.lower() in _before_nouns():
        return False
    if last.islower() and _ADJECTIVE.search(last) and earlier.lower() in _BEFORE_NOUNS.split():
        return False
    does = regex.match(r"\s+(\p{Ll}+)", sentence[end:])
    return not (does and does[1].endswith("en") and ordinary(does[1], "de"))


def _alike_written(sentence: str, language: str | None, quote: str, quote_language: str | None) -> bool:
    """Does a name look the same in both? Not in Chinese and Japanese, though they share letters."""
    one, other = script_of(sentence), script_of(quote)
    return one == other and (one != "CJK" or language == quote_language)


def _names(sentence: str, language: str | None, speakers: set[str]) -> list[Name]:
    """Runs of words with capitals, but for the first of a sentence where it may be another word; and the place each is, if any."""
    found: list[Name] = []
    if not capitals_tell(sentence):
        found += [Name(name, frozenset({code})) for code, name in _uncased_places(sentence, language or "").items()]
    for match in _RUN.finditer(_ENDS.sub("\n", sentence)):
        name = match.group().rstrip(".'’-")
        of_name = places_named(name, language)
        first = match.start() == 0 or sentence[: match.start()].rstrip()[-1:] in '.!?:«“"('
        if language == "de":
            found += _german(name, first, speakers)
            continue
        alone = first and not of_name and not {" ", "\u00a0"} & {*name}
        if alone and not _begins_with_a_name(name, sentence[match.end() :], language):
            continue
        found.append(Name(name, of_name, determined(sentence[: match.start()], name, language)))
    return found


def _begins_with_a_name(name: str, rest: str, language: str | None) -> bool:
    """Is the one word with a capital that a sentence begins with a name?"""
    words = _pieces(name)
    if language == "en" and len(words) == 1 and _SAYS_IN_ENGLISH.match(rest) and not _NOBODY.match(words[0]):
        return singular(words[0])
    return any(fold(word) not in _no_names(language or "") and not ordinary(word, language or "") for word in words)


def _german(run: str, first: bool, speakers: set[str]) -> list[Name]:
    """The places in a run of German words with capitals, or what of it may be a person's or a firm's name."""
    words = run.replace("\u00a0", " ").split(" ")
    spoken = [(" ".join(words[at:end]), at, end) for end in range(len(words), 0, -1) for at in range(end)]
    for name, at, end in spoken:
        if codes := frozenset(places_in(name, "de")):
            while at + 1 < end and places_in(" ".join(words[at + 1 : end]), "de") >= codes:
                at += 1  # « Merkel Berlin » is Berlin, and somebody
            while at + 1 < end and places_in(" ".join(words[at : end - 1]), "de") >= codes:
                end -= 1
            name = " ".join(words[at:end])
            rest = [words[:at], words[end:]]
            return [
                Name(name, codes),
                *(one for part in rest if part for one in _german(" ".join(part), first and part is rest[0], speakers)),
            ]
    ends = _ADJECTIVE.search(words[0]) or _NOUN.search(words[0].lower())
    if first and words[0] not in speakers and ends and ordinary(words[0], "de"):
        words = words[1:]
    no_names = _no_names("de")
    common = (_OFFICE, _EPITHET)
    words = [w for w in words if w in speakers or not (any(kind.search(w.lower()) for kind in common) or fold(w) in no_names)]
    if any(_NOUN.search(word.lower()) for word in words):
        return []
    return [Name(" ".join(words))] if words else []


def _uncased_places(sentence: str, language: str) -> dict[str, str]:
    """Code to name, in the sentence's language, of the places that a sentence in a script without capitals names."""
    named = {code: " ".join(sorted(words_for({code}, language))) for code in sorted(places_in(sentence, language))}
    return {code: unicodedata.normalize("NFC", name) for code, name in named.items()}


def _known(piece: str, language: str | None, quotes: Quotes, near: set[str], codes: set[str]) -> bool:
    """Does a word of a name stand in the quotes, as itself, as its people's country, or as the same tongue's name?"""
    word = fold(piece)
    if _near(word, near) or _PEOPLES.get(word) in codes:
        return True
    code = next((code for code, name in _tongues(language or "").items() if name == word), None)
    return any(_near(_tongues(lang or "").get(code, ""), near) for _, lang in quotes) if code else False


def _heard(piece: str, language: str | None, quotes: Quotes, others: list[str]) -> bool:
    """Does it sound like a word of the ``others``, which are in another script, or of quotes in another language?"""
    if any(alike(piece, text) for text in others):
        return True
    return piece[1:].islower() and any(alike_in_another_language(piece, text) for text, lang in quotes if lang != language)


def _people(piece: str, language: str | None) -> bool:
    word = fold(piece)
    return word in _PEOPLES or word in _tongues(language or "").values()


def _near(piece: str, said: set[str]) -> bool:
    """Is it among the words, or do they begin alike, as "Ukrainian" and « ukrainien » do?"""
    if piece in said:
        return True
    stem = piece[: max(4, len(piece) - 3)][:6]
    return len(piece) >= 4 and any(word.startswith(stem) for word in said)


def _all_alike(name: str, text: str) -> bool:
    return all(alike(piece, text) for piece in _pieces(name))


def _pieces(text: str) -> list[str]:
    pieces = [piece for word in _WORD.findall(text) for piece in re.split(r"[-'’]", word)]
    return [piece for piece in pieces if len(piece) > 1 and not _ROMAN.fullmatch(piece)]


@cache
def _no_names(language: str) -> frozenset[str]:
    """Folded words that are no names though they may have a capital: months, days, numbers, titles."""
    locale = locale_of(language)
    days = {fold(name) for name in locale.days["format"]["wide"].values()} if locale else set()
    months = {fold(name) for name in locale.months["format"]["wide"].values()} if locale else set()
    titles = fold(f"{_TITLES} {_GERMAN}" if language == "de" else _TITLES).split()
    return frozenset(days | months | {*small_numbers(language)} | {*titles})


@cache
def _before_nouns() -> frozenset[str]:
    return frozenset(_BEFORE_NOUNS.split()) | {*small_numbers("de")}


@cache
def _tongues(language: str) -> dict[str, str]:
    """Code to folded name of each language: in most, "French" is also of France."""
    locale = locale_of(language)
    return {str(code): fold(str(name)) for code, name in locale.languages.items()} if locale else {}
