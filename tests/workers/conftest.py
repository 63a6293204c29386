"""A forum, a brand that listens there, and the workers as the child processes they are."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from channels.contract import AuthorSeen, Sighting
from desk.base import db, settings
from desk.base.words import Intent, Sentiment, Urgency
from desk.cases import cases
from desk.models import Mention, Reply, Source
from desk.people import users
from desk.pipeline import arrivals, brand_setup, triage
from desk.pipeline.triage import Judgement
from desk.replies import approvals, conflicts, drafts
from desk.sources import sources
from tests.workers.board import Board, forum

COMPLAINT = Judgement(
    "en", Sentiment.NEGATIVE, Intent.COMPLAINT, Urgency.NORMAL, backend="test", model_revision="1"
)


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
    with db.transaction() as session:
        now = datetime.now(UTC)
        brand = brand_setup.create(
            session, "Lumen", own_names=["Lumen Care"], time_zone="Europe/Moscow", now=now
        )
        return sources.add(
            session,
            brand,
            "forum",
            board.feed,
            title="Forum",
            settings_values={"name": "Lumen Care"},
            now=now,
        ).id


@pytest.fixture
def reply(source: int, board: Board) -> int:
    """An approved answer to the first post of the forum."""
    now = datetime.now(UTC)
    topic = board.site.url("/topic/1")
    said = Sighting(
        "post-1",
        f"{topic}#post-1",
        board.first[0][1],
        author=AuthorSeen("Anna"),
        published_at=now,
        thread=topic,
    )
    with db.transaction() as session:
        arrivals.record(session, session.get_one(Source, source), [said], now)
        mention = session.query(Mention).one()
        triage.judge(session, mention.id, COMPLAINT, now)
    with db.transaction() as session:
        case_id = session.query(Mention).one().case_id
        agent = users.add(session, "agent@example.com", "Agent", "x", ["agent"], "service", now)
        seen = conflicts.newest_in_thread(session, cases.load(session, case_id))
        draft = drafts.save_draft(session, case_id, agent, ANSWER, seen, now)
        approvals.approve(session, draft.id, agent, now)
        # As if the crawl had just been there, so that only the answer waits.
        session.get_one(Source, source).next_crawl_at = datetime(2100, 1, 1, tzinfo=UTC)
        return draft.id


ANSWER = "Anna, we are sorry. The parcel leaves today; its number comes by mail."


@pytest.fixture
def state() -> Callable[[int], Reply]:
    def read(reply_id: int) -> Reply:
        with db.snapshot() as session:
            row = session.get_one(Reply, reply_id)
            session.expunge_all()
            return row

    return read
