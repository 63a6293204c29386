"""A source or a brand goes with all that was collected there, a batch at a time; everything else stays."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from desk.base import db
from desk.base.errors import Conflict, NotAllowed, NotFound
from desk.base.words import ReplyState
from desk.brands import brands
from desk.cases import notes
from desk.mentions import search
from desk.models import Brand, Case, Mention, Reply, Source
from desk.models.base import Base
from desk.operations import removal
from desk.pipeline import arrivals, brand_setup
from desk.sources import crawls, sources
from tests.world.desk import World, acme, said


@pytest.fixture
def world(database: None, now: datetime) -> World:
    """Five people wrote; one was answered, one case has a note and a corrected tag."""
    made = acme(now)
    made.crawl(
        *(said(f"m{n}", f"It broke {n} times.", now, f"Person {n}", thread=f"t{n}") for n in range(1, 6))
    )
    made.judge()
    with db.transaction() as session:
        first = session.scalars(sa.select(Case).order_by(Case.id)).first()
        notes.write(session, first.id, made.user(session, "igor"), "Call him.", now)
    return made


def rows_of(*without: str) -> dict[str, int]:
    """How many rows each table has, where it has any."""
    with db.snapshot() as session:
        counted = {
            table.name: session.scalar(sa.select(sa.func.count()).select_from(table))
            for table in Base.metadata.sorted_tables
            if table.name not in without
        }
    return {name: count for name, count in counted.items() if count}


def ask(world: World, who: str = "anna") -> None:
    with db.transaction() as session:
        removal.ask_source(session, world.source_id, world.user(session, who), world.now)


def sweep_all(world: World, limit: int = 2) -> int:
    count = 0
    while True:
        with db.transaction() as session:
            done = removal.sweep(session, world.now, limit)
        if not done:
            return count
        count += 1


def test_a_source_goes_batch_by_batch_and_leaves_nothing_behind(world: World) -> None:
    before = rows_of()
    with db.transaction() as session:
        other = sources.add(
            session, session.scalars(sa.select(Brand)).one(), "rss", "https://other.example/feed", title="Other", now=world.now
        )  # fmt: skip
        other_id = other.id
        arrivals.record(session, other, [said("m1", "All is well.", world.now, "Person 1")], world.now)
    with db.snapshot() as session:
        assert removal.extent(session, [world.source_id]) == removal.Extent(5, 5, 5)
    ask(world)
    assert sweep_all(world) >= 8
    with db.snapshot() as session:
        assert session.scalars(sa.select(Source.id)).all() == [other_id]
        assert session.scalars(sa.select(Mention.text)).all() == ["All is well."]
        assert session.scalars(search.matching(session, "broke")).all() == []
        assert len(session.scalars(search.matching(session, "well")).all()) == 1
    assert {"cases", "verdicts", "notes", "crawls"} & rows_of().keys() == set()
    assert {"brands", "users", "policies", "rules"} <= before.keys() & rows_of().keys()
    assert rows_of()["authors"] == 1
    assert world.events() == ["source_removed"]


def test_a_brand_goes_with_its_sources_targets_and_hours(world: World) -> None:
    with db.transaction() as session:
        brand_setup.create(session, "Other", time_zone="UTC", now=world.now)
        brand = brands.named(session, "Acme")
        removal.ask_brand(session, brand.id, world.user(session, "anna"), world.now)
    sweep_all(world)
    with db.snapshot() as session:
        assert [brand.name for brand in brands.all_brands(session)] == ["Other"]
        assert not removal.is_left(session)
    assert rows_of()["calendars"] == 1
    assert world.events() == ["brand_removed"]


def test_nothing_is_read_there_any_more(world: World) -> None:
    ask(world)
    with db.transaction() as session:
        assert crawls.claim_due(session, world.later(days=1), 60) == []
        assert crawls.claim_due(session, world.now, 60, only=[world.source_id]) == []
        with pytest.raises(Conflict):
            sources.resume(session, world.source_id, None, world.now)


def test_what_an_unfinished_crawl_still_brings_goes_too(world: World) -> None:
    with db.transaction() as session:
        sources.load(session, world.source_id).claimed_until = world.now + timedelta(seconds=60)
    ask(world)
    assert sweep_all(world) == 0
    world.crawl(said("late", "Still here.", world.now))
    world.later(seconds=61)
    sweep_all(world)
    with db.snapshot() as session:
        assert session.scalars(sa.select(Mention.id)).all() == []
        assert session.scalars(sa.select(Source.id)).all() == []


def test_an_answer_that_is_being_sent_is_waited_for(world: World) -> None:
    with db.transaction() as session:
        first = session.scalars(sa.select(Case).order_by(Case.id)).first()
        reply = Reply(
            case_id=first.id, source_id=world.source_id, mention_id=first.mention_id, text="Sorry.", thread_seen=0,
            state=ReplyState.SENDING, created_at=world.now, changed_at=world.now,
        )  # fmt: skip
        session.add(reply)
        session.flush()
        reply_id = reply.id
    with pytest.raises(Conflict) as refused:
        ask(world)
    assert refused.value.code == "sending"
    with db.transaction() as session:
        session.get_one(Reply, reply_id).state = ReplyState.APPROVED
    ask(world)
    with db.snapshot() as session:
        assert session.get_one(Reply, reply_id).state is ReplyState.DRAFT
    with db.transaction() as session:
        session.get_one(Reply, reply_id).state = ReplyState.SENDING
    sweep_all(world)
    with db.snapshot() as session:
        assert session.scalars(sa.select(Case.id)).all() == [1]
        assert removal.is_left(session)


@pytest.mark.parametrize("who", ["igor", "boris"])
def test_only_leads_remove(world: World, who: str) -> None:
    with pytest.raises(NotAllowed):
        ask(world, who)
    assert "source_removed" not in world.events()


def test_what_is_not_there_cannot_be_removed(world: World) -> None:
    with db.transaction() as session, pytest.raises(NotFound):
        removal.ask_source(session, 999, None, world.now)
    with db.transaction() as session, pytest.raises(NotFound):
        removal.ask_brand(session, 999, None, world.now)
