"""The timetable, against a database and no Redis at all; and the heartbeats."""

import os
import time
from datetime import UTC, datetime, timedelta

import pytest

from desk.base import db, heartbeats, settings, wakeups
from desk.models import Case, Reply, Source
from desk.operations import pending_work
from desk.replies import looks
from workers import clock


@pytest.fixture
def woken(monkeypatch) -> list[str]:
    sent: list[str] = []
    monkeypatch.setattr(wakeups, "send_now", lambda name: sent.append(name) or True)
    return sent


def test_only_work_with_rows_waiting_is_woken(source, woken):
    now = datetime.now(UTC)
    assert clock.wake(now) == ["crawl"]
    with db.transaction() as session:
        session.get_one(Source, source).next_crawl_at = now + timedelta(seconds=60)
    assert clock.wake(now) == []
    assert clock.wake(now + timedelta(seconds=61)) == ["crawl"]
    assert woken == ["crawl", "crawl"]


def test_work_in_somebodys_hands_rings_nothing_but_is_known(source):
    now = datetime.now(UTC)
    with db.transaction() as session:
        session.get_one(Source, source).claimed_until = now + timedelta(seconds=60)
    with db.snapshot() as session:
        assert pending_work.names(session, now) == set()
        assert pending_work.has_leases(session, now)


def test_a_clock_that_is_set_back_stops_no_timetable(database, monkeypatch):
    done: list[datetime] = []
    monkeypatch.setattr(
        clock, "TIMETABLE", {"it": (timedelta(minutes=1), lambda _session, at: done.append(at))}
    )
    now, last = datetime.now(UTC), {}
    for step in (0, 30, -3600, -3590, -3530):
        clock.keep_timetable(now + timedelta(seconds=step), last)
    assert [(at - now).total_seconds() for at in done] == [0, -3600, -3530]


def test_an_approved_answer_and_a_due_look_are_woken(reply, woken):
    now = datetime.now(UTC)
    assert clock.wake(now) == ["publish"]
    with db.transaction() as session:
        row = session.get_one(Reply, reply)
        row.state, row.next_look_at = "published", now
    assert clock.wake(now) == ["verify"]


def test_a_look_is_leased_to_one(reply):
    now = datetime.now(UTC)
    with db.transaction() as session:
        row = session.get_one(Reply, reply)
        row.state, row.next_look_at = "published", now
    with db.transaction() as session:
        assert looks.claim(session, reply, now)
        assert not looks.claim(session, reply, now)


def test_the_timetable_wakes_and_recovers_each_in_its_own_time(reply, state):
    now = datetime.now(UTC)
    with db.transaction() as session:
        row = session.get_one(Reply, reply)
        row.state, row.sending_at = "sending", now - timedelta(hours=1)
        case = session.query(Case).one()
        case.status, case.snoozed_until = "on_hold", now - timedelta(minutes=1)
    last: dict[str, datetime] = {}
    clock.keep_timetable(now, last)
    assert state(reply).state == "unknown"
    with db.snapshot() as session:
        assert session.query(Case).one().status != "on_hold"
    assert set(last) == set(clock.TIMETABLE)
    clock.keep_timetable(now + timedelta(seconds=1), last)
    assert set(last.values()) == {now}


def test_processes_are_seen_alive_and_late(home):
    with heartbeats.beating("tag"):
        now = datetime.now(UTC)
        (alive,) = heartbeats.all_processes(now)
        assert (alive.name, alive.pid, alive.is_alive) == ("tag", os.getpid(), True)
        late = heartbeats.all_processes(now, time.monotonic() + 300)
        assert not late[0].is_alive
        assert (now - late[0].beaten_at) >= timedelta(seconds=299)
    assert heartbeats.all_processes(datetime.now(UTC)) == []
    assert (settings.current().home / "run").is_dir()


@pytest.mark.parametrize(
    "jump", [timedelta(hours=1), timedelta(days=400), -timedelta(hours=1), -timedelta(days=400)]
)
def test_neither_a_clock_that_jumps_nor_a_laptop_that_sleeps_makes_a_process_look_dead(home, jump):
    """Neither moves the time since boot as a process sees it."""
    with heartbeats.beating("tag"):
        (seen,) = heartbeats.all_processes(datetime.now(UTC) + jump)
        assert seen.is_alive


@pytest.mark.parametrize("jump", [timedelta(0), timedelta(hours=1), -timedelta(hours=1)])
def test_nor_one_that_is_dead_alive(home, jump):
    with heartbeats.beating("tag"):
        (path,) = (settings.current().home / "run").glob("*.beat")
        left = path.read_text()
    path.write_text(left)
    assert not heartbeats.all_processes(datetime.now(UTC) + jump, time.monotonic() + 60)[0].is_alive


def test_what_stood_there_before_the_machine_was_started_anew_is_not_alive(home, monkeypatch):
    with heartbeats.beating("tag"):
        monkeypatch.setattr(heartbeats, "boot", lambda: "another")
        in_a_minute = datetime.now(UTC) + timedelta(minutes=1)
        assert not heartbeats.all_processes(in_a_minute, 3.0)[0].is_alive


def test_a_beat_that_was_taken_away_comes_back(home, monkeypatch):
    monkeypatch.setattr(heartbeats, "BEAT_SECONDS", 0.01)
    with heartbeats.beating("tag"):
        (path,) = (settings.current().home / "run").glob("*.beat")
        path.unlink()
        ends = time.monotonic() + 10
        while not heartbeats.all_processes(datetime.now(UTC)):
            assert time.monotonic() < ends


@pytest.mark.parametrize("left", ["", "{", "[]", "null", '{"name": 1}', "\x00" * 40])
def test_a_damaged_beat_is_no_process(home, left):
    folder = settings.current().home / "run"
    folder.mkdir(parents=True)
    (folder / "tag-1.beat").write_text(left)
    assert heartbeats.all_processes(datetime.now(UTC)) == []
