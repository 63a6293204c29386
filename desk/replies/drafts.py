"""An answer, from a draft to the approval: what people at the desk do. What becomes of it then: desk/replies/sending.py."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk import journal
from desk.base import wakeups
from desk.base.errors import Conflict, IllegalStep, Invalid, NotAllowed
from desk.base.words import CaseStage, ReplyOrigin, ReplyState
from desk.cases import handling, lifecycle
from desk.mentions import edits, search
from desk.models import Case, Journal, Mention, Reply, User
from desk.models.reply import new_reference
from desk.replies import public_answers, rows, verification
from desk.replies.terms import USUAL, Terms
from desk.sources import sources

LONGEST_TEXT = 65_000


def newest_in_thread(session: Session, case: Case) -> int:
    """The id of the newest public message in the thread that is not an answer written here."""
    # Asked for each of the brand's own messages in the thread: what was answered at the whole source are very many.
    is_ours = sa.exists().where(
        Reply.source_id == case.source_id,
        Reply.external_id == Mention.external_id,
        Reply.origin != ReplyOrigin.SITE,
    )
    query = sa.select(sa.func.max(Mention.id)).where(
        Mention.source_id == case.source_id,
        Mention.thread == case.thread,
        ~sa.and_(Mention.is_own, is_ours),
    )
    return session.scalar(query) or case.mention_id


def has_changed(session: Session, reply: Reply, case: Case) -> bool:
    """Somebody wrote in the thread, or changed what he had written, since the writer saw it."""
    if newest_in_thread(session, case) > reply.thread_seen:
        return True
    return reply.edit_seen is not None and edits.newest_in_thread(session, case) > reply.edit_seen


def draft_of(session: Session, case_id: int, user_id: int) -> Reply | None:
    query = sa.select(Reply).where(
        Reply.case_id == case_id, Reply.user_id == user_id, Reply.state == ReplyState.DRAFT
    )
    return session.scalars(query.order_by(Reply.id.desc()).limit(1)).first()


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
    thread: its newest message and its newest edit; None is the edit of this moment."""
    handling.require_writer(user)
    case = handling.load(session, case_id)
    clean = text.replace("\0", "").replace("\r\n", "\n")
    if len(clean) > LONGEST_TEXT:
        raise Invalid("The answer is longer than %(most)s characters.", "text", most=LONGEST_TEXT)
    draft = draft_of(session, case_id, user.id)
    if not clean.strip():
        if draft is not None:
            _move(draft, ReplyState.DISCARDED, now)
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
    handling.require_writer(user)
    reply = rows.locked(session, reply_id)
    _require_text(reply)
    reply.is_review_asked, reply.changed_at = True, now
    journal.write(
        session, "review_asked", now, case=handling.load(session, reply.case_id), reply=reply, user=user
    )
    return reply


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
    `thread_changed` (there is a newer public message than the writer saw) or `taken` (somebody else has the case). The
    draft stays.
    """
    reply, case = _checked(session, reply_id, user, besides)
    if reply.is_review_asked and not handling.is_senior(user):
        raise NotAllowed("This answer waits for the approval of a lead.")
    _take_for(session, case, user, reply, now)
    _move(reply, ReplyState.APPROVED, now)
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
    verification.hand_over(session, reply, case, ReplyState.PUBLISHED, now, terms)
    search.index_case(session, case.id)
    journal.write(session, "posted_by_hand", now, case=case, reply=reply, user=user)
    sources.crawl_soon(session, sources.load(session, case.source_id), now)
    return reply


def _checked(session: Session, reply_id: int, user: User, besides: int | None) -> tuple[Reply, Case]:
    handling.require_writer(user)
    reply = rows.load(session, reply_id)
    case = handling.locked(session, reply.case_id)
    reply = rows.locked(session, reply_id)
    _require_text(reply)
    if reply.user_id != user.id and not handling.is_senior(user):
        raise NotAllowed("This is a colleague's answer. A lead may approve it.")
    if (other := _others_answer(session, reply, besides=besides)) is not None:
        raise _answered(other, reply)
    if case.stage is CaseStage.CLOSED:
        raise _closed(session, case)
    newest = newest_in_thread(session, case)
    if has_changed(session, reply, case):
        raise _thread_changed(session, case, newest, is_edit=newest <= reply.thread_seen)
    return reply, case


def _answered(other: Reply, mine: Reply) -> Conflict:
    name = other.user.name if other.user else "?"
    return Conflict(
        f"{name} has answered this case meanwhile.",
        "already_sent",
        by=name,
        by_id=other.user_id,
        reply=other.id,
        mine=mine.id,
        state=other.state,
        at=other.approved_at or other.changed_at,
    )


def _closed(session: Session, case: Case) -> Conflict:
    steps = sa.select(Journal).where(Journal.case_id == case.id, Journal.event == "closed")
    step = session.scalars(steps.order_by(Journal.id.desc()).limit(1)).first()
    by = session.get(User, step.user_id) if step is not None and step.user_id else None
    return Conflict(
        "The case has been closed.",
        "closed",
        by=by.name if by else None,
        at=case.closed_at,
        reason=case.close_reason,
    )


def _thread_changed(session: Session, case: Case, newest: int, *, is_edit: bool) -> Conflict:
    """`who`: customer, brand (it answered on the site itself) or other; "edit" where an earlier message was changed."""
    said = session.get(Mention, newest)
    who = "other"
    if is_edit:
        who = "edit"
    elif said is not None and said.is_own:
        who = "brand"
    elif said is not None and (
        said.case_id == case.id or (said.author_id is not None and said.author_id == case.author_id)
    ):
        who = "customer"
    return Conflict(
        "The thread has changed since you began to write.", "thread_changed", newest=newest, who=who
    )


def _others_answer(
    session: Session, reply: Reply, of: int | None = None, besides: int | None = None
) -> Reply | None:
    """Somebody else's answer that is on its way, or went out after this one was begun; not one that was never seen, and
    none that went out with the answer `besides` or before it. With `of`, any answer of that person which stands, whenever
    it went out."""
    is_given_up = sa.and_(Reply.state == ReplyState.CANNOT_TELL, Reply.published_at.is_(None))
    is_meant = Reply.approved_at >= reply.created_at if of is None else Reply.user_id == of
    seen = session.get(Reply, besides) if besides is not None else None
    if seen is not None and seen.case_id == reply.case_id and seen.approved_at is not None:
        is_meant = sa.and_(is_meant, Reply.approved_at > seen.approved_at)
    query = sa.select(Reply).where(
        Reply.case_id == reply.case_id,
        Reply.id != reply.id,
        Reply.origin != ReplyOrigin.SITE,
        sa.or_(
            Reply.state.in_(lifecycle.ON_ITS_WAY),
            sa.and_(
                Reply.state.in_(lifecycle.STANDS),
                ~is_given_up,
                Reply.user_id != reply.user_id,
                is_meant,
            ),
        ),
    )
    return session.scalars(query.order_by(Reply.approved_at.desc(), Reply.id.desc()).limit(1)).first()


def _take_for(session: Session, case: Case, user: User, reply: Reply, now: datetime) -> None:
    if case.assignee_id is None:
        handling.take(session, case.id, user, now)
    elif case.assignee_id not in (user.id, reply.user_id) and not handling.is_senior(user):
        if (other := _others_answer(session, reply, of=case.assignee_id)) is not None:
            raise _answered(other, reply)
        name = case.assignee.name if case.assignee else "?"
        raise Conflict(f"{name} has taken this case already.", "taken", by=name, is_text_kept=True)


def retry(session: Session, reply_id: int, user: User, now: datetime) -> Reply:
    """Sends a failed one again: only where the site surely did not take it. Raises IllegalStep otherwise."""
    handling.require_writer(user)
    reply = rows.locked(session, reply_id)
    _move(reply, ReplyState.APPROVED, now)
    reply.approved_at, reply.approver_id = now, user.id
    reply.error_kind = reply.error = None
    case = handling.load(session, reply.case_id)
    journal.write(session, "approved", now, case=case, reply=reply, user=user, again=True)
    wakeups.send(session, "publish")
    return reply


def edit_again(session: Session, reply_id: int, user: User, now: datetime) -> Reply:
    """Back to a draft of this person: withdrawn before it was sent, refused or rejected by the site, not posted by hand
    after all, or left behind by somebody who does not answer any more."""
    handling.require_writer(user)
    case = handling.locked(session, rows.load(session, reply_id).case_id)
    reply = rows.locked(session, reply_id)
    if reply.state in lifecycle.STANDS and (reply.origin is not ReplyOrigin.BY_HAND or reply.published_at):
        raise IllegalStep("The site has this answer: it cannot be taken back here.")
    if reply.state is ReplyState.UNKNOWN and reply.next_look_at is not None:
        raise IllegalStep("It is not known yet whether the site has this answer.")
    if (other := draft_of(session, reply.case_id, user.id)) is not None and other.id != reply.id:
        raise Conflict("You have another draft here. Finish or empty it first.", "draft", reply=other.id)
    if not (reply.state is ReplyState.DRAFT and reply.user and not handling.is_at_work(reply.user)):
        _move(reply, ReplyState.DRAFT, now)
    public_answers.give_up(session, reply, case)
    if case.stage is CaseStage.ON_HOLD and case.snoozed_until is None and case.sent_at is None:
        handling.come_back(case, now)
    reply.user_id, reply.is_review_asked, reply.origin = user.id, False, ReplyOrigin.OTKLIK
    reply.thread_seen, reply.next_look_at = newest_in_thread(session, case), None
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
    handling.require_writer(user)
    reply = rows.locked(session, reply_id)
    if reply.user_id != user.id and not handling.is_senior(user):
        raise NotAllowed("This is a colleague's answer. A lead may discard it.")
    _move(reply, ReplyState.DISCARDED, now)
    reply.next_look_at = None
    search.index_case(session, reply.case_id)
    journal.write(
        session, "discarded", now, case=handling.load(session, reply.case_id), reply=reply, user=user
    )
    return reply


def look_again(session: Session, reply_id: int, user: User, now: datetime, terms: Terms = USUAL) -> Reply:
    """Asks for a look at the public page now."""
    handling.require_writer(user)
    reply = rows.locked(session, reply_id)
    if not terms.looks_seconds or reply.state not in lifecycle.TO_LOOK_FOR | {ReplyState.VANISHED}:
        raise Conflict("There is nothing to look for yet.", "nothing_to_look_for")
    verification.soon(session, reply, now, terms)
    return reply


def _require_text(reply: Reply) -> None:
    if not reply.text.strip():
        raise Invalid("The answer is empty.", "text")


def _move(reply: Reply, state: ReplyState, now: datetime) -> None:
    lifecycle.check_reply(reply.state, state)
    reply.state, reply.changed_at = state, now
