"""The numbers for leadership, read from what was written down. docs/metrics.md defines every figure.

`report` reads everything that one page shows in six queries; the other functions read the part they need. A figure of
which nothing can be said is None, never 0. Nothing here writes.
"""

from desk.metrics.backlog import BANDS, Backlog
from desk.metrics.by_day import DayAnswers, DaySentiment, answered_by_day, sentiment_by_day
from desk.metrics.cohort import NEVER_AFTER
from desk.metrics.definitions import DEFINITIONS, LEFT_OUT, NEVER_ANSWERED_IN_LITERATURE, Definition
from desk.metrics.report import (
    Line,
    Overview,
    Report,
    backlog,
    by_brand,
    by_channel,
    by_team,
    overview,
    report,
)
from desk.metrics.statistics import Ages, Period, Scope, Share, Times, wilson

__all__ = [
    "BANDS",
    "DEFINITIONS",
    "LEFT_OUT",
    "NEVER_AFTER",
    "NEVER_ANSWERED_IN_LITERATURE",
    "Ages",
    "Backlog",
    "DayAnswers",
    "DaySentiment",
    "Definition",
    "Line",
    "Overview",
    "Period",
    "Report",
    "Scope",
    "Share",
    "Times",
    "answered_by_day",
    "backlog",
    "by_brand",
    "by_channel",
    "by_team",
    "overview",
    "report",
    "sentiment_by_day",
    "wilson",
]
