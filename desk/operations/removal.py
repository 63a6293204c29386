"""Removing a source or a brand with all that was collected there. Asked for by a person, done piece by piece.

A year of mentions cannot be deleted in one transaction without holding up everybody who writes, so whoever asks only
marks the row; `sweep` deletes what is marked, a batch at a time, and the row itself last. What stands on the site stays there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk import journal
from desk.base.errors import Conflict, NotAllowed, NotFound
from desk.base.words import CaseStage, ReplyState
from desk.mentions import intake, search
from desk.models import Account, Author, Brand, Calendar, Case, Journal, Mention, Policy, Reply, Source, User
from desk.people import permissions
from desk.replies import sending
from desk.sources import sources, subscriptions

BATCH = 500


@dataclass(frozen=True, slots=True)
class Extent:
    """What a removal would take along."""

    mentions: int
    cases: int
    unanswered: int


def extent(session: Session, source_ids: Sequence[int]) -> Extent:
    """Two counts by index."""
    mentions = sa.select(sa.func.count()).where(Mention.source_id.in_(source_ids))
    waits = sa.func.sum(sa.case((Case.stage.in_((CaseStage.UNANSWERED, CaseStage.ON_HOLD)), 1), else_=0))
    found = session.execute(sa.select(sa.func.count(), waits).where(Case.source_id.in_(source_ids))).one()
    return Extent(session.scalar(mentions) or 0, found[0], found[1] or 0)


def ask_source(session: Session, source_id: int, user: User | None, now: datetime) -> Source:
    """Nothing is read or sent there from now on. Raises NotFound, NotAllowed, Conflict (code "sending")."""
    _require_senior(user)
    source = sources.load(session, source_id)
    session.execute(sa.select(Source.id).where(Source.id == source_id).with_for_update())
    _require_no_send(session, [source_id])
    _mark(session, source, now)
    journal.write(
        session,
        "source_removed",
        now,
        user=user,
        brand_id=source.brand_id,
        source=source.id,
        title=source.title,
    )
    return source


def ask_brand(session: Session, brand_id: int, user: User | None, now: datetime) -> Brand:
    """The brand with all its sources, rules and targets. Raises NotFound, NotAllowed, Conflict (code "sending")."""
    _require_senior(user)
    if (brand := session.get(Brand, brand_id)) is None:
        raise NotFound(f"There is no brand {brand_id}.")
    listening = session.scalars(
        sa.select(Source).where(Source.brand_id == brand_id).with_for_update(of=Source)
    ).all()
    _require_no_send(session, [source.id for source in listening])
    for source in listening:
        _mark(session, source, now)
    brand.removing_at = now
    journal.write(session, "brand_removed", now, user=user, brand=brand.id, title=brand.name)
    return brand


def sweep(session: Session, now: datetime, limit: int = BATCH) -> int:
    """Deletes one batch of what is marked; returns how many rows of cases, mentions and authors, or 1 for a last row.
    0 when nothing is marked, or when what is marked has to wait for a crawl or a send that is under way."""
    marked = sa.select(Source).where(Source.removing_at.is_not(None)).order_by(Source.id)
    for source in session.scalars(marked.with_for_update(of=Source, skip_locked=True)):
        if count := _delete_from(session, source, now, limit):
            return count
    for brand in session.scalars(sa.select(Brand).where(Brand.removing_at.is_not(None)).order_by(Brand.id)):
        if session.scalar(sa.select(Source.id).where(Source.brand_id == brand.id).limit(1)) is None:
            _delete_brand(session, brand)
            return 1
    return 0


def is_left(session: Session) -> bool:
    """Whether anything is marked and not gone yet."""
    query = sa.select(
        sa.exists().where(Source.removing_at.is_not(None)) | sa.exists().where(Brand.removing_at.is_not(None))
    )
    return bool(session.scalar(query))


def _require_senior(user: User | None) -> None:
    if user is not None and not permissions.is_senior(user):
        raise NotAllowed("Only a lead or an administrator removes what was collected.")


def _require_no_send(session: Session, source_ids: Sequence[int]) -> None:
    query = sa.select(Reply.id).where(Reply.source_id.in_(source_ids), Reply.state == ReplyState.SENDING)
    if session.scalar(query.limit(1)) is not None:
        raise Conflict("An answer is being sent there. Try again in two minutes.", "sending")


def _mark(session: Session, source: Source, now: datetime) -> None:
    sources.stop_for_good(source, now)
    sending.hold_back(session, source.id, now)


def _delete_from(session: Session, source: Source, now: datetime, limit: int) -> int:
    if source.claimed_until is not None and source.claimed_until > now:
        return 0  # A crawl still writes there; its next batch would find the source gone.
    is_sent = sa.exists().where(Reply.case_id == Case.id, Reply.state == ReplyState.SENDING)
    chosen = sa.select(Case.id).where(Case.source_id == source.id, ~is_sent).order_by(Case.id)
    if case_ids := session.scalars(chosen.limit(limit)).all():
        return _delete_cases(session, case_ids)
    if session.scalar(sa.select(Case.id).where(Case.source_id == source.id).limit(1)) is not None:
        return 0
    chosen = sa.select(Mention.id).where(Mention.source_id == source.id).order_by(Mention.id)
    if mention_ids := session.scalars(chosen.limit(limit)).all():
        return _delete_mentions(session, mention_ids)
    if author_ids := session.scalars(_authors_without_mentions(source).limit(limit)).all():
        session.execute(sa.delete(Author).where(Author.id.in_(author_ids)))
        return len(author_ids)
    if subscriptions.is_open(source):
        return 0  # The site still sends; it is told to stop, or given up, before the address is forgotten.
    session.execute(sa.delete(Source).where(Source.id == source.id))
    return 1


def _delete_cases(session: Session, ids: Sequence[int]) -> int:
    session.execute(sa.update(Mention).where(Mention.case_id.in_(ids)).values(case_id=None))
    session.execute(sa.delete(Journal).where(Journal.case_id.in_(ids)))
    session.execute(sa.delete(Reply).where(Reply.case_id.in_(ids)))
    search.forget(session, ids, search.CASES)
    session.execute(sa.delete(Case).where(Case.id.in_(ids)))
    return len(ids)


def _delete_mentions(session: Session, ids: Sequence[int]) -> int:
    search.forget(session, ids)
    session.execute(sa.delete(Mention).where(Mention.id.in_(ids)))
    return len(ids)


def _authors_without_mentions(source: Source) -> sa.Select[int]:
    """People of that site of whom nothing is kept any more: their names go too."""
    return sa.select(Author.id).where(
        Author.site == intake.site_of(source),
        ~sa.exists().where(Mention.author_id == Author.id),
        ~sa.exists().where(Case.author_id == Author.id),
    )


def _delete_brand(session: Session, brand: Brand) -> None:
    session.execute(sa.delete(Journal).where(Journal.brand_id == brand.id))
    session.execute(sa.delete(Policy).where(Policy.brand_id == brand.id))
    session.execute(sa.delete(Account).where(Account.brand_id == brand.id))
    calendar_id = brand.calendar_id
    session.execute(sa.delete(Brand).where(Brand.id == brand.id))
    if session.scalar(sa.select(Brand.id).where(Brand.calendar_id == calendar_id).limit(1)) is None:
        session.execute(sa.delete(Calendar).where(Calendar.id == calendar_id))
