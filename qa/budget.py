"""How many tokens a chat model may be asked for in an hour, by everybody together and by one person."""

import threading
from collections import Counter, deque
from typing import Literal

HOUR = 3600.0
#: Characters of a prompt for each token, at least: French and German take about four, Arabic two.
CHARACTERS = 2


class Budget:
    """``tokens`` in any ``HOUR`` for all, ``each`` of them for one payer; None for as many as wanted.

    Time is given by the caller, in seconds that only grow. Who has paid is forgotten with the hour.
    """

    def __init__(self, tokens: int | None = None, each: int | None = None):
        self._tokens, self._each = tokens, each
        self._spent: deque[tuple[float, int, str]] = deque()
        self._total = 0
        self._by: Counter[str] = Counter()
        self._lock = threading.Lock()

    def spend(self, now: float, tokens: int, payer: str) -> Literal["spent", "share"] | None:
        """Take so many, all or none; else whose hour does not hold them: ``spent`` everybody's, ``share`` the payer's own."""
        if self._tokens is None and self._each is None:
            return None
        with self._lock:
            while self._spent and self._spent[0][0] <= now - HOUR:
                self._forget(self._spent.popleft())
            if self._each is not None and self._by[payer] + tokens > self._each:
                return "share"
            if self._tokens is not None and self._total + tokens > self._tokens:
                return "spent"
            self._spent.append((now, tokens, payer))
            self._total += tokens
            self._by[payer] += tokens
            return None

    def give_back(self, now: float, tokens: int, payer: str) -> None:
        """What was taken at ``now`` and not used."""
        with self._lock:
            if (now, tokens, payer) in self._spent:
                self._spent.remove((now, tokens, payer))
                self._forget((now, tokens, payer))

    def _forget(self, spent: tuple[float, int, str]) -> None:
        _, tokens, payer = spent
        self._total -= tokens
        self._by[payer] -= tokens
        if not self._by[payer]:
            del self._by[payer]
