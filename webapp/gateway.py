"""Between the network and Flask. A request is read whole before a thread is spent on it, and an answer is whole before
the first byte of it leaves: whoever sends or reads slowly holds a connection, never a thread. Live pages have no thread."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from tempfile import SpooledTemporaryFile
from typing import Any

from a2wsgi import WSGIMiddleware
from flask import Flask

from webapp.live import events

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

BODY_SECONDS = 30  # for the whole of what somebody sends, however often a byte arrives
CHUNK_SECONDS = 30  # for the next piece of an answer to be taken
CHUNK_BYTES = 64 * 1024
IN_MEMORY_BYTES = 64 * 1024  # of one request's body; the rest lies in a nameless file until it is whole


class Refused(Exception):
    """The request is not passed on. `status` is the answer."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Gone(Exception):
    """Nobody is there any more to answer to."""


class Gateway:
    """An ASGI application around a Flask one."""

    def __init__(self, app: Flask, threads: int) -> None:
        wsgi: Any = app.wsgi_app
        ask: Any = WSGIMiddleware(wsgi, workers=threads)
        self._ask: Application = ask
        self._longest: int = app.config["MAX_CONTENT_LENGTH"]
        self._pages = events.pages(app)
        self._scheme = "https" if app.config["SESSION_COOKIE_SECURE"] else "http"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._answer(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await send({"type": "websocket.close"})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        watching = asyncio.create_task(self._pages.watch())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        watching.cancel()
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        # A name with an underscore would reach Flask as the one with a dash, past a proxy that removes that one.
        scope["scheme"] = self._scheme  # TLS ends in front of us
        scope["headers"] = [pair for pair in scope["headers"] if b"_" not in pair[0]]
        try:
            _require_http_1(scope)
            async with self._whole_body(scope, receive) as body:
                answer: list[Message] = []
                await self._ask(scope, body, _collector(answer))
            await self._give(answer, scope.get(events.LISTENER), receive, send)
        except Refused as refused:
            await _refuse(refused.status, send)
        except Gone:
            return

    async def _give(
        self, answer: Sequence[Message], listener: events.Listener | None, receive: Receive, send: Send
    ) -> None:
        start, *parts = answer
        body = b"".join(part.get("body", b"") for part in parts)
        await _in_time(send({**start, "headers": _headers(start, is_stream=listener is not None)}))
        for at in range(0, len(body), CHUNK_BYTES):
            await _in_time(send(_piece(body[at : at + CHUNK_BYTES])))
        if listener is not None:

            async def say(line: bytes) -> None:
                await _in_time(send(_piece(line)))

            await self._pages.keep(listener, say, receive)
        await _in_time(send({"type": "http.response.body", "body": b"", "more_body": False}))

    @asynccontextmanager
    async def _whole_body(self, scope: Scope, receive: Receive) -> AsyncIterator[Receive]:
        """Raises Refused for a body that is too long or too slow, and Gone when the sender left before its end."""
        if _announced(scope) > self._longest:
            raise Refused(413)
        with SpooledTemporaryFile(IN_MEMORY_BYTES) as kept:
            try:
                async with asyncio.timeout(BODY_SECONDS):
                    await self._read(receive, kept)
            except TimeoutError:
                raise Refused(408) from None
            kept.seek(0)
            yield _reader(kept)

    async def _read(self, receive: Receive, kept: SpooledTemporaryFile[bytes]) -> None:
        length, has_more = 0, True
        while has_more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Gone
            length += len(message.get("body", b""))
            if length > self._longest:
                raise Refused(413)
            kept.write(message.get("body", b""))
            has_more = message.get("more_body", False)


def _require_http_1(scope: Scope) -> None:
    """Whoever changes to HTTP/2 on an open connection gets past what a proxy in front looks at."""
    if not str(scope["http_version"]).startswith("1"):
        raise Refused(505)


def _announced(scope: Scope) -> int:
    """The server has checked that it is a number."""
    return next((int(value) for name, value in scope["headers"] if name == b"content-length"), 0)


def _reader(kept: SpooledTemporaryFile[bytes]) -> Receive:
    async def read() -> Message:
        piece = kept.read(CHUNK_BYTES)
        return {"type": "http.request", "body": piece, "more_body": bool(piece)}

    return read


def _collector(answer: list[Message]) -> Send:
    async def collect(message: Message) -> None:
        answer.append(message)

    return collect


def _headers(start: Message, *, is_stream: bool) -> list[tuple[bytes, bytes]]:
    found: list[tuple[bytes, bytes]] = start["headers"]
    return [pair for pair in found if pair[0] != b"content-length"] if is_stream else found


def _piece(body: bytes) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": True}


async def _in_time(sending: Awaitable[None]) -> None:
    """Raises Gone when the other side does not take what it asked for."""
    try:
        await asyncio.wait_for(sending, CHUNK_SECONDS)
    except (TimeoutError, OSError):
        raise Gone from None


async def _refuse(status: int, send: Send) -> None:
    headers = [(b"content-length", b"0"), (b"connection", b"close")]
    try:
        await _in_time(send({"type": "http.response.start", "status": status, "headers": headers}))
        await _in_time(send({"type": "http.response.body", "body": b"", "more_body": False}))
    except Gone:
        return
