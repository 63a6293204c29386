"""Which mentions a round of judging again is about, counted and found by indexes alone. Reads only."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base.words import CaseStage
from desk.models import Case, Mention, Rejudging
from desk.pipeline import reclassification

NOT_ANSWERED = (CaseStage.UNANSWERED, CaseStage.ON_HOLD)


@dataclass(frozen=True, slots=True)
class Scope:
    """`since` bounds the time of publication. Open is what still waits for somebody: the mentions of cases that are
    neither answered nor closed, and those of the last days without a case and an answer, which may still open one."""

    only_open: bool = False
    since: datetime | None = None

    def covers(self, other: "Scope") -> bool:
        is_as_early = self.since is None or (other.since is not None and self.since <= other.since)
        return is_as_early and (other.only_open or not self.only_open)


def scope_of(row: Rejudging) -> Scope:
    return Scope(row.only_open, row.since)


def conditions(scope: Scope, asked_at: datetime) -> list[sa.ColumnElement[bool]]:
    since = [Mention.published_at >= scope.since] if scope.since else []
    if not scope.only_open:
        return since
    # Not as a join: PostgreSQL would read all cases for each range, and this way reads the index of the open ones.
    open_cases = sa.select(Case.id).where(Case.stage.in_(NOT_ANSWERED))
    return [*since, sa.or_(Mention.case_id.in_(open_cases), _may_open_one(asked_at))]


def _may_open_one(asked_at: datetime) -> sa.ColumnElement[bool]:
    is_recent = Mention.published_at >= asked_at - reclassification.RECENT
    # The sum keeps SQLite from walking through all that has no case, which is nearly everything.
    return sa.and_((Mention.case_id + 0).is_(None), Mention.answered_at.is_(None), is_recent)


def extent(session: Session, scope: Scope, now: datetime) -> tuple[int, int, int]:
    """How many mentions are in scope, and the first and the last of their ids: each count from an index alone, or
    from that of the open cases."""
    since = [Mention.published_at >= scope.since] if scope.since else []
    what = sa.select(sa.func.count(), sa.func.min(Mention.id), sa.func.max(Mention.id)).select_from(Mention)
    if scope.only_open:
        of_cases = what.join(Case, Case.id == Mention.case_id).where(Case.stage.in_(NOT_ANSWERED), *since)
        parts = [session.execute(query).one() for query in (of_cases, what.where(_may_open_one(now), *since))]
    else:
        parts = [session.execute(what.where(*since)).one()]
    found = [part for part in parts if part[0]]
    if not found:
        return 0, 1, 0
    return sum(part[0] for part in found), min(part[1] for part in found), max(part[2] for part in found)
