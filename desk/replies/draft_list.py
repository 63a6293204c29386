"""Drafts as pages ask for them: one's own, those that wait for a lead, those left behind. Reads only."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base.words import STANDS, ReplyState
from desk.models import Reply
from desk.people import permissions
from desk.replies import lifecycle

MOST_SHOWN = 20


def to_approve(session: Session, *, case_id: int | None = None, limit: int = MOST_SHOWN) -> Sequence[Reply]:
    """Oldest first; of one case, or of all."""
    query = sa.select(Reply).where(Reply.state == ReplyState.DRAFT, Reply.is_review_asked)
    if case_id is not None:
        query = query.where(Reply.case_id == case_id)
    return session.scalars(query.order_by(Reply.changed_at, Reply.id).limit(limit)).all()


def left_behind(session: Session, case_id: int) -> list[Reply]:
    """Drafts of people who do not answer any more, oldest first: whoever goes on with the case may take them over."""
    query = sa.select(Reply).where(
        Reply.case_id == case_id, Reply.state == ReplyState.DRAFT, ~Reply.is_review_asked
    )
    drafts = session.scalars(query.order_by(Reply.id))
    return [draft for draft in drafts if draft.user is not None and not permissions.is_at_work(draft.user)]


def is_sent(session: Session, case_id: int, user_id: int, text: str) -> bool:
    """Whether this person has sent just this text here: a draft of it that arrives late is no draft any more."""
    clean = text.replace("\0", "").replace("\r\n", "\n")
    query = sa.select(Reply.id).where(
        Reply.case_id == case_id,
        Reply.user_id == user_id,
        Reply.text == clean,
        Reply.state.in_(lifecycle.ON_ITS_WAY | STANDS),
    )
    return session.scalars(query.limit(1)).first() is not None


def draft_of(session: Session, case_id: int, user_id: int) -> Reply | None:
    query = sa.select(Reply).where(
        Reply.case_id == case_id, Reply.user_id == user_id, Reply.state == ReplyState.DRAFT
    )
    return session.scalars(query.order_by(Reply.id.desc()).limit(1)).first()
