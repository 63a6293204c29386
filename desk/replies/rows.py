"""The row of an answer: read, or locked for whoever changes it. All that is done to answers begins here."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base.errors import NotFound
from desk.models import Reply


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
