"""The web process itself, as a stranger meets it: half-sent requests, many live pages, and what no browser would send."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from desk.base import db
from desk.cases import assignment
from desk.models import User
from tests import processes
from tests.processes import free_port
from tests.webapp import loops
from tests.webapp.conftest import PASSWORD, token_in
from tests.world.desk import World

pytestmark = pytest.mark.processes
HEAD = "Host: 127.0.0.1\r\n"
FORM = f"POST /sign-in HTTP/1.1\r\n{HEAD}Content-Type: application/x-www-form-urlencoded\r\n"
HALVES = {
    "nothing": "",
    "a word": "GET /si",
    "a name": f"GET /sign-in HTTP/1.1\r\n{HEAD}X-Na",
    "a body": f"{FORM}Content-Length: 5000\r\n\r\nemail=",
    "a chunk": f"{FORM}Transfer-Encoding: chunked\r\n\r\n10\r\nema",
}
STREAMS = 300
LAST = b"\n\r\n0\r\n\r\n"
"""What is left of a stream whose first version was read: the end of that piece, and the end of all."""


@contextmanager
def process(home: Path) -> Iterator[tuple[int, subprocess.Popen]]:
    """The web process on a port of its own, over the database of this test, with as few threads as it can have."""
    port = free_port()
    chosen = {**os.environ, "OTKLIK_PORT": str(port), "OTKLIK_WEB_THREADS": "4"}
    home.mkdir(parents=True, exist_ok=True)
    with processes.running(
        sys.executable,
        "-m",
        "webapp",
        environment=chosen,
        log=home / "web.txt",
        is_ready=lambda: _answers(port),
    ) as started:
        yield port, started.handle
    assert "Traceback" not in started.said()


@contextmanager
def web(home: Path) -> Iterator[int]:
    with process(home) as (port, _started):
        yield port


def _answers(port: int) -> bool:
    with suppress(httpx.TransportError):
        return bool(httpx.get(f"http://127.0.0.1:{port}/healthz?only=web", timeout=30))
    return False


async def say(port: int, text: str | bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(text if isinstance(text, bytes) else text.encode())
    await writer.drain()
    return reader, writer


async def answer(port: int, text: str | bytes) -> bytes:
    """Everything that comes back until the server closes."""
    reader, writer = await say(port, text)
    try:
        return await asyncio.wait_for(reader.read(), 60)
    finally:
        writer.close()


def page(address: str = "/sign-in", more: str = "") -> str:
    return f"GET {address} HTTP/1.1\r\n{HEAD}{more}Connection: close\r\n\r\n"


def test_strangers_who_stall_leave_the_others_alone(home: Path, database: None) -> None:
    with web(home) as port:
        loops.run(say_halves(port))
        loops.run(read_nothing(port))
        assert loops.run(wait_for_the_end(port)) == [b"", b"", b""]


async def say_halves(port: int) -> None:
    held = [await say(port, half) for half in HALVES.values() for _ in range(40)]
    for _reader, writer in held:
        writer.write(b"a")
    for _again in range(5):
        assert (await answer(port, page())).startswith(b"HTTP/1.1 200")
    for _reader, writer in held:
        writer.close()


async def read_nothing(port: int) -> None:
    held = [await say(port, page("/static/vendor/htmx.min.js") * 8) for _ in range(20)]
    assert (await answer(port, page())).startswith(b"HTTP/1.1 200")
    for _reader, writer in held:
        writer.close()


async def wait_for_the_end(port: int) -> list[bytes]:
    """Of connections that never said anything whole: they are closed without a word."""
    held = [await say(port, HALVES[name]) for name in ("nothing", "a word", "a name")]
    return [await asyncio.wait_for(reader.read(), 60) for reader, _writer in held]


REFUSED: list[tuple[str | bytes, int]] = [
    (f"{FORM}Content-Length: 2000000\r\n\r\n", 413),
    (f"{FORM}Transfer-Encoding: chunked\r\n\r\n" + f"{0x20000:x}\r\n{'a' * 0x20000}\r\n" * 9, 413),
    (f"{FORM}Content-Length: 5\r\nContent-Length: 6\r\n\r\nemail=", 400),
    (f"{FORM}Content-Length: -5\r\n\r\nemail=", 400),
    (f"GET / HTTP/1.1\r\n{HEAD}X: {'a' * 70_000}\r\n\r\n", 431),
    (f"GET /{'a' * 70_000} HTTP/1.1\r\n{HEAD}\r\n", 431),
    (f"GET / HTTP/1.1\r\n{HEAD}{HEAD}\r\n", 400),
    ("GET / HTTP/1.1\r\n\r\n", 400),
    (f"GET / HTTP/1.1\r\n{HEAD}X : 1\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 400),
    (b"\x16\x03\x01\x02\x00\x01\x00", 400),
]


def test_what_no_browser_sends(home: Path, database: None) -> None:
    with web(home) as port:
        for sent, status in REFUSED:
            found = loops.run(answer(port, sent))
            assert found.split(b" ", 2)[1] == str(status).encode(), (sent[:80], found[:200])
            assert found.count(b"HTTP/1.1 ") == 1, sent[:80]
        hide_a_request_in_a_body(port)
        ask_twice_on_one_connection(port)
        change_to_another_protocol(port)


def hide_a_request_in_a_body(port: int) -> None:
    hidden = page("/healthz")
    both = (
        f"Content-Length: {len(hidden)}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n"
    )
    assert loops.run(answer(port, FORM + both + hidden)).count(b"HTTP/1.1 ") == 1


def ask_twice_on_one_connection(port: int) -> None:
    found = loops.run(answer(port, f"GET /sign-in HTTP/1.1\r\n{HEAD}\r\n" + page("/nowhere")))
    assert found.count(b"HTTP/1.1 200") == 1
    assert found.count(b"HTTP/1.1 ") == 2


def change_to_another_protocol(port: int) -> None:
    wanted = (
        "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\nConnection: Upgrade, HTTP2-Settings\r\n"
    )
    assert b"<html" not in loops.run(_begin(port, page(more=wanted)))


async def _begin(port: int, text: str) -> bytes:
    reader, writer = await say(port, text)
    try:
        return await asyncio.wait_for(reader.read(2000), 10)
    except TimeoutError:
        return b""
    finally:
        writer.close()


def signed_in_as(port: int, email: str) -> str:
    """The cookies of a browser that has just signed in."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as browser:
        token = token_in(browser.get("/sign-in").text)
        done = browser.post("/sign-in", data={"csrf_token": token, "email": email, "password": PASSWORD})
        assert done.status_code == 302, done.text
        return f"Cookie: {'; '.join(f'{name}={value}' for name, value in browser.cookies.items())}\r\n"


