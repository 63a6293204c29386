"""Live pages: one look at the database tells all of them, however many are open. They wait in the event loop."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from flask import Flask

from desk.base import db, logs
from desk.cases import queue
from desk.people import signed_in
from webapp.live import presence
from webapp.live.presence import Presence

LISTENER = "otklik.listener"
"""Where a view leaves the listener for the gateway, in the ASGI scope of its request."""
LOOK_SECONDS = 2
PRESENCE_SECONDS = 0.3
SAY_SOMETHING_SECONDS = 20  # proxies cut silent streams
STREAM_SECONDS = 300  # then the browser connects again, and its sign-in is looked at anew
MOST_PAGES = 2000
TOLD_A_SECOND = 25
"""Every page that is told asks for what it shows: all of them at once would be more than one process can answer."""

Say = Callable[[bytes], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]
log = logs.logger()


@dataclass(slots=True, eq=False)
class Listener:
    """One open live page. `told` is the version that its reader hears of now or in a moment, `due` the one he may hear
    now, `said` the last one that he heard; `presence` is the number of the last change of who looks where."""

    sign_in: str
    told: int
    presence: int = 0
    due: int = field(init=False)
    said: int = field(init=False)
    is_over: bool = False
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.due = self.said = self.told

    def hear(self, version: int) -> None:
        self.due = version
        self.news.set()


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
    def __init__(self, look: Look = look, presence: Presence | None = None) -> None:
        self._look = look
        self._presence = presence or Presence()
        self._presence.on_change(self._presence_changed)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_telling_presence = False
        self._listeners: set[Listener] = set()
        self._thread = ThreadPoolExecutor(1, "live")
        self._is_stopping = False

    @property
    def is_full(self) -> bool:
        return len(self._listeners) >= MOST_PAGES

    @property
    def count(self) -> int:
        return len(self._listeners)

    async def watch(self) -> None:
        """Until it is cancelled. A database that is away for a while ends no stream."""
        self._loop = asyncio.get_running_loop()
        while True:
            if self._listeners:
                self._presence.refresh()
                await self.look_once()
            await asyncio.sleep(LOOK_SECONDS)

    async def look_once(self) -> None:
        signed = frozenset(listener.sign_in for listener in self._listeners)
        try:
            seen = await asyncio.get_running_loop().run_in_executor(self._thread, self._look, signed)
        except db.Busy as error:
            log.warning("live_pages_not_told", error=type(error).__name__)
            return
        self._over(listener for listener in self._listeners if listener.sign_in in signed - seen.living)
        self._tell(seen.version)

    def stop(self) -> None:
        """The browsers connect again by themselves, to the process that comes after this one."""
        self._is_stopping = True
        self._over(self._listeners)

    async def keep(self, listener: Listener, say: Say, receive: Receive) -> None:
        """Until the reader leaves, his sign-in ends or the time is up. Raises what `say` raises."""
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + STREAM_SECONDS * random.uniform(1, 1.2)
        gone = asyncio.ensure_future(_left(receive))
        self._listeners.add(listener)
        try:
            while not self._is_stopping and loop.time() < ends_at:
                await _first_of(gone, listener.news)
                if gone.done() or listener.is_over:
                    break
                listener.news.clear()
                await say(self._news_of(listener) or b": still here\n\n")
        finally:
            self._listeners.discard(listener)
            gone.cancel()

    def _news_of(self, listener: Listener) -> bytes:
        lines, here = b"", self._presence.seen()
        if listener.said != listener.due:
            listener.said = listener.due
            lines += version_event(listener.due)
        if listener.presence != here.number:
            listener.presence = here.number
            lines += presence_event(here)
        return lines

    def _presence_changed(self) -> None:
        """Called in the threads that answer requests."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._tell_presence_soon)

    def _tell_presence_soon(self) -> None:
        """Several people move at once: one line tells of all of them."""
        if not self._is_telling_presence:
            self._is_telling_presence = True
            asyncio.get_running_loop().call_later(PRESENCE_SECONDS, self._tell_presence)

    def _tell_presence(self) -> None:
        self._is_telling_presence = False
        for listener in self._listeners:
            listener.news.set()

    def _tell(self, version: int) -> None:
        behind = [listener for listener in self._listeners if listener.told < version]
        for listener in behind:
            listener.told = version
            delay = random.uniform(0, len(behind) / TOLD_A_SECOND)
            asyncio.get_running_loop().call_later(delay, listener.hear, version)

    @staticmethod
    def _over(listeners: Iterable[Listener]) -> None:
        for listener in listeners:
            listener.is_over = True
            listener.news.set()


def version_event(version: int) -> bytes:
    return f"event: version\ndata: {version}\n\n".encode()


def presence_event(here: presence.Seen) -> bytes:
    return f"event: presence\ndata: {here.told}\n\n".encode()


def install(app: Flask) -> None:
    """After webapp.live.presence."""
    app.extensions["otklik_live"] = Pages(presence=app.extensions["otklik_presence"])


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
