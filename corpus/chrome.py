"""What scraped pages leave around an article: tables of lines that are not its text.

Every pattern must match a whole line (stripped, folded by ``fold``), so that a sentence which merely mentions cookies or
comments stays in the body. No repetition may be able to read the same signs in two ways: on some line that takes forever.
"""

import re
import unicodedata

#: Of at least so many words, up to a full stop, is a sentence; "Foto: Max Muster." is none.
SENTENCE_WORDS = 4
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

#: After a German infinitive: "Anmelden kann man sich bis Freitag" is news.
_FINITE = r"(?:kann|können|konnten?|muss|müssen|mussten?|soll|sollen|sollten?|darf|dürfen|will|wollen|lassen|lässt|ist|war|wird|werden|wollten?)"

#: Controls, notices and counters: the line alone is chrome.
CONTROL = _table(
    # sharing and tools
    r"(?:copier|copiez) le lien|lien copié.{0,3}|(?:imprimer|imprimez)(?: (?:cet |l')?article)?|envoyer(?: (?:par (?:e-?mail|courriel)|à un ami))?|"
    r"enregistrer(?: (?:cet |l')?article)?|[ée]couter(?: (?:cet |l')?article)?|"
    r"(?:ajouter|retirer) (?:à|de) (?:mes|vos) favoris|offrir (?:cet )?article|(?:réagir|commenter)(?: ?\(\d+\))?|suivre|vous aimez cet article.{0,40}|signaler une erreur|zone de commentaires",
    r"tweet|copy link|link copied.{0,3}|print(?: this (?:page|article|story))?|"
    r"e-?mail(?: this (?:page|article|story))?|save(?: (?:this )?(?:article|story|for later))?|listen(?: to (?:this )?article)?|bookmark|"
    r"report (?:a )?typo|story continues below.{0,40}|you must be logged in.{0,30}|view comments|advertisement|sponsored(?: content)?|skip to (?:main )?content",
    r"(?:facebook|twitter|x|whatsapp|telegram|linkedin|instagram|bluesky|threads|e-?mail|mail|messenger|pinterest|reddit|tiktok|youtube|viber|rss|flipboard)"
    r"(?: ?[|·•/, -] ?(?:facebook|twitter|x|whatsapp|telegram|linkedin|instagram|bluesky|threads|e-?mail|mail|messenger|pinterest|reddit|copier le lien|copy link|link kopieren|imprimer|print))*",
    r"link kopieren|(?:artikel |seite )?drucken|(?:artikel )?(?:merken|anhören|vorlesen)|anzeige|zur startseite|nach oben|werbung",
    r"copiar enlace|imprimir|escuchar(?: (?:la )?noticia)?|guardar|publicidad|volver arriba|ir arriba|enviar por (?:correo|e-?mail)",
    r"copia (?:il )?link|stampa|ascolta(?: l'articolo)?|salva|pubblicità|torna su|torna all'inizio",
    r"(?:скопіювати|копіювати) посилання|роздрукувати|друкувати|надрукувати|реклама|вгору|на початок|нагору",
    r"شارك|مشاركة|(?:نسخ|انسخ) الرابط|طباعة(?: المقال)?|استمع(?: (?:إلى|ل)? ?(?:هذا )?(?:ال|ل)?(?:مقال|خبر|تقرير|نص|قصة)(?: الصوتي)?)?|إعلان|(?:العودة )?إلى (?:ال)?أعلى(?: الصفحة)?|حفظ",
    # cookies
    r"(?:nous (?:utilisons|et nos .{1,40} (?:utilis|dépos))|ce site (?:utilise|dépose)|en poursuivant|en continuant).{0,160}cookies?.{0,200}",
    r"(?:we (?:use|and our .{1,40} use)|this (?:site|website) uses|by (?:continuing|using)).{0,160}cookies?.{0,200}",
    r"(?:wir (?:verwenden|nutzen|setzen)|diese (?:web)?seite (?:verwendet|nutzt)).{0,160}cookies?.{0,200}",
    r"(?:utilizamos|usamos|este sitio (?:web )?(?:utiliza|usa)|esta (?:web|página) (?:utiliza|usa)).{0,160}cookies?.{0,200}",
    r"(?:utilizziamo|usiamo|questo sito (?:utilizza|usa)).{0,160}cookies?.{0,200}",
    r"(?:ми використовуємо|цей сайт використовує|сайт використовує).{0,160}(?:cookies?|кукі|файли cookie).{0,200}",
    r"(?:نستخدم|يستخدم (?:هذا )?(?:ال)?موقع).{0,160}(?:ملفات تعريف الارتباط|الكوكيز|كوكيز).{0,200}",
    r"(?:tout |tous )?(?:accepter|refuser)(?: (?:tout|tous|et fermer|et continuer|les cookies))*|continuer sans accepter|(?:paramétrer|gérer|personnaliser)(?: (?:les|mes|vos) (?:cookies|choix|préférences)| les préférences)?",
    r"(?:accept|reject|decline|allow)(?: (?:all|and (?:close|continue)))*(?: cookies)?|(?:manage|cookie) (?:preferences|settings|choices|cookies)|(?:got it|i agree|ok)[.!]?",
    r"(?:alle )?(?:cookies )?(?:akzeptieren|ablehnen|zustimmen)|alle cookies akzeptieren|(?:cookie-)?einstellungen(?: (?:anpassen|verwalten))?|nur notwendige cookies",
    r"(?:aceptar|rechazar)(?: (?:todo|todas?|las|y continuar|cookies))*|(?:configurar|gestionar)(?: (?:las )?(?:cookies|preferencias))?",
    r"(?:accetta|rifiuta)(?: (?:tutti?|tutto|i|cookie|e continua))*|(?:gestisci|personalizza)(?: (?:i |le )?(?:cookie|preferenze|impostazioni))?",
    r"(?:прийняти|відхилити|погоджуюсь|погодитися)(?: (?:усі|всі|все|cookies?|файли cookie))*|налаштування(?: (?:cookies?|файлів cookie))?",
    r"(?:قبول|رفض|موافق|أوافق)(?: (?:الكل|الجميع|جميع (?:ملفات|الملفات|الكوكيز|كوكيز).{0,30}))?|(?:إعدادات|إدارة) .{0,30}(?:الارتباط|التفضيلات|الكوكيز)",
    # subscriptions
    r"(?:se connecter|connexion|créer un compte|mon compte|s'identifier|s'inscrire)|(?:article )?réservé aux abonnés\.?",
    r"(?:cet |l')article est (?:réservé|en accès libre|payant)\b.{0,80}|il vous reste .{1,40} à lire.{0,40}|la suite est réservée.{0,60}",
    r"this (?:article|content) is (?:for|reserved)\b.{0,60}|dieser artikel ist .{0,30}abonnenten.{0,30}|newsletter(?: (?:abonnieren|bestellen).{0,30})?",
    # comments
    r"(?:laisser|ajouter|poster|écrire|rédiger) (?:un|votre) commentaire|laissez(?:-nous)? (?:un|votre) commentaire|(?:\d+ )?commentaires?(?: ?\(\d+\)| ?: ?\d+)?|soyez le premier à (?:réagir|commenter|donner).{0,40}|votre adresse e-?mail ne sera pas publiée.{0,80}",
    r"les champs obligatoires sont .{0,40}|annuler la réponse|répondre|enregistrer mon nom.{0,120}|tous les commentaires",
    r"leave a (?:comment|reply)|(?:\d+ )?comments?(?: ?\(\d+\)| are closed\.?)?|your email address will not be published\.?.{0,60}|required fields are marked.{0,10}|post a comment|cancel reply|join the (?:conversation|discussion)",
    r"(?:einen )?kommentar (?:hinterlassen|schreiben|verfassen)|(?:\d+ )?kommentare?(?: ?\(\d+\))?|(?:ihre|deine) e-?mail-adresse wird nicht veröffentlicht\.?.{0,60}|kommentare lesen",
    r"dej(?:a|ar) un comentario|(?:\d+ )?comentarios?(?: ?\(\d+\))?|(?:tu|su) (?:dirección de )?(?:correo(?: electrónico)?|e-?mail) no será publicad[oa]\.?.{0,60}|escribe un comentario",
    r"lascia un commento|(?:\d+ )?commenti?(?: ?\(\d+\))?|il tuo indirizzo e-?mail non sarà pubblicato\.?.{0,60}|scrivi un commento",
    r"(?:залишити|залиште|додати|написати) (?:свій )?коментар|(?:\d+ )?коментар(?:і|ів)?(?: ?\(\d+\))?|(?:ваша|вашу) (?:e-?mail|електронн).{0,30} не (?:буде )?(?:оприлюднен|опублікован|публік).{0,40}",
    r"(?:اترك|أضف|اكتب) (?:تعليق|تعليقا|تعليقًا|ردا|رداً|تعليقك|تعليقاً).{0,20}|(?:ال)?تعليقات ?(?:\([\d٠-٩]+\))?|لن يتم نشر (?:.{0,20} )?(?:عنوان|بريد|البريد).{0,50}",
    # notices
    r"©.{0,100}|(?:copyright )?\(c\) ?(?:by )?\d{4}.{0,100}|copyright ?(?:©|\(c\)|\d{4}).{0,100}|.{0,60}(?:tous droits réservés|all rights reserved|alle rechte vorbehalten|todos los derechos reservados|tutti i diritti riservati|усі права захищен[оі]|всі права захищен[оі]|جميع الحقوق محفوظة).{0,60}",
    r"(?:accueil|home|startseite|inicio|portada|головна|الرئيسية|menu|rechercher|search|suche|buscar|cerca|пошук|بحث)",
    r"(?:mots[- ]clés?|tags?|étiquettes?|keywords|schlagw(?:orte|örter)|etiquetas|palabras clave|parole chiave|теги|ключові слова|мітки|الوسوم|وسوم|كلمات (?:مفتاحية|دلالية)|الكلمات (?:المفتاحية|الدلالية))\s*:.{0,200}",
)

