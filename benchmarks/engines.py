"""python -m benchmarks.engines --data FOLDER: what the encoder's engines cost in finding, over all of PIAF's questions.

An index of all passages for each engine, all 3,835 questions searched in it, words and languages mixed as in the product; the
first hit right or not, paired with float32: the change, its 95 % interval and the p of the randomisation test, questions about
one passage together.
"""

import json
import tempfile
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from corpus.console import during, mendable, progress_bar
from corpus.language import question_language
from eval.dataset import Question, read_questions
from eval.metrics import Floats, paired
from eval.sources import passages, questions, written
from index.build import build
from index.encoder import Encoder, load_encoder
from index.options import ENGINES, FLOAT, BuildOptions
from index.plan import Progress
from index.snapshot import open_snapshot
from qa.options import AskOptions
from qa.retrieve import retrieve


def first_right(index: Path, encoder: Encoder, asked: list[Question], progress: Progress) -> Floats:
    """(questions,) 1 where the first hit is of a right article."""
    snapshot = open_snapshot(index)
    found = []
    for done, question in enumerate(asked):
        progress("asking", done, len(asked))
        language = question_language(question.text)
        hits = retrieve(snapshot, question.text, language, encoder.embed_queries([question.text])[0], AskOptions(k=1))
        found.append(float(bool(hits) and hits[0].article.id in question.right))
    return np.array(found)


def main(
    data: Annotated[Path, typer.Option(help="The folder of the public sets.")],
    out: Annotated[Path, typer.Option(help="Where the figures go.")] = Path("var/engines.json"),
) -> None:
    """Measure, print, and write the figures as JSON."""
    with mendable(), tempfile.TemporaryDirectory(prefix="engines-") as name:
        work = Path(name)
        corpus = written(work / "piaf_fr.jsonl", passages("piaf_fr")(data))
        asked = read_questions(written(work / "questions.jsonl", questions("piaf_fr")(data)))
        asked = [question for question in asked if question.right]
        passage = np.unique([question.right[0] for question in asked], return_inverse=True)[1]
        right = {}
        for engine in ENGINES:
            encoder = load_encoder(engine=engine)
            with during(engine), progress_bar() as progress:
                build([corpus], work / engine, encoder, BuildOptions(engine=engine), progress=progress)
                right[engine] = first_right(work / engine, encoder, asked, progress)
        engines = {}
        for engine, found in right.items():
            change = found - right[FLOAT]
            low, high, p = paired(change, passage)
            engines[engine] = {
                "recall_at_1": float(found.mean()), "change": float(change.mean()), "low": low, "high": high, "p": p,
            }  # fmt: skip
        figures = {"questions": len(asked), "engines": engines}
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(figures, indent=1))
        typer.echo(json.dumps(figures, indent=1))


if __name__ == "__main__":
    typer.run(main)
