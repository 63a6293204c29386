"""Wake-ups: jobs put on Redis after the commit, by the table of work (work.py). Work itself is never kept there.

A job carries no data and finds its own work in the database. A lost wake-up costs seconds, because the clock sends
another one; a wake-up sent twice costs one query.
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
from desk.base.work import WorkName

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

log = logs.logger()


@cache
def connection() -> Redis:
    # No retries: the caller must not wait for a Redis that is away.
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


def send(session: "Session", name: WorkName) -> None:
    """Sends one wake-up after the session's commit; work that is rolled back sends none."""
    from desk.base import db  # whoever only takes jobs needs no database here, which is 30 MB of a process

    db.after_commit(session, f"wakeup:{name}", lambda: send_now(name))


def send_now(name: WorkName) -> bool:
    """Whether Redis took it. Its errors are logged and swallowed, and only here: the row is saved already, and the clock
    sends another wake-up."""
    try:
        row = work.BY_NAME[name]
        queue = Queue(row.queue, connection=connection())
        queue.enqueue(row.job, job_timeout=row.timeout_seconds, result_ttl=0, failure_ttl=86_400)
    except (RedisError, OSError) as error:
        # An embedded Valkey that is not running means that no worker runs: this is a command on the terminal, not a fault.
        is_stopped = settings.current().is_valkey_embedded and not settings.current().valkey_socket.exists()
        (log.debug if is_stopped else log.warning)("wakeup_not_sent", work=name, error=logs.words(error))
        return False
    return True


def lengths() -> dict[str, int] | None:
    """How many jobs stand in each queue; None when Redis cannot be asked."""
    try:
        return {
            name: Queue(name, connection=connection()).count
            for name in sorted({row.queue for row in work.ROWS})
        }
    except (RedisError, OSError):
        return None
