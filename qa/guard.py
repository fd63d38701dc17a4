"""What stands between the network and Gradio: only the page's own routes, known host names, bounded bodies, strict headers.

Gradio alone lets any visitor upload files, serves any Host header and sends no security headers.
"""

import ipaddress
import math
import re
from dataclasses import dataclass
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from corpus.errors import InputError, why_unread
from qa.limits import Rate, Tries

#: Bytes of a request. A conversation of a hundred answers travels in half of this.
LONGEST_BODY = 2_000_000
#: Bytes of files dropped in, where the operator lets them be.
LONGEST_UPLOAD = 20_000_000
SHORTEST_PASSWORD = 8
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
_UPLOAD = re.compile(r"/gradio_api/upload(?:_progress)?")
_LOGIN = re.compile(r"/(?:login|logout)/?")
#: What an answer is asked with.
_ASKING = re.compile(r"/gradio_api/(?:queue/join|call/)|/mcp$")
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


@dataclass(frozen=True)
class Rules:
    """``names``: host names the page answers to; ``addresses``: whether any bare IP address will do too; ``uploads``: whether
    files may be sent; ``login``: whether there are passwords; ``mcp``: whether /mcp is there; ``a_minute``: requests to be
    answered, from one address, 0 for any number."""

    names: frozenset[str] = LOOPBACK_NAMES
    addresses: bool = False
    uploads: bool = False
    login: bool = False
    mcp: bool = False
    a_minute: int = 0


class Guard:
    """ASGI middleware that lets through what the rules allow.

    A host name that is not listed is refused, since a page elsewhere can point its own name at this address (DNS rebinding);
    so is a request that a page elsewhere makes a browser send. A body is broken off where it is longer than it may be.
    """

    def __init__(self, app: ASGIApp, rules: Rules):
        self._app = app
        self._rules = rules
        self._rate = Rate(rules.a_minute) if rules.a_minute else None
        self._tries = Tries()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return  # nothing here speaks websocket
        address = (scope.get("client") or ("",))[0]
        path, posted = scope["path"].rstrip("/"), scope["method"] == "POST"
        logging_in = self._rules.login and path == "/login" and posted
        # The tools say by any method whether a password is right.
        opening = self._rules.login and path == "/mcp" and (posted or b"authorization" in dict(scope["headers"]))
        longest = LONGEST_UPLOAD if self._uploading(scope) else LONGEST_BODY
        taken = 0

        async def receive_counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > longest:
                raise HTTPException(413, _too_long(longest))
            return message

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [(name, value) for name, value in message.get("headers", []) if name.lower() not in _HEADERS]
                message = {**message, "headers": [*kept, *_HEADERS.items()]}
                if (logging_in or opening) and message["status"] == 200:
                    self._tries.right(address)
                elif opening and message["status"] == 401:
                    self._tries.wrong(address)
            await send(message)

        answer = self._refusal(scope, longest) or self._delay(scope, address, logging_in or opening)
        if logging_in and answer is None:
            # Counted before it is read: of many sent at once, none is known to be wrong when the last is let through. Those for
            # the tools come with the headers and are judged at once, and a right one may be long in being answered.
            self._tries.wrong(address)
        try:
            await (answer or self._app)(scope, receive_counted, send_with_headers)
        except HTTPException as error:  # Gradio's application answers it by itself, what stands before it does not
            await PlainTextResponse(error.detail, error.status_code)(scope, receive, send_with_headers)

    def _uploading(self, scope: Scope) -> bool:
        return self._rules.uploads and bool(_UPLOAD.fullmatch(scope["path"]))

    def _delay(self, scope: Scope, address: str, trying: bool) -> Response | None:
        """The answer to an address that asks too often or guesses passwords."""
        wait = self._tries.wait(address) if trying else 0.0
        if self._rate and scope["method"] == "POST" and _ASKING.match(scope["path"]):
            wait = max(wait, self._rate.wait(address))
        if wait <= 0:
            return None
        seconds = math.ceil(wait)
        return JSONResponse({"detail": f"Too many at once: try again in {seconds} s."}, 429, {"retry-after": str(seconds)})

    def _refusal(self, scope: Scope, longest: int) -> Response | None:
        """The answer to a request that is not let through. ``longest``: bytes that it may have."""
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        names, addresses = self._rules.names, self._rules.addresses
        host, origin = headers.get(b"host", ""), headers.get(b"origin")
        if not known_host(host, names, addresses):
            return PlainTextResponse("Unknown host name.", 403)
        if origin is not None and not known_origin(origin, host, names):
            return PlainTextResponse("Unknown origin.", 403)
        logging_in = self._rules.login and bool(_LOGIN.fullmatch(scope["path"]))
        tools = self._rules.mcp and scope["path"] == "/mcp"
        allowed = _ROUTES.get(scope["method"])
        if allowed is None or not (allowed.fullmatch(scope["path"]) or self._uploading(scope) or logging_in or tools):
            return PlainTextResponse("Not here.", 404)
        length, in_pieces = headers.get(b"content-length"), b"transfer-encoding" in headers
        if length is not None and in_pieces:
            # Which of them holds is not agreed upon, by a proxy and what stands behind it.
            return PlainTextResponse("Say the length of the request once.", 400)
        if length is None and not in_pieces and scope["method"] != "POST":
            return None
        if not (length and length.isascii() and length.isdigit()):
            return PlainTextResponse("Say the length of the request.", 411)
        if int(length[:20]) > longest:
            return PlainTextResponse(_too_long(longest), 413)
        return None


