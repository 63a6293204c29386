"""What happened day by day, in the zone of the period. Days on which nothing was said are there, with zeros."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from desk.base.words import Sentiment
from desk.metrics.cohort import Cell, cells
from desk.metrics.statistics import Period, Scope


@dataclass(frozen=True)
class DaySentiment:
    """Mentions published on that day, by tone; the brand's own and what is in a folder left out."""

    day: date
    negative: int
    neutral: int
    positive: int


@dataclass(frozen=True)
class DayAnswers:
    """Answerable mentions published on that day, by what has become of them by now."""

    day: date
    in_time: int
    late: int
    sent: int
    unanswered: int


def sentiment_by_day(session: Session, period: Period, scope: Scope, now: datetime) -> Sequence[DaySentiment]:
    return sentiment_of(cells(session, period, scope, now), period, scope)


def answered_by_day(session: Session, period: Period, scope: Scope, now: datetime) -> Sequence[DayAnswers]:
    return answers_of(cells(session, period, scope, now), period)


def sentiment_of(found: Sequence[Cell], period: Period, scope: Scope) -> Sequence[DaySentiment]:
    # A competitor's tone is read by itself, and is no part of ours.
    left_out = {"own", "filed"} | ({"competitor"} if scope.brand_id is None else set())
    counts: dict[date, dict[Sentiment, int]] = {day: dict.fromkeys(Sentiment, 0) for day in period.days}
    for cell in found:
        if cell.sentiment is not None and cell.reason not in left_out:
            counts[cell.day][cell.sentiment] += cell.n
    return [DaySentiment(day, *(tones[tone] for tone in Sentiment)) for day, tones in counts.items()]


def answers_of(found: Sequence[Cell], period: Period) -> Sequence[DayAnswers]:
    counts = {day: [0, 0, 0, 0] for day in period.days}
    for cell in found:
        if not cell.reason:
            sent = cell.sent + cell.confirmed + cell.receipt
            whole = (cell.in_time, cell.late, sent, cell.n - cell.seen - sent)
            counts[cell.day] = [have + more for have, more in zip(counts[cell.day], whole, strict=True)]
    return [DayAnswers(day, *numbers) for day, numbers in counts.items()]
