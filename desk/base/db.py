"""Engine, sessions and column types. `transaction()` is the only way to write and the only commit."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeDecorator

from desk.base import settings

BUSY_TIMEOUT_MS = 30_000
Busy = sa.exc.OperationalError
"""What a database says that is locked, or away: no fault of what was to be stored, and gone when it is tried again."""


class UtcDateTime(TypeDecorator[datetime]):
    """Aware datetimes in UTC on both databases; a naive one is a programming error and is refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime where an aware one is needed")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002 -- the base class names it
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def connect(address: str) -> Engine:
    """An engine for that address, with what SQLite needs to be shared by several processes."""
    if not address.startswith("sqlite"):
        return sa.create_engine(
            address, pool_pre_ping=True, pool_size=10, max_overflow=40, hide_parameters=True
        )
    if path := sa.make_url(address).database:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        address,
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False},
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that begins as a read and turns into a write fails at once with "locked", whatever the
    # timeout; so whoever means to write says so before the first statement.
    is_write = connection.get_execution_options().get("is_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN")


@cache
def engine() -> Engine:
    return connect(settings.current().database_address)


def forget() -> None:
    """Drops this process's engine, so that a test or a forked child makes its own."""
    if engine.cache_info().currsize:
        engine().dispose()
    engine.cache_clear()


@contextmanager
def transaction() -> Iterator[Session]:
    """One unit of writing: commits when the block ends well, rolls back when it raises."""
    session = Session(engine().execution_options(is_write=True), expire_on_commit=False)
    with session, session.begin():
        yield session


@contextmanager
def snapshot() -> Iterator[Session]:
    """A consistent view for reading; whatever was changed in it is thrown away."""
    with Session(engine(), autoflush=False, expire_on_commit=False) as session:
        yield session


def flush(session: Session) -> None:
    """Hands the database what was changed so far: what it refuses is refused now, before anybody is told of a success."""
    session.flush()


def after_commit(session: Session, name: str, action: Callable[[], object]) -> None:
    """Runs `action` once after this session's commit; a later action of the same name replaces an earlier one."""
    session.info.setdefault("after_commit", {})[name] = action


@event.listens_for(Session, "after_commit")
def _run_after_commit(session: Session) -> None:
    # The release of a savepoint comes here too, and is no commit yet.
    if session.in_nested_transaction():
        return
    for action in session.info.pop("after_commit", {}).values():
        action()


@event.listens_for(Session, "after_rollback")
def _drop_after_rollback(session: Session) -> None:
    session.info.pop("after_commit", None)
