"""Processes of tests: one way to start them, to wait until they are ready, to read what they said, and to end them with all that
they started. Each begins a group of its own and belongs to no terminal."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).parents[1]
OTKLIK = str(Path(sys.executable).parent / "otklik")
LONGEST_EXIT_SECONDS = 60
PORTS = range(15_000, 32_000)
T = TypeVar("T")


@dataclass
class Started:
    """A process that runs. What it says goes to the file `log`; None: nowhere, or to the pipes that were asked for."""

    handle: "subprocess.Popen[str]"
    log: Path | None = None

    @property
    def pid(self) -> int:
        return self.handle.pid

    @property
    def has_ended(self) -> bool:
        return self.handle.poll() is not None

    def said(self) -> str:
        return self.log.read_text(errors="replace") if self.log else ""

    def until(self, is_ready: Callable[[], object], seconds: float = 120) -> None:
        """Waits for that; fails with what the process said when it ends before."""
        eventually(lambda: self.has_ended or is_ready(), seconds=seconds)
        assert not self.has_ended or is_ready(), (
            f"{self.handle.args!r} ended with {self.handle.returncode}: {self.said()[-3000:]}"
        )

    def end(self, by: signal.Signals = signal.SIGTERM) -> int:
        """Asks it to end, waits, and kills what is left of its group; its exit status."""
        if not self.has_ended:
            self.handle.send_signal(by)
        try:
            return self.handle.wait(LONGEST_EXIT_SECONDS)
        finally:
            self.kill()

    def kill(self) -> None:
        """It and its group, at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.handle.wait()
        for pipe in (self.handle.stdin, self.handle.stdout, self.handle.stderr):
            if pipe is not None:
                pipe.close()


def begin(
    *command: str,
    environment: Mapping[str, str] | None = None,
    log: Path | None = None,
    output: int = subprocess.DEVNULL,
    errors: int = subprocess.STDOUT,
    cwd: Path | str = ROOT,
) -> Started:
    """`environment` is all of it; without one it is that of the tests. With a `log` both outputs go there, after what it holds."""
    target = log.open("a") if log else output
    try:
        handle = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=target, stderr=errors, text=True, cwd=cwd,
            start_new_session=True,
        )  # fmt: skip
    finally:
        if not isinstance(target, int):
            target.close()
    return Started(handle, log)


@contextmanager
def running(
    *command: str,
    is_ready: Callable[[], object] | None = None,
    seconds: float = 120,
    by: signal.Signals = signal.SIGTERM,
    environment: Mapping[str, str] | None = None,
    log: Path | None = None,
    cwd: Path | str = ROOT,
) -> Iterator[Started]:
    """Until the block ends, from when it is ready; `by` is how it is asked to end, SIGKILL takes its whole group at once."""
    started = begin(*command, environment=environment, log=log, cwd=cwd)
    try:
        if is_ready is not None:
            started.until(is_ready, seconds)
        yield started
    finally:
        started.end(by)


def run(
    *command: str, environment: Mapping[str, str] | None = None, cwd: Path | str = ROOT, seconds: float = 240
) -> "subprocess.CompletedProcess[str]":
    """One that ends by itself, however it ends."""
    return subprocess.run(
        command, env=environment, cwd=cwd, capture_output=True, text=True, timeout=seconds, check=False
    )


def clean(home: Path, **more: str) -> dict[str, str]:
    """An environment for programs of Otklik over that home; no setting of the developer's own is in it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OTKLIK_")}
    return {**kept, "OTKLIK_HOME": str(home), "OTKLIK_CRAWL_DELAY_SECONDS": "0", "LC_ALL": "C.UTF-8", **more}


def otklik(environment: Mapping[str, str], *arguments: str) -> str:
    """What that command prints; it must work."""
    done = run(OTKLIK, *arguments, environment=environment)
    assert done.returncode == 0, f"otklik {' '.join(arguments)}: {done.stdout}{done.stderr}"
    return done.stdout


def eventually(
    ask: Callable[[], T], wanted: Callable[[T], object] = bool, seconds: float = 60, pause: float = 0.1
) -> T:
    """The first answer that is as wanted; fails with the last one."""
    deadline = time.monotonic() + seconds
    while not wanted(answer := ask()):
        assert time.monotonic() < deadline, f"still {answer!r} after {seconds} s"
        time.sleep(pause)
    return answer


def free_port() -> int:
    """Nobody listens there. It is none of those that the system gives to connections, of which one could take it before the
    server does for which it was chosen."""
    while True:
        port = secrets.choice(PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
