"""When the next request to a host, or in the name of an account, may go out: one row each, shared by all processes.

Redis is not asked: what keeps us within a site's terms must hold without it, and after a restart.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from desk.base import db
from desk.models import Pace

LONGEST_AHEAD = timedelta(hours=1)
"""A turn further ahead was reserved by a clock that was wrong, and holds nobody up."""
KEPT = timedelta(days=1)


def take_turn(
    lane: str,
    gap_seconds: float,
    longest_seconds: float,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> float:
    """Seconds until the turn that is reserved by this, at least `gap_seconds` after the one before it in that lane, whichever
    process took it. Where that is longer than `longest_seconds` nothing is reserved. Never called inside a transaction: the
    turn is committed before the request goes out. Two statements, three for the first of a lane."""
    with db.transaction() as session:
        return reserve(session, lane, gap_seconds, longest_seconds, now())


def reserve(session: Session, lane: str, gap_seconds: float, longest_seconds: float, now: datetime) -> float:
    """The same, in the caller's transaction."""
    row = _locked(session, lane[:255], now)
    starts_at = max(now, row.next_at) if row.next_at - now <= LONGEST_AHEAD else now
    waits = (starts_at - now).total_seconds()
    if waits <= longest_seconds:
        row.next_at = starts_at + timedelta(seconds=max(gap_seconds, 0.0))
    return waits


def _locked(session: Session, lane: str, now: datetime) -> Pace:
    query = sa.select(Pace).where(Pace.lane == lane).with_for_update()
    fresh = query.execution_options(populate_existing=True)
    if (row := session.scalar(fresh)) is None:
        insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
        session.execute(insert(Pace).values(lane=lane, next_at=now).on_conflict_do_nothing())
        row = session.scalars(fresh).one()
    return row


def sweep(session: Session, now: datetime) -> int:
    """Forgets lanes in which nothing was asked for a day; returns how many."""
    gone = sa.delete(Pace).where(Pace.next_at < now - KEPT).returning(Pace.lane)
    return len(session.scalars(gone.execution_options(synchronize_session=False)).all())
