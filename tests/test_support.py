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
#: sentence, its language, quote, its language, what is not in it
NUMBERS_IN_WORDS = [
    ("Vinte e três pessoas morreram.", "pt", "Vingt-trois personnes sont mortes.", "fr", ()),
    ("Vinte e três pessoas, duas mulheres.", "pt", "23 personnes, dont une femme", "fr", ("duas",)),
    ("Havia três pessoas.", "pt", "Il y avait deux personnes.", "fr", ("três",)),
    ("Cento e vinte e uma pessoas e dois mil e cem animais.", "pt", "121 people, 2,100 animals", "en", ()),
    ("Cem por cento.", "pt", "100 %", "fr", ()),
    ("Прийшло двадцять п’ять людей.", "uk", "vingt-cinq personnes", "fr", ()),
    ("Прийшло двадцять людей.", "uk", "dix personnes", "fr", ()),
    ("Twenty-one people, 5 million euros.", "en", "Двадцять один чоловік, пʼять мільйонів євро", "uk", ()),
    ("A hundred people came, not two hundred.", "en", "Dix personnes sont venues.", "fr", ("two hundred",)),
    ("About a hundred people came, a dozen of them by train.", "en", "Une centaine de personnes, une douzaine en train", "fr", ()),
    ("Several hundred people, half a million euros, two and a half hours.", "en", "Des centaines, 500 000 euros, 2 h 30", "fr", ()),
    ("Nine and a half years, two and a half million euros.", "en", "9,5 ans, 2,5 millions d’euros", "fr", ()),
    ("Nine and a half years, a million and a half.", "en", "neuf ans et demi, un million et demi", "fr", ()),
    ("Over one million people and three hundred cars.", "en", "plus d’un million de personnes, trois cents voitures", "fr", ()),
    ("Between one hundred and two hundred people.", "en", "entre 100 et 200 personnes", "fr", ()),
    ("One hundred and fifty thousand euros.", "en", "cent cinquante mille euros", "fr", ()),
    ("Nine people.", "en", "neuf personnes", "fr", ()),
    ("Neuf personnes, soit cinquante pour cent.", "fr", "nine people, 50 %", "en", ()),
    ("Deux mille vingt-cinq, soixante et onze, vingt et un, quatre-vingt-un.", "fr", "2025, 71, 21, 81", "en", ()),
    ("Einige hundert Menschen.", "de", "Several hundred people.", "en", ()),
    ("Hundert Menschen, einundzwanzig davon Kinder.", "de", "A hundred people, twenty-two of them children.", "en", ("einundzwanzig",)),
    ("Treinta y tres mil personas, veintiún niños.", "es", "33,000 people, 21 children", "en", ()),
    ("C’erano cento persone, ventotto bambini, due milioni di euro.", "it", "100 people, 28 children, 3 million euros", "en", ("due milioni",)),
    ("Les quatre-vingt mille habitants, deux cent quatre-vingt mille en tout.", "fr", "80 000, 280 000", "fr", ()),
    ("Deux-cent-quatre-vingt-dix-mille, vingt‑six.", "fr", "290 000, 26", "de", ()),
    ("Quatre vingt dix sept ans.", "fr", "97 Jahre", "de", ()),
    ("Cent un élèves, deux cent un chats.", "fr", "101, 201", "fr", ()),
    ("Ciento un alumnos y quinientos un gatos.", "es", "101, 501", "es", ()),
    ("Le deux cent cinquantième anniversaire, le trente et unième jour.", "fr", "the 250th anniversary, the 31st day", "en", ()),
    ("The two hundred and fiftieth anniversary, two hundred twenty-fifth in all.", "en", "250., 225.", "de", ()),
    ("Two or three hundred people, three to four thousand cars.", "en", "200 à 300, 3 000 à 4 000", "fr", ()),
    ("Between two hundred and five thousand people.", "en", "entre 200 et 5 000 personnes", "fr", ()),
    ("Nineteen eighty-four, two dozen chapters.", "en", "1984, 24 chapitres", "fr", ()),
    ("La ville, le 4 sept. 2025.", "fr", "4 September 2025", "en", ()),
    ("Deux douzaines d’œufs.", "fr", "24 eggs", "en", ()),
    ("31 jours, 71 ans.", "fr", "trente-et-un jours, soixante et onze ans", "fr", ()),
    ("2,5 millions, 9,5 ans.", "fr", "two and a half million, nine and a half years, two cats, nine dogs", "en", ()),
    ("Era il settecento.", "it", "in the 18th century", "en", ()),
    ("5 millions deux cent mille euros.", "fr", "5 million, 5.2 million", "en", ()),
    ("200, 3 000, 53 000, 1 900.", "fr", "zweihundert, dreitausend, dreiundfünfzigtausend, tausendneunhundert", "de", ()),
    ("200, 3 000, 28, 1 900.", "fr", "duecento, tremila, ventotto, millenovecento", "it", ()),
    ("Dreißig Menschen, dann zweiundzwanzig.", "de", "four people", "en", ("Dreißig", "zweiundzwanzig")),
    ("двадцять четвертого лютого, сорок сьомий", "uk", "24 лютого, 47-й", "uk", ()),
    ("п’ять людей, три дні, сто тисяч", "uk", "п’ятеро, трьома днями, ста тисяч", "uk", ()),
    ("Five people.", "en", "пяти людям", "ru", ()),
]  # fmt: skip
#: The same, of dates.
DATES = [
    ("It opened in December.", "en", "Douze morts, 12 blessés", "fr", ("December",)),
    ("It opened in December.", "en", "Ouvert le 04/12/2025", "fr", ()),
    ("It opened in December.", "en", "geöffnet am 4.12.", "de", ()),
    ("It opened in December.", "en", "2025-12-04", "fr", ()),
    ("It opened in December.", "en", "2025年12月4日開幕", "ja", ()),
    ("It opened in December.", "en", "Khai trương vào tháng 12", "vi", ()),
    ("It opened in December.", "en", "Hausse de 3,12 points", "fr", ("December",)),
    ("It opened in December 2025.", "en", "12/2025", "fr", ()),
    ("It opened in December 2025.", "en", "2025-12", "fr", ()),
    ("It opened in December 2025.", "en", "12.2025", "de", ()),
    ("Il a ouvert le 9 mai.", "fr", "9/5", "de", ()),
    ("It opened in March.", "en", "The market opened.", "en", ("March",)),
    ("It opened on 4 December 2025.", "en", "04.12.2025", "de", ()),
    ("It opened on 4 December.", "en", "am 4.12. geöffnet", "de", ()),
    ("It opened on 5 December.", "en", "04.12.2025", "de", ("5",)),
    ("Es öffnete am 9. Mai.", "de", "9 May", "en", ()),
    ("Il a ouvert le 9 mai.", "fr", "9 May", "en", ()),
    ("Il a ouvert vendredi 4 décembre.", "fr", "Fri., 4 Dec. 2025", "en", ()),
    ("It opened on Friday, 4 December.", "en", "Fri., 4 Dec. 2025", "en", ()),
    ("It opened in December.", "en", "Відкрили у грудні.", "uk", ()),
    ("It opened in December.", "en", "Відкрили у травні.", "uk", ("December",)),
    ("It opened on Monday.", "en", "It opened yesterday.", "en", ("Monday",)),
    ("It opened on Monday.", "en", "Il a ouvert hier.", "fr", ()),
    ("Then on Monday it opened.", "en", "am Ostermontag", "de", ()),
    ("Il a ouvert dimanche.", "fr", "am Pfingstsonntag", "de", ()),
    ("Es öffnete am Sonntag.", "de", "am Pfingstsonntag", "de", ()),
    ("Es öffnete am Sonntag.", "de", "So., 4.12.", "de", ()),
    ("Abriu na segunda-feira.", "pt", "Abriu na 2.ª feira.", "pt", ()),
    ("It opened on Monday.", "en", "Il a ouvert lundi.", "fr", ()),
    ("It opened on Monday.", "en", "Abriu na segunda.", "pt", ()),
    ("It opened on Wednesday.", "en", "Відкрили у середу.", "uk", ()),
    ("It opened on Saturday.", "en", "Am Sonnabendabend geöffnet.", "de", ()),
    ("It opened on Monday.", "en", "افتتح يوم الاثنين", "ar", ()),
    ("Ha abierto el lunes en Santo Domingo.", "es", "Opened on Monday in Santo Domingo.", "en", ()),
    ("Il l’a dit mardi.", "fr", "Il l’a dit lundi.", "fr", ("mardi",)),
    ("He reads the Sunday Times.", "en", "Il lit le Sunday Times.", "fr", ()),
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


@pytest.mark.parametrize(("sentence", "language", "quote", "quoted_in", "missing"), [*NUMBERS_IN_WORDS, *DATES])
def test_numbers_in_words_and_dates(sentence: str, language: str, quote: str, quoted_in: str, missing: tuple[str, ...]) -> None:
    assert sorted(unsupported(sentence, language, [(quote, quoted_in)])) == sorted(missing)


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


def test_a_hundred_in_a_name_is_no_number_but_may_prove_one() -> None:
    assert numbers_in("la guerre de Cent Ans, Cent vingt", "fr") == {"Cent vingt": {20.0, 120.0}}
    assert numbers_in("la guerre de Cent Ans", "fr", loosely=True) == {"Cent": {100.0}}


def test_two_quotes_support_a_sentence_together() -> None:
    assert unsupported("Germany paid in November.", "en", [FRENCH, ARABIC]) == ()
