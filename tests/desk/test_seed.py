"""The benchmark's database is one that the desk itself finds sound."""

import itertools

import pytest
import sqlalchemy as sa

from bench.seed import Plan, fill
from desk import metrics
from desk.base import db
from desk.cases import queue
from desk.mentions import mention_list
from desk.models import Mention, Source
from desk.operations import schema
from tests.world import rows
from tests.world.rows import NOON


def test_a_seeded_desk_is_whole_and_readable(database: None) -> None:
    with db.transaction() as session:
        fill(session, Plan(mentions=120, open_cases=30), NOON)
    assert schema.check() == []
    with db.snapshot() as session:
        counts = queue.counts(session, 1)
        assert counts["team:service"] + counts["team:marketing"] + counts["on_hold"] == 30
        assert len(list(mention_list.every(session, mention_list.Filters()))) == 120
        assert mention_list.page(session, mention_list.Filters(text="заказ")).rows
        assert metrics.backlog(session, metrics.Scope(), NOON).n == 30


def test_the_mentions_of_a_test_stand_beside_the_seeded_ones(
    database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tests number their mentions from one as the seed does; which numbers a test gets depends on the tests before it."""
    with db.transaction() as session:
        fill(session, Plan(mentions=30, open_cases=5), NOON)
        monkeypatch.setattr(rows, "numbers", itertools.count(1))
        source = session.get_one(Source, 1)
        own = [rows.mention(session, source) for _ in range(30)]
        seeded = session.scalars(sa.select(Mention.thread).where(Mention.id <= 30))
        assert {row.thread for row in own}.isdisjoint(seeded)
