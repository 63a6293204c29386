"""`otklik run` with everything it starts, the ways in which parts of it die, and a power cut that takes all of it."""

import os
import random
import re
import signal
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from tests import processes
from tests.processes import OTKLIK, eventually, free_port

LONGEST_LIFE, LONGEST_BRIEF_LIFE = 9.0, 3.5
"""Seconds that a process may have on a machine that is not busy; a job, or the crawler that it starts, less."""
LONGEST_RULE = 60.0
"""The same for the two that hold all others: each of their deaths costs a new start."""
HOLD_THE_OTHERS = ("supervisor", "otklik run")
USUAL_START, MOST_SLOWNESS = 8.0, 2.5


@dataclass
class Machine:
    home: Path
    killed: Counter[str] = field(default_factory=Counter)
    port: int = field(default_factory=free_port)
    process: processes.Started | None = None
    ends_at: dict[int, float] = field(default_factory=dict)
    slowness: float = 1.0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        chosen = processes.clean(
            self.home,
            OTKLIK_PORT=str(self.port),
            OTKLIK_ALLOW_PRIVATE_ADDRESSES="true",
            OTKLIK_CRAWL_TIMEOUT_SECONDS="5",
            OTKLIK_VERIFY_SECONDS="[1, 1, 2, 5, 60, 60]",
        )
        log, begun = self.home / "printed.txt", time.monotonic()
        self.process = processes.begin(OTKLIK, "run", environment=chosen, log=log, cwd=self.home)
        self.process.until(self.is_up, seconds=180)
        # On a busy machine nothing would come to its work in the time that is enough on a free one.
        self.slowness = min(max(1.0, (time.monotonic() - begun) / USUAL_START), MOST_SLOWNESS)

    def is_up(self) -> bool:
        with suppress(httpx.HTTPError):
            return httpx.get(f"{self.address}/sign-in", timeout=5).status_code == 200
        return False

    def living(self) -> list[tuple[str, psutil.Process]]:
        """Everything with a name: what was started, the supervisor, and under it a process of ours or what that has started."""
        text = (self.home / "log" / "supervisor.log").read_text()
        names = {int(pid): name for name, pid in re.findall(r"spawned: '(\w+)' with pid (\d+)", text)}
        assert self.process is not None
        found = []
        with suppress(psutil.NoSuchProcess):
            supervisor = psutil.Process(self._supervisor())
            found += [("supervisor", supervisor), ("otklik run", psutil.Process(self.process.pid))]
            for process in supervisor.children():
                name = names.get(process.pid, "?")
                found.append((name, process))
                found += [(_name_below(name, child), child) for child in process.children(recursive=True)]
        return found

    def _supervisor(self) -> int:
        return int((self.home / "run" / "supervisor.pid").read_text())

    def kill_one(self, chance: random.Random) -> str | None:
        """Each process is given its time when it is first seen, from hardly begun to in the middle of its work; whoever
        is most overdue dies. Who that was, if anybody's time had come."""
        now = time.monotonic()
        living = self.living()
        for name, process in living:
            self.ends_at.setdefault(process.pid, now + chance.uniform(0.1, _longest(name)) * self.slowness)
        overdue = sorted(
            (self.ends_at[process.pid], name, process.pid, process)
            for name, process in living
            if self.ends_at[process.pid] < now
        )
        for _at, name, pid, process in overdue[:1]:
            del self.ends_at[pid]
            with suppress(psutil.NoSuchProcess):
                process.kill()
                self.killed[name] += 1
                if name in HOLD_THE_OTHERS:
                    self._start_again(supervisor=dict(living)["supervisor"])
                return name
        return None

    def _start_again(self, supervisor: psutil.Process) -> None:
        """`otklik run` ends when its supervisor is gone. A supervisor goes on alone, and is ended as the refused start says."""
        assert self.process is not None
        self.process.handle.wait(60)
        with suppress(psutil.NoSuchProcess):
            supervisor.terminate()
            supervisor.wait(60)
        self.start()

    def cut_power(self) -> None:
        """Everything at once, so that nothing writes down what it was at."""
        assert self.process is not None
        everybody = [self.process.pid, self._supervisor(), *(process.pid for _, process in self.living())]
        for pid in everybody:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.handle.wait(30)
        eventually(lambda: not any(psutil.pid_exists(pid) for pid in everybody[1:]), seconds=30)
        self.killed["power cut"] += 1

    def stop(self) -> None:
        if self.process is not None:
            self.process.end(signal.SIGINT)


def _longest(name: str) -> float:
    if name in HOLD_THE_OTHERS:
        return LONGEST_RULE
    return LONGEST_BRIEF_LIFE if name.endswith(("job", "crawler")) else LONGEST_LIFE


def _name_below(name: str, child: psutil.Process) -> str:
    with suppress(psutil.Error):
        words = child.cmdline()
        if "crawler" in words:
            return "crawler"
        if "webapp" in words:
            return "web"
    return f"{name} job"


def pause(chance: random.Random, under_way: threading.Event) -> None:
    """Between two kills: a moment, or until a site is in the middle of an answer."""
    under_way.clear()
    if chance.random() < 0.5:
        under_way.wait(0.4)
        time.sleep(chance.uniform(0, 0.1))
    else:
        time.sleep(chance.uniform(0.05, 0.4))
