"""What a look at the public page, or the news of a site, changes: seen, not seen, held, rejected, cannot tell."""

from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from desk import journal
from desk.base.sentences import Sentence
from desk.base.words import STANDS, AnswerProof, CaseStage, ReplyOrigin, ReplyState
from desk.cases import cases, handling, holding
from desk.models import Case, Reply
from desk.replies import lifecycle, looks, marks, public_answers, publication, replies
from desk.replies.terms import USUAL, Terms

# A send that was cut off is settled after this many looks that read the page and did not find it there.
LOOKS_FOR_LOST = 3


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
    reply.next_look_at = now + looks.SECOND_LOOK if is_first else None
    publication.close_if_asked(session, reply, case, now)


def released(session: Session, reply_id: int, now: datetime, terms: Terms = USUAL) -> None:
    """The site says to our account that it is public now; a stranger's look has not shown it yet."""
    reply, case = _locked(session, reply_id)
    if reply.published_at is None and ReplyState.PUBLISHED in lifecycle.REPLY_STEPS[reply.state]:
        publication.stands(
            session, reply, case, now, published_at=now, terms=terms, proof=AnswerProof.ACCOUNT
        )


def held(session: Session, reply_id: int, now: datetime, terms: Terms = USUAL) -> None:
    """The site says to our account that a moderator has it. One whose send was cut off did arrive."""
    reply, case = _locked(session, reply_id)
    if reply.state is not ReplyState.UNKNOWN:
        reply.looks += 1
        reply.changed_at = now
        looks.plan(reply, now, terms)
        if _is_last(reply) and reply.published_at is None:
            _stays_unseen(session, reply, case, "", now)
        return
    reply.accepted_at = reply.sending_at or now
    reply.error_kind = reply.error = None
    publication.hand_over(session, reply, case, ReplyState.PENDING, now, terms)
    journal.write(session, "pending", now, case=case, reply=reply)


def arrived(session: Session, reply_id: int, now: datetime) -> None:
    """One whose send was cut off did arrive, and nobody can look: it was accepted. Of any other that says nothing new."""
    reply, case = _locked(session, reply_id)
    if reply.state is ReplyState.UNKNOWN:
        reply.accepted_at = reply.sending_at or now
        publication.accepted(session, reply, case, now)


def not_seen(session: Session, reply_id: int, reason: str, now: datetime, terms: Terms = USUAL) -> None:
    """It does not stand there. Once or twice that is a cache; in the end it is an answer nobody can read."""
    reply, case = _locked(session, reply_id)
    reply.looks += 1
    reply.misses += 1
    reply.changed_at = now
    looks.plan(reply, now, terms)
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
    looks.plan(reply, now, terms)
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
        looks.plan(reply, now, terms)
    # What strangers look for and was public once has vanished when they see it no more, whoever took it away.
    has_stood = reply.published_at is not None and terms.proof is AnswerProof.STRANGER
    if (has_stood and state is ReplyState.REJECTED) or state not in lifecycle.REPLY_STEPS[reply.state]:
        return
    reply.state, reply.changed_at, reply.next_look_at = state, now, None
    reply.error_kind, reply.error = state.value, reason[:2000] or None
    marks.give_up(session, reply, case)
    if reply.published_at is not None:
        session.flush()
        marks.mark_unanswered(session, reply, case)
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


def _locked(session: Session, reply_id: int) -> tuple[Reply, Case]:
    """The case first, as everybody does."""
    case = cases.locked(session, replies.load(session, reply_id).case_id)
    return replies.locked(session, reply_id), case


def _is_last(reply: Reply) -> bool:
    return reply.next_look_at is None and reply.state in STANDS


def _stays_unseen(session: Session, reply: Reply, case: Case, reason: str, now: datetime) -> None:
    """The looks are used up and nobody ever saw it: held for moderation, or posted by hand in good faith. What never
    stood there has not vanished, but the customer waits, and somebody has to see to it."""
    is_by_hand = reply.origin is ReplyOrigin.BY_HAND
    reply.error_kind, reply.error = "not_seen" if is_by_hand else "not_public", reason[:2000] or None
    if reply.state is ReplyState.CANNOT_TELL:
        return
    lifecycle.check_reply(reply.state, ReplyState.CANNOT_TELL)
    reply.state = ReplyState.CANNOT_TELL
    marks.give_up(session, reply, case)
    journal.write(session, "cannot_tell", now, case=case, reply=reply, kind=reply.error_kind)
    if case.stage is CaseStage.CLOSED or (is_by_hand and case.stage is not CaseStage.UNANSWERED):
        handling.reopen(session, case.id, None, now, why=reply.error_kind)
    elif case.stage is CaseStage.ON_HOLD and case.snoozed_until is None:
        holding.come_back(case, now)


def _vanish(session: Session, reply: Reply, case: Case, reason: str, now: datetime) -> None:
    lifecycle.check_reply(reply.state, ReplyState.VANISHED)
    reply.state, reply.next_look_at = ReplyState.VANISHED, None
    reply.error_kind, reply.error = "vanished", reason
    marks.mark_unanswered(session, reply, case)
    journal.write(session, "vanished", now, case=case, reply=reply)
    if case.stage in (CaseStage.ANSWERED, CaseStage.CLOSED):
        handling.reopen(session, case.id, None, now, why="vanished")
