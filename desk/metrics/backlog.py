"""Response targets and backlog: what the cases say. An open case past its time has missed its target already, unless an answer is
awaited in public."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base.words import CaseStage, CloseReason
from desk.metrics.statistics import Period, Scope
from desk.models import Case

# How long a case has waited: the name of the band and the age at which the next one begins.
BANDS: Mapping[str, timedelta | None] = {
    "under_4h": timedelta(hours=4),
    "under_1d": timedelta(days=1),
    "under_3d": timedelta(days=3),
    "under_7d": timedelta(days=7),
    "under_30d": timedelta(days=30),
    "over_30d": None,
}
UNANSWERED = Case.stage.in_((CaseStage.UNANSWERED, CaseStage.ON_HOLD))
UNDECIDED_REASONS = tuple(reason for reason in CloseReason if reason is not CloseReason.ANSWERED)


class TargetCell(NamedTuple):
    """Cases alike in the first five, counted. `reason` is why they are left out; "" is counted."""

    brand_id: int
    channel: str
    team_id: int
    state: str  # met, breached or pending
    reason: str
    n: int


class BacklogCell(NamedTuple):
    brand_id: int
    channel: str
    team_id: int
    band: str
    n: int
    overdue: int
    oldest_at: datetime


@dataclass(frozen=True)
class Backlog:
    """Cases that wait for an answer now, by age. `oldest_seconds` is None when nobody waits."""

    n: int
    overdue: int
    bands: Mapping[str, int]
    oldest_at: datetime | None
    oldest_seconds: int | None

    @classmethod
    def of(cls, cells: Sequence[BacklogCell], now: datetime) -> "Backlog":
        bands = {band: sum(one.n for one in cells if one.band == band) for band in BANDS}
        oldest_at = min((one.oldest_at for one in cells), default=None)
        age = max(0, int((now - oldest_at).total_seconds())) if oldest_at else None
        return cls(sum(bands.values()), sum(one.overdue for one in cells), bands, oldest_at, age)


def target_cells(session: Session, period: Period, scope: Scope, now: datetime) -> Sequence[TargetCell]:
    """Cases opened in the period."""
    is_late = UNANSWERED & Case.sent_at.is_(None) & (Case.due_at <= now)
    is_breached = Case.is_met.is_(False) | (Case.is_met.is_(None) & is_late)
    state = sa.case((Case.is_met.is_(True), "met"), (is_breached, "breached"), else_="pending")
    reason = sa.case(*((Case.close_reason == one, one.value) for one in UNDECIDED_REASONS), else_="")
    alike: list[Any] = [Case.brand_id, Case.source_kind, Case.team_id, state, reason]
    query = sa.select(*alike, sa.func.count()).where(
        Case.opened_at >= period.start, Case.opened_at < period.end
    )
    return [TargetCell._make(row) for row in session.execute(query.where(*_of(scope)).group_by(*alike))]


def backlog_cells(session: Session, scope: Scope, now: datetime) -> Sequence[BacklogCell]:
    band = sa.case(
        *((Case.waits_since > now - until, name) for name, until in BANDS.items() if until is not None),
        else_="over_30d",
    )
    alike: list[Any] = [Case.brand_id, Case.source_kind, Case.team_id, band]
    overdue = sa.func.sum(sa.case((Case.sent_at.is_(None) & (Case.due_at <= now), 1), else_=0))
    query = sa.select(*alike, sa.func.count(), overdue, sa.func.min(Case.waits_since)).where(
        UNANSWERED, *_of(scope)
    )
    return [BacklogCell._make(row) for row in session.execute(query.group_by(*alike))]


def _of(scope: Scope) -> list[sa.ColumnElement[bool]]:
    wanted: list[tuple[Any, Any]] = [
        (Case.brand_id, scope.brand_id),
        (Case.team_id, scope.team_id),
        (Case.source_kind, scope.channel),
    ]
    return [column == value for column, value in wanted if value is not None]
