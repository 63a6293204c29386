"""A source is crawled, pushed or imported: by its column, and never by the name of its channel."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from desk.base import db
from desk.base.errors import Invalid
from desk.base.words import Arrival
from desk.models import Brand, Source
from desk.operations import pending_work, schema, system_health
from desk.sources import changes, crawls, source_list, sources
from tests.world import rows


def listen(kind: str, arrives: Arrival) -> int:
    with db.transaction() as session:
        brand = session.scalars(sa.select(Brand)).first() or rows.brand(session)
        url = f"https://{kind}.example/"
        return sources.add(session, brand, kind, url, title=kind, arrives=arrives, now=rows.NOON).id


@pytest.mark.parametrize("arrives", [Arrival.PUSH, Arrival.IMPORT])
def test_only_what_is_crawled_is_leased_to_a_crawl(database: None, arrives: Arrival) -> None:
    other, crawled = listen("mysterious", arrives), listen("file", Arrival.CRAWL)
    later = rows.NOON + timedelta(hours=1)
    with db.transaction() as session:
        assert [one.id for one in source_list.listed(session) if one.is_crawled] == [crawled]
        assert system_health.measure(session, later).to_crawl == 1
        assert "crawl" in pending_work.names(session, later)
        assert crawls.claim_due(session, later, 60) == [crawled]
        assert "crawl" not in pending_work.names(session, later)
        with pytest.raises(Invalid, match="Nothing is crawled"):
            changes.crawl_now(session, other, later)


def test_an_existing_desk_is_carried_over(database: None) -> None:
    imported, crawled = listen("file", Arrival.IMPORT), listen("rss", Arrival.CRAWL)
    schema.downgrade("0014")
    with db.engine().connect() as connection:
        assert "arrives" not in {one["name"] for one in sa.inspect(connection).get_columns("sources")}
    schema.upgrade()
    with db.snapshot() as session:
        ways = dict(session.execute(sa.select(Source.id, Source.arrives)).all())
    assert ways == {imported: Arrival.IMPORT, crawled: Arrival.CRAWL}
    assert schema.check() == []
