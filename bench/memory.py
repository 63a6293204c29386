"""The memory and the start of everything that `otklik run --sample` starts, an idle minute after the sample is tagged.

Resident memory counts a page of a library once in each process that has it; the share (PSS) divides it among them. Both are
given, in megabytes of 1,000,000 bytes. `others` are what runs for a while: the crawler of the sample's minute, a job.
"""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import psutil

from bench.web import free_port

IDLE_SECONDS = 60
LOOK_SECONDS = 1.0
PATIENCE_SECONDS = 300
TARGET_MB = 500
TO_TAG = "SELECT (SELECT min(last_success_at IS NOT NULL) FROM sources) AND NOT EXISTS (SELECT 1 FROM mentions WHERE state = 'new')"
Memory = dict[str, tuple[int, int]]


def measure(idle_seconds: int = IDLE_SECONDS) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        home, port = Path(folder), free_port()
        began = time.perf_counter()
        with _running(home, port) as process:
            page = _seconds_until(lambda: _is_page(port), began, process), _worked(process.pid)
            tagged = _seconds_until(lambda: _is_tagged(home), began, process), _worked(process.pid)
            looks = _looks(home, process.pid, idle_seconds)
    return {
        "name": "memory of otklik run --sample",
        "first_page": {"seconds": round(page[0], 1), "processor_seconds": round(page[1], 1)},
        "sample_tagged": {"seconds": round(tagged[0], 1), "processor_seconds": round(tagged[1], 1)},
        **_summed(looks),
        "target_rss_mb": TARGET_MB,
    }


@contextmanager
def _running(home: Path, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OTKLIK_")}
    environment = {**kept, "OTKLIK_HOME": str(home), "OTKLIK_PORT": str(port)}
    command = [str(Path(sys.executable).parent / "otklik"), "run", "--sample"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def _seconds_until(is_so: Callable[[], bool], began: float, process: "subprocess.Popen[bytes]") -> float:
    """Raises RuntimeError when it does not come to pass."""
    while not is_so():
        if process.poll() is not None or time.perf_counter() - began > PATIENCE_SECONDS:
            raise RuntimeError("otklik run --sample did not come up")
        time.sleep(0.05)
    return time.perf_counter() - began


def _worked(root: int) -> float:
    """Seconds of a processor that all processes have spent by now: a busy machine changes these the least."""
    spent = 0.0
    first = psutil.Process(root)
    for process in [first, *first.children(recursive=True)]:
        with suppress(psutil.Error):
            times = process.cpu_times()
            spent += times.user + times.system + times.children_user + times.children_system
    return spent


def _is_page(port: int) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(f"http://127.0.0.1:{port}/sign-in", timeout=5).status_code == 200
    return False


def _is_tagged(home: Path) -> bool:
    with suppress(sqlite3.Error), closing(sqlite3.connect(home / "otklik.sqlite3", timeout=5)) as database:
        return bool(database.execute(TO_TAG).fetchone()[0])
    return False


def _looks(home: Path, root: int, seconds: int) -> list[Memory]:
    ends, found = time.monotonic() + seconds, []
    while time.monotonic() < ends:
        found.append(_look(home, root))
        time.sleep(LOOK_SECONDS)
    return found


def _look(home: Path, root: int) -> Memory:
    """Name -> resident and proportional bytes of each process that is there now."""
    names = {pid: name for name, pid in _supervised(home).items()}
    found: Memory = {}
    with suppress(psutil.NoSuchProcess):
        first = psutil.Process(root)
        for process in [first, *first.children(recursive=True)]:
            with suppress(psutil.Error):
                memory = process.memory_full_info()
                name = names.get(process.pid) or _name(process, root)
                found[name] = memory.rss, memory.pss
    return found


def _supervised(home: Path) -> dict[str, int]:
    """Name -> process id of what the supervisor has started."""
    with suppress(OSError):
        lines = (home / "log" / "supervisor.log").read_text().splitlines()
        spawned = [line.rpartition("spawned: ")[2].split() for line in lines if "spawned: " in line]
        return {words[0].strip("'"): int(words[-1]) for words in spawned}
    return {}


def _name(process: psutil.Process, root: int) -> str:
    if process.pid == root:
        return "otklik run"
    words = process.cmdline()
    if any(word.endswith("supervisord") for word in words):
        return "supervisor"
    return f"others: {' '.join(words[1:4])}"


def _summed(looks: list[Memory]) -> dict[str, Any]:
    """Medians of the minute for what is there all the time; the whole of a look with what runs for a while is the peak."""
    always = set.intersection(*(set(look) for look in looks))
    every = sorted(always, key=lambda name: -looks[-1][name][0])
    return {
        "rss_mb": _mb(median(_total(look, always, 0) for look in looks)),
        "pss_mb": _mb(median(_total(look, always, 1) for look in looks)),
        "peak_rss_mb": _mb(max(_total(look, set(look), 0) for look in looks)),
        "peak_pss_mb": _mb(max(_total(look, set(look), 1) for look in looks)),
        **{name: _pair(looks, name) for name in every},
        **{name: _pair(looks, name) for name in sorted({name for look in looks for name in look} - always)},
    }


def _pair(looks: list[Memory], name: str) -> dict[str, Any]:
    seen = [look[name] for look in looks if name in look]
    rss, pss = (_mb(median(pair[number] for pair in seen)) for number in (0, 1))
    return {"rss_mb": rss, "pss_mb": pss, "seen": f"{len(seen)} of {len(looks)} looks"}


def _total(look: Memory, names: set[str], number: int) -> int:
    return sum(look[name][number] for name in names)


def _mb(size: float) -> float:
    return round(size / 1_000_000, 1)


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else IDLE_SECONDS), indent=2))
