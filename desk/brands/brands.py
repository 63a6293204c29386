"""Brands, their calendars and their policies. What is changed here never rewrites what was decided before."""

from collections.abc import Iterable, Sequence
from datetime import time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base.errors import Conflict, Invalid, NotFound
from desk.base.words import TargetKind
from desk.brands import calendars
from desk.brands.defaults import FALLBACK_POLICY
from desk.brands.targets import Target
from desk.models import Brand, Calendar, Policy

__all__ = [
    "FALLBACK_POLICY",
    "add_policy",
    "all_brands",
    "change_hours",
    "change_policy",
    "lock",
    "named",
    "policies",
    "policy",
    "read_name",
    "store_policy",
    "tidied",
    "tidied_own_names",
]

SHORTEST_SECONDS, LONGEST_SECONDS = 60, 60 * 86_400


def tidied_own_names(own_names: Sequence[str], name: str) -> list[str]:
    """Names first, because answers are signed with the first one; the brand's own where there is none. Then the addresses
    of profiles, by which desk/mentions/authorship.py knows the brand where a site shows them."""
    given = tidied(own_names)
    addresses = [one for one in given if one.startswith(("http://", "https://"))]
    return [*([one for one in given if one not in addresses] or [name]), *addresses]


def named(session: Session, name: str) -> Brand:
    brand = session.scalar(sa.select(Brand).where(Brand.name == name.strip()))
    if brand is None:
        raise NotFound(f"There is no brand called {name!r}.")
    return brand


def all_brands(session: Session) -> list[Brand]:
    """In the order in which they were created."""
    return list(session.scalars(sa.select(Brand).order_by(Brand.id)))


def policy(session: Session, brand_id: int, name: str) -> Target:
    """The version in force."""
    return _target(_current(session, brand_id, name))


def policies(session: Session, brand_id: int) -> list[Target]:
    """All versions in force, in the order in which the names were first used."""
    rows = session.scalars(sa.select(Policy).where(Policy.brand_id == brand_id).order_by(Policy.id)).all()
    order = list(dict.fromkeys(row.name for row in rows))
    return sorted(
        (_target(row) for row in rows if row.is_current), key=lambda target: order.index(target.name)
    )


def add_policy(
    session: Session,
    brand_id: int,
    name: str,
    *,
    kind: TargetKind,
    seconds: int | None = None,
    clock: time | None = None,
) -> Target:
    """Raises Invalid, Conflict (code "exists")."""
    name = read_name(name, "name")
    target = _checked(Target(name, 1, kind, seconds, clock))
    lock(session, brand_id)
    if session.scalar(sa.select(Policy.id).where(Policy.brand_id == brand_id, Policy.name == name).limit(1)):
        raise Conflict(f"There is a policy called {name!r} already.", code="exists", name=name)
    return store_policy(session, brand_id, target)


def change_policy(
    session: Session,
    brand_id: int,
    name: str,
    *,
    kind: TargetKind,
    seconds: int | None = None,
    clock: time | None = None,
) -> Target:
    """The next version, in force from now on; the same values again make none. Raises Invalid, NotFound."""
    lock(session, brand_id)
    old = _current(session, brand_id, name)
    target = _checked(Target(name, old.version + 1, kind, seconds, clock))
    if (old.target, old.seconds, old.clock) == (target.kind, target.seconds, target.clock):
        return _target(old)
    old.is_current = False
    return store_policy(session, brand_id, target)


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


def lock(session: Session, brand_id: int) -> None:
    """One change of a brand's rules and policies at a time. Raises NotFound."""
    if session.scalar(sa.select(Brand.id).where(Brand.id == brand_id).with_for_update()) is None:
        raise NotFound(f"There is no brand {brand_id}.")


def read_name(text: str, field: str) -> str:
    name = " ".join(text.split())
    if not 1 <= len(name) <= 200:
        raise Invalid("A name must have 1 to 200 characters.", field=field)
    return name


def tidied(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(word.strip() for word in words if word.strip()))


def _current(session: Session, brand_id: int, name: str) -> Policy:
    query = sa.select(Policy).where(Policy.brand_id == brand_id, Policy.name == name, Policy.is_current)
    row = session.scalar(query)
    if row is None:
        raise NotFound(f"There is no policy called {name!r}.")
    return row


def _checked(target: Target) -> Target:
    """The target with nothing but what its kind needs."""
    if target.kind is TargetKind.BY_CLOCK:
        if target.clock is None or target.clock.tzinfo is not None:
            raise Invalid("A target by clock needs a time of day like 11:00.", field="clock")
        return Target(
            target.name, target.version, target.kind, clock=target.clock.replace(second=0, microsecond=0)
        )
    if target.seconds is None or not SHORTEST_SECONDS <= target.seconds <= LONGEST_SECONDS:
        raise Invalid("A target must be between a minute and 60 days of open hours.", field="seconds")
    return Target(target.name, target.version, target.kind, seconds=target.seconds)


def store_policy(session: Session, brand_id: int, target: Target) -> Target:
    session.add(
        Policy(
            brand_id=brand_id,
            name=target.name,
            version=target.version,
            target=target.kind,
            seconds=target.seconds,
            clock=target.clock,
            is_current=True,
        )
    )
    session.flush()
    return target


def _target(row: Policy) -> Target:
    return Target(row.name, row.version, row.target, row.seconds, row.clock)
