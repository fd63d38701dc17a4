"""How many tokens a chat model may be asked for in an hour, by everybody together."""

import threading
from collections import deque

HOUR = 3600.0
#: Characters of a prompt for each token, at least: French and German take about four, Arabic two.
CHARACTERS = 2


class Budget:
    """``tokens`` in any ``HOUR``; None for as many as wanted. Time is given by the caller, in seconds that only grow."""

    def __init__(self, tokens: int | None):
        self._tokens = tokens
        self._spent: deque[tuple[float, int]] = deque()
        self._lock = threading.Lock()

    def spend(self, now: float, tokens: int) -> bool:
        """Take so many, all or none; False where fewer are left."""
        if self._tokens is None:
            return True
        with self._lock:
            while self._spent and self._spent[0][0] <= now - HOUR:
                self._spent.popleft()
            if sum(spent for _, spent in self._spent) + tokens > self._tokens:
                return False
            self._spent.append((now, tokens))
            return True
