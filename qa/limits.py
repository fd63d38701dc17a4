"""How often one address may ask, and how long it waits after wrong passwords."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

#: Addresses remembered; beyond them the one not seen for longest is forgotten.
MOST_ADDRESSES = 10_000
#: Wrong passwords before the waits begin, the first wait and the longest, in seconds.
FREE_TRIES, FIRST_WAIT, LONGEST_WAIT = 5, 2.0, 900.0

Clock = Callable[[], float]


class Rate:
    """A bucket an address: ``a_minute`` requests at once, filling again evenly over a minute."""

    def __init__(self, a_minute: int, clock: Clock = time.monotonic):
        self._a_minute = a_minute
        self._clock = clock
        self._lock = threading.Lock()
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, address: str) -> float:
        """Take one; seconds until there is one again where there is none, else 0."""
        now = self._clock()
        with self._lock:
            left, since = self._held.pop(address, (float(self._a_minute), now))
            left = min(float(self._a_minute), left + (now - since) * self._a_minute / 60)
            taken = left >= 1
            self._held[address] = (left - 1 if taken else left, now)
            while len(self._held) > MOST_ADDRESSES:
                self._held.popitem(last=False)
        return 0.0 if taken else (1 - left) * 60 / self._a_minute


class Tries:
    """Wrong passwords of each address: after a few, every further one doubles the wait. A right one forgets them."""

    def __init__(self, clock: Clock = time.monotonic):
        self._clock = clock
        self._lock = threading.Lock()
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait(self, address: str) -> float:
        """Seconds until this address may try again; 0 if now."""
        with self._lock:
            count, last = self._wrong.get(address, (0, 0.0))
        if count < FREE_TRIES:
            return 0.0
        return max(0.0, last + min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(count - FREE_TRIES, 20)) - self._clock())

    def wrong(self, address: str) -> None:
        with self._lock:
            count, _ = self._wrong.pop(address, (0, 0.0))
            self._wrong[address] = (count + 1, self._clock())
            while len(self._wrong) > MOST_ADDRESSES:
                self._wrong.popitem(last=False)

    def right(self, address: str) -> None:
        with self._lock:
            self._wrong.pop(address, None)
