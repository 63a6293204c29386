"""Which rows hold JSON that somebody damaged by hand: what the desk goes by, and every row there is."""

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from desk.base.damage import is_damaged
from desk.base.stored import StoredObject, StoredObjects, StoredSentences, StoredTexts
from desk.brands import calendars
from desk.models import Base, Brand, Rule
from desk.routing import rulebook

AT_ONCE = 1000
STORED = StoredObject | StoredObjects | StoredTexts | StoredSentences


@dataclass(frozen=True, slots=True)
class Damage:
    """What of a brand cannot be read: names, hours or rule. Sources tell of theirs themselves."""

    brand: str
    what: str


def of_brands(session: Session) -> list[Damage]:
    """What the desk goes by from day to day. Two small queries."""
    found = []
    for brand in session.scalars(sa.select(Brand).order_by(Brand.id)):
        if is_damaged(brand.words) or is_damaged(brand.own_names):
            found.append(Damage(brand.name, "names"))
        if not calendars.is_whole(brand.calendar):
            found.append(Damage(brand.name, "hours"))
    rules = sa.select(Rule, Brand.name).join(Brand, Brand.id == Rule.brand_id).order_by(Rule.id)
    damaged = [name for rule, name in session.execute(rules) if not rulebook.is_whole(rule)]
    return found + [Damage(name, "rule") for name in dict.fromkeys(damaged)]


def everywhere(connection: Connection) -> Iterator[str]:
    """One sentence for each row whose JSON cannot be read, in every table."""
    for table in Base.metadata.sorted_tables:
        columns = [one for one in table.columns if isinstance(one.type, STORED)]
        if not columns:
            continue
        rows = connection.execute(sa.select(table.c.id, *columns).order_by(table.c.id)).yield_per(AT_ONCE)
        for row in rows:
            for column, value in zip(columns, row[1:], strict=True):
                if is_damaged(value):
                    yield f"Row {row[0]} of {table.name}: {column.name} cannot be read."
