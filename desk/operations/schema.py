"""The shape of the database: brought up to date, and compared with the models. Safe to run in many processes."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock
from sqlalchemy.engine import Connection, Engine

from desk.base import db
from desk.mentions import search
from desk.models import Base
from desk.models.tally import TRIGGERS
from desk.operations import damages, schema_version

# Any number does, as long as every process of ours asks PostgreSQL for the same one.
UPGRADE_LOCK = 7_265_845_301
# Full text is not made of plain tables (search.py), so the models do not know of it.
SEARCH_TABLES = (search.MENTIONS.table, search.CASES.table)


def upgrade(address: str | None = None) -> None:
    """Runs the migrations that are missing, all in one transaction; a second process waits and finds none."""
    with _connected(address) as engine, _alone(engine), _writing(engine) as connection:
        command.upgrade(_config(connection), "head")


def downgrade(revision: str, address: str | None = None) -> None:
    """Undoes migrations down to `revision` ("base": all of them, and every row with them)."""
    with _connected(address) as engine, _alone(engine), _writing(engine) as connection:
        command.downgrade(_config(connection), revision)


def is_current(address: str | None = None) -> bool:
    with _connected(address) as engine, engine.connect() as connection:
        return schema_version.is_current(connection)


def revision(address: str) -> str | None:
    """Which version of the tables that database has; None where it has none of ours."""
    with _connected(address) as engine, engine.connect() as connection:
        return _revision(connection)


def knows(wanted: str) -> bool:
    """Whether this program can bring such a database up to date: one of a newer version it cannot."""
    return any(
        script.revision == wanted for script in ScriptDirectory.from_config(_config()).walk_revisions()
    )


def check(address: str | None = None) -> list[str]:
    """What is wrong with the database, one sentence each; an empty list: nothing is. Changes nothing."""
    with _connected(address) as engine, engine.connect() as connection:
        revision = _revision(connection)
        if revision is None:
            return ["The database is empty: run `otklik db upgrade`."]
        if revision != _head():
            return [
                f"The database is at revision {revision}, the program at {_head()}: run `otklik db upgrade`."
            ]
        return [*_differences(connection), *_damages(connection), *damages.everywhere(connection)]


@contextmanager
def _connected(address: str | None) -> Iterator[Engine]:
    if address is None:
        yield db.engine()
        return
    engine = db.connect(address)
    try:
        yield engine
    finally:
        engine.dispose()


def _alone(engine: Engine) -> Any:
    # Even the first connection to a new SQLite file fails at once while another one switches it to WAL, so the
    # turn is taken outside of it. PostgreSQL has a lock of its own for this.
    if engine.dialect.name == "sqlite" and engine.url.database not in (None, ":memory:"):
        return FileLock(Path(engine.url.database).with_suffix(".upgrade.lock"))
    return nullcontext()


@contextmanager
def _writing(engine: Engine) -> Iterator[Connection]:
    with engine.execution_options(is_write=True).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(UPGRADE_LOCK)))
        yield connection


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", "desk:migrations")
    config.attributes["connection"] = connection
    return config


def _head() -> str | None:
    return ScriptDirectory.from_config(_config()).get_current_head()


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def is_modelled(_item: Any, name: str | None, kind: str, _is_reflected: bool, _other: Any) -> bool:
    """Which tables Alembic compares with the models."""
    return not (kind == "table" and name is not None and name.startswith(SEARCH_TABLES))


def _differences(connection: Connection) -> list[str]:
    context = MigrationContext.configure(
        connection, opts={"include_object": is_modelled, "compare_type": True}
    )
    found = [_worded(difference) for difference in compare_metadata(context, Base.metadata)]
    inspector = sa.inspect(connection)
    lacking = [table for table in SEARCH_TABLES if not inspector.has_table(table)]
    found += [f"Table {table} (full text) is missing." for table in lacking]
    return found + [
        f"Trigger {name} is missing: the numbers on the Sources page are not kept."
        for name in TRIGGERS
        if name not in _triggers(connection)
    ]


def _triggers(connection: Connection) -> Collection[str]:
    is_sqlite = connection.dialect.name == "sqlite"
    named = "name FROM sqlite_master WHERE type = 'trigger'" if is_sqlite else "tgname FROM pg_trigger"
    return connection.execute(sa.text(f"SELECT {named}")).scalars().all()


def _worded(difference: Any) -> str:
    """Alembic's tuple as a sentence: what the models have and the database has not, or the other way round."""
    if isinstance(difference, list):  # changes of one column come as a list
        return " ".join(_worded(part) for part in difference)
    action, subject = str(difference[0]), difference[-1]
    if action.startswith("modify_"):
        return f"Column {difference[2]}.{difference[3]}: its {action.removeprefix('modify_')} differs from the model."
    what = action.split("_", 1)[1]
    table = getattr(getattr(subject, "table", None), "name", None) or (
        difference[2] if action.endswith("_column") else None
    )
    name = f"{table}.{subject.name}" if table and what != "table" else subject.name
    verb = "is missing" if action.startswith("add_") else "is not in the models"
    return f"{what.capitalize()} {name} {verb}."


def _damages(connection: Connection) -> list[str]:
    if connection.dialect.name == "sqlite":
        return _sqlite_damages(connection)
    return _postgresql_damages(connection)


def _sqlite_damages(connection: Connection) -> list[str]:
    lines = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
    found = [f"SQLite: {line}." for line in lines if line != "ok"]
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    return found + [f"Row {row[1]} of {row[0]} points to a row of {row[2]} that is gone." for row in broken]


def _postgresql_damages(connection: Connection) -> list[str]:
    """Constraints and indexes that PostgreSQL itself holds to be unfinished, and an encoding that loses letters."""
    encoding = connection.execute(sa.text("SHOW server_encoding")).scalar_one()
    found = [] if encoding == "UTF8" else [f"The database is encoded in {encoding}, not in UTF8."]
    loose = connection.execute(sa.text("SELECT conname FROM pg_constraint WHERE NOT convalidated")).scalars()
    found += [f"Constraint {name} was never validated." for name in loose]
    invalid = connection.execute(
        sa.text("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid")
    ).scalars()
    return found + [f"Index {name} is invalid: run REINDEX." for name in invalid]
