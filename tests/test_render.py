"""What the page shows: exact words, and no markup but our own, whatever an article, a user or a writer holds."""

import html
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.article import Article, Chunk, Span
from index.snapshot import ArticleInfo
from qa.answer import Answer, Claim, Draft, Sentence, ground, not_found
from qa.assistant import Asked
from qa.cards import relevance_of
from qa.markup import escape, link_of, plain
from qa.page_texts import INTERFACES, Interface, language_name, preferred, words
from qa.render import header, notice, panel, render
from qa.retrieve import Hit

HOSTILE = (
    "<script>alert(1)</script><form action=https://evil.example><input></form>"
    '<div style="position:fixed;inset:0">x</div>![b](http://evil.example/?q=1) *i* _u_ `c` # h | $x$ &lt; https://evil.example '
    "\u202eeva\x96 javascript:alert(1)"
)
TEXT = "Le pont a cédé.\n\nIl avait été fermé « par précaution » lundi. Personne n’a été blessé. Une enquête est ouverte."
OURS = {
    *("aside", "section", "article", "h2", "h3", "h4", "p", "span", "bdi", "blockquote", "mark", "sup", "details", "summary"),
    *("div", "ul", "li", "a", "header", "h1", "strong"),
}


class Elements(HTMLParser):
    """The elements of a page as (tag, attributes), and the words inside each kind of tag."""

    def __init__(self, page: str):
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._open.append(tag)
        self.words.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in set(self._open):
            self.words[tag][-1] += data

    def all(self, tag: str, css: str = "") -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag and css in (attributes.get("class") or "")]


def article(text: str = TEXT, **known: object) -> Article:
    fields = {"id": "a", "path": "fr/a.txt", "title": "Le pont", "language": "fr", "source": None, "url": None, "published": None}
    return Article(**{**fields, "text": text, "body": (Span(0, len(text)),), **known})  # type: ignore[arg-type]


def hit(of: Article, start: int = 0, end: int | None = None, rank: int = 1) -> Hit:
    return Hit(rank, rank - 1, Chunk(of.id, start, len(of.text) if end is None else end), of, 0.9, 0.9, 0.5, 3.0)


def answered(hits: list[Hit], *sentences: tuple[str, str], confidence: float = 0.9) -> Asked:
    """An answer of sentences (prose, words claimed of the first hit's article)."""
    draft = Draft(tuple(Sentence(prose, (Claim(hits[0].article.id, claim),)) for prose, claim in sentences), "test")
    return asked(ground(draft, hits, confidence))


def asked(answer: Answer, question: str = "Why?") -> Asked:
    return Asked(question, "en", question, answer, "g", "e", None, {})


@given(st.text())
def test_escape_leaves_nothing_that_html_or_markdown_could_read(text: str) -> None:
    rest = re.sub(r"&#\d+;", "", escape(text))

    assert all(c.isalnum() or c == " " or "\x80" <= c <= "\x9f" for c in rest)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"])))
def test_escaped_text_reads_as_it_was(text: str) -> None:
    assert html.unescape(escape(text)) == text


def test_escape_encodes_the_underscore_and_keeps_c1_controls() -> None:
    assert escape("_a-é 1\x96") == "&#95;a&#45;é 1\x96"


def test_an_answer_shows_its_words_marker_and_confidence() -> None:
    quote = "Personne n’a été blessé."
    shown = render(answered([hit(article())], (f"According to “Le pont”: « {quote} »", quote)), "en")
    found = Elements(shown.answer_html)

    assert found.all("div") == [{"class": "aqa-reply aqa-found", "data-answer": "1"}]
    assert found.all("a") == [{"class": "aqa-marker", "href": "#aqa-1-1", "title": "Show source 1"}]
    assert found.words["a"] == ["[1]"]
    assert found.all("span") == [{"class": "aqa-words", "lang": "fr", "dir": "auto"}]
    assert found.words["span"] == [quote]
    assert found.words["p"] == [f"According to “Le pont”: « {quote} » [1]", "Do the articles answer this? Very likely (90%)"]
    assert plain(shown.answer_html) == f"According to “Le pont”: « {quote} » [1] Do the articles answer this? Very likely (90%)"


