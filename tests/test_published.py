"""An HTML page is dated by what it says of itself, whole; else its day is unknown."""

import time
from datetime import date
from pathlib import Path

import pytest

from corpus.article import Article
from corpus.read import read_corpus

TODAY = date(2026, 1, 1)
DAY = date(2025, 9, 4)
PARAGRAPH = (
    "Le pont de la Lune a été inauguré mardi par le maire, devant deux cents personnes venues de toute la vallée, sous la pluie."
)
OTHER = (
    "<aside><h2>Lire aussi</h2><p><a href='/x'>Le quai ferme</a> <time datetime='2020-01-02'>2 janvier 2020</time></p></aside>"
)
PAGE = """<!DOCTYPE html><html lang="fr"><head><title>Le pont</title>{head}</head><body><article><h1>Le pont de la Lune</h1>{line}
<p>{p}</p><p>{p} Les travaux avaient commencé il y a trois ans.</p></article>{other}</body></html>"""


def ld(text: str) -> str:
    return f'<script type="application/ld+json">{text}</script>'


def meta(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{content}">'


HEADS = {
    "nothing": ("", None),
    "a time": (meta("article:published_time", "2025-09-04T05:13:00+02:00"), DAY),
    "a day": (meta("DC.date.issued", "2025-09-04"), DAY),
    "a day with slashes": (meta("pubdate", "2025/09/04 05:13"), DAY),
    "a day in eight digits": (meta("date", "20250904"), DAY),
    "a time as in mail": (meta("pubdate", "Thu, 04 Sep 2025 05:13:00 GMT"), DAY),
    "a day that is not in each": (
        meta("pubdate", "2025/02/31") + meta("publishdate", "20250231") + meta("publisheddate", "31 Feb 2025 05:13:00 GMT")
        + meta("dcterms.date", "04 Sep 25 05:13:00 GMT") + meta("date", "4 Sep 2025 05:13 +0200"), DAY),
    "a day that is not": (meta("article:published_time", "2025-02-31"), None),
    "a month": (meta("article:published_time", "2025-03"), None),
    "a year": (meta("date", "2025"), None),
    "a name with a day": (meta("date", "2025-09-04-le-pont"), None),
    "no date was set": (meta("article:published_time", "1970-01-01T00:00:00Z"), None),
    "tomorrow's paper": (meta("article:published_time", "2026-03-01"), None),
    "only an update": (meta("article:modified_time", "2025-09-05"), None),
    "a broken one and a whole one": (meta("article:published_time", "2025-09") + meta("date", "2025-09-04"), DAY),
    "JSON-LD": (ld('{"@type": "NewsArticle", "datePublished": "2025-09-04T08:00Z"}'), DAY),
    "JSON-LD in a graph": (ld('{"@graph": [{"@type": ["Thing", "Article"], "datePublished": "2025-09-04"}]}'), DAY),
    "JSON-LD in CDATA": (ld('\n//<![CDATA[\n{"@type": "Article", "datePublished": "2025-09-04"}\n//]]>\n'), DAY),
    "its picture": (
        ld('{"@type": "Article", "image": {"@type": "ImageObject", "datePublished": "2020-01-02"}, "datePublished": "2025-09-04"}'),
        DAY,
    ),
    "only its picture": (ld('{"@type": "ImageObject", "datePublished": "2020-01-02"}'), None),
    "two stories": (ld('[{"@type": "Article", "datePublished": "2025-09-04"}, {"@type": "Article", "datePublished": "2020-01-02"}]'), None),
    "broken JSON-LD": (ld('{"@type": "Article", "datePublished": "2025-09-04"'), None),
}  # fmt: skip


@pytest.mark.parametrize("case", HEADS)
def test_the_head_counts_where_it_is_whole_and_valid(case: str, tmp_path: Path) -> None:
    head, day = HEADS[case]

    assert published(tmp_path, head=head) == day


def test_the_page_s_own_json_ld_counts_where_it_describes_no_article(tmp_path: Path) -> None:
    page = '{"@type": "WebPage", "datePublished": "2025-09-04"}'
    article = '{"@type": "Article", "headline": "Le pont"}'

    assert published(tmp_path, head=ld(page)) == DAY
    assert published(tmp_path, head=ld(page) + meta("date", "2025-09-03")) == date(2025, 9, 3)
    assert published(tmp_path, head=ld(f"[{page}, {article}]")) is None


def test_json_ld_with_many_spaces_takes_no_time(tmp_path: Path) -> None:
    started = time.process_time()

    assert published(tmp_path, head=ld('{"@type": "Article", "datePublished": "2025-09-04"' + " " * 80_000 + "}")) == DAY
    assert time.process_time() - started < 2


LINES = {
    "in a paragraph": ("<p>Publié le 4 septembre 2025</p>", DAY),
    "in a line that the text leaves out": ("<div class='article-meta'>Publié le 4 septembre 2025 à 10h12</div>", DAY),
    "in a time": ("<header><time datetime='2025-09-04'>4 septembre 2025</time></header>", DAY),
    "around a time": ("<p>Publié le <time datetime='2025-09-04'>4 septembre 2025</time> à 10h</p>", DAY),
    "in a time that lacks the year": ("<div><time datetime='2025-09-04T10:12'>4 septembre à 10h12</time></div>", DAY),
    "around one": ("<p>Publié le <time datetime='2025-09-04'>4 septembre</time> à 10h</p>", DAY),
    "in one beside an hour that may be of an update": (
        "<time datetime='2025-09-04'>4 sept.</time> <time datetime='2025-09-05T11:46'>11:46</time>",
        DAY,
    ),
    "in one beside an update": (
        "<time datetime='2025-09-04'>4 septembre</time> <time class='updated' datetime='2025-09-05'>5 septembre</time>",
        DAY,
    ),
    "with its update": (
        "<div>Publié le <time>4 septembre 2025</time>, mis à jour le <time>5 septembre 2025</time></div>",
        DAY,
    ),
    "only an update": ("<div>Mis à jour le <time datetime='2025-09-05'>5 septembre 2025</time></div>", None),
    "two days": ("<time>4 septembre 2025</time><time>5 septembre 2025</time>", None),
    "in a sentence": ("<p>Le chantier avait ouvert le <time datetime='1999-03-04'>4 mars 1999</time>.</p>", None),
    "nowhere": ("", None),
}


@pytest.mark.parametrize("case", LINES)
def test_without_it_the_article_s_own_line_counts_and_another_story_s_never(case: str, tmp_path: Path) -> None:
    line, day = LINES[case]

    assert published(tmp_path, line=line, other=OTHER) == day


def published(folder: Path, head: str = "", line: str = "", other: str = "") -> date | None:
    page = PAGE.format(head=head, line=line, p=PARAGRAPH, other=other)
    (folder / "pont.html").write_text(page, encoding="utf-8")
    (article,) = read_corpus([folder], TODAY)
    assert isinstance(article, Article)
    return article.published
