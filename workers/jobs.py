"""The jobs that the bells name. Each is a sweep: it finds its own work, does it and records it; twice does no harm.

Each imports what it works with when it runs: a process that waits for crawls needs no judge, and one that waits for answers
needs neither until there are some.
"""

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TypeVar

from desk.base import bell, logs
from desk.base.bell import Bell
from workers import stopping

SWEEP_SECONDS = 240
"""A sweep with more to do than that rings its own bell again, so that RQ's time limit never cuts one off."""

TURN_SECONDS = 60
"""The same for sends and looks, which share a queue and must not wait long for each other."""

T = TypeVar("T")
log = logs.logger()


def tag() -> int:
    """Judges every new mention; returns how many. Without a judge they wait, unclaimed."""
    from workers import readiness, tagging

    if not readiness.has_judge():
        return 0
    ends, count = time.monotonic() + SWEEP_SECONDS, 0
    while not stopping.is_asked() and (waiting := tagging.claim()):
        count += tagging.record(waiting, tagging.classify(waiting))
        if time.monotonic() > ends:
            bell.ring_now("tag")
            break
    return count


def judge_again() -> int:
    """Judges again what somebody asked for, range by range; new mentions go first, before each. Returns how many
    mentions were passed and how many ranges were worked at."""
    from workers import readiness, rejudging

    ends, count = time.monotonic() + SWEEP_SECONDS, 0
    while not stopping.is_asked():
        tag()
        if not readiness.has_judge():
            return count
        done = rejudging.work_at_a_range(ends)
        if done is None:
            return count
        count += 1 + done
        if time.monotonic() > ends:
            bell.ring_now("judge_again")
            break
    return count


def learn() -> int:
    """Learns from the corrections, as often as somebody has asked; returns how often."""
    from workers import learning

    count = 0
    while not stopping.is_asked() and learning.learn():
        count += 1
    return count


def learn_beside() -> int:
    """The same in a process that ends with it; 1 if it worked."""
    from workers import crawling

    return int(crawling.learn())


def crawl() -> int:
    """Crawls what is due; 1 if the crawler worked."""
    from workers import crawling

    return int(crawling.crawl_due())


def publish() -> int:
    """Sends approved answers that are ours to send, for as long as a turn lasts; returns how many."""
    from desk.base import db
    from desk.replies import sending

    ends, count = time.monotonic() + TURN_SECONDS, 0
    with db.transaction() as session:
        sending.recover(session, datetime.now(UTC))
    # What was approved while we were sending found its source busy: so once more, until nothing goes out.
    while not stopping.is_asked():
        sent, is_over = _sweep("publish", _approved(), _publish, ends)
        count += sent
        if is_over or not sent:
            break
    return count


def verify() -> int:
    """Looks for answers whose look is due, for as long as a turn lasts; returns how many."""
    from desk.base import db
    from desk.replies import verification
    from workers import verifying

    with db.snapshot() as session:
        due = verification.due(session, datetime.now(UTC))
    return _sweep("verify", due, verifying.verify, time.monotonic() + TURN_SECONDS)[0]


def _sweep(name: Bell, work: Iterable[T], act: Callable[[T], bool], ends: float) -> tuple[int, bool]:
    """How many of them were done, and whether the turn is over. Sends and looks share a queue: whoever has not come to
    an end rings again and stands behind the others."""
    count = 0
    for piece in work:
        if stopping.is_asked():
            return count, True
        if time.monotonic() > ends:
            bell.ring_now(name)
            return count, True
        count += act(piece)
    return count, False


def _approved() -> list[int]:
    from desk.base import db
    from desk.replies import sending

    with db.snapshot() as session:
        return sending.waiting(session)


def _publish(reply_id: int) -> bool:
    from workers import publishing

    try:
        return publishing.publish(reply_id)
    except Exception:  # the job border: one answer that cannot even be begun must not hold up the others
        log.exception("answer_not_begun", reply=reply_id)
        return False
