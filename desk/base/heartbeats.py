"""Which of our processes are alive on this machine: each renews a small file under `home/run` while it runs, and says in
another what keeps it from its work.

Files and not Redis keys, because the first thing one wants to see when Redis is gone is who still works. A beat is the
time since boot, which all processes of a machine share and which neither a clock that is set nor a laptop that sleeps
changes. Of another machine's processes, in a home that several share, only the wall clock tells.
"""

import json
import os
import platform
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from desk.base import settings

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
    path, started_at = folder / f"{name}-{os.getpid()}.beat", datetime.now(UTC)
    _show(path, name, started_at)
    done = threading.Event()
    thread = threading.Thread(target=_beat, args=(path, name, started_at, done), name="pulse", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(1)
        path.unlink(missing_ok=True)


def _beat(path: Path, name: str, started_at: datetime, done: threading.Event) -> None:
    while not done.wait(BEAT_SECONDS):
        with suppress(OSError):
            _show(path, name, started_at)


def _show(path: Path, name: str, started_at: datetime) -> None:
    facts = {"name": name, "pid": os.getpid(), "started_at": started_at.isoformat(), "boot": boot()}
    # Always as long as before and written over it: that works even where the disk is full.
    line = json.dumps(facts)[:-1] + f', "beaten": {time.monotonic():>20.3f}}}'
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.pwrite(file, line.encode(), 0)
    finally:
        os.close(file)


@cache
def boot() -> str:
    """What tells one boot of one machine from all others; containers on one machine share it, and its time."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return platform.node()


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


def all_processes(now: datetime, since_boot: float | None = None) -> list[Pulse]:
    """Every process that has beaten within the last hour, the living first. `since_boot` is this machine's, in seconds."""
    passed = time.monotonic() if since_boot is None else since_boot
    paths = (settings.current().home / "run").glob("*.beat")
    found = [pulse for path in paths if (pulse := _read(path, now, passed))]
    return sorted(found, key=lambda pulse: (not pulse.is_alive, pulse.name, pulse.pid))


def _read(path: Path, now: datetime, since_boot: float) -> Pulse | None:
    try:
        facts = json.loads(path.read_text())
        age = _age(path, facts, now, since_boot)
        pulse = Pulse(
            name=facts["name"],
            pid=facts["pid"],
            started_at=datetime.fromisoformat(facts["started_at"]),
            beaten_at=now - timedelta(seconds=age),
            is_alive=abs(age) <= LATE_SECONDS,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return None  # its process ended, or was killed, while we looked
    if abs(age) > FORGOTTEN_SECONDS:
        path.unlink(missing_ok=True)  # whoever lives after all writes it anew
        return None
    return pulse


def _age(path: Path, facts: dict[str, Any], now: datetime, since_boot: float) -> float:
    """Seconds since the last beat; negative where it was written by a clock that was ahead."""
    if facts.get("boot") == boot():
        return since_boot - float(facts["beaten"])
    return now.timestamp() - path.stat().st_mtime
