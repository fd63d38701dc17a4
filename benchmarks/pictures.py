"""python -m benchmarks.pictures: the three pictures of the README, of the page as it is, over the live index.

The page is served from a process of its own and opened in a real Chromium; what the pictures show was asked and answered there.
"""

from pathlib import Path
from typing import Annotated

import typer
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from benchmarks.load import serving
from benchmarks.page_speed import CHROMIUM
from corpus.console import mendable

ENGLISH, FRENCH = "How do Europeans see the American backstop for Ukraine?", "Qui a succédé au pape François ?"
#: Colours of a picture: enough for its text, and a third of the bytes.
COLOURS = 128


def answered(browser: Browser, address: str, question: str, locale: str, width: int, height: int) -> Page:
    """The page with one question answered and its first marker followed."""
    page = browser.new_context(viewport={"width": width, "height": height}, locale=locale).new_page()
    page.goto(address)
    box = page.locator("#aqa-question textarea")
    expect(box).to_be_visible(timeout=60_000)
    page.wait_for_timeout(1000)
    box.fill(question)
    box.press("Enter")
    expect(page.locator(".aqa-reply")).to_have_count(1, timeout=60_000)
    expect(box).to_be_editable()
    page.locator(".aqa-marker").first.click()
    page.wait_for_timeout(1500)
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(500)
    return page


def keep(page: Page, path: Path) -> None:
    page.screenshot(path=path)
    Image.open(path).convert("RGB").quantize(COLOURS).save(path, optimize=True)
    typer.echo(f"{path} {path.stat().st_size:,} bytes")


def main(
    index: Annotated[Path, typer.Option(help="The folder of the index.")] = Path("var/index"),
    out: Annotated[Path, typer.Option(help="The folder the pictures go to.")] = Path("docs"),
    port: int = 7957,
) -> None:
    """Take them."""
    with mendable(), serving(index, port) as (address, _), sync_playwright() as running:
        browser = running.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        chat = answered(browser, address, ENGLISH, "en-GB", 1280, 720)
        keep(chat, out / "chat.png")
        with chat.context.expect_page() as opened:
            chat.get_by_role("link", name="Read the article").first.click()
        article = opened.value
        article.set_viewport_size({"width": 800, "height": 640})
        article.wait_for_timeout(500)
        article.reload()
        article.wait_for_timeout(500)
        keep(article, out / "article.png")
        keep(answered(browser, address, FRENCH, "fr-FR", 390, 780), out / "phone.png")
        browser.close()


if __name__ == "__main__":
    typer.run(main)