async def watch(port: int, cookie: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """An open live page that has said its first version."""
    reader, writer = await say(port, f"GET /events HTTP/1.1\r\n{HEAD}{cookie}\r\n")
    await told(reader)
    return reader, writer


async def told(reader: asyncio.StreamReader) -> int:
    while (line := await asyncio.wait_for(reader.readline(), 60)) != b"event: version\n":
        assert line, "the stream ended"
    return int((await asyncio.wait_for(reader.readline(), 60)).split()[1])


def test_hundreds_of_live_pages_take_no_seat_and_all_are_told(
    home: Path, people: dict[str, int], world: World
) -> None:
    case_id = world.complain()

    async def crowd(port: int) -> None:
        cookie = signed_in_as(port, "ivan@example.org")
        for _round in range(2):  # what was closed is free again
            open_pages = [await watch(port, cookie) for _ in range(STREAMS)]
            answers = await asyncio.gather(*(answer(port, page("/", cookie)) for _ in range(20)))
            assert all(found.startswith(b"HTTP/1.1 200") for found in answers)
            with db.transaction() as session:
                by = session.get_one(User, people["agent"])
                (assignment.take if _round == 0 else assignment.release)(session, case_id, by, world.now)
            versions = await asyncio.gather(*(told(reader) for reader, _writer in open_pages))
            assert len(set(versions)) == 1
            for _reader, writer in open_pages:
                writer.close()

    with web(home) as port:
        loops.run(crowd(port))


def test_live_pages_end_with_their_sign_in_and_with_the_process(home: Path, people: dict[str, int]) -> None:
    async def leave(port: int, stop: Callable[[], None]) -> None:
        mine, other = [signed_in_as(port, "ivan@example.org") for _ in range(2)]
        ended, lasting = await watch(port, mine), [await watch(port, other) for _ in range(20)]
        assert b" 302" in (await answer(port, sign_out(port, mine)))[:20]
        assert await asyncio.wait_for(ended[0].read(), 30) == LAST
        assert b" 302" in (await answer(port, page("/events", mine)))[:20], "the copied cookie is dead"
        assert (await answer(port, page("/", other))).startswith(b"HTTP/1.1 200"), "the other browser is not"
        await say(port, HALVES["a body"])
        stop()
        assert {await asyncio.wait_for(reader.read(), 30) for reader, _writer in lasting} == {LAST}

    with process(home) as (port, started):
        loops.run(leave(port, started.terminate))
        assert started.wait(15) == 0


def sign_out(port: int, cookie: str) -> str:
    name, _colon, value = cookie.strip().partition(": ")
    token = token_in(httpx.get(f"http://127.0.0.1:{port}/account", headers={name: value}).text)
    body = f"csrf_token={token}"
    return (
        f"POST /sign-out HTTP/1.1\r\n{HEAD}{cookie}Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"
    )