#: What may begin a sentence of an article, too: chrome as a label, as a whole sentence only where ``_ASKED`` stands in it.
OPEN_ENDED = _table(
    # sharing
    r"(?:partager|partagez)(?: (?:cet |l')?(?:article|sur .{1,30}|par .{1,20}|via .{1,20}))?(?: sur .{1,30})?(?: ?[:|·•/,] ?.{0,60})?",
    r"share(?: (?:this|on|via|the)(?: .{1,30})?| article| page| story)?(?: ?[:|·•/,] ?.{0,60})?|(?:follow us|suivez-nous|lire la suite)\b.{0,60}",
    r"(?:artikel )?teilen(?: (?:auf|per|via) .{1,20})?(?: ?[:|·•/,] ?.{0,60})?",
    r"compartir(?: (?:en|por|este|esta) .{1,30})?(?: ?[:|·•/,] ?.{0,60})?",
    r"condividi(?: (?:su|questo|via) .{1,30}| l'.{1,30})?(?: ?[:|·•/,] ?.{0,60})?",
    r"поділитися(?: (?:у|в|на|через|статтею)(?: .{0,30})?)?(?: ?[:|·•/,] ?.{0,60})?",
    r"(?:شارك|شاركها?|مشاركة) ?:.{0,60}|(?:شارك|مشاركة) (?:على|عبر|هذا|هذه|المقال|المقالة|الخبر|الصفحة|الرابط|مع أصدقائك)(?: .{1,30})?|أرسل (?:(?:هذا )?(?:المقال|الخبر)|إلى صديق|لصديق|عبر|بالبريد).{0,20}",
    # subscriptions
    r"(?:s'abonner|abonnez-vous|je m'abonne|inscrivez-vous|recevez)\b.{0,120}|(?:déjà abonnée?|vous êtes abonnée?|pas encore abonnée?)\b.{0,60}|(?:article )?réservé aux abonnés\b.{0,40}",
    r"(?:subscribed?|already subscribed|sign up|log ind?|sign in|create an account|get our newsletter|newsletter sign-?up|register)+\b(?<!^register).{0,100}",
    r"subscribers? (?:only|exclusive|terms)\b.{0,100}|already a (?:subscriber|member)(?: ?[?!].{0,80}|,? (?:log|sign|subscribe)\b.{0,80})?",
    r"(?:register|log-?in)(?: ?[/|:·,!].{0,80}| - .{0,80}| (?:to|with|for|für|now|here|today|or|and|via|your)\b.{0,80}| \w+[!.]?|(?: \w+){2} ?\?)?",
    rf"(?:jetzt )?(?:abonnieren|anmelden|registrieren)(?: (?!{_FINITE}\b).{{0,60}}|[!.].{{0,60}})?|(?:bereits|schon) (?:abonnent|abonniert|kunde)\b.{{0,40}}",
    r"(?:suscríbe(?:te|ase)|suscribirse|regístrate|iniciar sesión|inicia sesión|¿ya eres suscriptor)\b.{0,80}|(?:contenido|artículo) (?:exclusivo )?(?:para (?:nuestros )?(?:suscriptores|socios|abonados|usuarios)|reservado)\b.{0,40}",
    r"(?:abbonati|registrati)(?: ?[/|:·,!].{0,80}| (?:per|a|al|alla|allo|ai|agli|alle|ora|subito|qui|gratis|gratuitamente|adesso|con|o|e)\b.{0,80})?|(?:iscriviti|accedi|sei già abbonato)\b.{0,80}|(?:contenuto|articolo) (?:riservato|per (?:gli |i |soli )*(?:abbonati|utenti|iscritti|soci))\b.{0,40}",
    r"(?:підпишіться|підписатися|підписуйтесь|увійти|зареєструватися)\b.{0,80}",
    r"(?:اشترك|سجّل|سجل|تسجيل الدخول|الاشتراك)(?: (?:الآن|الدخول|معنا|مجانا|مجانًا|حسابك|حساب(?:ا|ًا)? جديد.?|في (?:ال)?(?:نشرت|نشرة|خدم|قائم|قناة|موقع|بريد)\S*|ب(?:ال)?نشر\S*|للحصول|لتصلك|لقراءة|لمتابعة)(?: .{0,70})?)?",
    # notices
    r"(?:haut de page|retour en haut|retour à l'accueil|back to top|mentions légales|politique de confidentialité|nous contacter|contact|qui sommes-nous ?\??|publicité|impressum|datenschutz(?:-?einstellungen|erklärung|hinweise|- und \S{1,30})?|kontakt|privacy(?: policy)?|terms(?: of (?:use|service))?|aviso legal|privacidad|contacto|note legali|contatti|політика конфіденційності|контакти|سياسة الخصوصية|اتصل بنا)"
    r"(?:(?: ?[|·•/]| - )(?:(?! - )[^|·•/]){1,42}+)*",
    r"copyright(?: ?[&:|/].{0,100}|(?: \S+){0,3})|\(c\).{0,100}|(?:sujets?|thèmes?|dossiers?|topics?|themen|temas|argomenti)\s*:.{0,200}",
)

