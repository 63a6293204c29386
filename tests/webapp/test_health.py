"""Whether Otklik itself is well, for people, a watchdog and Prometheus; and who may ask."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from desk.base import db, heartbeats, settings, wakeups
from desk.base.words import MentionState, ReplyState
from desk.models import Reply, Source
from desk.operations import system_health
from tests.world import rows
from tests.world.desk import listen
from webapp.health import checks
from webapp.wording import formats


@pytest.fixture
def source(people: object, now) -> int:
    return listen("https://shop.example/f", title="Feed", now=now)


@pytest.fixture
def alive(home: object, now, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Processes that have just shown themselves, and a Redis that can be asked."""
    monkeypatch.setattr(wakeups, "lengths", lambda: {"tag": 0, "crawl": 2, "reply": 0})

    def show(*names: str) -> None:
        folder = settings.current().home / "run"
        folder.mkdir(parents=True, exist_ok=True)
        for number, name in enumerate(names):
            path = folder / f"{name}-{number}.beat"
            path.write_text(json.dumps({"name": name, "pid": number, "started_at": now.isoformat()}))
            os.utime(path, (now.timestamp(), now.timestamp()))

    return show


def test_all_is_well(client: FlaskClient, source: int, alive) -> None:
    alive("tag", "jobs", "clock")
    assert "Everything works" in client.get("/health").text
    assert client.get("/healthz").text == "ok\n"
    assert "Everything works" in client.get("/health/dot").text


def test_a_missing_process_is_named(app: Flask, client: FlaskClient, source: int, alive) -> None:
    alive("tag", "jobs")
    page = client.get("/health").text
    assert "Not running: timetable (clock)" in page
    assert "Not running: timetable (clock)" in client.get("/health/dot").text
    answer = app.test_client().get("/healthz")
    assert (answer.status_code, answer.text) == (503, "not running: clock\n")
    assert app.test_client().get("/healthz?only=web").text == "ok\n"


def test_a_redis_that_lets_in_anybody_is_said(
    client: FlaskClient, source: int, alive, monkeypatch: pytest.MonkeyPatch
) -> None:
    alive("tag", "jobs", "clock")
    monkeypatch.setattr(wakeups, "openness", lambda: "It lets in anybody.")
    assert "Redis has no password" in client.get("/health").text
    assert client.get("/healthz").text == "It lets in anybody.\n"


def test_a_silent_process_does_not_count(client: FlaskClient, source: int, alive, now) -> None:
    alive("tag", "jobs", "clock")
    path = next((settings.current().home / "run").glob("clock-*"))
    long_ago = now.timestamp() - heartbeats.LATE_SECONDS - 5
    os.utime(path, (long_ago, long_ago))
    page = client.get("/health").text
    assert "Not running: timetable (clock)" in page
    assert "not responding" in page


def test_waiting_work_shows(client: FlaskClient, source: int, alive, now) -> None:
    alive("tag", "jobs", "clock")
    with db.transaction() as session:
        of = session.get_one(Source, source)
        rows.mention(session, of, state=MentionState.NEW, collected_at=now - timedelta(hours=2))
        of.failures = 2
    page = client.get("/health").text
    assert "1 mention waits to be tagged" in page
    assert "1 source cannot be read" in page
    assert "1 mentions wait to be tagged, the oldest for 7200 s" in client.get("/healthz").text


def test_a_missing_judge_is_said_with_its_reason(app: Flask, client: FlaskClient, source: int, alive) -> None:
    alive("tag", "jobs", "clock")
    heartbeats.complain("tag", "<b>/srv/model</b> lacks model.onnx")
    page = client.get("/health").text
    assert "The tagging model cannot be loaded" in page
    assert "&lt;b&gt;/srv/model&lt;/b&gt; lacks model.onnx" in page
    assert "no tagging model" in app.test_client().get("/healthz").text
    heartbeats.settle("tag")
    assert "The model that judges" not in client.get("/health").text


def test_fresh_work_is_no_trouble(client: FlaskClient, source: int, alive, now) -> None:
    alive("tag", "jobs", "clock")
    with db.transaction() as session:
        rows.mention(session, session.get_one(Source, source), state=MentionState.NEW, collected_at=now)
    assert client.get("/healthz").text == "ok\n"


def test_an_unreadable_database_is_told_without_its_address(
    app: Flask, source: int, alive, monkeypatch
) -> None:
    db.forget()
    monkeypatch.setenv("OTKLIK_DATABASE_URL", "postgresql://otklik:secret@127.0.0.1:1/nowhere")
    settings.current.cache_clear()
    answer = app.test_client().get("/healthz")
    assert answer.status_code == 503
    assert answer.text == "The database cannot be read (OperationalError).\n"
    assert app.test_client().get("/healthz?only=web").status_code == 503