@pytest.mark.parametrize(
    ("confidence", "language", "first", "last"),
    [
        (0.29, "en", "Unsure: this may not answer the question (29%).", "“…” [1]"),
        (0.29, "fr", "Incertain\u00a0: ceci ne répond peut-être pas à la question (29\u00a0%).", "“…” [1]"),
        (0.35, "en", "“…” [1]", "Do the articles answer this? Perhaps (35%)"),
        (0.35, "fr", "“…” [1]", "Les articles y répondent-ils\u00a0? Peut-être (35\u00a0%)"),
    ],
)
def test_a_quote_that_may_be_beside_the_question_is_introduced_as_such(
    confidence: float, language: Interface, first: str, last: str
) -> None:
    """Before the quote; « Probably not » above words in quotation marks would be read as what they say."""
    shown = render(answered([hit(article())], ("“…”", "Personne n’a été blessé."), confidence=confidence), language)

    assert Elements(shown.answer_html).words["p"] == [first, last]


def test_a_source_card_says_what_is_known_and_marks_the_quote() -> None:
    known = article(source="Le Journal témoin", published=date(2025, 9, 4), url="https://journal.example/pont?a=1&b=2")
    shown = render(answered([hit(known)], ("“…”", "Personne n'a été blessé.")), "fr", "7").sources_html
    found = Elements(shown)

    assert found.all("section") == [{"class": "aqa-section aqa-quoted", "id": "aqa-7"}]
    assert found.all("mark")[0] == {"id": "aqa-7-1"}
    assert found.words["mark"][0] == "Personne n’a été blessé."
    assert found.words["blockquote"] == [TEXT]
    assert found.all("blockquote") == [{"class": "aqa-passage", "lang": "fr", "dir": "auto"}]
    assert found.words["h4"] == ["1Le pont"]
    assert (
        found.words["p"][0]
        == "Le Journal témoin · 4 septembre 2025 · français · résultat n° 1 · 50\u00a0% des mots de la question"
    )
    assert found.words["li"] == ["fr/a.txt, caractères 62 à 86", "Page d’origine (journal.example)"]
    assert TEXT[62:86] == "Personne n’a été blessé."
    assert found.all("a")[0]["href"] == known.url
    assert found.all("a")[0]["rel"] == "noopener noreferrer nofollow"


def test_what_is_unknown_is_said_to_be() -> None:
    unknown = article(title=None, language=None)
    found = Elements(render(answered([hit(unknown)], ("“…”", "Une enquête est ouverte.")), "en").sources_html)

    assert found.words["h4"] == ["1Article without a title"]
    assert found.words["p"][0] == "source unknown · date unknown · language unknown · match no. 1 · 50% of the question’s words"


def test_quotes_of_one_passage_share_a_card() -> None:
    shown = answered([hit(article())], ("a", "Personne n’a été blessé."), ("b", "Le pont a cédé."))
    found = Elements(render(shown, "en").sources_html)

    assert found.words["span"][:2] == ["1", "2"]
    assert len(found.all("article")) == 1
    assert [mark.get("id") for mark in found.all("mark")] == ["aqa-1-2", "aqa-1-1", None, None]  # the last two: unfolded below
    assert found.words["mark"][:2] == ["Le pont a cédé.", "Personne n’a été blessé."]


def test_overlapping_quotes_have_a_card_each() -> None:
    shown = answered([hit(article())], ("a", "Personne n’a été blessé."), ("b", "n’a été blessé. Une enquête"))
    found = Elements(render(shown, "en").sources_html)

    assert len(found.all("article")) == 2
    assert [mark["id"] for mark in found.all("mark") if "id" in mark] == ["aqa-1-1", "aqa-1-2"]


def test_a_passage_inside_the_article_shows_where_the_article_goes_on() -> None:
    start, end = TEXT.index("Personne"), TEXT.index(" Une enquête")
    found = Elements(render(answered([hit(article(), start, end)], ("“…”", "Personne n’a été blessé.")), "en").sources_html)

    assert found.words["blockquote"] == ["… Personne n’a été blessé. …"]
    assert found.words["div"] == [TEXT]


def test_only_the_body_is_unfolded() -> None:
    text = "MENU\n\nLe pont a cédé.\n\nPUBLICITÉ\n\nUne enquête est ouverte."
    body = (Span(6, 21), Span(34, 58))
    found = Elements(render(answered([hit(article(text, body=body), 6, 21)], ("“…”", "Le pont a cédé.")), "en").sources_html)

    assert found.words["div"] == ["Le pont a cédé.Une enquête est ouverte."]


