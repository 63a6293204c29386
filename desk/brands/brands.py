"""Brands, their words, own names and calendars. What is changed here never rewrites what was decided before."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base.damage import is_damaged
from desk.base.errors import Conflict, Invalid, NotFound
from desk.brands import calendars
from desk.models import Brand, Calendar
from desk.queries import grammar, names

MOST_WORDS = 100


def load(session: Session, brand_id: int) -> Brand:
    """Raises NotFound."""
    if (brand := session.get(Brand, brand_id)) is None:
        raise NotFound(f"There is no brand {brand_id}.")
    return brand


def named(session: Session, name: str) -> Brand:
    """Raises NotFound."""
    brand = session.scalar(sa.select(Brand).where(Brand.name == name.strip()))
    if brand is None:
        raise NotFound(f"There is no brand called {name!r}.")
    return brand


def all_brands(session: Session) -> list[Brand]:
    """In the order in which they were created."""
    return list(session.scalars(sa.select(Brand).order_by(Brand.id)))


def lock(session: Session, brand_id: int) -> None:
    """One change of a brand's rules and policies at a time. Raises NotFound."""
    if session.scalar(sa.select(Brand.id).where(Brand.id == brand_id).with_for_update()) is None:
        raise NotFound(f"There is no brand {brand_id}.")


def change(
    session: Session,
    brand_id: int,
    *,
    name: str,
    words: Sequence[str],
    own_names: Sequence[str],
    is_competitor: bool = False,
) -> Brand:
    """What was collected keeps its marks, and open cases stay open; own names count from the next reading on. Raises NotFound, Invalid,
    Conflict (code "exists")."""
    brand, name = load(session, brand_id), read_name(name, "name")
    if session.scalar(sa.select(Brand.id).where(Brand.name == name, Brand.id != brand_id)) is not None:
        raise Conflict(f"There is a brand called {name!r} already.", code="exists", name=name)
    brand.name, brand.is_competitor = name, is_competitor
    brand.words = _limited(words) or [name]
    brand.own_names = tidied_own_names(_limited(own_names), name)
    session.flush()
    return brand


def query_of(brand: Brand) -> str:
    """What is looked for: its own query, or its name and the other names that people use for it. A stored query that this
    version cannot read is no error here: whoever parses it is told."""
    if brand.query is not None:
        return brand.query
    words = [] if is_damaged(brand.words) else brand.words
    return names.query_of([brand.name, *words])


def change_query(session: Session, brand_id: int, text: str) -> Brand:
    """An empty one gives the brand back to its names. What was filed by the earlier query stays where it is. Raises NotFound,
    QueryFault."""
    brand = load(session, brand_id)
    query = " ".join(text.split())
    if query:
        grammar.parse(query)
    brand.query = query or None
    session.flush()
    return brand


def change_hours(
    session: Session,
    calendar_id: int,
    hours: dict[str, Any],
    exceptions: dict[str, Any],
    holidays_of: str | None,
    *,
    time_zone: str | None = None,
) -> Calendar:
    """Cases keep the due time they were given. Raises Invalid (its `field` names the argument), NotFound."""
    row = session.get(Calendar, calendar_id)
    if row is None:
        raise NotFound(f"There is no calendar {calendar_id}.")
    calendars.read(time_zone or row.time_zone, hours, exceptions, holidays_of)
    row.time_zone, row.holidays_of = time_zone or row.time_zone, holidays_of or None
    row.hours, row.exceptions = dict(hours), dict(exceptions)
    session.flush()
    return row


def read_name(text: str, field: str) -> str:
    """In one line. Raises Invalid, with that `field`."""
    name = " ".join(text.split())
    if not 1 <= len(name) <= 200:
        raise Invalid("A name must have 1 to 200 characters.", field=field)
    return name


def tidied_own_names(own_names: Sequence[str], name: str) -> list[str]:
    """Names first, because answers are signed with the first one; the brand's own where there is none. Then the addresses
    of profiles, by which desk/mentions/authorship.py knows the brand where a site shows them."""
    given = tidied(own_names)
    addresses = [one for one in given if one.startswith(("http://", "https://"))]
    return [*([one for one in given if one not in addresses] or [name]), *addresses]


def tidied(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(word.strip() for word in words if word.strip()))


def _limited(words: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(word.strip()[:200] for word in words if word.strip()))[:MOST_WORDS]
