"""Live pages: one look at the database tells all of them, however many are open. They wait in the event loop."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import structlog
from flask import Flask

from desk import db, queue, signed_in

SEAT = "otklik.seat"
"""Where a view leaves the seat for the gateway, in the ASGI scope of its request."""
LOOK_SECONDS = 2
SAY_SOMETHING_SECONDS = 20  # proxies cut silent streams
STREAM_SECONDS = 300  # then the browser connects again, and its sign-in is looked at anew
MOST_PAGES = 2000
TOLD_A_SECOND = 25
"""Every page that is told asks for what it shows: all of them at once would be more than one process can answer."""

Say = Callable[[bytes], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]
log = structlog.get_logger()


@dataclass(slots=True, eq=False)
class Seat:
    """One open live page. `told` is the version that its reader has heard of."""

    sign_in: str
    told: int
    is_over: bool = False
    news: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True)
class Seen:
    version: int
    living: frozenset[str]


Look = Callable[[frozenset[str]], Seen]


def look(sign_ins: frozenset[str]) -> Seen:
    """The newest version, and which of these sign-ins still hold."""
    with db.snapshot() as session:
        return Seen(queue.version(session), signed_in.living(session, sign_ins))


class Pages:
    def __init__(self, look: Look = look) -> None:
        self._look = look
        self._seats: set[Seat] = set()
        self._thread = ThreadPoolExecutor(1, "live")
        self._is_stopping = False

    @property
    def is_full(self) -> bool:
        return len(self._seats) >= MOST_PAGES

    @property
    def count(self) -> int:
        return len(self._seats)

    async def watch(self) -> None:
        """Until it is cancelled. A database that is away for a while ends no stream."""
        while True:
            if self._seats:
                await self.look_once()
            await asyncio.sleep(LOOK_SECONDS)

    async def look_once(self) -> None:
        signed = frozenset(seat.sign_in for seat in self._seats)
        try:
            seen = await asyncio.get_running_loop().run_in_executor(self._thread, self._look, signed)
        except db.Busy as error:
            log.warning("live_pages_not_told", error=type(error).__name__)
            return
        self._over(seat for seat in self._seats if seat.sign_in in signed - seen.living)
        self._tell(seen.version)

    def stop(self) -> None:
        """The browsers connect again by themselves, to the process that comes after this one."""
        self._is_stopping = True
        self._over(self._seats)

    async def keep(self, seat: Seat, say: Say, receive: Receive) -> None:
        """Until the reader leaves, his sign-in ends or the time is up. Raises what `say` raises."""
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + STREAM_SECONDS * random.uniform(1, 1.2)
        gone = asyncio.ensure_future(_left(receive))
        self._seats.add(seat)
        try:
            while not self._is_stopping and loop.time() < ends_at:
                await _first_of(gone, seat.news)
                if gone.done() or seat.is_over:
                    break
                await say(event(seat.told) if seat.news.is_set() else b": still here\n\n")
                seat.news.clear()
        finally:
            self._seats.discard(seat)
            gone.cancel()

    def _tell(self, version: int) -> None:
        behind = [seat for seat in self._seats if seat.told < version]
        for seat in behind:
            seat.told = version
            delay = random.uniform(0, len(behind) / TOLD_A_SECOND)
            asyncio.get_running_loop().call_later(delay, seat.news.set)

    @staticmethod
    def _over(seats: Iterable[Seat]) -> None:
        for seat in seats:
            seat.is_over = True
            seat.news.set()


def event(version: int) -> bytes:
    return f"event: version\ndata: {version}\n\n".encode()


def install(app: Flask) -> None:
    app.extensions["otklik_live"] = Pages()


def pages(app: Flask) -> Pages:
    found: Pages = app.extensions["otklik_live"]
    return found


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _first_of(gone: "asyncio.Future[Any]", news: asyncio.Event) -> None:
    heard: asyncio.Future[Any] = asyncio.ensure_future(news.wait())
    await asyncio.wait([gone, heard], timeout=SAY_SOMETHING_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    heard.cancel()