def test_not_found_is_a_calm_notice_with_the_nearest_passages() -> None:
    hits = [hit(article(id=str(rank)), rank=rank) for rank in range(1, 6)]
    shown = render(asked(not_found("The articles do not answer this question.", hits, 0.125, "test")), "en")
    found, near = Elements(shown.answer_html), Elements(shown.sources_html)

    assert found.all("div") == [{"class": "aqa-reply aqa-not-found", "data-answer": "1"}]
    assert found.words["p"] == ["The articles do not answer this question.", "Do the articles answer this? Probably not (12%)"]
    assert near.all("section", "aqa-near")
    assert near.words["p"][0] == "Nearest passages. They do not answer the question."
    assert len(near.all("article")) == 3
    assert "mark" not in near.words


def test_not_found_in_nothing_has_no_sources() -> None:
    assert render(asked(not_found("There are no articles yet.", [], 0.0, "test")), "en").sources_html == ""


def test_what_was_left_out_is_shown_as_left_out() -> None:
    shown = answered([hit(article())], ("Kept.", "Le pont a cédé."), ("Invented.", "Le pont <b>brûle</b>."))
    found = Elements(render(shown, "en").answer_html)

    assert found.words["summary"] == ["Left out, because no article proves it as it was written (2)"]
    assert found.words["li"] == ["Le pont <b>brûle</b>.", "Invented."]


@pytest.mark.parametrize("prose", ["As note [7] says", "See [0]", "[1] first", "a [1] b", "[99999999999]"])
def test_a_bracket_that_is_no_marker_stays_text(prose: str) -> None:
    found = Elements(render(asked(Answer(prose, (), (hit(article()),), (), 0.9, "test")), "en").answer_html)

    assert "a" not in found.words
    assert found.words["p"][0] == prose


@pytest.mark.parametrize("ui_language", INTERFACES)
def test_hostile_words_are_shown_as_words(ui_language: Interface) -> None:
    """Article, title, source, path, question, prose and dropped claims alike."""
    hostile = article(f"Avant. {HOSTILE} Après.", title=HOSTILE, source=HOSTILE, path=HOSTILE, url=f"javascript:{HOSTILE}")
    draft = Draft((Sentence(HOSTILE, (Claim("a", HOSTILE),)), Sentence(HOSTILE, (Claim("a", f"no {HOSTILE}"),))), "test")
    shown = Asked(HOSTILE, "en", HOSTILE, ground(draft, [hit(hostile)], 0.9), "g", "e", None, {})
    rendered = render(shown, ui_language)
    found = Elements(rendered.answer_html + panel([rendered.sources_html], ui_language) + notice(HOSTILE))

    assert {tag for tag, _ in found.found} <= OURS
    allowed = {"class", "id", "data-answer", "lang", "dir", "href", "title", "tabindex", "target", "rel"}
    assert all(set(attributes) <= allowed for _, attributes in found.found)
    known = re.compile(rf"#aqa-|article\?id=a&start=\d+&end=\d+&sha256={hostile.digest}&language=(en|fr)#quote$")
    assert {known.match(str(a["href"])) is None for a in found.all("a")} == {False}
    assert found.words["mark"][0] == HOSTILE
    assert "\n" not in rendered.answer_html


@given(st.text(min_size=3, max_size=60).filter(lambda text: text.strip() == text and len(text) >= 3))
def test_a_mark_holds_the_stored_words(words: str) -> None:
    stored = article(f"Avant. {words} Après.")
    shown = answered([hit(stored)], ("said", words))
    quote = shown.answer.quotes[0]
    marked = re.search(r"<mark id=[^>]*>(.*?)</mark>", render(shown, "en").sources_html, re.DOTALL)

    assert marked is not None
    assert re.sub(r"&#(\d+);", lambda match: chr(int(match.group(1))), marked.group(1)) == quote.text


def test_control_and_direction_characters_of_a_file_name_are_spelled_out() -> None:
    found = Elements(render(answered([hit(article(path="a\u202etxt.exe\n"))], ("“…”", "Le pont a cédé.")), "en").sources_html)

    assert found.words["li"] == ["a\\u202etxt.exe\\u000a, characters 0 to 15"]


