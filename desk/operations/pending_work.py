"""What waits to be done, as one cheap question a bell; the clock rings by it, and a burst ends by it."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base.bell import Bell
from desk.base.words import Arrival, LearningState, MentionState, ReplyState, SourceState
from desk.cases import lifecycle
from desk.models import JudgeRevision, Mention, Rejudging, RejudgingRange, Reply, Source


def bells(session: Session, now: datetime) -> set[Bell]:
    """The bells that somebody should hear now. Rows leased to a living worker do not count."""
    asked: dict[Bell, sa.Select[int]] = {
        "tag": _untagged(now),
        "crawl": sa.select(Source.id).where(*_is_due(now), _is_free(Source, now)),
        "publish": sa.select(Reply.id).where(Reply.state == ReplyState.APPROVED),
        "verify": sa.select(Reply.id).where(
            Reply.state.in_(lifecycle.TO_LOOK_FOR | {ReplyState.VANISHED}), Reply.next_look_at <= now
        ),
        "judge_again": sa.select(Rejudging.id).where(
            Rejudging.finished_at.is_(None),
            sa.or_(Rejudging.next_id <= Rejudging.last_id, _has_free_range(now)),
        ),
        "learn": sa.select(JudgeRevision.id).where(
            JudgeRevision.state == LearningState.ASKED, _is_free(JudgeRevision, now)
        ),
    }
    return {bell for bell, query in asked.items() if session.scalar(query.limit(1)) is not None}


def has_untagged(session: Session, now: datetime) -> bool:
    """Whether a new mention waits that nobody has in his hands."""
    return session.scalar(_untagged(now).limit(1)) is not None


def has_leases(session: Session, now: datetime) -> bool:
    """Whether work is in somebody's hands: it will be done soon, or be free again when its lease runs out."""
    asked = (
        sa.select(Mention.id).where(Mention.state == MentionState.NEW, Mention.claimed_until >= now),
        sa.select(Source.id).where(*_is_due(now), Source.claimed_until >= now),
        sa.select(Reply.id).where(Reply.state == ReplyState.SENDING),
        sa.select(RejudgingRange.id).where(RejudgingRange.claimed_until >= now),
        sa.select(JudgeRevision.id).where(
            JudgeRevision.state == LearningState.ASKED, JudgeRevision.claimed_until >= now
        ),
    )
    return any(session.scalar(query.limit(1)) is not None for query in asked)


def _untagged(now: datetime) -> sa.Select[int]:
    return sa.select(Mention.id).where(Mention.state == MentionState.NEW, _is_free(Mention, now))


def _has_free_range(now: datetime) -> sa.ColumnElement[bool]:
    of_it = RejudgingRange.rejudging_id == Rejudging.id
    return sa.exists().where(of_it, _is_free(RejudgingRange, now))


def _is_free(
    row: type[Mention | Source | RejudgingRange | JudgeRevision], now: datetime
) -> sa.ColumnElement[bool]:
    return sa.or_(row.claimed_until.is_(None), row.claimed_until < now)


def _is_due(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return Source.state == SourceState.ACTIVE, Source.next_crawl_at <= now, Source.arrives == Arrival.CRAWL
