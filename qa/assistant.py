"""A question and its history to an answer: rewrite, retrieve, read, decide, write, ground."""

import sys
import threading
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from corpus.errors import EncoderMismatch, IndexDamaged, InputError
from corpus.language import question_language
from index.encoder import Encoder, encoder_of
from index.snapshot import Snapshot, current_generation, open_generation, open_snapshot
from qa.answer import Answer, Draft, Sentence, ground, not_found
from qa.chat_model import ChatModel, ModelFailed
from qa.decide import DEPTH, decide
from qa.options import AskOptions
from qa.question import LONGEST_HISTORY, Turn, clean_question, rewrite, stands_alone
from qa.read import READ, Candidate, read
from qa.reader import WEIGHTS, Reader, load_reader
from qa.retrieve import Hit, retrieve
from qa.steps import Stopped, go_on
from qa.texts import text
from qa.wording import Refused, rewritten, translated, worded
from qa.writer import ExtractiveWriter, Writer

#: Characters of an article that are translated at once.
LONGEST_TRANSLATED = 1500


@dataclass(frozen=True)
class Asked:
    """An answer and how it came about. ``reader``: the digest of the reader's weights, None without; ``ms``: milliseconds of
    each stage; ``model``: the chat model that was to word the answer, whoever wrote it in the end."""

    question: str
    language: str | None
    rewritten: str
    answer: Answer
    generation: str
    encoder: str
    reader: str | None
    ms: dict[str, float]
    model: str | None = None


@dataclass(frozen=True)
class Found:
    """What an answer will be written from: the passages, best first, before a word is written. ``read``: whether they are in
    the order that reading them gave, not yet in that of the search alone."""

    question: str
    language: str | None
    hits: tuple[Hit, ...]
    read: bool


#: What ``Assistant.stream`` gives: passages, found and (for a chat model) read, then the answer each time it has grown by what
#: was verified, then all of it.
Step = Found | Answer | Asked


