"""The grammar of dates with a day in them: text in lower case to the days that it can mean, its time and its zone.

Knows no `now` and decides nothing between two days. Raises NotADate, and Doubtful for a date that means no one moment.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta, timezone, tzinfo
from typing import Final

from channels.reading import date_words as words


class NotADate(ValueError):
    """No date that we can read stands there."""


class Doubtful(ValueError):
    """A date, but one that may be two moments or none. The text says why, to follow “its date”."""


Reading = tuple[bool | None, date]


@dataclass(frozen=True, slots=True)
class Written:
    """A date as it is written. `days` are those it can mean, each with whether the day is read before the month (None
    where that is no question); there are none where the year is missing (`day_of_year` holds month and day then) or
    it is counted from today (`days_ago`)."""

    days: tuple[Reading, ...] = ()
    clock: time | None = None
    carried: int = 0
    """Days to add for the time 24:00."""
    zone: tzinfo | None = None
    zone_shift: timedelta = timedelta(0)
    day_of_year: tuple[int, int] | None = None
    days_ago: int | None = None


FARTHEST: Final = timedelta(hours=14)
"""No place's time is farther from Greenwich's."""
_CLOCK: Final = re.compile(
    r"(?<![\d:.,/+-])(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,:]\d{1,12})?)?(?![:\d])"
    r"(?:\s?(?:([ap])\.?\s?m\b\.?|(дп|пп)\b))?"
)
_HOUR: Final = re.compile(r"(?<![\d:.,/-])(\d{1,2})\s?([ap])\.?\s?m\b\.?")
_OFFSET: Final = re.compile(r"(?:\s?([a-zмск]{2,4}))?\s?([+−-])(\d{1,2})(?:(:?)(\d{2}))?(?![\d:.])|\s?(z)\b")
_REMARK: Final = re.compile(r"\(([^()]*)\)")
_REGION: Final = re.compile(r"\[?\b([a-z]{2,}/[a-z_]{2,}(?:/[a-z_]{2,})?)\b\]?")
_TRIPLE: Final = re.compile(r"(?<![\d.])(\d{1,4})\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{1,4})(?!\d)")
_ORDINAL: Final = re.compile(r"(?<=\d)(?:st|nd|rd|th|er|-?го|-?е|º)\b")
_TOKEN: Final = re.compile(r"[^\W\d_]+(?:-feira)?|\d+")
_MARKS: Final = re.compile(r"[\s,.;:/'’|·•—–-]*\Z")
_BASIC: Final = re.compile(
    r"(\d{4})-?(\d{2})-?(\d{2})[t ]?(\d{2}):?(\d{2})(?::?(\d{2})(?:[.,]\d{1,9})?)?\s?(z|[+-]\d{2}(?::?\d{2})?)?\Z"
)
_DAY_AND_OFFSET: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(z|[+-]\d{2}:?\d{2})\Z")
_COMPACT_DAY: Final = re.compile(r"(\d{4})(\d{2})(\d{2})\Z")
_WEEK_DATE: Final = re.compile(r"(\d{4})-?w(\d{2})-?([1-7])(?!\d)")
_DAY_NUMBER: Final = re.compile(r"(\d{4})-(\d{3})(?![\d-])")
_SPELLINGS: Final = (
    (re.compile(r"^(\d{4}):(\d{2}):(\d{2})(?= )"), r"\1-\2-\3"),  # a camera
    (re.compile(r"(?<=\d{4}):(?=\d{1,2}:\d{2})|(?<=\d)t(?=\d)"), " "),  # a web server's log, ISO
    (re.compile(r"(?<=\d{4}),? (?:в |um )?(\d{1,2})\.(\d{2})(?![.\d])"), r" \1:\2"),
    (re.compile(r"(?:по )?(?:московскому времени|московское время|москве|времени москвы)"), "msk"),
    (re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日"), r"\1-\2-\3 "),
)


def read(text: str) -> Written:
    """`text` is in lower case, with single spaces and the digits 0-9."""
    if found := _BASIC.match(text):
        y, m, d, hour, minute, second, offset = found.groups()
        text = f"{y}-{m}-{d} {hour}:{minute}:{second or '00'}{offset or ''}"
    elif found := _COMPACT_DAY.match(text):
        text = "-".join(found.groups())
    for pattern, spelling in _SPELLINGS:
        text = pattern.sub(spelling, text)
    return _Reader(text).written()


class _Reader:
    """Takes one part after another out of the text; what is left at the end must be words around a date."""

    def __init__(self, text: str) -> None:
        self.rest = text
        self.zone: tzinfo | None = None
        self.zone_shift = timedelta(0)
        self.has_offset = False
        self.weekday: int | None = None

    def written(self) -> Written:
        clock, carried = self._take_clock()
        self._take_remark()
        self._take_region()
        days = self._take_numbers()
        month, numbers, ago = self._take_words()
        day_of_year = None
        if days is None and ago is None:
            days, day_of_year = _of_month(month, numbers)
        elif month or numbers:
            raise NotADate
        options = tuple(self._agreeing(days or ()))
        return Written(options, clock, carried, self.zone, self.zone_shift, day_of_year, ago)

    def _cut(self, found: re.Match[str]) -> None:
        self.rest = f"{self.rest[: found.start()]} {self.rest[found.end() :]}"

    def _take_clock(self) -> tuple[time | None, int]:
        if found := _CLOCK.search(self.rest):
            hour, minute, second, half, russian = found.groups()
            end = found.end()
        elif found := _HOUR.search(self.rest):
            (hour, half), minute, second, russian = found.groups(), "0", "0", None
            end = found.end()
        else:
            self._take_offset_of_day()
            return None, 0
        half = half or ({"дп": "a", "пп": "p"}[russian] if russian else None)
        clock = _clock(int(hour), int(minute), int(second or 0), half)
        offset = _OFFSET.match(self.rest, end)
        if offset:
            self._note_offset(offset)
        self.rest = f"{self.rest[: found.start()]} {self.rest[offset.end() if offset else end :]}"
        if _CLOCK.search(self.rest):
            raise Doubtful("names two times")
        return clock

    def _take_offset_of_day(self) -> None:
        if found := _DAY_AND_OFFSET.match(self.rest):
            offset = _OFFSET.match(found[2])
            if offset:
                self._note_offset(offset)
            self.rest = found[1]

    def _note_offset(self, found: re.Match[str]) -> None:
        name, sign, hours, colon, minutes, zulu = found.groups()
        if zulu:
            self.zone, self.has_offset = words.zone("z"), True
            return
        if colon and sign != "+" and found.end() - found.start() == 6 and not self.rest[:4].isdecimal():
            raise Doubtful("names two times")  # From one time to another, outside of ISO.
        shift = timedelta(hours=int(hours), minutes=int(minutes or 0)) * (1 if sign == "+" else -1)
        if abs(shift) > FARTHEST or int(minutes or 0) > 59:
            raise Doubtful("names a time zone that there is not")
        if name in ("msk", "мск") and minutes is None:
            # So many hours from Moscow, as Russians count.
            self.zone, self.zone_shift = words.zone(name), shift
        elif name is None or words.zone(name) is not None:
            self.zone = timezone(shift)
        else:
            raise NotADate
        self.has_offset = True

    def _take_remark(self) -> None:
        """In brackets stands the zone once more; where it was not said before, it counts."""
        for found in _REMARK.finditer(self.rest):
            name = found[1].strip()
            self.rest = self.rest.replace(found[0], " " if self.has_offset else f" {name} ")

    def _take_region(self) -> None:
        found = _REGION.search(self.rest)
        if found is None:
            return
        zone = words.zone(found[1])
        if zone is None:
            raise Doubtful("names a time zone that is not known")
        self.zone = self.zone or zone
        self._cut(found)

    def _take_numbers(self) -> list[Reading] | None:
        for pattern, make in ((_WEEK_DATE, _from_week), (_DAY_NUMBER, _from_day_number)):
            if found := pattern.search(self.rest):
                self._cut(found)
                return [(None, make(*(int(part) for part in found.groups())))]
        found = _TRIPLE.search(self.rest)
        if found is None:
            return None
        self._cut(found)
        days = list(_readings(found[1], found[3], found[4], found[2]))
        if not days:
            raise Doubtful("is no day of the calendar")
        return days

    def _take_words(self) -> tuple[int | None, list[str], int | None]:
        month: int | None = None
        ago: int | None = None
        numbers: list[str] = []
        rest = _ORDINAL.sub("", self.rest)
        for token in _TOKEN.findall(rest):
            if token.isdecimal():
                numbers.append(token)
            elif token in words.months() and month is None:
                month = words.months()[token]
            elif token in words.DAYS_AGO and ago is None:
                ago = words.DAYS_AGO[token]
            elif not self._is_known(token):
                # In French and Italian “mar” is Tuesday before a month, and March alone.
                if token not in words.months() or not self._was_weekday(rest):
                    raise NotADate
                month = words.months()[token]
        if not _MARKS.match(_TOKEN.sub("", rest)):
            raise NotADate
        return month, numbers, ago

    def _was_weekday(self, rest: str) -> bool:
        return next((t in words.weekdays() for t in _TOKEN.findall(rest) if t in words.months()), False)

    def _is_known(self, token: str) -> bool:
        if zone := words.zone(token):
            if self.has_offset and token in words.UTC_NAMES and self.zone not in (zone, words.zone("z")):
                raise Doubtful("names two time zones")
            self.zone = self.zone or zone
            return True
        if token in words.weekdays():
            self.weekday = words.weekdays()[token]
            return True
        return token in words.FILLERS

    def _agreeing(self, days: Iterable[Reading]) -> Iterator[Reading]:
        """Of two days the one that falls on the weekday that is named. A weekday alone proves no day wrong: many
        programs get it wrong."""
        options = list(days)
        agreeing = [option for option in options if option[1].weekday() == self.weekday]
        yield from agreeing or options


def _clock(hour: int, minute: int, second: int, half: str | None) -> tuple[time, int]:
    if half and (hour > 12 and half == "a"):
        raise Doubtful("has an hour that there is not")
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    if (hour, minute, second) == (24, 0, 0):
        return time(0), 1
    if hour > 23 or minute > 59 or second > 60:
        raise Doubtful("has an hour that there is not")
    return time(hour, minute, min(second, 59)), 0


def _readings(one: str, two: str, three: str, mark: str) -> Iterator[Reading]:
    """The days that three numbers can mean. Points always stand between day, month and year; slashes and dashes stand
    in both orders."""
    if len(one) > 2:
        yield from _day(None, one, two, three)
    elif mark == "." or one == two:
        yield from _day(None, three, two, one)
    else:
        yield from _day(True, three, two, one)
        yield from _day(False, three, one, two)
        if len(three) == 2 and mark == "-":
            # Databases and logs write the year first.
            yield from _day(None, one, two, three)


def _day(is_day_first: bool | None, year: str, month: str, day: str) -> Iterator[Reading]:
    try:
        yield is_day_first, date(full_year(year), int(month), int(day))
    except ValueError:
        return


def full_year(written: str) -> int:
    """Two digits as the rules of mail (RFC 2822) read them: up to 49 is 2000, from 50 on 1900. Raises ValueError for what
    can be no year."""
    if len(written) == 3 or not written:
        raise ValueError
    year = int(written)
    return year if len(written) > 2 else year + (2000 if year < 50 else 1900)


def _from_week(year: int, week: int, day: int) -> date:
    try:
        return date.fromisocalendar(year, week, day)
    except ValueError as error:
        raise Doubtful("is no day of the calendar") from error


def _from_day_number(year: int, number: int) -> date:
    try:
        found = date(year, 1, 1) + timedelta(days=number - 1)
    except (ValueError, OverflowError) as error:
        raise Doubtful("is no day of the calendar") from error
    if found.year != year:
        raise Doubtful("is no day of the calendar")
    return found


def _of_month(month: int | None, numbers: list[str]) -> tuple[list[Reading], tuple[int, int] | None]:
    """A month in words with a day and a year, or with a day alone."""
    if month is None or not numbers or len(numbers) > 2:
        raise NotADate
    if len(numbers) == 1:
        if len(numbers[0]) > 2:
            raise Doubtful("names no day")
        return [], (month, int(numbers[0]))
    one, two = numbers
    year, day = (one, two) if len(one) > 2 else (two, one)
    try:
        return [(None, date(full_year(year), month, int(day)))], None
    except ValueError as error:
        raise Doubtful("is no day of the calendar") from error
