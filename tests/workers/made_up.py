"""What tests of made-up channels share: their sites, and what the desk knows of the one answer."""

import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug import Request, Response

from desk import metrics
from desk.base import db
from desk.base.words import CaseStage
from desk.cases import cases
from desk.metrics import Period, Scope
from desk.models import Mention, Reply

TEXT = "Anna, we are sorry. The parcel leaves today."
Approve = Callable[..., int]


@dataclass
class Api:
    """The sites of the messenger and of the marketplace. `mode`: take, hang (it is taken, and no answer comes), lose (the
    connection breaks before it is taken), refuse, mute_token (the token never comes). `is_behind`: what was taken is not
    listed yet."""

    mode: str = "take"
    is_behind: bool = False
    url: str = ""
    asked: list[str] = field(default_factory=list)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    has_taken: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)

    @Request.application
    def serve(self, request: Request) -> Response:
        path = request.path.rsplit("/", 1)[-1]
        self.asked.append(f"{request.method} {request.path}")
        if path == "token":
            if self.mode == "mute_token":
                self.release.wait(30)
            return _json({"token": "t1"})
        if path == "answers":
            return _json({"answers": [] if self.is_behind else list(self.answers.values())})
        if self.mode == "refuse":
            return Response("The token key-canary-77 is of no use here", 400)
        if self.mode == "lose":
            request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            return Response()
        said = json.loads(request.get_data())
        key = said.get("reference") or f"no reference {len(self.answers)}"
        # A second one with the same reference is dropped.
        kept = self.answers.setdefault(
            key, {"id": len(self.answers) + 7, "state": "held", "reference": key, **said}
        )
        self.has_taken.set()
        if self.mode == "hang":
            self.release.wait(30)
        return _json({"id": kept["id"], "message_id": kept["id"]})

    def decide(self, state: str, reason: str = "") -> None:
        for answer in self.answers.values():
            answer |= {"state": state, "reason": reason}


def _json(value: object) -> Response:
    return Response(json.dumps(value), content_type="application/json")


def due(reply_id: int) -> None:
    with db.transaction() as session:
        session.get_one(Reply, reply_id).next_look_at = datetime.now(UTC) - timedelta(seconds=1)


def shares() -> tuple[int, int, int, int]:
    """Seen by a stranger, confirmed to our account, by a receipt alone, only sent."""
    now = datetime.now(UTC)
    period = Period(now - timedelta(days=2), now + timedelta(days=1))
    with db.snapshot() as session:
        found = metrics.overview(session, period, Scope(), now)
    return found.answered.hits, found.confirmed.hits, found.receipt_only.hits, found.sent_unverified.hits


def stage() -> CaseStage:
    with db.snapshot() as session:
        mention = session.query(Mention).one()
        return cases.load(session, mention.case_id).stage
