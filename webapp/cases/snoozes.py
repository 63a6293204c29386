"""When a snoozed case comes back: a few moments a person means, on his own clock."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from desk.base.errors import Invalid
from webapp.request import typed

MORNING = time(9, 0)
MONDAY = 0
LONGEST = timedelta(days=365)
TITLES: dict[str, Any] = {
    "hour": _l("for an hour"),
    "three_hours": _l("for three hours"),
    "tomorrow": _l("until tomorrow morning"),
    "monday": _l("until Monday morning"),
    "week": _l("for a week"),
}


def until(choice: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The moment behind a choice of TITLES, or behind a local date and time as a browser's field writes it.

    Raises Invalid.
    """
    here = now.astimezone(zone)
    tomorrow = here + timedelta(days=1)
    to_monday = timedelta(days=(MONDAY - here.weekday() - 1) % 7 + 1)
    moments = {
        "hour": now + timedelta(hours=1),
        "three_hours": now + timedelta(hours=3),
        "tomorrow": datetime.combine(tomorrow.date(), MORNING, zone),
        "monday": datetime.combine((here + to_monday).date(), MORNING, zone),
        "week": datetime.combine((here + timedelta(days=7)).date(), MORNING, zone),
    }
    moment = moments[choice] if choice in moments else _typed(choice, zone)
    if moment - now > LONGEST:
        raise Invalid(_("A case can be snoozed for a year at most."), "until")
    return moment.astimezone(UTC)


def _typed(choice: str, zone: ZoneInfo) -> datetime:
    if (found := typed.moment(choice, zone)) is None:
        raise Invalid(_("Choose until when to snooze it."), "until")
    return found
