"""A circuit breaker: after some failures in a row nobody is made to wait for the next one."""

import threading

FAILURES = 3
#: Seconds; a longer rest that the other side asks for is cut to ``LONGEST_REST``.
REST, LONGEST_REST = 30.0, 120.0


class Breaker:
    """Closed until ``failures`` in a row, then open for ``rest`` seconds, then one caller at a time may try.

    Time is given by the caller, in seconds that only grow; any number of threads may ask.
    """

    def __init__(self, failures: int = FAILURES, rest: float = REST):
        self._limit, self._rest = failures, rest
        self._failures, self._until = 0, float("-inf")
        self._lock = threading.Lock()

    def allows(self, now: float) -> bool:
        """May a call be made? Where this is the trial after a rest, others wait for its outcome, or as long again."""
        with self._lock:
            if now < self._until:
                return False
            if self._failures >= self._limit:
                self._until = now + self._rest
            return True

    def succeeded(self) -> None:
        with self._lock:
            self._failures, self._until = 0, float("-inf")

    def failed(self, now: float, rest: float | None = None) -> None:
        """``rest``: seconds that the other side asked to be left alone, which opens the circuit at once."""
        with self._lock:
            self._failures += 1
            if rest is not None:
                self._failures = max(self._failures, self._limit)
                self._until = now + min(rest, LONGEST_REST)
            elif self._failures >= self._limit:
                self._until = now + self._rest
