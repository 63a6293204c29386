"""What every test stands on: a home of its own, a database of its own, a clock that is passed."""

import gc
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog
from playwright.sync_api import Browser, sync_playwright

from desk.base import db, settings, wakeups
from desk.operations import schema
from tests import caches, databases, effort, groups, processes, servers
from tests import stack as stack_of_processes

effort.settle()
SERVER = os.environ.get("OTKLIK_TEST_POSTGRESQL")
"""A PostgreSQL server's address (postgresql://user:password@host:port/postgres) whose user may do everything."""
caches.keep_statements("sqlite://", *([databases.address(SERVER, "postgres")] if SERVER else []))
caches.keep_templates()
caches.keep_addresses()

CHROMIUM_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--only-database", action="store_true", help="only tests that a database can change")


def pytest_collection_finish() -> None:
    # What was collected stays to the end; walking through it at every collection of garbage took a tenth of the run.
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    groups.mark(items)
    if config.getoption("--only-database"):
        chosen = [item for item in items if groups.is_about_a_database(item)]
        config.hook.pytest_deselected(items=[item for item in items if item not in set(chosen)])
        items[:] = chosen
    items.sort(key=groups.turn)


@pytest.fixture
def now() -> datetime:
    """A Wednesday, 12:00 in Moscow."""
    return datetime(2026, 11, 18, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _the_process_is_left_as_it_was() -> Iterator[None]:
    """A command tells the loggers to write to the stderr of its test, which is closed after it, and keeps what it writes from
    other users: servers of later tests run as such."""
    umask = os.umask(0o022)
    os.umask(umask)
    yield
    os.umask(umask)
    structlog.reset_defaults()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Points every setting at an empty folder; nothing of the developer's own environment leaks in."""
    for name in [
        name for name in os.environ if name.startswith("OTKLIK_") and not name.startswith("OTKLIK_TEST_")
    ]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("OTKLIK_HOME", str(tmp_path / "var"))
    # Nothing listens there: a wake-up that is lost must never lose work.
    monkeypatch.setenv("OTKLIK_REDIS_URL", "unix:///nonexistent/otklik-test.sock")
    _forget()
    yield tmp_path / "var"
    _forget()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A migrated database that nobody writes to: a file's path, or a PostgreSQL database's name. Tests copy it,
    because copying is many times quicker than migrating."""
    if SERVER:
        with databases.new(SERVER) as name:
            schema.upgrade(databases.address(SERVER, name))
            yield name
        return
    path = tmp_path_factory.mktemp("migrated") / "otklik.sqlite3"
    schema.upgrade(f"sqlite:///{path}")
    yield str(path)


@pytest.fixture(scope="session")
def emptied(migrated: str) -> Iterator[databases.Emptied | None]:
    """Where the tests of this process get their PostgreSQL database from, one after another; None on SQLite."""
    if SERVER is None:
        yield None
        return
    source = databases.Emptied(SERVER, migrated)
    yield source
    source.close()


@pytest.fixture
def database(
    home: Path, migrated: str, emptied: databases.Emptied | None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """An empty, migrated database of the test's own: SQLite, or PostgreSQL where OTKLIK_TEST_POSTGRESQL
    names a server."""
    if SERVER and emptied:
        monkeypatch.setenv("OTKLIK_DATABASE_URL", databases.address(SERVER, emptied.next()))
        _forget()
        yield
        db.forget()
        return
    home.mkdir(parents=True)
    shutil.copy(migrated, home / "otklik.sqlite3")
    yield
    db.forget()


@pytest.fixture
def empty_database(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a database without a single table; the settings point at it."""
    if SERVER:
        with databases.new(SERVER) as name:
            monkeypatch.setenv("OTKLIK_DATABASE_URL", databases.address(SERVER, name))
            _forget()
            yield settings.current().database_address
            db.forget()
        return
    yield settings.current().database_address
    db.forget()


def _forget() -> None:
    db.forget()
    settings.current.cache_clear()
    wakeups.connection.cache_clear()


@pytest.fixture
def start() -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """`start("-m", "workers", "reply")`: our own programs as in earnest; what still runs at the end is killed."""
    running: list[processes.Started] = []

    def run(*command: str, output: int = subprocess.DEVNULL, **environment: str) -> "subprocess.Popen[str]":
        chosen = {**os.environ, **environment}
        started = processes.begin(
            sys.executable, *command, environment=chosen, output=output, errors=subprocess.PIPE
        )
        running.append(started)
        return started.handle

    yield run
    for started in running:
        started.kill()


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[stack_of_processes.Stack]:
    """The whole product with its sample brand, started once: SQLite and the embedded Valkey, or, in the second run,
    PostgreSQL and an outside Redis, by two settings."""
    with ExitStack() as context:
        more = {}
        if SERVER:
            name = context.enter_context(databases.new(SERVER))
            more["OTKLIK_DATABASE_URL"] = f"{SERVER.rsplit('/', 1)[0]}/{name}"
        if redis := os.environ.get("OTKLIK_TEST_REDIS"):
            more["OTKLIK_REDIS_URL"] = redis
        home = tmp_path_factory.mktemp("stack") / "var"
        yield context.enter_context(stack_of_processes.running(home, "--sample", **more))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One a process for all tests: Playwright refuses to start a second time while it runs."""
    path = servers.chromium()
    if path is None:
        pytest.skip(servers.CHROMIUM_HINT)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()