#: Pictures, credits, sources: chrome as a label, as a whole sentence only where ``_CREDITED`` stands in it.
CREDIT = _table(
    r"\[?(?:photo|image|illustration|vidéo|video|foto|bild|imagen|immagine|crédits?(?: photo)?|photo d'illustration|image d'illustration|légende|symbolbild|archivbild|picture|caption|світлина|фото|صورة|الصورة)\]?(?:\s*[:©/|—]|\s*\(c\)|\s-\s|\scourtesy\b).{0,160}",
    r"\[?(?:photo|image|foto|imagen|immagine)\]? (?:d'|de ).{0,160}",
    r".{0,120}\((?:photo|image)s? d'archives?\)|(?:ілюстративне|архівне) фото|صورة (?:أرشيفية|توضيحية)",
    r".{0,160}(?:(?<!ã)©|\(c\) ?(?=\d{4})).{1,60}|(?:photo|image|foto|bild|фото|صورة) (?:d'archives?|d'illustration|archiv|de archivo|d'archivio|illustration)\b.{0,60}",
    r"(?:\()?(?:avec|with|mit|con|con fonti d'|mit material von|with reporting by|з|за матеріалами|مع) ?(?:les )?(?:agences?|agenzia|agencies|agenturen|agencias|agenzie|afp|reuters|ap|dpa|efe|ansa|وكالات|агентств|агенцій)(?:(?:,| et| and| und| y| e|/) ?(?:agences?|afp|reuters|ap|dpa|efe|ansa))*\.?\)?",
    r"\(?(?:afp|reuters|ap|dpa|efe|ansa|agences?|agencies|agencias|agenzie|وكالات)(?:[ /,&-]+(?:et |and )?(?:afp|reuters|ap|dpa|efe|ansa|agences?))*\)?\.?",
    r"(?:source|sources|quelle|quellen|fuente|fonte|джерело|المصدر)\s*:.{1,80}",
    r"(?:par|by|von|por|di|автор|بقلم)\s*:? ?(?:la |the |die |l[ao] |il )?(?:rédaction|redaktion|newsroom|redacción|redazione|staff|редакція|التحرير)\b.{0,60}|la rédaction(?: avec .{1,30})?|rédaction|редакція|التحرير|redaktion|redacción|redazione",
)

