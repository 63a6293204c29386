"""The site has an answer, by its own word or that of whoever posted it: handed over, public, or taken for good."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk import journal
from desk.base.words import STANDS, AnswerProof, CaseStage, CloseReason, ReplyState
from desk.cases import handling
from desk.models import Case, Reply
from desk.replies import looks, marks, replies
from desk.replies.terms import USUAL, Terms


def hand_over(
    session: Session, reply: Reply, case: Case, state: ReplyState, now: datetime, terms: Terms = USUAL
) -> None:
    """The site has it, or so a person says, but nobody can read it yet: it answers nothing before it is seen."""
    replies.move(reply, state, now)
    looks.begin(reply, now, terms)
    marks.await_public(session, reply, case, now)


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
    replies.move(reply, ReplyState.PUBLISHED, now)
    reply.published_at, reply.proof = published_at, proof
    looks.begin(reply, now, terms)
    journal.write(session, "published", now, case=case, reply=reply)
    marks.mark_answered_by_reply(session, reply, case, now, seen_at=None, proof=proof)
    close_if_asked(session, reply, case, now)


def accepted(session: Session, reply: Reply, case: Case, now: datetime) -> None:
    """It was taken, and nobody can look: its receipt is the evidence, and the case is answered by it."""
    replies.move(reply, ReplyState.ACCEPTED, now)
    reply.published_at, reply.proof = reply.accepted_at or now, AnswerProof.RECEIPT
    reply.next_look_at = reply.error_kind = reply.error = None
    journal.write(session, "accepted", now, case=case, reply=reply)
    marks.mark_answered_by_reply(session, reply, case, now, seen_at=None, proof=AnswerProof.RECEIPT)
    close_if_asked(session, reply, case, now)


def replace_earlier(session: Session, reply: Reply, case: Case, now: datetime) -> None:
    """The site keeps one answer to a mention: what stood there before this one is not looked for any longer."""
    earlier = sa.select(Reply).where(
        Reply.mention_id == reply.mention_id, Reply.id != reply.id, Reply.state.in_(STANDS)
    )
    for other in session.scalars(earlier.with_for_update(of=Reply)):
        replies.move(other, ReplyState.REPLACED, now)
        marks.give_up(session, other, case)
        other.next_look_at = other.error_kind = other.error = None
        journal.write(session, "replaced", now, case=case, reply=other)


def close_if_asked(session: Session, reply: Reply, case: Case, now: datetime) -> None:
    if reply.closes_case and case.stage is CaseStage.ANSWERED:
        handling.close(session, case.id, None, CloseReason.ANSWERED, now)
