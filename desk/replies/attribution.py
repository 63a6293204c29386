"""Which answer of ours an own message of the brand is, and whom it answers. Reads only; the response rate stands on it.

The rule. An own message that names its parent answers that message and whatever else its author said in the thread
before it. One without a parent answers the newest customer message before it in its thread. An answer that was
written here is recognised by its text and answers what its case holds. Whoever rewrites his message afterwards has said
something new: an answer is about the wording that its writer saw (desk/mentions/edits.py). A brand that rewrites its answer
answers once more.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base.wordings import plain
from desk.base.words import ReplyOrigin, ReplyState
from desk.mentions import edits
from desk.models import Case, Mention, Reply, Source
from desk.replies import lifecycle

_MAY_TURN_UP = frozenset(
    {
        ReplyState.SENDING,
        ReplyState.ACCEPTED,
        ReplyState.VANISHED,
        ReplyState.REJECTED,
        ReplyState.BOUNCED,
        ReplyState.FAILED,
    }
)


def said_at(session: Session, own: Mention) -> datetime:
    rewritten = edits.news(session, own)
    return rewritten[-1].said_at or own.published_at if rewritten else own.published_at


def waiting_for_parent(
    session: Session, source: Source, ids: Sequence[str], arrived_at: datetime
) -> list[Mention]:
    """Own messages that arrived before the messages they answer, which are these."""
    if not ids:
        return []
    query = sa.select(Mention).where(
        Mention.source_id == source.id,
        Mention.is_own,
        Mention.parent.in_(ids),
        Mention.collected_at < arrived_at,
    )
    return list(session.scalars(query))


def written_here(session: Session, source: Source, own: Mention) -> Reply | None:
    """Ours by the id the site gave it, else by its text in the same thread."""
    of_source = sa.select(Reply).join(Case, Reply.case_id == Case.id).where(Reply.source_id == source.id)
    by_id = of_source.where(Reply.external_id == own.external_id).order_by(Reply.id.desc())
    if (reply := session.scalars(by_id).first()) is not None:
        return reply
    nameless = of_source.where(
        Reply.origin != ReplyOrigin.SITE,
        Reply.state.in_(lifecycle.TO_LOOK_FOR | _MAY_TURN_UP),
        sa.or_(Case.thread == own.thread, Case.thread == own.parent),
    )
    wanted = plain(own.text)
    return next((reply for reply in session.scalars(nameless) if plain(reply.text) == wanted), None)


def asked_by(session: Session, source: Source, own: Mention) -> Mention | None:
    said = sa.select(Mention).where(Mention.source_id == source.id, ~Mention.is_own)
    if own.parent is not None:
        parent = session.scalar(said.where(Mention.external_id == own.parent))
        if parent is not None or own.parent != own.thread:
            return parent
    before = said.where(Mention.thread == own.thread, Mention.published_at <= own.published_at)
    return session.scalars(before.order_by(Mention.published_at.desc(), Mention.id.desc()).limit(1)).first()


def said_before(session: Session, asked: Mention, at: datetime) -> list[Mention]:
    """The message asked about and the earlier ones of its author in that thread."""
    if asked.author_id is None:
        return [asked]
    query = sa.select(Mention).where(
        Mention.source_id == asked.source_id,
        Mention.thread == asked.thread,
        Mention.author_id == asked.author_id,
        ~Mention.is_own,
        sa.or_(Mention.id == asked.id, Mention.published_at <= at),
    )
    return list(session.scalars(query))
