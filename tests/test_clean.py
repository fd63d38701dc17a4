"""Chrome marked out, body kept, on the sample corpus with its hand-written gold and on small cases."""

import json
import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.article import Article, Span
from corpus.clean import Cleaned, clean
from corpus.read import read_corpus

ROOT = Path(__file__).resolve().parents[1]
TODAY = date(2026, 1, 1)
GOLD = [json.loads(line) for line in (ROOT / "tests/data/chrome.jsonl").read_text("utf-8").splitlines()]

SCRAPED = """Titre de l'article sur le sommet de Paris

Titre de l’article sur le sommet de Paris

04.09.2025 07:13
1 min de lecture

Le premier paragraphe raconte ce qui s'est passé. Les cookies n'y sont pour rien.

Partager sur Facebook

Le second paragraphe continue. Laisser un commentaire est un droit, dit-il.

Laisser un commentaire

Your email address will not be published.

Dernières nouvelles

Un autre titre qui n'a rien à voir

À NE PAS MANQUER
"""


@pytest.fixture(scope="module")
def articles() -> dict[str, Article]:
    return {item.id: item for item in read_corpus([ROOT / "corpus/articles"]) if isinstance(item, Article)}


def test_the_shape_people_have() -> None:
    cleaned = clean(SCRAPED, "fr", TODAY)

    assert cleaned.title == "Titre de l'article sur le sommet de Paris"
    assert cleaned.published == date(2025, 9, 4)
    assert [span.of(SCRAPED) for span in cleaned.body] == [
        "Le premier paragraphe raconte ce qui s'est passé. Les cookies n'y sont pour rien.",
        "Le second paragraphe continue. Laisser un commentaire est un droit, dit-il.",
    ]


@pytest.mark.parametrize("gold", GOLD, ids=[gold["id"] for gold in GOLD])
def test_title_date_and_language_of_the_samples(gold: dict[str, str], articles: dict[str, Article]) -> None:
    article = articles[gold["id"]]

    assert article.title == gold["title"]
    assert (article.published.isoformat() if article.published else None) == gold["published"]
    assert article.language == gold["lang"]


def test_chrome_of_the_samples_stays_out_and_paragraphs_stay_in(articles: dict[str, Article]) -> None:
    left_in, lost = [], []
    for gold in GOLD:
        article = articles[gold["id"]]
        kept = {line.strip() for span in article.body for line in span.of(article.text).split("\n")}
        left_in += [(gold["id"], line) for line in gold["chrome"] if line in kept]
        paragraphs = [line.strip() for line in article.text.split("\n") if len(line.strip()) > 120]
        lost += [(gold["id"], line) for line in paragraphs if line not in kept and line not in gold["chrome"]]

    assert lost == []
    assert len(left_in) <= 0.01 * sum(len(gold["chrome"]) for gold in GOLD), left_in


def test_front_matter_is_metadata() -> None:
    text = '---\ntitle: "Un titre"\ndate: 2025-09-04\ntags:\n- ville\n  - pont\n\n# vu\n---\n\nLe texte de l’article est ici.\n'

    cleaned = clean(text, "fr", TODAY)

    assert (cleaned.title, cleaned.published) == ("Un titre", date(2025, 9, 4))
    assert [span.of(text) for span in cleaned.body] == ["Le texte de l’article est ici."]


FRONT_MATTERS = {
    "keys of several words": "title: Un titre\nPublish Date: hier\nDate de l’édition : demain\ndate: 2025-09-04",
    "quoted keys": "\"title\": Un titre\n'date': '2025-09-04'",
    "a space before the colon": "title : Un titre\ndate : 2025-09-04",
    "none after it": "title:Un titre\ndate:2025-09-04",
    "a blank line in a block": "title: Un titre\nsummary: |\n  Le pont est ouvert.\n\n  Le bac est fermé.\ndate: 2025-09-04",
    "a blank line in a list": "title: Un titre\ntags:\n- ville\n\n- pont\ndate: 2025-09-04",
    "brackets over several lines": "title: Un titre\ntags: [\nville,\n[pont, bac]\n]\ndate: 2025-09-04",
}


