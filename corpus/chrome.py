"""What scraped pages leave around an article: tables of lines that are not its text.

Every pattern must match a whole line (stripped, folded by ``fold``), so that a sentence which merely mentions cookies or
comments stays in the body.
"""

import re
import unicodedata

_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "«": '"', "»": '"', "…": "..."})


def fold(line: str) -> str:
    """A line as the tables are written: one kind of apostrophe, single spaces, lower case, no zero-width characters."""
    line = unicodedata.normalize("NFKC", line.translate(_APOSTROPHES))
    line = "".join(c for c in line if unicodedata.category(c) not in ("Cf", "Cc") or c.isspace())
    return " ".join(line.split()).lower()


def _table(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


#: Reading times.
READING_TIME = _table(
    r"(?:temps de lecture\s*:?\s*)?(?:environ )?\d+ ?(?:min(?:utes?)?|mn)\.?(?: de lecture)?",
    r"lecture ?:? ?\d+ ?min(?:utes?)?\.?",
    r"(?:reading time\s*:?\s*)?\d+[ -]?min(?:ute)?s?\.?(?: read| de lecture)?",
    r"lesezeit\s*:?\s*(?:ca\.? )?\d+ ?min(?:\.|uten?)?|\d+ min(?:\.|uten)? lesezeit",
    r"(?:tiempo de lectura\s*:?\s*)?\d+ ?min(?:utos?)?\.?(?: de lectura)?",
    r"(?:tempo di lettura\s*:?\s*)?\d+ ?min(?:uti|uto)?\.?(?: di lettura)?",
    r"(?:tempo de leitura\s*:?\s*)?\d+ ?min(?:utos?)?\.?(?: de leitura)?",
    r"(?:час читання|читати|читання)\s*:?\s*\d+ ?(?:хв\.?|хвилин[аи]?)|\d+ ?(?:хв\.?|хвилин[аи]?)(?: (?:на )?читання)?",
    r"(?:مدة|وقت|زمن) القراءة\s*:?\s*[\d٠-٩]+ ?(?:دقيقة|دقائق|دقيقتان)?|(?:مدة|وقت|زمن) القراءة\s*:?\s*(?:دقيقتان|دقيقة(?: واحدة)?)",
)

#: Controls, notices and counters: the line alone is chrome.
CONTROL = _table(
    # sharing and tools
    r"(?:partager|partagez)(?: (?:cet |l')?(?:article|sur .{1,30}|par .{1,20}|via .{1,20}))?(?: sur .{1,30})?(?: ?[:|·•/,] ?.{0,60})?",
    r"(?:copier|copiez) le lien|lien copié.{0,3}|(?:imprimer|imprimez)(?: (?:cet |l')?article)?|envoyer(?: (?:par (?:e-?mail|courriel)|à un ami))?|"
    r"enregistrer(?: (?:cet |l')?article)?|[ée]couter(?: (?:cet |l')?article)?|"
    r"(?:ajouter|retirer) (?:à|de) (?:mes|vos) favoris|offrir (?:cet )?article|(?:réagir|commenter)(?: ?\(\d+\))?|suivre|suivez-nous.{0,60}|vous aimez cet article.{0,40}|lire la suite.{0,40}|signaler une erreur|zone de commentaires",
    r"share(?: (?:this|on|via|the)(?: .{1,30})?| article| page| story)?(?: ?[:|·•/,] ?.{0,60})?|tweet|copy link|link copied.{0,3}|print(?: this (?:page|article|story))?|"
    r"e-?mail(?: this (?:page|article|story))?|save(?: (?:this )?(?:article|story|for later))?|listen(?: to (?:this )?article)?|bookmark|follow us.{0,40}|"
    r"report (?:a )?typo|story continues below.{0,40}|you must be logged in.{0,30}|view comments|advertisement|sponsored(?: content)?|skip to (?:main )?content",
    r"(?:facebook|twitter|x|whatsapp|telegram|linkedin|instagram|bluesky|threads|e-?mail|mail|messenger|pinterest|reddit|tiktok|youtube|viber|rss|flipboard)"
    r"(?: ?[|·•/, -] ?(?:facebook|twitter|x|whatsapp|telegram|linkedin|instagram|bluesky|threads|e-?mail|mail|messenger|pinterest|reddit|copier le lien|copy link|link kopieren|imprimer|print))*",
    r"(?:artikel )?teilen(?: (?:auf|per|via) .{1,20})?(?: ?[:|·•/,] ?.{0,60})?|link kopieren|(?:artikel |seite )?drucken|(?:artikel )?(?:merken|anhören|vorlesen)|anzeige|zur startseite|nach oben|werbung",
    r"compartir(?: (?:en|por|este|esta) .{1,30})?(?: ?[:|·•/,] ?.{0,60})?|copiar enlace|imprimir|escuchar(?: (?:la )?noticia)?|guardar|publicidad|volver arriba|ir arriba|enviar por (?:correo|e-?mail)",
    r"condividi(?: (?:su|questo|l'|via) ?.{1,30})?(?: ?[:|·•/,] ?.{0,60})?|copia (?:il )?link|stampa|ascolta(?: l'articolo)?|salva|pubblicità|torna su|torna all'inizio",
    r"поділитися(?: (?:у|в|на|через|статтею) ?.{0,30})?(?: ?[:|·•/,] ?.{0,60})?|(?:скопіювати|копіювати) посилання|роздрукувати|друкувати|надрукувати|реклама|вгору|на початок|нагору",
    r"(?:شارك|مشاركة)(?: .{1,40})?|(?:نسخ|انسخ) الرابط|طباعة(?: المقال)?|أرسل .{1,20}|استمع(?: .{1,30})?|إعلان|(?:العودة )?إلى (?:ال)?أعلى(?: الصفحة)?|حفظ",
    # cookies
    r"(?:nous (?:utilisons|et nos .{1,40} (?:utilis|dépos))|ce site (?:utilise|dépose)|en poursuivant|en continuant).{0,160}cookies?.{0,200}",
    r"(?:we (?:use|and our .{1,40} use)|this (?:site|website) uses|by (?:continuing|using)).{0,160}cookies?.{0,200}",
    r"(?:wir (?:verwenden|nutzen|setzen)|diese (?:web)?seite (?:verwendet|nutzt)).{0,160}cookies?.{0,200}",
    r"(?:utilizamos|usamos|este sitio (?:web )?(?:utiliza|usa)|esta (?:web|página) (?:utiliza|usa)).{0,160}cookies?.{0,200}",
    r"(?:utilizziamo|usiamo|questo sito (?:utilizza|usa)).{0,160}cookies?.{0,200}",
    r"(?:ми використовуємо|цей сайт використовує|сайт використовує).{0,160}(?:cookies?|кукі|файли cookie).{0,200}",
    r"(?:نستخدم|يستخدم (?:هذا )?(?:ال)?موقع).{0,160}(?:ملفات تعريف الارتباط|الكوكيز|كوكيز).{0,200}",
    r"(?:tout |tous )?(?:accepter|refuser)(?: (?:tout|tous|et fermer|et continuer|les cookies|tous les cookies))*|continuer sans accepter|(?:paramétrer|gérer|personnaliser)(?: (?:les|mes|vos) (?:cookies|choix|préférences)| les préférences)?",
    r"(?:accept|reject|decline|allow)(?: (?:all|and (?:close|continue)))*(?: cookies)?|(?:manage|cookie) (?:preferences|settings|choices|cookies)|(?:got it|i agree|ok)[.!]?",
    r"(?:alle )?(?:cookies )?(?:akzeptieren|ablehnen|zustimmen)|alle cookies akzeptieren|(?:cookie-)?einstellungen(?: (?:anpassen|verwalten))?|nur notwendige cookies",
    r"(?:aceptar|rechazar)(?: (?:todo|todas?|las|y continuar|cookies))*|(?:configurar|gestionar)(?: (?:las )?(?:cookies|preferencias))?",
    r"(?:accetta|rifiuta)(?: (?:tutti?|tutto|i|cookie|e continua))*|(?:gestisci|personalizza)(?: (?:i |le )?(?:cookie|preferenze|impostazioni))?",
    r"(?:прийняти|відхилити|погоджуюсь|погодитися)(?: (?:усі|всі|все|cookies?|файли cookie))*|налаштування(?: (?:cookies?|файлів cookie))?",
    r"(?:قبول|رفض|موافق|أوافق)(?: (?:الكل|الجميع|جميع .{1,30}))?|(?:إعدادات|إدارة) .{0,30}(?:الارتباط|التفضيلات|الكوكيز)",
    # subscriptions
    r"(?:s'abonner|abonnez-vous|je m'abonne|inscrivez-vous|recevez).{0,120}",
    r"(?:déjà abonn[ée]|vous êtes abonné|pas encore abonné).{0,60}|(?:se connecter|connexion|créer un compte|mon compte|s'identifier|s'inscrire)",
    r"(?:cet |l')article est (?:réservé|en accès libre|payant).{0,80}|(?:article )?réservé aux abonnés.{0,40}|il vous reste .{1,40} à lire.{0,40}|la suite est réservée.{0,60}",
    r"(?:subscribe|sign up|already a (?:subscriber|member)|log ?in|sign in|create an account|register|get our newsletter|newsletter sign-?up).{0,100}|this (?:article|content) is (?:for|reserved).{0,60}",
    r"(?:jetzt )?(?:abonnieren|anmelden|registrieren)(?:[ !.].{0,60})?|newsletter(?: (?:abonnieren|bestellen).{0,30})?|abonnieren sie .{1,80}|(?:bereits|schon) (?:abonnent|abonniert|kunde).{0,40}|dieser artikel ist .{0,30}abonnenten.{0,30}",
    r"(?:suscríbe(?:te|ase)|suscribirse|regístrate|iniciar sesión|inicia sesión|¿ya eres suscriptor).{0,80}|(?:contenido|artículo) (?:exclusivo )?(?:para|reservado).{0,40}",
    r"(?:abbonati|iscriviti|accedi|registrati|sei già abbonato).{0,80}|(?:contenuto|articolo) (?:riservato|per) .{0,40}",
    r"(?:підпишіться|підписатися|підписуйтесь|увійти|зареєструватися).{0,80}|(?:اشترك|سجّل|سجل|تسجيل الدخول|الاشتراك).{0,80}",
    # comments
    r"(?:laisser|ajouter|poster|écrire|rédiger) (?:un|votre) commentaire|laissez(?:-nous)? (?:un|votre) commentaire|(?:\d+ )?commentaires?(?: ?\(\d+\)| ?: ?\d+)?|soyez le premier .{0,40}|votre adresse e-?mail ne sera pas publiée.{0,80}",
    r"les champs obligatoires sont .{0,40}|annuler la réponse|répondre|enregistrer mon nom.{0,120}|tous les commentaires",
    r"leave a (?:comment|reply)|(?:\d+ )?comments?(?: ?\(\d+\)| are closed\.?)?|your email address will not be published\.?.{0,60}|required fields are marked.{0,10}|post a comment|cancel reply|join the (?:conversation|discussion)",
    r"(?:einen )?kommentar (?:hinterlassen|schreiben|verfassen)|(?:\d+ )?kommentare?(?: ?\(\d+\))?|(?:ihre|deine) e-?mail-adresse wird nicht veröffentlicht\.?.{0,60}|kommentare lesen",
    r"dej(?:a|ar) un comentario|(?:\d+ )?comentarios?(?: ?\(\d+\))?|(?:tu|su) (?:dirección de )?(?:correo(?: electrónico)?|e-?mail) no será publicad[oa]\.?.{0,60}|escribe un comentario",
    r"lascia un commento|(?:\d+ )?commenti?(?: ?\(\d+\))?|il tuo indirizzo e-?mail non sarà pubblicato\.?.{0,60}|scrivi un commento",
    r"(?:залишити|залиште|додати|написати) (?:свій )?коментар|(?:\d+ )?коментар(?:і|ів)?(?: ?\(\d+\))?|(?:ваша|вашу) (?:e-?mail|електронн).{0,30} не (?:буде )?(?:оприлюднен|опублікован|публік).{0,40}",
    r"(?:اترك|أضف|اكتب) (?:تعليق|تعليقا|تعليقًا|ردا|رداً|تعليقك|تعليقاً).{0,20}|(?:ال)?تعليقات ?(?:\([\d٠-٩]+\))?|لن يتم نشر .{0,60}",
    # notices
    r"(?:©|\(c\)|copyright).{0,100}|.{0,60}(?:tous droits réservés|all rights reserved|alle rechte vorbehalten|todos los derechos reservados|tutti i diritti riservati|усі права захищен[оі]|всі права захищен[оі]|جميع الحقوق محفوظة).{0,60}",
    r"(?:haut de page|retour en haut|retour à l'accueil|back to top|mentions légales|politique de confidentialité|nous contacter|contact|qui sommes-nous ?\??|publicité|impressum|datenschutz|kontakt|privacy(?: policy)?|terms(?: of (?:use|service))?|aviso legal|privacidad|contacto|note legali|contatti|політика конфіденційності|контакти|سياسة الخصوصية|اتصل بنا)"
    r"(?: ?[|·•/-] ?.{1,40})*",
    r"(?:accueil|home|startseite|inicio|portada|головна|الرئيسية|menu|rechercher|search|suche|buscar|cerca|пошук|بحث)",
    r"(?:mots[- ]clés?|tags?|étiquettes?|sujets?|thèmes?|dossiers?|keywords|topics?|schlagw(?:orte|örter)|themen|etiquetas|temas|palabras clave|argomenti|parole chiave|теги|ключові слова|мітки|الوسوم|وسوم|كلمات (?:مفتاحية|دلالية)|الكلمات (?:المفتاحية|الدلالية))\s*:.{0,200}",
)

#: Pictures, credits, sources: the line alone is chrome.
CREDIT = _table(
    r"(?:\[?(?:photo|image|illustration|vidéo|video|foto|bild|imagen|immagine|crédits?(?: photo)?|photo d'illustration|image d'illustration|légende|symbolbild|archivbild|picture|caption|світлина|фото|صورة|الصورة)\]?)\s*(?:[:©/|—-]|d'|de |courtesy).{0,160}",
    r".{0,120}\((?:photo|image)s? d'archives?\)|(?:ілюстративне|архівне) фото|صورة (?:أرشيفية|توضيحية)",
    r".{0,160}(?:(?<!ã)©|\(c\)).{1,60}|(?:photo|image|foto|bild|фото|صورة) (?:d'archives?|d'illustration|archiv|de archivo|d'archivio|illustration).{0,60}",
    r"(?:\()?(?:avec|with|mit|con|con fonti d'|mit material von|with reporting by|з|за матеріалами|مع) ?(?:les )?(?:agences?|agenzia|agencies|agenturen|agencias|agenzie|afp|reuters|ap|dpa|efe|ansa|وكالات|агентств|агенцій)(?:(?:,| et| and| und| y| e|/) ?(?:agences?|afp|reuters|ap|dpa|efe|ansa))*\.?\)?",
    r"\(?(?:afp|reuters|ap|dpa|efe|ansa|agences?|agencies|agencias|agenzie|وكالات)(?:[ /,&-]+(?:et |and )?(?:afp|reuters|ap|dpa|efe|ansa|agences?))*\)?\.?",
    r"(?:source|sources|quelle|quellen|fuente|fonte|джерело|المصدر)\s*:.{1,80}",
    r"(?:par|by|von|por|di|автор|بقلم)\s*:? ?(?:la |the |die |l[ao] |il )?(?:rédaction|redaktion|newsroom|redacción|redazione|staff|редакція|التحرير).{0,60}|la rédaction(?: avec .{1,30})?|rédaction|редакція|التحرير|redaktion|redacción|redazione",
)

#: Headings of lists of other articles: what follows is chrome too, while it looks like headlines.
RELATED = _table(
    r"(?:à )?lire (?:aussi|également|ensuite)(?: ?:.{0,200}| sur .{1,60})?|(?:à|a) (?:voir|lire|écouter)(?: aussi)?(?: ?:.{0,200})?|voir aussi(?: ?:.{0,200})?|"
    r"(?:nos )?derni[eè]res (?:nouvelles|actualités|actus|infos|minutes)(?: ?:.{0,200})?|(?:à|a) ne pas (?:manquer|rater)|"
    r"(?:les )?(?:articles? )?(?:les )?plus (?:lus|populaires|partagés|commentés)|(?:sur le même (?:sujet|thème)|articles? (?:similaires|liés|connexes|récents|associés)|"
    r"dans la même rubrique|la sélection de la rédaction|notre sélection|en direct|le fil info|fil d'actualités?|suggestions?|recommandés? pour vous|pour aller plus loin|vous aimerez aussi|à la une|contenus sponsorisés?)(?: ?:.{0,200})?",
    r"(?:read (?:more|also|next)|see also|also read|related(?: (?:articles?|stories|topics|news|content))?|more (?:stories|news|on this(?: story)?|from .{1,40})|most (?:read|popular|viewed|shared)|latest (?:news|stories|headlines)|"
    r"trending(?: now)?|don't miss|you (?:may|might) (?:also )?like|recommended(?: for you)?|editor'?s'? (?:picks?|choice)|top stories|in other news|up next)(?: ?:.{0,200})?",
    r"(?:lesen sie (?:auch|mehr)|auch interessant|mehr zum thema|mehr (?:nachrichten|aus .{1,30})|das könnte sie (?:auch )?interessieren|meistgelesen(?:e artikel)?|am meisten gelesen|neueste (?:nachrichten|meldungen|artikel)|"
    r"(?:die )?aktuelle(?:n)? (?:nachrichten|meldungen)|verwandte (?:artikel|themen)|weitere (?:artikel|meldungen|themen|nachrichten)|nicht verpassen|empfehlungen der redaktion|themen des tages)(?: ?:.{0,200})?",
    r"(?:l(?:ea|ee|eer) (?:también|más)|te puede interesar|también te puede interesar|le puede interesar|(?:lo )?más (?:leído|visto|noticias)|lo más leído|últimas noticias|noticias relacionadas|artículos relacionados|no te (?:lo )?pierdas|ver también|en portada)(?: ?:.{0,200})?",
    r"(?:leggi anche|potrebbe interessarti(?: anche)?|ti potrebbe interessare|(?:i )?più letti|ultime notizie|articoli (?:correlati|recenti)|notizie correlate|da non perdere|vedi anche|in primo piano|in evidenza)(?: ?:.{0,200})?",
    r"(?:читайте також|читайте ще|читати також|дивіться також|останні новини|найпопулярніше|найчитаніше|популярне|більше новин|схожі (?:новини|статті|матеріали)|за темою|не пропустіть|новини за темою|вас може зацікавити)(?: ?:.{0,200})?",
    r"(?:اقرأ أيض[اًا]+|إقرأ أيض[اًا]+|اقرأ المزيد|مواضيع ذات صلة|موضوعات ذات صلة|مقالات ذات صلة|أخبار ذات صلة|الأكثر (?:قراءة|مشاهدة|تداولا)|آخر الأخبار|أحدث الأخبار|أخبار أخرى|لا تفوت(?:ك)?|قد يعجبك(?: أيضا)?|شاهد أيض[اًا]+|ذات صلة)(?: ?:.{0,200})?",
    r"(?:leia (?:também|mais)|veja também|mais lidas|últimas notícias|lees ook|meest gelezen|zobacz także|czytaj (?:także|też)|najczęściej czytane)(?: ?:.{0,200})?",
)

#: "Accueil > International > Europe"
BREADCRUMB = re.compile(r"[^.!?]{1,40}(?: ?[>›»/|→] ?[^.!?>›»/|→]{1,60}){1,6}")
_HOME = re.compile(r"(?:accueil|home|startseite|start|inicio|portada|головна|الرئيسية|nachrichten|news|actualités?|actu|info)\b")


def is_breadcrumb(line: str) -> bool:
    """``line`` is folded. Without an arrow it must begin with a site's word for home."""
    if not BREADCRUMB.fullmatch(line):
        return False
    if line.count(" | ") >= 2 and all(len(part) <= 25 for part in line.split(" | ")):
        return True
    return bool(re.search(r" [>›→] ", line)) or bool(_HOME.match(line))


def is_chrome(line: str) -> bool:
    """Is this folded line, alone, not part of the article? (Dates and lists of other articles are judged elsewhere.)"""
    return any(table.fullmatch(line) for table in (READING_TIME, CONTROL, CREDIT)) or is_breadcrumb(line)
