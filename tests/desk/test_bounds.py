"""Times from outside are capped and floored, and a clock that steps back puts nothing off."""

from datetime import UTC, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.base import bounds, db
from desk.base.errors import Invalid
from desk.base.words import CrawlOutcome, MentionState, ReplyState
from desk.models import Mention, Reply, Source
from desk.operations import clock_changes, pending_work
from desk.replies import sending
from desk.sources import crawls, sources
from desk.sources.crawls import CrawlReport
from tests.world import rows
from tests.world.rows import NOON

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
whole = st.integers(-(2**70), 2**70)


@given(whole, whole, st.none() | whole, whole)
def test_no_source_is_silenced_and_no_site_pestered(interval, failures, asked, neighbours):
    pause = bounds.pause(interval, failures, asked, neighbours)
    assert MINUTE <= pause <= timedelta(seconds=bounds.LONGEST_INTERVAL_SECONDS)
    if neighbours < 1000:
        assert pause <= bounds.longest_pause(interval)


@given(st.none() | st.datetimes(timezones=st.just(UTC)), st.none() | st.datetimes(timezones=st.just(UTC)))
def test_a_time_that_a_site_names_is_never_later_than_now(moment, earliest):
    assert bounds.between(moment, earliest, NOON) <= NOON


def test_an_answer_cannot_have_stood_there_before_it_was_sent():
    assert bounds.between(NOON - DAY, NOON - MINUTE, NOON) == NOON - MINUTE
    assert bounds.between(NOON + DAY, NOON - MINUTE, NOON) == NOON
    assert bounds.between(None, NOON - MINUTE, NOON) == NOON


@pytest.mark.parametrize("seconds", [-(10**30), -1, 0, 1, 59, 604_801, 10**30])
def test_an_interval_that_is_none_is_refused(database, seconds):
    with db.transaction() as session, pytest.raises(Invalid, match="once a minute"):
        brand = rows.brand(session)
        sources.add(
            session, brand, "rss", "https://a.example/", title="a", interval_seconds=seconds, now=NOON
        )


def crawled(database, *, many=1, **report) -> timedelta:
    with db.transaction() as session:
        brand = rows.brand(session)
        ids = [
            sources.add(
                session, brand, "rss", f"https://a.example/{n}", title="a", interval_seconds=60, now=NOON
            ).id
            for n in range(many)
        ]
        crawl = crawls.start_crawl(session, ids[0], NOON)
        crawls.finish_crawl(session, crawl.id, CrawlReport(CrawlOutcome.OK, **report), NOON)
        return session.get_one(Source, ids[0]).next_crawl_at - NOON


def test_a_site_may_ask_for_a_day_of_silence_and_no_more(database):
    assert crawled(database, retry_after_seconds=99_999_999) == DAY


def test_a_site_with_many_sources_is_not_asked_each_second(database):
    assert crawled(database, many=60) == timedelta(seconds=60 * bounds.SITE_PAUSE_SECONDS)


def test_whoever_asks_for_a_crawl_again_and_again_gets_one_a_minute(database):
    crawled(database)
    later = NOON + timedelta(seconds=10)
    with db.transaction() as session:
        source = session.query(Source).one()
        for _ in range(3):
            crawls.crawl_soon(session, source, later)
            sources.pause(session, source.id, None, later)
            sources.resume(session, source.id, None, later)
        assert source.next_crawl_at == NOON + MINUTE


@pytest.mark.parametrize("ahead", [HOUR, 30 * DAY, 4000 * DAY])
def test_a_clock_that_was_ahead_delays_no_crawl_by_more_than_its_interval(database, ahead):
    wrong = NOON + ahead
    with db.transaction() as session:
        source = rows.source(session, rows.brand(session), interval_seconds=900)
        source.last_crawl_at, source.next_crawl_at = wrong, wrong + timedelta(seconds=900)
        source.claimed_until = wrong + MINUTE
    for seconds in (0, 30, 60):  # again and again does not put it off again and again
        with db.transaction() as session:
            clock_changes.bring_back(session, NOON + timedelta(seconds=seconds))
    with db.transaction() as session:
        assert session.query(Source).one().next_crawl_at <= NOON + timedelta(seconds=900)
        assert crawls.claim_due(session, NOON + timedelta(seconds=905), 60) == [
            session.query(Source).one().id
        ]


def test_a_wait_that_is_meant_is_left_alone(database):
    with db.transaction() as session:
        brand = rows.brand(session)
        tired = rows.source(session, brand, last_crawl_at=NOON, next_crawl_at=NOON + DAY)
        weekly = rows.source(
            session, brand, last_crawl_at=NOON, next_crawl_at=NOON + 7 * DAY, interval_seconds=7 * 86_400
        )
        assert clock_changes.bring_back(session, NOON) == 0
        assert (tired.next_crawl_at, weekly.next_crawl_at) == (NOON + DAY, NOON + 7 * DAY)


def test_leases_looks_and_sends_of_a_wrong_clock_come_back(database):
    wrong = NOON + 5 * HOUR
    with db.transaction() as session:
        brand = rows.brand(session)
        source = rows.source(session, brand)
        mention = rows.mention(session, source, state=MentionState.NEW, claimed_until=wrong + MINUTE)
        case = rows.case(session, rows.mention(session, source))
        facts = {"text": "x", "thread_seen": 0, "created_at": NOON, "case_id": case.id, "source_id": source.id,
                 "mention_id": case.mention_id}  # fmt: skip
        session.add(Reply(**facts, state=ReplyState.SENDING, sending_at=wrong, changed_at=wrong))
        session.add(
            Reply(
                **facts,
                state=ReplyState.PUBLISHED,
                changed_at=wrong,
                next_look_at=wrong + timedelta(seconds=30),
            )
        )
        mention_id = mention.id
    with db.transaction() as session:
        assert clock_changes.bring_back(session, NOON) == 3
    with db.transaction() as session:
        assert session.get_one(Mention, mention_id).claimed_until <= NOON + MINUTE
        assert sending.recover(session, NOON + timedelta(seconds=121)) == 1
        assert "verify" in pending_work.names(session, NOON + timedelta(seconds=31))
    with db.transaction() as session:
        assert clock_changes.bring_back(session, NOON + timedelta(seconds=121)) == 0
