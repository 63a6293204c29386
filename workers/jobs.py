"""The jobs that the bells name. Each is a sweep: it finds its own work, does it and records it; twice does no harm."""

import time
from datetime import UTC, datetime

import structlog

from desk import bell, db, sending
from workers import crawling, learning, posting, readiness, rejudging, stopping, tagging

SWEEP_SECONDS = 240
"""A sweep with more to do than that rings its own bell again, so that RQ's time limit never cuts one off."""

log = structlog.get_logger()


def tag() -> int:
    """Judges every new mention; returns how many. Without a judge they wait, unclaimed."""
    if not readiness.has_judge():
        return 0
    ends, count = time.monotonic() + SWEEP_SECONDS, 0
    while not stopping.is_asked() and (waiting := tagging.claim()):
        count += tagging.judge(waiting, tagging.classify(waiting))
        if time.monotonic() > ends:
            bell.ring_now("tag")
            break
    return count


def judge_again() -> int:
    """Judges again what somebody asked for, range by range; new mentions go first, before each. Returns how many
    mentions were passed and how many ranges were worked at."""
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
    count = 0
    while not stopping.is_asked() and learning.learn():
        count += 1
    return count


def crawl() -> int:
    """Crawls what is due; 1 if the crawler worked."""
    return int(crawling.crawl_due())


def publish() -> int:
    """Sends every approved answer that is ours to send; returns how many."""
    with db.transaction() as session:
        sending.recover(session, datetime.now(UTC))
    count = 0
    # What was approved while we were sending found its source busy: so once more, until nothing goes out.
    while not stopping.is_asked() and (sent := sum(_publish(reply_id) for reply_id in _approved())):
        count += sent
    return count


def verify() -> int:
    """Looks for every answer whose look is due; returns how many."""
    with db.snapshot() as session:
        due = sending.looks_due(session, datetime.now(UTC))
    return sum(posting.verify(outgoing) for outgoing in due if not stopping.is_asked())


def _approved() -> list[int]:
    with db.snapshot() as session:
        return sending.waiting(session)


def _publish(reply_id: int) -> bool:
    if stopping.is_asked():
        return False
    try:
        return posting.publish(reply_id)
    except Exception:  # the job border: one answer that cannot even be begun must not hold up the others
        log.exception("answer_not_begun", reply=reply_id)
        return False
