"""Who looks at which case now, and who writes there. In memory and forgotten when nothing is heard: a courtesy, never a lock.

Whoever waits for news is woken by a change at once and asks no database for it (webapp/views/events.py).
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Condition

from flask import Flask, current_app

# Longer than a page is silent (js/presence.js), for a page that went away says so itself.
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
        self._number = 0
        self._changed = Condition()

    def look(self, case_id: int, watcher: Watcher) -> None:
        with self._changed:
            before = self._seen.get((case_id, watcher.user_id))
            self._seen[case_id, watcher.user_id] = (watcher, self._clock())
            self._forget(is_changed=before is None or before[0] != watcher)

    def leave(self, case_id: int, user_id: int) -> None:
        with self._changed:
            self._forget(is_changed=self._seen.pop((case_id, user_id), None) is not None)

    def others(self, case_id: int, user_id: int) -> list[Watcher]:
        with self._changed:
            self._forget()
            return [one[0] for (case, who), one in self._seen.items() if case == case_id and who != user_id]

    def wait(self, known: int, seconds: float) -> int:
        """The number of the newest change: at once where it is not `known`, else after the next or after that time."""
        with self._changed:
            self._forget()
            self._changed.wait_for(lambda: self._number != known, timeout=seconds)
            self._forget()
            return self._number

    def told(self) -> str:
        """JSON: case -> its watchers, each with `id`, `name` and `is_writing`."""
        with self._changed:
            self._forget()
            found: dict[int, list[dict[str, object]]] = {}
            for (case_id, user_id), (watcher, _at) in self._seen.items():
                one = {"id": user_id, "name": watcher.name, "is_writing": watcher.is_writing}
                found.setdefault(case_id, []).append(one)
            return json.dumps(found)

    def _forget(self, *, is_changed: bool = False) -> None:
        now = self._clock()
        fresh = {key: one for key, one in self._seen.items() if now - one[1] < FORGET_SECONDS}
        if is_changed or len(fresh) < len(self._seen):
            self._seen, self._number = fresh, self._number + 1
            self._changed.notify_all()


def install(app: Flask) -> None:
    app.extensions["otklik_presence"] = Presence()


def here() -> Presence:
    kept: Presence = current_app.extensions["otklik_presence"]
    return kept
