"""One correction or withdrawal on its way to the site, and one look whether it has arrived. No transaction is open meanwhile.
What was cut off is looked for and never sent again by itself."""

from datetime import UTC, datetime
from functools import partial

from channels import errors
from channels.contract import Deletes, Edits, Look, Receipt
from channels.wire.client import GuardedWire
from desk.base import db, logs
from desk.base.errors import Invalid
from desk.base.sentences import Sentence
from desk.base.words import ChangeKind
from desk.replies import change_looks, change_sending
from desk.replies.change_looks import Found
from desk.replies.change_sending import Changing
from workers import publishing, speaking, verifying

NOT_ABLE = Sentence(
    "This channel cannot do that: do it on the site by hand. Nothing was sent.",
    "Этот канал так не умеет: сделайте это на площадке вручную. Ничего не отправлено.",
)

log = logs.logger()


def change(change_id: int) -> bool:
    """Whether it was ours to send. `sending` is committed before the call, what came of it after."""
    with db.transaction() as session:
        changing = change_sending.begin(session, change_id, datetime.now(UTC), publishing.complaint)
    if changing is None:
        return False
    record = send(changing)
    with db.transaction() as session:
        record(session, change_id, now=datetime.now(UTC), terms=speaking.terms_of(changing.outgoing.kind))
    return True


def send(changing: Changing) -> publishing.Recording:
    """Speaks to the site, once; returns what is to be written down about it."""
    outgoing = changing.outgoing
    channel = speaking.channel_of(outgoing)
    is_able = isinstance(channel, Edits if changing.kind is ChangeKind.CORRECT else Deletes)
    if not is_able:
        return partial(change_sending.failed, kind="refused", error=NOT_ABLE)
    wire = speaking.lend(outgoing, is_single=True)
    try:
        with wire:
            receipt = _speak(channel, changing, wire)
    except publishing.SURELY_NOT_TAKEN as error:
        if changing.kind is ChangeKind.WITHDRAW and isinstance(error, errors.Gone):
            return partial(change_sending.done)
        return partial(change_sending.failed, kind=error.kind, error=Sentence.of(error.text))
    except Exception as error:  # noqa: BLE001 - the job border: who knows whether the site did it
        return _unsure(error, wire, changing)
    if receipt.state in ("rejected", "removed", "bounced"):
        return partial(change_sending.failed, kind="rejected", error="")
    done = partial(change_sending.done, external_id=receipt.external_id, url=receipt.url, at=receipt.at)
    return publishing.noting(done, outgoing, wire, receipt)


def _speak(channel: object, changing: Changing, wire: GuardedWire) -> Receipt:
    outgoing = changing.outgoing
    place, target = speaking.place(outgoing), speaking.target(outgoing)
    known = speaking.receipt(outgoing) or Receipt(None)
    if isinstance(channel, Edits) and changing.kind is ChangeKind.CORRECT:
        return channel.edit(place, target, known, outgoing.text, wire)
    if isinstance(channel, Deletes):
        channel.delete(place, target, known, wire)
    return known


def _unsure(error: Exception, wire: GuardedWire, changing: Changing) -> publishing.Recording:
    """What was asked for after the request had left tells nothing about it."""
    is_told = isinstance(error, errors.ChannelError)
    if not is_told:
        log.error("change_failed", change=changing.change_id, kind=changing.outgoing.kind, exc_info=error)
    words = Sentence.of(error.text) if isinstance(error, errors.ChannelError) else publishing.plain(error)
    if wire.may_have_left or isinstance(error, errors.Unknown):
        return partial(change_sending.lost_track, error=words)
    kind = error.kind if isinstance(error, errors.ChannelError) else "error"
    said = words if is_told else words.with_more(publishing.NOT_SENT)
    return partial(change_sending.failed, kind=kind, error=said)


def look_for(change_id: int) -> bool:
    """Whether it was ours to look for."""
    try:
        with db.transaction() as session:
            changing = change_looks.claim(session, change_id, datetime.now(UTC), speaking.terms_of)
    except Invalid as error:
        _record(change_id, "cannot_tell", str(error), "")
        return True
    if changing is None:
        return False
    look = verifying.look(changing.outgoing)
    reason = verifying.kept(look.reason) if look is not None else ""
    _record(change_id, _found(changing.kind, look), reason, changing.outgoing.kind)
    return True


def _record(change_id: int, found: Found, reason: str, kind: str) -> None:
    with db.transaction() as session:
        change_looks.record(session, change_id, found, reason, datetime.now(UTC), speaking.terms_of(kind))


def _found(kind: ChangeKind, look: Look | None) -> Found:
    """What a look says about a change. Of words that the channel does not compare nothing is concluded."""
    if look is None or look.outcome == "cannot_tell":
        return "cannot_tell"
    if kind is ChangeKind.WITHDRAW:
        return (
            "done"
            if look.outcome == "missing"
            else "as_before"
            if look.outcome == "visible"
            else "cannot_tell"
        )
    if look.outcome == "visible" and look.is_as_sent is not None:
        return "done" if look.is_as_sent else "as_before"
    return "cannot_tell" if look.outcome == "visible" else "as_before"
