"""How the page's own events are made."""

from typing import Any

#: What answers at once: no endpoint for programs, no sign of waiting, no place in the queue.
QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "queue": False}
