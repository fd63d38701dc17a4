"""python -m eval.results: every set, one after the other, into one page of Markdown.

    python -m eval.results --data FOLDER [--out docs/results.md] [--limit 500] [--only NAME ...]

``FOLDER`` holds the public sets in the format of eval/README.md. Each set is asked of a throw-away index of its passages, with
and without the reader; the project's own questions of one of the sample articles. Of sets that the reader was trained on, or the
decision fitted, only what was held out of both is asked where the reader reads (eval/held_out.py). The numbers of each set, and
every question's, are kept as they come: a run that was stopped goes on with --only, and the page is made of all that is kept.
What ``eval.run --writer llm --json`` saved among them under a name that begins with "worded" is told at the end of it.
"""

import hashlib
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from corpus.console import during, mendable, progress_bar
from corpus.errors import InputError
from eval.compare import compare
from eval.dataset import Question, read_questions, subset
from eval.run import OWN, evaluate
from eval.sources import (
    Row,
    Source,
    about_other_things,
    across,
    answerable,
    dialogue_passages,
    dialogue_questions,
    half,
    own_answerable,
    own_short,
    passages,
    questions,
    test_part,
    unused,
    written,
)
from index.build import build
from index.encoder import Encoder, load_encoder
from index.options import SAMPLE_CORPUS, BuildOptions
from index.plan import Progress
from index.search import dense_search
from qa.assistant import Assistant
from qa.reader import Reader, load_reader

#: Questions in one language, or about articles in one, below which a share says nothing.
FEWEST = 20
PAGE, KEPT = Path("docs/results.md"), Path("var/results")


@dataclass(frozen=True)
class Set:
    """``passages``, ``questions``: the rows; None means the sample articles, the own test half. ``whole``: asked in full whatever
    the limit. ``read``: ask with the reader, too. ``chosen``: weights of the search, or of the reader in it, were chosen on some
    of its questions."""

    name: str
    about: str
    passages: tuple[Source, ...] | None
    questions: Source | None
    whole: bool = False
    read: bool = True
    chosen: bool = False


XQUAD = (("de", "German"), ("es", "Spanish"), ("ru", "Russian"), ("ar", "Arabic"))
#: Pairs of languages that nothing was chosen on; the questions are translations of those of the other pairs.
UNSEEN = (("de", "German", "es", "Spanish"), ("ru", "Russian", "de", "German"), ("es", "Spanish", "ro", "Romanian"),
          ("vi", "Vietnamese", "en", "English"))  # fmt: skip
