"""From a draft to an answer that is to go out: approved, or posted by hand."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from desk import journal
from desk.base import wakeups
from desk.base.errors import Conflict, NotAllowed
from desk.base.words import CaseStage, ReplyOrigin, ReplyState
from desk.cases import assignment, cases
from desk.mentions import search
from desk.models import Case, Reply, User
from desk.people import permissions
from desk.replies import conflicts, publication, replies
from desk.replies.terms import USUAL, Terms
from desk.sources import crawls, sources


def approve(
    session: Session,
    reply_id: int,
    user: User,
    now: datetime,
    *,
    closes_case: bool = False,
    besides: int | None = None,
) -> Reply:
    """Draft -> approved, and a wake-up for whoever sends. Takes the case if nobody has it. `besides` is a colleague's answer
    that he has seen, and beside which this one is meant to go out all the same; it does not help while that is under way.

    Raises Conflict with code `already_sent` (somebody answered meanwhile), `closed` (somebody closed the case),
    `thread_changed` (there is a newer public message than the writer saw) or `taken` (somebody else has the case), and
    NotAllowed where only a lead may approve it. The draft stays.
    """
    reply, case = _checked(session, reply_id, user, besides)
    if reply.is_review_asked and not permissions.is_senior(user):
        raise NotAllowed("This answer waits for the approval of a lead.")
    _take_for(session, case, user, reply, now)
    replies.move(reply, ReplyState.APPROVED, now)
    reply.approved_at, reply.approver_id, reply.closes_case = now, user.id, closes_case
    reply.error_kind = reply.error = None
    search.index_case(session, case.id)
    chosen: dict[str, Any] = {} if besides is None else {"besides": besides}
    journal.write(session, "approved", now, case=case, reply=reply, user=user, **chosen)
    wakeups.send(session, "publish")
    return reply


def post_by_hand(
    session: Session,
    reply_id: int,
    user: User,
    now: datetime,
    *,
    closes_case: bool = False,
    besides: int | None = None,
    terms: Terms = USUAL,
) -> Reply:
    """He says that he has put it on the site himself. It answers nothing before it is seen there, and then it counts
    from the moment he said so."""
    reply, case = _checked(session, reply_id, user, besides)
    _take_for(session, case, user, reply, now)
    reply.origin, reply.approver_id, reply.closes_case = ReplyOrigin.BY_HAND, user.id, closes_case
    reply.approved_at = reply.accepted_at = now
    publication.hand_over(session, reply, case, ReplyState.PUBLISHED, now, terms)
    search.index_case(session, case.id)
    journal.write(session, "posted_by_hand", now, case=case, reply=reply, user=user)
    crawls.crawl_soon(session, sources.load(session, case.source_id), now)
    return reply


def _checked(session: Session, reply_id: int, user: User, besides: int | None) -> tuple[Reply, Case]:
    permissions.require_writer(user)
    reply = replies.load(session, reply_id)
    case = cases.locked(session, reply.case_id)
    reply = replies.locked(session, reply_id)
    replies.require_text(reply)
    if reply.user_id != user.id and not permissions.is_senior(user):
        raise NotAllowed("This is a colleague's answer. A lead may approve it.")
    if (other := conflicts.others_answer(session, reply, besides=besides)) is not None:
        raise conflicts.answered(other, reply)
    if case.stage is CaseStage.CLOSED:
        raise conflicts.closed(session, case)
    newest = conflicts.newest_in_thread(session, case)
    if conflicts.has_changed(session, reply, case):
        raise conflicts.thread_changed(session, case, newest, is_edit=newest <= reply.thread_seen)
    return reply, case


def _take_for(session: Session, case: Case, user: User, reply: Reply, now: datetime) -> None:
    if case.assignee_id is None:
        assignment.take(session, case.id, user, now)
    elif case.assignee_id not in (user.id, reply.user_id) and not permissions.is_senior(user):
        if (other := conflicts.others_answer(session, reply, of=case.assignee_id)) is not None:
            raise conflicts.answered(other, reply)
        name = case.assignee.name if case.assignee else "?"
        raise Conflict(f"{name} has taken this case already.", "taken", by=name, is_text_kept=True)


def retry(session: Session, reply_id: int, user: User, now: datetime) -> Reply:
    """Sends a failed one again: only where the site surely did not take it. Raises IllegalStep otherwise."""
    permissions.require_writer(user)
    reply = replies.locked(session, reply_id)
    replies.move(reply, ReplyState.APPROVED, now)
    reply.approved_at, reply.approver_id = now, user.id
    reply.error_kind = reply.error = None
    case = cases.load(session, reply.case_id)
    journal.write(session, "approved", now, case=case, reply=reply, user=user, again=True)
    wakeups.send(session, "publish")
    return reply
