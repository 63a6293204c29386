"""The response targets of a brand, each with its versions. What is changed here never rewrites what was decided before."""

from datetime import time

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base.errors import Conflict, Invalid, NotFound
from desk.base.words import TargetKind
from desk.brands import brands
from desk.brands.targets import Target
from desk.models import Policy

SHORTEST_SECONDS, LONGEST_SECONDS = 60, 60 * 86_400


def in_force(session: Session, brand_id: int, name: str) -> Target:
    """The version in force."""
    return _target(_current(session, brand_id, name))


def all_in_force(session: Session, brand_id: int) -> list[Target]:
    """All versions in force, in the order in which the names were first used."""
    rows = session.scalars(sa.select(Policy).where(Policy.brand_id == brand_id).order_by(Policy.id)).all()
    order = list(dict.fromkeys(row.name for row in rows))
    return sorted(
        (_target(row) for row in rows if row.is_current), key=lambda target: order.index(target.name)
    )


def add(
    session: Session,
    brand_id: int,
    name: str,
    *,
    kind: TargetKind,
    seconds: int | None = None,
    clock: time | None = None,
) -> Target:
    """Raises Invalid, Conflict (code "exists")."""
    name = brands.read_name(name, "name")
    target = _checked(Target(name, 1, kind, seconds, clock))
    brands.lock(session, brand_id)
    if session.scalar(sa.select(Policy.id).where(Policy.brand_id == brand_id, Policy.name == name).limit(1)):
        raise Conflict(f"There is a policy called {name!r} already.", code="exists", name=name)
    return store(session, brand_id, target)


def change(
    session: Session,
    brand_id: int,
    name: str,
    *,
    kind: TargetKind,
    seconds: int | None = None,
    clock: time | None = None,
) -> Target:
    """The next version, in force from now on; the same values again make none. Raises Invalid, NotFound."""
    brands.lock(session, brand_id)
    old = _current(session, brand_id, name)
    target = _checked(Target(name, old.version + 1, kind, seconds, clock))
    if (old.target, old.seconds, old.clock) == (target.kind, target.seconds, target.clock):
        return _target(old)
    old.is_current = False
    return store(session, brand_id, target)


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


def store(session: Session, brand_id: int, target: Target) -> Target:
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
