"""Words in dates: months and days of the week in twelve languages, names of time zones, and words around a date.

The names of months and days are Babel's. A word that means two months is none; a zone's name that means two zones
(IST is India's, Israel's and Ireland's) is not known, as a moment that is off by hours is worse than none.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta, timezone, tzinfo
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale

LANGUAGES: Final = ("ru", "en", "de", "uk", "be", "fr", "es", "it", "pt", "nl", "pl", "cs")
DAY_FIRST: Final = frozenset(LANGUAGES) - {"en"} | {
    "kk",
    "ro",
    "bg",
    "sr",
    "tr",
    "fi",
    "da",
    "nb",
    "no",
    "el",
}
"""Languages in which nobody writes the month before the day. English has both orders, whatever its tag says:
software is sent out as American and stays so."""
_MORE_MONTHS: Final = {
    "янв": 1, "фев": 2, "мрт": 3, "июнь": 6, "сен": 9, "ноя": 11, "jän": 1, "jänner": 1, "feber": 2, "mrz": 3,
    "maerz": 3,
}  # fmt: skip
_MORE_DAYS: Final = {
    "tues": 1,
    "thur": 3,
    "thurs": 3,
    "weds": 2,
    "пнд": 0,
    "втр": 1,
    "срд": 2,
    "чтв": 3,
    "птн": 4,
}

_FILLERS_OF: Final = {
    "ru": ("г", "год", "года", "в", "от", "дата", "написано", "опубликовано", "добавлено"),
    "en": ("at", "on", "of", "the", "date", "posted", "published", "updated"),
    "de": ("um", "uhr", "den", "der", "am", "vom"),
    "fr": ("le", "à"),
    "es": ("de", "del"),
}
FILLERS: Final = frozenset(word for words in _FILLERS_OF.values() for word in words)
DAYS_AGO: Final = {
    "today": 0, "сегодня": 0, "heute": 0, "yesterday": 1, "вчера": 1, "gestern": 1, "позавчера": 2, "vorgestern": 2,
}  # fmt: skip

UTC_NAMES: Final = frozenset(("z", "ut", "utc", "gmt"))
_MINUTES: Final = {
    **dict.fromkeys(UTC_NAMES, 0), "wet": 0, "west": 60, "bst": 60,
    "cet": 60, "met": 60, "mez": 60, "cest": 120, "mest": 120, "mesz": 120, "eet": 120, "eest": 180, "trt": 180,
    "msd": 240, "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420,
    "akst": -540, "akdt": -480, "hst": -600, "nst": -210, "ndt": -150, "brt": -180,
    "uzt": 300, "sgt": 480, "hkt": 480, "jst": 540, "kst": 540, "awst": 480, "acst": 570, "acdt": 630, "aest": 600,
    "aedt": 660, "nzst": 720, "nzdt": 780,
}  # fmt: skip
"""American names as the rules of mail (RFC 822) define them, the others where only one place uses them."""
_REGIONS: Final = {
    "msk": "Europe/Moscow", "мск": "Europe/Moscow", "samt": "Europe/Samara", "yekt": "Asia/Yekaterinburg",
    "omst": "Asia/Omsk", "novt": "Asia/Novosibirsk", "krat": "Asia/Krasnoyarsk", "irkt": "Asia/Irkutsk",
    "yakt": "Asia/Yakutsk", "vlat": "Asia/Vladivostok", "magt": "Asia/Magadan", "pett": "Asia/Kamchatka",
    "et": "America/New_York", "ct": "America/Chicago", "mt": "America/Denver", "pt": "America/Los_Angeles",
}  # fmt: skip
"""Names whose distance from Greenwich was another one in other years, or is another one in summer."""


@cache
def months() -> Mapping[str, int]:
    found: dict[str, set[int]] = {}
    for locale in _locales():
        for name, number in _names(locale.months):
            found.setdefault(name, set()).add(number)
    return {name: min(numbers) for name, numbers in found.items() if len(numbers) == 1} | _MORE_MONTHS


@cache
def weekdays() -> Mapping[str, int | None]:
    """Monday is 0; None for a word that is another day in another language."""
    found: dict[str, set[int]] = {}
    for locale in _locales():
        for name, number in _names(locale.days):
            found.setdefault(name, set()).add(number)
    return {name: min(days) if len(days) == 1 else None for name, days in found.items()} | _MORE_DAYS


def zone(name: str) -> tzinfo | None:
    """The zone of a name in lower case: an abbreviation, or a name such as europe/moscow."""
    if name in _MINUTES:
        return timezone(timedelta(minutes=_MINUTES[name]))
    key = _REGIONS.get(name) or ("/".join(part.title() for part in name.split("/")) if "/" in name else "")
    try:
        return ZoneInfo(key) if key else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def is_day_first_in(language: str | None) -> bool | None:
    return True if language in DAY_FIRST else None


def _locales() -> list[Any]:
    return [Locale(language) for language in LANGUAGES]


def _names(forms: Any) -> Iterator[tuple[str, int]]:
    """Every spelling of every name, in whole and short, as it stands in a date and alone."""
    for use in ("format", "stand-alone"):
        for width in ("wide", "abbreviated", "short"):
            for number, name in forms[use].get(width, {}).items():
                yield name.casefold().strip("."), number
