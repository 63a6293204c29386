"""Moments as sites write them, read into aware UTC. Looks at no clock: `now` is when the page was fetched."""

import re
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

import dateparser

EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
LEEWAY: Final = timedelta(days=2)
MAX_LENGTH: Final = 64
_ISO = re.compile(r"\s*\d{4}-?\d{2}")
_YEAR_ONE = re.compile(r"(?<![-+:.\d])0\d{3}(?!\d)")
_MOSCOW = re.compile(r"\b(?:мск|msk)\b", re.IGNORECASE)
_LANGUAGES = ["ru", "en"]


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


def from_struct(parts: time.struct_time | None, now: datetime | None) -> datetime | None:
    """From a struct_time in UTC, as feedparser gives them."""
    if parts is None:
        return None
    try:
        return plausible(datetime(*parts[:5], min(parts[5], 59), tzinfo=UTC), now)
    except (ValueError, OverflowError):
        return None


def names_year_one(text: str) -> bool:
    """The rule of mail for years of two digits makes 0001 the year 2001; so do readers that follow it."""
    return bool(_YEAR_ONE.search(text))


def read(value: object, now: datetime | None) -> datetime | None:
    """From text: ISO 8601 first, then the dates of mail, then words in Russian or English, day before month."""
    if not isinstance(value, str) or not value.strip() or len(value) > MAX_LENGTH:
        return None
    return plausible(_from_iso(value) or _from_mail(value) or _from_words(value, now), now)


def _from_iso(value: str) -> datetime | None:
    if not _ISO.match(value):
        return None
    try:
        return datetime.fromisoformat(value.strip())
    except ValueError:
        return None


def _from_mail(value: str) -> datetime | None:
    if names_year_one(value):
        return None
    try:
        return parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _from_words(value: str, now: datetime | None) -> datetime | None:
    settings: dict[str, Any] = {
        "DATE_ORDER": "DMY",
        "TIMEZONE": "UTC",
        "TO_TIMEZONE": "UTC",
        "RETURN_AS_TIMEZONE_AWARE": True,
        "PREFER_DATES_FROM": "past",
        "REQUIRE_PARTS": ["day", "month"] if now else ["day", "month", "year"],
        "PARSERS": ["relative-time", "absolute-time"] if now else ["absolute-time"],
        "RELATIVE_BASE": (now or EARLIEST).replace(tzinfo=None),
    }
    try:
        found = dateparser.parse(_MOSCOW.sub("+0300", value), languages=_LANGUAGES, settings=settings)
    except (ValueError, OverflowError, TypeError, AttributeError, RecursionError):
        return None
    return found if isinstance(found, datetime) else None
