"""Moments as sites write them, read into aware UTC: the one reader of dates for all channels.

Looks at no clock: `now` is when the page was fetched. What is doubtful is unknown, never guessed: 03/04/2026 is no
date until something settles whether its day comes first. A date without a time zone is taken to be in the zone that is
handed over, else in UTC; one without a time is its midnight.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from email.utils import parsedate_to_datetime
from typing import Any, Final

import dateparser

from channels.contract import Text
from channels.reading import date_grammar as grammar
from channels.reading.date_words import is_day_first_in

EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
LEEWAY: Final = timedelta(days=2)
MAX_LENGTH: Final = 100
_ISO: Final = re.compile(
    r"\s*\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:[Zz]|[+-]\d\d:?\d\d)?)?\s*\Z", re.ASCII
)
_MAIL: Final = re.compile(
    r"\s*(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} [12]\d{3} \d\d:\d\d:\d\d (?:GMT|[+-]\d{4})\s*\Z", re.ASCII
)
_NUMBER: Final = re.compile(r"(\d{4,16})(?:[.,](\d+))?\Z")
_AGO: Final = re.compile(r"\b(?:ago|назад|vor)\b")
_NOW: Final = re.compile(r"(?:just )?now|только что|сейчас|gerade eben")
_SLASHES: Final = re.compile(r"\d[/-]\d")
_LANGUAGES: Final = ["ru", "en", "de"]
_SERIAL_START: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - a table's own time, whose zone is set later
_SERIALS: Final = range(32_874, 73_051)
"""Excel's days of the years 1990 to 2099."""


def read(
    value: object,
    now: datetime | None,
    *,
    is_day_first: bool | None = None,
    zone: tzinfo | None = None,
    has_serials: bool = False,
) -> datetime | None:
    """The moment in UTC, or None where the text names none, may name two, or cannot be true.

    `is_day_first` settles dates such as 03/04/2026 (see `day_order`); without it they are read only where the other
    order gives no day, a day in the future, or not the weekday that is named. `zone` is the place's own. With
    `has_serials` a bare number such as 46342.5 is Excel's: for columns of tables, where the column says that it
    holds dates.
    """
    try:
        return _read(value, now, is_day_first, zone, has_serials)
    except ValueError:
        return None


_DOUBTS: Final = {
    "names two times": "называет два времени",
    "names a time zone that there is not": "называет часовой пояс, которого нет",
    "names a time zone that is not known": "называет неизвестный часовой пояс",
    "names two time zones": "называет два часовых пояса",
    "is no day of the calendar": "называет день, которого нет в календаре",
    "has an hour that there is not": "называет час, которого не бывает",
    "names no day": "не называет дня",
    "may mean two days, as it does not show which number is the month": "может значить два дня: не видно, которое число — месяц",
}


def complaint(value: str, now: datetime | None, **known: Any) -> Text:
    """Why `read` gives None for a text, to follow the date in a sentence."""
    try:
        found = _read(value, now, **{"is_day_first": None, "zone": None, "has_serials": False, **known})
    except grammar.Doubtful as doubt:
        return Text(str(doubt), _DOUBTS[str(doubt)])
    except ValueError:
        return Text("cannot be read", "не читается")
    return Text("", "") if found else Text("cannot be true", "не может быть верной")


def day_order(values: Iterable[str], now: datetime | None, language: str | None = None) -> bool | None:
    """Whether a source writes the day before the month, as far as its own dates prove it, else as its language has it.

    True, False, or None where nothing is known, or dates of both orders stand there.
    """
    proofs: set[bool] = set()
    for value in values:
        if len(value) <= MAX_LENGTH and _SLASHES.search(value):
            proofs |= _orders(value, now)
    if len(proofs) == 2:
        return None
    return proofs.pop() if proofs else is_day_first_in(language)


def _orders(value: str, now: datetime | None) -> set[bool]:
    """The order that a date proves by having no other day that it can mean."""
    try:
        days = grammar.read(_flat(value)).days
    except ValueError:
        return set()
    latest = (now + LEEWAY).date() if now else date.max
    orders = [order for order, day in days if day <= latest]
    return {order for order in orders if order is not None} if len(orders) == 1 else set()


def plausible(moment: datetime | None, now: datetime | None) -> datetime | None:
    """The moment in UTC, or None when it lies before 1990 or in the future; without a zone it is taken as UTC."""
    if moment is None:
        return None
    try:
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    too_late = now is not None and moment > now + LEEWAY
    return None if moment < EARLIEST or too_late else moment


