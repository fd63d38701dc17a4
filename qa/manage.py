"""What an operator may do from the page: rebuild, roll back, drop articles in, run the evaluation. One thing at a time."""

import json
import logging
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from corpus.article import Article
from corpus.errors import ArticleQAError, IndexBusy, InputError
from corpus.read import SUFFIXES, read_corpus
from index.build import build
from index.gate import Gate, evaluation_gate
from index.options import BuildOptions
from index.publish import rollback
from index.snapshot import live_generation, read_manifest
from qa.assistant import Assistant
from qa.failures import trace_of
from qa.lines import in_words
from qa.page_reports import build_told, error_told
from qa.page_texts import Interface, words
from qa.steps import in_steps

#: Bytes of a file dropped in, and how many at once.
LARGEST_DROP = 5_000_000
MOST_DROPS = 50
log = logging.getLogger("article-qa")
_MORE: dict[Interface, str] = {
    "en": "{count} more: not taken, drop them again, at most {most} at once",
    "fr": "{count} de plus\u00a0: refusés, déposez-les de nouveau, {most} à la fois au plus",
}
_SAID = re.compile(r"(\w+) (\d+) of (\d+)")


@dataclass(frozen=True)
class Step:
    """How far a piece of work has come: ``done`` of ``total``, 0 where that is not known. The last one holds the ``report``,
    in the page's language."""

    stage: str
    done: int = 0
    total: int = 0
    report: str | None = None
    failed: bool = False


@dataclass(frozen=True)
class Office:
    """``drop``: the folder that dropped articles go to, part of the corpus; None where none are taken."""

    assistant: Assistant
    drop: Path | None = None
    gate: Gate | None = field(default_factory=evaluation_gate)
    _busy: threading.Lock = field(default_factory=threading.Lock)

    @property
    def evaluation(self) -> Path:
        """The folder of the last run's run.json and run.html, beside the index."""
        return self.assistant.index.with_name("evaluation")

    def rebuild(self, language: Interface = "en") -> Iterator[Step]:
        """Bring the index up to date with its corpus, through the gate; the last step tells what came of it."""

        def work(progress: Callable[[str, int, int], None]) -> str:
            manifest = read_manifest(live_generation(self.assistant.index))
            corpus, options = [Path(path) for path in manifest["corpus"]], BuildOptions(**manifest["options"])
            encoder = self.assistant.encoder
            report = build(corpus, self.assistant.index, encoder, options, gate=self.gate, progress=progress)
            return build_told(report, language)

        return self._alone(work, language)

    def roll_back(self, language: Interface = "en") -> Iterator[Step]:
        """Go back to the generation before."""

        def work(progress: Callable[[str, int, int], None]) -> str:
            return words("live_again", language, generation=rollback(self.assistant.index))

        return self._alone(work, language)

    def evaluate(self, language: Interface = "en") -> Iterator[Step]:
        """Run the evaluation on the live index, as a program of its own; its report replaces the last one's whole."""

        def work(progress: Callable[[str, int, int], None]) -> str:
            folder = self.evaluation
            folder.mkdir(parents=True, exist_ok=True)
            partial = {name: folder / f".partial.{name}" for name in ("run.json", "run.html")}
            command = [sys.executable, "-m", "eval.run", "--index", str(self.assistant.index.absolute())]
            command += ["--json", str(partial["run.json"].absolute()), "--report", str(partial["run.html"].absolute())]
            home = Path(__file__).parents[1]
            environment = os.environ | {"PYTHONPATH": str(home)}
            running = subprocess.Popen(
                command, cwd=home, env=environment, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
            )
            with running:
                last = ""
                for line in running.stderr or ():
                    last = line.strip() or last
                    said = _SAID.match(line)
                    if said:
                        progress(said[1], int(said[2]), int(said[3]))
            if running.returncode:
                raise InputError(f"the evaluation stopped: {last}")
            asked = json.loads(partial["run.json"].read_text("utf-8"))["about"]["questions"]["asked"]
            for name, path in partial.items():
                path.replace(folder / name)
            return words("evaluated", language, count=asked)

        return self._alone(work, language)

    def take_in(self, files: list[Path], language: Interface = "en") -> list[str]:
        """Put files into the drop folder under names of their own; a line for each that was taken or why it was not.

        Only what reads as an article is taken, and nothing that is there is replaced. Of more than MOST_DROPS the last line tells
        how many were left. The files given are removed.
        """
        if self.drop is None:
            raise InputError("no articles are taken in: start with --drop FOLDER")
        said = []
        for file in files[:MOST_DROPS]:
            try:
                said.append(in_words(self._taken(file), language))
            finally:
                file.unlink(missing_ok=True)
        left = files[MOST_DROPS:]
        for file in left:
            file.unlink(missing_ok=True)
        return said + ([_MORE[language].format(count=len(left), most=MOST_DROPS)] if left else [])

    def _taken(self, file: Path) -> str:
        assert self.drop is not None
        name = re.sub(r"[^\w.-]+", "-", file.name).lstrip(".-")[-100:]
        if file.suffix.lower() not in SUFFIXES:
            return f"{name}: not taken, only {', '.join(SUFFIXES)} are"
        if file.stat().st_size > LARGEST_DROP:
            return f"{name}: not taken, larger than {LARGEST_DROP // 1_000_000} MB"
        found = list(read_corpus([file]))
        if not any(isinstance(item, Article) for item in found):
            reason = next((item.reason for item in found if not isinstance(item, Article)), "it holds no article")
            return f"{name}: not taken, {reason}"
        self.drop.mkdir(parents=True, exist_ok=True)
        try:
            with (self.drop / name).open("xb") as target:
                target.write(file.read_bytes())
        except FileExistsError:
            return f"{name}: not taken, there is one of that name"
        return f"{name}: taken in; rebuild to ask it"

    def _alone(self, work: Callable[[Callable[[str, int, int], None]], str], language: Interface) -> Iterator[Step]:
        """The work, a step at least every BEAT. Closing the iterator does not stop it: it goes live whole or not."""

        def run(tell: Callable[[Step], None]) -> None:
            try:
                report = Step("done", report=work(lambda *step: tell(Step(*step))))
            except ArticleQAError as error:
                report = Step("done", report=error_told(error, language), failed=True)
            except Exception as error:
                log.error("what an operator began has failed: %s", trace_of(error))
                report = Step("done", report=in_words(f"it failed ({type(error).__name__})", language), failed=True)
            finally:
                self._busy.release()
            tell(report)

        if not self._busy.acquire(blocking=False):
            raise IndexBusy("something else is being done already: wait for it, then try again")
        latest = Step("starting")
        for step in in_steps(run):
            latest = step or latest
            yield latest
