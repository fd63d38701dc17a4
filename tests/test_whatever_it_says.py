"""The own questions, all of them, answered by a model that quotes well and badly by turns: what is shown is verbatim, what is not
is struck and listed. Which claims are true is told from the prompt, by nothing of ours."""

import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from chat_server import ChatServer, Request, answers, chat_server, passages_in, says

from eval.dataset import read_questions
from qa.assistant import Assistant
from qa.record import record_of
from qa.verify import verify

QUESTIONS = Path(__file__).resolve().parents[1] / "eval" / "questions"
#: In the question's language, and nothing in it that a quote would have to hold.
SAID = {"en": "So it is said", "fr": "Il est dit", "de": "so steht es da", "es": "así se dice", "it": "così si dice", "pt": "assim se diz", "ar": "هكذا قيل", "uk": "так сказано"}  # fmt: skip
INVENTED = "an entirely invented clause about nothing in particular"
TRANSLATED = "the minister told reporters on Tuesday that nothing had been decided"
KINDS = ("right", "right", "altered", "stitched", "misnumbered", "translated", "invented", "cut in a word")


@pytest.fixture(scope="module")
def server() -> Iterator[ChatServer]:
    with chat_server() as running:
        yield running


#: Quotation marks around a claim are taken for the model's own, and are not part of what is shown.
MARKS = ' «»“”"'


class Inventive:
    """Says a sentence of each of some kinds, drawn by the seed; ``claims``: (kind, sentence, number, words, is it true)."""

    def __init__(self, seed: int):
        self._random = random.Random(seed)
        self.language = "en"
        self.claims: list[tuple[str, str, int, str, bool]] = []

    def __call__(self, request: Request) -> None:
        passages = {number: words.replace("\n", " ") for number, words in passages_in(request.sent).items()}
        self.claims = []
        for kind in self._random.sample(KINDS, 6):
            number = self._random.choice(sorted(passages))
            claimed_of, words = self._claim(kind, number, passages)
            true = 1 <= claimed_of <= len(passages) and stands(words, passages[claimed_of])
            sentence = f"{SAID.get(self.language, SAID['en'])} {'abcdefgh'[len(self.claims)]}."
            self.claims.append((kind, sentence, claimed_of, words, true))
        says(answers(*((sentence, [(number, words)]) for _, sentence, number, words, _ in self.claims)), piece=200)(request)

    def _claim(self, kind: str, number: int, passages: dict[int, str]) -> tuple[int, str]:
        words = passages[number].split()
        at = self._random.randrange(max(1, len(words) - 9))
        right = words[at : at + self._random.randint(6, 9)]
        if kind == "altered":
            right[len(right) // 2] = "jamais-vu"
        if kind == "stitched":
            right = right[:3] + (passages[self._random.choice(sorted(passages))].split()[-4:])
        if kind == "misnumbered":
            return self._random.choice([0, 99, *(other for other in passages if other != number)]), " ".join(right)
        whole = " ".join(right)
        # Only where capitals tell letters from signs is a cut inside a word told.
        if kind == "cut in a word" and all(c.lower() != c.upper() for c in (*whole[:2], *whole[-2:])):
            return number, whole[1:-1]
        return number, {"translated": TRANSLATED, "invented": INVENTED, "cut in a word": INVENTED}.get(kind, whole)


def stands(words: str, passage: str) -> bool:
    """Word for word, from the beginning of a word to the end of one."""
    return bool(re.search(rf"(?<!\w){re.escape(' '.join(words.split()))}(?!\w)", " ".join(passage.split())))


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_of_the_own_set_every_quote_shown_is_the_articles_and_every_other_is_listed(
    assistant: Assistant, server: ChatServer
) -> None:
    inventive = Inventive(seed=6)
    server.scripted(inventive)
    worded = Assistant(assistant.index, assistant.encoder, model=server.model())
    claimed, shown, wrong = Counter[tuple[str, bool]](), 0, []
    for question in [one for name in ("tune", "test") for one in read_questions(QUESTIONS / f"{name}.jsonl")]:
        inventive.language, inventive.claims = question.lang, []
        record = record_of(worded.ask(question.text, fallback_language=question.lang), question.id)
        problems = [verdict.problem for verdict in verify([record], worded.snapshot().article_by_id)]
        quoted = [" ".join(quote["text"].split()) for quote in record["quotes"]]
        shown += len(quoted) if record["writer"] == "scripted" else 0
        wrong += [(question.id, problem) for problem in problems if problem]
        for kind, sentence, _, words, true in inventive.claims:
            claimed[kind, true] += 1
            listed = words in record["dropped_claims"] and sentence in record["dropped_claims"]
            right = sentence in record["answer"] and any(stands(words.strip(MARKS), quote) for quote in quoted) and not listed
            if not (right if true else listed and sentence not in record["answer"]):
                wrong.append((question.id, kind, words))

    assert wrong == []
    assert shown > 300
    assert sum(count for (_, true), count in claimed.items() if not true) > 500
    assert {kind for (kind, true) in claimed if not true} == set(KINDS) - {"right"}