@pytest.mark.parametrize("case", FRONT_MATTERS)
def test_front_matter_is_read_as_people_write_it(case: str) -> None:
    text = f"---\n{FRONT_MATTERS[case]}\n---\n\nLe texte de l’article est ici.\n"

    cleaned = clean(text, "fr", TODAY)

    assert (cleaned.title, cleaned.published) == ("Un titre", date(2025, 9, 4))
    assert [span.of(text) for span in cleaned.body] == ["Le texte de l’article est ici."]


def test_a_front_matter_of_many_lines_takes_no_time() -> None:
    lines = "Publish Date: hier\n- a\n\n" * 100_000 + "x" * 40_000 + " " * 40_000 + ": a\n"
    started = time.process_time()

    assert clean(f"---\n{lines}title: Un titre\n---\n\nLe texte de l’article.\n", "fr", TODAY).title == "Un titre"
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "between",
    [
        "Ville: Le maire a démissionné.",
        "Le maire a démissionné.",
        "\nLe maire a démissionné.\n",
        "date: 2025-09-04\nLe maire a démissionné.",
    ],
)
def test_text_between_two_rules_is_text(between: str) -> None:
    text = f"---\n{between}\n---\n\nSon adjointe lui succède, a dit la mairie dans un communiqué.\n"

    assert "Le maire a démissionné." in " ".join(span.of(text) for span in clean(text, "fr", TODAY).body)


def test_a_single_paragraph_has_no_title() -> None:
    text = "Le tramway a ouvert lundi. Il relie la gare au port."

    assert clean(text, "fr", TODAY).title is None
    assert clean(text, "fr", TODAY).body == (Span(0, len(text)),)


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("L’incendie de Vertbois", "L’incendie de Vertbois"),
        ("Grève générale dimanche", "Grève générale dimanche"),
        ("Proche-Orient", None),
        ("Sports", None),
        ("Le feu est éteint.", None),
    ],
)
def test_a_short_line_alone_above_the_text_is_its_title_but_a_section_is_not(heading: str, title: str | None) -> None:
    paragraph = "Un feu s’est déclaré mardi à Vertbois, dans un entrepôt. Les pompiers l’ont maîtrisé vers midi, sans blessé."

    assert clean(f"{heading}\n\n{paragraph}\n", "fr", TODAY).title == title


def test_nothing_but_boilerplate_has_no_body() -> None:
    assert clean("Nous utilisons des cookies.\n\nTout accepter\n\nSe connecter\n", "fr", TODAY).body == ()


def test_a_line_of_many_spaces_takes_no_time() -> None:
    text = "Une phrase.\n" + " " * 40_000 + "\nUne autre phrase."
    started = time.process_time()

    assert [span.of(text) for span in clean(text, "fr", TODAY).body] == [text]
    assert time.process_time() - started < 2


def test_only_a_date_of_update_is_no_date_of_publication() -> None:
    text = "Un titre de quatre mots\n\nMis à jour le 05/09/2025 à 10:20\n\nLe texte de l’article est ici, en une phrase.\n"

    assert clean(text, "fr", TODAY).published is None


LINES = st.lists(
    st.one_of(
        st.sampled_from(SCRAPED.splitlines()),
        st.sampled_from(
            ["Lire aussi : un titre", "© 2025 Tous droits réservés", "Accueil > Monde", "Une phrase courte.", "# Titre", "---"]
        ),
        st.text(max_size=60),
    ),
    max_size=25,
).map("\n".join)


@given(LINES)
def test_body_spans_are_ordered_tight_and_inside(text: str) -> None:
    end = 0
    for span in clean(text, "fr", TODAY).body:
        assert end <= span.start < span.end <= len(text)
        assert span.of(text) == span.of(text).strip()
        end = span.end


@given(LINES)
def test_cleaning_what_is_clean_changes_nothing(text: str) -> None:
    """Law: blank out all but the body, clean again under the same title, and the body is the same."""
    first = clean(text, "fr", TODAY)
    kept = _visible(text, first)
    blanked = "".join(c if at in kept or c == "\n" else " " for at, c in enumerate(text))

    assert _visible(blanked, clean(blanked, "fr", TODAY, first.title or "a title that no line is")) == kept


def _visible(text: str, cleaned: Cleaned) -> set[int]:
    return {at for span in cleaned.body for at in range(*span) if not text[at].isspace()}
