"""RQ's workers, with our manners: they wait for a Redis that is away, and stop between two steps when asked to."""

import os
import signal
from collections.abc import Sequence
from typing import Any

from redis.exceptions import RedisError
from rq import Queue, SimpleWorker, Worker
from rq.exceptions import StopRequested
from rq.job import Job

from desk.base import logs, wakeups, work
from workers import stopping

RETRY_SECONDS = 1.0
LONGEST_RETRY_SECONDS = 2.0
REFUSED_SECONDS = 30.0

log = logs.logger()


class InProcess(SimpleWorker):
    """Does its jobs in its own process, so that the model it has loaded stays loaded."""

    max_connection_wait_time = LONGEST_RETRY_SECONDS

    def handle_warm_shutdown_request(self) -> None:
        stopping.ask()


class Forking(Worker):
    """A process a job. Asked to stop, it asks the job, which ends after the step it is at."""

    max_connection_wait_time = LONGEST_RETRY_SECONDS

    def execute_job(self, job: Job, queue: Queue) -> None:
        if work.BY_NAME["publish"].queue == queue.name:
            # Once here, and not in each job; not before there is one, for it takes 50 MB.
            from workers import publishing, verifying  # noqa: F401
        super().execute_job(job, queue)

    def handle_warm_shutdown_request(self) -> None:
        stopping.ask()
        if self.horse_pid:
            os.kill(self.horse_pid, signal.SIGTERM)

    def setup_work_horse_signals(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, stopping.ask)


def serve(kind: type[Any], names: Sequence[str]) -> None:
    """Works until it is asked to stop. Redis may come and go meanwhile."""
    stopping.listen()
    while not stopping.is_asked():
        # Asked again with each connection: it may be another Redis by then.
        if reason := wakeups.openness():
            log.error("redis_refused", reason=reason)
            stopping.wait(REFUSED_SECONDS)
            continue
        try:
            _work(kind, names)
        except StopRequested:
            return
        except (RedisError, OSError) as error:
            log.warning("redis_away", error=logs.words(error))
        stopping.wait(RETRY_SECONDS)


def _work(kind: type[Any], names: Sequence[str]) -> None:
    connection = wakeups.connection()
    connection.ping()
    worker = kind([Queue(name, connection=connection) for name in names], connection=connection)
    worker.log_result_lifespan = False
    try:
        worker.work(logging_level="WARNING")
    finally:
        # RQ's own handlers raise, and speak to Redis, wherever the process is; ours only take note.
        stopping.listen()
