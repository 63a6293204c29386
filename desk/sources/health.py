"""The read side of sources: how each is doing, what its crawls came to. Changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.models import ArrivalTally, Crawl, Source, SourceTally
from desk.sources import deliveries, sources
from desk.sources.deliveries import Tally

DAYS = 14


@dataclass(frozen=True, slots=True)
class Listening:
    """`per_day`: new mentions of the last DAYS days by the reader's calendar, oldest first; the last is today.
    `sent`: what its site has sent by itself. `is_damaged`: what is stored of it cannot be read, so it is neither crawled nor answered."""

    source: Source
    mentions: int
    per_day: tuple[int, ...]
    is_damaged: bool = False
    sent: Tally = field(default_factory=Tally)


def overview(session: Session, now: datetime, zone: ZoneInfo, brand_id: int | None = None) -> list[Listening]:
    """Every source, those with a problem first."""
    query = (
        sa.select(Source)
        .options(sa.orm.selectinload(Source.account))
        .order_by(Source.failures.desc(), Source.error_kind.is_(None), Source.title, Source.id)
    )
    if brand_id is not None:
        query = query.where(Source.brand_id == brand_id)
    return _with_counts(session, session.scalars(query).all(), now, zone)


def one(session: Session, source: Source, now: datetime, zone: ZoneInfo) -> Listening:
    return _with_counts(session, [source], now, zone)[0]


def crawls(session: Session, source_id: int, limit: int = 50, before: int | None = None) -> list[Crawl]:
    """Newest first; `before` is the id of the last one already shown."""
    query = sa.select(Crawl).where(Crawl.source_id == source_id)
    if before is not None:
        query = query.where(Crawl.id < before)
    return list(session.scalars(query.order_by(Crawl.id.desc()).limit(limit)))


def _with_counts(session: Session, found: Sequence[Source], now: datetime, zone: ZoneInfo) -> list[Listening]:
    wanted = [source.id for source in found]
    counting = sa.select(SourceTally.source_id, SourceTally.mentions)
    totals = {row[0]: row[1] for row in session.execute(counting.where(SourceTally.source_id.in_(wanted)))}
    days = _days(session, wanted, now, zone)
    none, sent = (0,) * DAYS, deliveries.tallies(session, wanted)
    return [
        Listening(
            one,
            totals.get(one.id, 0),
            days.get(one.id, none),
            not sources.is_whole(one),
            sent.get(one.id, Tally()),
        )
        for one in found
    ]


def _days(
    session: Session, wanted: Sequence[int], now: datetime, zone: ZoneInfo
) -> dict[int, tuple[int, ...]]:
    """A day begins at midnight of the reader's zone, which neither database knows, so the midnights are told to them."""
    edges = {f"edge_{number}": moment for number, moment in enumerate(_midnights(now, zone))}
    return {row[0]: tuple(row[1:]) for row in session.execute(_per_day(), {"wanted": wanted, **edges})}


@cache
def _per_day() -> sa.Select[Any]:
    """Built once, because putting it together takes longer than the answer. One range of the tallies a source and day."""
    edges = [sa.bindparam(f"edge_{number}", type_=ArrivalTally.at.type) for number in range(DAYS + 1)]
    days = [
        sa.select(sa.func.coalesce(sa.func.sum(ArrivalTally.mentions), 0))
        .where(ArrivalTally.source_id == Source.id, ArrivalTally.at >= start, ArrivalTally.at < end)
        .scalar_subquery()
        for start, end in pairwise(edges)
    ]
    return sa.select(Source.id, *days).where(Source.id.in_(sa.bindparam("wanted", expanding=True)))


def _midnights(now: datetime, zone: ZoneInfo) -> list[datetime]:
    today = now.astimezone(zone).date()
    first = today - timedelta(days=DAYS - 1)
    return [datetime.combine(first + timedelta(days=n), time.min, zone) for n in range(DAYS + 1)]
