"""Redis as the bell: queue names, job paths, and ringing after commit. Never a place where work is kept.

Every bell is a sweep: the job finds its own work in the database. A bell that is lost costs a minute, because the
clock rings again; a bell rung twice costs one query.
"""

from functools import cache
from typing import Literal

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from sqlalchemy.orm import Session

from desk import db, settings

Bell = Literal["tag", "crawl", "publish", "verify", "judge_again", "learn"]

JOBS: dict[Bell, str] = {
    "tag": "workers.jobs.tag",
    "crawl": "workers.jobs.crawl",
    "publish": "workers.jobs.publish",
    "verify": "workers.jobs.verify",
    "judge_again": "workers.jobs.judge_again",
    "learn": "workers.jobs.learn",
}
# Tagging has a queue of its own because its worker keeps the model loaded and never forks. The same worker judges
# again what is in the queue "again", after everything that is in "tag". Learning would keep it from new mentions for
# seconds, so it is done beside the crawling.
QUEUES: dict[Bell, str] = {
    "tag": "tag",
    "crawl": "crawl",
    "publish": "reply",
    "verify": "reply",
    "judge_again": "again",
    "learn": "learn",
}
JOB_TIMEOUT_SECONDS: dict[Bell, int] = {
    "tag": 600,
    "crawl": 1800,
    "publish": 300,
    "verify": 600,
    "judge_again": 900,
    "learn": 600,
}

log = structlog.get_logger()


@cache
def connection() -> Redis:
    # No retries: whoever rings must not wait for a bell that is away.
    return Redis.from_url(
        settings.current().redis_address,
        socket_timeout=30,
        socket_connect_timeout=2,
        retry=Retry(NoBackoff(), 0),
    )


def ring(session: Session, bell: Bell) -> None:
    """Rings once after the session's commit; rolled-back work rings nothing."""
    db.after_commit(session, f"bell:{bell}", lambda: ring_now(bell))


def ring_now(bell: Bell) -> bool:
    """Whether somebody can hear it. Redis errors are logged and swallowed, and only here: the row is saved
    already, and the clock will ring again."""
    try:
        queue = Queue(QUEUES[bell], connection=connection())
        queue.enqueue(JOBS[bell], job_timeout=JOB_TIMEOUT_SECONDS[bell], result_ttl=0, failure_ttl=86_400)
    except (RedisError, OSError) as error:
        # With the embedded Valkey not running, nobody is at work here: a command on the terminal, not a fault.
        is_nobody_home = (
            settings.current().is_valkey_embedded and not settings.current().valkey_socket.exists()
        )
        (log.debug if is_nobody_home else log.warning)("bell_not_heard", bell=bell, error=str(error))
        return False
    return True


def lengths() -> dict[str, int] | None:
    """How many rings stand in each queue unheard; None when Redis cannot be asked."""
    try:
        return {name: Queue(name, connection=connection()).count for name in sorted(set(QUEUES.values()))}
    except (RedisError, OSError):
        return None
