"""One look for an answer on its site: as a stranger, and for what was held also in our own name. No transaction is open
meanwhile."""

from dataclasses import replace
from datetime import UTC, datetime

from channels import errors
from channels.contract import Look, Receipt, TellsOfModeration, Text, Verifies
from desk.base import db, logs
from desk.base.sentences import Sentence
from desk.people.users import Session
from desk.replies import verification
from desk.replies.outgoing import Outgoing, gather_with_secrets
from desk.sources import sources
from workers import speaking

log = logs.logger()


def verify(outgoing: Outgoing) -> bool:
    """Looks for one answer as a stranger would; False when somebody else is looking."""
    with db.transaction() as session:
        if not verification.claim(session, outgoing.reply_id, datetime.now(UTC)):
            return False
    look = _look(outgoing)
    told = _ask(outgoing) if outgoing.is_held and (look is None or look.outcome != "visible") else None
    now = datetime.now(UTC)
    with db.transaction() as session:
        if told is not None and told.outcome in ("visible", "rejected"):
            _believe(session, outgoing.reply_id, told, now)
        elif look is None:
            # Nobody can look at this channel alone; the crawl recognises the answer by its text.
            sources.crawl_soon(session, sources.load(session, outgoing.source_id), now)
            verification.could_not_tell(session, outgoing.reply_id, "", now)
        else:
            _record(session, outgoing, look, now)
    return True


def _record(session: Session, outgoing: Outgoing, look: Look, now: datetime) -> None:
    if look.outcome == "visible":
        verification.seen(
            session,
            outgoing.reply_id,
            external_id=look.external_id,
            url=look.url,
            now=now,
            shown_at=look.seen_at,
        )
    elif look.outcome == "rejected" and outgoing.is_held:
        verification.rejected(session, outgoing.reply_id, _kept(look.reason), now)
    else:
        record = verification.could_not_tell if look.outcome == "cannot_tell" else verification.not_seen
        record(session, outgoing.reply_id, _kept(look.reason), now)


def _look(outgoing: Outgoing) -> Look | None:
    channel = speaking.channel_of(outgoing)
    if not isinstance(channel, Verifies):
        return None
    if outgoing.damage is not None:
        return Look("cannot_tell", reason=outgoing.damage)
    place, target = speaking.place(outgoing), speaking.target(outgoing)
    try:
        with speaking.lend(outgoing) as wire:
            return channel.look(place, target, outgoing.text, speaking.receipt(outgoing), wire)
    except errors.ChannelError as error:
        return Look("cannot_tell", reason=error.text)
    except Exception as error:  # the job border: a failed look proves nothing, and others wait
        log.exception("look_failed", reply=outgoing.reply_id, kind=outgoing.kind)
        return Look(
            "cannot_tell",
            reason=Text(
                f"The look failed ({type(error).__name__}).",
                f"Проверка не удалась ({type(error).__name__}).",
            ),
        )


def _ask(outgoing: Outgoing) -> Look | None:
    """What the site tells our account of an answer that it held; None where it tells nothing."""
    channel = speaking.channel_of(outgoing)
    if not isinstance(channel, TellsOfModeration):
        return None
    with db.snapshot() as session:
        ours = gather_with_secrets(session, outgoing.reply_id)
    if ours is None or ours.damage is not None:
        return None
    place, target = speaking.place(ours), speaking.target(ours)
    try:
        with speaking.lend(ours) as wire:
            told = channel.ask(place, target, ours.text, Receipt(ours.external_id, ours.public_url), wire)
            return replace(told, reason=wire.redact(told.reason))
    except errors.ChannelError:
        return None
    except Exception:  # the job border: a failed question proves nothing, and others wait
        log.exception("ask_failed", reply=outgoing.reply_id, kind=outgoing.kind)
        return None


def _believe(session: Session, reply_id: int, told: Look, now: datetime) -> None:
    if told.outcome == "rejected":
        verification.rejected(session, reply_id, _kept(told.reason), now)
    else:
        verification.released(session, reply_id, now)


def _kept(reason: Text | str) -> str:
    return Sentence.of(reason) if isinstance(reason, Text) else reason
