"""Names in a sentence and in its quotes: across languages, scripts and cases; in German, where every noun looks like one."""

import pytest

from qa.places import places_in
from qa.sounds import alike
from qa.support import compared

RUSSIAN = (
    "Владимир Путин и Эмманюэль Макрон обсудили в Москве войну на Украине; президент Зеленский и канцлер Шольц с ними не встречались. "
    "Российские и американские дипломаты приехали из Германии, Каира и Парижа.",
    "ru",
)
UKRAINIAN = ("Президент Зеленський зустрівся з Еммануелем Макроном у Києві, а не в Польщі чи у Варшаві.", "uk")
ARABIC = ("التقى الرئيس الروسي فلاديمير بوتين بنظيره الفرنسي إيمانويل ماكرون في القاهرة، ثم سافر إلى روسيا.", "ar")
CHINESE = ("习近平周二在北京会见了法国总统马克龙。", "zh")
GREEK = ("Ο Κυριάκος Μητσοτάκης επισκέφθηκε τη Θεσσαλονίκη και το Παρίσι.", "el")
FRENCH = (
    "Emmanuel Macron a reçu Friedrich Merz à Paris, avant de partir pour Le Caire et les États-Unis. Les Français l’ont suivi.",
    "fr",
)
GERMAN = (
    "Bundeskanzler Friedrich Merz sprach am Dienstag in München mit Vertretern der Vereinigten Staaten und Frankreichs.",
    "de",
)
ENGLISH = ("Vladimir Putin and Emmanuel Macron met in Moscow.", "en")
HINDI = ("प्रधानमंत्री नरेंद्र मोदी ने मंगलवार को राष्ट्रपति पुतिन से मुलाकात की।", "hi")
#: sentence, its language, quote, (not in it, cannot be compared with it)
CASES = [
    # A name as it is written elsewhere, and as it stands in a case.
    ("Putin met Macron in Moscow.", "en", RUSSIAN, (), ()),
    ("Vladimir Poutine a parlé avec Emmanuel Macron à Moscou.", "fr", RUSSIAN, (), ()),
    ("Wladimir Putin sprach in Moskau mit Emmanuel Macron.", "de", RUSSIAN, (), ()),
    ("Then Zelensky and Scholz came from Germany.", "en", RUSSIAN, (), ()),
    ("Then Zelenskyy and Macron met in Kyiv.", "en", UKRAINIAN, (), ()),
    ("Selon lui, Zelensky est allé à Kiev, pas en Pologne ni à Varsovie.", "fr", UKRAINIAN, (), ()),
    ("Then Russian and American diplomats came to Ukraine.", "en", RUSSIAN, (), ()),
    ("Selon lui, Vladimir Poutine a vu Emmanuel Macron au Caire.", "fr", ARABIC, (), ()),
    ("There Putin met Macron in Cairo and then left for Russia.", "en", ARABIC, (), ()),
    ("There Kyriakos Mitsotakis went to Thessaloniki and Paris.", "en", GREEK, (), ()),
    ("Там были Макрон и Мерц, в Париже.", "ru", FRENCH, (), ()),
    ("There Xi Jinping met a guest in Beijing.", "en", CHINESE, (), ()),
    # In another script: a name that is not found is not known to be absent.
    ("Then Joe Biden came.", "en", RUSSIAN, (), ("Joe Biden",)),
    ("Then Angela Merkel came to Moscow.", "en", ARABIC, (), ("Angela Merkel", "Moscow")),
    ("Selon lui, Emmanuel Macron était à Pékin.", "fr", CHINESE, (), ("Emmanuel Macron", "Pékin")),
    ("Там были Путин и Макрон.", "ru", FRENCH, (), ("Путин",)),
    # Countries are known in every language.
    ("Then it went on in Italy and Japan.", "en", RUSSIAN, ("Italy", "Japan"), ()),
    ("Selon lui, la Chine et la France se sont rencontrées.", "fr", CHINESE, ("Chine",), ()),
    ("سافر الرئيس إلى مصر ثم إلى الولايات المتحدة.", "ar", FRENCH, ("مصر",), ()),
    ("Then he left for the US with NATO.", "en", FRENCH, ("NATO",), ()),
    ("Il est parti pour les USA et pour Le Caire.", "fr", FRENCH, (), ()),
    ("Then he left for Cairo, not for London.", "en", FRENCH, ("London",), ()),
    # German: nouns are no names.
    ("Der Bundeskanzler sprach am Dienstag über die Sicherheitsgarantien und den Haushalt.", "de", FRENCH, (), ()),
    ("Zwölf Vertreter der Vereinigten Staaten kamen im September nach München.", "de", GERMAN, ("Zwölf", "September"), ()),
    ("Die Regierung in Frankreich hat am Dienstag eine Entscheidung über die Verteidigungsausgaben getroffen.", "de", GERMAN, (), ()),
    ("Neue Regeln gelten, sagte Bundeskanzler Merz den Vertretern Frankreichs.", "de", GERMAN, (), ()),
    ("Anfang Mai sagte Präsident Macron, Frankreich zahle.", "de", GERMAN, ("Mai", "Macron"), ()),
    ("Ende Dezember kam Außenminister Johann Wadephul.", "de", GERMAN, ("Dezember", "Johann Wadephul"), ()),
    ("Das sagte Angela Merkel in Österreich.", "de", GERMAN, ("Angela Merkel", "Österreich"), ()),
    ("Das sagte Friedrich Merz in Frankreich und in den USA.", "de", FRENCH, ("Frankreich",), ()),
    ("Es ging um Millionen Euro, Tonnen Stahl und das Bundesland Hessen.", "de", GERMAN, (), ()),
    ("Das war in Japan, sagt Wladimir Putin.", "de", RUSSIAN, ("Japan",), ()),
    ("Das war Angela Merkel.", "de", RUSSIAN, (), ("Angela Merkel",)),
    # A single German surname, where it speaks or has an office.
    ("Müller sagte, das sei so.", "de", GERMAN, ("Müller",), ()),
    ("Am Montag besuchte Merkel Wien.", "de", GERMAN, ("Montag", "Wien", "Merkel"), ()),
    ("Die Kritik an Müller wächst.", "de", GERMAN, ("Müller",), ()),
    ("Nach Ansicht von Fischer ist das falsch.", "de", GERMAN, ("Fischer",), ()),
    ("Fischer protestieren, und ein alter Fischer ist dabei.", "de", GERMAN, (), ()),
    ("Drei Bauern kamen, einer war Koch.", "de", GERMAN, ("Drei",), ()),
    ("Am Dienstag erklärte Habermeier, das sei so.", "de", GERMAN, ("Habermeier",), ()),
    ("Das sei so, sagte Merz am Dienstag.", "de", GERMAN, (), ()),
    ("Das sei so, sagte Habermeier am Dienstag.", "de", GERMAN, ("Habermeier",), ()),
    ("Das sei so, so Habermeier.", "de", GERMAN, ("Habermeier",), ()),
    ("Das sei so, betonte Bürgermeisterin Schmidt-Weber.", "de", GERMAN, ("Schmidt-Weber",), ()),
    ("Herr Wagner war nicht da.", "de", FRENCH, ("Wagner",), ()),
    ("Merz sprach mit dem Minister.", "de", FRENCH, (), ()),
    ("Wagner sprach mit dem Minister.", "de", RUSSIAN, (), ("Wagner",)),
    ("Der Zweite Weltkrieg, der Oberste Gerichtshof und die Single-Haushalte.", "de", GERMAN, (), ()),
    ("Das gilt für den Haushalt. Sehr gern.", "de", GERMAN, (), ()),
    ("Ausdrücklich lobte er die Helfer.", "de", GERMAN, (), ()),
    ("Zugleich warnte am Dienstag die Regierung, Kritik sei verfrüht.", "de", GERMAN, (), ()),
    ("Die Polizei teilte mit, der Zug sei entgleist.", "de", GERMAN, (), ()),
    ("Er sagte Hilfe zu und forderte Aufklärung.", "de", GERMAN, (), ()),
    ("Kritiker sagten, das Konzert sei so Weltklasse wie nie.", "de", GERMAN, (), ()),
    ("Die Außenministerin sagte der Presse nichts.", "de", GERMAN, (), ()),
    # A German surname anywhere, if the word is no other; nouns that are in no dictionary are made of some that are.
    ("Das Treffen mit Habeck und Lagarde war kurz.", "de", GERMAN, ("Habeck", "Lagarde"), ()),
    ("Lindner kam nicht, die Haushaltskonsolidierungsgruppe auch nicht.", "de", GERMAN, ("Lindner",), ()),
    ("Der Rufsystemausschuss tagte im Stadtbahnsystem, nicht im Kohlekeller.", "de", GERMAN, (), ()),
    # The first word of a sentence, where no other word is written so.
    ("Biden was there.", "en", ENGLISH, ("Biden",), ()),
    ("Trump said so.", "en", ENGLISH, ("Trump",), ()),
    ("Putin said so.", "en", ENGLISH, (), ()),
    ("Officials said so; nobody said more.", "en", ENGLISH, (), ()),
    ("Somebody said so. Everyone agreed. However, talks went on.", "en", ENGLISH, (), ()),
    ("Sarkozy était là.", "fr", FRENCH, ("Sarkozy",), ()),
    ("Macron était là.", "fr", FRENCH, (), ()),
    ("Lagarde n’était pas là. Merz non plus.", "fr", FRENCH, ("Lagarde",), ()),
    ("Plusieurs étaient là. Aujourd’hui encore. Néanmoins, finalement, rien. Elus, ils restent.", "fr", FRENCH, (), ()),
    ("L’évolution est lente.", "fr", FRENCH, (), ()),
    ("L’Unesco est là.", "fr", FRENCH, ("Unesco",), ()),
    ("Mattarella era lì. Inoltre, nell’estate, tutto cambiò.", "it", FRENCH, ("Mattarella",), ()),
    ("Rajoy estuvo allí. Antes, nadie. Después, todos.", "es", FRENCH, ("Rajoy",), ()),
    ("Байден был там. Сегодня дипломаты приехали.", "ru", RUSSIAN, ("Байден",), ()),
    ("Путин был там. Однако никто не приехал.", "ru", RUSSIAN, (), ()),
    # In another language a word of the dictionary has another form, if an article says that it is one; names sound alike.
    ("Then the Council and its President met the Court.", "en", FRENCH, (), ()),
    ("Then they met Trump and Bush.", "en", FRENCH, ("Trump", "Bush"), ()),
    ("Allí, el Consejo vio a Lutero y a Adriano.", "es", ("Martin Luther and Hadrian.", "en"), (), ()),
    ("En el siglo XVIII, Carlos III estaba allí.", "es", ("Charles III, in the 18th century.", "en"), (), ()),
    # Scripts whose words are more than letters, or have small letters and no capitals.
    ("पुतिन जापान गए।", "hi", ENGLISH, ("जापान",), ()),
    ("მაკრონი საფრანგეთში დაბრუნდა.", "ka", ENGLISH, ("საფრანგეთი",), ()),
    ("마크롱은 프랑스로 돌아갔다.", "ko", ENGLISH, ("프랑스",), ()),
    ("Then Putin met Modi, not Angela Merkel.", "en", HINDI, (), ("Angela Merkel",)),
]  # fmt: skip
SOUNDS = [
    ("Putin", "Путина", True), ("Poutine", "بوتين", True), ("Biden", "Путин", False), ("Macron", "ماكرون", True), ("Merz", "Мерц", True),
    ("Scholz", "Шольцем", True), ("Schröder", "Шрёдер", True), ("Chruschtschow", "Хрущёва", True), ("Khrouchtchev", "Хрущёв", True),
    ("Erdogan", "أردوغان", True), ("Guterres", "غوتيريش", True), ("Guterres", "Гутерриш", True), ("Netanyahu", "נתניהו", True),
    ("Jinping", "习近平", True), ("Modi", "मोदी", True), ("Macron", "マクロン", True), ("Merkel", "Макрон", False), ("Zelensky", "Зеленского", True),
    ("Johannes", "Иоханнес", True), ("Jospin", "Жоспен", True), ("Prevost", "Прево", True), ("Trump", "Путин", False),
    ("Harris", "бориса", False), ("Leon", "Biden", False),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "language", "quote", "missing", "unchecked"), CASES)
