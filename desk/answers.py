"""What the brand said in public, and whom it answers. The response rate stands on this file.

The rule. An own message that names its parent answers that message and whatever else its author said in the thread
before it. One without a parent answers the newest customer message before it in its thread. An answer that was
written here is recognised by its text and answers what its case holds.
"""

import html
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk import journal, lifecycle, sla
from desk.models import Brand, Case, Mention, Reply, Source
from desk.models.words import STAGE_OF, CaseStage, CaseStatus, ReplyOrigin, ReplyState

_SMILEY = re.compile(r":[a-z]{2,12}:|(?:[:;=]-?[DPOXdpox]|8-?[)O])(?![^\W_])")
_SCHEME = re.compile(r"\b(?:https?|ftp)://")


def cover(session: Session, source: Source, own: Mention, now: datetime) -> bool:
    """Whether this own message answered anybody who had no answer seen in public yet."""
    if (reply := _written_here(session, source, own)) is not None:
        if reply.state is ReplyState.SENDING:
            return False  # The job that sends it will write down what it learns; the next look confirms it.
        return confirm(session, reply, external_id=own.external_id, url=own.url, now=now)
    asked = _asked(session, source, own)
    if asked is None:
        return False
    case = session.get(Case, asked.case_id) if asked.case_id else None
    covered = _said_before(session, asked, own.published_at)
    is_news = settle(session, covered, case, own.published_at, now, seen_at=now)
    if is_news and case is not None:
        session.add(_as_reply(own, asked, case, now))
        journal.write(session, "answered_on_site", now, case=case, mention=own)
    return is_news


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
    settle(session, list(session.scalars(held)), case, at, now, seen_at=seen_at)


def settle(
    session: Session,
    covered: Sequence[Mention],
    case: Case | None,
    answered_at: datetime,
    now: datetime,
    *,
    seen_at: datetime | None,
) -> bool:
    """Writes the answer down on the mentions, once, and moves the case. Whether anything was news."""
    is_news = False
    for mention in covered:
        if mention.answered_at is None:
            _measure(session, mention, answered_at)
            is_news = True
        if mention.answer_seen_at is None and seen_at is not None:
            mention.answer_seen_at = seen_at
            is_news = True
    if case is not None:
        _move_on(session, case, answered_at, now)
    return is_news


def unsettle(session: Session, reply: Reply, case: Case) -> None:
    """The answer is no longer in public: what it alone had answered is unanswered again."""
    held = sa.select(Mention).where(Mention.case_id == case.id, Mention.answered_at == reply.published_at)
    for mention in session.scalars(held):
        mention.answered_at = mention.answer_seen_at = None
        mention.answer_wall_seconds = mention.answer_business_seconds = None


def _measure(session: Session, mention: Mention, answered_at: datetime) -> None:
    mention.answered_at = answered_at
    if not mention.is_date_known:
        return
    calendar = sla.from_row(session.get_one(Brand, mention.brand_id).calendar)
    mention.answer_wall_seconds = max(0, int((answered_at - mention.published_at).total_seconds()))
    mention.answer_business_seconds = (
        sla.elapsed(calendar, mention.published_at, answered_at) if answered_at > mention.published_at else 0
    )


def _move_on(session: Session, case: Case, answered_at: datetime, now: datetime) -> None:
    session.flush()
    still_waits = session.scalar(
        sa.select(sa.func.count()).where(Mention.case_id == case.id, Mention.answered_at.is_(None))
    )
    if still_waits or case.stage not in (CaseStage.UNANSWERED, CaseStage.WAITING):
        return
    lifecycle.check_case(case.status, CaseStatus.ANSWERED)
    case.status, case.stage = CaseStatus.ANSWERED, STAGE_OF[CaseStatus.ANSWERED]
    case.answered_at, case.snoozed_until = answered_at, None
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


def plain(text: str) -> str:
    """For comparing: letters and digits only, because sites change spaces, quotes and dashes, draw smileys, write 4×4
    for 4x4, and complete links; and because the readers of texts take `&amp;` for the sign that it means."""
    bare = _SMILEY.sub("", _SCHEME.sub("", html.unescape(text))).replace("×", "x")
    folded = unicodedata.normalize("NFKC", bare).casefold()
    return "".join(char for char in folded if char.isalnum()) or "".join(text.split())


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
