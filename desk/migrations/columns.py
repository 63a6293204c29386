"""How migrations spell columns, the same on both databases. Released migrations stand on it: add, never change."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

MOMENT = sa.DateTime(timezone=True)


def is_sqlite() -> bool:
    return op.get_context().dialect.name == "sqlite"


def key() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, primary_key=True)


def to(target: str, name: str, *, ondelete: str | None = None, nullable: bool = True) -> sa.Column[int]:
    """A column that points at another table's row."""
    return sa.Column(name, sa.Integer, sa.ForeignKey(target, ondelete=ondelete), nullable=nullable)


def word(name: str, values: Sequence[str], *, nullable: bool = True) -> sa.Column[str]:
    """A column that holds one of these words, with a check constraint that says so."""
    kind = sa.Enum(*values, name=name, native_enum=False, length=32, create_constraint=True)
    return sa.Column(name, kind, nullable=nullable)
