"""Databases on a PostgreSQL server of the tests: new ones, copies of one that is migrated, and one that is emptied."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

# Nothing of ours is put into the database to notice this: a backup of it would hold that too.
SHAPE = """
SELECT md5(string_agg(fact, ',' ORDER BY fact)) FROM (
  SELECT concat(oid, relname) AS fact FROM pg_class WHERE relnamespace = 'public'::regnamespace
  UNION ALL
  SELECT concat(attrelid, '.', attnum, attname, atttypid, attnotnull, atthasdef) FROM pg_attribute
    JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'public'::regnamespace
  UNION ALL
  SELECT concat('c', oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
  UNION ALL
  SELECT concat('t', oid) FROM pg_trigger
  UNION ALL
  SELECT concat('n', nspname) FROM pg_namespace WHERE nspname NOT LIKE 'pg_temp%' AND nspname NOT LIKE 'pg_toast_temp%'
) AS facts
"""
"""One word for all tables, columns, indexes, constraints and triggers: another one where any of them was changed."""


def address(server: str, name: str) -> str:
    # psycopg's own addresses have no driver in them; SQLAlchemy's have.
    return f"{server.rsplit('/', 1)[0]}/{name}".replace("postgresql://", "postgresql+psycopg://", 1)


@contextmanager
def new(server: str, template: str = "template0") -> Iterator[str]:
    """The name of a new database on that server, dropped afterwards whoever is still connected."""
    name = f"otklik_test_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        _create(connection, name, template)
        try:
            yield name
        finally:
            _drop(connection, name)


def _create(connection: psycopg.Connection, name: str, template: str) -> None:
    # Copying files is five times quicker than copying through the log, which is PostgreSQL's own choice.
    connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8' STRATEGY FILE_COPY")


def _drop(connection: psycopg.Connection, name: str) -> None:
    connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


class Emptied:
    """One copy of a migrated database, emptied for each test, because a copy for each costs two checkpoints. Where a test
    changed the tables themselves, the next one gets a new copy."""

    def __init__(self, server: str, template: str) -> None:
        self._server, self._template = server, template
        self._connection = psycopg.connect(server, autocommit=True)
        self._copy: psycopg.Connection | None = None
        self._name = self._script = self._shape = ""

    def next(self) -> str:
        """The name of a database as empty as a new one. Nobody is connected to it."""
        if self._copy is None or not self._empty(self._copy):
            self.close_copy()
            self._name = f"otklik_test_{secrets.token_hex(6)}"
            _create(self._connection, self._name, self._template)
            self._copy = psycopg.connect(f"{self._server.rsplit('/', 1)[0]}/{self._name}", autocommit=True)
            self._script, self._shape = _script(self._copy), _one(self._copy, SHAPE)
        return self._name

    def _empty(self, copy: psycopg.Connection) -> bool:
        copy.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid()"
        )
        if _one(copy, SHAPE) != self._shape:
            return False
        copy.execute(self._script)
        return True

    def close_copy(self) -> None:
        if self._copy is not None:
            self._copy.close()
            _drop(self._connection, self._name)
            self._copy = None

    def close(self) -> None:
        self.close_copy()
        self._connection.close()


def _one(copy: psycopg.Connection, query: str) -> str:
    (found,) = copy.execute(query).fetchone() or ("",)
    return str(found)


def _script(copy: psycopg.Connection) -> str:
    """What leaves the rows of a migrated database in it, and no others; numbers begin where they began."""
    tables = [row[0] for row in copy.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    numbers = copy.execute(
        "SELECT sequencename, coalesce(last_value, start_value), last_value IS NOT NULL"
        " FROM pg_sequences WHERE schemaname = 'public'"
    ).fetchall()
    return ";".join(
        [
            "BEGIN; SET LOCAL session_replication_role = replica",  # in any order, whatever refers to what
            *(f'DELETE FROM public."{table}"' for table in tables),
            *(_insert(copy, table, row) for table in tables for row in _rows(copy, table)),
            *(f"SELECT setval('public.\"{name}\"', {at}, {is_used})" for name, at, is_used in numbers),
            "COMMIT",
        ]
    )


def _rows(copy: psycopg.Connection, table: str) -> list[str]:
    query = sql.SQL("SELECT row_to_json(one)::text FROM {} AS one").format(sql.Identifier("public", table))
    return [row[0] for row in copy.execute(query)]


def _insert(copy: psycopg.Connection, table: str, row: str) -> str:
    made = "INSERT INTO {0} SELECT * FROM json_populate_record(NULL::{0}, {1})"
    return sql.SQL(made).format(sql.Identifier("public", table), sql.Literal(row)).as_string(copy)
