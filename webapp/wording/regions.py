"""Time zones and countries to choose from, named in the reader's language."""

from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.core import get_global
from babel.dates import get_timezone_location

from desk.brands import calendars
from webapp.request import languages

Choice = tuple[str, str]


def zones(chosen: str, now: datetime) -> list[Choice]:
    """Every zone by its city, with its distance from Greenwich now; `chosen` stays among them even when it is an
    older name of another one."""
    named = dict(_cities(languages.language()))
    found = {zone: f"{city} ({_offset(zone, now)})" for zone, city in named.items()}
    if chosen and chosen not in found:
        found = {chosen: chosen, **found}
    return list(found.items())


def countries(chosen: str) -> list[Choice]:
    """Every country whose public holidays are known; `chosen` is a code such as RU."""
    found = dict(_countries(languages.language()))
    return list(({chosen: chosen, **found} if chosen and chosen not in found else found).items())


def split(holidays_of: str | None) -> tuple[str, str]:
    """DE-BY as its country and its region."""
    country, _hyphen, region = (holidays_of or "").partition("-")
    return country, region


def joined(country: str, region: str) -> str | None:
    country, region = country.strip().upper(), region.strip().upper()
    return f"{country}-{region}" if country and region else country or None


@cache
def _cities(language: str) -> tuple[Choice, ...]:
    aliases, known = get_global("zone_aliases"), get_global("zone_territories")
    wanted = [zone for zone in available_timezones() if zone in known and zone not in aliases]
    found = [(zone, get_timezone_location(zone, locale=language, return_city=True)) for zone in wanted]
    by_name = sorted((one for one in found if "/" not in one[1]), key=lambda one: one[1])
    return (*by_name, ("UTC", "UTC"))


@cache
def _countries(language: str) -> tuple[Choice, ...]:
    names = Locale.parse(language).territories
    found = [(code, names[code]) for code in calendars.countries() if code in names]
    return tuple(sorted(found, key=lambda one: one[1]))


def _offset(zone: str, now: datetime) -> str:
    """GMT+3, GMT+5:30."""
    seconds = int((now.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()).total_seconds())
    hours, minutes = divmod(abs(seconds) // 60, 60)
    sign = "−" if seconds < 0 else "+"
    return f"GMT{sign}{hours}" + (f":{minutes:02}" if minutes else "")