def test_names_beyond_the_quote(
    sentence: str, language: str, quote: tuple[str, str], missing: tuple[str, ...], unchecked: tuple[str, ...]
) -> None:
    found = compared(sentence, language, [quote])

    assert (sorted(found[0]), sorted(found[1])) == (sorted(missing), sorted(unchecked))


@pytest.mark.parametrize(("name", "word", "same"), SOUNDS)
def test_what_sounds_alike(name: str, word: str, same: bool) -> None:
    assert alike(name, word) is same


def test_a_name_in_either_quote_is_in_its_quotes() -> None:
    assert compared("Then Putin met Merz, not Angela Merkel.", "en", [RUSSIAN, FRENCH]) == ((), ("Angela Merkel",))


def test_a_model_that_runs_on_is_compared_all_the_same() -> None:
    endless = "Das" + "das" * 2000

    assert compared(f"Dort war {endless} gestern.", "de", [GERMAN]) == ((endless,), ())


PLACES = [
    ("Les Pays-Bas et la Suisse", "fr", {"NL", "CH"}), ("Er war in den Vereinigten Staaten", "de", {"US"}), ("в Германии и США", "ru", {"DE", "US"}),
    ("프랑스에서 인도적 지원을", "ko", {"FR"}), ("साथ भारत और फ़्रांस", "hi", {"IN", "FR"}), ("ესპანეთმა და საფრანგეთის", "ka", {"ES", "FR"}),
    ("في مصر وبروسيا", "ar", {"EG", "RU"}), ("在法国和中国", "zh", {"FR", "CN"}), ("She may chat in a polish jordan way", "en", {"JO"}),
    ("Die Politik in Polen", "de", {"PL"}), ("It told us of a union", "en", set()), ("words of no language known", None, set()),
]  # fmt: skip


@pytest.mark.parametrize(("text", "language", "codes"), PLACES)
def test_places_by_their_names(text: str, language: str | None, codes: set[str]) -> None:
    assert {code for code in places_in(text, language) if "/" not in code and not code.isdecimal()} == codes
