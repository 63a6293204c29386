"""A real WordPress for all tests of a run, emptied for each, and Otklik beside it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from desk.base import db, settings
from desk.pipeline import brand_setup
from tests.real import wordpress
from tests.real.product import Otklik


@pytest.fixture(scope="session")
def running() -> Iterator[wordpress.WordPress]:
    if not wordpress.is_here():
        pytest.skip(wordpress.HINT)
    with wordpress.wordpress() as site:
        yield site


@pytest.fixture
def site(running: wordpress.WordPress) -> wordpress.WordPress:
    running.begin_anew()
    return running


@pytest.fixture
def bare(home: None, monkeypatch: pytest.MonkeyPatch) -> Otklik:
    """As after `pip install`: a home without a database. Sites on loopback may be reached, the first look follows at once."""
    return _otklik(monkeypatch, is_apart=True)


@pytest.fixture
def otklik(database: None, monkeypatch: pytest.MonkeyPatch) -> Otklik:
    """The same with an empty, migrated database and a brand."""
    with db.transaction() as session:
        brand_setup.create(
            session, "Lumen", own_names=["Lumen Care"], time_zone="Europe/Moscow", now=datetime.now(UTC)
        )
    return _otklik(monkeypatch)


def _otklik(monkeypatch: pytest.MonkeyPatch, is_apart: bool = False) -> Otklik:
    monkeypatch.setenv("OTKLIK_ALLOW_PRIVATE_ADDRESSES", "true")
    monkeypatch.setenv("OTKLIK_CRAWL_DELAY_SECONDS", "0")
    monkeypatch.setenv("OTKLIK_VERIFY_SECONDS", "[0, 3600, 3600]")
    settings.current.cache_clear()
    return Otklik(is_apart)
