"""Which of our processes are alive on this machine: each renews a small file under `home/run` while it runs, and says in
another what keeps it from its work.

Files and not Redis keys, because the first thing one wants to see when Redis is gone is who still works.
"""

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from desk import settings

BEAT_SECONDS = 5
LATE_SECONDS = 20
FORGOTTEN_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Pulse:
    name: str
    pid: int
    started_at: datetime
    beaten_at: datetime
    is_alive: bool


@contextmanager
def beating(name: str) -> Iterator[None]:
    """Beats on a thread of its own while the block runs."""
    folder = settings.current().home / "run"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{os.getpid()}.beat"
    path.write_text(
        json.dumps({"name": name, "pid": os.getpid(), "started_at": datetime.now(UTC).isoformat()})
    )
    done = threading.Event()
    thread = threading.Thread(target=_beat, args=(path, done), name="pulse", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(1)
        path.unlink(missing_ok=True)


def _beat(path: Path, done: threading.Event) -> None:
    while not done.wait(BEAT_SECONDS):
        if not path.exists():
            return
        path.touch()


def complain(name: str, words: str) -> None:
    """What keeps the process from its work, in one sentence; it stands there until somebody settles it."""
    folder = settings.current().home / "run"
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"{name}-{os.getpid()}.trouble.new"
    fresh.write_text(words, encoding="utf-8", errors="replace")
    fresh.replace(folder / f"{name}.trouble")


def settle(name: str) -> None:
    (settings.current().home / "run" / f"{name}.trouble").unlink(missing_ok=True)


def trouble(name: str) -> str | None:
    try:
        return (settings.current().home / "run" / f"{name}.trouble").read_text(encoding="utf-8")
    except OSError:
        return None


def all_processes(now: datetime) -> list[Pulse]:
    """Every process that has beaten within the last hour, the living first."""
    found = [
        pulse for path in (settings.current().home / "run").glob("*.beat") if (pulse := _read(path, now))
    ]
    return sorted(found, key=lambda pulse: (not pulse.is_alive, pulse.name, pulse.pid))


def _read(path: Path, now: datetime) -> Pulse | None:
    try:
        facts = json.loads(path.read_text())
        beaten_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        started_at = datetime.fromisoformat(facts["started_at"])
    except (OSError, ValueError, KeyError):
        return None  # its process ended, or was killed, while we looked
    age = (now - beaten_at).total_seconds()
    if age > FORGOTTEN_SECONDS:
        path.unlink(missing_ok=True)
        return None
    return Pulse(facts["name"], facts["pid"], started_at, beaten_at, age <= LATE_SECONDS)
