"""When the public page is looked at, and what the look changes: seen, not seen, held, rejected, cannot tell."""

from datetime import datetime, timedelta
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk import journal
from desk.base import leases, settings, wakeups
from desk.base.sentences import Sentence
from desk.base.words import AnswerProof, CaseStage, CloseReason, ReplyOrigin, ReplyState
from desk.base.work import Pending
from desk.cases import handling, lifecycle
from desk.models import Case, Reply
from desk.replies import public_answers, rows
from desk.replies.outgoing import Outgoing, gather
from desk.replies.terms import LONGEST_WAIT_SECONDS, USUAL, Terms
from desk.sources import turns

# A send that was cut off is settled after this many looks that read the page and did not find it there.
LOOKS_FOR_LOST = 3
# A verified answer is looked at once more, because sites remove things later.
SECOND_LOOK = timedelta(days=1)
LOOK_LEASE = timedelta(seconds=120)
"""Longer than a look may take: nobody else looks for that answer meanwhile."""
LOOKS_AT_ONCE = 100


def waits_of(terms: Terms) -> tuple[int, ...]:
    """Seconds from one look to the next; a setting may make them other ones, but not give looks where nobody can look."""
    return settings.current().verify_seconds or terms.looks_seconds if terms.looks_seconds else ()


def plan(reply: Reply, now: datetime, terms: Terms) -> None:
    """Sets the next look by the number of looks so far; None when there will be no more."""
    waits = waits_of(terms)
    reply.next_look_at = now + timedelta(seconds=waits[reply.looks]) if reply.looks < len(waits) else None


def longest_wait() -> timedelta:
    """No look is ever planned further ahead than this."""
    return max(SECOND_LOOK, timedelta(seconds=LONGEST_WAIT_SECONDS))


def begin(reply: Reply, now: datetime, terms: Terms) -> None:
    """From here on it is looked for."""
    reply.looks = reply.misses = 0
    plan(reply, now, terms)


def soon(session: Session, reply: Reply, now: datetime, terms: Terms) -> None:
    reply.next_look_at = now
    reply.looks = min(reply.looks, len(waits_of(terms)) - 1)
    wakeups.send(session, "verify")


def hand_over(
    session: Session, reply: Reply, case: Case, state: ReplyState, now: datetime, terms: Terms = USUAL
) -> None:
    """The site has it, or so a person says, but nobody can read it yet: it answers nothing before it is seen."""
    lifecycle.check_reply(reply.state, state)
    reply.state, reply.changed_at = state, now
    begin(reply, now, terms)
    public_answers.await_public(session, reply, case, now)


def stands(
    session: Session,
    reply: Reply,
    case: Case,
    now: datetime,
    *,
    published_at: datetime,
    terms: Terms = USUAL,
    proof: AnswerProof | None = None,
) -> None:
    """It is public, by the word of the site: the case is answered. Whether a stranger can read it is looked up."""
    lifecycle.check_reply(reply.state, ReplyState.PUBLISHED)
    reply.state, reply.published_at, reply.changed_at = ReplyState.PUBLISHED, published_at, now
    reply.proof = proof
    begin(reply, now, terms)
    journal.write(session, "published", now, case=case, reply=reply)
    public_answers.mark_answered_by_reply(session, reply, case, now, seen_at=None, proof=proof)
    close_if_asked(session, reply, case, now)


def accepted(session: Session, reply: Reply, case: Case, now: datetime) -> None:
    """It was taken, and nobody can look: its receipt is the evidence, and the case is answered by it."""
    lifecycle.check_reply(reply.state, ReplyState.ACCEPTED)
    reply.state, reply.changed_at, reply.next_look_at = ReplyState.ACCEPTED, now, None
    reply.published_at, reply.proof = reply.accepted_at or now, AnswerProof.RECEIPT
    reply.error_kind = reply.error = None
    journal.write(session, "accepted", now, case=case, reply=reply)
    public_answers.mark_answered_by_reply(session, reply, case, now, seen_at=None, proof=AnswerProof.RECEIPT)
    close_if_asked(session, reply, case, now)


def waiting(session: Session, now: datetime) -> Pending:
    """Looks that are due. One that is leased is due again when its lease runs out."""
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
    """Leases one look, so that two workers who were woken do not count it twice."""
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
    proof: AnswerProof = AnswerProof.STRANGER,
) -> None:
    """A stranger can read it, or, with that `proof`, the site says so to our account, which is the best that its channel
    has. The case is answered, and closed where that was asked. `shown_at` is the site's own time of it."""
    reply, case = _locked(session, reply_id)
    is_first = reply.verified_at is None
    if reply.state is not ReplyState.VERIFIED:
        public_answers.confirm(
            session, reply, external_id=external_id, url=url, now=now, shown_at=shown_at, proof=proof
        )
    reply.looks += 1
    reply.next_look_at = now + SECOND_LOOK if is_first else None
    close_if_asked(session, reply, case, now)


def released(session: Session, reply_id: int, now: datetime, terms: Terms = USUAL) -> None:
    """The site says to our account that it is public now; a stranger's look has not shown it yet."""
    reply, case = _locked(session, reply_id)
    if reply.published_at is None and ReplyState.PUBLISHED in lifecycle.REPLY_STEPS[reply.state]:
        stands(session, reply, case, now, published_at=now, terms=terms, proof=AnswerProof.ACCOUNT)


