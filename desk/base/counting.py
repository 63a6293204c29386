"""Counting with a bound: beyond some number people need to know only that there are more, and the database need not look on."""

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase


def up_to(
    most: int | None, of: type[DeclarativeBase], *conditions: sa.ColumnElement[bool]
) -> sa.ScalarSelect[int]:
    """How many rows hold to the conditions, as a part of a query. It stops at `most` + 1, which reads "more than `most`";
    None counts all of them."""
    if most is None:
        return sa.select(sa.func.count()).select_from(of).where(*conditions).scalar_subquery()
    some = sa.select(sa.literal(1).label("one")).select_from(of).where(*conditions)
    return sa.select(sa.func.count()).select_from(some.limit(most + 1).subquery()).scalar_subquery()