PIAF, SQUAD = passages("piaf_fr"), passages("squad2_en")
SETS = (
    Set("own", "the project's own test half, over the sample articles", None, None, whole=True),
    Set("own short", "questions of three to seven words, as typed by one who has not read the articles: three about each sample "
        "article that it answers, one that it does not, two about something else", None, own_short, whole=True),
    # Not PIAF's: a quarter of them make no sense without their passage, and any folder answers « Qui compose l'équipe ? ».
    Set("own far off", "its answerable questions, and as many about something else altogether: CANARD's English ones, each about "
        "another person, band or the like, and Spanish and Italian ones about two subjects", None,
        half(own_answerable, about_other_things("squad2_es", "squad_it")), whole=True),
    Set("piaf_fr", "all French questions over 761 French passages", (PIAF,), questions("piaf_fr"),
        whole=True, read=False, chosen=True),
    Set("piaf_fr test part", "those about articles held out", (PIAF,), unused("piaf_fr")),
    Set("piaf_fr_en", "the same question in French and in English over the 761 French passages",
        (PIAF,), questions("piaf_fr_en"), whole=True, read=False, chosen=True),
    Set("piaf_fr_en test part", "those about articles held out",
        (PIAF,), test_part("piaf_fr", questions("piaf_fr_en")), whole=True, chosen=True),
    Set("piaf_fr_en mixed", "piaf_fr_en with 646 English passages added",
        (PIAF, SQUAD), questions("piaf_fr_en"), whole=True, read=False, chosen=True),
    Set("piaf_fr absent", "those and as many English and Spanish questions about something else", (PIAF,),
        half(unused("piaf_fr"), about_other_things("squad2_es"))),
    Set("squad2_en", "English, half of them near misses", (SQUAD,), questions("squad2_en"), read=False, chosen=True),
    Set("squad2_en test part", "those about articles held out", (SQUAD,), unused("squad2_en")),
    Set("squad2_en absent", "those and as many English and French ones about something else", (SQUAD,),
        half(answerable(unused("squad2_en")), about_other_things("piaf_fr"))),
    Set("squad_it", "Italian, machine-translated", (passages("squad_it"),), questions("squad_it"), read=False, chosen=True),
    Set("squad_it test part", "those about articles held out",
        (passages("squad_it"),), test_part("squad_it", questions("squad_it"))),
    *(Set(f"xquad en-{told}", f"question in English, 240 passages in {name}",
          (passages("xquad", language=told),), across("en", told), read=False, chosen=True) for told, name in XQUAD),
    *(Set(f"xquad {asked}-{told}", f"question in {name}, 240 passages in {other}",
          (passages("xquad", language=told),), across(asked, told), read=False) for asked, name, told, other in UNSEEN),
    *(Set(f"xquad en-{told} test part", f"English over {name}, about two articles held out",
          (passages("xquad", language=told),), test_part("xquad", across("en", told)), whole=True) for told, name in XQUAD),
    Set("piaf_fr among news", "as piaf_fr absent, with 3,000 French news articles added", (PIAF, passages("news_fr")),
        half(unused("piaf_fr"), about_other_things("squad2_es"))),
    Set("news_fr headings", "the first heading of one of 3,000 news articles", (passages("news_fr"),),
        questions("news_fr", lambda row: row["kind"] == "heading"), whole=True),
    Set("news_fr titles", "the title, of articles indexed without it", (passages("news_fr", titles=False),),
        questions("news_fr", lambda row: row["kind"] != "heading"), whole=True),
    Set("canard", "follow-ups, over what CANARD's answers say", (dialogue_passages,), dialogue_questions, read=False),
)  # fmt: skip
#: Heading and measure, a row of the table each; a set without the measure has no such row.
ROWS = (
    ("R@1", "recall_at_1"),
    ("R@5", "recall_at_5"),
    ("answer in first quote", "answer_in_first_quote"),
    ("in the quotes", "answer_in_quotes"),
    ("marked words: F1", "answer_f1"),
    ("exact", "answer_exact"),
    ("one of five passages", "one_of_five_holds"),
    ("false refusals", "false_refusals"),
    ("near misses: AUROC", "abstention_auroc.near_miss"),
    ("refused", "abstention_recall.near_miss"),
    ("absent: AUROC", "abstention_auroc.absent"),
    ("refused", "abstention_recall.absent"),
    ("of all refusals, right ones", "abstention_precision"),
    ("ECE", "ece"),
    ("were it calibrated", "ece_if_calibrated"),
    ("follow-ups", "follow_up_share"),
)


#: The same for answers that a chat model was to word.
WORDED = (
    ("worded", "worded"),
    ("sentences struck", "sentences_struck"),
    ("quotes dropped", "quotes_dropped"),
    ("quotes shown that are verbatim", "quotes_exact"),
    ("citation recall", "citation_recall"),
    ("citation precision", "citation_precision"),
    ("reply in the question's language", "reply_language"),
    ("answer in the quotes", "answer_in_quotes"),
    ("false refusals", "false_refusals"),
    ("milliseconds, median", "latency_p50_ms"),
    ("95th percentile", "latency_p95_ms"),
)