def _read(
    value: object, now: datetime | None, is_day_first: bool | None, zone: tzinfo | None, has_serials: bool
) -> datetime | None:
    if not isinstance(value, str) or not value.strip() or len(value) > MAX_LENGTH:
        return None
    if (usual := _usual(value)) is not None:
        return plausible(_placed(usual, zone), now)
    text = _flat(value)
    if found := _NUMBER.match(text):
        moment = _from_number(found[1], found[2] or "", zone, has_serials)
        if moment is not None:
            return plausible(moment, now)
    if _NOW.fullmatch(text):
        return now
    if _AGO.search(text):
        return plausible(_from_distance(text, now), now)
    return plausible(_moment(grammar.read(text), now, is_day_first, zone), now)


def _usual(value: str) -> datetime | None:
    """Nearly all dates of today's sites, by Python itself, ten times faster than by the grammar."""
    try:
        if _ISO.match(value):
            return datetime.fromisoformat(value.strip())
        return parsedate_to_datetime(value.strip()) if _MAIL.match(value) else None
    except ValueError:
        return None  # Such as 24:00, or a day that there is not: the grammar says what is wrong with it.


def _flat(value: str) -> str:
    """Lower case, digits 0-9 whatever their script, single spaces, and nothing that cannot be seen."""
    if not value.isascii():
        value = unicodedata.normalize("NFKC", value)
        value = "".join(
            str(unicodedata.decimal(char)) if char.isdecimal() else char
            for char in value
            if unicodedata.category(char) not in ("Cf", "Cs", "Cc") or char.isspace()
        )
    return " ".join(value.casefold().split())


def _placed(moment: datetime, zone: tzinfo | None) -> datetime:
    if abs(moment.utcoffset() or timedelta(0)) > grammar.FARTHEST:
        raise grammar.Doubtful("names a time zone that there is not")
    return moment if moment.tzinfo else moment.replace(tzinfo=zone or UTC)


def _from_number(whole: str, part: str, zone: tzinfo | None, has_serials: bool) -> datetime | None:
    """Seconds or milliseconds since 1970, by their length; Excel's days, where such are expected."""
    if len(whole) == 5 and has_serials and int(whole) in _SERIALS:
        seconds = round(float(f"0.{part or 0}") * 86_400)
        return _placed(_SERIAL_START + timedelta(days=int(whole), seconds=seconds), zone)
    divisor = {10: 1, 13: 1_000, 16: 1_000_000}.get(len(whole))
    return datetime.fromtimestamp(int(whole) // divisor, UTC) if divisor else None


def _from_distance(text: str, now: datetime | None) -> datetime | None:
    """“3 days ago”. As exact as the site's own words are."""
    if now is None:
        return None
    settings: dict[str, Any] = {"PARSERS": ["relative-time"], "RELATIVE_BASE": now.replace(tzinfo=None)}
    try:
        found = dateparser.parse(text, languages=_LANGUAGES, settings=settings)
    except (ValueError, OverflowError, TypeError, AttributeError, RecursionError):
        return None
    return found.replace(tzinfo=UTC) if isinstance(found, datetime) else None


def _moment(
    written: grammar.Written, now: datetime | None, is_day_first: bool | None, zone: tzinfo | None
) -> datetime | None:
    zone = written.zone or zone or UTC
    if written.days_ago is not None:
        if now is None:
            return None
        day = now.astimezone(zone) - timedelta(days=written.days_ago)
        if written.clock is None:
            return day
        days = [day.date()]
    elif written.day_of_year is not None:
        days = _without_year(*written.day_of_year, now)
    else:
        days = _by_order(written.days, is_day_first)
    clock = written.clock or time(0)
    moments = [_at(day, clock, zone, written) for day in days]
    if len(set(moments)) > 1:
        # What was said cannot have been said in the future.
        moments = [moment for moment in moments if plausible(moment, now)]
    if len(set(moments)) > 1:
        raise grammar.Doubtful("may mean two days, as it does not show which number is the month")
    return moments[0] if moments else None


def _at(day: date, clock: time, zone: tzinfo, written: grammar.Written) -> datetime | None:
    try:
        local = datetime.combine(day, clock, zone) + timedelta(days=written.carried)
        return local.astimezone(UTC) - written.zone_shift
    except (OverflowError, ValueError):
        return None


def _by_order(days: tuple[grammar.Reading, ...], is_day_first: bool | None) -> list[date]:
    settled = [day for order, day in days if order is is_day_first] if is_day_first is not None else []
    return settled or [day for _, day in days]


def _without_year(month: int, day: int, now: datetime | None) -> list[date]:
    """Sites leave out the year that runs: the newest such day that is not ahead."""
    if now is None:
        return []
    latest = (now + timedelta(days=1)).date()
    for year in (latest.year, latest.year - 1):
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if found <= latest:
            return [found]
    return []
