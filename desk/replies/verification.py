"""When the public page is looked at, and what the look changes: seen, not seen, held, rejected, cannot tell."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk import journal
from desk.base import bell, leases, settings
from desk.base.words import CaseStage, CloseReason, ReplyOrigin, ReplyState
from desk.base.work import Pending
from desk.cases import handling, lifecycle
from desk.models import Case, Reply
from desk.replies import public_answers, rows
from desk.replies.outgoing import Outgoing, gather
from desk.sources import turns

# A send that was cut off is settled after this many looks that read the page and did not find it there.
LOOKS_FOR_LOST = 3
# A verified answer is looked at once more, because sites remove things later.
SECOND_LOOK = timedelta(days=1)
LOOK_LEASE = timedelta(seconds=120)
"""Longer than a look may take: nobody else looks for that answer meanwhile."""
LOOKS_AT_ONCE = 100


def plan(reply: Reply, now: datetime) -> None:
    """Sets the next look by the number of looks so far; None when there will be no more."""
    waits = settings.current().verify_seconds
    reply.next_look_at = now + timedelta(seconds=waits[reply.looks]) if reply.looks < len(waits) else None


def longest_wait() -> timedelta:
    """No look is ever planned further ahead than this."""
    return max(SECOND_LOOK, *(timedelta(seconds=wait) for wait in settings.current().verify_seconds))


def begin(reply: Reply, now: datetime) -> None:
    """From here on it is looked for."""
    reply.looks = reply.misses = 0
    plan(reply, now)


def soon(session: Session, reply: Reply, now: datetime) -> None:
    reply.next_look_at = now
    reply.looks = min(reply.looks, len(settings.current().verify_seconds) - 1)
    bell.ring(session, "verify")


def hand_over(session: Session, reply: Reply, case: Case, state: ReplyState, now: datetime) -> None:
    """The site has it, or so a person says, but nobody can read it yet: it answers nothing before it is seen."""
    lifecycle.check_reply(reply.state, state)
    reply.state, reply.changed_at = state, now
    begin(reply, now)
    public_answers.await_public(session, reply, case, now)


def stands(session: Session, reply: Reply, case: Case, now: datetime, *, published_at: datetime) -> None:
    """It is public, by the word of the site: the case is answered. Whether a stranger can read it is looked up."""
    lifecycle.check_reply(reply.state, ReplyState.PUBLISHED)
    reply.state, reply.published_at, reply.changed_at = ReplyState.PUBLISHED, published_at, now
    begin(reply, now)
    journal.write(session, "published", now, case=case, reply=reply)
    public_answers.settle_reply(session, reply, case, now, seen_at=None)
    close_if_asked(session, reply, case, now)


def waiting(session: Session, now: datetime) -> Pending:
    """Looks that are due. One in somebody's hands is due again when its lease runs out."""
    return leases.pending(session, sa.select(Reply.id).where(*_is_due(now)))


def due(session: Session, now: datetime, limit: int = 1000) -> list[Outgoing]:
    """Replies whose public page is to be looked at now; without credentials, as a stranger looks."""
    query = sa.select(Reply).where(*_is_due(now))
    due = {reply.id: reply for reply in session.scalars(query.order_by(Reply.next_look_at).limit(limit))}
    order = turns.in_turns([(reply.id, reply.source_id) for reply in due.values()])
    return [gather(session, due[reply_id], is_stranger=True) for reply_id in order[:LOOKS_AT_ONCE]]


