"""All words of the page itself, French and English. What the assistant says in an answer is in ``qa.texts``."""

from typing import Literal

Interface = Literal["en", "fr"]
INTERFACES: tuple[Interface, ...] = ("en", "fr")

_TEXTS: dict[Interface, dict[str, str]] = {
    "en": {
        "title": "Article QA",
        "about": "Ask the articles. Every answer is a quotation you can check in its source.",
        "held": "{articles} articles in {languages} languages",
        "held_one": "{articles} articles in one language",
        "chat": "Conversation",
        "question": "Your question",
        "submit": "Ask",
        "stop": "Stop",
        "placeholder": "Ask a question about the articles",
        "welcome": "Ask a question in your language. The articles may be in another.",
        "sources": "Sources",
        "no_sources": "The passages that an answer quotes are shown here, each with its article.",
        "earlier": "Sources of earlier answers ({count})",
        "near": "Nearest passages",
        "near_note": "They do not answer the question.",
        "confidence": "Do the articles answer this? {word} ({percent}%)",
        "very_likely": "Very likely",
        "likely": "Likely",
        "perhaps": "Perhaps",
        "unlikely": "Probably not",
        "dropped": "Left out, because not found word for word in an article ({count})",
        "untitled": "Article without a title",
        "source_unknown": "source unknown",
        "date_unknown": "date unknown",
        "language_unknown": "language unknown",
        "what": "What to copy or save",
        "last_answer": "Last answer",
        "all_answers": "Whole conversation",
        "copy": "Copy",
        "copied": "Copied, with its sources.",
        "nothing_to_save": "There is no answer yet.",
        "comment": "Thank you. What was right or wrong about it? (optional)",
        "send": "Send",
        "thanks": "Kept for the evaluation.",
        "copies": "The same text in {count} other articles",
        "copies_one": "The same text in another article",
        "copy_exact": "word for word",
        "copy_near": "nearly the same",
        "decided_answered": "Answered from the articles",
        "decided_partly": "Partly answered from the articles",
        "decided_not_found": "Not in the articles",
        "confidence_is": "{decision}; that the articles answer it: {percent}%",
        "stale": "An earlier answer to this question cannot be shown again: its articles have changed since. Ask it again.",
        "rank": "match no. {rank}",
        "read": "Read the article",
        "back_to_quote": "To the quoted words",
        "dimmed": "What is dimmed was set apart as not being the article: menus, notices, lists of other headlines.",
        "dates_differ": "The sources are of different dates, from {first} to {last}.",
        "date_missing": "The date of one of them is unknown.",
        "same_words": "Two of them say it in the same words: one may be a copy.",
        "filters": "Filters",
        "filters_set": "Filters: {filters}",
        "filter_languages": "Language of the articles",
        "filter_sources": "Outlet",
        "since": "Published from",
        "until": "Published until",
        "since_day": "from {day}",
        "until_day": "until {day}",
        "all": "All",
        "no_filters": "Remove the filters",
        "bad_filters": "The filters cannot be read: {why}",
        "article_gone": "This article is not, or no longer, in the index.",
        "more": "More of the article",
        "place": "{path}, characters {start} to {end}",
        "original": "Original page ({host})",
        "show_source": "Show source {number}",
        "failed": "Something went wrong while answering. Please try again; if it goes on, report the number {number}.",
    },
    "fr": {
        "title": "Article QA",
        "about": "Interrogez les articles. Chaque réponse est une citation à vérifier dans sa source.",
        "held": "{articles} articles en {languages} langues",
        "held_one": "{articles} articles en une langue",
        "chat": "Conversation",
        "question": "Votre question",
        "submit": "Demander",
        "stop": "Arrêter",
        "placeholder": "Posez une question sur les articles",
        "welcome": "Posez une question dans votre langue. Les articles peuvent être dans une autre.",
        "sources": "Sources",
        "no_sources": "Les passages cités par une réponse s’affichent ici, chacun avec son article.",
        "earlier": "Sources des réponses précédentes ({count})",
        "near": "Passages les plus proches",
        "near_note": "Ils ne répondent pas à la question.",
        "confidence": "Les articles y répondent-ils ? {word} ({percent} %)",
        "very_likely": "Très probablement",
        "likely": "Probablement",
        "perhaps": "Peut-être",
        "unlikely": "Probablement pas",
        "dropped": "Écarté, car introuvable mot pour mot dans un article ({count})",
        "untitled": "Article sans titre",
        "source_unknown": "source inconnue",
        "date_unknown": "date inconnue",
        "language_unknown": "langue inconnue",
        "what": "À copier ou à enregistrer",
        "last_answer": "Dernière réponse",
        "all_answers": "Toute la conversation",
        "copy": "Copier",
        "copied": "Copié, avec les sources.",
        "nothing_to_save": "Il n’y a pas encore de réponse.",
        "comment": "Merci. Qu’est-ce qui était juste ou faux ? (facultatif)",
        "send": "Envoyer",
        "thanks": "Conservé pour l’évaluation.",
        "copies": "Le même texte dans {count} autres articles",
        "copies_one": "Le même texte dans un autre article",
        "copy_exact": "mot pour mot",
        "copy_near": "presque le même",
        "decided_answered": "Réponse tirée des articles",
        "decided_partly": "Réponse en partie tirée des articles",
        "decided_not_found": "Absent des articles",
        "confidence_is": "{decision} ; que les articles y répondent : {percent} %",
        "stale": "Une réponse précédente à cette question ne peut plus être montrée : ses articles ont changé. Reposez-la.",
        "rank": "résultat no {rank}",
        "read": "Lire l’article",
        "back_to_quote": "Vers les mots cités",
        "dimmed": "Ce qui est estompé a été écarté comme étranger à l’article : menus, mentions, listes d’autres titres.",
        "dates_differ": "Les sources sont de dates différentes, du {first} au {last}.",
        "date_missing": "La date de l’une d’elles est inconnue.",
        "same_words": "Deux d’entre elles le disent dans les mêmes mots : l’une est peut-être une copie.",
        "filters": "Filtres",
        "filters_set": "Filtres : {filters}",
        "filter_languages": "Langue des articles",
        "filter_sources": "Média",
        "since": "Publié à partir du",
        "until": "Publié jusqu’au",
        "since_day": "à partir du {day}",
        "until_day": "jusqu’au {day}",
        "all": "Tous",
        "no_filters": "Retirer les filtres",
        "bad_filters": "Les filtres sont illisibles : {why}",
        "article_gone": "Cet article n’est pas, ou plus, dans l’index.",
        "more": "Lire autour du passage",
        "place": "{path}, caractères {start} à {end}",
        "original": "Page d’origine ({host})",
        "show_source": "Montrer la source {number}",
        "failed": "Une erreur a empêché de répondre. Réessayez ; si elle persiste, signalez le numéro {number}.",
    },
}