#: Headings of lists of other articles: what follows is chrome too, while it looks like headlines.
RELATED = _table(
    r"(?:à )?lire (?:aussi|également|ensuite)(?: ?:.{0,200}| sur .{1,60}(?<!\.))?|(?:à|a) (?:voir|lire|écouter)(?: aussi)?(?: ?:.{0,200})?|voir aussi(?: ?:.{0,200})?|"
    r"(?:nos )?derni[eè]res (?:nouvelles|actualités|actus|infos|minutes)(?: ?:.{0,200})?|(?:à|a) ne pas (?:manquer|rater)|"
    r"(?:les )?(?:articles? )?(?:les )?plus (?:lus|populaires|partagés|commentés)|(?:sur le même (?:sujet|thème)|articles? (?:similaires|liés|connexes|récents|associés)|"
    r"dans la même rubrique|la sélection de la rédaction|notre sélection|en direct|le fil info|fil d'actualités?|suggestions?|recommandés? pour vous|pour aller plus loin|vous aimerez aussi|à la une|contenus sponsorisés?)(?: ?:.{0,200})?",
    r"(?:read (?:more|also|next)|see also|also read|related(?: (?:articles?|stories|topics|news|content))?|more (?:stories|news|on this(?: story)?|from .{1,40}(?<!\.))|most (?:read|popular|viewed|shared)|latest (?:news|stories|headlines)|"
    r"trending(?: now)?|don't miss|you (?:may|might) (?:also )?like|recommended(?: for you)?|editor'?s'? (?:picks?|choice)|top stories|in other news|up next)(?: ?:.{0,200})?",
    r"(?:lesen sie (?:auch|mehr)|auch interessant|mehr zum thema|mehr (?:nachrichten|aus .{1,30}(?<!\.))|das könnte sie (?:auch )?interessieren|meistgelesen(?:e artikel)?|am meisten gelesen|neueste (?:nachrichten|meldungen|artikel)|"
    r"(?:die )?aktuelle(?:n)? (?:nachrichten|meldungen)|verwandte (?:artikel|themen)|weitere (?:artikel|meldungen|themen|nachrichten)|nicht verpassen|empfehlungen der redaktion|themen des tages)(?: ?:.{0,200})?",
    r"(?:l(?:ea|ee|eer) (?:también|más)|te puede interesar|también te puede interesar|le puede interesar|(?:lo )?más (?:leído|visto|noticias)|lo más leído|últimas noticias|noticias relacionadas|artículos relacionados|no te (?:lo )?pierdas|ver también|en portada)(?: ?:.{0,200})?",
    r"(?:leggi anche|potrebbe interessarti(?: anche)?|ti potrebbe interessare|(?:i )?più letti|ultime notizie|articoli (?:correlati|recenti)|notizie correlate|da non perdere|vedi anche|in primo piano|in evidenza)(?: ?:.{0,200})?",
    r"(?:читайте також|читайте ще|читати також|дивіться також|останні новини|найпопулярніше|найчитаніше|популярне|більше новин|схожі (?:новини|статті|матеріали)|за темою|не пропустіть|новини за темою|вас може зацікавити)(?: ?:.{0,200})?",
    r"(?:اقرأ أيض[اًا]+|إقرأ أيض[اًا]+|اقرأ المزيد|مواضيع ذات صلة|موضوعات ذات صلة|مقالات ذات صلة|أخبار ذات صلة|الأكثر (?:قراءة|مشاهدة|تداولا)|آخر الأخبار|أحدث الأخبار|أخبار أخرى|لا تفوت(?:ك)?|قد يعجبك(?: أيضا)?|شاهد أيض[اًا]+|ذات صلة)(?: ?:.{0,200})?",
    r"(?:leia (?:também|mais)|veja também|mais lidas|últimas notícias|lees ook|meest gelezen|zobacz także|czytaj (?:także|też)|najczęściej czytane)(?: ?:.{0,200})?",
)

