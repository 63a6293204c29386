"""Who looks at which case now, and who writes there. Kept in memory and forgotten when a page falls silent: a courtesy, never a lock.

Live pages are told of a change at once, without asking the database (webapp/live/events.py).
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from flask import Flask, current_app

# Longer than a page is silent (js/presence.js), for a page that went away says so itself.
FORGET_SECONDS = 40


@dataclass(frozen=True, slots=True)
class Watcher:
    user_id: int
    name: str
    is_writing: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """Who is where as of the change of that `number`; `told` is JSON: case -> its watchers, each with `id`, `name` and
    `is_writing`."""

    number: int
    told: str


class Presence:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: dict[tuple[int, int], tuple[Watcher, float]] = {}
        self._number = 0
        self._lock = Lock()
        self._tell: Callable[[], None] = _nobody_listens

    def on_change(self, tell: Callable[[], None]) -> None:
        """From now on `tell` is called after each change, in the thread of whoever made it."""
        self._tell = tell

    def look(self, case_id: int, watcher: Watcher) -> None:
        with self._lock:
            before = self._seen.get((case_id, watcher.user_id))
            self._seen[case_id, watcher.user_id] = (watcher, self._clock())
            is_changed = self._forget() or before is None or before[0] != watcher
        self._note(is_changed=is_changed)

    def leave(self, case_id: int, user_id: int) -> None:
        with self._lock:
            is_changed = self._seen.pop((case_id, user_id), None) is not None
        self._note(is_changed=is_changed)

    def others(self, case_id: int, user_id: int) -> list[Watcher]:
        self.refresh()
        with self._lock:
            return [one[0] for (case, who), one in self._seen.items() if case == case_id and who != user_id]

    def refresh(self) -> None:
        """Forgets whoever has not reported for a while."""
        with self._lock:
            is_changed = self._forget()
        self._note(is_changed=is_changed)

    def seen(self) -> Seen:
        self.refresh()
        with self._lock:
            found: dict[int, list[dict[str, object]]] = {}
            for (case_id, user_id), (watcher, _at) in self._seen.items():
                one = {"id": user_id, "name": watcher.name, "is_writing": watcher.is_writing}
                found.setdefault(case_id, []).append(one)
            return Seen(self._number, json.dumps(found))

    def _forget(self) -> bool:
        now = self._clock()
        fresh = {key: one for key, one in self._seen.items() if now - one[1] < FORGET_SECONDS}
        is_changed, self._seen = len(fresh) < len(self._seen), fresh
        return is_changed

    def _note(self, *, is_changed: bool) -> None:
        if is_changed:
            with self._lock:
                self._number += 1
            self._tell()


def _nobody_listens() -> None:
    pass


def install(app: Flask) -> None:
    app.extensions["otklik_presence"] = Presence()


def here() -> Presence:
    kept: Presence = current_app.extensions["otklik_presence"]
    return kept
