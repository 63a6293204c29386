"""Numbers and moments as they stand in addresses and forms: read here and nowhere else, so that none is too large or
too far away for a database. What cannot be read is None; a view says whether that is a mistake."""

import re
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask import Request as FlaskRequest
from flask_babel import gettext as _
from werkzeug.datastructures import ImmutableMultiDict, iter_multi_items

from desk.base.errors import Invalid

LARGEST = 2**31 - 1
FIRST_YEAR, LAST_YEAR = 1971, 2199


_UNKEPT = re.compile("[\x00\ud800-\udfff]")


class Values(ImmutableMultiDict[str, str]):
    """What stands in an address or a form, without what PostgreSQL takes in no text: zero bytes and halves of surrogate
    pairs. No field of ours means anything by them."""

    def __init__(self, mapping: Any = None) -> None:
        found = [] if mapping is None else list(iter_multi_items(mapping))
        super().__init__([(_kept(name), _kept(value)) for name, value in found])


def _kept(text: Any) -> Any:
    return _UNKEPT.sub("", text) if isinstance(text, str) else text


class Request(FlaskRequest):
    parameter_storage_class = Values


def number(text: str | None) -> int | None:
    """A whole number from 0 to LARGEST, in plain digits."""
    if not text or len(text) > 10 or not (text.isascii() and text.isdigit()):
        return None
    found = int(text)
    return found if found <= LARGEST else None


def number_or_nothing(text: str | None, field: str) -> int | None:
    """None for an empty field. Raises Invalid for anything else that is no number."""
    if not (text or "").strip():
        return None
    if (found := number(text)) is None:
        raise Invalid(_("This is not a number that can be stored."), field)
    return found


def day(text: str | None) -> date | None:
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if FIRST_YEAR <= found.year <= LAST_YEAR else None


def time_of_day(text: str | None) -> time | None:
    """Like 11:00, without seconds or a zone."""
    try:
        found = datetime.strptime(text or "", "%H:%M").time()
    except ValueError:
        return None
    return found if (text or "").isascii() else None


def moment(text: str | None, zone: ZoneInfo) -> datetime | None:
    """A date and time as a browser's field writes it, on the reader's clock; in UTC."""
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return found.replace(tzinfo=zone).astimezone(UTC) if FIRST_YEAR <= found.year <= LAST_YEAR else None