def held(session: Session, reply_id: int, now: datetime, terms: Terms = USUAL) -> None:
    """The site says to our account that a moderator has it. One whose send was cut off did arrive."""
    reply, case = _locked(session, reply_id)
    if reply.state is not ReplyState.UNKNOWN:
        reply.looks += 1
        reply.changed_at = now
        plan(reply, now, terms)
        if _is_last(reply) and reply.published_at is None:
            _stays_unseen(session, reply, case, "", now)
        return
    reply.accepted_at = reply.sending_at or now
    reply.error_kind = reply.error = None
    hand_over(session, reply, case, ReplyState.PENDING, now, terms)
    journal.write(session, "pending", now, case=case, reply=reply)


def not_seen(session: Session, reply_id: int, reason: str, now: datetime, terms: Terms = USUAL) -> None:
    """It does not stand there. Once or twice that is a cache; in the end it is an answer nobody can read."""
    reply, case = _locked(session, reply_id)
    reply.looks += 1
    reply.misses += 1
    reply.changed_at = now
    plan(reply, now, terms)
    was_never_there = reply.misses >= LOOKS_FOR_LOST or (
        reply.next_look_at is None and reply.misses == reply.looks
    )
    if reply.state is ReplyState.UNKNOWN and was_never_there:
        reply.state, reply.next_look_at = ReplyState.FAILED, None
        reply.error_kind = "lost"
        reply.error = Sentence(
            f"Looked {reply.misses} times: the answer is not on the site. It can be sent again.",
            f"Проверок: {reply.misses}; ответа на площадке нет. Его можно отправить снова.",
        )
        journal.write(session, "failed", now, case=case, reply=reply, kind="lost")
    elif reply.state is ReplyState.VERIFIED or _is_last(reply):
        if reply.published_at is None:
            _stays_unseen(session, reply, case, reason, now)
        else:
            _vanish(session, reply, case, reason, now)


def could_not_tell(session: Session, reply_id: int, reason: str, now: datetime, terms: Terms = USUAL) -> None:
    """The page did not say either way; nothing is concluded from that."""
    reply, case = _locked(session, reply_id)
    reply.looks += 1
    reply.changed_at = now
    plan(reply, now, terms)
    if _is_last(reply) and reply.published_at is None:
        _stays_unseen(session, reply, case, reason, now)
        return
    reply.error = reason or reply.error
    if reply.next_look_at is None and ReplyState.CANNOT_TELL in lifecycle.REPLY_STEPS[reply.state]:
        reply.state = ReplyState.CANNOT_TELL
        journal.write(session, "cannot_tell", now, case=case, reply=reply)


def rejected(session: Session, reply_id: int, reason: str, now: datetime, terms: Terms = USUAL) -> None:
    """The moderator said no; `reason` is the site's word where it gives one. The customer waits again."""
    _come_to_nothing(session, reply_id, ReplyState.REJECTED, reason, now, terms)


def bounced(session: Session, reply_id: int, reason: str, now: datetime, terms: Terms = USUAL) -> None:
    """It was taken, and came back: it has reached nobody. The customer waits again."""
    _come_to_nothing(session, reply_id, ReplyState.BOUNCED, reason, now, terms)


def _come_to_nothing(
    session: Session,
    reply_id: int,
    state: Literal[ReplyState.REJECTED, ReplyState.BOUNCED],
    reason: str,
    now: datetime,
    terms: Terms,
) -> None:
    reply, case = _locked(session, reply_id)
    reply.looks += 1
    if reply.next_look_at is not None:
        plan(reply, now, terms)
    # What strangers look for and was public once has vanished when they see it no more, whoever took it away.
    has_stood = reply.published_at is not None and terms.proof is AnswerProof.STRANGER
    if (has_stood and state is ReplyState.REJECTED) or state not in lifecycle.REPLY_STEPS[reply.state]:
        return
    reply.state, reply.changed_at, reply.next_look_at = state, now, None
    reply.error_kind, reply.error = state.value, reason[:2000] or None
    public_answers.give_up(session, reply, case)
    if reply.published_at is not None:
        session.flush()
        public_answers.mark_unanswered(session, reply, case)
        reply.published_at = reply.proof = None
    journal.write(
        session, "rejected" if state is ReplyState.REJECTED else "bounced", now, case=case, reply=reply
    )
    if case.stage is not CaseStage.UNANSWERED:
        handling.reopen(session, case.id, None, now, why=state.value)


def removed(session: Session, reply_id: int, reason: str, now: datetime) -> None:
    """The site says that it is gone. What never stood in public was rejected."""
    reply, case = _locked(session, reply_id)
    if reply.published_at is None:
        rejected(session, reply_id, reason, now)
    elif ReplyState.VANISHED in lifecycle.REPLY_STEPS[reply.state]:
        _vanish(session, reply, case, reason[:2000], now)


def replace_earlier(session: Session, reply: Reply, case: Case, now: datetime) -> None:
    """The site keeps one answer to a mention: what stood there before this one is not looked for any longer."""
    earlier = sa.select(Reply).where(
        Reply.mention_id == reply.mention_id, Reply.id != reply.id, Reply.state.in_(lifecycle.STANDS)
    )
    for other in session.scalars(earlier.with_for_update(of=Reply)):
        lifecycle.check_reply(other.state, ReplyState.REPLACED)
        public_answers.give_up(session, other, case)
        other.state, other.changed_at, other.next_look_at = ReplyState.REPLACED, now, None
        other.error_kind = other.error = None
        journal.write(session, "replaced", now, case=case, reply=other)


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
    public_answers.mark_unanswered(session, reply, case)
    journal.write(session, "vanished", now, case=case, reply=reply)
    if case.stage in (CaseStage.ANSWERED, CaseStage.CLOSED):
        handling.reopen(session, case.id, None, now, why="vanished")