#: "Read more ..." is cut short, no sentence; a clause of a law may end in a semicolon.
_FULL_STOP = re.compile(r"(?<!\.\.)[.;۔。][\"')\]]*$")
_WORD = re.compile(r"[^\W\d_]{2,}")
_NETWORK = r"(?:facebook|twitter|x|instagram|whatsapp|telegram|tiktok|youtube|linkedin|bluesky|threads|google|les réseaux|social media)\b"
#: "Follow us, the guide told the children" has another comma than a price or a list of networks.
_UNSAID = rf"(?:[^,]|,(?=\d)|,(?= {_NETWORK}))*$"
_ASKED = re.compile(
    r"(?:subscriber|member|abonnée?|abonnent|suscriptor|abbonato) ?\?|newsletter|infolettre|boletín|розсилк|نشرتنا|النشرة|بريدك|حسابك|"
    r"\b(?:you|your|our|inbox|breaking news|this (?:article|story|page)|for free|(?:subscribe|register|sign (?:up|in)|log in) (?:now|here|today)|"
    r"(?<!-)(?<!^)(?:vous|votre|vos|nos|notre)|cet article|gratuitement|pour lire|accès illimité|"
    r"unser\w*|vorlesefunktion|kostenlos|diesen artikel|jetzt (?:abonnieren|anmelden|registrieren)|"
    r"tus?|nuestr[oa]s?|gratis|sin límites|este artículo|tu[oaei]i?|nostr[oaie]|questo articolo|"
    r"наш\w*|ваш\w*|безкоштовно|"
    # reading on
    r"(?:continue|keep) reading|to read (?:on|more|the (?:full|whole|rest))|(?:continuer à lire|(?:continuer|poursuivre) la lecture)|"
    r"weiter(?:zu)?lesen|(?:seguir|continuar) leyendo|continuare a leggere|per leggere|читати далі|لقراءة|لمتابعة القراءة|"
    # commenting
    r"(?:leave|post|write|add) a (?:comment|reply)|to (?:comment|reply)(?! on)|(?:laisser|poster|écrire|publier) un commentaire|pour commenter|"
    r"kommentieren|(?:dejar|escribir) un comentario|para comentar|(?:lasciare|scrivere) un commento|per commentare|"
    r"(?:залишити|написати) коментар|ل?(?:كتابة|ترك|إضافة) تعليق)\b|"
    # to the reader
    rf"^(?:follow us|suivez-nous|abonnez-vous|suscríbe(?:te|ase))\b{_UNSAID}|^(?:share|partagez)\b[^,]* (?:on|sur) {_NETWORK}{_UNSAID}"
)
#: "Jean Dupont", "Le Monde"
_NAME = r"[^\s/,;:]+(?: [^\s/,;:]+){0,2}"
_CREDITED = re.compile(
    r"(?:©|\(c\)) ?(?:copyright )?\d{4}|\d{4} ?©|\(archiv\w*\)|^(?:photo|image|foto|imagen|immagine) (?:d'|de )?(?:archiv|illustration)|"
    r"\b(?:afp|reuters|ap|dpa|efe|ansa|epa|apa|getty|belga|keystone|imago|lusa|tass|xinhua|shutterstock|istock|courtesy|www|handout)\b|"
    rf"^(?:photos?|fotos?|bild|image|imagen|immagine|picture|crédits?(?: photo)?|фото|світлина|صورة|الصورة) ?: ?{_NAME} ?/ ?{_NAME}$|"
    # an office, a document
    r"^(?:sources?|quellen?|fuente|fonte|джерело|المصدر) ?: ?(?:(?:insee|eurostat|istat|destatis|ocde|oecd|ocse)(?:[,/.;]| \()|"
    r"[^,]*, (?:enquête|rapport|étude|données|recensement|survey|report|study|data|census|bericht|studie|umfrage|daten|"
    r"encuesta|informe|estudio|datos|indagine|rapporto|studio|dati)\b[^,;]* (?:19|20)\d\d\W*$)"
)

