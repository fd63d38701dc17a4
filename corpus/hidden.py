"""What an HTML page holds and does not show: words for machines, such as orders to a chat model, are no part of the article."""

import re

from lxml.html import HtmlElement  # type: ignore[import-untyped]

#: Of an inline style, without its spaces. Style sheets are not read.
_UNSEEN = re.compile(
    r"(?:^|;)(?:display:none|visibility:(?:hidden|collapse)|opacity:(?:0|0?\.0\d*|\d(?:\.\d+)?%)(?:%|;|!|$)|"
    r"font-size:0(?:\.0*)?(?:px|pt|r?em|%|;|!|$)|transform:[^;]*scale(?:3d|x|y)?\((?:0|0?\.0\d*)[,)])"
)
_OUT_OF_SIGHT = re.compile(r"(?:^|;)(?:left|right|top|bottom|text-indent):-(?:999|\d{4,})(?:\.\d+)?(?:px|pt|r?em|%)")
_TINY = re.compile(r"(?:^|;)font-size:(?:0?\.\d+|1)(?:px|pt)(?:;|!|$)")
#: Or so near to it that it is not seen.
_WHITE = re.compile(
    r"(?:^|;)color:(?:#fff[\da-f]?(?![\da-f])|#(?:f[a-f]){3}(?:[\da-f]{2})?(?![\da-f])|white|transparent|"
    r"rgba?\(25[0-5],?25[0-5],?25[0-5](?:[,/][\d.]+%?)?\))"
)
_BACKGROUND = re.compile(r"(?:^|;)background(?:-color|-image)?:")


def without_hidden(page: HtmlElement) -> HtmlElement:
    """The page, its unseen elements taken out: by the ``hidden`` attribute, or by their own style. What follows them stays.

    What holds half of the page's text or more stays too: a script will show it when the page is loaded.
    """
    whole = len(page.text_content())
    for element in [*page.iter("*")]:
        if element.getparent() is not None and _is_hidden(element) and 2 * len(element.text_content()) < whole:
            element.drop_tree()
    return page


def _is_hidden(element: HtmlElement) -> bool:
    # hidden="until-found" is shown to whoever searches the page.
    if element.get("hidden", "until-found").lower() != "until-found":
        return True
    style = _style(element)
    if _UNSEEN.search(style) or _OUT_OF_SIGHT.search(style) or _TINY.search(style):
        return True
    # White is how one writes on a dark ground.
    return bool(_WHITE.search(style)) and not any(
        _BACKGROUND.search(_style(one)) or one.get("bgcolor") for one in (element, *element.iterancestors())
    )


def _style(element: HtmlElement) -> str:
    return re.sub(r"\s+", "", element.get("style", "")).lower()