def _is_due(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    wanted = lifecycle.TO_LOOK_FOR | {ReplyState.VANISHED}
    return Reply.state.in_(wanted), Reply.next_look_at <= now


def claim(session: Session, reply_id: int, now: datetime) -> bool:
    """Leases one look, so that two workers who heard the bell do not count it twice."""
    reply = rows.locked(session, reply_id)
    if reply.next_look_at is None or reply.next_look_at > now:
        return False
    reply.next_look_at = now + LOOK_LEASE
    return True


def seen(
    session: Session,
    reply_id: int,
    *,
    external_id: str | None,
    url: str | None,
    now: datetime,
    shown_at: datetime | None = None,
) -> None:
    """A stranger can read it. The case is answered, and closed where that was asked. `shown_at` is the site's own
    time of it."""
    reply, case = _locked(session, reply_id)
    is_first = reply.verified_at is None
    if reply.state is not ReplyState.VERIFIED:
        public_answers.confirm(session, reply, external_id=external_id, url=url, now=now, shown_at=shown_at)
    reply.looks += 1
    reply.next_look_at = now + SECOND_LOOK if is_first else None
    close_if_asked(session, reply, case, now)


def released(session: Session, reply_id: int, now: datetime) -> None:
    """The site says to our account that it is public now; a stranger's look has not shown it yet."""
    reply, case = _locked(session, reply_id)
    if reply.published_at is None and ReplyState.PUBLISHED in lifecycle.REPLY_STEPS[reply.state]:
        stands(session, reply, case, now, published_at=now)


def not_seen(session: Session, reply_id: int, reason: str, now: datetime) -> None:
    """It does not stand there. Once or twice that is a cache; in the end it is an answer nobody can read."""
    reply, case = _locked(session, reply_id)
    reply.looks += 1
    reply.misses += 1
    reply.changed_at = now
    plan(reply, now)
    if reply.state is ReplyState.UNKNOWN and reply.misses >= LOOKS_FOR_LOST:
        reply.state, reply.next_look_at = ReplyState.FAILED, None
        reply.error_kind = "lost"
        reply.error = f"Looked {reply.misses} times: the answer is not on the site. It can be sent again."
        journal.write(session, "failed", now, case=case, reply=reply, kind="lost")
    elif reply.state is ReplyState.VERIFIED or _is_last(reply):
        if reply.published_at is None:
            _stays_unseen(session, reply, case, reason, now)
        else:
            _vanish(session, reply, case, reason, now)


def could_not_tell(session: Session, reply_id: int, reason: str, now: datetime) -> None:
    """The page did not say either way; nothing is concluded from that."""
    reply, case = _locked(session, reply_id)
    reply.looks += 1
    reply.changed_at = now
    plan(reply, now)
    if _is_last(reply) and reply.published_at is None:
        _stays_unseen(session, reply, case, reason, now)
        return
    reply.error = reason or reply.error
    if reply.next_look_at is None and ReplyState.CANNOT_TELL in lifecycle.REPLY_STEPS[reply.state]:
        reply.state = ReplyState.CANNOT_TELL
        journal.write(session, "cannot_tell", now, case=case, reply=reply)


def rejected(session: Session, reply_id: int, reason: str, now: datetime) -> None:
    """The moderator said no; `reason` is the site's word where it gives one. The customer waits again."""
    reply, case = _locked(session, reply_id)
    reply.looks += 1
    plan(reply, now)
    if reply.published_at is not None or ReplyState.REJECTED not in lifecycle.REPLY_STEPS[reply.state]:
        return
    reply.state, reply.changed_at, reply.next_look_at = ReplyState.REJECTED, now, None
    reply.error_kind, reply.error = "rejected", reason[:2000] or None
    public_answers.give_up(session, reply, case)
    journal.write(session, "rejected", now, case=case, reply=reply)
    if case.stage is not CaseStage.UNANSWERED:
        handling.reopen(session, case.id, None, now, why="rejected")


def removed(session: Session, reply_id: int, reason: str, now: datetime) -> None:
    """The site says that it is gone. What never stood in public was rejected."""
    reply, case = _locked(session, reply_id)
    if reply.published_at is None:
        rejected(session, reply_id, reason, now)
    elif ReplyState.VANISHED in lifecycle.REPLY_STEPS[reply.state]:
        _vanish(session, reply, case, reason[:2000], now)


def close_if_asked(session: Session, reply: Reply, case: Case, now: datetime) -> None:
    if reply.closes_case and case.stage is CaseStage.ANSWERED:
        handling.close(session, case.id, None, CloseReason.ANSWERED, now)


def _locked(session: Session, reply_id: int) -> tuple[Reply, Case]:
    """The case first, as everybody does."""
    case = handling.locked(session, rows.load(session, reply_id).case_id)
    return rows.locked(session, reply_id), case


def _is_last(reply: Reply) -> bool:
    return reply.next_look_at is None and reply.state in lifecycle.STANDS


def _stays_unseen(session: Session, reply: Reply, case: Case, reason: str, now: datetime) -> None:
    """The looks are used up and nobody ever saw it: held for moderation, or posted by hand in good faith. What never
    stood there has not vanished, but the customer waits, and somebody has to see to it."""
    is_by_hand = reply.origin is ReplyOrigin.BY_HAND
    reply.error_kind, reply.error = "not_seen" if is_by_hand else "not_public", reason[:2000] or None
    if reply.state is ReplyState.CANNOT_TELL:
        return
    lifecycle.check_reply(reply.state, ReplyState.CANNOT_TELL)
    reply.state = ReplyState.CANNOT_TELL
    public_answers.give_up(session, reply, case)
    journal.write(session, "cannot_tell", now, case=case, reply=reply, kind=reply.error_kind)
    if case.stage is CaseStage.CLOSED or (is_by_hand and case.stage is not CaseStage.UNANSWERED):
        handling.reopen(session, case.id, None, now, why=reply.error_kind)
    elif case.stage is CaseStage.ON_HOLD and case.snoozed_until is None:
        handling.come_back(case, now)


def _vanish(session: Session, reply: Reply, case: Case, reason: str, now: datetime) -> None:
    lifecycle.check_reply(reply.state, ReplyState.VANISHED)
    reply.state, reply.next_look_at = ReplyState.VANISHED, None
    reply.error_kind, reply.error = "vanished", reason
    public_answers.unsettle(session, reply, case)
    journal.write(session, "vanished", now, case=case, reply=reply)
    if case.stage in (CaseStage.ANSWERED, CaseStage.CLOSED):
        handling.reopen(session, case.id, None, now, why="vanished")
