"""python -m benchmarks.side_by_side --data FOLDER: this project and what one would take instead, in one run.

The same articles (news_fr of the data folder), the same questions (their first headings), the same encoder weights from the same
folder, one after the other on a machine that does nothing else. Each peer is installed from the package index into a throw-away
environment of its own; what this environment has already (torch, sentence-transformers) it uses from here. How each is
set up stands at the head of its file in ``benchmarks/peers``.
"""

import json
import subprocess
import sysconfig
import tempfile
import time
import venv
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from benchmarks.programs import finished
from benchmarks.scale import resident, timed
from corpus.console import during, mendable, progress_bar
from eval.sources import rows
from index.build import build
from index.encoder import load_encoder
from index.options import BuildOptions
from index.plan import Progress
from qa.assistant import Assistant, reader_of

PEERS = Path(__file__).parent / "peers"
#: File in ``peers``, packages.
OTHERS = {
    "plain": (),
    "txtai_peer": ("txtai",),
    "llama_index_peer": ("llama-index-core", "llama-index-embeddings-huggingface"),
    "haystack_peer": ("haystack-ai", "sentence-transformers-haystack"),
}


def plan(data: Path, count: int) -> dict[str, Any]:
    """``count`` articles and the questions about them, and one article more."""
    articles = [{key: row[key] for key in ("id", "title", "text", "lang")} for row in rows(data / "news_fr.passages.jsonl")]
    about = [row for row in rows(data / "news_fr.questions.jsonl") if row["kind"] == "heading"]
    right = {row["positive_passage_ids"][0] for row in about}
    articles.sort(key=lambda row: row["id"] not in right)
    kept, more = articles[:count], articles[count]
    held = {row["id"] for row in kept}
    questions = [{"text": row["question"], "right": row["positive_passage_ids"][0]} for row in about]
    return {"articles": kept, "more": more, "questions": [one for one in questions if one["right"] in held]}


def ours(plan: dict[str, Any], folder: Path, progress: Progress) -> list[dict[str, Any]]:
    """This project, with the answer and its quotes, and the search in it alone."""
    first, second = folder / "articles.jsonl", folder / "more.jsonl"
    first.write_text("".join(json.dumps(row) + "\n" for row in plan["articles"]), "utf-8")
    second.write_text(json.dumps(plan["more"]) + "\n", "utf-8")
    started = time.perf_counter()
    encoder = load_encoder()
    reader = reader_of(encoder)
    loaded = time.perf_counter() - started
    started = time.perf_counter()
    build([first], folder / "index", encoder, BuildOptions(), progress=progress)
    built = time.perf_counter() - started
    found = []
    for name, assistant in (
        ("this project, search and answer", Assistant(folder / "index", encoder, reader=reader)),
        ("this project, without the reader", Assistant(folder / "index", encoder)),
    ):
        for question in plan["questions"][:5]:
            assistant.ask(question["text"])
        taken, at_1, at_5 = [], 0, 0
        for done, question in enumerate(plan["questions"]):
            progress("asking", done, len(plan["questions"]))
            asked: list[Any] = []
            taken.append(timed(lambda text=question["text"], into=asked, one=assistant: into.append(one.ask(text))))  # type: ignore[misc]
            ids = list(dict.fromkeys(hit.article.id for hit in asked[0].answer.hits))
            at_1 += ids[:1] == [question["right"]]
            at_5 += question["right"] in ids[:5]
        count = len(taken)
        found.append({
            "name": name, "load_s": loaded, "build_s": built, "p50_ms": float(np.median(taken)),
            "p95_ms": float(np.percentile(taken, 95)), "recall_at_1": at_1 / count, "recall_at_5": at_5 / count,
            "rss_mb": resident(), "questions": count,
        })  # fmt: skip
    started = time.perf_counter()
    build([first, second], folder / "index", encoder, BuildOptions())
    assistant.ask(plan["questions"][0]["text"])
    for row in found:
        row["add_s"] = time.perf_counter() - started
    return found


def peer(name: str, packages: tuple[str, ...], plan: Path, folder: Path) -> dict[str, Any]:
    """One of the others, in an environment of its own; its error where it cannot be installed or does not run."""
    home = folder / name
    venv.create(home, with_pip=True)
    python = home / "bin" / "python"
    site = next((home / "lib").glob("python*/site-packages"))
    (site / "shared.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    if packages:
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages]
        done = finished(pip, stderr=subprocess.PIPE)
        if done.returncode:
            return {"name": name, "error": done.stderr.strip().splitlines()[-1]}
    show = [str(python), "-c", "import importlib.metadata as m, sys; print(*(f'{n} {m.version(n)}' for n in sys.argv[1:]))"]
    versions = subprocess.run([*show, *(packages or ("sentence-transformers",))], capture_output=True, text=True).stdout.strip()
    done = finished([str(python), str(PEERS / f"{name}.py"), str(plan)], stderr=subprocess.PIPE)
    if done.returncode:
        return {"name": versions, "error": done.stderr.strip().splitlines()[-1]}
    return {"name": versions, **json.loads(done.stdout.splitlines()[-1])}


def main(
    data: Annotated[Path, typer.Option(help="The folder of the public sets.")],
    count: Annotated[int, typer.Option(help="Articles.")] = 300,
    only: Annotated[list[str] | None, typer.Option(help="Names of peers.")] = None,
    out: Annotated[Path, typer.Option(help="Where the figures go.")] = Path("var/side_by_side.json"),
) -> None:
    """Measure this project, then each peer, and write the figures as JSON."""
    with mendable(), progress_bar() as progress, tempfile.TemporaryDirectory(prefix="peers-") as work:
        folder = Path(work)
        asked = plan(data, count)
        encoder = load_encoder()
        asked["model"] = str(Path(encoder.model[0].auto_model.config.name_or_path).absolute())
        (folder / "plan.json").write_text(json.dumps(asked), "utf-8")
        figures = []
        chosen = [name for name in OTHERS if not only or name in only]
        for done, name in enumerate(chosen):
            progress(f"peers: {name},", done, len(chosen))
            figures.append(peer(name, OTHERS[name], folder / "plan.json", folder))
            typer.echo(json.dumps(figures[-1]), err=True)
        with during("this project"):
            figures[:0] = ours(asked, folder, progress)
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(figures, indent=1))
        typer.echo(json.dumps(figures[:2]), err=True)


if __name__ == "__main__":
    typer.run(main)
