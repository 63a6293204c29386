"""What the worker writes down around one send. Sending is not repeatable: `sending` is committed before the call."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk import answers, bell, bounds, cases, journal, lifecycle, looks, replies, sources, turns, vault
from desk.errors import Damaged, Invalid
from desk.models import Case, Mention, Reply, Source
from desk.models.words import ReplyOrigin, ReplyState

# Longer than any request may take: whatever is still `sending` after it was cut off.
STALE_SECONDS = 120
LOOKS_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One answer with all that is needed to send it or look for it, so that no transaction stays open meanwhile.
    `damage`: why the site must not be asked, where what is stored of its source cannot be read."""

    reply_id: int
    source_id: int
    kind: str
    url: str
    target_external_id: str
    target_url: str
    target_thread: str | None
    text: str
    external_id: str | None = None
    public_url: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    cursor: dict[str, Any] = field(default_factory=dict)
    own_names: Sequence[str] = ()
    is_held: bool = False
    damage: str | None = None


Complaint = Callable[[str, Mapping[str, Any], str], str | None]
"""Why a text is too long for a kind of source with that cursor; desk knows no channels, so it is handed over."""


def waiting(session: Session, limit: int = 1000) -> list[int]:
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
    if replies.has_changed(session, reply, case):
        words = "Somebody wrote in the thread before the answer was sent. Read it, then send again."
        _stop(session, reply, case, "thread_changed", words, now)
        return None
    source = sources.load(session, reply.source_id)
    if complaint is not None and (said := complaint(source.kind, source.cursor, reply.text)) is not None:
        _stop(session, reply, case, "too_long", said, now)
        return None
    lifecycle.check_reply(reply.state, ReplyState.SENDING)
    reply.state, reply.sending_at, reply.changed_at = ReplyState.SENDING, now, now
    journal.write(session, "sending", now, case=case, reply=reply)
    session.flush()
    try:
        sources.demand_whole(source)
        secrets = vault.unlock(source.secrets)
    except (Damaged, Invalid) as error:
        kind = "damaged" if isinstance(error, Damaged) else "unauthorized"
        failed(session, reply_id, kind, str(error), now)
        return None
    return outgoing(session, reply, secrets)


def _is_busy(session: Session, source_id: int) -> bool:
    query = sa.select(Reply.id).where(Reply.source_id == source_id, Reply.state == ReplyState.SENDING)
    return session.scalars(query.limit(1)).first() is not None


def _stop(session: Session, reply: Reply, case: Case, kind: str, words: str, now: datetime) -> None:
    """A draft of its writer again; nothing was sent."""
    lifecycle.check_reply(reply.state, ReplyState.DRAFT)
    reply.state, reply.changed_at = ReplyState.DRAFT, now
    reply.error_kind, reply.error = kind, words[:2000]
    journal.write(session, "stopped", now, case=case, reply=reply, kind=kind)


def too_long(session: Session, reply_id: int, error: str, limits: Mapping[str, Any], now: datetime) -> None:
    """The site's own form or words say so, and it surely did not take it. The source remembers what it takes."""
    case = cases.locked(session, replies.load(session, reply_id).case_id)
    reply = replies.locked(session, reply_id)
    sources.remember(session, reply.source_id, dict(limits))
    if reply.state is ReplyState.SENDING:
        _stop(session, reply, case, "too_long", error, now)


def outgoing(session: Session, reply: Reply, secrets: dict[str, str]) -> Outgoing:
    source = sources.load(session, reply.source_id)
    asked = session.get_one(Mention, reply.mention_id)
    return Outgoing(
        reply_id=reply.id,
        source_id=source.id,
        kind=source.kind,
        url=source.url,
        target_external_id=asked.external_id,
        target_url=asked.url,
        target_thread=asked.thread,
        text=reply.text,
        external_id=reply.external_id,
        public_url=reply.url,
        settings=dict(source.settings),
        secrets=secrets,
        cursor=dict(source.cursor),
        own_names=tuple(source.brand.own_names),
        is_held=reply.accepted_at is not None
        and reply.published_at is None
        and reply.origin is ReplyOrigin.OTKLIK,
        damage=_damage(source),
    )


