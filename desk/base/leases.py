"""Leases of rows: whose is free, and the question whether work waits. A lease that ran out belongs to nobody."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from desk.base.work import Pending


def is_free(
    lease: InstrumentedAttribute[datetime | None] | sa.ColumnElement[datetime | None], now: datetime
) -> sa.ColumnElement[bool]:
    """Of a column that says until when the row is leased (UTC)."""
    return sa.or_(lease.is_(None), lease < now)


def pending(session: Session, free: sa.Select[int], held: sa.Select[int] | None = None) -> Pending:
    """One row of each query is looked for, and no more. `held` None: this work is never leased."""
    return Pending(_is_any(session, free), held is not None and _is_any(session, held))


def _is_any(session: Session, asked: sa.Select[int]) -> bool:
    return session.scalar(asked.limit(1)) is not None