def _too_long(longest: int) -> str:
    return f"A request may have {longest} bytes."


def signed_in(scope: Scope) -> bool:
    """Does the request carry the cookie of somebody who logged in, or is no log-in asked for? Of Gradio's application."""
    app = scope["app"]
    if app.auth is None:
        return True
    header = next((value for name, value in scope["headers"] if name == b"cookie"), b"").decode("latin-1")
    cookies = dict(part.strip().partition("=")[::2] for part in header.split(";"))
    names = (f"access-token-{app.cookie_id}", f"access-token-unsecure-{app.cookie_id}")
    return any(cookies.get(name) in app.tokens for name in names)


def read_logins(path: Path) -> list[tuple[str, str]]:
    """(name, password) of each line ``name:password``. InputError for a file that others may read, or that holds none."""
    try:
        if path.stat().st_mode & 0o077:
            raise InputError(f"{path} can be read by others: chmod 600 {path}")
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {why_unread(error)}") from error
    logins = []
    for number, line in enumerate(lines, start=1):
        name, colon, password = line.partition(":")
        if line.strip() and not (colon and name.strip() and len(password) >= SHORTEST_PASSWORD):
            raise InputError(f"{path} line {number}: a name, a colon, a password of at least {SHORTEST_PASSWORD} characters")
        logins += [(name.strip(), password)] if line.strip() else []
    if not logins:
        raise InputError(f"{path} holds no log-in: a line for each, name:password")
    return logins


def known_host(host: str, names: frozenset[str], addresses: bool) -> bool:
    """Is the Host header (``name``, ``name:port``, ``[::1]:port``) one of ours?"""
    name = _name_of(host)
    return name is not None and (name in names or (addresses and is_address(name)))


def known_origin(origin: str, host: str, names: frozenset[str]) -> bool:
    """Is the Origin header that of the page under the Host header, one of ours, or under a name of ours that a proxy was asked
    by? Any port will do, since a proxy has its own."""
    asked = _name_of(host)
    own = LOOPBACK_NAMES if asked in LOOPBACK_NAMES else {asked}
    name = _name_of(re.sub(r"^https?://", "", origin))
    return name is not None and (name in own or name in names - LOOPBACK_NAMES)


def _name_of(host: str) -> str | None:
    match = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)\]|([^:\[\]]+))(?::\d{1,5})?", host)
    return (match.group(1) or match.group(2)).lower() if match else None


def is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Can only this machine reach a server bound to ``host``?"""
    return host == "localhost" or (is_address(host) and ipaddress.ip_address(host).is_loopback)
