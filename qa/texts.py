"""All words the assistant says itself, per language. English where a language has none."""

from datetime import date

LANGUAGES = ("en", "fr", "de", "es", "it", "ar", "uk")

_TEXTS = {
    "en": {
        "according": "According to {source}:",
        "also": "See also {source}:",
        "again": "And:",
        "not_found": "The articles do not answer this question. Here are the nearest passages.",
        "nothing": "The articles hold nothing near this question.",
        "filtered": "No article fits the filters.",
        "empty": "There are no articles in the index yet.",
        "untitled": "an article without a title",
    },
    "fr": {
        "according": "D’après {source} :",
        "also": "Voir aussi {source} :",
        "again": "Et :",
        "not_found": "Les articles ne répondent pas à cette question. Voici les passages les plus proches.",
        "nothing": "Rien dans les articles n’approche cette question.",
        "filtered": "Aucun article ne passe les filtres.",
        "empty": "L’index ne contient encore aucun article.",
        "untitled": "un article sans titre",
    },
    "de": {
        "according": "Laut {source}:",
        "also": "Siehe auch {source}:",
        "again": "Und:",
        "not_found": "Die Artikel beantworten diese Frage nicht. Hier stehen die nächstliegenden Passagen.",
        "nothing": "Nichts in den Artikeln kommt dieser Frage nahe.",
        "filtered": "Kein Artikel entspricht den Filtern.",
        "empty": "Der Index enthält noch keine Artikel.",
        "untitled": "einem Artikel ohne Titel",
    },
    "es": {
        "according": "Según {source}:",
        "also": "Véase también {source}:",
        "again": "Y:",
        "not_found": "Los artículos no responden a esta pregunta. Estos son los pasajes más cercanos.",
        "nothing": "Nada en los artículos se acerca a esta pregunta.",
        "filtered": "Ningún artículo cumple los filtros.",
        "empty": "El índice aún no contiene artículos.",
        "untitled": "un artículo sin título",
    },
    "it": {
        "according": "Secondo {source}:",
        "also": "Si veda anche {source}:",
        "again": "E:",
        "not_found": "Gli articoli non rispondono a questa domanda. Ecco i passaggi più vicini.",
        "nothing": "Nulla negli articoli si avvicina a questa domanda.",
        "filtered": "Nessun articolo corrisponde ai filtri.",
        "empty": "L’indice non contiene ancora articoli.",
        "untitled": "un articolo senza titolo",
    },
    "ar": {
        "according": "وفقًا لـ {source}:",
        "also": "انظر أيضًا {source}:",
        "again": "وأيضًا:",
        "not_found": "المقالات لا تجيب عن هذا السؤال. فيما يلي أقرب المقاطع.",
        "nothing": "لا شيء في المقالات قريب من هذا السؤال.",
        "filtered": "لا يوجد مقال يطابق عوامل التصفية.",
        "empty": "لا توجد مقالات في الفهرس بعد.",
        "untitled": "مقال بلا عنوان",
    },
    "uk": {
        "according": "За матеріалом {source}:",
        "also": "Див. також {source}:",
        "again": "І:",
        "not_found": "Статті не відповідають на це запитання. Ось найближчі уривки.",
        "nothing": "У статтях немає нічого близького до цього запитання.",
        "filtered": "Жодна стаття не відповідає фільтрам.",
        "empty": "В індексі ще немає статей.",
        "untitled": "стаття без назви",
    },
}
_MARKS = {
    "fr": "«\u00a0{}\u00a0»", "de": "„{}“", "uk": "«{}»", "es": "«{}»", "it": "«{}»", "ar": "«{}»", "ru": "«{}»",
}  # fmt: skip
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
}


def text(name: str, language: str | None, **values: str) -> str:
    return _TEXTS.get(language or "en", _TEXTS["en"])[name].format(**values)


def quoted(words: str, language: str | None) -> str:
    """``words`` between the quotation marks of the language."""
    return _MARKS.get(language or "en", "“{}”").replace("{}", words)


def day(published: date, language: str | None) -> str:
    """4 September 2025, 4 septembre 2025; ISO in other languages."""
    months = _MONTHS.get(language or "en")
    if months is None:
        return published.isoformat()
    number = "1er" if published.day == 1 and language == "fr" else str(published.day)
    return f"{number} {months.split()[published.month - 1]} {published.year}"
