"""What a question asks for, and what it leans on from the conversation."""

import re
import unicodedata
from dataclasses import dataclass

from corpus.errors import ArticleQAError

LONGEST_QUESTION = 1000
LONGEST_HISTORY = 20

#: What kind of thing is asked for, by the words that ask for it. French, English, German, Spanish, Italian, Portuguese, Ukrainian,
#: Arabic (where "and" may be written to them).
_ASKS = {
    "number": re.compile(
        r"\b(?:combien|quelle? (?:quantité|proportion|part|nombre|taille|distance|hauteur|longueur|superficie|somme|montant|âge|"
        r"pourcentage|population|magnitude|durée|score)|how (?:many|much|long|old|far|tall|large|big|high|often)|"
        r"what (?:percentage|number|share|amount|proportion|magnitude|score)|wie ?(?:viele?|lange?|hoch|groß|alt)|cuánt\w+|quant[oiae]s?|скільки|"
        r"як\w+ (?:відсот\w+|част\w+|кількість|висот\w+|довжин\w+)|[وب]?كم)\b",
        re.IGNORECASE,
    ),
    "date": re.compile(
        r"\b(?:quand|quelle? (?:année|date|jour|mois|époque|siècle)|à quelle (?:date|heure)|depuis quand|when|"
        r"(?:what|which) (?:year|date|dates|day|month|time|century)|wann|cuándo|quando|"
        r"em que (?:ano|dia|mês|data)|коли|(?:якого|якому) (?:року|році|дня|числа|місяця|місяці)|و?متى|أي (?:عام|سنة|يوم|شهر|تاريخ))\b",
        re.IGNORECASE,
    ),
    "name": re.compile(
        r"\b(?:qui|où|(?:quel(?:le)?s?|lesquels) (?:pays|ville|homme|femme|président\w*|auteur|acteur|personne|entreprise|ministre)|"
        r"who|whom|whose|where|(?:which|what) (?:\w+ )?(?:country|city|president|company|person|minister|official|senators?)|"
        r"wer|wo|quién\w*|dónde|chi|dove|quem|onde|хто|кого|кому|ким|де|^و?من|و?أين)\b",
        re.IGNORECASE,
    ),
}
_MONTHS = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre january february march april may june july "
    "august september october november december januar februar märz juni juli oktober dezember enero febrero marzo abril mayo junio "
    "julio agosto septiembre octubre noviembre diciembre gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre "
    "janeiro fevereiro março maio junho julho setembro outubro novembro dezembro січня лютого березня квітня травня червня липня серпня "
    "вересня жовтня листопада грудня يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر "
    "lundi mardi mercredi jeudi vendredi samedi dimanche monday tuesday wednesday thursday friday saturday sunday siècle century"
).replace(" ", "|")
_NUMBER_WORDS = (
    "deux trois quatre cinq six sept huit neuf dix douze quinze vingt trente cent mille million milliard dizaine centaine moitié tiers "
    "two three four five six seven eight nine ten twelve hundred thousand million billion half dozen zwei drei vier fünf sechs sieben "
    "acht neun zehn dos tres cuatro cinco siete ocho nueve diez due tre quattro cinque sei sette otto nove dieci"
).replace(" ", "|")
_HOLDS = {
    "number": re.compile(rf"\d[\d.,]*|\b(?:{_NUMBER_WORDS})\w*", re.IGNORECASE),
    "date": re.compile(rf"\b(?:1\d{{3}}|20\d\d)\b|\b(?:{_MONTHS})\b", re.IGNORECASE),
    "name": re.compile(r"(?<=[\s(«\"'’])[^\W\d_a-zà-öø-ÿ][\w'’-]+"),
}

#: A question with one of these leans on what was said before.
_LEANS = {
    "fr": "il elle ils elles lui leur leurs eux y en ce cela ça celui celle ceux celles son sa ses cet cette ces "
    "même dernier dernière premier première autre autres le la les",
    "en": "he she it they them him her his hers its their theirs this that these those there one ones latter former same other "
    "others else",
    "de": "er sie es ihn ihm ihr ihre sein seine dies diese dieser dieses dort das",
    "es": "él ella ellos ellas lo le les su sus este esta esto eso ese esa allí",
    "it": "lui lei loro esso essa lo gli suo sua suoi questo questa quello quella lì",
    "pt": "ele ela eles elas lhe lhes seu sua seus suas este esta isto esse essa isso aquele aquela aquilo dele dela deles delas nele nela "
    "neles nelas deste desta desse dessa disso neste nesta nesse nessa nisso ali lá",
    "uk": "він вона воно вони його її їх йому їй їм ним нею ними ньому ній них цей ця це ці цього цієї цих цьому цій цю цими той того тієї "
    "тих тому тій там тоді туди звідти",
    "ar": "هو هي هم هما هذا هذه ذلك تلك هؤلاء هناك فيه فيها فيهم منه منها منهم عنه عنها عنهم له لها لهم به بها بهم عليه عليها عليهم "
    "إليه إليها إليهم معه معها معهم",
}
#: Those of them that mean what the question has named before, if it has: « Quand Macron a-t-il … son … ? », "... Germany ... its ...".
_OWN = {
    "fr": "il elle ils elles son sa ses leur leurs",
    "en": "he she it they his its their",
    "de": "er sie ihr ihre sein seine",
    "es": "su sus",
    "it": "suo sua suoi",
    "pt": "seu sua seus suas dele dela deles delas",
    "uk": "його її їх",
}
#: "In Asia, where did they go?" asks about others.
_ASKED_ABOUT = re.compile(
    r"\b(?:did|does|do|was|is|were|are|has|have|had|will|would|can|could|should) +(?:he|she|it|they)\b", re.IGNORECASE
)
#: In Arabic "and" is written to the word that asks.
_CONTINUES = re.compile(
    r"^\W*(?:(?:et|mais|alors|donc|and|but|so|what about|how about|und|aber|y|pero|e|ma|mas|а|і|й|та|але)\b|"
    r"و(?:كم|منذ|متى|من|هل|أين|ما|ماذا|لماذا|كيف|أي)\b)",
    re.IGNORECASE,
)
#: Arabic: "what is", "who is".
_IS = re.compile(r"\b(?:ما|من) ه[ويم]\b")
#: Pronouns that French also uses as articles lean only where no noun follows: judged by position.
_PRONOUN_POSITION = re.compile(
    r"(?:-(?:il|elle|ils|elles|t-il|t-elle|on|ce|y|en|le|la|les|lui|leur)\b)|\b(?:l|y|en)['’ ](?:a|ont|est|était|avait)\b",
    re.IGNORECASE,
)
_INVERTED = re.compile(r"-(?:t-)?(?:il|elle|ils|elles)\b", re.IGNORECASE)


