"""[pure] Open hours: what a calendar is, and how its row's JSON is read. Never guesses: what is unclear is refused.

`hours` maps a weekday ("0" is Monday) to spans of local wall clock, `exceptions` an ISO date to the same; a span
is ["09:00", "18:00"], half-open, and may end at "24:00". Exceptions beat holidays, holidays beat weekly hours.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from functools import cache
from itertools import pairwise
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from desk.base.damage import is_damaged
from desk.base.errors import Invalid

Span = tuple[time, time]

# "24:00" is no `time` in Python. The last microsecond stands for it: it sorts after every other closing time,
# and nobody can write it, because spans are written in minutes.
MIDNIGHT = time.max
UTC_ZONE = ZoneInfo("UTC")

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_HOLIDAYS_OF = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")


@dataclass(frozen=True, slots=True)
class Calendar:
    """`weekly`: weekday 0..6 -> its spans, sorted and apart; `exceptions`: a date -> spans instead (none: closed).

    `holidays_of` is a country ("RU") or a part of one ("DE-BY"), closed on its public holidays.
    """

    zone: ZoneInfo
    weekly: Mapping[int, tuple[Span, ...]]
    exceptions: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)
    holidays_of: str | None = None

    def spans_on(self, day: date) -> tuple[Span, ...]:
        moved = self.exceptions.get(day)
        if moved is not None:
            return moved
        if self.holidays_of is not None and day in public_holidays(self.holidays_of, day.year):
            return ()
        return self.weekly.get(day.weekday(), ())


class CalendarRow(Protocol):
    """What is read of models.Calendar."""

    @property
    def time_zone(self) -> str: ...
    @property
    def hours(self) -> Mapping[str, Any]: ...
    @property
    def exceptions(self) -> Mapping[str, Any]: ...
    @property
    def holidays_of(self) -> str | None: ...


def from_row(row: CalendarRow) -> Calendar:
    """Raises Invalid, naming the column as `field`."""
    for column, stored in (("hours", row.hours), ("exceptions", row.exceptions)):
        if is_damaged(stored):
            raise Invalid(
                "The stored %(column)s of this calendar cannot be read.", field=column, column=column
            )
    return read(row.time_zone, row.hours, row.exceptions or {}, row.holidays_of)


def is_whole(row: CalendarRow) -> bool:
    """Whether what is stored of it can be reckoned with."""
    try:
        from_row(row)
    except Invalid:
        return False
    return True


def reckoned(row: CalendarRow) -> Calendar:
    """What its row says; open around the clock where somebody damaged the row: a complaint that is due too early is seen,
    one without a due time is not."""
    try:
        return from_row(row)
    except Invalid:
        return Calendar(UTC_ZONE, dict.fromkeys(range(7), ((time.min, MIDNIGHT),)))


def read(time_zone: str, hours: Any, exceptions: Any, holidays_of: str | None) -> Calendar:
    """Raises Invalid, naming the argument as `field`; a calendar that never opens is refused as well."""
    calendar = Calendar(
        zone=read_zone(time_zone),
        weekly=_read_hours(hours),
        exceptions=_read_exceptions(exceptions),
        holidays_of=_read_holidays_of(holidays_of),
    )
    _require_an_open_day(calendar)
    return calendar


def read_zone(name: str) -> ZoneInfo:
    """Raises Invalid."""
    try:
        return ZoneInfo(name)
    except (ValueError, LookupError, OSError) as error:
        raise Invalid("No time zone is called %(name)s.", field="time_zone", name=repr(name)) from error


@cache
def public_holidays(country: str, year: int) -> frozenset[date]:
    """The days off of "RU", "DE-BY", ... with substituted ones. Raises Invalid for a place we know nothing of."""
    import holidays  # slow to load, and many calendars never ask

    code, _, part = country.partition("-")
    try:
        return frozenset(holidays.country_holidays(code, subdiv=part or None, years=year))
    except NotImplementedError as error:
        raise Invalid(
            "No public holidays are known for %(country)s.", field="holidays_of", country=repr(country)
        ) from error


def countries() -> list[str]:
    """Codes of two letters of the countries whose public holidays are known."""
    import holidays

    return sorted(code for code in holidays.list_supported_countries(include_aliases=False) if len(code) == 2)


def _read_hours(hours: Any) -> dict[int, tuple[Span, ...]]:
    if not isinstance(hours, Mapping):
        raise Invalid("Hours are written as weekday -> spans.", field="hours")
    if strange := [key for key in hours if key not in set("0123456")]:
        raise Invalid(
            "%(weekday)s is not a weekday: 0 is Monday, 6 is Sunday.", field="hours", weekday=repr(strange[0])
        )
    return {int(key): _read_spans(spans, f"weekday {key}", "hours") for key, spans in hours.items()}


def _read_exceptions(exceptions: Any) -> dict[date, tuple[Span, ...]]:
    if not isinstance(exceptions, Mapping):
        raise Invalid("Exceptions are written as date -> spans.", field="exceptions")
    return {_read_date(key): _read_spans(spans, str(key), "exceptions") for key, spans in exceptions.items()}


def _read_date(key: Any) -> date:
    # The extended form alone: one date written in two ways could stand there twice.
    if isinstance(key, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", key):
        try:
            return date.fromisoformat(key)
        except ValueError:
            pass
    raise Invalid("%(key)s is not a date like 2026-12-31.", field="exceptions", key=repr(key))


def _read_spans(spans: Any, where: str, column: str) -> tuple[Span, ...]:
    if not isinstance(spans, list | tuple):
        raise Invalid("Spans of %(where)s must be a list of [opens, closes].", field=column, where=where)
    pairs = tuple(_read_span(span, where, column) for span in spans)
    for (_, closes), (opens, _) in pairwise(pairs):
        if opens < closes:
            raise Invalid("Spans of %(where)s overlap or are not in order.", field=column, where=where)
    return pairs


def _read_span(span: Any, where: str, column: str) -> Span:
    if not isinstance(span, list | tuple) or len(span) != 2 or not all(isinstance(end, str) for end in span):
        raise Invalid(
            "A span of %(where)s must be [opens, closes], like [09:00, 18:00].", field=column, where=where
        )
    opens = _read_clock(span[0], where, column)
    closes = MIDNIGHT if span[1] == "24:00" else _read_clock(span[1], where, column)
    if closes <= opens:
        raise Invalid(
            "A span of %(where)s closes at %(closes)s, not after it opens at %(opens)s; one that goes on past midnight is written as two, the first up to 24:00.",
            field=column,
            where=where,
            closes=span[1],
            opens=span[0],
        )
    return opens, closes


def _read_clock(text: str, where: str, column: str) -> time:
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise Invalid(
            "%(text)s (%(where)s) is not a time like 09:00.", field=column, text=repr(text), where=where
        )
    return time(int(found[1]), int(found[2]))


def _read_holidays_of(country: str | None) -> str | None:
    if not country:
        return None
    if not isinstance(country, str) or not _HOLIDAYS_OF.fullmatch(country):
        raise Invalid(
            "%(country)s is not a country code like RU or DE-BY.", field="holidays_of", country=repr(country)
        )
    public_holidays(country, 2026)
    return country


def _require_an_open_day(calendar: Calendar) -> None:
    """Exceptions are few and pass; weekly hours, holidays taken off, must open again and again."""
    lasting = Calendar(calendar.zone, calendar.weekly, holidays_of=calendar.holidays_of)
    if not any(lasting.spans_on(date(2026, 1, 1) + timedelta(days=n)) for n in range(365)):
        raise Invalid("This calendar never opens: give at least one weekday its hours.", field="hours")
