"""Judging again what was judged before, in rounds that people or the learning job ask for.

The row is the queue: a round gives out ranges of mention ids, each leased to one worker, who moves its `next_id` on in
the transaction that stores the verdicts. So a crash loses nothing, and nothing is stored twice.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base import leases, wakeups
from desk.base.work import Pending
from desk.models import Mention, Rejudging, RejudgingRange, User
from desk.pipeline import (
    reclassification,
    reclassification_batches,
    reclassification_progress,
    reclassification_scope,
)
from desk.pipeline.reclassification_batches import Batch, Claim
from desk.pipeline.reclassification_scope import Scope
from desk.pipeline.triage import Unjudged
from desk.verdicts.star_ratings import Judgement

IDS_IN_OPEN_RANGE = 20_000
"""Few of the mentions are open, so the ids between them are passed in longer steps."""
LEASE = timedelta(seconds=300)
"""Longer than the slowest batch takes; every batch renews it."""


def ask(
    session: Session, by: User | None, only_open: bool, since: datetime | None, now: datetime
) -> Rejudging:
    """A new round. It replaces every running one whose scope it covers or is covered by, takes the wider scope of the
    two and starts from its beginning, because the model may be another by now; what this model has judged already is
    passed at the cost of one query a range. Rounds of which neither covers the other run one after another."""
    wanted, replaced = Scope(only_open, since), []
    for running in session.scalars(reclassification_progress.unfinished().with_for_update()):
        scope = reclassification_scope.scope_of(running)
        if scope.covers(wanted) or wanted.covers(scope):
            wanted = scope if scope.covers(wanted) else wanted
            replaced.append(running)
    total, first, last = reclassification_scope.extent(session, wanted, now)
    fresh = Rejudging(
        user_id=by.id if by else None,
        asked_at=now,
        only_open=wanted.only_open,
        since=wanted.since,
        next_id=first,
        last_id=last,
        total=total,
        finished_at=None if total else now,
    )
    session.add(fresh)
    session.flush()
    for running in replaced:
        running.finished_at, running.replaced_by_id = now, fresh.id
        session.execute(sa.delete(RejudgingRange).where(RejudgingRange.rejudging_id == running.id))
    wakeups.send(session, "judge_again")
    return fresh


def waiting(session: Session, now: datetime) -> Pending:
    """Rounds with ranges that were not given out yet or came back, and ranges that somebody is at."""
    is_free = leases.is_free(RejudgingRange.claimed_until, now)
    has_free_range = sa.exists().where(RejudgingRange.rejudging_id == Rejudging.id, is_free)
    to_do = sa.or_(Rejudging.next_id <= Rejudging.last_id, has_free_range)
    free = sa.select(Rejudging.id).where(Rejudging.finished_at.is_(None), to_do)
    return leases.pending(session, free, sa.select(RejudgingRange.id).where(~is_free))


def claim(session: Session, now: datetime) -> Claim | None:
    """The next range: one that a dead worker held or a living one gave back, else a new one of the oldest round."""
    is_free = leases.is_free(RejudgingRange.claimed_until, now)
    given_back = sa.select(RejudgingRange).where(is_free).order_by(RejudgingRange.id).limit(1)
    found = session.scalar(given_back.with_for_update(skip_locked=True))
    if found is None and (found := _next_range(session, now)) is None:
        return None
    found.claimed_until = now + LEASE
    session.flush()
    of = session.get_one(Rejudging, found.rejudging_id)
    return Claim(
        found.id, of.id, reclassification_scope.scope_of(of), of.asked_at, found.next_id, found.last_id
    )


def record(
    session: Session,
    claimed: Claim,
    batch: Batch,
    pairs: Sequence[tuple[Unjudged, Judgement]],
    model: tuple[str, str],
    now: datetime,
) -> bool:
    """Stores the verdicts and moves the range on, at once. False, and nothing stored, when the range is not ours any
    more: its lease ran out and somebody else was quicker, or its round was replaced."""
    if batch.is_end:
        # A round is locked before its ranges by everybody, so that nobody waits for one who waits for him.
        session.execute(sa.select(Rejudging.id).where(Rejudging.id == claimed.rejudging_id).with_for_update())
    held = sa.select(RejudgingRange).where(*_is_ours(claimed), RejudgingRange.next_id == batch.first)
    ours = session.scalar(held.with_for_update())
    if ours is None:
        return False
    outcome = reclassification.apply_second_verdicts(session, pairs, now)
    ours.next_id, ours.claimed_until = batch.last + 1, now + LEASE
    ours.passed += batch.passed
    ours.judged += outcome.judged
    ours.changed += outcome.changed
    ours.opened += outcome.opened
    if batch.is_end:
        _finish(session, ours, model, now)
    return True


def release(session: Session, claimed: Claim) -> None:
    """Gives the range back where it stands, for whoever comes next."""
    session.execute(sa.update(RejudgingRange).where(*_is_ours(claimed)).values(claimed_until=None))


def _next_range(session: Session, now: datetime) -> RejudgingRange | None:
    """Cuts it off the oldest round that has ids left; long gaps between ids are stepped over."""
    query = (
        reclassification_progress.unfinished()
        .where(Rejudging.next_id <= Rejudging.last_id)
        .limit(1)
        .with_for_update()
    )
    while (of := session.scalar(query.execution_options(populate_existing=True))) is not None:
        first = session.scalar(sa.select(sa.func.min(Mention.id)).where(Mention.id >= of.next_id))
        if first is None or first > of.last_id:
            of.next_id = of.last_id + 1
            _end_if_done(session, of, now)
            session.flush()
            continue
        length = IDS_IN_OPEN_RANGE if of.only_open else reclassification_batches.IDS_IN_RANGE
        cut = RejudgingRange(rejudging_id=of.id, next_id=first, last_id=min(first + length - 1, of.last_id))
        of.next_id, of.began_at = cut.last_id + 1, of.began_at or now
        session.add(cut)
        session.flush()
        return cut
    return None


def _is_ours(claimed: Claim) -> tuple[sa.ColumnElement[bool], ...]:
    """By its round too, because SQLite gives the number of a range that is gone to the next one."""
    return RejudgingRange.id == claimed.range_id, RejudgingRange.rejudging_id == claimed.rejudging_id


def _finish(session: Session, done: RejudgingRange, model: tuple[str, str], now: datetime) -> None:
    of = session.get_one(Rejudging, done.rejudging_id, populate_existing=True)
    of.passed += done.passed
    of.judged += done.judged
    of.changed += done.changed
    of.opened += done.opened
    of.backend, of.model_revision = model[0][:80], model[1][:80]
    session.delete(done)
    session.flush()
    _end_if_done(session, of, now)


def _end_if_done(session: Session, of: Rejudging, now: datetime) -> None:
    left = sa.select(RejudgingRange.id).where(RejudgingRange.rejudging_id == of.id).limit(1)
    if of.next_id > of.last_id and session.scalar(left) is None:
        of.finished_at = now
