"""The figures of one page, put together from few queries: cells add up, so every table comes from the same ones."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.metrics.backlog import Backlog, BacklogCell, TargetCell, backlog_cells, target_cells
from desk.metrics.by_day import DayAnswers, DaySentiment, answers_of, sentiment_of
from desk.metrics.cohort import Cell, Measured, cells, measured
from desk.metrics.statistics import Ages, Period, Scope, Share, Times
from desk.models import Brand, Team


@dataclass(frozen=True)
class Overview:
    """Each figure's `key` names its definition. `target_pending` cases have neither met nor missed it yet."""

    mentions: int
    answered: Share
    in_time: Share
    confirmed: Share
    receipt_only: Share
    sent_unverified: Share
    never_answered: Share
    first_answer_wall: Times
    first_answer_business: Times
    first_answer_collected: Times
    unanswered: Ages
    target: Share
    target_pending: int


@dataclass(frozen=True)
class Line:
    """One row of a table. `key` is a kind of source, or an id; None stands for mentions that have no team."""

    key: str | int | None
    name_en: str
    name_ru: str
    overview: Overview
    backlog: Backlog


@dataclass(frozen=True)
class Report:
    period: Period
    scope: Scope
    overview: Overview
    backlog: Backlog
    by_channel: Sequence[Line]
    by_team: Sequence[Line]
    by_brand: Sequence[Line]
    sentiment_by_day: Sequence[DaySentiment]
    answered_by_day: Sequence[DayAnswers]


@dataclass(frozen=True)
class _Facts:
    """What the four queries found; `split` deals it out to the rows of a table."""

    cells: Sequence[Cell]
    measured: Sequence[Measured]
    targets: Sequence[TargetCell]
    backlog: Sequence[BacklogCell]

    def split(self, name: str) -> "dict[Any, _Facts]":
        parts = [_grouped(rows, name) for rows in (self.cells, self.measured, self.targets, self.backlog)]
        keys = {key for part in parts for key in part}
        return {key: _Facts(*(part.get(key, []) for part in parts)) for key in keys}


def report(session: Session, period: Period, scope: Scope, now: datetime) -> Report:
    facts = _facts(session, period, scope, now)
    return Report(
        period=period,
        scope=scope,
        overview=_overview(facts),
        backlog=Backlog.of(facts.backlog, now),
        by_channel=_table(facts, "channel", {}, now),
        by_team=_table(facts, "team_id", _teams(session), now),
        by_brand=_table(facts, "brand_id", _brands(session), now),
        sentiment_by_day=sentiment_of(facts.cells, period, scope),
        answered_by_day=answers_of(facts.cells, period),
    )


def overview(session: Session, period: Period, scope: Scope, now: datetime) -> Overview:
    return _overview(_facts(session, period, scope, now))


def backlog(session: Session, scope: Scope, now: datetime) -> Backlog:
    return Backlog.of(backlog_cells(session, scope, now), now)


def by_channel(session: Session, period: Period, scope: Scope, now: datetime) -> Sequence[Line]:
    return _table(_facts(session, period, scope, now), "channel", {}, now)


def by_team(session: Session, period: Period, scope: Scope, now: datetime) -> Sequence[Line]:
    return _table(_facts(session, period, scope, now), "team_id", _teams(session), now)


def by_brand(session: Session, period: Period, scope: Scope, now: datetime) -> Sequence[Line]:
    return _table(_facts(session, period, scope, now), "brand_id", _brands(session), now)


def _facts(session: Session, period: Period, scope: Scope, now: datetime) -> _Facts:
    return _Facts(
        cells(session, period, scope, now),
        measured(session, period, scope, now),
        target_cells(session, period, scope, now),
        backlog_cells(session, scope, now),
    )


def _overview(facts: _Facts) -> Overview:
    counted = [cell for cell in facts.cells if not cell.reason]
    left_out = _left_out(facts.cells)
    n, seen = sum(cell.n for cell in counted), sum(cell.seen for cell in counted)
    old, old_given = sum(cell.old for cell in counted), sum(cell.old_given for cell in counted)
    decided = [one for one in facts.targets if not one.reason]
    met = sum(one.n for one in decided if one.state == "met")
    breached = sum(one.n for one in decided if one.state == "breached")
    return Overview(
        mentions=sum(cell.n for cell in facts.cells if cell.reason != "own"),
        answered=Share("answered", seen, n, left_out),
        in_time=Share("in_time", sum(cell.in_time for cell in counted), n, left_out),
        confirmed=Share("confirmed", sum(cell.confirmed for cell in counted), n, left_out),
        receipt_only=Share("receipt_only", sum(cell.receipt for cell in counted), n, left_out),
        sent_unverified=Share("sent_unverified", sum(cell.sent for cell in counted), n, left_out),
        never_answered=Share("never_answered", old - old_given, old, left_out | _nonzero(too_young=n - old)),
        first_answer_wall=_times("first_answer_wall", [one.wall for one in facts.measured], n, left_out),
        first_answer_business=_times(
            "first_answer_business", [one.business for one in facts.measured], n, left_out
        ),
        first_answer_collected=_times(
            "first_answer_collected", [one.collected for one in facts.measured], n, left_out
        ),
        unanswered=Ages.of("unanswered", [one.age for one in facts.measured if one.age is not None]),
        target=Share("target", met, met + breached, _left_out(facts.targets)),
        target_pending=sum(one.n for one in decided if one.state == "pending"),
    )


def _times(key: str, spans: Sequence[int | None], n: int, left_out: Mapping[str, int]) -> Times:
    known = [span for span in spans if span is not None]
    return Times.of(key, known, {**left_out, **_nonzero(unanswered=n - len(known))})


def _left_out(rows: Sequence[Cell] | Sequence[TargetCell]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for row in rows:
        counts[row.reason] += row.n
    counts.pop("", None)
    return dict(counts)


def _nonzero(**counts: int) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count}


def _table(facts: _Facts, by: str, names: Mapping[Any, tuple[str, str]], now: datetime) -> Sequence[Line]:
    """Most mentions first; what has no name of its own comes under its key."""
    lines = [
        Line(key, *_name(key, names), _overview(part), Backlog.of(part.backlog, now))
        for key, part in facts.split(by).items()
    ]
    return sorted(lines, key=lambda line: (line.key is None, -line.overview.mentions, str(line.key)))


def _name(key: str | int | None, names: Mapping[Any, tuple[str, str]]) -> tuple[str, str]:
    return ("No team", "Без команды") if key is None else names.get(key, (str(key), str(key)))


def _grouped(rows: Sequence[Any], name: str) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = {}
    for row in rows:
        found.setdefault(getattr(row, name), []).append(row)
    return found


def _teams(session: Session) -> dict[int, tuple[str, str]]:
    found = session.execute(sa.select(Team.id, Team.name_en, Team.name_ru))
    return {row.id: (row.name_en, row.name_ru) for row in found}


def _brands(session: Session) -> dict[int, tuple[str, str]]:
    return {row.id: (row.name, row.name) for row in session.execute(sa.select(Brand.id, Brand.name))}
