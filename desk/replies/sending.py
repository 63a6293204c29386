"""What the worker writes down around one send. Sending is not repeatable: `sending` is committed before the call."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk import journal
from desk.base import bounds, leases, wakeups
from desk.base.errors import Damaged, Invalid
from desk.base.sentences import Sentence
from desk.base.words import AnswerProof, ReplyState
from desk.base.work import Pending
from desk.cases import cases
from desk.models import Case, Mention, Reply, Source
from desk.replies import conflicts, publication, replies, verification
from desk.replies.outgoing import Outgoing, demand_whole, gather
from desk.replies.terms import REPEATED_AFTER_SECONDS, USUAL, Terms
from desk.sources import sources, turns

# Longer than any request may take: whatever is still `sending` after it was cut off.
STALE_SECONDS = 120


Complaint = Callable[[str, Mapping[str, Any], str], str | None]
"""Why a text is too long for a kind of source with that cursor; desk knows no channels, so it is handed over."""


def waiting(session: Session, now: datetime) -> Pending:  # noqa: ARG001 -- one signature for the whole table of work
    """Approved answers, and those that somebody is sending."""
    of = sa.select(Reply.id)
    approved, sending = (
        of.where(Reply.state == state) for state in (ReplyState.APPROVED, ReplyState.SENDING)
    )
    return leases.pending(session, approved, sending)


def to_send(session: Session, limit: int = 1000) -> list[int]:
    """Approved replies: the oldest of each source, then the next of each."""
    query = sa.select(Reply.id, Reply.source_id).where(Reply.state == ReplyState.APPROVED)
    rows = session.execute(query.order_by(Reply.approved_at, Reply.id).limit(limit))
    return turns.in_turns([(row[0], row[1]) for row in rows])


def begin(
    session: Session, reply_id: int, now: datetime, complaint: Complaint | None = None
) -> Outgoing | None:
    """Approved -> sending, for exactly one caller. None when it is not ours to send now: another has it, another
    answer to this source is on its way, or the thread changed or it is too long (then it is a draft again and says
    so)."""
    reply = replies.load(session, reply_id)
    # The source row is the lock that keeps one send at a time per source.
    session.execute(sa.select(Source.id).where(Source.id == reply.source_id).with_for_update())
    if _is_busy(session, reply.source_id):
        return None
    case = cases.locked(session, reply.case_id)
    reply = replies.locked(session, reply_id)
    if reply.state is not ReplyState.APPROVED:
        return None
    if conflicts.has_changed(session, reply, case):
        words = Sentence(
            "Somebody wrote in the thread before the answer was sent. Read it, then send again.",
            "Пока ответ ждал отправки, в обсуждении появилось новое сообщение. Прочтите его и отправьте ответ снова.",
        )
        _stop(session, reply, case, "thread_changed", words, now)
        return None
    source = sources.load(session, reply.source_id)
    if complaint is not None and (said := complaint(source.kind, source.cursor, reply.text)) is not None:
        _stop(session, reply, case, "too_long", said, now)
        return None
    return _set_out(session, reply, case, now)


def begin_again(session: Session, reply_id: int, now: datetime) -> Outgoing | None:
    """Unknown -> sending, for exactly one caller, with the same reference and the same words, whatever was said meanwhile:
    they may stand there already. None when another send to this source is on its way."""
    reply = replies.load(session, reply_id)
    session.execute(sa.select(Source.id).where(Source.id == reply.source_id).with_for_update())
    is_busy = _is_busy(session, reply.source_id)
    case = cases.locked(session, reply.case_id)
    reply = replies.locked(session, reply_id)
    if reply.state is not ReplyState.UNKNOWN:
        return None
    if is_busy:
        reply.next_look_at = now + timedelta(seconds=REPEATED_AFTER_SECONDS[0])
        return None
    reply.next_look_at = None
    return _set_out(session, reply, case, now)


def _set_out(session: Session, reply: Reply, case: Case, now: datetime) -> Outgoing | None:
    replies.move(reply, ReplyState.SENDING, now)
    reply.sending_at, reply.sends = now, reply.sends + 1
    journal.write(session, "sending", now, case=case, reply=reply)
    session.flush()
    try:
        demand_whole(sources.load(session, reply.source_id), session.get_one(Mention, reply.mention_id))
        return gather(session, reply)
    except (Damaged, Invalid) as error:
        kind = "damaged" if isinstance(error, Damaged) else "unauthorized"
        failed(session, reply.id, kind, error.said, now)
        return None


def _is_busy(session: Session, source_id: int) -> bool:
    query = sa.select(Reply.id).where(Reply.source_id == source_id, Reply.state == ReplyState.SENDING)
    return session.scalars(query.limit(1)).first() is not None


def _stop(session: Session, reply: Reply, case: Case, kind: str, words: str, now: datetime) -> None:
    """A draft of its writer again; nothing was sent."""
    replies.move(reply, ReplyState.DRAFT, now)
    reply.error_kind, reply.error = kind, words[:2000]
    journal.write(session, "stopped", now, case=case, reply=reply, kind=kind)


def too_long(session: Session, reply_id: int, error: str, limits: Mapping[str, Any], now: datetime) -> None:
    """The site's own form or words say so, and it surely did not take it. The source remembers what it takes."""
    case = cases.locked(session, replies.load(session, reply_id).case_id)
    reply = replies.locked(session, reply_id)
    sources.remember(session, reply.source_id, dict(limits))
    if reply.state is ReplyState.SENDING:
        _stop(session, reply, case, "too_long", error, now)


