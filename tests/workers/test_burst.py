"""`python -m workers burst`: everything that waits, without any Redis, in one process that ends."""

from datetime import UTC, datetime, timedelta

import pytest

from desk.base import db
from desk.models import Mention, Reply, Source
from desk.operations import pending_work
from tests.workers.conftest import ANSWER


@pytest.mark.processes
def test_a_source_is_crawled_its_mentions_tagged_and_then_nothing_waits(source, start):
    process = start("-m", "workers", "burst")
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    with db.snapshot() as session:
        mention = session.query(Mention).one()
        assert mention.external_id == "post-1"
        assert mention.state == "judged"
        assert session.get_one(Source, source).last_success_at is not None
        assert pending_work.names(session, datetime.now(UTC)) == set()


@pytest.mark.processes
def test_an_approved_answer_is_published_and_one_that_is_due_is_looked_for(reply, board, start, state):
    assert start("-m", "workers", "burst").wait(120) == 0
    assert state(reply).state == "published"
    with db.transaction() as session:
        session.get_one(Reply, reply).next_look_at = datetime.now(UTC) - timedelta(seconds=1)
    assert start("-m", "workers", "burst").wait(120) == 0
    assert state(reply).state == "verified"
    assert board.count(ANSWER) == 1


@pytest.mark.processes
def test_what_a_killed_worker_holds_is_waited_for(source, start):
    with db.transaction() as session:
        session.get_one(Source, source).claimed_until = datetime.now(UTC) + timedelta(seconds=4)
    assert start("-m", "workers", "burst").wait(120) == 0
    with db.snapshot() as session:
        assert session.query(Mention).count() == 1
