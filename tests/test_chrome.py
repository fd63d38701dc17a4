"""Lines that are no part of an article, sentences that only look like such lines, and lines that would take long to judge."""

import re
import time
from collections.abc import Callable
from functools import partial

import pytest

from corpus.chrome import BREADCRUMB, CONTROL, CREDIT, OPEN_ENDED, READING_TIME, RELATED, fold, is_chrome

SENTENCES = """
Registered unemployment in the region fell to 5.1 percent in March.
Subscribers to the streaming service rose by two million over the summer.
Login data of 3 million customers was stolen, the company said.
Register offices in Scotland recorded fewer births than deaths last year.
Subscribe to that theory and the deficit no longer matters, he wrote.
Sign up for the vaccine began on Monday.
Sign in Hebrew warned drivers of mines along the road.
The foundation, a 501(c)(3) nonprofit, gave two million dollars.
(c) the applicant must have lived in the state for five years;
Copyright law was changed in March after two years of debate.
Share the burden, the minister told the mayors of the coast.
More from Africa arrived in the ports of Sicily.
Privacy-minded readers left the network in May.
Video: the suspect was arrested in Leeds on Tuesday.
Source: the prosecutor has asked for three more weeks.
By staff estimates the reserve will last until June.
Already a member of the union, Croatia joined Schengen in 2023.
Vidéo de l'agression : le suspect a été arrêté mardi.
Crédit d'impôt : le Sénat a voté la réforme mercredi.
Image de marque : le groupe a perdu des clients.
S'abonner coûte désormais douze euros par mois.
Recevez les réfugiés, a demandé le pape aux évêques.
Inscrivez-vous dans la durée, a conseillé le ministre.
Déjà abonné à trois services, le foyer moyen en cherche un quatrième.
Partager, c'est ce que demandent les habitants du village.
Sources : l'enquête avance, selon le parquet.
Dossier : la Cour des comptes a rendu son rapport.
Soyez le premier ministre de tous, lui a lancé le roi.
Anmelden kann man sich bis Freitag im Rathaus.
Registrieren müssen sich alle Halter bis Ende Mai.
Bereits Kunden der Bank hatten davor gewarnt.
Bild-Zeitung und Spiegel hatten zuerst darüber berichtet.
Foto-Finish in Monza: Leclerc gewann mit drei Hundertsteln.
Kontakt-Beschränkungen gelten seit Montag nicht mehr.
Teilen, sagte die Ministerin, müssen alle Länder.
Mehr aus Not als aus Liebe heirateten sie.
Contenido para adultos inundó la red social.
Imagen de una España dividida: así lo vio la prensa inglesa.
Compartir, dijo el papa, es la única salida.
Regístrate en la historia, le pidió el entrenador.
Fuente: el presidente dimitió por razones de salud.
Registrati 300 casi di morbillo a Milano nel mese di marzo.
Abbonati in calo del cinque per cento nel primo trimestre.
Articolo per articolo, il Senato ha votato la legge.
Condividi l'onere, ha detto il premier ai colleghi.
Accedi alla verità, gli disse il giudice.
Fonte: o ministro pediu a demissão na quinta-feira.
Foto de família dos líderes abriu a cimeira do Rio.
Temas: a reforma fiscal e o clima dominaram o debate.
Registered, a startup de Lisboa, captou dois milhões.
سجل المنتخب المغربي هدفين في الشوط الثاني.
سجل المنتخب المغربي هدفين
شارك آلاف المتظاهرين في مسيرة بالرباط.
اشترك المنتخب في البطولة للمرة الثالثة.
أرسل الجيش تعزيزات.
استمع القاضي إلى الشهود يوم الاثنين.
لن يتم نشر القوات في العاصمة قبل الانتخابات.
رفض جميع المقترحات.
المصدر: استقال الوزير مساء الخميس بسبب المرض.
""".strip().split("\n")
HEADLINES = """
Registered unemployment falls to 5.1 percent
Subscribers to the service up by two million
Login data of 3 million customers stolen
Privacy-focused phones gain ground in Europe
Contact-tracing app to be shut down in June
Copyright law reform divides the parliament
Bild-Zeitung: Habeck will gehen
Crédit d'impôt : le Sénat vote la réforme
Abbonati in calo a Torino
Vidéo de l'agression à Lyon
Anmelden kann man sich im Rathaus
""".strip().split("\n")

