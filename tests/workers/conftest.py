"""A forum, a brand that listens there, and the workers as the child processes they are."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from desk.base import db, settings
from desk.models import Reply, Source
from tests.workers.board import Board, forum
from tests.world.desk import World, agent, listen


@pytest.fixture
def board() -> Iterator[Board]:
    with forum() as running:
        yield running


@pytest.fixture
def local(database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sites of our own may be reached, without pauses; children inherit it."""
    monkeypatch.setenv("OTKLIK_HOME", str(settings.current().home))
    monkeypatch.setenv("OTKLIK_ALLOW_PRIVATE_ADDRESSES", "true")
    monkeypatch.setenv("OTKLIK_CRAWL_DELAY_SECONDS", "0")
    settings.current.cache_clear()


@pytest.fixture
def source(local: None, board: Board) -> int:
    return listen(
        board.feed, "forum", brand="Lumen", own_names=["Lumen Care"], title="Forum",
        settings_values={"name": "Lumen Care"}, now=datetime.now(UTC),
    )  # fmt: skip


@pytest.fixture
def reply(source: int, board: Board) -> int:
    """An approved answer to the first post of the forum."""
    now = datetime.now(UTC)
    world = World(now, {"forum": source}, agent(now))
    topic = board.site.url("/topic/1")
    world.complain("post-1", board.first[0][1], url=f"{topic}#post-1", author="Anna", thread=topic)
    reply_id = world.draft(ANSWER)
    world.approve(reply_id)
    with db.transaction() as session:
        # As if the crawl had just been there, so that only the answer waits.
        session.get_one(Source, source).next_crawl_at = datetime(2100, 1, 1, tzinfo=UTC)
    return reply_id


ANSWER = "Anna, we are sorry. The parcel leaves today; its number comes by mail."


@pytest.fixture
def state() -> Callable[[int], Reply]:
    def read(reply_id: int) -> Reply:
        with db.snapshot() as session:
            row = session.get_one(Reply, reply_id)
            session.expunge_all()
            return row

    return read
