"""What time it is, asked once a request. Tests hand the app another clock."""

from collections.abc import Callable
from datetime import UTC, datetime

from flask import current_app, g

Clock = Callable[[], datetime]


def system() -> datetime:
    return datetime.now(UTC)


def now() -> datetime:
    """The same moment everywhere in one request."""
    if "clock_now" not in g:
        clock: Clock = current_app.config["CLOCK"]
        g.clock_now = clock()
    moment: datetime = g.clock_now
    return moment