CHROME = {
    "sharing": """
Partager | Partager sur Facebook | Partagez l'article : | Share | Share this article | Share via email | Share on X, Facebook | Follow us on Twitter
Suivez-nous sur : | Artikel teilen | Teilen auf WhatsApp | Compartir en Facebook | Condividi su Facebook | Condividi l'articolo | Поділитися у Facebook
شارك على فيسبوك | شارك المقال | مشاركة | Facebook · X · WhatsApp | Share this article with your friends.
Follow us on Facebook and Twitter. | Suivez-nous sur Google News. | Suivez-nous sur Facebook, X et Instagram. | Partagez l'article sur Facebook et Twitter.
""",
    "cookies": """
Nous utilisons des cookies pour améliorer votre expérience. | Ce site utilise des cookies. | Tout accepter | Refuser tous les cookies
Accepter et fermer | Continuer sans accepter | Paramétrer les cookies | We use cookies to improve your experience. | Accept all | Reject all cookies
Cookie settings | Got it! | Wir verwenden Cookies | Alle Cookies akzeptieren | Utilizamos cookies propias y de terceros. | Aceptar todas las cookies
Utilizziamo i cookie | Accetta tutti i cookie | Ми використовуємо файли cookie | قبول جميع ملفات تعريف الارتباط
""",
    "subscriptions": """
S'abonner | Abonnez-vous à notre newsletter. | Recevez chaque matin nos titres, gratuitement, par courriel. | Déjà abonné ? Se connecter | Article réservé aux abonnés.
Subscribe now to read the latest news in your city and across Canada. | Subscribe for $1.25/week | Create an account or sign in to continue with your reading experience.
Sign up for breaking news, reviews, opinion, top tech deals, and more. | Log in / Register | Login to comment | Register now! | REGISTER / SIGN IN TO UNLOCK MORE ARTICLES
Already a subscriber? Sign in. | Jetzt abonnieren und von der Vorlesefunktion profitieren. | Login nicht möglich? | Bereits Abonnent? | Suscríbete y lee sin límites.
Regístrate gratis para seguir leyendo | Registrati | Abbonati per leggere tutto | Iscriviti alla nostra newsletter. | Підпишіться на наш канал. | اشترك في النشرة البريدية | تسجيل الدخول
Subscribe to continue reading. | Sign in to continue reading. | Sign in to read the full story. | S'abonner pour poursuivre la lecture. | Abonnieren und den Artikel weiterlesen.
Abonnez-vous à partir de 1 € par mois. | Abonnez-vous dès 1,99 € par mois. | Suscríbete para seguir leyendo. | Suscríbete desde 1 € al mes. | Abbonati per continuare a leggere.
سجل الدخول لمتابعة القراءة في الموقع.
""",
    "comments": """
Laisser un commentaire | 12 commentaires | Commentaires (3) | Soyez le premier à réagir | Votre adresse e-mail ne sera pas publiée. | Annuler la réponse | Répondre
Leave a Reply | Comments are closed. | 3 comments | Join the conversation | Your email address will not be published. Required fields are marked *
Kommentar schreiben | 0 Kommentare | Deja un comentario | Lascia un commento | Залишити коментар | Коментарі (2) | اترك تعليقا | لن يتم نشر عنوان بريدك الإلكتروني.
Log in to leave a comment. | Log in to comment. | Inscrivez-vous pour laisser un commentaire. | Inicia sesión para dejar un comentario. | Accedi per lasciare un commento. | Увійти щоб залишити коментар.
""",
    "notices": """
© 2025 La Gazette d'essai | (c) 2024 The Daily Test | Copyright (c) 2023 The Nation Company LLC | Copyright Fredrik Persson/AP | Copyright: Project Syndicate, 2025
Copyright © euronews 2024 | Copyright 2024 The Associated Press. All Rights Reserved. | Alle Rechte vorbehalten. | All rights reserved | Tous droits réservés Euronews
Mentions légales | Contact - Mentions légales - Publicité | Impressum/Datenschutz | Datenschutz-Einstellungen | Kontakt · Impressum | Privacy | Terms of use
Tags: politics, economy | Themen: US-Wahl 2024 Israel | Mots-clés : Ukraine, défense | جميع الحقوق محفوظة.
""",
    "credits": """
Photo : Jean Dupont. | Photo d'illustration © Archives | Crédit photo : Jean Dupont/AFP | Photo: AFP | Foto: Max Muster. | Foto: Salwan Georges (Getty) | Bild - dpa
Image: Getty Images | Vidéo : la scène filmée à Lyon, AFP. | Foto de archivo de la estación de Atocha, en Madrid. | Un policier à Lyon (photo d'archives) | Quelle: ntv.de
Source: Reuters | Fuente: EFE | Avec agences | mit dpa | (AFP) | Par la rédaction | Prinz Harry, Herzog von Sussex. © Victoria Jones/PA Wire/dpa | صورة أرشيفية | Foto (c) Max Muster
Photo: Jean Dupont / Le Monde. | Foto: Max Muster/Spiegel Online. | Source : Insee, enquête emploi 2025. | Source: OECD (2024), Education at a Glance.
""",
    "other articles": """
Lire aussi : Un titre | À lire aussi | Dernières nouvelles | Sur le même thème | Les plus lus | Read more: Exact date of the vote | Related stories | More from The Sun
Most read | Latest news | Lesen Sie auch | Mehr zum Thema | Mehr aus Sachsen-Anhalt | Meistgelesen | Te puede interesar | Lo más leído | Leggi anche | In evidenza
Читайте також | اقرأ أيضا | Leia também
""",
    "ways home": """
Accueil > International > Europe | Home › News › Politics | Home > News Local News | Startseite > Politik | Inicio > Deportes | Portada > España | Головна > Світ
Actualités / Monde | News / Politics | Home/Sport | Nachrichten > Wetter | Accueil | Home | Startseite | Inicio | Menu | Rechercher | Suche | Buscar | Info / Kontakt
""",
    "reading times": """
Temps de lecture : 3 min | Temps de lecture : environ 3 minutes | 3 min de lecture | Lecture 2 min. | Lecture : 4 minutes | 4 minute read | 5-min read
Reading time: 4 min | 7 min | 15 minutes | Lesezeit: 2 min | Lesezeit: ca. 3 Minuten | 3 Min. Lesezeit | Tiempo de lectura: 6 min | 4 minutos de lectura
Tempo di lettura: 2 minuti | 1 minuti di lettura | Tempo de leitura: 3 min | Час читання: 4 хв | مدة القراءة: ٣ دقائق
""",
}
LINES = [(kind, line) for kind, rows in CHROME.items() for row in rows.strip().split("\n") for line in row.split(" | ")]

