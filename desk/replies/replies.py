"""The row of an answer: read, locked for whoever changes it, and moved to another state."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base.errors import Invalid, NotFound
from desk.base.words import ReplyState
from desk.models import Reply
from desk.replies import lifecycle


def load(session: Session, reply_id: int) -> Reply:
    """Raises NotFound."""
    if (reply := session.get(Reply, reply_id)) is None:
        raise NotFound(f"There is no answer {reply_id}.")
    return reply


def locked(session: Session, reply_id: int) -> Reply:
    """The reply, with nobody else able to change it before this transaction ends. Raises NotFound."""
    query = sa.select(Reply).where(Reply.id == reply_id).with_for_update(of=Reply)
    if (reply := session.scalar(query.execution_options(populate_existing=True))) is None:
        raise NotFound(f"There is no answer {reply_id}.")
    return reply


def require_text(reply: Reply) -> None:
    """Raises Invalid."""
    if not reply.text.strip():
        raise Invalid("The answer is empty.", "text")


def move(reply: Reply, state: ReplyState, now: datetime) -> None:
    """Raises IllegalStep."""
    lifecycle.check_reply(reply.state, state)
    reply.state, reply.changed_at = state, now