def measure(one: Set, data: Path, limit: int, work: Path, encoder: Encoder, reader: Reader | None, progress: Progress) -> Row:
    """The runs of the set, with the reader, where there is one, and without, and the paired tests between them.

    ``work``: holds the index; of one that was built there before, the vectors of articles that both have are taken over.
    """
    paths = [SAMPLE_CORPUS]
    if one.passages is not None:
        paths = [written(work / f"{at}.jsonl", source(data)) for at, source in enumerate(one.passages)]
    file = written(work / "questions.jsonl", one.questions(data)) if one.questions else OWN / "test.jsonl"
    held = read_questions(file)
    asked: list[Question] = held if one.whole else subset(held, limit)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:16]
    about = {"questions": {"files": [{"file": one.name, "sha256": digest}], "held": len(held), "asked": len(asked)}}
    build(paths, work / "index", encoder, BuildOptions(), progress=progress)
    runs = []
    for used in (reader, None) if reader and one.read else (None,):
        assistant = Assistant(work / "index", encoder, reader=used)
        runs.append(evaluate(assistant, asked, about, progress, datetime.now(UTC)))
    tested = compare(runs[1], runs[0])["measures"] if len(runs) == 2 else {}
    dense = compare(by_cosine(assistant, asked), runs[-1])["measures"].get("recall_at_1")
    return {"runs": runs, "tested": tested, "dense": dense}


def by_cosine(assistant: Assistant, asked: list[Question]) -> Row:
    """R@1 of the passage nearest by cosine, a run like the others: what words, languages and titles must not make worse."""
    snapshot = assistant.snapshot()
    results = []
    alone = [question for question in asked if question.right and not question.history]
    for question, vector in zip(alone, assistant.encoder.embed_queries([one.text for one in alone]), strict=True):
        nearest, _ = dense_search(snapshot, vector, 1)
        article = snapshot.articles[snapshot.chunk_article[nearest[0]]]
        measured = {"recall_at_1": float(article.id in question.right) / len(question.right)}
        results.append({"id": question.id, "question": question.text, "right": list(question.right), "measures": measured})
    return {"about": {}, "questions": results}


def page(measured: dict[str, Row]) -> str:
    """The sets measured, by name, as Markdown tables: value and 95 % interval."""
    lines = [
        "# Results",
        "",
        "Written by `python -m eval.results --data FOLDER`; what each number means is in `eval/README.md`.",
        "In brackets: 95 % intervals; p: paired tests of the two columns, and of cosine alone against no reader. In both,",
        "questions about one article hang together.",
        f"Languages of question, and of question and article, are told apart where there are {FEWEST} questions or more of each.",
        "",
    ]
    for one in SETS:
        if one.name not in measured:
            continue
        runs, tested = measured[one.name]["runs"], measured[one.name]["tested"]
        about, both = runs[0]["about"], len(runs) == 2
        names = ["with the reader", "without", "p"] if both else ["without the reader"]
        lines += [f"## {one.name}", "", f"{one.about[0].upper()}{one.about[1:]}. {_asked(about)}.", ""]
        if one.chosen:
            lines[-2] += " Weights of the search were chosen on some of these questions, among others (docs/decisions.md)."
        lines += [f"| | n | {' | '.join(names)} |", "|---" * (len(names) + 2) + "|"]
        for heading, name in _measures(runs[0]):
            cells = [_cell(name, run["summary"].get(name)) for run in runs]
            cells += [_p(tested[name]["p"]) if name in tested else ""] if both else []
            lines.append(f"| {heading} | {runs[0]['summary'][name]['n']} | {' | '.join(cells)} |")
            if name == "recall_at_1" and (dense := measured[one.name].get("dense")):
                value = f"{dense['before']:.3f} (p {_p(dense['p'])})"
                lines.append(f"| R@1 by cosine alone | {dense['n']} | {' | '.join(['–', value, ''] if both else [value])} |")
        lines += ["", f"<sub>{_made(about)}</sub>", ""]
    for name in sorted(measured):
        if name.startswith("worded"):
            lines += _worded(measured[name]["about"], measured[name]["summary"])
    return "\n".join(lines)


