"""Answers that have not left the desk: written, shown to a lead, written anew, thrown away."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk import journal
from desk.base.errors import Conflict, IllegalStep, Invalid, NotAllowed
from desk.base.words import STANDS, CaseStage, ReplyOrigin, ReplyState
from desk.cases import cases, holding
from desk.mentions import edits, search
from desk.models import Case, Mention, Reply, User
from desk.models.reply import new_reference
from desk.people import permissions
from desk.replies import conflicts, draft_list, marks, replies

LONGEST_TEXT = 65_000


def save_draft(
    session: Session,
    case_id: int,
    user: User,
    text: str,
    thread_seen: int,
    now: datetime,
    *,
    edit_seen: int | None = None,
) -> Reply | None:
    """One draft a person and case, kept as he writes. An empty text throws it away and returns None. What he saw of the
    thread: its newest message and its newest edit; None is the edit of this moment. Raises NotFound, NotAllowed, and Invalid for
    a text that is too long."""
    permissions.require_writer(user)
    case = cases.load(session, case_id)
    clean = text.replace("\0", "").replace("\r\n", "\n")
    if len(clean) > LONGEST_TEXT:
        raise Invalid("The answer is longer than %(most)s characters.", "text", most=LONGEST_TEXT)
    draft = draft_list.draft_of(session, case_id, user.id)
    if not clean.strip():
        if draft is not None:
            replies.move(draft, ReplyState.DISCARDED, now)
        return None
    if draft is None:
        draft = _begin(session, case, user, now)
    draft.text, draft.thread_seen, draft.changed_at = clean, thread_seen, now
    draft.edit_seen = edits.newest_in_thread(session, case) if edit_seen is None else edit_seen
    session.flush()
    return draft


def _begin(session: Session, case: Case, user: User, now: datetime) -> Reply:
    draft = Reply(
        case_id=case.id,
        source_id=case.source_id,
        mention_id=_asked(session, case),
        user_id=user.id,
        text="",
        thread_seen=0,
        edit_seen=0,
        created_at=now,
        changed_at=now,
    )
    session.add(draft)
    return draft


def _asked(session: Session, case: Case) -> int:
    """The newest message of the case that nobody has answered, else its newest."""
    query = sa.select(Mention.id).where(Mention.case_id == case.id)
    query = query.order_by(Mention.answered_at.is_not(None), Mention.published_at.desc(), Mention.id.desc())
    return session.scalars(query.limit(1)).first() or case.mention_id


def ask_review(session: Session, reply_id: int, user: User, now: datetime) -> Reply:
    """From now on only a lead may approve it."""
    permissions.require_writer(user)
    reply = replies.locked(session, reply_id)
    replies.require_text(reply)
    reply.is_review_asked, reply.changed_at = True, now
    journal.write(
        session, "review_asked", now, case=cases.load(session, reply.case_id), reply=reply, user=user
    )
    return reply


def edit_again(session: Session, reply_id: int, user: User, now: datetime) -> Reply:
    """Back to a draft of this person: withdrawn before it was sent, refused or rejected by the site, not posted by hand
    after all, or left behind by somebody who does not answer any more. Raises NotFound, NotAllowed, IllegalStep where the site has
    it or may have it, and Conflict (code "draft") where this person has another draft in the case."""
    permissions.require_writer(user)
    case = cases.locked(session, replies.load(session, reply_id).case_id)
    reply = replies.locked(session, reply_id)
    if reply.state in STANDS and (reply.origin is not ReplyOrigin.BY_HAND or reply.published_at):
        raise IllegalStep("The site has this answer: it cannot be taken back here.")
    if reply.state is ReplyState.UNKNOWN and reply.next_look_at is not None:
        raise IllegalStep("It is not known yet whether the site has this answer.")
    if (other := draft_list.draft_of(session, reply.case_id, user.id)) is not None and other.id != reply.id:
        raise Conflict("You have another draft here. Finish or empty it first.", "draft", reply=other.id)
    if not (reply.state is ReplyState.DRAFT and reply.user and not permissions.is_at_work(reply.user)):
        replies.move(reply, ReplyState.DRAFT, now)
    marks.give_up(session, reply, case)
    if case.stage is CaseStage.ON_HOLD and case.snoozed_until is None and case.sent_at is None:
        holding.come_back(case, now)
    reply.user_id, reply.is_review_asked, reply.origin = user.id, False, ReplyOrigin.OTKLIK
    reply.thread_seen, reply.next_look_at = conflicts.newest_in_thread(session, case), None
    reply.edit_seen = edits.newest_in_thread(session, case)
    reply.accepted_at = reply.published_at = reply.verified_at = reply.proof = None
    if reply.sends:
        # What may be written anew is another answer: a site that knows the old reference would drop it.
        reply.reference, reply.sends = new_reference(), 0
    reply.external_id = reply.url = reply.error_kind = reply.error = None
    search.index_case(session, case.id)
    journal.write(session, "withdrawn", now, case=case, reply=reply, user=user)
    return reply


def discard(session: Session, reply_id: int, user: User, now: datetime) -> Reply:
    """Raises NotFound, NotAllowed for a colleague's, and IllegalStep for one that is under way."""
    permissions.require_writer(user)
    reply = replies.locked(session, reply_id)
    if reply.user_id != user.id and not permissions.is_senior(user):
        raise NotAllowed("This is a colleague's answer. A lead may discard it.")
    replies.move(reply, ReplyState.DISCARDED, now)
    reply.next_look_at = None
    search.index_case(session, reply.case_id)
    journal.write(session, "discarded", now, case=cases.load(session, reply.case_id), reply=reply, user=user)
    return reply
