"""How often sign-in was tried in vain. Kept in memory: a restart clears it, and nothing is stored for a stranger."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from threading import Lock

WINDOW_SECONDS = 300
KEYS_KEPT = 10_000


class Attempts:
    """Counts failures per key within a sliding window; each key comes with how many it may have."""

    def __init__(
        self, window_seconds: float = WINDOW_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._window = window_seconds
        self._clock = clock
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = Lock()

    def wait_seconds(self, limits: Iterable[tuple[str, int]]) -> int:
        """0 when another try is allowed, else how long until one is."""
        with self._lock:
            return max((self._wait(key, limit) for key, limit in limits), default=0)

    def fail(self, limits: Iterable[tuple[str, int]]) -> None:
        with self._lock:
            for key, limit in limits:
                times = self._failures.setdefault(key, deque())
                times.append(self._clock())
                while len(times) > limit:
                    times.popleft()
                self._failures.move_to_end(key)
            while len(self._failures) > KEYS_KEPT:
                self._failures.popitem(last=False)

    def forgive(self, key: str) -> None:
        with self._lock:
            self._failures.pop(key, None)

    def _wait(self, key: str, limit: int) -> int:
        times = self._failures.get(key, deque())
        if len(times) < limit:
            return 0
        return (
            max(0, int(times[-limit] + self._window - self._clock()) + 1)
            if self._is_recent(times[-limit])
            else 0
        )

    def _is_recent(self, moment: float) -> bool:
        return self._clock() - moment < self._window
