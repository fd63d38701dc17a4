"""From words to markup: the one function that everything from outside goes through, and links that are safe to follow.

Gradio's own sanitiser lets forms, overlays and remote images through, and its Markdown would fetch the images.
"""

import html
import re
from urllib.parse import urlsplit

from qa.page_texts import Interface, words

_TAG = re.compile(r"<[^>]*>")


def escape(text: str) -> str:
    """``text`` for any place in HTML or Markdown: all but letters, digits and spaces becomes a numeric entity.

    C1 controls stay as they are: HTML reads ``&#150;`` as a dash of Windows-1252, and the text would no longer be exact.
    """
    return "".join(c if c.isalnum() or c == " " or "\x80" <= c <= "\x9f" else f"&#{ord(c)};" for c in text)


def plain(message_html: str) -> str:
    """The words of a message made here: its tags taken out, its entities read."""
    return html.unescape(_TAG.sub("", message_html.replace("</p>", "</p> "))).strip()


def link_of(url: str | None) -> tuple[str, str] | None:
    """(address, host as it is looked up) of a plain http or https address; None for anything else."""
    if url is None or not url.isprintable():
        return None
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        return None
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        return None
    return url, host


def said(name: str, ui_language: Interface, **values: str | int) -> str:
    return escape(words(name, ui_language, **values))


def lang_of(code: str | None) -> str:
    """A lang attribute; none for a code that is not plain letters."""
    return f' lang="{code}"' if code and code.isascii() and code.isalpha() else ""
