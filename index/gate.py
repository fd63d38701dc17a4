"""The gate a new generation passes before it goes live.

What is asked, and what of it must hold, is the evaluation's matter (``eval/gate.py``). It is run as a program of its own:
the index knows nothing of questions, and a gate that crashes takes no build with it.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.console import uninterrupted
from corpus.errors import ArticleQAError

VERDICT = "gate.json"
#: The last candidate that the gate refused.
REFUSED = ".refused"
SILENT = "python -m index build --no-gate"


@dataclass(frozen=True)
class Verdict:
    """``reasons``: why the generation is refused, a line each; none if it passes. ``measured``: the numbers behind it."""

    reasons: tuple[str, ...]
    measured: dict[str, Any]

    @property
    def passed(self) -> bool:
        return not self.reasons


#: The candidate's folder and the live generation's, where there is one, to a verdict.
Gate = Callable[[Path, Path | None], Verdict]


def evaluation_gate(questions: Path | None = None) -> Gate:
    """The gate of ``python -m eval.gate``; ``questions``: a file of questions about the corpus, asked as well.

    ArticleQAError where the gate itself cannot run.
    """

    def gate(candidate: Path, live: Path | None) -> Verdict:
        command = [sys.executable, "-m", "eval.gate", "--candidate", str(candidate.absolute())]
        command += ["--live", str(live.absolute())] if live else []
        command += ["--questions", str(questions.absolute())] if questions else []
        # The checkout's own package: "eval" is also the name of a published distribution.
        paths = [str(Path(__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
        status, output = _run(command, environment)
        try:
            said = json.loads(output)
            return Verdict(tuple(said["reasons"]), said["measured"])
        except (ValueError, KeyError, TypeError):
            raise ArticleQAError(
                f"the evaluation of the new index could not run (exit {status}); the live index is untouched: "
                f"mend what is said above, or pass over it with {SILENT}"
            ) from None

    return gate


def _run(command: list[str], environment: dict[str, str]) -> tuple[int, str]:
    """Exit status and stdout. Interrupted, nothing of it goes on: ``subprocess.run`` would forget a program whose start an
    interruption met, and that would judge what the build meanwhile removes."""
    running = None
    try:
        with uninterrupted():
            running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        output, _ = running.communicate()
        return running.returncode, output
    finally:
        if running:
            with running:  # closes its pipe and waits for it
                running.kill()
