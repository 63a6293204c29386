"""What a worker takes is what it asked for, whatever the database believes about the size of its tables."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from desk.base import db
from desk.models import Mention, Source
from desk.pipeline import triage
from desk.sources import crawls
from tests.world.desk import World, said


def fill(world: World) -> None:
    world.crawl(*(said(f"m{n}", f"It broke, order {n}.", world.now) for n in range(30)))
    with db.transaction() as session:
        first = session.scalars(sa.select(Source).limit(1)).one()
        session.add_all(_another(first, n, world.now) for n in range(30))


def _another(source: Source, n: int, now: datetime) -> Source:
    return Source(
        brand_id=source.brand_id, kind=source.kind, url=f"https://blog{n}.example/", title=f"Blog {n}",
        interval_seconds=3600, created_at=now, next_crawl_at=now - timedelta(hours=1),
    )  # fmt: skip


@pytest.fixture
def grown(world: World) -> World:
    """Counted by the database, as it does by itself, while its tables were empty, and full now: it plans every question as if
    there was next to nothing."""
    fill(world)
    with db.transaction() as session:
        session.execute(sa.delete(Mention))
        session.execute(sa.delete(Source).where(Source.title.like("Blog %")))
    with db.transaction() as session:
        session.execute(sa.text("ANALYZE"))
    fill(world)
    return world


def test_a_tagger_takes_no_more_mentions_than_it_asked_for(grown: World) -> None:
    for _ in range(3):
        with db.transaction() as session:
            assert len(triage.claim(session, grown.now, limit=2)) == 2


def test_a_crawl_takes_no_more_sources_than_it_asked_for(grown: World) -> None:
    taken = []
    for _ in range(3):
        with db.transaction() as session:
            taken += crawls.claim_due(session, grown.now, lease_seconds=60, limit=2)
    assert len(taken) == len(set(taken)) == 6
