"""python -m benchmarks.page_speed: how long the page takes to show that it works, in a real Chromium.

From the key pressed to each thing seen, timed by the browser itself, frame by frame: the first sign, the question in the
conversation, the first source, the answer, and the box open for the next question. The page is served from a process of its own.
"""

import json
import statistics
from pathlib import Path
from typing import Annotated, Any

import typer
from playwright.sync_api import Page, expect, sync_playwright

from benchmarks.load import QUESTIONS, serving
from corpus.console import mendable, progress_bar
from index.plan import Progress

CHROMIUM = Path("/usr/bin/chromium")
#: What is waited for: a name, and JavaScript that is true once it can be seen of the ``question``.
SEEN = {
    "sign": "shown('#aqa-sign').some(e => e.textContent) || shown('#aqa-log [data-testid=user]').some(said)",
    "question": "shown('#aqa-log [data-testid=user]').some(said)",
    "source": "shown('#aqa-sources .aqa-section').some(e => said(e) && e.querySelector('blockquote'))",
    "answer": "shown('#aqa-log .aqa-reply').length > before",
    "ready": "shown('#aqa-log .aqa-reply').length > before && !document.querySelector('#aqa-question textarea').disabled",
}
#: Milliseconds from the key to the frame in which each was first there.
WATCH = """(question) => {
  const shown = (what) => [...document.querySelectorAll(what)].filter((e) => e.checkVisibility());
  const said = (e) => e.textContent.includes(question);
  const before = shown('#aqa-log .aqa-reply').length;
  const seen = SEEN;
  const at = {};
  let began = 0;
  const look = () => {
    for (const name in seen) if (!(name in at) && seen[name]()) at[name] = performance.now() - began;
    if (Object.keys(at).length < Object.keys(seen).length) requestAnimationFrame(look);
    else window.seenAt = at;
  };
  window.seenAt = null;
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || began) return;
    began = event.timeStamp;
    requestAnimationFrame(look);
  }, true);
}""".replace("SEEN", "{" + ", ".join(f"{name}: () => {script}" for name, script in SEEN.items()) + "}")


def asked(page: Page, question: str) -> dict[str, float]:
    """Ask one question by the keyboard; milliseconds to each thing seen."""
    box = page.locator("#aqa-question textarea")
    box.fill(question)
    page.evaluate(WATCH, question)
    box.press("Enter")
    page.wait_for_function("window.seenAt", timeout=60_000)
    return dict(page.evaluate("window.seenAt"))


def measured(address: str, rounds: int, progress: Progress) -> dict[str, Any]:
    """Median and worst of all questions after a first one that warms everything up, for each thing seen."""
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 860}, locale="en-GB")
        page.goto(address)
        expect(page.locator("#aqa-question textarea")).to_be_visible(timeout=60_000)
        asked(page, QUESTIONS[0])
        times: list[dict[str, float]] = []
        for question in [f"{question} ({number})" for number in range(rounds) for question in QUESTIONS]:
            progress("asking", len(times), rounds * len(QUESTIONS))
            times.append(asked(page, question))
        browser.close()
    figures: dict[str, Any] = {"questions": len(times)}
    for name in SEEN:
        ordered = sorted(one[name] for one in times)
        figures |= {f"{name}_p50_ms": round(statistics.median(ordered)), f"{name}_max_ms": round(ordered[-1])}
    return figures


def main(
    rounds: Annotated[int, typer.Option(min=1)] = 3,
    index: Annotated[Path, typer.Option(help="The folder of the index.")] = Path("var/index"),
    port: int = 7958,
    out: Annotated[Path, typer.Option(help="Where the figures go.")] = Path("var/performance.json"),
) -> None:
    """Measure, and write the figures beside the others as JSON; ``python -m benchmarks.page`` makes the page of them."""
    with mendable():
        with progress_bar() as progress, serving(index, port) as (address, _):
            found = measured(address, rounds, progress)
        out.parent.mkdir(parents=True, exist_ok=True)
        figures = json.loads(out.read_text()) if out.is_file() else {"sizes": [], "factories": []}
        out.write_text(json.dumps({**figures, "page": found}, indent=1) + "\n")
        typer.echo(json.dumps(found, indent=1))


if __name__ == "__main__":
    typer.run(main)
