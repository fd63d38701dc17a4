"""Who has the page open. What Gradio holds for a page that was closed, or for a program that asks no more, is let go.

By itself Gradio keeps a session until so many others have come, with the answers that nobody fetched; and one whose connection
broke once, as a phone's does, loses its states after an hour, though its page is open.
"""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from qa.heaps import give_back

#: Seconds without a connection or a request after which a session is over; the page's own conversation comes back all the same.
OVER = 300.0
#: Seconds between two looks for such sessions, and between two returns of what came free to the system: of what answers needed
#: meanwhile, some 20 MB in a few hundred answers would stay in the heaps' gaps.
BETWEEN = 10.0
#: The connection of an open page.
_OPEN = re.compile(r"/gradio_api/heartbeat/(\w+)")


class Sessions:
    """ASGI middleware in front of Gradio's application. ``over``: see OVER."""

    def __init__(self, app: ASGIApp, over: float = OVER, clock: Callable[[], float] = time.monotonic):
        self._app = app
        self._over = over
        self._clock = clock
        self._open: Counter[str] = Counter()
        #: When a session was last heard of, and Gradio's own note of its last request then.
        self._heard: dict[str, tuple[float, Any]] = {}
        self._looked = clock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._clock() - self._looked >= min(BETWEEN, self._over):
            self.let_go(scope["app"])
            asyncio.get_running_loop().run_in_executor(None, give_back)
        found = _OPEN.fullmatch(scope.get("path", ""))
        if found is None:
            return await self._app(scope, receive, send)
        session = found[1]
        self._open[session] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self.let_go(scope["app"])  # notes that it was open until now
            self._open[session] -= 1
            self._open += Counter()  # without those at 0
            # Once the last page is closed, nobody may come along to look.
            asyncio.get_running_loop().call_later(self._over + 1, self.let_go, scope["app"])

    def let_go(self, app: Any) -> None:
        """Forget the sessions that have no page open, and of which nothing was heard for long enough."""
        holder, queue = app.state_holder, app.get_blocks()._queue
        now = self._looked = self._clock()
        held = (holder.session_data, holder.time_last_used, queue.pending_messages_per_session, queue.pending_event_ids_session)
        heard = {}
        for session in {session for one in held for session in one}:
            used = holder.time_last_used.get(session)
            since, before = self._heard.get(session, (now, used))
            heard[session] = (since, used) if before == used and session not in self._open else (now, used)
        for session in [session for session, (since, _) in heard.items() if now - since >= self._over]:
            del heard[session]
            with holder.lock:
                for one in held:
                    one.pop(session, None)
        self._heard = heard
