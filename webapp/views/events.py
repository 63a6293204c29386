"""Live pages: one line whenever anything has happened to any case. The page itself asks for what it shows."""

import time
from collections.abc import Iterator
from threading import BoundedSemaphore

from flask import Blueprint, Response, current_app, jsonify
from flask.typing import ResponseReturnValue

from desk import db, queue
from webapp import presence

bp = Blueprint("events", __name__, url_prefix="/events")

LOOK_SECONDS = 2
SAY_SOMETHING_SECONDS = 20  # proxies cut silent streams
STREAM_SECONDS = 300  # then the browser connects again, and a forgotten tab gives its thread back
THREADS_FOR_PAGES = 8


@bp.record_once
def _count_streams(state: object) -> None:
    app = state.app  # type: ignore[attr-defined]
    app.extensions["otklik_streams"] = BoundedSemaphore(max(1, app.config["WEB_THREADS"] - THREADS_FOR_PAGES))


@bp.get("")
def stream() -> ResponseReturnValue:
    """204 when every thread for streams is taken: the browser stops trying, and static/js/live.js asks instead."""
    seats: BoundedSemaphore = current_app.extensions["otklik_streams"]
    if not seats.acquire(blocking=False):
        return "", 204
    response = Response(_lines(presence.here()), mimetype="text/event-stream")
    response.call_on_close(seats.release)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


@bp.get("/version")
def version() -> ResponseReturnValue:
    return jsonify(version=_version())


def _lines(here: presence.Presence) -> Iterator[str]:
    """Who looks at which case comes along as soon as it changes; the database is asked as often as ever."""
    known, said_at, told, looks_at = -1, 0.0, 0, 0.0
    ends_at = time.monotonic() + STREAM_SECONDS
    yield "retry: 3000\n\n"
    while time.monotonic() < ends_at:
        if (number := here.wait(told, max(0.0, looks_at - time.monotonic()))) != told:
            told = number
            yield f"event: presence\ndata: {here.told()}\n\n"
        if time.monotonic() < looks_at:
            continue
        looks_at, found = time.monotonic() + LOOK_SECONDS, _version()
        if found != known:
            known, said_at = found, time.monotonic()
            yield f"event: version\ndata: {found}\n\n"
        elif time.monotonic() - said_at > SAY_SOMETHING_SECONDS:
            said_at = time.monotonic()
            yield ": still here\n\n"


def _version() -> int:
    with db.snapshot() as session:
        return queue.version(session)
