"""A supervisor that was killed, and the next start: never two sets of processes on one home."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests import processes
from tests.processes import OTKLIK, eventually
from tests.stack import running
from webapp import orphans

SLEEPS = "import signal, sys, time; {how}; print('ready', flush=True); time.sleep(120)"


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator:
    """Starts processes that belong to a home."""
    started = []

    def start(home: Path, *arguments: str, how: str = "pass") -> "subprocess.Popen[str]":
        process = processes.begin(
            sys.executable, "-c", SLEEPS.format(how=how), *arguments,
            environment=orphans.environment(home), output=subprocess.PIPE,
        )  # fmt: skip
        assert process.handle.stdout is not None
        process.handle.stdout.readline()
        started.append(process)
        return process.handle

    yield start
    for process in started:
        process.kill()


def test_only_what_belongs_to_this_home_is_found_and_ended(tmp_path: Path, sleeper) -> None:
    ours, others = sleeper(tmp_path / "a"), sleeper(tmp_path / "b")
    deaf = sleeper(tmp_path / "a", how="signal.signal(signal.SIGTERM, signal.SIG_IGN)")
    found = orphans.marked(tmp_path / "a")
    assert {process.pid for process in found} == {ours.pid, deaf.pid}
    orphans.end(found, 0.5)
    assert not psutil.pid_exists(ours.pid)
    assert not psutil.pid_exists(deaf.pid)
    assert others.poll() is None


def test_a_supervisor_is_known_by_what_it_serves_not_by_a_number_in_a_file(tmp_path: Path, sleeper) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "supervisor.pid").write_text(str(os.getpid()))
    sleeper(tmp_path)
    assert orphans.supervisor(tmp_path) is None
    serving = sleeper(tmp_path, "--configuration", str(tmp_path / "run" / "supervisor.conf"))
    assert orphans.supervisor(tmp_path) == serving.pid


@pytest.mark.processes
@pytest.mark.timeout(300)
def test_one_set_of_processes_whoever_was_killed(tmp_path: Path) -> None:
    home = tmp_path / "var"
    with running(home) as stack:
        second = processes.run(OTKLIK, "run", environment=processes.clean(home))
        assert (second.returncode, "already running here" in second.stderr) == (1, True), second
        first = orphans.marked(home)
        supervisor = orphans.supervisor(home)
        assert supervisor is not None
        # Both at once, as when memory runs out: nobody is left to end the rest.
        stack.process.kill()
        os.kill(supervisor, signal.SIGKILL)
        stack.process.wait(30)
    left = [process for process in first if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]
    assert len(left) >= 4, "web, tag, crawl and reply go on"
    with running(home) as stack:
        assert "left running" in stack.printed.read_text()
        assert not any(process.is_running() for process in left)
        # The supervisor alone: whoever started it ends the rest.
        supervisor = orphans.supervisor(home)
        assert supervisor is not None
        os.kill(supervisor, signal.SIGKILL)
        assert stack.process.wait(60) == 1
        assert "Nothing is lost" in stack.printed.read_text()
        eventually(lambda: orphans.marked(home), lambda found: not found, seconds=10)