_BEHIND_THE_FIRST = re.compile(r"(?<=[\s(«\"'’])[^\W_][\w'’-]*")
#: Contrast from which a question is searched alone although it seems to lean on what was said, and where it does not seem to.
CLEARLY, LIKELY = 5.0, 2.5


@dataclass(frozen=True)
class Turn:
    """One message of the conversation; ``role`` is ``user`` or ``assistant``."""

    role: str
    text: str


class BadQuestion(ArticleQAError):
    """The question cannot be searched for; the message says so politely, in the asker's language where it can be told."""


def clean_question(text: str, french: bool) -> str:
    """The question without control characters and outer white space; BadQuestion if empty or too long."""
    if len(text) > LONGEST_QUESTION:
        raise BadQuestion(
            f"Votre question compte {len(text)} caractères ; posez-la en {LONGEST_QUESTION} au plus."
            if french
            else f"Your question has {len(text)} characters; please ask it in at most {LONGEST_QUESTION}."
        )
    kept = "".join(c if unicodedata.category(c) not in ("Cc", "Cs", "Cf") else (" " if c.isspace() else "") for c in text)
    question = " ".join(kept.split())
    if sum(c.isalnum() for c in question) < 2:
        raise BadQuestion(
            "Posez une question sur les articles, par exemple « Qui a participé au sommet ? »."
            if french
            else "Please ask a question about the articles, for example “Who took part in the summit?”."
        )
    return question


def asked_kind(question: str) -> str | None:
    """``number``, ``date`` or ``name`` where the question asks for one, else None."""
    return next((kind for kind, pattern in _ASKS.items() if pattern.search(question)), None)


def holds_kind(sentence: str, kind: str, question: str) -> bool:
    """Does the sentence hold a thing of that kind that the question does not already name?"""
    asked = question.lower()
    return any(match.group().lower() not in asked for match in _HOLDS[kind].finditer(sentence))


def leans_on_history(question: str, language: str | None) -> bool:
    """Would the question be unclear without what was said before it? Judged by its words alone."""
    words = re.findall(r"[\w’'-]+", question)
    question = _IS.sub("", question)
    if _CONTINUES.match(question) or len(words) <= 4:
        return True
    if _ASKED_ABOUT.search(question):
        return True
    pronouns = frozenset(_LEANS.get(language or "", "").split()) - {"le", "la", "les", "en", "the"}
    named = _name(question)
    before, behind = (question[: named.end()], question[named.end() :]) if named else (question, "")
    inside = frozenset(_OWN.get(language or "", "").split())
    return _has_one(before, pronouns) or _has_one(behind, pronouns - inside) or _leaning_verb(before, behind)


def _has_one(text: str, pronouns: frozenset[str]) -> bool:
    words = [word.lower() for word in re.findall(r"[\w’'-]+", text)]
    return any(word in pronouns or word.split("'")[0] in pronouns for word in words)


def _leaning_verb(before: str, behind: str) -> bool:
    """Has a verb a pronoun at it, other than one for what the question names: « Macron a-t-il »?"""
    return bool(_PRONOUN_POSITION.search(before) or _PRONOUN_POSITION.search(_INVERTED.sub("", behind)))


def stands_alone(question: str, language: str | None, contrast: float) -> bool:
    """Is a later question of a conversation about something of its own?

    ``contrast``: of the best passage found for the question alone, in standard deviations. Many that lean on what was said do
    not show it ("What happened during the hearing?"): without a passage that stands out they are taken to lean.
    """
    return contrast >= (CLEARLY if leans_on_history(question, language) else LIKELY)


def rewrite(question: str, history: list[Turn], language: str | None) -> str:
    """The question behind its subject: the question that opened the topic, and the last one.

    Without a language model nothing is rephrased: the encoder and the lexical index read all parts, the answer sentence is
    chosen by the question's own words too.
    """
    earlier = [turn.text for turn in history if turn.role == "user" and turn.text.strip()]
    if not earlier:
        return question
    opening = next((asked for asked in reversed(earlier) if _opens_a_topic(asked, language)), earlier[0])
    subject = " ".join(dict.fromkeys([opening, earlier[-1]]))
    return f"{subject[-LONGEST_QUESTION:].strip()} {question}"


def _opens_a_topic(question: str, language: str | None) -> bool:
    """By its words: it leans on nothing and names something."""
    return not leans_on_history(question, language) and _name(question) is not None


def _name(question: str) -> re.Match[str] | None:
    """The first word behind the first one that has a capital, or a digit; in scripts without capitals any word may be a name."""
    return next((word for word in _BEHIND_THE_FIRST.finditer(question) if not word.group()[0].islower()), None)
