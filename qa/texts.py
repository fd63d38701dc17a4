"""All words the assistant says itself, per language. English where a language has none."""

from datetime import date

LANGUAGES = ("en", "fr", "de", "es", "it", "pt", "ar", "uk")

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
        "unsupported": "not in its quotes: {words}",
        "unchecked": "cannot be compared with its quotes: {words}",
        "unread": "its names could not be compared with its quotes",
        "no_passage": "quote of a passage that was not shown",
        "not_there": "quote not found in the passage it names",
        "too_little": "quote too short to prove anything, or cut inside a word",
        "not_article": "quote of what is not the article itself",
        "model_failed": "The chat model could not be used ({kind}). These are the articles’ own words.",
        "model_cut": "The chat model’s answer broke off ({kind}). What it said so far and could be proven is shown.",
        "model_unproven": "No sentence of the chat model could be proven by its quotes. These are the articles’ own words.",
        "model_refused": "The chat model found no answer in these passages.",
        "dropped": "Dropped, because it could not be verified:",
        "translation": "translation by {model}, not a quotation",
        "no_translation": "the chat model gave no translation that can be shown",
    },
    "fr": {
        "according": "D’après {source}\u00a0:",
        "also": "Voir aussi {source}\u00a0:",
        "again": "Et\u00a0:",
        "not_found": "Les articles ne répondent pas à cette question. Voici les passages les plus proches.",
        "nothing": "Rien dans les articles n’approche cette question.",
        "filtered": "Aucun article ne passe les filtres.",
        "empty": "L’index ne contient encore aucun article.",
        "untitled": "un article sans titre",
        "unsupported": "absent de ses citations\u00a0: {words}",
        "unchecked": "impossible à comparer avec ses citations\u00a0: {words}",
        "unread": "ses noms n’ont pas pu être comparés avec ses citations",
        "no_passage": "citation d’un passage qui n’existe pas",
        "not_there": "citation introuvable dans le passage indiqué",
        "too_little": "citation trop courte pour prouver quoi que ce soit, ou coupée dans un mot",
        "not_article": "citation de ce qui n’est pas l’article lui-même",
        "model_failed": "Le modèle de langage n’a pas pu servir ({kind}). Voici les mots mêmes des articles.",
        "model_cut": "La réponse du modèle de langage s’est interrompue ({kind}). Ce qu’il avait dit et qui a pu être prouvé est affiché.",
        "model_unproven": "Aucune phrase du modèle de langage n’a pu être prouvée par ses citations. Voici les mots mêmes des articles.",
        "model_refused": "Le modèle de langage n’a pas trouvé de réponse dans ces passages.",
        "dropped": "Écarté, faute de vérification possible\u00a0:",
        "translation": "traduction par {model}, ce n’est pas une citation",
        "no_translation": "le modèle de langage n’a pas donné de traduction qui puisse être affichée",
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
        "unsupported": "nicht in den Zitaten: {words}",
        "unchecked": "nicht mit den Zitaten vergleichbar: {words}",
        "unread": "seine Namen ließen sich nicht mit den Zitaten vergleichen",
        "no_passage": "Zitat aus einer Passage, die es nicht gibt",
        "not_there": "Zitat nicht in der genannten Passage gefunden",
        "too_little": "Zitat zu kurz, um etwas zu belegen, oder mitten im Wort abgeschnitten",
        "not_article": "Zitat aus etwas, das nicht der Artikel selbst ist",
        "model_failed": "Das Sprachmodell war nicht nutzbar ({kind}). Dies sind die Worte der Artikel selbst.",
        "model_cut": "Die Antwort des Sprachmodells brach ab ({kind}). Gezeigt wird, was bis dahin belegt war.",
        "model_unproven": "Kein Satz des Sprachmodells ließ sich durch seine Zitate belegen. Dies sind die Worte der Artikel selbst.",
        "model_refused": "Das Sprachmodell fand in diesen Passagen keine Antwort.",
        "dropped": "Gestrichen, da nicht zu überprüfen:",
        "translation": "Übersetzung von {model}, kein Zitat",
        "no_translation": "keine Übersetzung des Sprachmodells, die gezeigt werden kann",
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
        "unsupported": "no está en sus citas: {words}",
        "unchecked": "no se puede comparar con sus citas: {words}",
        "unread": "sus nombres no se han podido comparar con sus citas",
        "no_passage": "cita de un pasaje que no existe",
        "not_there": "cita no hallada en el pasaje indicado",
        "too_little": "cita demasiado corta para probar algo, o cortada dentro de una palabra",
        "not_article": "cita de lo que no es el artículo mismo",
        "model_failed": "No se pudo usar el modelo de lenguaje ({kind}). Estas son las palabras de los artículos.",
        "model_cut": "La respuesta del modelo de lenguaje se interrumpió ({kind}). Se muestra lo que ya estaba probado.",
        "model_unproven": "Ninguna frase del modelo de lenguaje pudo probarse con sus citas. Estas son las palabras de los artículos.",
        "model_refused": "El modelo de lenguaje no encontró respuesta en estos pasajes.",
        "dropped": "Descartado por no poder verificarse:",
        "translation": "traducción de {model}, no es una cita",
        "no_translation": "el modelo de lenguaje no dio una traducción que se pueda mostrar",
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
        "unsupported": "non è nelle sue citazioni: {words}",
        "unchecked": "non confrontabile con le sue citazioni: {words}",
        "unread": "non è stato possibile confrontare i suoi nomi con le citazioni",
        "no_passage": "citazione di un passaggio che non esiste",
        "not_there": "citazione non trovata nel passaggio indicato",
        "too_little": "citazione troppo corta per provare qualcosa, o tagliata dentro una parola",
        "not_article": "citazione di ciò che non è l’articolo stesso",
        "model_failed": "Il modello linguistico non era utilizzabile ({kind}). Queste sono le parole degli articoli.",
        "model_cut": "La risposta del modello linguistico si è interrotta ({kind}). È mostrato quanto era già provato.",
        "model_unproven": "Nessuna frase del modello linguistico è provata dalle sue citazioni. Queste sono le parole degli articoli.",
        "model_refused": "Il modello linguistico non ha trovato risposta in questi passaggi.",
        "dropped": "Scartato perché non verificabile:",
        "translation": "traduzione di {model}, non è una citazione",
        "no_translation": "il modello linguistico non ha dato una traduzione che si possa mostrare",
    },
    "pt": {
        "according": "Segundo {source}:",
        "also": "Ver também {source}:",
        "again": "E:",
        "not_found": "Os artigos não respondem a esta pergunta. Estas são as passagens mais próximas.",
        "nothing": "Nada nos artigos se aproxima desta pergunta.",
        "filtered": "Nenhum artigo corresponde aos filtros.",
        "empty": "O índice ainda não contém artigos.",
        "untitled": "um artigo sem título",
        "unsupported": "não está nas suas citações: {words}",
        "unchecked": "não se pode comparar com as suas citações: {words}",
        "unread": "não foi possível comparar os seus nomes com as citações",
        "no_passage": "citação de uma passagem que não existe",
        "not_there": "citação não encontrada na passagem indicada",
        "too_little": "citação demasiado curta para provar algo, ou cortada a meio de uma palavra",
        "not_article": "citação do que não é o próprio artigo",
        "model_failed": "Não foi possível usar o modelo de linguagem ({kind}). Estas são as palavras dos artigos.",
        "model_cut": "A resposta do modelo de linguagem foi interrompida ({kind}). Mostra-se o que já estava provado.",
        "model_unproven": "Nenhuma frase do modelo de linguagem ficou provada pelas suas citações. Estas são as palavras dos artigos.",
        "model_refused": "O modelo de linguagem não encontrou resposta nestas passagens.",
        "dropped": "Posto de parte por não se poder verificar:",
        "translation": "tradução de {model}, não é uma citação",
        "no_translation": "o modelo de linguagem não deu uma tradução que se possa mostrar",
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
        "unsupported": "ليس في اقتباساتها: {words}",
        "unchecked": "لا يمكن مقارنته باقتباساتها: {words}",
        "unread": "تعذّرت مقارنة أسمائها باقتباساتها",
        "no_passage": "اقتباس من مقطع غير موجود",
        "not_there": "لم يُعثر على الاقتباس في المقطع المذكور",
        "too_little": "اقتباس أقصر من أن يثبت شيئًا، أو مقطوع داخل كلمة",
        "not_article": "اقتباس مما ليس من المقال نفسه",
        "model_failed": "تعذّر استخدام نموذج اللغة ({kind}). هذه كلمات المقالات نفسها.",
        "model_cut": "انقطعت إجابة نموذج اللغة ({kind}). يُعرض ما ثبت منها.",
        "model_unproven": "لم تثبت أي جملة من نموذج اللغة باقتباساتها. هذه كلمات المقالات نفسها.",
        "model_refused": "لم يجد نموذج اللغة جوابًا في هذه المقاطع.",
        "dropped": "حُذف لتعذّر التحقق منه:",
        "translation": "ترجمة من {model}، وليست اقتباسًا",
        "no_translation": "لم يقدّم نموذج اللغة ترجمة يمكن عرضها",
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
        "unsupported": "немає в цитатах: {words}",
        "unchecked": "неможливо порівняти з цитатами: {words}",
        "unread": "його імена не вдалося порівняти з цитатами",
        "no_passage": "цитата з уривка, якого немає",
        "not_there": "цитату не знайдено в названому уривку",
        "too_little": "цитата закоротка, щоб щось довести, або обірвана посеред слова",
        "not_article": "цитата з того, що не є самою статтею",
        "model_failed": "Мовну модель не вдалося використати ({kind}). Це власні слова статей.",
        "model_cut": "Відповідь мовної моделі обірвалася ({kind}). Показано те, що вже підтверджено.",
        "model_unproven": "Жодне речення мовної моделі не підтверджене цитатами. Це власні слова статей.",
        "model_refused": "Мовна модель не знайшла відповіді в цих уривках.",
        "dropped": "Відкинуто, бо не вдалося перевірити:",
        "translation": "переклад {model}, не цитата",
        "no_translation": "мовна модель не дала перекладу, який можна показати",
    },
}
#: Why a chat model did not do what it was to do, by the kinds of ``qa.chat_model``.
_KINDS = {
    "en": {
        "unreachable": "its server cannot be reached", "slow": "it took too long", "denied": "its server refused the request",
        "busy": "its server is busy", "failed": "its server failed", "garbled": "its reply cannot be read",
        "cut": "the connection broke off", "overlong": "its reply was too long", "resting": "it failed just now and rests a while",
        "spent": "this hour’s tokens are spent", "share": "your share of this hour’s tokens is spent",
    },
    "fr": {
        "unreachable": "son serveur est injoignable", "slow": "il a mis trop de temps", "denied": "son serveur a refusé la demande",
        "busy": "son serveur est occupé", "failed": "son serveur est en panne", "garbled": "sa réponse est illisible",
        "cut": "la connexion a été coupée", "overlong": "sa réponse était trop longue", "resting": "il vient d’échouer et se repose un peu",
        "spent": "les jetons de cette heure sont épuisés", "share": "votre part des jetons de cette heure est épuisée",
    },
    "de": {
        "unreachable": "sein Server ist nicht erreichbar", "slow": "es brauchte zu lange", "denied": "sein Server lehnte die Anfrage ab",
        "busy": "sein Server ist überlastet", "failed": "sein Server hat versagt", "garbled": "seine Antwort ist nicht lesbar",
        "cut": "die Verbindung brach ab", "overlong": "seine Antwort war zu lang", "resting": "es hat eben versagt und ruht eine Weile",
        "spent": "die Token dieser Stunde sind verbraucht", "share": "Ihr Anteil an den Token dieser Stunde ist verbraucht",
    },
    "es": {
        "unreachable": "no se llega a su servidor", "slow": "tardó demasiado", "denied": "su servidor rechazó la petición",
        "busy": "su servidor está ocupado", "failed": "su servidor falló", "garbled": "su respuesta no se puede leer",
        "cut": "la conexión se cortó", "overlong": "su respuesta era demasiado larga", "resting": "acaba de fallar y descansa un rato",
        "spent": "se han gastado los tokens de esta hora", "share": "se ha gastado su parte de los tokens de esta hora",
    },
    "it": {
        "unreachable": "il suo server non è raggiungibile", "slow": "ci ha messo troppo", "denied": "il suo server ha rifiutato la richiesta",
        "busy": "il suo server è occupato", "failed": "il suo server ha avuto un errore", "garbled": "la sua risposta è illeggibile",
        "cut": "la connessione si è interrotta", "overlong": "la sua risposta era troppo lunga", "resting": "ha appena fallito e riposa un poco",
        "spent": "i token di quest’ora sono esauriti", "share": "la sua quota dei token di quest’ora è esaurita",
    },
    "pt": {
        "unreachable": "não se chega ao seu servidor", "slow": "demorou demasiado", "denied": "o seu servidor recusou o pedido",
        "busy": "o seu servidor está ocupado", "failed": "o seu servidor falhou", "garbled": "a sua resposta é ilegível",
        "cut": "a ligação caiu", "overlong": "a sua resposta era demasiado longa", "resting": "acabou de falhar e descansa um pouco",
        "spent": "os tokens desta hora esgotaram-se", "share": "a sua parte dos tokens desta hora esgotou-se",
    },
    "ar": {
        "unreachable": "تعذّر الوصول إلى خادمه", "slow": "استغرق وقتًا طويلًا", "denied": "رفض خادمه الطلب",
        "busy": "خادمه مشغول", "failed": "تعطّل خادمه", "garbled": "تعذّرت قراءة رده",
        "cut": "انقطع الاتصال", "overlong": "كان رده أطول مما ينبغي", "resting": "أخفق قبل قليل ويُترك ليستريح",
        "spent": "نفدت رموز هذه الساعة", "share": "نفدت حصتك من رموز هذه الساعة",
    },
    "uk": {
        "unreachable": "її сервер недоступний", "slow": "вона відповідала надто довго", "denied": "її сервер відхилив запит",
        "busy": "її сервер перевантажений", "failed": "її сервер дав збій", "garbled": "її відповідь неможливо прочитати",
        "cut": "з’єднання обірвалося", "overlong": "її відповідь задовга", "resting": "вона щойно дала збій і відпочиває",
        "spent": "токени цієї години вичерпано", "share": "вашу частку токенів цієї години вичерпано",
    },
}  # fmt: skip
_MARKS = {
    "fr": "«\u00a0{}\u00a0»", "de": "„{}“", "uk": "«{}»", "es": "«{}»", "it": "«{}»", "ar": "«{}»", "ru": "«{}»",
}  # fmt: skip
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
}


def text(name: str, language: str | None, **values: str) -> str:
    return _TEXTS.get(language or "en", _TEXTS["en"])[name].format(**values)


def model_notice(notice: str, worded: bool, language: str | None) -> str:
    """What to say of a chat model that did not do all it was to do. ``worded``: some of its words are shown."""
    name = f"model_{notice}" if notice in ("unproven", "refused") else "model_cut" if worded else "model_failed"
    kinds = _KINDS.get(language or "en", _KINDS["en"])
    # A record may come from anywhere: a kind that nobody knows is left as it is.
    return text(name, language, kind=kinds.get(notice, notice))


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
