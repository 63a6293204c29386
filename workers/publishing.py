"""One answer on its way to the site. No transaction is open meanwhile. Whatever is not surely refused is looked up on the site
before anything else, and sent again by itself only where the site drops a second one with our reference."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

import channels
from channels import errors, lengths
from channels.contract import Receipt, Replies
from channels.wire.client import GuardedWire
from desk.base import db, logs
from desk.base.sentences import Sentence
from desk.base.words import RemarkOrigin
from desk.people.users import Session
from desk.replies import sending
from desk.replies.outgoing import Outgoing
from desk.sources import remarks
from workers import speaking

SURELY_NOT_TAKEN = (
    errors.Refused,
    errors.Unauthorized,
    errors.RateLimited,
    errors.Blocked,
    errors.NotFound,
    errors.Gone,
)
NO_ANSWERS = Sentence(
    "This channel takes no answers: post it by hand.",
    "Через этот канал отвечать нельзя: опубликуйте ответ вручную.",
)
NOT_SENT = Sentence("Nothing was sent.", "Ничего не отправлено.")
Recording = Callable[..., None]

log = logs.logger()


def publish(reply_id: int) -> bool:
    """Whether it was ours to send. `sending` is committed before the call, what came of it after."""
    with db.transaction() as session:
        outgoing = sending.begin(session, reply_id, datetime.now(UTC), complaint)
    return outgoing is not None and _send_and_record(outgoing)


def publish_again(reply_id: int) -> bool:
    """One whose fate is unknown, with the same reference; whether it was ours to send."""
    with db.transaction() as session:
        outgoing = sending.begin_again(session, reply_id, datetime.now(UTC))
    return outgoing is not None and _send_and_record(outgoing)


def _send_and_record(outgoing: Outgoing) -> bool:
    record = send(outgoing)
    with db.transaction() as session:
        record(session, outgoing.reply_id, now=datetime.now(UTC))
    return True


def complaint(kind: str, cursor: Mapping[str, Any], text: str) -> str | None:
    """Why that text is too long for that kind of source, as the desk asks for it."""
    channel = channels.channel(kind) if kind in channels.KINDS else None
    said = lengths.complaint(lengths.limits_of(channel, cursor), text)
    return Sentence.of(said) if said is not None else None


def send(outgoing: Outgoing) -> Recording:
    """Speaks to the site, once; returns what is to be written down about it."""
    channel = speaking.channel_of(outgoing)
    if not isinstance(channel, Replies):
        return partial(sending.failed, kind="refused", error=NO_ANSWERS)
    wire = speaking.lend(outgoing, is_single=True)
    try:
        with wire:
            receipt = channel.send(speaking.place(outgoing), speaking.target(outgoing), outgoing.text, wire)
    except errors.TooLong as error:
        return partial(
            sending.too_long, error=Sentence.of(error.text), limits=lengths.remembered(error.limits)
        )
    except SURELY_NOT_TAKEN as error:
        return partial(sending.failed, kind=error.kind, error=Sentence.of(error.text))
    except Exception as error:  # noqa: BLE001 - the job border: who knows whether the site took it
        return _unsure(error, wire, outgoing)
    taken = partial(
        sending.taken,
        state=receipt.state,
        external_id=receipt.external_id,
        url=receipt.url,
        at=receipt.at,
        terms=speaking.terms_of(outgoing.kind),
    )
    return noting(taken, outgoing, wire, receipt)


def noting(record: Recording, outgoing: Outgoing, wire: GuardedWire, receipt: Receipt) -> Recording:
    """The same, and what the channel remarked besides goes to the source's page, without secrets."""
    said = [Sentence.of(wire.redact(text)) for text in receipt.remarks]

    def both(session: Session, number: int, *, now: datetime, **facts: Any) -> None:
        record(session, number, now=now, **facts)
        remarks.note(session, outgoing.source_id, RemarkOrigin.ANSWER, said, now)

    return both if said else record


def _unsure(error: Exception, wire: GuardedWire, outgoing: Outgoing) -> Recording:
    """What was asked for after the answer had left tells nothing about it."""
    is_told = isinstance(error, errors.ChannelError)
    if not is_told:
        log.error("send_failed", reply=outgoing.reply_id, kind=outgoing.kind, exc_info=error)
    words = Sentence.of(error.text) if isinstance(error, errors.ChannelError) else plain(error)
    if wire.may_have_left or isinstance(error, errors.Unknown):
        return partial(sending.lost_track, error=words, terms=speaking.terms_of(outgoing.kind))
    kind = error.kind if isinstance(error, errors.ChannelError) else "error"
    return partial(sending.failed, kind=kind, error=words if is_told else words.with_more(NOT_SENT))


def plain(error: Exception) -> Sentence:
    """What an error says that no channel has put into words."""
    words = str(error) or type(error).__name__
    return Sentence(words, words)
