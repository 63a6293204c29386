"""Live pages: a line when something happens, and a way out when threads run short."""

from flask import Flask
from flask.testing import FlaskClient

from desk import cases, db
from desk.models import User
from tests.webapp.stage import Stage
from webapp.views import events


def test_the_stream_says_when_anything_happens(client: FlaskClient, stage: Stage, monkeypatch) -> None:
    monkeypatch.setattr(events, "LOOK_SECONDS", 0.01)
    case_id = stage.complain()
    stream = client.get("/events")
    assert stream.mimetype == "text/event-stream"
    lines = stream.iter_encoded()
    assert next(lines) == b"retry: 3000\n\n"
    before = next(lines)
    with db.transaction() as session:
        cases.take(session, case_id, session.get_one(User, stage.people["agent"]), stage.now)
    after = next(lines)
    stream.close()
    assert before.startswith(b"event: version\ndata: ")
    assert int(after.split()[-1]) > int(before.split()[-1])


def test_a_stream_ends_by_itself(client: FlaskClient, stage: Stage, monkeypatch) -> None:
    monkeypatch.setattr(events, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(events, "STREAM_SECONDS", 0.05)
    assert client.get("/events").text.startswith("retry")


def test_when_all_seats_are_taken_the_page_asks_instead(
    app: Flask, client: FlaskClient, stage: Stage
) -> None:
    seats = app.extensions["otklik_streams"]
    taken = 0
    while seats.acquire(blocking=False):
        taken += 1
    assert taken == app.config["WEB_THREADS"] - events.THREADS_FOR_PAGES
    assert client.get("/events").status_code == 204
    assert client.get("/events/version").json == {"version": 0}
    seats.release()
    stream = client.get("/events")
    assert stream.status_code == 200
    stream.close()
    assert seats.acquire(blocking=False), "a closed stream gives its seat back"
