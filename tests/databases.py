"""Databases on a PostgreSQL server of the tests: new ones, copies of one that is migrated, and one that is emptied."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

KEPT = "kept_for_tests"
"""A schema beside the product's own: what a migrated database holds at first, and whether its tables were changed."""


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
    """One copy of a migrated database, emptied for each test: twenty times quicker than a copy for each. Where a test
    changed the tables themselves, the next one gets a new copy."""

    def __init__(self, server: str, template: str) -> None:
        self._server, self._template = server, template
        self._connection = psycopg.connect(server, autocommit=True)
        self._copy: psycopg.Connection | None = None
        self._name, self._script = "", ""

    def next(self) -> str:
        """The name of a database as empty as a new one. Nobody is connected to it."""
        if self._copy is None or not self._empty(self._copy):
            self.close_copy()
            self._name = f"otklik_test_{secrets.token_hex(6)}"
            _create(self._connection, self._name, self._template)
            self._copy = psycopg.connect(f"{self._server.rsplit('/', 1)[0]}/{self._name}", autocommit=True)
            self._script = _prepared(self._copy)
        return self._name

    def _empty(self, copy: psycopg.Connection) -> bool:
        copy.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid()"
        )
        if copy.execute(f"SELECT 1 FROM {KEPT}.changes LIMIT 1").fetchone():
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


def _prepared(copy: psycopg.Connection) -> str:
    """Keeps the rows of a migrated database and notes changes of its tables; returns what brings those rows back."""
    tables = [row[0] for row in copy.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    filled = [
        table
        for table in tables
        if copy.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(table))).fetchone()
    ]
    numbers = copy.execute(
        "SELECT sequencename, coalesce(last_value, start_value), last_value IS NOT NULL"
        " FROM pg_sequences WHERE schemaname = 'public'"
    ).fetchall()
    copy.execute(f"CREATE SCHEMA {KEPT}")
    copy.execute(f"CREATE TABLE {KEPT}.changes (what text)")
    for table in filled:
        copy.execute(f'CREATE TABLE {KEPT}."{table}" AS TABLE public."{table}"')
    copy.execute(
        f"CREATE FUNCTION {KEPT}.note() RETURNS event_trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN INSERT INTO {KEPT}.changes VALUES (tg_tag); END $$"
    )
    for moment in ("ddl_command_end", "table_rewrite"):
        copy.execute(f"CREATE EVENT TRIGGER note_{moment} ON {moment} EXECUTE FUNCTION {KEPT}.note()")
    return ";".join(
        [
            "BEGIN; SET LOCAL session_replication_role = replica",  # in any order, whatever refers to what
            *(f'DELETE FROM public."{table}"' for table in tables),
            *(f'INSERT INTO public."{table}" SELECT * FROM {KEPT}."{table}"' for table in filled),
            *(f"SELECT setval('public.\"{name}\"', {at}, {is_used})" for name, at, is_used in numbers),
            "COMMIT",
        ]
    )
