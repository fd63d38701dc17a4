"""A question and its history to an answer: rewrite, retrieve, read, decide, write, ground."""

import sys
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path

from corpus.errors import EncoderMismatch, IndexDamaged, InputError
from corpus.language import question_language
from index.encoder import Encoder, encoder_of
from index.snapshot import Snapshot, current_generation, open_generation, open_snapshot
from qa.answer import Answer, ground, not_found
from qa.decide import DEPTH, decide
from qa.options import AskOptions
from qa.question import LONGEST_HISTORY, Turn, clean_question, rewrite, stands_alone
from qa.read import read
from qa.reader import WEIGHTS, Reader, load_reader
from qa.retrieve import Hit, retrieve
from qa.texts import text
from qa.writer import ExtractiveWriter, Writer


@dataclass(frozen=True)
class Asked:
    """An answer and how it came about. ``reader``: the digest of the reader's weights, None without; ``ms``: milliseconds of
    each stage."""

    question: str
    language: str | None
    rewritten: str
    answer: Answer
    generation: str
    encoder: str
    reader: str | None
    ms: dict[str, float]


class Assistant:
    """Holds an encoder and the open snapshot of an index; any number of threads may ask at once.

    When the index's live generation changes, the next question opens it; a question under way keeps the one it began with.
    Without a ``reader`` sentences are chosen by the encoder alone. ``snapshot``: one that is open already; ``pinned``: stay
    with it, live or not.
    """

    def __init__(
        self,
        index: Path,
        encoder: Encoder,
        writer: Writer | None = None,
        reader: Reader | None = None,
        snapshot: Snapshot | None = None,
        pinned: bool = False,
    ):
        self.index = index
        self.reader = reader
        self._pinned = pinned
        self.encoder = encoder
        self.writer = writer or ExtractiveWriter()
        self._lock = threading.Lock()
        self._damaged = ""
        self._snapshot = self._checked(snapshot or open_snapshot(index))

    def snapshot(self) -> Snapshot:
        """The snapshot of the live generation; the one at hand if the live one does not hold."""
        live = None if self._pinned else self._live()
        if live is not None and live.name not in (self._snapshot.generation, self._damaged):
            with self._lock:
                if live.name != self._snapshot.generation:
                    try:
                        self._snapshot = self._checked(open_generation(live))
                    except (IndexDamaged, EncoderMismatch) as error:
                        # Checked once: to read every file again for every question would be slow.
                        self._damaged = live.name
                        print(f"{error}. Answering from {self._snapshot.generation} as before", file=sys.stderr)
        return self._snapshot

    def _live(self) -> Path | None:
        try:
            return current_generation(self.index)
        except IndexDamaged:
            return None

    def ask(
        self,
        question: str,
        history: list[Turn] | None = None,
        options: AskOptions | None = None,
        fallback_language: str | None = None,
    ) -> Asked:
        """Answer one question. BadQuestion for an empty or overlong one; ``fallback_language`` where its own cannot be told."""
        options = options or AskOptions()
        snapshot = self.snapshot()
        clock = _Clock()
        question = clean_question(question, french=(fallback_language or question_language(question[:2000])) == "fr")
        language = question_language(question, fallback_language)
        turns = (history or [])[-LONGEST_HISTORY:]
        # What is decided and quoted must not depend on how many passages are listed.
        wide = replace(options, k=max(options.k, DEPTH))
        searched = rewrite(question, turns, language)
        vectors = self.encoder.embed_queries(list(dict.fromkeys([searched, question])))
        hits: list[Hit] = []
        if searched != question:
            alone = retrieve(snapshot, question, language, vectors[1], wide)
            if stands_alone(question, language, max((hit.contrast for hit in alone[:3]), default=0.0)):
                searched, vectors, hits = question, vectors[1:], alone
        clock.stage("rewrite")
        hits = hits or retrieve(snapshot, searched, language, vectors[0], wide)
        clock.stage("retrieve")
        hits, candidates = read(snapshot, self.encoder, self.reader, question, vectors[0], hits, *vectors[1:])
        decision = decide(hits, candidates)
        clock.stage("decide")
        if decision.found:
            answer = ground(self.writer.write(question, language, candidates), hits, decision.confidence)
        else:
            # Without a filter every index that holds anything has neighbours.
            reason = "not_found" if hits else "filtered" if options.narrow else "nothing" if snapshot.size else "empty"
            answer = not_found(text(reason, language), hits, decision.confidence, self.writer.name)
        clock.stage("write")
        answer = replace(answer, hits=answer.hits[: options.k])
        made_by = self.encoder.fingerprint, self.reader.digest if self.reader else None
        return Asked(question, language, searched, answer, snapshot.generation, *made_by, clock.ms())

    def _checked(self, snapshot: Snapshot) -> Snapshot:
        made_by = snapshot.manifest["encoder"]
        if made_by["fingerprint"] != self.encoder.fingerprint:
            raise EncoderMismatch(
                f"the index was made by {made_by['name']} ({made_by['fingerprint']}), the encoder is {self.encoder.name} "
                f"({self.encoder.fingerprint}): rebuild with python -m index build --index {self.index} "
                f"--model {self.encoder.name}"
            )
        return snapshot


def open_assistant(index: Path, reader: bool = True) -> Assistant:
    """An assistant over the index, with the encoder that made it and the reader that goes with that, unless told not to.

    Where the reader's file is damaged it says so, once, and does without. IndexMissing, IndexDamaged, InputError.
    """
    snapshot = open_snapshot(index)
    encoder = encoder_of(snapshot.manifest)
    return Assistant(index, encoder, reader=reader_of(encoder) if reader else None, snapshot=snapshot)


def reader_of(encoder: Encoder, weights: Path = WEIGHTS) -> Reader | None:
    """The encoder's reader; None, after a line on stderr, where its file does not hold."""
    try:
        return load_reader(encoder, weights)
    except InputError as error:
        print(error, file=sys.stderr)
        return None


class _Clock:
    def __init__(self) -> None:
        self._last = self._start = time.perf_counter()
        self._ms: dict[str, float] = {}

    def stage(self, name: str) -> None:
        now = time.perf_counter()
        self._ms[name] = round((now - self._last) * 1000, 1)
        self._last = now

    def ms(self) -> dict[str, float]:
        return {**self._ms, "total": round((self._last - self._start) * 1000, 1)}