def _p(value: float) -> str:
    return f"{value:.2g}" if value >= 1e-3 else "< .001"


def _worded(about: Row, summary: Row) -> list[str]:
    """The section of a run whose answers a chat model was to word."""
    files = " and ".join(Path(file["file"]).stem for file in about["questions"]["files"])
    limits = about["model_limits"]
    lines = [f"## worded by {about['writer']}", ""]
    lines += [
        f"The project's own questions ({files}): {_asked(about)}. At most {limits['tokens']} tokens of a reply, from the first"
    ]
    lines += [f"passages that fit into {limits['passages']} bytes.", "", "| | n | value |", "|---|---|---|"]
    for heading, name in WORDED:
        if name in summary:
            lines.append(f"| {heading} | {summary[name]['n']} | {_cell(name, summary[name])} |")
    return [*lines, "", f"<sub>{_made(about)}</sub>", ""]


def _asked(about: Row) -> str:
    return f"{about['questions']['asked']} of {about['questions']['held']} questions, {about['counts']['articles']} articles"


def _made(about: Row) -> str:
    """What the numbers were made with, on a line."""
    return (
        f"{about['date'][:10]}; corpus {about['corpus_digest'][:12]}, encoder {about['encoder']['fingerprint']} "
        f"({about['encoder']['precision']}), reader {about['reader'] or 'none'}, decision {about['decision']}, "
        f"{about['machine']['cpus']} cores"
    )


def _measures(run: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Heading and name: the columns, and the main ones by question language, and by that and the article's, where there are
    several."""
    groups = sorted({name.partition(".")[2] for name in run["summary"]})
    languages, pairs = [one for one in groups if len(one) == len("fr")], [one for one in groups if "-" in one]
    for heading, name in ROWS:
        if name in run["summary"]:
            yield heading, name
        if name in ("recall_at_1", "recall_at_5", "answer_in_first_quote", "false_refusals"):
            for kind in (languages, pairs):
                held = [one for one in kind if f"{name}.{one}" in run["summary"]]
                for one in held if len(held) > 1 else []:
                    if run["summary"][f"{name}.{one}"]["n"] >= FEWEST:
                        yield f"{heading}, {one}", f"{name}.{one}"


def _cell(name: str, found: dict[str, Any] | None) -> str:
    if found is None:
        return "–"
    digits = 0 if name.endswith("_ms") else 3
    return f"{found['value']:.{digits}f} [{found['low']:.{digits}f}, {found['high']:.{digits}f}]"


def main(
    data: Annotated[Path, typer.Option(help="The folder of the public sets.")],
    out: Annotated[Path, typer.Option(help="The page to write.")] = PAGE,
    kept: Annotated[Path, typer.Option(help="Where each set's numbers are kept.")] = KEPT,
    limit: Annotated[int, typer.Option(min=1, help="Questions asked of a set that is not asked whole.")] = 500,
    only: Annotated[list[str] | None, typer.Option(help="Only these sets; may be repeated.")] = None,
) -> None:
    """Measure the sets and write the page."""
    with mendable():
        chosen = [one for one in SETS if not only or one.name in only]
        if not chosen:
            raise InputError(f"no such set: there are {', '.join(one.name for one in SETS)}")
        encoder = load_encoder()
        reader = load_reader(encoder)
        kept.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="article-qa-results-") as work:
            for done, one in enumerate(chosen):
                typer.echo(one.name, err=True)
                with during(f"{done} of {len(chosen)} sets are kept, {one.name}"), progress_bar() as progress:
                    found = measure(one, data, limit, Path(work), encoder, reader, progress)
                (kept / f"{one.name}.json").write_text(json.dumps(found), encoding="utf-8")
                measured = {path.stem: json.loads(path.read_text("utf-8")) for path in kept.glob("*.json")}
                out.write_text(page(measured), encoding="utf-8")
        typer.echo(f"{out} written: {', '.join(one.name for one in chosen)} measured")


if __name__ == "__main__":
    typer.run(main)