LINKS = {
    "https://journal.example/a": "journal.example",
    "http://journal.example:8080/a?b=c": "journal.example",
    "https://jоurnal.example/": "xn--jurnal-wqf.example",  # with a Cyrillic о
    "javascript:alert(1)": None,
    "data:text/html,x": None,
    "//journal.example": None,
    "https://user@journal.example/": None,
    "https://": None,
    "https://[::1": None,
    "https://journal.example/\n": None,
    "": None,
    None: None,
}


@pytest.mark.parametrize("url", LINKS)
def test_only_plain_web_addresses_become_links(url: str | None) -> None:
    link = link_of(url)

    assert (link[1] if link else None) == LINKS[url]


def test_the_panel_opens_the_last_answer_and_folds_the_others() -> None:
    shown = Elements(panel(['<p class="x">a</p>', "", '<p class="y">b</p>', '<p class="z">c</p>'], "fr"))

    assert shown.words["p"] == ["c", "b", "a"]
    assert shown.words["summary"] == ["Sources des réponses précédentes (2)"]
    assert shown.words["details"] == ["Sources des réponses précédentes (2)ba"]


def test_an_empty_panel_says_what_will_be_there() -> None:
    assert Elements(panel([""], "en")).words["p"] == [words("no_sources", "en")]


def test_the_header_counts_the_articles() -> None:
    shown = Elements(header("fr", 12, 1))

    assert shown.all("header") == [
        {
            "class": "aqa-header",
            "data-language": "fr",
            "data-submit": "Demander",
            "data-stop": "Arrêter",
            "data-searching": "Recherche dans les articles…",
            "data-chat": "Conversation",
            "data-clear": "Effacer la conversation",
            "data-retry": "Réessayer",
            "data-undo": "Annuler",
            "data-like": "J’aime",
            "data-dislike": "Je n’aime pas",
            "data-remove": "Retirer",
            "data-busy": "Beaucoup de personnes posent des questions\u00a0: la vôtre est revenue dans son champ. Réessayez bientôt.",
            "data-drop": "Déposez des fichiers ici, ou choisissez-les\u00a0: .txt, .md, .html, .htm, .jsonl, 5 Mo chacun au plus",
        }
    ]
    assert shown.words["span"] == ["12 articles en une langue"]


def test_both_languages_say_the_same_things() -> None:
    from qa.page_texts import _TEXTS

    assert _TEXTS["en"].keys() == _TEXTS["fr"].keys()
    for name in _TEXTS["en"]:
        assert set(re.findall(r"\{\w+\}", _TEXTS["en"][name])) == set(re.findall(r"\{\w+\}", _TEXTS["fr"][name])), name


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("fr-FR,fr;q=0.9,en;q=0.8", "fr"),
        ("en-GB,en;q=0.9,fr;q=0.8", "en"),
        ("en;q=0.5, fr;q=0.7", "fr"),
        ("de-DE,de;q=0.9,fr;q=0.4,en;q=0.2", "fr"),
        ("fr;q=0, en;q=0.1", "en"),
        ("de", "en"),
        ("", "en"),
        ("fr;q=x", "en"),
        ("*", "en"),
    ],
)
def test_the_browser_says_which_language_it_prefers(accepted: str, expected: str) -> None:
    assert preferred(accepted) == expected


def test_a_language_without_a_name_shows_its_code() -> None:
    assert [language_name(code, "fr") for code in ("de", "xx", None)] == ["allemand", "xx", "langue inconnue"]


def test_the_words_that_answer_stand_out_in_the_message_and_in_the_card() -> None:
    of = article()
    draft = Draft(
        (Sentence("D’après : « Personne n’a été blessé. »", (Claim("a", "Personne n’a été blessé.", "Personne"),)),), "test"
    )
    shown = render(asked(ground(draft, [hit(of)], 0.9)), "fr")

    assert Elements(shown.answer_html).words["strong"] == ["Personne"]
    card = Elements(shown.sources_html)
    assert "Personne" in card.words["strong"]
    assert card.words["mark"][0] == "Personne n’a été blessé."


