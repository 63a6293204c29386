"""How fast the sources of one account are asked, by this process."""

import threading
import time
from collections.abc import Callable
from typing import Final

from channels import errors
from channels.contract import Pace, Place, Text

MOST_LANES: Final = 1_000


class Paces:
    """When the next request of each account may go out. `clock` and `sleep` are those of `time`."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._next: dict[str, float] = {}
        self._lock = threading.Lock()

    def wait(self, lane: str, pace: Pace, longest_seconds: float) -> None:
        """Returns when it is this request's turn. Raises RateLimited where that would take too long."""
        with self._lock:
            now = self._clock()
            starts = max(now, self._next.get(lane, now))
            if starts - now > longest_seconds:
                wait = int(starts - now) + 1
                raise errors.RateLimited(
                    Text(
                        "The account has reached its rate limit for now.",
                        "Аккаунт пока исчерпал допустимую частоту запросов.",
                    ),
                    wait,
                )
            if len(self._next) >= MOST_LANES:
                self._next = {one: at for one, at in self._next.items() if at > now}
            self._next[lane] = starts + 1 / max(pace.per_second, 0.001)
        if starts > now:
            self._sleep(starts - now)


def lane_of(kind: str, place: Place) -> str | None:
    """Sources of one account share its pace; a source without one is asked as it comes."""
    return f"{kind}#{place.account_id}" if place.account_id is not None else None
