"""A new brand, ready to listen: its hours and policies, and the rules that route what is said of it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from desk.base.errors import Conflict
from desk.brands import brands, calendars, defaults, policies
from desk.models import Brand, Calendar
from desk.routing import rulebook


def create(
    session: Session,
    name: str,
    *,
    words: Sequence[str] = (),
    own_names: Sequence[str] = (),
    time_zone: str,
    now: datetime,
    is_sample: bool = False,
    is_competitor: bool = False,
) -> Brand:
    """A brand with the hours, policies and rules of desk/brands/defaults.py; without words or own names, its name is both.

    Raises Invalid, Conflict (code "exists").
    """
    name = brands.read_name(name, "name")
    calendars.read_zone(time_zone)
    brand = Brand(
        name=name,
        words=brands.tidied(words) or [name],
        own_names=brands.tidied_own_names(own_names, name),
        is_sample=is_sample,
        is_competitor=is_competitor,
        calendar=_calendar(name, time_zone),
        created_at=now,
    )
    try:
        with session.begin_nested():
            session.add(brand)
    except IntegrityError as error:
        raise Conflict(f"There is a brand called {name!r} already.", code="exists", name=name) from error
    for target in defaults.POLICIES:
        policies.store(session, brand.id, target)
    rulebook.propose(session, brand.id, defaults.RULES)
    return brand


def _calendar(name: str, time_zone: str) -> Calendar:
    return Calendar(
        name=name,
        time_zone=time_zone,
        hours=defaults.HOURS,
        exceptions={},
        holidays_of=defaults.holidays_in(time_zone),
    )