#: "Accueil > International > Europe"
BREADCRUMB = re.compile(r"[^.!?]{1,40}(?:[>›»/|→][^.!?>›»/|→]{1,61}){1,6}")
_HOME = re.compile(r"(?:accueil|home|startseite|start|inicio|portada|головна|الرئيسية|nachrichten|news|actualités?|actu|info)\b")


def is_breadcrumb(line: str) -> bool:
    """``line`` is folded. Without an arrow it must begin with a site's word for home."""
    if not BREADCRUMB.fullmatch(line):
        return False
    if line.count(" | ") >= 2 and all(len(part) <= 25 for part in line.split(" | ")):
        return True
    return bool(re.search(r" [>›→] ", line)) or bool(_HOME.match(line))


def _is_sentence(line: str) -> bool:
    return bool(_FULL_STOP.search(line)) and len(_WORD.findall(line)) >= SENTENCE_WORDS


def is_chrome(line: str) -> bool:
    """Is this folded line, alone, not part of the article? (Dates and lists of other articles are judged elsewhere.)"""
    if READING_TIME.fullmatch(line) or CONTROL.fullmatch(line) or is_breadcrumb(line):
        return True
    sentence = _is_sentence(line)
    return any(
        table.fullmatch(line) and not (sentence and not cue.search(line))
        for table, cue in ((OPEN_ENDED, _ASKED), (CREDIT, _CREDITED))
    )
