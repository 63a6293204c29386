"""The timetable: what happens because time has passed.

A plain loop and not `rq cron`: that one can only put jobs on Redis at fixed times, while here the database is asked
what waits, and the loop must go on when Redis is away.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from redis.exceptions import RedisError
from rq import Queue

from desk.base import db, logs, wakeups, work
from desk.base.work import WorkName
from desk.cases import handling, holding
from desk.operations import clock_changes, pending_work, removal
from desk.replies import sending
from desk.sources import deliveries
from desk.verdicts import judge_revisions
from workers import stopping

TICK_SECONDS = 5.0
"""How late a look or a crawl may be, and how long a lost wake-up delays its work."""

TIMETABLE: dict[str, tuple[timedelta, Callable[[Any, datetime], object]]] = {
    "wake snoozed cases": (timedelta(seconds=30), holding.wake),
    "recover cut-off sends": (timedelta(seconds=30), sending.recover),
    "bring back what a wrong clock put off": (timedelta(seconds=30), clock_changes.bring_back),
    "mark overdue cases": (timedelta(seconds=60), handling.mark_breaches),
    "remove what is marked": (timedelta(seconds=5), removal.sweep),
    "delete old deliveries": (timedelta(seconds=60), deliveries.sweep),
    "learn from corrections": (timedelta(minutes=10), judge_revisions.ask_nightly),
}

STOP_SECONDS = 10

log = logs.logger()


def run() -> None:
    """Ticks until this process is asked to stop."""
    stopping.listen()
    _tick()


@contextmanager
def beside() -> Iterator[None]:
    """Ticks on a thread while the block runs, for a process that waits most of the time and forks nothing."""
    thread = threading.Thread(target=_tick_or_end, name="clock", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.ask()
        thread.join(STOP_SECONDS)


def _tick_or_end() -> None:
    try:
        _tick()
    finally:
        # Nobody would notice a process that goes on without its clock; one that ends is started again.
        if not stopping.is_asked():
            os.kill(os.getpid(), signal.SIGTERM)


def _tick() -> None:
    last: dict[str, datetime] = {}
    while not stopping.is_asked():
        now = datetime.now(UTC)
        try:
            wake(now)
            keep_timetable(now, last)
        except Exception:  # the job border: a database that is away comes back
            log.exception("tick_failed")
        stopping.wait(TICK_SECONDS)


def wake(now: datetime) -> list[WorkName]:
    """Sends a wake-up for all work that has rows waiting and no job in its queue; returns for which."""
    with db.snapshot() as session:
        wanted = pending_work.names(session, now)
    return [name for name in sorted(wanted) if not _is_queued(name) and wakeups.send_now(name)]


def keep_timetable(now: datetime, last: dict[str, datetime]) -> None:
    for name, (every, act) in TIMETABLE.items():
        # A clock that was set back must not keep us waiting until it has caught up.
        if name in last and timedelta(0) <= now - last[name] < every:
            continue
        last[name] = now
        with db.transaction() as session:
            act(session, now)


def _is_queued(name: WorkName) -> bool:
    """Whether that job stands in its queue already: a busy worker is not to find a hundred of them."""
    row = work.BY_NAME[name]
    try:
        jobs = Queue(row.queue, connection=wakeups.connection()).get_jobs(0, 50)
    except (RedisError, OSError):
        return False  # send_now says so in the log
    return any(job.func_name == row.job for job in jobs)
