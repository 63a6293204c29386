"""Push: what a site sends to the address of a source is admitted by its channel, kept, committed, and only then answered.

No session, no sign-in, no form token: the address is the key, and the channel looks at the signature. Nothing is read here
beyond that; the wake-up "receive" calls whoever does.
"""

from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, abort, current_app, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from channels import KINDS, channel, errors, fields
from channels.contract import Admission, Place, Push, Receives
from desk.base import logs
from desk.base.errors import DeskError
from desk.models import Source
from desk.sources import deliveries, places
from webapp.request import clock, transaction
from webapp.request.attempts import Attempts

bp = Blueprint("hooks", __name__, url_prefix=deliveries.PATH)

WRONG_ADDRESSES = 30
"""From one network address within five minutes: tokens that nobody has, and signatures that are wrong."""
MOST_DELIVERIES = 6_000
"""For one source within five minutes; who sends more is asked to come later, and nothing of it is lost at the site."""

COUNTED = "otklik_push_attempts"

log = logs.logger()


@dataclass(frozen=True, slots=True)
class Counted:
    """What came to one application."""

    wrong: Attempts = field(default_factory=Attempts)
    taken: Attempts = field(default_factory=Attempts)


@bp.record
def _count(state: BlueprintSetupState) -> None:
    state.app.extensions[COUNTED] = Counted()


@bp.route("/<token>", methods=["GET", "POST"])
def receive(token: str) -> ResponseReturnValue:
    stranger = (f"from:{request.remote_addr}", WRONG_ADDRESSES)
    _demand_patience(_counted().wrong, stranger)
    source = deliveries.source_of(transaction.session(), token)
    receiver = _receiver(source)
    if source is None or receiver is None:
        _counted().wrong.fail([stranger])
        abort(404)
    _demand_patience(_counted().taken, (f"source:{source.id}", MOST_DELIVERIES))
    try:
        place = _place(source)
        _demand_ready(source, place)
        admission = receiver.admit(place, _push())
    except errors.Unauthorized:
        _counted().wrong.fail([stranger])
        abort(403)
    except errors.ChannelError as error:
        log.info("push_not_understood", source=source.id, error=str(error))
        abort(400)
    except DeskError as error:
        log.warning("push_refused", source=source.id, error=str(error))
        abort(503)
    if admission.page is not None:
        _keep(source.id, admission, admission.page)
    return Response(admission.body, admission.status, content_type=admission.content_type)


def _receiver(source: Source | None) -> Receives | None:
    if source is None or source.kind not in KINDS:
        return None
    found: object = channel(source.kind)
    return found if isinstance(found, Receives) else None


def _keep(source_id: int, admission: Admission, page: Any) -> None:
    _counted().taken.fail([(f"source:{source_id}", MOST_DELIVERIES)])
    deliveries.keep(transaction.start_writing(), source_id, page, admission.key, clock.now())


def _counted() -> Counted:
    kept: Counted = current_app.extensions[COUNTED]
    return kept


def _demand_patience(counted: Attempts, limit: tuple[str, int]) -> None:
    if wait := counted.wait_seconds([limit]):
        abort(429, str(wait))


def _demand_ready(source: Source, place: Place) -> None:
    """Without what a channel knows its site by, anybody could speak for it. Asked to come later, the site keeps what it has."""
    lacking = fields.lacking(channel(source.kind).about, {**place.settings, **place.secrets}, "push")
    if lacking:
        log.warning("push_not_ready", source=source.id, lacking=[one.name for one in lacking])
        abort(503)


def _place(source: Source) -> Place:
    return Place.of(places.place_of(transaction.session(), source))


def _push() -> Push:
    return Push(
        method=request.method,
        query=request.args.to_dict(),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.get_data(cache=False),
        received_at=clock.now(),
    )
