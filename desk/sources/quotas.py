"""What one account may ask of its site in a day (UTC), counted in the database: a restart does not forget it."""

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from desk.models import QuotaSpent


def spend(session: Session, budget: str, cost: int, quota: int, now: datetime) -> bool:
    """Whether `cost` more fits into today's `quota` of this budget; then it is counted, in the same statement, so that two
    processes together spend no more than there is. A negative cost counts as none."""
    day, budget, cost = now.astimezone(UTC).date(), budget[:255], max(cost, 0)
    if cost > quota:
        return False
    _forget_earlier(session, budget, day)
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(QuotaSpent).values(budget=budget, day=day, spent=cost)
    counted = statement.on_conflict_do_update(
        index_elements=["budget", "day"],
        set_={"spent": QuotaSpent.spent + cost},
        where=QuotaSpent.spent + cost <= quota,
    )
    return session.execute(counted.returning(QuotaSpent.spent)).scalar() is not None


def _forget_earlier(session: Session, budget: str, day: object) -> None:
    session.execute(sa.delete(QuotaSpent).where(QuotaSpent.budget == budget, QuotaSpent.day < day))