def taken(
    session: Session,
    reply_id: int,
    *,
    state: str,
    external_id: str | None,
    url: str | None,
    at: datetime | None,
    now: datetime,
    terms: Terms = USUAL,
) -> None:
    """The site took it, and said what it is there: public, held, accepted, rejected, removed or bounced
    (channels.contract.AnswerState). Sent is not public."""
    case = cases.locked(session, replies.load(session, reply_id).case_id)
    reply = replies.locked(session, reply_id)
    if reply.state is not ReplyState.SENDING:
        return  # A slow call that came back after it was given up as lost: the look decides.
    reply.external_id, reply.url = (external_id or "")[:255] or None, url
    reply.accepted_at = bounds.between(at, reply.sending_at, now)
    reply.error_kind = reply.error = None
    if state in ("rejected", "removed", "bounced"):
        record = verification.bounced if state == "bounced" else verification.rejected
        record(session, reply_id, "", now, terms)
        return
    if terms.is_single:
        publication.replace_earlier(session, reply, case, now)
    if terms.proof is AnswerProof.RECEIPT:
        publication.accepted(session, reply, case, now)
    elif state == "public":
        publication.stands(session, reply, case, now, published_at=reply.accepted_at, terms=terms)
    else:
        then = ReplyState.PENDING if state == "held" else ReplyState.PUBLISHED
        publication.hand_over(session, reply, case, then, now, terms)
        journal.write(session, "pending", now, case=case, reply=reply)


def failed(session: Session, reply_id: int, kind: str, error: str, now: datetime) -> None:
    """The site surely did not take it; `error` is its own words."""
    reply = replies.locked(session, reply_id)
    if reply.state is not ReplyState.SENDING:
        return
    replies.move(reply, ReplyState.FAILED, now)
    reply.error_kind, reply.error = kind[:40], error[:2000]
    case = cases.load(session, reply.case_id)
    journal.write(session, "failed", now, case=case, reply=reply, kind=reply.error_kind)


def lost_track(session: Session, reply_id: int, error: str, now: datetime, terms: Terms = USUAL) -> None:
    """Nobody knows whether the site took it. It is looked up there, or sent again with the same reference where the site
    drops a second one; where neither can be done, a person decides."""
    reply = replies.locked(session, reply_id)
    if reply.state is not ReplyState.SENDING:
        return
    replies.move(reply, ReplyState.UNKNOWN, now)
    reply.looks = reply.misses = 0
    reply.error_kind, reply.error = "unknown", error[:2000]
    if may_repeat(reply.sends, terms):
        reply.next_look_at = now + timedelta(seconds=REPEATED_AFTER_SECONDS[max(reply.sends, 1) - 1])
    else:
        reply.next_look_at = now if terms.looks_seconds else None
    journal.write(session, "lost_track", now, case=cases.load(session, reply.case_id), reply=reply)
    wakeups.send(session, "verify")


def may_repeat(sends: int, terms: Terms) -> bool:
    """Whether a send whose fate is unknown may be repeated once more."""
    return terms.may_repeat and sends <= len(REPEATED_AFTER_SECONDS)


def hold_back(session: Session, source_id: int, now: datetime) -> None:
    """What was approved for this source and has not left yet becomes a draft again, because the source is being removed."""
    to_send = sa.select(Reply).where(Reply.source_id == source_id, Reply.state == ReplyState.APPROVED)
    for reply in session.scalars(to_send.with_for_update(of=Reply)):
        replies.move(reply, ReplyState.DRAFT, now)


def recover(
    session: Session,
    now: datetime,
    stale_seconds: int = STALE_SECONDS,
    terms_of: Callable[[str], Terms] = lambda _kind: USUAL,
) -> int:
    """Whatever a killed worker left in `sending` becomes unknown; returns how many. `terms_of` knows them by the kind of
    source."""
    cut_off = now - timedelta(seconds=stale_seconds)
    query = sa.select(Reply.id, Source.kind).join(Source, Source.id == Reply.source_id)
    query = query.where(Reply.state == ReplyState.SENDING, Reply.sending_at <= cut_off)
    stale = [(row[0], row[1]) for row in session.execute(query)]
    for reply_id, kind in stale:
        words = "The process that was sending it stopped. Looking on the site first."
        lost_track(session, reply_id, words, now, terms_of(kind))
    return len(stale)
