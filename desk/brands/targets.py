"""[pure] Business time: when a calendar is open, when work is due, how long somebody really waited.

Spans are local wall clock, results are elapsed real time in UTC: a span across a daylight-saving change is an
hour shorter or longer. The law: elapsed(s, add(s, d)) == d, and add grows with d.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from desk.base.errors import Invalid
from desk.base.words import TargetKind
from desk.brands.calendars import MIDNIGHT, Calendar, Span, from_row

__all__ = [
    "MIDNIGHT",
    "Calendar",
    "Span",
    "Target",
    "Window",
    "add",
    "due",
    "elapsed",
    "from_row",
    "next_clock",
    "windows",
]

Window = tuple[datetime, datetime]

_NOTHING, _SECOND, _DAY = timedelta(), timedelta(seconds=1), timedelta(days=1)
# Sites do send years 0001 and 9999. No window is reckoned out there, so no date can overflow and no walk is long.
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2200, 1, 1)


@dataclass(frozen=True, slots=True)
class Target:
    """One version of a policy: `seconds` of business time (duration), or `clock` in the calendar's zone (by_clock)."""

    name: str
    version: int
    kind: TargetKind
    seconds: int | None = None
    clock: time | None = None

    @property
    def label(self) -> str:
        return f"{self.name} v{self.version}"


def due(calendar: Calendar, target: Target, start: datetime) -> datetime:
    """In UTC. Raises Invalid for a target without a value, and for a calendar that never opens again."""
    if target.kind is TargetKind.DURATION and target.seconds is not None:
        return add(calendar, start, target.seconds)
    if target.kind is TargetKind.BY_CLOCK and target.clock is not None:
        return next_clock(calendar, start, target.clock)
    raise Invalid(
        "Policy %(policy)s has no value for %(kind)s.",
        field="target",
        policy=repr(target.label),
        kind=target.kind,
    )


def windows(calendar: Calendar, start: datetime) -> Iterator[Window]:
    """Open windows [opens, closes) in UTC, in order and apart, the first one cut at `start`; lazily, to LAST_DAY."""
    start = start.astimezone(UTC)  # sums with any other zone's datetimes would be sums of wall clock
    for day_windows in _days(calendar, start):
        for opens, closes in day_windows:
            if opens >= start:
                yield opens, closes
            elif closes > start:
                yield start, closes


def add(calendar: Calendar, start: datetime, seconds: int) -> datetime:
    """The earliest moment, in UTC, by which `seconds` of business time have passed since `start`. Raises Invalid where they
    never pass, ValueError for a negative number."""
    if seconds < 0:
        raise ValueError("business time is added forwards only")
    left = timedelta(seconds=seconds)
    if not left:
        return start.astimezone(UTC)
    for opens, closes in windows(calendar, start):
        if left <= closes - opens:
            return opens + left
        left -= closes - opens
    raise Invalid(
        "%(seconds)s seconds of business time never pass in this calendar.", field="hours", seconds=seconds
    )


def elapsed(calendar: Calendar, a: datetime, b: datetime) -> int:
    """Whole business seconds between two moments; 0 when `b` is not after `a`."""
    total = _NOTHING
    for opens, closes in windows(calendar, a):
        if closes >= b:
            return (total + max(b - opens, _NOTHING)) // _SECOND
        total += closes - opens
    return total // _SECOND


def next_clock(calendar: Calendar, start: datetime, clock: time) -> datetime:
    """At `clock`, local time, on the first working day whose first opening is after `start`.

    So what comes in before opening is due today, and what comes in during or after hours on the next working
    day. On a day that opens later than `clock` it is due at the opening: nobody could have answered before.
    In UTC. Raises Invalid where no working day is left.
    """
    for day_windows in _days(calendar, start):
        if day_windows and day_windows[0][0] > start:
            opens = day_windows[0][0]
            return max(opens, _moment(opens.astimezone(calendar.zone).date(), clock, calendar.zone))
    raise Invalid("No working day is left in this calendar.", field="hours")


def _days(calendar: Calendar, start: datetime) -> Iterator[list[Window]]:
    """The whole windows of each local day, from the day of `start` on."""
    day, zone = _local_day(start, calendar.zone), calendar.zone
    offset = _offset_at_midnight(day, zone)
    while day < LAST_DAY:
        following = day + _DAY
        next_offset = _offset_at_midnight(following, zone)
        spans = calendar.spans_on(day)
        if offset == next_offset:
            begins = datetime.combine(day, time.min, UTC) - offset
            yield [
                (begins + _since_midnight(opens), begins + _since_midnight(closes)) for opens, closes in spans
            ]
        else:
            yield list(_windows_of_changing_day(day, spans, zone))
        day, offset = following, next_offset


def _offset_at_midnight(day: date, zone: ZoneInfo) -> timedelta:
    return datetime.combine(day, time.min, zone).utcoffset() or _NOTHING


def _local_day(moment: datetime, zone: ZoneInfo) -> date:
    if moment.year < FIRST_DAY.year:
        return FIRST_DAY
    if moment.year > LAST_DAY.year:
        return LAST_DAY
    return moment.astimezone(zone).date()


def _windows_of_changing_day(day: date, spans: tuple[Span, ...], zone: ZoneInfo) -> Iterator[Window]:
    """A day of 23 or 25 hours: each end is placed by itself, and a span that falls into the gap is none."""
    for opens_at, closes_at in spans:
        opens = _moment(day, opens_at, zone)
        last_day, last_clock = (day + _DAY, time.min) if closes_at == MIDNIGHT else (day, closes_at)
        closes = _moment(last_day, last_clock, zone)
        if opens < closes:
            yield opens, closes


@cache
def _since_midnight(clock: time) -> timedelta:
    if clock == MIDNIGHT:
        return _DAY
    return timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second)


def _moment(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """That wall clock in UTC: the first of two where the clock goes back, the change itself where it leaps over."""
    local = datetime.combine(day, clock, zone)
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None, fold=0) == local.replace(tzinfo=None):
        return moment
    return _change_before(moment, zone)


def _change_before(moment: datetime, zone: ZoneInfo) -> datetime:
    """The change of clock whose gap swallowed a wall clock time; `moment` is that time by the offset before it."""
    after = moment.astimezone(zone).utcoffset()
    # No zone has leapt further than a day (Samoa, over the date line, in 2011), and changes fall on whole seconds.
    earliest, latest = 0, int(_DAY.total_seconds())
    while latest - earliest > 1:
        middle = (earliest + latest) // 2
        is_changed = (moment - timedelta(seconds=middle)).astimezone(zone).utcoffset() == after
        earliest, latest = (middle, latest) if is_changed else (earliest, middle)
    return moment - timedelta(seconds=earliest)