class Assistant:
    """Holds an encoder and the open snapshot of an index; any number of threads may ask at once.

    When the index's live generation changes, the next question opens it; a question under way keeps the one it began with.
    Without a ``reader`` sentences are chosen by the encoder alone. ``snapshot``: one that is open already; ``pinned``: stay
    with it, live or not. A ``model`` words the answers; where it fails, or proves nothing, the ``writer`` stands in.
    """

    def __init__(
        self,
        index: Path,
        encoder: Encoder,
        writer: Writer | None = None,
        reader: Reader | None = None,
        snapshot: Snapshot | None = None,
        pinned: bool = False,
        model: ChatModel | None = None,
    ):
        self.index = index
        self.model = model
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
        quotes_only: bool = False,
        payer: str = "",
    ) -> Asked:
        """Answer one question. BadQuestion for an empty or overlong one; ``fallback_language`` where its own cannot be told;
        ``quotes_only``: in no words but the articles', though there is a model; ``payer``: who asks, for the model's budget."""
        steps = self.stream(question, history, options, fallback_language, quotes_only, payer=payer)
        return next(step for step in steps if isinstance(step, Asked))

    def stream(
        self,
        question: str,
        history: list[Turn] | None = None,
        options: AskOptions | None = None,
        fallback_language: str | None = None,
        quotes_only: bool = False,
        cancel: threading.Event | None = None,
        payer: str = "",
    ) -> Iterator[Step]:
        """As ``ask``, step by step; the last is the Asked. Once ``cancel`` is set, or the iterator closed, the work ends at its
        next part, the model's at once, and no step follows."""
        options = options or AskOptions()
        model = None if quotes_only else self.model
        snapshot = self.snapshot()
        clock = _Clock()
        question = clean_question(question, french=(fallback_language or question_language(question[:2000])) == "fr")
        language = question_language(question, fallback_language)
        turns = (history or [])[-LONGEST_HISTORY:]
        # What is decided and quoted must not depend on how many passages are listed.
        wide = replace(options, k=max(options.k, DEPTH))
        searched = rewrite(question, turns, language)
        hits: list[Hit] = []
        meant = question
        try:
            go_on(cancel)
            vectors = self.encoder.embed_queries(list(dict.fromkeys([searched, question])))
            if searched != question:
                alone = retrieve(snapshot, question, language, vectors[1], wide)
                if stands_alone(question, language, max((hit.contrast for hit in alone[:3]), default=0.0)):
                    searched, vectors, hits = question, vectors[1:], alone
                elif model and (said := rewritten(model, question, turns, language, cancel, payer)):
                    searched = meant = said
                    vectors = self.encoder.embed_queries([said])
            clock.stage("rewrite")
            go_on(cancel)
            hits = hits or retrieve(snapshot, searched, language, vectors[0], wide)
            clock.stage("retrieve")
            if hits:
                yield Found(question, language, tuple(hits[: options.k]), read=False)
            go_on(cancel)
            focus = vectors[1] if len(vectors) > 1 else None
            hits, candidates = read(snapshot, self.encoder, self.reader, meant, vectors[0], hits, focus, cancel)
            decision = decide(meant, hits, candidates)
            clock.stage("decide")
            go_on(cancel)
            if model:
                yield Found(question, language, tuple(hits[: options.k]), read=True)
            if not decision.found:
                model = None  # it may add a refusal, but it is not asked to take one back
                # Without a filter every index that holds anything has neighbours.
                reason = "not_found" if hits else "filtered" if options.narrow else "nothing" if snapshot.size else "empty"
                answer = not_found(text(reason, language), hits, decision.confidence, self.writer.name)
            elif model is None:
                answer = ground(self.writer.write(question, language, candidates), hits, decision.confidence)
            else:
                sentences = worded(model, meant, language, hits[:READ], cancel, payer)
                answer = yield from self._worded(model, sentences, meant, language, hits, candidates, decision.confidence)
        except (ModelFailed, Stopped):
            return  # all other failures of the model end in an answer
        clock.stage("write")
        answer = replace(answer, hits=answer.hits[: options.k])
        made_by = self.encoder.fingerprint, self.reader.digest if self.reader else None
        called = model.name if model else None
        yield Asked(question, language, searched, answer, snapshot.generation, *made_by, clock.ms(), called)

    def translate(self, quote: dict[str, Any], language: str, payer: str = "") -> str:
        """The model's translation of a record's quote, of its own words: by now others may stand at its place in the article. It
        is no quotation. InputError without a model, or where the article is gone."""
        if self.model is None or self.snapshot().article_by_id(quote["article_id"]) is None:
            raise InputError("nothing to translate, or no chat model to do it")
        said = translated(self.model, quote["text"][:LONGEST_TRANSLATED], quote["language"], language, payer)
        return said if len(quote["text"]) <= LONGEST_TRANSLATED else f"{said} […]"

    def _worded(
        self,
        model: ChatModel,
        said: Iterator[Sentence],
        question: str,
        language: str | None,
        hits: list[Hit],
        candidates: list[Candidate],
        confidence: float,
    ) -> Generator[Answer, None, Answer]:
        """What the model said, so far as it is proven; the writer's, with a notice, where none is. ModelFailed if stopped."""
        sentences: list[Sentence] = []
        answer: Answer | None = None
        notice = None
        try:
            for sentence in said:
                sentences.append(sentence)
                answer = ground(Draft(tuple(sentences), model.name), hits, confidence, language)
                if len(sentences) > answer.faulty:
                    yield answer
        except Refused:
            return replace(not_found(text("not_found", language), hits, confidence, model.name), notice="refused")
        except ModelFailed as failure:
            if failure.kind == "cancelled":
                raise
            notice = failure.kind
        if answer and len(sentences) > answer.faulty:
            return replace(answer, notice=notice)
        quoted = ground(self.writer.write(question, language, candidates), hits, confidence)
        # Whatever the model said is told as dropped, what would have stood with a remark too.
        dropped = dict.fromkeys([*(answer.dropped if answer else ()), *(sentence.text for sentence in sentences)])
        quoted = replace(quoted, dropped=tuple(dropped), notice=notice or ("unproven" if answer else "garbled"))
        return replace(quoted, remarks=answer.remarks, claimed=answer.claimed, struck=answer.struck) if answer else quoted

    def _checked(self, snapshot: Snapshot) -> Snapshot:
        made_by = snapshot.manifest["encoder"]
        if made_by["fingerprint"] != self.encoder.fingerprint:
            raise EncoderMismatch(
                f"the index was made by {made_by['name']} ({made_by['fingerprint']}), the encoder is {self.encoder.name} "
                f"({self.encoder.fingerprint}): rebuild with python -m index build --index {self.index} "
                f"--model {self.encoder.name}"
            )
        return snapshot


def open_assistant(index: Path, reader: bool = True, model: ChatModel | None = None) -> Assistant:
    """An assistant over the index, with the encoder that made it and the reader that goes with that, unless told not to.

    Where the reader's file is damaged it says so, once, and does without. IndexMissing, IndexDamaged, InputError.
    """
    snapshot = open_snapshot(index)
    encoder = encoder_of(snapshot.manifest)
    return Assistant(index, encoder, reader=reader_of(encoder) if reader else None, snapshot=snapshot, model=model)


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