@pytest.mark.parametrize("claimed", ["not there", "", "Personne n’a été blessé.", "lundi"])
def test_words_that_are_not_a_part_of_the_quote_are_not_marked(claimed: str) -> None:
    of = article()
    draft = Draft(
        (Sentence("D’après : « Personne n’a été blessé. »", (Claim("a", "Personne n’a été blessé.", claimed),)),), "test"
    )
    shown = render(asked(ground(draft, [hit(of)], 0.9)), "fr")

    assert "strong" not in Elements(shown.answer_html).words
    assert html.unescape(shown.answer_html).count("Personne n’a été blessé.") == 1


def test_hostile_words_that_answer_are_escaped() -> None:
    of = article(text=f"{HOSTILE} est tombé.")
    draft = Draft((Sentence(f"Il dit : « {HOSTILE} est tombé. »", (Claim("a", f"{HOSTILE} est tombé.", HOSTILE),)),), "test")
    shown = render(asked(ground(draft, [hit(of)], 0.9)), "fr")

    assert {tag for tag, _ in Elements(shown.answer_html).found + Elements(shown.sources_html).found} <= OURS


@pytest.mark.parametrize(
    ("reader", "lexical", "expected"),
    [
        (None, 0.0, ["match no. 1"]),
        (None, 0.049, ["match no. 1"]),
        (None, 0.05, ["match no. 1", "5% of the question’s words"]),
        (0.1, 0.0, ["match no. 1", "an answer was read in it"]),
        (0.0, 0.62, ["match no. 1", "no answer was read in it", "62% of the question’s words"]),
        (-12.0, 1.0, ["match no. 1", "no answer was read in it", "100% of the question’s words"]),
    ],
)
def test_relevance_is_told_in_words_that_hold(reader: float | None, lexical: float, expected: list[str]) -> None:
    found = replace(hit(article()), reader=reader, lexical=lexical)

    assert [html.unescape(part) for part in relevance_of(found, "en", quoted=False)] == expected
    told_of_a_quote = [part for part in expected if part != "no answer was read in it"]
    assert [html.unescape(part) for part in relevance_of(found, "en", quoted=True)] == told_of_a_quote


DAY, LATER = date(2025, 3, 2), date(2025, 7, 10)
BLESSED = "Personne n’a été blessé."
BESIDE = "Une enquête est ouverte."


@pytest.mark.parametrize(
    ("first", "second", "claims", "said"),
    [
        pytest.param(
            DAY, LATER, (BLESSED, BESIDE), "The sources are of different dates, from 2 March 2025 to 10 July 2025.", id="dates"
        ),
        pytest.param(DAY, None, (BLESSED, BESIDE), "The date of one of them is unknown.", id="a date unknown"),
        pytest.param(DAY, DAY, (BLESSED, BLESSED), "Two of them say it in the same words: one may be a copy.", id="copies"),
        pytest.param(DAY, DAY, (BLESSED, BESIDE), None, id="nothing to mind"),
        pytest.param(None, None, (BLESSED, BESIDE), None, id="no dates at all"),
    ],
)
def test_sources_that_disagree_in_date_or_say_the_same_are_told(
    first: date | None, second: date | None, claims: tuple[str, str], said: str | None
) -> None:
    one, other = article(published=first), article(id="b", path="fr/b.txt", published=second)
    sentences = tuple(Sentence("“…”", (Claim(of.id, claim),)) for of, claim in zip((one, other), claims, strict=True))
    shown = Elements(render(asked(ground(Draft(sentences, "test"), [hit(one), hit(other, rank=2)], 0.9)), "en").answer_html)

    assert len(shown.all("p", "aqa-mind")) == (said is not None)
    assert (said or "Do the articles answer this?") in " ".join(shown.words["p"])


@pytest.mark.parametrize(
    ("count", "said"), [(0, None), (1, "The same text in another article"), (3, "The same text in 3 other articles")]
)
def test_a_card_says_how_many_copies_there_are(count: int, said: str | None) -> None:
    one = article()
    infos = tuple(
        ArticleInfo(None, row, 0, 0, f"c{row}", f"c{row}.txt", one.digest, "Une copie", "fr", "Le Journal témoin")
        for row in range(1, count + 1)
    )
    held = replace(hit(one), copies=infos)
    shown = Elements(render(answered([held], ("“…”", BLESSED)), "en").sources_html)

    assert [summary for summary in shown.words["summary"] if "same text" in summary] == ([said] if said else [])