def test_strangers_learn_nothing_but_whether_it_lives(app: Flask, source: int, alive) -> None:
    stranger = app.test_client()
    assert stranger.get("/health").status_code == 302
    assert stranger.get("/health/dot").status_code == 302
    assert stranger.get("/metrics", environ_base={"REMOTE_ADDR": "10.0.0.9"}).status_code == 404
    assert stranger.get("/metrics", headers={"X-Forwarded-For": "10.0.0.9"}).status_code == 404


def test_behind_a_proxy_everybody_seems_to_come_from_here_so_nobody_does(
    app: Flask, source: int, alive, monkeypatch
) -> None:
    monkeypatch.setenv("OTKLIK_PUBLIC_URL", "https://otklik.example.org")
    settings.current.cache_clear()
    assert app.test_client().get("/metrics").status_code == 404


def test_figures_for_prometheus(app: Flask, sign_in, source: int, alive) -> None:
    alive("tag", "jobs", "jobs")
    figures = app.test_client().get("/metrics").text
    assert 'otklik_processes{name="jobs"} 2.0' in figures
    assert 'otklik_queued_jobs{queue="crawl"} 2.0' in figures
    assert "otklik_to_crawl 1.0" in figures
    far = {"REMOTE_ADDR": "10.0.0.9"}
    key = settings.current().key("metrics")
    assert (
        app.test_client()
        .get("/metrics", environ_base=far, headers={"Authorization": f"Bearer {key}"})
        .status_code
        == 200
    )
    assert (
        app.test_client()
        .get("/metrics", environ_base=far, headers={"Authorization": "Bearer no"})
        .status_code
        == 404
    )
    assert sign_in("agent").get("/metrics", environ_base=far).status_code == 403
    assert sign_in("admin").get("/metrics", environ_base=far).status_code == 200


@pytest.mark.parametrize(("count", "said"), [(1, "It is in the queue"), (2, "They are in the queue")])
def test_what_is_said_of_answers_agrees_with_their_number(
    client: FlaskClient, source: int, alive, now, count: int, said: str
) -> None:
    alive("tag", "jobs", "clock")
    with db.transaction() as session:
        of, writer = session.get_one(Source, source), rows.user(session)
        for _ in range(count):
            case = rows.case(session, rows.mention(session, of))
            session.add(
                Reply(
                    case_id=case.id,
                    mention_id=case.mention_id,
                    source_id=source,
                    user_id=writer.id,
                    text="Hello",
                    thread_seen=0,
                    state=ReplyState.FAILED,
                    created_at=now,
                    changed_at=now,
                )
            )
    assert said in client.get("/health").text
    client.set_cookie("locale", "ru")
    russian = client.get("/health").text
    assert "вкладке «Проблемы»" in russian
    assert "каждый с" not in russian


def test_beyond_the_bound_only_that_there_are_more_is_said(app: Flask, source: int, now) -> None:
    with db.transaction() as session:
        of = session.get_one(Source, source)
        for _ in range(5):
            rows.mention(session, of, state=MentionState.NEW, collected_at=now)
    with db.snapshot() as session:
        assert system_health.measure(session, now, most=3).to_tag == 4
        assert system_health.measure(session, now, most=None).to_tag == 5
        measured = system_health.measure(session, now)
    many = replace(
        measured,
        to_tag=system_health.MOST_COUNTED + 1,
        problems={ReplyState.FAILED: system_health.MOST_COUNTED + 1},
    )
    late = now + timedelta(seconds=checks.LONGEST_WAIT_SECONDS)
    with app.test_request_context():
        told = {sign.key: sign for sign in checks.signs(many, [], None, None, late)}
        assert str(told["tagging"].title) == "More than 10,000 mentions wait to be tagged"
        assert told["tagging"].plain == "more than 10000 mentions wait to be tagged, the oldest for 600 s"
        assert str(told["answers"].title) == "More than 10,000 answers need attention"
        assert formats.at_most(10_001, 10_000) == "more than 10,000"
        assert formats.at_most(10_000, 10_000) == "10,000"


def test_watchers_get_whole_numbers(app: Flask, source: int, alive, now) -> None:
    with db.transaction() as session:
        of = session.get_one(Source, source)
        for due_at in (now - timedelta(hours=1), now + timedelta(hours=1), now + timedelta(hours=2)):
            rows.case(session, rows.mention(session, of), due_at=due_at)
    figures = app.test_client().get("/metrics").text
    assert "otklik_open_cases 3.0" in figures
    assert "otklik_overdue_cases 1.0" in figures
