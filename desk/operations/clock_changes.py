"""What a clock that was ahead has put off: when it steps back, leases, crawls and looks that were planned by it would wait
for a time that is far away. They are brought back to the wait that was meant."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base import bounds
from desk.base.words import LearningState, MentionState, ReplyState
from desk.models import JudgeRevision, Mention, RejudgingRange, Reply, Source
from desk.pipeline import reclassification_runs
from desk.replies import looks
from desk.verdicts import judge_revisions

SHORT_LEASE = timedelta(seconds=60)
SLACK = timedelta(seconds=5)
"""Two machines of one desk need not agree to the second."""

# Whose leases, how long they are at most, and which rows can be leased at all.
LEASES: tuple[tuple[Any, timedelta, Any], ...] = (
    (Mention, SHORT_LEASE, Mention.state == MentionState.NEW),
    (Source, SHORT_LEASE, sa.true()),
    (RejudgingRange, reclassification_runs.LEASE, sa.true()),
    (JudgeRevision, judge_revisions.LEASE, JudgeRevision.state == LearningState.ASKED),
)


def bring_back(session: Session, now: datetime) -> int:
    """Returns how many rows were brought back; a clock that is right finds none."""
    return _leases(session, now) + _crawls(session, now) + _looks(session, now) + _sends(session, now)


def _leases(session: Session, now: datetime) -> int:
    count = 0
    for model, length, can_be_leased in LEASES:
        too_long = sa.update(model).where(can_be_leased, model.claimed_until > now + length + SLACK)
        # A living holder renews it meanwhile; that of a killed one is free after one lease.
        count += len(session.scalars(too_long.values(claimed_until=now + length).returning(model.id)).all())
    return count


def _crawls(session: Session, now: datetime) -> int:
    is_odd = sa.or_(Source.last_crawl_at > now + SLACK, Source.next_crawl_at > now + bounds.LONGEST_SILENCE)
    columns = Source.id, Source.interval_seconds, Source.last_crawl_at, Source.next_crawl_at
    count = 0
    for source_id, interval_seconds, last_at, next_at in session.execute(
        sa.select(*columns).where(is_odd)
    ).all():
        planned_at = last_at if last_at is not None and last_at > now + SLACK else now
        meant, longest = next_at - planned_at, bounds.longest_pause(interval_seconds)
        if planned_at <= now and meant <= longest:
            continue
        if meant > longest:
            meant = timedelta(seconds=interval_seconds)
        session.execute(
            sa.update(Source)
            .where(Source.id == source_id)
            .values(
                last_crawl_at=min(last_at, now) if last_at else None,
                next_crawl_at=now + max(meant, timedelta(0)),
            )
        )
        count += 1
    return count


def _looks(session: Session, now: datetime) -> int:
    longest = looks.longest_wait()
    is_odd = sa.or_(Reply.changed_at > now + SLACK, Reply.next_look_at > now + longest + SLACK)
    count = 0
    for reply in session.scalars(sa.select(Reply).where(Reply.next_look_at.is_not(None), is_odd)):
        assert reply.next_look_at is not None
        meant = reply.next_look_at - reply.changed_at if reply.changed_at > now else timedelta(0)
        reply.next_look_at = now + min(max(meant, timedelta(0)), longest)
        reply.changed_at = min(reply.changed_at, now)
        count += 1
    return count


def _sends(session: Session, now: datetime) -> int:
    """A send that was cut off is found by its age."""
    ahead = sa.update(Reply).where(Reply.state == ReplyState.SENDING, Reply.sending_at > now + SLACK)
    return len(session.scalars(ahead.values(sending_at=now).returning(Reply.id)).all())
