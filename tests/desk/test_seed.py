"""The benchmark's database is one that the desk itself finds sound."""

from bench.seed import Plan, fill
from desk import db, mentions, metrics, queue, schema
from tests.desk.rows import NOON


def test_a_seeded_desk_is_whole_and_readable(database: None) -> None:
    with db.transaction() as session:
        fill(session, Plan(mentions=120, open_cases=30), NOON)
    assert schema.check() == []
    with db.snapshot() as session:
        counts = queue.counts(session, 1)
        assert counts["team:service"] + counts["team:marketing"] + counts["waiting"] == 30
        assert len(list(mentions.every(session, mentions.Filters()))) == 120
        assert mentions.page(session, mentions.Filters(text="заказ")).rows
        assert metrics.backlog(session, metrics.Scope(), NOON).n == 30
