"""What the brand said in public, and whom it answers. The response rate stands on this file.

The rule. An own message that names its parent answers that message and whatever else its author said in the thread
before it. One without a parent answers the newest customer message before it in its thread. An answer that was
written here is recognised by its text and answers what its case holds. Whoever rewrites his message afterwards has said
something new: an answer is about the wording that its writer saw (desk/edits.py). A brand that rewrites its answer
answers once more.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk import edits, journal, lifecycle, sla
from desk.models import Brand, Case, Mention, Reply, Revision, Source
from desk.models.words import STAGE_OF, CaseStage, CaseStatus, ReplyOrigin, ReplyState
from desk.wordings import plain


def cover(session: Session, source: Source, own: Mention, now: datetime) -> bool:
    """Whether this own message answered anybody who had no answer seen in public yet."""
    if (reply := _written_here(session, source, own)) is not None:
        if reply.state is ReplyState.SENDING:
            return False  # The job that sends it will write down what it learns; the next look confirms it.
        is_news = confirm(session, reply, external_id=own.external_id, url=own.url, now=now)
        if is_news or not edits.news(session, own):
            return is_news
    asked = _asked(session, source, own)
    if asked is None:
        return False
    at = _said_at(session, own)
    case = _locked(session, asked.case_id) if asked.case_id else None
    is_news = settle(session, _said_before(session, asked, at), case, at, now, seen_at=now)
    if is_news and case is not None:
        if reply is None:
            session.add(_as_reply(own, asked, case, now))
        journal.write(session, "answered_on_site", now, case=case, mention=own)
    return is_news


def _said_at(session: Session, own: Mention) -> datetime:
    rewritten = edits.news(session, own)
    return rewritten[-1].said_at or own.published_at if rewritten else own.published_at


def _locked(session: Session, case_id: int) -> Case | None:
    """Before its mentions, as whoever sends does: else each could wait for the other for ever."""
    query = sa.select(Case).where(Case.id == case_id).with_for_update(of=Case)
    return session.scalar(query.execution_options(populate_existing=True))


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


def confirm(
    session: Session, reply: Reply, *, external_id: str | None, url: str | None, now: datetime
) -> bool:
    """A reply of ours stands in public. Returns False when that was known already."""
    if reply.state is ReplyState.VERIFIED or ReplyState.VERIFIED not in lifecycle.REPLY_STEPS[reply.state]:
        return False
    reply.state, reply.verified_at, reply.changed_at = ReplyState.VERIFIED, now, now
    reply.published_at = reply.published_at or reply.sending_at or now
    reply.external_id, reply.url = external_id or reply.external_id, url or reply.url
    reply.error_kind = reply.error = None
    case = session.get_one(Case, reply.case_id)
    journal.write(session, "verified", now, case=case, reply=reply)
    settle_reply(session, reply, case, now, seen_at=now)
    return True


def settle_reply(session: Session, reply: Reply, case: Case, now: datetime, seen_at: datetime | None) -> None:
    """Everything the case held when the reply was written is answered, at the time the site took it."""
    at = reply.published_at or now
    held = sa.select(Mention).where(
        Mention.case_id == case.id, sa.or_(Mention.id <= reply.thread_seen, Mention.published_at <= at)
    )
    covered = list(session.scalars(held))
    settle(session, covered, case, at, now, seen_at=seen_at, edit_seen=reply.edit_seen)


def settle(
    session: Session,
    covered: Sequence[Mention],
    case: Case | None,
    answered_at: datetime,
    now: datetime,
    *,
    seen_at: datetime | None,
    edit_seen: int | None = None,
) -> bool:
    """Writes the answer down on the words it is about, once, and moves the case. Whether anything was news."""
    is_news = False
    for mention in covered:
        words = edits.answered_words(session, mention, answered_at, edit_seen)
        if words.answered_at is None:
            _measure(session, mention, words, answered_at)
            is_news = True
        if words.answer_seen_at is None and seen_at is not None:
            words.answer_seen_at = seen_at
            is_news = True
    if case is not None:
        _move_on(session, case, answered_at, now)
    return is_news


def unsettle(session: Session, reply: Reply, case: Case) -> None:
    """The answer is no longer in public: what it alone had answered is unanswered again."""
    held = sa.select(Mention).where(Mention.case_id == case.id, Mention.answered_at == reply.published_at)
    earlier = sa.select(Revision).join(Mention, Mention.id == Revision.mention_id)
    earlier = earlier.where(Mention.case_id == case.id, Revision.answered_at == reply.published_at)
    for words in (*session.scalars(held), *session.scalars(earlier)):
        words.answered_at = words.answer_seen_at = None
        words.answer_wall_seconds = words.answer_business_seconds = None


def _measure(session: Session, mention: Mention, words: Mention | Revision, answered_at: datetime) -> None:
    """How long its author waited for this answer: since he wrote, or since the edit that asked for another one."""
    again = edits.waits_since(session, mention, words)
    words.answered_at = answered_at
    if again is None and not mention.is_date_known:
        return
    since = again or mention.published_at
    calendar = sla.from_row(session.get_one(Brand, mention.brand_id).calendar)
    words.answer_wall_seconds = max(0, int((answered_at - since).total_seconds()))
    words.answer_business_seconds = sla.elapsed(calendar, since, answered_at) if answered_at > since else 0


def _move_on(session: Session, case: Case, answered_at: datetime, now: datetime) -> None:
    session.flush()
    still_waits = session.scalar(
        sa.select(sa.func.count()).where(Mention.case_id == case.id, Mention.answered_at.is_(None))
    )
    if still_waits or case.stage not in (CaseStage.UNANSWERED, CaseStage.WAITING):
        return
    lifecycle.check_case(case.status, CaseStatus.ANSWERED)
    case.status, case.stage = CaseStatus.ANSWERED, STAGE_OF[CaseStatus.ANSWERED]
    case.answered_at, case.snoozed_until, case.news_at = answered_at, None, None
    case.first_answer_at = case.first_answer_at or answered_at
    if case.is_met is None:
        case.is_met = answered_at <= case.due_at
    case.version, case.changed_at = case.version + 1, now
    wall = max(0, int((answered_at - case.waits_since).total_seconds()))
    calendar = sla.from_row(session.get_one(Brand, case.brand_id).calendar)
    business = sla.elapsed(calendar, case.waits_since, answered_at) if wall else 0
    journal.write(
        session, "answered", now, case=case, wall_seconds=wall, business_seconds=business, met=case.is_met
    )


def _written_here(session: Session, source: Source, own: Mention) -> Reply | None:
    """Ours by the id the site gave it, else by its text in the same thread."""
    of_source = sa.select(Reply).join(Case, Reply.case_id == Case.id).where(Reply.source_id == source.id)
    by_id = of_source.where(Reply.external_id == own.external_id).order_by(Reply.id.desc())
    if (reply := session.scalars(by_id).first()) is not None:
        return reply
    nameless = of_source.where(
        Reply.origin != ReplyOrigin.SITE,
        Reply.state.in_(lifecycle.TO_LOOK_FOR | {ReplyState.SENDING, ReplyState.VANISHED, ReplyState.FAILED}),
        sa.or_(Case.thread == own.thread, Case.thread == own.parent),
    )
    wanted = plain(own.text)
    return next((reply for reply in session.scalars(nameless) if plain(reply.text) == wanted), None)


def _asked(session: Session, source: Source, own: Mention) -> Mention | None:
    said = sa.select(Mention).where(Mention.source_id == source.id, ~Mention.is_own)
    if own.parent is not None:
        parent = session.scalar(said.where(Mention.external_id == own.parent))
        if parent is not None or own.parent != own.thread:
            return parent
    before = said.where(Mention.thread == own.thread, Mention.published_at <= own.published_at)
    return session.scalars(before.order_by(Mention.published_at.desc(), Mention.id.desc()).limit(1)).first()


def _said_before(session: Session, asked: Mention, at: datetime) -> list[Mention]:
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


def _as_reply(own: Mention, asked: Mention, case: Case, now: datetime) -> Reply:
    return Reply(
        case_id=case.id,
        source_id=own.source_id,
        mention_id=asked.id,
        origin=ReplyOrigin.SITE,
        state=ReplyState.VERIFIED,
        text=own.text,
        thread_seen=own.id,
        external_id=own.external_id,
        url=own.url,
        created_at=now,
        changed_at=now,
        published_at=own.published_at,
        verified_at=now,
    )
