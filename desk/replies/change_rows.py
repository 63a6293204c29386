"""The rows of corrections and withdrawals: read, or locked for whoever changes them."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base.errors import NotFound
from desk.base.wordings import plain
from desk.base.words import ChangeKind, ChangeState
from desk.cases import cases
from desk.models import Case, Reply, ReplyChange
from desk.replies import change_lifecycle, replies


def load(session: Session, change_id: int) -> ReplyChange:
    """Raises NotFound."""
    if (change := session.get(ReplyChange, change_id)) is None:
        raise NotFound(f"There is no change {change_id} of an answer.")
    return change


def locked(session: Session, change_id: int) -> tuple[Case, Reply, ReplyChange]:
    """With nobody else able to change them before this transaction ends; the case first, as everybody does. Raises NotFound."""
    reply_id = load(session, change_id).reply_id
    case = cases.locked(session, replies.load(session, reply_id).case_id)
    reply = replies.locked(session, reply_id)
    query = sa.select(ReplyChange).where(ReplyChange.id == change_id).with_for_update(of=ReplyChange)
    change = session.scalar(query.execution_options(populate_existing=True))
    if change is None:
        raise NotFound(f"There is no change {change_id} of an answer.")
    return case, reply, change


def of_case(session: Session, case_id: int) -> dict[int, list[ReplyChange]]:
    """By answer, oldest first, without those that were taken back; one query."""
    query = sa.select(ReplyChange).join(Reply, Reply.id == ReplyChange.reply_id)
    query = query.where(Reply.case_id == case_id, ReplyChange.state != ChangeState.DISCARDED)
    found: dict[int, list[ReplyChange]] = {}
    for change in session.scalars(query.order_by(ReplyChange.id)):
        found.setdefault(change.reply_id, []).append(change)
    return found


def newest(session: Session, reply_id: int) -> ReplyChange | None:
    query = sa.select(ReplyChange).where(
        ReplyChange.reply_id == reply_id, ReplyChange.state != ChangeState.DISCARDED
    )
    return session.scalars(query.order_by(ReplyChange.id.desc()).limit(1)).first()


def corrections_done(session: Session, reply_id: int) -> int:
    """How often the site has taken another wording of it."""
    query = sa.select(sa.func.count()).where(
        ReplyChange.reply_id == reply_id,
        ReplyChange.kind == ChangeKind.CORRECT,
        ReplyChange.state.in_(change_lifecycle.DONE),
    )
    return session.scalar(query) or 0


def newest_wording(session: Session, reply_id: int) -> int:
    """The id of the correction whose words stand there now, 0 for none."""
    query = sa.select(sa.func.max(ReplyChange.id)).where(
        ReplyChange.reply_id == reply_id,
        ReplyChange.kind == ChangeKind.CORRECT,
        ReplyChange.state.in_(change_lifecycle.DONE),
    )
    return session.scalar(query) or 0


def is_under_way(session: Session, reply_id: int) -> bool:
    """Whether something is being done to it at the site: what a look finds meanwhile says nothing about the answer."""
    states = (ChangeState.SENDING, ChangeState.UNKNOWN)
    query = sa.select(ReplyChange.id).where(ReplyChange.reply_id == reply_id, ReplyChange.state.in_(states))
    return session.scalar(query.limit(1)) is not None


def is_being_sent(session: Session, reply_id: int) -> bool:
    """Whether a change of it is on its way to the site this moment."""
    query = sa.select(ReplyChange.id).where(
        ReplyChange.reply_id == reply_id, ReplyChange.state == ChangeState.SENDING
    )
    return session.scalar(query.limit(1)) is not None


def is_ours(session: Session, reply: Reply, words: str) -> bool:
    """Whether it is the wording of a correction that was written here, and not what somebody wrote on the site itself."""
    query = sa.select(ReplyChange.text, ReplyChange.before).where(
        ReplyChange.reply_id == reply.id,
        ReplyChange.kind == ChangeKind.CORRECT,
        ReplyChange.state.in_(change_lifecycle.MAY_STAND),
    )
    wanted = plain(words)
    return any(wanted in (plain(text), plain(before or "")) for text, before in session.execute(query))


def to_approve(session: Session, limit: int) -> Sequence[ReplyChange]:
    """Oldest first."""
    query = sa.select(ReplyChange).where(ReplyChange.state == ChangeState.ASKED)
    return session.scalars(
        query.options(sa.orm.joinedload(ReplyChange.reply)).order_by(ReplyChange.id).limit(limit)
    ).all()
