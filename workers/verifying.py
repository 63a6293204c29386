"""One look for an answer on its site: as a stranger, and for what was held also in our own name. No transaction is open
meanwhile."""

from dataclasses import replace
from datetime import UTC, datetime

from channels import errors
from channels.contract import Look, Receipt, TellsOfModeration, Text, Verifies
from desk.base import db, logs
from desk.base.sentences import Sentence
from desk.base.words import AnswerProof
from desk.people.users import Session
from desk.replies import looks, sending, verification
from desk.replies.outgoing import Outgoing, gather_with_secrets
from desk.replies.terms import Terms
from desk.sources import crawls, sources
from workers import publishing, speaking

log = logs.logger()


def verify(outgoing: Outgoing) -> bool:
    """Looks for one answer as its channel can; False when somebody else is looking. One that may be sent again is, if it
    was not found."""
    terms = speaking.terms_of(outgoing.kind)
    with db.transaction() as session:
        if not looks.claim(session, outgoing.reply_id, datetime.now(UTC)):
            return False
    if terms.proof is AnswerProof.ACCOUNT:
        outgoing = _with_secrets(outgoing) or outgoing
    look = _look(outgoing)
    if outgoing.is_unknown and sending.may_repeat(outgoing.sends, terms) and not _is_found(look):
        return publishing.publish_again(outgoing.reply_id)
    told = _ask(outgoing) if outgoing.is_held and (look is None or look.outcome != "visible") else None
    now = datetime.now(UTC)
    with db.transaction() as session:
        if told is not None and told.outcome in ("visible", "rejected"):
            _believe(session, outgoing.reply_id, told, now, terms)
        elif look is None:
            # Nobody can look at this channel alone; the crawl recognises the answer by its text.
            crawls.crawl_soon(session, sources.load(session, outgoing.source_id), now)
            verification.could_not_tell(session, outgoing.reply_id, "", now, terms)
        else:
            _record(session, outgoing, look, now, terms)
    return True


def _is_found(look: Look | None) -> bool:
    return look is not None and look.outcome in ("visible", "held", "rejected")


def _record(session: Session, outgoing: Outgoing, look: Look, now: datetime, terms: Terms) -> None:
    """What our account is told about moderation counts at any time; what a page tells, only of what is awaited."""
    reply_id, is_told = outgoing.reply_id, outgoing.is_held or look.proof == "account"
    match look.outcome:
        case "visible":
            verification.seen(
                session,
                reply_id,
                external_id=look.external_id,
                url=look.url,
                now=now,
                shown_at=look.seen_at,
                proof=AnswerProof(look.proof),
            )
        case "rejected" if is_told:
            verification.rejected(session, reply_id, _kept(look.reason), now, terms)
        case "held" if is_told:
            verification.held(session, reply_id, now, terms)
        case "cannot_tell":
            verification.could_not_tell(session, reply_id, _kept(look.reason), now, terms)
        case _:
            verification.not_seen(session, reply_id, _kept(look.reason), now, terms)


def _with_secrets(outgoing: Outgoing) -> Outgoing | None:
    """For asking in our own name; None where the stored credentials cannot be opened."""
    with db.snapshot() as session:
        return gather_with_secrets(session, outgoing.reply_id)


def _look(outgoing: Outgoing) -> Look | None:
    channel = speaking.channel_of(outgoing)
    if not isinstance(channel, Verifies):
        return None
    if outgoing.damage is not None:
        return Look("cannot_tell", reason=outgoing.damage)
    place, target = speaking.place(outgoing), speaking.target(outgoing)
    try:
        with speaking.lend(outgoing) as wire:
            look = channel.look(place, target, outgoing.text, speaking.receipt(outgoing), wire)
            return replace(look, reason=wire.redact(look.reason))
    except errors.ChannelError as error:
        return Look("cannot_tell", reason=error.text)
    except Exception as error:  # the job border: a failed look proves nothing, and others wait
        log.exception("look_failed", reply=outgoing.reply_id, kind=outgoing.kind)
        return Look(
            "cannot_tell",
            reason=Text(
                f"The check failed ({type(error).__name__}).",
                f"Проверка не удалась ({type(error).__name__}).",
            ),
        )


def _ask(outgoing: Outgoing) -> Look | None:
    """What the site tells our account of an answer that it held; None where it tells nothing."""
    channel = speaking.channel_of(outgoing)
    if not isinstance(channel, TellsOfModeration):
        return None
    ours = _with_secrets(outgoing)
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


def _believe(session: Session, reply_id: int, told: Look, now: datetime, terms: Terms) -> None:
    if told.outcome == "rejected":
        verification.rejected(session, reply_id, _kept(told.reason), now, terms)
    else:
        verification.released(session, reply_id, now, terms)


def _kept(reason: Text | str) -> str:
    return Sentence.of(reason) if isinstance(reason, Text) else reason
