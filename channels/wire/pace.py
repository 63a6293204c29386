"""How fast the sources of one account are asked."""

import threading
import time
from collections.abc import Callable
from typing import Final

from channels import errors
from channels.contract import Pace, Place, Text

MOST_LANES: Final = 1_000
SLOWEST_PER_SECOND: Final = 0.001
Reserve = Callable[[str, float, float], float]
"""(lane, seconds to the next turn, longest wait in seconds) -> seconds until the turn that is reserved by that. Where it is longer
than the longest wait, nothing is reserved. desk.sources.paces.take_turn holds for all processes."""


class OwnTurns:
    """Turns of this process alone, where nobody else asks. `clock` is that of time.monotonic."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._next: dict[str, float] = {}
        self._lock = threading.Lock()

    def take(self, lane: str, gap_seconds: float, longest_seconds: float) -> float:
        with self._lock:
            now = self._clock()
            starts = max(now, self._next.get(lane, now))
            if starts - now <= longest_seconds:
                if len(self._next) >= MOST_LANES:
                    self._next = {one: at for one, at in self._next.items() if at > now}
                self._next[lane] = starts + gap_seconds
            return starts - now


def wait(
    reserve: Reserve,
    lane: str,
    pace: Pace,
    longest_seconds: float,
    sleep: Callable[[float], object] = time.sleep,
) -> None:
    """Returns when it is this request's turn. Raises RateLimited where that would take too long."""
    waits = reserve(lane, 1 / max(pace.per_second, SLOWEST_PER_SECOND), longest_seconds)
    if waits > longest_seconds:
        raise too_soon(waits)
    if waits > 0:
        sleep(waits)


def too_soon(waits_seconds: float) -> errors.RateLimited:
    said = Text(
        "The account has reached its rate limit for now.",
        "Аккаунт пока исчерпал допустимую частоту запросов.",
    )
    return errors.RateLimited(said, int(waits_seconds) + 1)


def lane_of(kind: str, place: Place) -> str | None:
    """Sources of one account share its pace; a source without one is asked as it comes."""
    return f"{kind}#{place.account_id}" if place.account_id is not None else None
