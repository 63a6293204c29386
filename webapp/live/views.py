"""Live pages: one line whenever anything has happened to any case. The page itself asks for what it shows."""

import random

from flask import Blueprint, Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from desk.cases import queue
from webapp.live import events, presence
from webapp.request import transaction, users

bp = Blueprint("events", __name__, url_prefix="/events")

AGAIN_MS = (2000, 6000)  # after a restart not all at once


@bp.get("")
def stream() -> ResponseReturnValue:
    """The first lines; webapp/gateway.py keeps the stream open after them. 204 when there are too many: the browser
    stops trying, and static/js/live.js asks now and then instead."""
    if events.pages(current_app).is_full:
        return "", 204
    version, here = queue.version(transaction.session()), presence.here().seen()
    lines = (
        f"retry: {random.randint(*AGAIN_MS)}\n\n".encode()
        + events.presence_event(here)
        + events.version_event(version)
    )
    if (scope := request.environ.get("asgi.scope")) is not None:
        scope[events.LISTENER] = events.Listener(users.sign_in_key(), version, here.number)
    response = Response(lines, mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


@bp.get("/version")
def version() -> ResponseReturnValue:
    return jsonify(version=queue.version(transaction.session()))