def _damage(source: Source) -> str | None:
    try:
        sources.demand_whole(source)
    except Damaged as error:
        return str(error)
    return None


def with_secrets(session: Session, reply_id: int) -> Outgoing | None:
    """For asking the site in our own name; None where the stored credentials cannot be opened."""
    reply = replies.load(session, reply_id)
    try:
        return outgoing(session, reply, vault.unlock(sources.load(session, reply.source_id).secrets))
    except Invalid:
        return None


def published(
    session: Session,
    reply_id: int,
    *,
    external_id: str | None,
    url: str | None,
    is_pending: bool,
    published_at: datetime | None,
    now: datetime,
) -> None:
    """The site took it. Held for moderation it is `pending`: sent is not public."""
    case = cases.locked(session, replies.load(session, reply_id).case_id)
    reply = replies.locked(session, reply_id)
    if reply.state is not ReplyState.SENDING:
        return  # A slow call that came back after it was given up as lost: the look decides.
    reply.external_id, reply.url = (external_id or "")[:255] or None, url
    reply.accepted_at = bounds.between(published_at, reply.sending_at, now)
    if is_pending:
        hand_over(session, reply, case, ReplyState.PENDING, now)
        journal.write(session, "pending", now, case=case, reply=reply)
    else:
        looks.stands(session, reply, case, now, published_at=reply.accepted_at)


def hand_over(session: Session, reply: Reply, case: Case, state: ReplyState, now: datetime) -> None:
    """The site has it, or so a person says, but nobody can read it yet: it answers nothing before it is seen."""
    lifecycle.check_reply(reply.state, state)
    reply.state, reply.changed_at = state, now
    looks.begin(reply, now)
    answers.await_public(session, reply, case, now)


def failed(session: Session, reply_id: int, kind: str, error: str, now: datetime) -> None:
    """The site surely did not take it; `error` is its own words."""
    reply = replies.locked(session, reply_id)
    if reply.state is not ReplyState.SENDING:
        return
    lifecycle.check_reply(reply.state, ReplyState.FAILED)
    reply.state, reply.changed_at = ReplyState.FAILED, now
    reply.error_kind, reply.error = kind[:40], error[:2000]
    case = cases.load(session, reply.case_id)
    journal.write(session, "failed", now, case=case, reply=reply, kind=reply.error_kind)


def lost_track(session: Session, reply_id: int, error: str, now: datetime) -> None:
    """Nobody knows whether the site took it. It is looked up there, never sent again blindly."""
    reply = replies.locked(session, reply_id)
    if reply.state is not ReplyState.SENDING:
        return
    lifecycle.check_reply(reply.state, ReplyState.UNKNOWN)
    reply.state, reply.changed_at, reply.looks, reply.misses = ReplyState.UNKNOWN, now, 0, 0
    reply.error_kind, reply.error, reply.next_look_at = "unknown", error[:2000], now
    journal.write(session, "lost_track", now, case=cases.load(session, reply.case_id), reply=reply)
    bell.ring(session, "verify")


def recover(session: Session, now: datetime, stale_seconds: int = STALE_SECONDS) -> int:
    """Whatever a killed worker left in `sending` becomes unknown; returns how many."""
    cut_off = now - timedelta(seconds=stale_seconds)
    query = sa.select(Reply.id).where(Reply.state == ReplyState.SENDING, Reply.sending_at <= cut_off)
    stale = list(session.scalars(query))
    for reply_id in stale:
        lost_track(
            session, reply_id, "The process that was sending it stopped. Looking on the site first.", now
        )
    return len(stale)


def looks_due(session: Session, now: datetime, limit: int = 1000) -> list[Outgoing]:
    """Replies whose public page is to be looked at now; without credentials, as a stranger looks."""
    wanted = lifecycle.TO_LOOK_FOR | {ReplyState.VANISHED}
    query = sa.select(Reply).where(Reply.state.in_(wanted), Reply.next_look_at <= now)
    due = {reply.id: reply for reply in session.scalars(query.order_by(Reply.next_look_at).limit(limit))}
    order = turns.in_turns([(reply.id, reply.source_id) for reply in due.values()])
    return [outgoing(session, due[reply_id], {}) for reply_id in order[:LOOKS_AT_ONCE]]
