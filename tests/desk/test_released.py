"""A desk of version 0.1.0 comes over to this version without loss, and goes back."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from desk import metrics
from desk.base import db
from desk.cases import queue
from desk.mentions import mention_list
from desk.metrics import Period, Scope, Share, Times
from desk.models import Case, Rule
from desk.operations import schema
from desk.sources import health
from tests.desk import released
from tests.desk.released import NOW, NUMBERS, Row

ZONE = ZoneInfo("Europe/Moscow")


@pytest.fixture
def carried_over(database: None) -> None:
    released.restore()
    schema.upgrade()


def by_key(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: str([row.get("id"), sorted(row.items(), key=str)]))


def test_every_row_is_there_as_it_was(carried_over: None) -> None:
    found = released.read()
    for table, rows in released.expected():
        # A later version may tell more of a row; what was known of it is to stay.
        known = [{name: row[name] for name in rows[0]} for row in found[table]] if rows else found[table]
        assert by_key(known) == by_key(rows), table


def test_the_database_is_whole(carried_over: None) -> None:
    assert schema.check() == []


def test_the_way_back_leads_to_the_same_rows(carried_over: None) -> None:
    schema.downgrade(released.REVISION)
    found = released.read()
    for table, rows in released.before().items():
        assert by_key(found[table]) == by_key(rows), table


def test_the_numbers_are_what_they_were(carried_over: None) -> None:
    today = NOW.astimezone(ZONE).date()
    period = Period.of_days(today.replace(month=10, day=3), today, ZONE)
    with db.snapshot() as session:
        found = metrics.report(session, period, Scope(), NOW)
        tabs = queue.counts(session, 3)
        heard = {one.source.title: one.mentions for one in health.overview(session, NOW, ZONE)}
    of = found.overview
    assert {
        "mentions": of.mentions, "answered": share(of.answered), "in_time": share(of.in_time),
        "sent": share(of.sent_unverified), "never": share(of.never_answered), "target": share(of.target),
        "undecided": of.target_pending, "wall": times(of.first_answer_wall), "business": times(of.first_answer_business),
        "backlog": [found.backlog.n, found.backlog.overdue],
        "left_out": {{"intent": "kind"}.get(why, why): count for why, count in of.answered.left_out.items()},
        "tabs": {{"on_hold": "waiting"}.get(tab, tab): count for tab, count in tabs.items()}, "sources": heard,
    } == NUMBERS  # fmt: skip


def test_pages_read_what_came_over(carried_over: None) -> None:
    with db.snapshot() as session:
        listed = list(mention_list.every(session, mention_list.Filters(with_own=True)))
        cases = session.scalars(sa.select(Case)).all()
        rules = session.scalars(sa.select(Rule)).all()
        waiting = [queue.row(session, case.id) for case in cases]
    assert (len(listed), len(waiting)) == (48, 20)
    assert {one.kind for one in listed} == {"review", "comment", "post"}
    assert any("intent" in rule.conditions for rule in rules)


def share(of: Share) -> list[int]:
    return [of.hits, of.n]


def times(of: Times) -> list[Any]:
    return [of.n, of.median_seconds, of.p90_seconds]
