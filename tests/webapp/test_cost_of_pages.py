"""Pages cost the same however many mentions there are. Nothing is timed: SQLite counts the steps of its own machine, and they
are the same on every computer."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from bench import seed
from desk.base import db, pagination
from desk.cases import queue
from desk.mentions import mention_list
from desk.models import Case, Mention, Source
from tests.world import rows

pytestmark = pytest.mark.skipif(
    bool(os.environ.get("OTKLIK_TEST_POSTGRESQL")), reason="only SQLite tells its steps"
)

FEW, MANY = seed.Plan(1_200, 240), seed.Plan(7_200, 1_440)
STEPS_A_CALL = 20
MOST_GROWTH = 1.25
PAGES = {
    "queue": "/",
    "mentions": "/mentions",
    "second page": "/mentions?after={second}",
    "page in the middle": "/mentions?after={middle}",
    "filters": "/mentions?intent=complaint&language=ru&sentiment=negative",
    "kind that nobody has": "/mentions?intent=suggestion",
    "language that nobody speaks": "/mentions?language=eo",
    "source": "/mentions?source=1",
    "brand": "/mentions?brand=2",
    "channel": "/mentions?channel=vk",
    "channel that nobody listens to": "/mentions?channel=forum",
    "team": "/mentions?team=marketing",
    "team that there is not": "/mentions?team=nobody",
    "status": "/mentions?status=closed",
    "to be looked at": "/mentions?uncertain=yes",
    "abusive": "/mentions?abusive=yes",
    "unanswered": "/mentions?answered=no",
    "a mention": "/mentions/{mention}",
    "a case": "/cases/{case}",
    "sources": "/sources",
    "a source": "/sources/1",
    "health": "/health",
    "health dot": "/health/dot",
}


@pytest.fixture
def bounded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is counted up to a bound reaches it on both desks, and what is many for one is many for the other."""
    monkeypatch.setattr(mention_list, "FEW", 20)
    monkeypatch.setattr(queue, "MOST_COUNTED", 20)
    queue._counting.cache_clear()
    yield
    queue._counting.cache_clear()


@pytest.mark.parametrize("is_analysed", [True, False], ids=["analysed", "never analysed"])
def test_no_page_costs_more_on_a_larger_desk(
    sign_in, home: Path, now: datetime, bounded: None, is_analysed: bool
) -> None:
    client, empty, live = sign_in("lead"), home / "empty.sqlite3", home / "otklik.sqlite3"
    db.forget()
    shutil.copy(live, empty)
    few = _costs(client, FEW, now, is_analysed)
    db.forget()
    for part in home.glob("otklik.sqlite3-*"):
        part.unlink()
    shutil.copy(empty, live)
    many = _costs(client, MANY, now, is_analysed)
    grown = {page: (few[page], many[page]) for page in PAGES if many[page] > MOST_GROWTH * few[page] + 500}
    assert grown == {}


def _costs(client: FlaskClient, plan: seed.Plan, now: datetime, is_analysed: bool) -> dict[str, int]:
    with db.transaction() as session:
        seed.fill(session, plan, now)
        if not is_analysed:
            session.execute(sa.text("DELETE FROM sqlite_stat1"))
    with db.transaction() as session:
        middle = session.get_one(Mention, plan.mentions // 2)
        case = session.scalars(
            sa.select(Case).where(Case.mention_id >= middle.id).order_by(Case.id).limit(1)
        ).one()
        # The brand answered in that thread: whether by us is looked up among all that was answered at the source.
        answer = {"is_own": True, "thread": case.thread, "published_at": now}
        rows.mention(session, session.get_one(Source, case.source_id), **answer)
    db.forget()
    with db.snapshot() as session:
        found = {
            "mention": middle.id,
            "case": case.id,
            "second": mention_list.page(session, mention_list.Filters()).next_cursor,
            "middle": pagination.mark(middle.published_at, middle.id),
        }
    costs = {}
    for name, page in PAGES.items():
        with _steps() as steps:
            assert client.get(page.format(**found)).status_code == 200
        costs[name] = STEPS_A_CALL * sum(steps)
    return costs


@contextmanager
def _steps() -> Iterator[list[int]]:
    steps: list[int] = []

    def listen(connection, *_facts: object) -> None:
        connection.set_progress_handler(lambda: steps.append(1), STEPS_A_CALL)

    engine = db.engine()
    sa.event.listen(engine, "checkout", listen)
    try:
        yield steps
    finally:
        sa.event.remove(engine, "checkout", listen)
        with engine.connect() as connection:
            connection.connection.driver_connection.set_progress_handler(None, 0)