#: Questions the sample corpus answers, most of them in articles of another language.
EXAMPLES: dict[Interface, tuple[str, ...]] = {
    "en": (
        "What role does the American backstop play for Ukraine?",
        "Who won the Nobel Prize in Physics in 2023?",
        "Which city will host Expo 2030?",
        "Qui a été élu pape après François ?",
    ),
    "fr": (
        "Qui a été élu pape après François ?",
        "Où Charles III a-t-il été couronné ?",
        "Quand l’Allemagne a-t-elle arrêté ses dernières centrales nucléaires ?",
        "What role does the American backstop play for Ukraine?",
    ),
}

_LANGUAGES: dict[Interface, dict[str, str]] = {
    "en": {
        "ar": "Arabic", "ca": "Catalan", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "en": "English",
        "es": "Spanish", "fa": "Persian", "fi": "Finnish", "fr": "French", "he": "Hebrew", "hi": "Hindi", "hu": "Hungarian",
        "it": "Italian", "ja": "Japanese", "ko": "Korean", "nl": "Dutch", "no": "Norwegian", "oc": "Occitan", "pl": "Polish",
        "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sv": "Swedish", "tr": "Turkish", "uk": "Ukrainian",
        "zh": "Chinese",
    },
    "fr": {
        "ar": "arabe", "ca": "catalan", "cs": "tchèque", "da": "danois", "de": "allemand", "el": "grec", "en": "anglais",
        "es": "espagnol", "fa": "persan", "fi": "finnois", "fr": "français", "he": "hébreu", "hi": "hindi", "hu": "hongrois",
        "it": "italien", "ja": "japonais", "ko": "coréen", "nl": "néerlandais", "no": "norvégien", "oc": "occitan",
        "pl": "polonais", "pt": "portugais", "ro": "roumain", "ru": "russe", "sv": "suédois", "tr": "turc",
        "uk": "ukrainien", "zh": "chinois",
    },
}  # fmt: skip


def words(name: str, language: Interface, **values: str | int) -> str:
    """One text of the page, its places filled in. KeyError for a name that is not there."""
    return _TEXTS[language][name].format(**values)


def language_name(code: str | None, language: Interface) -> str:
    """The name of an ISO 639-1 code; the code itself where it has none here."""
    return _LANGUAGES[language].get(code, code) if code else words("language_unknown", language)


def preferred(accept_language: str) -> Interface:
    """French or English, whichever an Accept-Language header ranks first; English if it names neither."""
    ranked: list[tuple[float, int, Interface]] = []
    for place, part in enumerate(accept_language[:1000].split(",")):
        tag, _, weight = part.partition(";")
        code = tag.strip().lower()[:2]
        try:
            worth = float(weight.strip().removeprefix("q=")) if weight.strip() else 1.0
        except ValueError:
            continue
        if code in ("en", "fr") and worth > 0:
            ranked.append((-worth, place, "fr" if code == "fr" else "en"))
    return min(ranked)[2] if ranked else "en"
