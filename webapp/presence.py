"""Who looks at which case now. In memory and forgotten after half a minute: a courtesy, never a lock."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from flask import Flask, current_app

FORGET_SECONDS = 40


@dataclass(frozen=True, slots=True)
class Watcher:
    user_id: int
    name: str
    is_writing: bool


class Presence:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: dict[tuple[int, int], tuple[Watcher, float]] = {}
        self._lock = Lock()

    def look(self, case_id: int, watcher: Watcher) -> None:
        with self._lock:
            now = self._clock()
            self._seen = {key: one for key, one in self._seen.items() if now - one[1] < FORGET_SECONDS}
            self._seen[case_id, watcher.user_id] = (watcher, now)

    def others(self, case_id: int, user_id: int) -> list[Watcher]:
        with self._lock:
            now = self._clock()
            fresh = [(key, one[0]) for key, one in self._seen.items() if now - one[1] < FORGET_SECONDS]
        return [watcher for (case, who), watcher in fresh if case == case_id and who != user_id]


def install(app: Flask) -> None:
    app.extensions["otklik_presence"] = Presence()


def here() -> Presence:
    kept: Presence = current_app.extensions["otklik_presence"]
    return kept
