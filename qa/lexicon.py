"""Is a word one of a language's dictionary, or made of such words? What is not, and has a capital, is a name.

The dictionaries are simplemma's. The French and the Italian one hold no adverbs and few other words that never change.
"""

import re
from functools import lru_cache

from simplemma import is_known, lemmatize

#: Languages in which it was measured that the words not found are names.
LANGUAGES = ("de", "el", "en", "es", "fr", "it", "ru")
_UNCHANGING = {
    "es": "antes después detrás delante adelante atrás",
    "fr": """
au aux du des de la le les l un une et ou ni mais or car donc ne pas plus moins très trop peu assez beaucoup tant
autant aussi ainsi alors ailleurs après avant avec sans sous sur chez dans par pour vers entre depuis pendant durant
dès jusque jusqu lorsque lorsqu puisque puisqu quoique quoiqu comme quand quant que qu qui quoi dont où si puis enfin
ensuite bientôt tôt tard toujours jamais souvent parfois encore déjà ici là hors près loin néanmoins toutefois
pourtant cependant plusieurs surtout plutôt presque maintenant aujourd hui demain hier désormais dorénavant autrefois
jadis naguère soudain seul malgré selon outre sauf hormis voici voilà tandis grâce afin parce parmi contre mieux pis
mal bien longtemps partout auparavant pourquoi combien comment oui non certes voire delà idem ex mi
""",
    "it": """
a ad al allo alla ai agli alle all da dal dallo dalla dai dagli dalle dall di del dello della dei degli delle dell in
nel nello nella nei negli nelle nell su sul sullo sulla sui sugli sulle sull con per tra fra il lo la i gli le l un
uno una e ed o od ma né non che chi cui come quando quanto dove perché poiché benché affinché finché sebbene mentre se
anche ancora già mai sempre spesso talvolta oggi ieri domani ora allora adesso poi dopo prima durante dunque quindi
perciò pertanto però tuttavia infatti inoltre infine invece piuttosto purtroppo almeno appena circa così lì là qui qua
quasi solo soltanto soprattutto sopra sotto dentro fuori oltre verso presso senza fin fino sin essi esse essa esso
egli ella lui lei loro noi voi io tu quest quell quello quella quelli quegli quelle quei quel questo questa queste
questi due tre quattro cinque sei sette otto nove dieci molto troppo poco più meno assai abbastanza insieme intanto
altrove
""",
}
#: What stands before a noun and, but for « la Merkel », before no person's name.
_DETERMINERS = {
    language: frozenset(words.split())
    for language, words in {
        "en": "the a an this that these those its his her their our your my each every no any some",
        "es": "el la los las un una unos unas del al su sus este esta estos estas",
        "fr": "le la les l un une des du au aux ce cet cette ces son sa ses leur leurs notre nos",
        "it": """
il lo la i gli le l un uno una del dello della dei degli delle dell al allo alla ai agli alle all nel nello nella nei
negli nelle nell dal dallo dalla dai dagli dalle dall sul sullo sulla sui sugli sulle sull suo sua suoi sue questo
questa questi queste
""",
    }.items()
}
_TOKEN = re.compile(r"[^\W\d_]+")
_WORDS = {language: frozenset(words.split()) for language, words in _UNCHANGING.items()}
#: Adverbs that the dictionaries lack, made of adjectives.
_ADVERBS = {"de": ("weise",), "en": ("ly",), "es": ("mente",), "fr": ("ment",), "it": ("mente",)}
#: What joins two German words to one, and what is dropped between them; letters of a part at least, and of what follows one of
#: so few: « Habeck » is not made of « hab » and « Eck ».
_JOINTS = ("", "s", "es", "n", "en", "er")
_DROPPED = ("e", "en")
_PART, _LAST = 3, 4
#: Letters of the longest word that is taken apart: longer ones stand only in what a model wrote that runs on.
LONGEST = 80


@lru_cache(20_000)
def ordinary(word: str, language: str) -> bool:
    """Is it a word of the dictionary, in any form, and no name there? Always, in another language than LANGUAGES.

    German dictionaries hold names as they hold nouns, « Merkel » and « Müller »: those count as ordinary.
    """
    if language not in LANGUAGES:
        return True
    small = word.lower()
    if small in _WORDS.get(language, ()) or small.endswith(_ADVERBS.get(language, ())):
        return True
    if language == "de":
        return _made_of_german(small)
    if language == "fr" and small[0] == "e" and is_known(f"é{small[1:]}", "fr"):
        return True  # many leave the accent of a capital out
    return is_known(small, language) and not lemmatize(small, language)[:1].isupper()


def determined(before: str, name: str, language: str | None) -> bool:
    """Does an article or the like stand before a name or begin it, one more word between them or not?"""
    words = _DETERMINERS.get(language or "", frozenset())
    last = _TOKEN.findall(before.lower())[-2:] if before and before[-1] in " \u00a0'’" else []
    return bool(words.intersection([*last, *_TOKEN.findall(name.lower())[:1]]))


def singular(word: str) -> bool:
    """Is an English word the form that a dictionary has?"""
    return lemmatize(word.lower(), "en").lower() == word.lower()


@lru_cache(20_000)
def _made_of_german(word: str) -> bool:
    if len(word) > LONGEST:
        return False
    if is_known(word, "de"):
        return True
    parts = [(word[:at], word[at:]) for at in range(_PART, len(word) - _PART + 1) if at > _PART or len(word) - at > _LAST]
    return any(_begins_one(first) and _made_of_german(rest) for first, rest in parts)


@lru_cache(20_000)
def _begins_one(word: str) -> bool:
    stems = [word.removesuffix(joint) for joint in _JOINTS] + [word + end for end in _DROPPED]
    return any(len(stem) >= _PART and is_known(stem, "de") for stem in stems)
