"""What may have happened since somebody began to write his answer, and how he is told. Reads only."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base.errors import Conflict
from desk.base.words import STANDS, ReplyOrigin, ReplyState
from desk.mentions import edits
from desk.models import Case, Journal, Mention, Reply, User
from desk.replies import lifecycle


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


def answered(other: Reply, mine: Reply) -> Conflict:
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


def closed(session: Session, case: Case) -> Conflict:
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


def thread_changed(session: Session, case: Case, newest: int, *, is_edit: bool) -> Conflict:
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


def others_answer(
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
                Reply.state.in_(STANDS),
                ~is_given_up,
                Reply.user_id != reply.user_id,
                is_meant,
            ),
        ),
    )
    return session.scalars(query.order_by(Reply.approved_at.desc(), Reply.id.desc()).limit(1)).first()