#: Chrome, and an article's sentence that differs little from it.
PAIRS = [
    ("Follow us on Facebook, X and Instagram.", "Follow us on Facebook, the mayor asked the crowd."),
    ("Suivez-nous sur Google News.", "Suivez-nous sur ce chemin, a dit le pape."),
    ("Abonnez-vous à partir de 1 € par mois.", "S'abonner coûte désormais 12 € par mois."),
    ("Log in to comment.", "Sign up to comment on the draft ends on Friday."),
    ("Photo : Jean Dupont / Le Monde.", "Photo : le maire et la préfète / un accord."),
    ("Source : Insee, enquête emploi 2025.", "Source: Insee has revised its numbers again."),
    ("Source : Cour des comptes, rapport annuel 2024.", "Source: the mayor resigned, the report said in 2019."),
]

TABLES = {
    "reading time": READING_TIME,
    "control": CONTROL,
    "open-ended": OPEN_ENDED,
    "credit": CREDIT,
    "related": RELATED,
    "breadcrumb": BREADCRUMB,
}
LONG = [
    "Contact | Advertise | Careers | Privacy | Terms | Cookies | Archive | RSS | Apps | Shop | © 2024 Example Media Group Limited and its affiliates",
    "Kontakt" + " - Impressum" * 10 + " " + "x" * 60,
    "Accepter" + " tous les cookies" * 25 + " x",
]
SIGNS = [" ", "|", " | ", " - ", "/", ", ", " : ", "· ", ">", "©"]
#: Far more than any line needs (about a millisecond), far less than one that is read in ever more ways.
SECONDS = 2


@pytest.mark.parametrize("line", SENTENCES)
def test_a_sentence_is_no_chrome_whatever_word_it_begins_with(line: str) -> None:
    assert not is_chrome(fold(line))
    assert not RELATED.fullmatch(fold(line))


@pytest.mark.parametrize("line", HEADLINES)
def test_nor_is_a_headline(line: str) -> None:
    assert not is_chrome(fold(line))


@pytest.mark.parametrize(("kind", "line"), LINES)
def test_chrome_is_chrome(kind: str, line: str) -> None:
    assert (RELATED.fullmatch(fold(line)) is not None) if kind == "other articles" else is_chrome(fold(line))


@pytest.mark.parametrize(("chrome", "sentence"), PAIRS)
def test_what_is_said_to_the_reader_is_chrome_and_what_is_told_is_not(chrome: str, sentence: str) -> None:
    assert is_chrome(fold(chrome))
    assert not is_chrome(fold(sentence))


@pytest.mark.parametrize("line", LONG)
def test_a_line_of_many_links_or_words_takes_no_time(line: str) -> None:
    assert _seconds(lambda: is_chrome(fold(line))) < SECONDS


@pytest.mark.parametrize("name", TABLES)
def test_no_table_takes_long_on_any_line_of_its_own_words(name: str) -> None:
    """Each of its words again and again, with each sign between, and at the end what nothing matches."""
    table = TABLES[name]
    words = sorted(set(re.findall(r"(?<!\\)[^\W\d_][^\W\d_' ]+(?: [^\W\d_]+)*", table.pattern))) or ["accueil"]
    for sign in SIGNS:
        for word in words:
            for length in range(4, 300 // len(word + sign)):
                line = sign.join([word] * length) + " \u2042." * 30
                assert _seconds(partial(table.fullmatch, line)) < SECONDS, line


def _seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started
