"""What waits to be done, by the table of work: the clock sends wake-ups by it, and a burst ends by it."""

from collections.abc import Callable
from datetime import datetime
from importlib import import_module

from sqlalchemy.orm import Session

from desk.base import work
from desk.base.work import Pending, Work, WorkName


def names(session: Session, now: datetime) -> set[WorkName]:
    """The kinds of work that somebody should begin now. Rows leased to a living worker do not count."""
    return {row.name for row in work.ROWS if _waiting(row)(session, now).is_free}


def has_leases(session: Session, now: datetime) -> bool:
    """Whether work is leased: it will be done soon, or be free again when its lease runs out."""
    return any(_waiting(row)(session, now).is_held for row in work.ROWS)


def _waiting(row: Work) -> Callable[[Session, datetime], Pending]:
    asked: Callable[[Session, datetime], Pending] = import_module(row.subject).waiting
    return asked
