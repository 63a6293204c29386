"""The timetable, against a database and no Redis at all; and the heartbeats."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from desk import bell, db, pulse, settings, waiting
from desk.models import Case, Reply, Source
from workers import clock


@pytest.fixture
def rung(monkeypatch) -> list[str]:
    heard: list[str] = []
    monkeypatch.setattr(bell, "ring_now", lambda name: heard.append(name) or True)
    return heard


def test_only_bells_with_rows_waiting_are_rung(source, rung):
    now = datetime.now(UTC)
    assert clock.ring(now) == ["crawl"]
    with db.transaction() as session:
        session.get_one(Source, source).next_crawl_at = now + timedelta(seconds=60)
    assert clock.ring(now) == []
    assert clock.ring(now + timedelta(seconds=61)) == ["crawl"]
    assert rung == ["crawl", "crawl"]


def test_work_in_somebodys_hands_rings_nothing_but_is_known(source):
    now = datetime.now(UTC)
    with db.transaction() as session:
        session.get_one(Source, source).claimed_until = now + timedelta(seconds=60)
    with db.snapshot() as session:
        assert waiting.bells(session, now) == set()
        assert waiting.has_leases(session, now)


def test_a_clock_that_is_set_back_stops_no_timetable(database, monkeypatch):
    done: list[datetime] = []
    monkeypatch.setattr(
        clock, "TIMETABLE", {"it": (timedelta(minutes=1), lambda _session, at: done.append(at))}
    )
    now, last = datetime.now(UTC), {}
    for step in (0, 30, -3600, -3590, -3530):
        clock.keep_timetable(now + timedelta(seconds=step), last)
    assert [(at - now).total_seconds() for at in done] == [0, -3600, -3530]


def test_an_approved_answer_and_a_due_look_ring(reply, rung):
    now = datetime.now(UTC)
    assert clock.ring(now) == ["publish"]
    with db.transaction() as session:
        row = session.get_one(Reply, reply)
        row.state, row.next_look_at = "published", now
    assert clock.ring(now) == ["verify"]


def test_a_look_is_leased_to_one(reply):
    now = datetime.now(UTC)
    with db.transaction() as session:
        row = session.get_one(Reply, reply)
        row.state, row.next_look_at = "published", now
    with db.transaction() as session:
        assert waiting.claim_look(session, reply, now)
        assert not waiting.claim_look(session, reply, now)


def test_the_timetable_wakes_and_recovers_each_in_its_own_time(reply, state):
    now = datetime.now(UTC)
    with db.transaction() as session:
        row = session.get_one(Reply, reply)
        row.state, row.sending_at = "sending", now - timedelta(hours=1)
        case = session.query(Case).one()
        case.status, case.snoozed_until = "waiting", now - timedelta(minutes=1)
    last: dict[str, datetime] = {}
    clock.keep_timetable(now, last)
    assert state(reply).state == "unknown"
    with db.snapshot() as session:
        assert session.query(Case).one().status != "waiting"
    assert set(last) == set(clock.TIMETABLE)
    clock.keep_timetable(now + timedelta(seconds=1), last)
    assert set(last.values()) == {now}


def test_processes_are_seen_alive_and_late(home):
    with pulse.beating("tag"):
        now = datetime.now(UTC)
        (alive,) = pulse.all_processes(now)
        assert (alive.name, alive.pid, alive.is_alive) == ("tag", os.getpid(), True)
        assert not pulse.all_processes(now + timedelta(minutes=5))[0].is_alive
    assert pulse.all_processes(datetime.now(UTC)) == []
    assert (settings.current().home / "run").is_dir()
