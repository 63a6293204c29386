"""Turns: how long one job may go on before it queues itself again behind the others."""

import time
from collections.abc import Callable, Iterable
from typing import TypeVar

from desk.base import wakeups
from desk.base.work import WorkName
from workers import stopping

SWEEP_SECONDS = 240
"""A sweep with more to do than that queues itself again, so that RQ's time limit never cuts one off."""

TURN_SECONDS = 60
"""The same for sends and looks, which share a queue and must not wait long for each other."""

T = TypeVar("T")


class Turn:
    """`ends` is on the clock of time.monotonic. `has_ended`: there was more to do than the turn had time for, or the
    process was asked to stop."""

    def __init__(self, name: WorkName, seconds: float) -> None:
        self._name, self.ends, self.has_ended = name, time.monotonic() + seconds, False

    def is_over(self) -> bool:
        """Asked once a piece of work; queues the rest when the time is up."""
        if time.monotonic() > self.ends:
            wakeups.send_now(self._name)
            self.has_ended = True
        return self.has_ended


def sweep(turn: Turn, work: Iterable[T], act: Callable[[T], bool]) -> int:
    """How many pieces were done before the work or the turn ended."""
    count = 0
    for piece in work:
        if stopping.is_asked():
            turn.has_ended = True
        if turn.has_ended or turn.is_over():
            break
        count += act(piece)
    return count
