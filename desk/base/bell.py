"""Redis as the bell, rung after commit by the table of work (work.py). Never a place where work is kept.

Every bell is a sweep: the job finds its own work in the database. A bell that is lost costs a minute, because the
clock rings again; a bell rung twice costs one query.
"""

from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue

from desk.base import logs, settings, work
from desk.base.work import Bell

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

log = logs.logger()


@cache
def connection() -> Redis:
    # No retries: whoever rings must not wait for a bell that is away.
    return Redis.from_url(
        settings.current().redis_address,
        socket_timeout=30,
        socket_connect_timeout=2,
        retry=Retry(NoBackoff(), 0),
    )


def openness() -> str | None:
    """Why no job is taken from this Redis, in one sentence: anybody who reaches it could put code of his own there, as a
    job names what is to be run. None where it asks for a password, cannot be asked, or is meant to be open."""
    chosen = settings.current()
    if chosen.is_valkey_embedded or chosen.allow_open_redis or _is_socket(chosen.redis_address):
        return None
    stranger = Redis.from_url(
        _without_password(chosen.redis_address),
        socket_timeout=5,
        socket_connect_timeout=2,
        retry=Retry(NoBackoff(), 0),
    )
    try:
        stranger.ping()
    except (RedisError, OSError):
        return None  # it wants a password, or it is away
    finally:
        stranger.close()
    return (
        "The Redis of OTKLIK_REDIS_URL lets in whoever reaches it, without a password, and could be made to run code "
        "here. Give it one (requirepass) and write it into the address, or say that it is meant: "
        "OTKLIK_ALLOW_OPEN_REDIS=true."
    )


def _is_socket(address: str) -> bool:
    """The rights of a file decide who may connect there."""
    return address.startswith("unix:")


def _without_password(address: str) -> str:
    parts = urlsplit(address)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name not in ("username", "password")]
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=urlencode(query)))


def ring(session: "Session", bell: Bell) -> None:
    """Rings once after the session's commit; rolled-back work rings nothing."""
    from desk.base import db  # who only listens to bells needs no database, which is 30 MB of a process

    db.after_commit(session, f"bell:{bell}", lambda: ring_now(bell))


def ring_now(bell: Bell) -> bool:
    """Whether somebody can hear it. Redis errors are logged and swallowed, and only here: the row is saved
    already, and the clock will ring again."""
    try:
        row = work.BY_NAME[bell]
        queue = Queue(row.queue, connection=connection())
        queue.enqueue(row.job, job_timeout=row.timeout_seconds, result_ttl=0, failure_ttl=86_400)
    except (RedisError, OSError) as error:
        # With the embedded Valkey not running, nobody is at work here: a command on the terminal, not a fault.
        is_nobody_home = (
            settings.current().is_valkey_embedded and not settings.current().valkey_socket.exists()
        )
        (log.debug if is_nobody_home else log.warning)("bell_not_heard", bell=bell, error=logs.words(error))
        return False
    return True


def lengths() -> dict[str, int] | None:
    """How many rings stand in each queue unheard; None when Redis cannot be asked."""
    try:
        return {
            name: Queue(name, connection=connection()).count
            for name in sorted({row.queue for row in work.ROWS})
        }
    except (RedisError, OSError):
        return None
