"""The desk of most tests: a brand, a source and its people; and the same with a complaint, and with an answer to it."""

from datetime import datetime

import pytest

from tests.desk import rewriting
from tests.world.desk import World, acme


@pytest.fixture
def world(database: None, now: datetime) -> World:
    return acme(now)


@pytest.fixture
def complained(world: World) -> World:
    """Somebody has complained just now, and his case is open."""
    world.complain("m1")
    return world


@pytest.fixture
def asked(world: World) -> World:
    return rewriting.ask(world)


@pytest.fixture
def answered(asked: World) -> World:
    asked.later(minutes=10)
    asked.answer()
    return asked
