"""[pure] What a figure is made of: a period, a scope, shares with their interval, times with their percentiles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from math import ceil, sqrt
from statistics import fmean, median
from zoneinfo import ZoneInfo

from desk.base.errors import Invalid

Z_OF_95_PERCENT = 1.959964
LONGEST_PERIOD = timedelta(days=3700)


@dataclass(frozen=True)
class Period:
    """Half-open: start <= moment < end. Days are those of `zone`, which is the brand's."""

    start: datetime
    end: datetime
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise Invalid("A period needs times with a time zone.", "period")
        if not timedelta(0) < self.end - self.start <= LONGEST_PERIOD:
            raise Invalid("A period must end after it starts and be at most ten years long.", "period")

    @classmethod
    def of_days(cls, first: date, last: date, zone: ZoneInfo) -> "Period":
        """Whole days, both included. Raises Invalid when they are the wrong way round."""
        start = datetime.combine(first, time(), zone)
        return cls(start, datetime.combine(last + timedelta(days=1), time(), zone), zone)

    @property
    def days(self) -> Sequence[date]:
        first = self.start.astimezone(self.zone).date()
        last = (self.end - timedelta(microseconds=1)).astimezone(self.zone).date()
        return [first + timedelta(days=number) for number in range((last - first).days + 1)]

    def previous(self) -> "Period":
        """As many days, just before."""
        days = self.days
        return Period.of_days(days[0] - timedelta(days=len(days)), days[0] - timedelta(days=1), self.zone)


@dataclass(frozen=True)
class Scope:
    """None is any. `channel` is a kind of source; `team_id` the team that has the mention's case."""

    brand_id: int | None = None
    team_id: int | None = None
    channel: str | None = None


@dataclass(frozen=True)
class Share:
    """`hits` of `n`, with the Wilson interval of 95 %. All three are None where n is 0."""

    key: str
    hits: int
    n: int
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def value(self) -> float | None:
        return self.hits / self.n if self.n else None

    @property
    def low(self) -> float | None:
        return wilson(self.hits, self.n)[0] if self.n else None

    @property
    def high(self) -> float | None:
        return wilson(self.hits, self.n)[1] if self.n else None


@dataclass(frozen=True)
class Times:
    """Spans in seconds; None where there is none to measure."""

    key: str
    n: int
    median_seconds: float | None
    p90_seconds: float | None
    mean_seconds: float | None
    left_out: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, key: str, spans: Sequence[int], left_out: Mapping[str, int]) -> "Times":
        if not spans:
            return cls(key, 0, None, None, None, left_out)
        return cls(key, len(spans), median(spans), percentile(spans, 0.9), fmean(spans), left_out)


@dataclass(frozen=True)
class Ages:
    """How long the unanswered ones have waited by now."""

    key: str
    n: int
    median_seconds: float | None
    oldest_seconds: int | None

    @classmethod
    def of(cls, key: str, ages: Sequence[int]) -> "Ages":
        return cls(key, len(ages), median(ages), max(ages)) if ages else cls(key, 0, None, None)


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The score interval of E. B. Wilson (1927), which stays within 0..1 and holds for small n. Needs n > 0."""
    share, z2 = hits / n, Z_OF_95_PERCENT**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z_OF_95_PERCENT / (1 + z2 / n) * sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def percentile(values: Sequence[int], share: float) -> int:
    """By nearest rank: the smallest value that at least that share of all does not exceed."""
    return sorted(values)[ceil(share * len(values)) - 1]
