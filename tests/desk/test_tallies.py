"""Mentions are counted when they come and go, by the database itself: whoever writes them cannot forget it."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from desk.base import db
from desk.models import ArrivalTally, Mention, Source, SourceTally
from desk.operations import removal, schema
from desk.sources import health
from tests.world import rows
from tests.world.rows import NOON

MOSCOW = ZoneInfo("Europe/Moscow")
SOURCES = 2
# Around midnights of whole, half and quarter hours, and across the fortnight that the page shows.
moments = st.integers(-16 * 96, 96).map(lambda n: NOON + timedelta(minutes=15 * n)) | st.datetimes(
    datetime(2026, 11, 1), datetime(2026, 11, 20), timezones=st.just(UTC)
)
steps = st.lists(
    st.tuples(st.just("come"), st.integers(0, SOURCES - 1), moments)
    | st.tuples(st.just("go"), st.integers(0, 30), st.none())
    | st.tuples(st.just("move"), st.integers(0, 30), moments),
    max_size=25,
)


@pytest.fixture
def session(database: None) -> Iterator[Session]:
    with db.transaction() as session:
        yield session


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps, zone=st.sampled_from(["Europe/Moscow", "Asia/Kathmandu", "America/St_Johns", "UTC"]))
def test_what_is_shown_is_what_there_is(session: Session, steps, zone: str) -> None:
    with session.begin_nested() as undone:
        brand = rows.brand(session, f"Brand {next(rows.numbers)}")
        sources = [rows.source(session, brand) for _ in range(SOURCES)]
        known: list[Mention] = []
        for what, number, moment in steps:
            if what == "come":
                known.append(rows.mention(session, sources[number], collected_at=moment))
            elif known and what == "go":
                session.delete(known.pop(number % len(known)))
            elif known:
                known[number % len(known)].collected_at = moment
                known[number % len(known)].source_id = sources[number % SOURCES].id
            session.flush()
        shown = health.overview(session, NOON, ZoneInfo(zone), brand.id)
        assert {one.source.id: (one.mentions, one.per_day) for one in shown} == {
            source.id: _counted(session, source, ZoneInfo(zone)) for source in sources
        }
        undone.rollback()


def _counted(session: Session, source: Source, zone: ZoneInfo) -> tuple[int, tuple[int, ...]]:
    moments = session.scalars(sa.select(Mention.collected_at).where(Mention.source_id == source.id)).all()
    days = Counter(moment.astimezone(zone).date() for moment in moments)
    today = NOON.astimezone(zone).date()
    shown = [today - timedelta(days=n) for n in range(health.DAYS)]
    return len(moments), tuple(days[day] for day in reversed(shown))


def test_the_midnights_of_all_zones_fall_on_a_quarter_of_an_hour() -> None:
    for name in available_timezones():
        for month in (1, 4, 7, 10):
            for edge in health._midnights(datetime(2026, month, 5, 12, tzinfo=UTC), ZoneInfo(name)):
                moment = edge.astimezone(UTC)
                assert (moment.minute % 15, moment.second, moment.microsecond) == (0, 0, 0), name


def test_many_rows_of_one_statement_are_counted(session: Session) -> None:
    source = rows.source(session, rows.brand(session))
    first = rows.mention(session, source, collected_at=NOON)
    row = {
        column.key: getattr(first, column.key) for column in Mention.__table__.columns if column.key != "id"
    }
    many = [{**row, "external_id": f"x{number}"} for number in range(50)]
    session.execute(sa.insert(Mention.__table__).values(many))
    assert health.one(session, source, NOON, MOSCOW).mentions == 51
    session.execute(sa.delete(Mention).where(Mention.external_id.startswith("x1")))
    assert health.one(session, source, NOON, MOSCOW).per_day[-1] == 51 - 11


def test_a_source_without_mentions_has_none(session: Session) -> None:
    shown = health.one(session, rows.source(session, rows.brand(session)), NOON, MOSCOW)
    assert (shown.mentions, shown.per_day) == (0, (0,) * health.DAYS)


def test_numbers_stay_true_while_a_source_is_removed_and_go_with_it(database: None) -> None:
    with db.transaction() as session:
        source = rows.source(session, rows.brand(session))
        for _ in range(5):
            rows.mention(session, source)
        source.removing_at = NOON
    with db.transaction() as session:
        assert removal.sweep(session, NOON, limit=2) == 2
        assert health.overview(session, NOON, MOSCOW)[0].mentions == 3
    is_left = True
    while is_left:
        with db.transaction() as session:
            removal.sweep(session, NOON)
            is_left = removal.is_left(session)
    with db.snapshot() as session:
        assert session.scalars(sa.select(SourceTally.source_id)).all() == []
        assert session.scalars(sa.select(ArrivalTally.source_id)).all() == []


def test_what_was_collected_before_is_counted_by_the_upgrade(database: None) -> None:
    with db.transaction() as session:
        source = rows.source(session, rows.brand(session))
        for hours in (1, 2, 40, 2_000):
            rows.mention(session, source, collected_at=NOON - timedelta(hours=hours))
    schema.downgrade("0013")
    schema.upgrade()
    with db.transaction() as session:
        rows.mention(session, session.get_one(Source, source.id), collected_at=NOON)
        (shown,) = health.overview(session, NOON, MOSCOW)
    assert (shown.mentions, shown.per_day[-3:], sum(shown.per_day)) == (5, (1, 0, 3), 4)


def test_a_database_that_does_not_count_is_not_whole(database: None) -> None:
    assert schema.check() == []
    of_table = "" if db.engine().dialect.name == "sqlite" else " ON mentions"
    with db.engine().execution_options(is_write=True).begin() as connection:
        connection.execute(sa.text(f"DROP TRIGGER tally_mentions_go{of_table}"))
    assert schema.check() == [
        "Trigger tally_mentions_go is missing: the numbers on the Sources page are not kept."
    ]
