"""What stands between the network and Gradio: only the page's own routes, known host names, bounded bodies, strict headers.

Gradio alone lets any visitor upload files, serves any Host header and sends no security headers.
"""

import ipaddress
import re

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Bytes of a request. A conversation of a hundred answers travels in half of this.
LONGEST_BODY = 2_000_000
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
_NAME = r"[A-Za-z0-9_]+"
#: All that the page and Gradio's clients ask for. No upload, no file, no stream, no proxy, no monitoring, no run history.
_ROUTES = {
    "GET": re.compile(
        rf"/|/article|/config/?|/(?:gradio_api/)?theme\.css|/favicon\.ico|/manifest\.json|/robots\.txt|/(?:assets|static|svelte)/.+"
        rf"|/gradio_api/(?:info/?|app_id/?|startup-events|login_check/?|queue/data|heartbeat/{_NAME}|call/{_NAME}/{_NAME})"
    ),
    "POST": re.compile(rf"/gradio_api/(?:queue/join|run/predict|cancel|reset/?|call(?:/v2)?/{_NAME}/?)"),
}
_ROUTES["HEAD"] = _ROUTES["GET"]
#: Gradio's page is inline scripts and styles; what matters is that nothing is loaded from, sent to or framed by elsewhere.
_HEADERS = {
    b"content-security-policy": b"default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    b"style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; worker-src 'self' blob:; "
    b"object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"permissions-policy": b"camera=(), microphone=(), geolocation=()",
}


class Guard:
    """ASGI middleware. ``names``: host names the page answers to; ``addresses``: whether any bare IP address will do too.

    A name that is not listed is refused, since a page elsewhere can point its own name at this address (DNS rebinding).
    """

    def __init__(self, app: ASGIApp, names: frozenset[str] = LOOPBACK_NAMES, addresses: bool = False):
        self._app = app
        self._names = names
        self._addresses = addresses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return  # nothing here speaks websocket

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [(name, value) for name, value in message.get("headers", []) if name.lower() not in _HEADERS]
                message = {**message, "headers": [*kept, *_HEADERS.items()]}
            await send(message)

        refusal = self._refusal(scope)
        await (PlainTextResponse(refusal[1], refusal[0]) if refusal else self._app)(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        """(status, words) for a request that is not let through."""
        headers = {name.lower(): value for name, value in scope["headers"]}
        if not known_host(headers.get(b"host", b"").decode("latin-1"), self._names, self._addresses):
            return 403, "Unknown host name."
        allowed = _ROUTES.get(scope["method"])
        if allowed is None or not allowed.fullmatch(scope["path"]):
            return 404, "Not here."
        if scope["method"] == "POST":
            length = headers.get(b"content-length", b"")
            if not length.isdigit():
                return 411, "Say the length of the request."
            if int(length) > LONGEST_BODY:
                return 413, f"A request may have {LONGEST_BODY} bytes."
        return None


def known_host(host: str, names: frozenset[str], addresses: bool) -> bool:
    """Is the Host header (``name``, ``name:port``, ``[::1]:port``) one of ours?"""
    match = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)\]|([^:\[\]]+))(?::\d{1,5})?", host)
    if match is None:
        return False
    name = (match.group(1) or match.group(2)).lower()
    return name in names or (addresses and is_address(name))


def is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Can only this machine reach a server bound to ``host``?"""
    return host == "localhost" or (is_address(host) and ipaddress.ip_address(host).is_loopback)
