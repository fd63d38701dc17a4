"""One-line messages of the programs below the page, told in French.

They say what is wrong in English. On the French page they are told by their form; one that has no French form here is shown
as it is.
"""

import re

from qa.page_texts import Interface

#: English lines, as regular expressions, and the French for them; what a group holds goes into the places in order.
_FORMS = (
    # Why a file was left out (corpus.read, corpus.decode).
    (r"a folder that cannot be read: (.*)", "un dossier illisible\u00a0: {0}"),
    (r"a link; links are not followed", "un lien\u00a0; les liens ne sont pas suivis"),
    (r"not a regular file", "ce n’est pas un fichier ordinaire"),
    (r"larger than (\d+) MB, the most that is read: split it into several files", "plus de {0} Mo, le plus qui soit lu\u00a0; divisez-le en plusieurs fichiers"),
    (r"still being written: build again once it is whole", "encore en cours d’écriture\u00a0; mettez à jour quand il sera entier"),
    (r"cannot be read: (.*)", "illisible\u00a0: {0}"),
    (r"empty", "vide"),
    (r"binary, not text", "binaire, ce n’est pas du texte"),
    (r"HTML in a text file; rename it to \.html", "du HTML dans un fichier texte\u00a0; renommez-le en .html"),
    (r"JSON in a text file; rename it to \.jsonl, one object a line", "du JSON dans un fichier texte\u00a0; renommez-le en .jsonl, un objet par ligne"),
    (r"XML in a text file \(a feed\?\); save its articles as \.html or \.jsonl", "du XML dans un fichier texte (un flux\u00a0?)\u00a0; enregistrez ses articles en .html ou .jsonl"),
    (r"a table in a text file; save its rows as \.jsonl, one object a line", "un tableau dans un fichier texte\u00a0; enregistrez ses lignes en .jsonl, un objet par ligne"),
    (r"no article text found in the page", "aucun texte d’article dans la page"),
    (r"nothing but boilerplate \(menus, notices, lists of links\)", "rien d’autre que l’habillage (menus, mentions, listes de liens)"),
    (r"not JSON", "ce n’est pas du JSON"),
    (r'needs an object with "id" and "text"', "il faut un objet avec «\u00a0id\u00a0» et «\u00a0text\u00a0»"),
    (r'"id" must be a non-empty string', "«\u00a0id\u00a0» doit être une chaîne non vide"),
    # What became of a dropped file (qa.manage).
    (r"taken in; rebuild to ask it", "reçu\u00a0; mettez à jour pour l’interroger"),
    (r"not taken, only (.*) are", "refusé, seuls {0} sont reçus"),
    (r"not taken, larger than (\d+) MB", "refusé, plus de {0} Mo"),
    (r"not taken, there is one of that name", "refusé, il y en a déjà un de ce nom"),
    (r"not taken, it holds no article", "refusé, il ne contient pas d’article"),
    (r"not taken, (.*)", "refusé, {0}"),
    # Why the gate refused (eval.gate).
    (r"(\d+) answers with a quote that is not in its article: (.*)", "{0} réponses dont une citation n’est pas dans son article\u00a0: {1}"),
    (r"recall_at_5 fell from (\S+) to (\S+) of (\d+): (.*)", "le bon article parmi les cinq premiers\u00a0: de {0} à {1} sur {2} ({3})"),
    (r"sentences found again fell from (\S+) to (\S+) of (\d+): (.*)", "phrases retrouvées\u00a0: de {0} à {1} sur {2} ({3})"),
    (r"abstention_recall fell from (\S+) to (\S+) of (\d+): (.*)", "questions sans réponse refusées\u00a0: de {0} à {1} sur {2} ({3})"),
    (r"answerable questions answered fell from (\S+) to (\S+) of (\d+): (.*)", "questions avec réponse répondues\u00a0: de {0} à {1} sur {2} ({3})"),
    # What a person can mend.
    (r"something else is being done already: wait for it, then try again", "une autre tâche est en cours\u00a0: attendez-la, puis réessayez"),
    (r"another build \(process (\d+)\) is writing (.*): wait for it, then try again", "une autre mise à jour (processus {0}) écrit {1}\u00a0: attendez-la, puis réessayez"),
    (r"no earlier generation in (.*) to go back to: rebuild with (.*)", "aucun état précédent dans {0}\u00a0: mettez à jour avec {1}"),
    (r"the index folder (.*) cannot be written: (.*)", "le dossier de l’index {0} ne peut pas être écrit ({1})"),
    (r"the new index needs about (\S+) MB in (.*), (\S+) MB are free: .*", "le nouvel index demande environ {0} Mo dans {1}, {2} Mo sont libres\u00a0: faites de la place"),
    (r"there is not enough memory to build the index; the index answers as before\. .*", "la mémoire ne suffit pas à construire l’index\u00a0; il répond comme avant. Fermez d’autres programmes"),
    (r"the new index is live and answers; what was still to do in (.*) was left \((.*)\): .*", "le nouvel index est en service\u00a0; ce qui restait à faire dans {0} ne l’est pas ({1})\u00a0: mettez à jour de nouveau"),
    (r"the evaluation stopped: (.*)", "l’évaluation s’est arrêtée\u00a0: {0}"),
    (r"it failed \((.*)\)", "échec ({0})"),
)  # fmt: skip
_FRENCH = [(re.compile(english, re.DOTALL), french) for english, french in _FORMS]


def in_words(line: str, language: Interface) -> str:
    """A line in the page's language, where it has a form there."""
    if language == "en":
        return line
    for pattern, french in _FRENCH:
        found = pattern.fullmatch(line)
        if found:
            return french.format(*(in_words(part, language) for part in found.groups()))
    name, sign, rest = line.partition(": ")
    # A file's name may stand before what is said of it.
    if sign and (told := in_words(rest, language)) != rest:
        return f"{name}\u00a0: {told}"
    return line
