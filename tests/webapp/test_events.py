"""Live pages: what a stream says first, who is told when something happens, and how a stream ends."""

import asyncio
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from desk.base import db
from desk.cases import assignment
from desk.models import SignIn, User
from desk.people import signed_in
from tests.webapp import loops
from tests.world.desk import World
from webapp.live import events
from webapp.live.presence import Presence, Watcher


def test_a_stream_begins_with_the_version(client: FlaskClient, world: World) -> None:
    case_id = world.complain()
    before = client.get("/events")
    assert before.mimetype == "text/event-stream"
    with db.transaction() as session:
        assignment.take(session, case_id, session.get_one(User, world.people["agent"]), world.now)
    after = client.get("/events")
    assert before.text.startswith("retry: ")
    assert int(after.text.split()[-1]) > int(before.text.split()[-1])
    assert client.get("/events/version").json == {"version": int(after.text.split()[-1])}


def test_a_stranger_gets_no_stream(app: Flask) -> None:
    assert app.test_client().get("/events").status_code == 302


def test_beyond_the_most_pages_a_browser_asks_instead(
    client: FlaskClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "MOST_PAGES", 0)
    assert client.get("/events").status_code == 204
    assert client.get("/events/version").json == {"version": 0}


class Reader:
    """A browser that keeps what it is told, until it leaves."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.is_told = asyncio.Event()
        self.leaves = asyncio.Event()

    async def say(self, line: bytes) -> None:
        self.lines.append(line)
        self.is_told.set()

    async def receive(self) -> dict[str, str]:
        await self.leaves.wait()
        return {"type": "http.disconnect"}


def run(
    scenario: Callable[[events.Pages, Reader, "asyncio.Task[None]"], object], *seen: events.Seen
) -> Reader:
    """One open page, and one look at the database for each thing seen."""
    answers = iter(seen)

    async def all_of_it() -> Reader:
        pages, reader = events.Pages(lambda _keys: next(answers)), Reader()
        kept = asyncio.create_task(pages.keep(events.Listener("k", 1), reader.say, reader.receive))
        await asyncio.sleep(0)
        for _look in seen:
            await pages.look_once()
            await asyncio.sleep(0.1)
        await asyncio.wait_for(scenario(pages, reader, kept), 20)
        assert pages.count == 0, "nobody listens any more"
        return reader

    return loops.run(all_of_it())


async def leave(_pages: events.Pages, reader: Reader, kept: "asyncio.Task[None]") -> None:
    reader.leaves.set()
    await kept


async def stop(pages: events.Pages, _reader: Reader, kept: "asyncio.Task[None]") -> None:
    pages.stop()
    await kept


async def end(_pages: events.Pages, _reader: Reader, kept: "asyncio.Task[None]") -> None:
    await kept


def seen(version: int, *living: str) -> events.Seen:
    return events.Seen(version, frozenset(living))


def test_what_is_new_is_said_once() -> None:
    reader = run(leave, seen(1, "k"), seen(2, "k"), seen(2, "k"))
    assert reader.lines == [b"event: version\ndata: 2\n\n"]


def test_a_stream_ends_with_its_sign_in() -> None:
    assert run(end, seen(2)).lines == []


def test_a_process_that_stops_ends_its_streams() -> None:
    assert run(stop, seen(1, "k")).lines == []


def test_a_stream_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "STREAM_SECONDS", 0)
    assert run(end).lines == []


def test_a_database_that_is_away_ends_no_stream() -> None:
    async def look_in_vain() -> None:
        def away(_keys: frozenset[str]) -> events.Seen:
            raise sa.exc.OperationalError("", None, Exception())

        pages, reader = events.Pages(away), Reader()
        kept = asyncio.create_task(pages.keep(events.Listener("k", 1), reader.say, reader.receive))
        await asyncio.sleep(0)
        await pages.look_once()
        assert pages.count == 1
        await leave(pages, reader, kept)

    loops.run(look_in_vain())


def test_one_look_serves_all_pages(world: World) -> None:
    keys = []
    with db.transaction() as session:
        keys = [signed_in.begin(session, world.people["agent"], "", world.now) for _ in range(3)]
    with db.transaction() as session:
        session.execute(sa.delete(SignIn).where(SignIn.key == keys[0]))
    assert events.look(frozenset(keys)) == events.Seen(0, frozenset(keys[1:]))


def test_who_looks_where_is_told_at_once_and_once_for_several() -> None:
    here = Presence()

    async def scenario() -> list[bytes]:
        pages, reader = events.Pages(lambda _keys: seen(1, "k"), here), Reader()
        watching = asyncio.create_task(pages.watch())
        kept = asyncio.create_task(pages.keep(events.Listener("k", 1), reader.say, reader.receive))
        await asyncio.sleep(0)
        for number in range(3):
            here.look(5, Watcher(number, f"Person {number}", is_writing=False))
        await asyncio.wait_for(reader.is_told.wait(), 20)
        await leave(pages, reader, kept)
        watching.cancel()
        return reader.lines

    (line,) = loops.run(scenario())
    assert line.startswith(b"event: presence\n")
    assert line.count(b"Person") == 3
