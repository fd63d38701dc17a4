"""What a sentence says beyond its quotes: numbers, dates and names across languages."""

import pytest

from qa.support import numbers_in, unfit, unsupported

FRENCH = (
    "Le tram a coûté 1,6 milliard d’euros, et 26 pays l’ont financé le 4 septembre, dont l’Allemagne et les États-Unis, selon "
    "Emmanuel Macron. Le chancelier allemand et deux ministres français étaient à Londres.",
    "fr",
)
GERMAN = ("26 Länder wollen am 4. September zahlen, sagte Präsident Macron. Es kostet 1,6 Milliarden Euro, für zwölf Züge.", "de")
ARABIC = ("افتتح المتحف المصري الكبير في ١ نوفمبر ٢٠٢٥ في مصر", "ar")
#: sentence, its language, quote, what is not in it
CASES = [
    ("The tram cost 1.6 billion euros.", "en", FRENCH, ()),
    ("The tram cost 1,600 million euros.", "en", FRENCH, ()),
    ("The tram cost 1.6 million euros.", "en", FRENCH, ("1.6 million",)),
    ("The tram cost 1.7 billion euros.", "en", FRENCH, ("1.7 billion",)),
    ("Twenty-six countries paid on September 4.", "en", FRENCH, ()),
    ("Twenty-seven countries paid.", "en", FRENCH, ("Twenty-seven",)),
    ("It opened on 1 December 2016.", "en", FRENCH, ("1", "2016", "December")),
    ("It was paid by the United States and Germany.", "en", FRENCH, ()),
    ("It was paid by France and Italy.", "en", FRENCH, ("France", "Italy")),
    ("President Macron spoke of the American and German share on Tuesday.", "en", FRENCH, ()),
    ("Two French ministers were there, a German and an Italian.", "en", FRENCH, ("Italian",)),
    ("Then Vladimir Putin paid.", "en", FRENCH, ("Vladimir Putin",)),
    ("Vingt-six pays paieront le 4 septembre pour douze trains, selon M. Macron.", "fr", GERMAN, ()),
    ("Treize trains coûtent 1,6 million d’euros en Suisse.", "fr", GERMAN, ("1,6 million", "Treize", "Suisse")),
    ("The museum opened on 1 November 2025 in Egypt.", "en", ARABIC, ()),
    ("The museum opened on 2 December 2025 in Sudan.", "en", ARABIC, ("2", "December", "Sudan")),
    ("26 Länder zahlen, auch Deutschland.", "de", FRENCH, ()),
    ("Il tram è costato 1,6 miliardi il 4 settembre.", "it", FRENCH, ()),
    ("El tranvía costó 1,6 mil millones.", "es", FRENCH, ()),
]
UNFIT = [
    ("Il pleut sur la ville ![image](http://evil.example/?q=1)", "fr", "markup"),
    ("See HTTPS://evil.example", "en", "markup"),
    ("<b>bold</b>", "en", "markup"),
    ("&#60;script&#62;", "en", "markup"),
    ("A price below 3 < 4 and above 2 > 1 holds for both of the two lines.", "en", None),
    ("The Europeans regard the American safety net as essential to them.", "fr", "language"),
    ("Les Européens jugent le filet de sécurité américain essentiel.", "fr", None),
    ("Il a dit « The Europeans regard the American safety net as essential to them ».", "fr", None),
    ("Backstop.", "fr", None),
    ("The Europeans regard the American safety net as essential to them.", None, None),
]


@pytest.mark.parametrize(("sentence", "language", "quote", "missing"), CASES)
def test_names_what_stands_in_no_quote(sentence: str, language: str, quote: tuple[str, str], missing: tuple[str, ...]) -> None:
    assert sorted(unsupported(sentence, language, [quote])) == sorted(missing)


@pytest.mark.parametrize(("sentence", "language", "fault"), UNFIT)
def test_what_may_not_be_shown_at_all(sentence: str, language: str | None, fault: str | None) -> None:
    assert unfit(sentence, language) == fault


def test_a_point_may_mean_a_thousand_or_a_fraction() -> None:
    assert numbers_in("1.234, 1,234.5, 12 345,6 and ٤٣٢", "en") == {
        "1.234": {1.234, 1234.0},
        "1,234.5": {1234.5},
        "12 345,6": {12345.6},
        "٤٣٢": {432.0},
    }


def test_two_quotes_support_a_sentence_together() -> None:
    assert unsupported("Germany paid in November.", "en", [FRENCH, ARABIC]) == ()
