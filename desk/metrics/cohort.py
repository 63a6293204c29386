"""The cohort: mentions published in a period, sorted into answerable ones and those left out, with their first answers.

Whoever rewrote his message after an answer waits for a second one; what the first wait came to stands with the earlier
wording (desk/mentions/edits.py), and that is what the figures count.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from desk.base.words import AnswerProof, Sentiment
from desk.mentions.answerable import is_answerable, reason
from desk.metrics.statistics import Period, Scope
from desk.models import Case, EarlierWording, Mention, Source
from desk.models.mention import WAS_ANSWERED

NEVER_AFTER = timedelta(days=30)


_first_ids = (
    sa.select(EarlierWording.mention_id, sa.func.min(EarlierWording.id).label("id"))
    .where(sa.text(f"earlier_wordings.{WAS_ANSWERED}"))
    .group_by(EarlierWording.mention_id)
    .subquery("first_answers")
)
Earlier = aliased(EarlierWording, name="earlier")


class Cell(NamedTuple):
    """Mentions alike in all of the first six, counted. `reason` is why they are left out; "" is answerable. What a stranger
    has `seen`, what the site has only `confirmed` to our account, what rests on a `receipt` alone and what is just
    `sent` are apart; `old_given` are all but the last, of the old ones."""

    brand_id: int
    channel: str
    team_id: int | None
    day: date
    sentiment: Sentiment | None
    reason: str
    n: int
    seen: int
    confirmed: int
    receipt: int
    sent: int
    in_time: int
    late: int
    old: int
    old_given: int


class Measured(NamedTuple):
    """One answerable mention. The spans are None while nobody has seen an answer; `age` while one was given."""

    brand_id: int
    channel: str
    team_id: int | None
    wall: int | None
    business: int | None
    collected: int | None
    age: int | None


def cells(session: Session, period: Period, scope: Scope, now: datetime) -> Sequence[Cell]:
    seen = _first("answer_seen_at").is_not(None)
    is_sent = _first("answered_at").is_not(None) | Mention.answer_sent_at.is_not(None)
    proof = _first("answer_proof")
    is_proved = proof.in_((AnswerProof.ACCOUNT.value, AnswerProof.RECEIPT.value))
    is_given = seen | is_proved
    old = Mention.published_at <= now - NEVER_AFTER
    alike: list[Any] = [
        Mention.brand_id,
        Source.kind,
        Case.team_id,
        _day(session, period),
        Mention.sentiment,
        reason(),
    ]
    counted: list[Any] = [
        sa.func.count(),
        _count(seen),
        _count(~seen & (proof == AnswerProof.ACCOUNT.value)),
        _count(~seen & (proof == AnswerProof.RECEIPT.value)),
        _count(~seen & proof.is_(None) & is_sent),
        _count(seen & Case.is_met.is_not(False)),
        _count(seen & Case.is_met.is_(False)),
        _count(old),
        _count(old & is_given),
    ]
    query = _cohort(sa.select(*alike, *counted), period, scope).group_by(*alike)
    return [Cell._make((*row[:3], _as_date(row[3]), *row[4:])) for row in session.execute(query)]


def measured(session: Session, period: Period, scope: Scope, now: datetime) -> Sequence[Measured]:
    seen, answered_at = _first("answer_seen_at").is_not(None), _first("answered_at")
    columns: list[Any] = [
        *(Mention.brand_id, Source.kind, Case.team_id),
        sa.case((seen, _first("answer_wall_seconds"))),
        sa.case((seen, _first("answer_business_seconds"))),
        sa.case((seen, _seconds(session, answered_at, Mention.collected_at))),
        sa.case(
            (
                answered_at.is_(None) & Mention.answer_sent_at.is_(None),
                _seconds(session, sa.literal(now, Mention.published_at.type), Mention.published_at),
            )
        ),
    ]
    query = _cohort(sa.select(*columns), period, scope).where(is_answerable())
    return [Measured._make(row) for row in session.execute(query)]


def _cohort(query: sa.Select[Any], period: Period, scope: Scope) -> sa.Select[Any]:
    wanted: list[tuple[Any, Any]] = [
        (Mention.brand_id, scope.brand_id),
        (Case.team_id, scope.team_id),
        (Source.kind, scope.channel),
    ]
    # Every mention has a source; joined like this SQLite reads the days of the period in their order, not source by source.
    return (
        query.select_from(Mention)
        .outerjoin(Source, Source.id == Mention.source_id)
        .outerjoin(Case, Case.id == Mention.case_id)
        .outerjoin(_first_ids, _first_ids.c.mention_id == Mention.id)
        .outerjoin(Earlier, Earlier.id == _first_ids.c.id)
        .where(Mention.published_at >= period.start, Mention.published_at < period.end)
        .where(*(column == value for column, value in wanted if value is not None))
    )


def _first(column: str) -> sa.ColumnElement[Any]:
    """That column of the first wait: of the earlier wording where there was one with an answer."""
    return sa.case((Earlier.id.is_not(None), getattr(Earlier, column)), else_=getattr(Mention, column))


def _count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)


def _seconds(session: Session, later: Any, earlier: Any) -> sa.ColumnElement[int]:
    if session.get_bind().dialect.name == "sqlite":
        seconds: Any = (sa.func.julianday(later) - sa.func.julianday(earlier)) * 86400
        return sa.func.max(sa.cast(sa.func.round(seconds), sa.Integer), 0)
    return sa.func.greatest(sa.cast(sa.extract("epoch", later - earlier), sa.Integer), 0)


def _day(session: Session, period: Period) -> sa.ColumnElement[Any]:
    """The day of publication in the period's zone. SQLite knows no zones, so it is told when which offset holds."""
    if session.get_bind().dialect.name != "sqlite":
        return sa.func.date(sa.func.timezone(period.zone.key, Mention.published_at))
    *changes, last = _offsets(period)
    shift = sa.case(
        *((Mention.published_at < until, f"{seconds:+d} seconds") for until, seconds in changes),
        else_=f"{last[1]:+d} seconds",
    )
    return sa.func.date(Mention.published_at, shift if changes else f"{last[1]:+d} seconds")


def _offsets(period: Period) -> list[tuple[datetime, int]]:
    """(until, seconds east of UTC): one for each time that the clocks are put forward or back, and one for the end."""
    found: list[tuple[datetime, int]] = []
    moment, offset = period.start.astimezone(UTC), _offset(period.start, period)
    while moment < period.end:
        later = min(moment + timedelta(days=1), period.end.astimezone(UTC))
        if _offset(later, period) != offset:
            change = _change(moment, later, period)
            found.append((change, offset))
            offset = _offset(change, period)
        moment = later
    return [*found, (period.end.astimezone(UTC), offset)]


def _change(before: datetime, after: datetime, period: Period) -> datetime:
    """The minute at which the offset of `after` begins."""
    while after - before > timedelta(minutes=1):
        middle = (before + (after - before) / 2).replace(second=0, microsecond=0)
        if middle <= before:
            break
        before, after = (
            (middle, after) if _offset(middle, period) == _offset(before, period) else (before, middle)
        )
    return after


def _offset(moment: datetime, period: Period) -> int:
    return int((moment.astimezone(period.zone).utcoffset() or timedelta(0)).total_seconds())


def _as_date(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value
