"""Which version the tables are of, and which one this program needs, without Alembic: watchdogs ask every few seconds, and
a web process needs Alembic for nothing else."""

from functools import cache
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

MIGRATIONS = Path(__file__).parents[1] / "migrations" / "versions"
_IN_FORCE = sa.text("SELECT version_num FROM alembic_version")


@cache
def needed() -> str:
    """The newest migration: each file's name begins with its number, which is its revision."""
    return max(path.name.partition("_")[0] for path in MIGRATIONS.glob("[0-9]*_*.py"))


def is_current(connection: Connection) -> bool:
    if not sa.inspect(connection).has_table("alembic_version"):
        return False
    return [needed()] == list(connection.scalars(_IN_FORCE))
