"""A site says that what we listen to has another address now."""

from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa

from crawler.crawl_report import RunningReport
from desk.base import db, vault
from desk.models import Source
from desk.pipeline import arrivals
from desk.sources import sources
from tests.world.desk import World


@dataclass(frozen=True)
class Move:
    url: str | None = None
    settings: dict[str, str] = field(default_factory=dict)


def tell(world: World, move: Move) -> arrivals.Recorded:
    with db.transaction() as session:
        return arrivals.record(session, sources.load(session, world.source_id), [], world.now, moves=[move])


def source(world: World) -> Source:
    with db.snapshot() as session:
        return sources.load(session, world.source_id)


def test_the_source_follows_and_the_journal_says_so_once(world: World) -> None:
    for _ in range(2):
        assert tell(world, Move("https://shop.example/new", {"chat": "-100"})).not_followed == 0
    assert (source(world).url, source(world).settings["chat"]) == ("https://shop.example/new", "-100")
    assert world.events().count("source_moved") == 1


@pytest.mark.parametrize("address", ["https://elsewhere.example/", "http://shop.example/"])
def test_credentials_follow_to_no_other_host_and_not_unencrypted(world: World, address: str) -> None:
    with db.transaction() as session:
        ours = sources.load(session, world.source_id)
        ours.url, ours.secrets = "https://shop.example/", vault.lock({"password": "x"})
    assert tell(world, Move(address)).not_followed == 1
    assert source(world).url == "https://shop.example/"
    assert tell(world, Move("https://shop.example/forum")).not_followed == 0


@pytest.mark.parametrize("address", ["https://shop.example/taken", "https://shop.example/" + "x" * 2_000])
def test_a_move_that_cannot_be_followed_is_said_and_changes_nothing(world: World, address: str) -> None:
    with db.transaction() as session:
        ours = sources.load(session, world.source_id)
        sources.add(
            session, ours.brand, ours.kind, "https://shop.example/taken", title="Taken", now=world.now
        )
    before = source(world).url
    recorded = tell(world, Move(address))
    assert (recorded.not_followed, source(world).url) == (1, before)
    [said] = RunningReport(recorded=recorded).result().remarks
    assert "stays where it was" in said
    with db.snapshot() as session:
        assert session.scalar(sa.select(sa.func.count(Source.id))) == 2
