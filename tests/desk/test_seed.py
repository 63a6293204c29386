"""The benchmark's database is one that the desk itself finds sound."""

from bench.seed import Plan, fill
from desk import metrics
from desk.base import db
from desk.cases import queue
from desk.mentions import mention_list
from desk.operations import schema
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
