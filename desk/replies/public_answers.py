"""What the brand said in public, as a crawl or the site itself tells it, and ours among it, seen there."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk import journal
from desk.base import bounds
from desk.base.words import AnswerProof, ReplyOrigin, ReplyState
from desk.mentions import edits, search
from desk.models import Brand, Case, Mention, Reply, Source
from desk.replies import attribution, lifecycle, marks


def record_public_answer(
    session: Session,
    source: Source,
    own: Mention,
    now: datetime,
    proof: AnswerProof = AnswerProof.STRANGER,
) -> bool:
    """Whether this own message answered anybody who had no answer seen yet. `proof`: who saw it there, anybody or only our
    account."""
    if (reply := attribution.written_here(session, source, own)) is not None:
        if reply.state is ReplyState.SENDING:
            return False  # The job that sends it will write down what it learns; the next look confirms it.
        shown_at = own.published_at if own.is_date_known else None
        is_news = confirm(
            session, reply, external_id=own.external_id, url=own.url, now=now, shown_at=shown_at, proof=proof
        )
        if is_news or not edits.news(session, own):
            return is_news
    asked = attribution.asked_by(session, source, own)
    if asked is None:
        return False
    at = attribution.said_at(session, own)
    case = _locked(session, asked.case_id) if asked.case_id else None
    is_stranger = proof is AnswerProof.STRANGER
    before = attribution.said_before(session, asked, at)
    is_news = marks.mark_answered(
        session, before, case, at, now, seen_at=now if is_stranger else None, proof=proof
    )
    if is_news and case is not None:
        if reply is None:
            session.add(_as_reply(own, asked, case, now, proof))
            search.index_case(session, case.id)
        journal.write(session, "answered_on_site", now, case=case, mention=own)
    return is_news


def answered_elsewhere(
    session: Session,
    asked: Mention,
    now: datetime,
    *,
    text: str,
    external_id: str | None,
    url: str | None,
    at: datetime | None,
    proof: AnswerProof = AnswerProof.STRANGER,
) -> bool:
    """The site says that the brand has answered this mention, with words that were not written here; `at` is its own time
    of that. Whether it was news."""
    case = _locked(session, asked.case_id) if asked.case_id else None
    answered_at = bounds.between(at, asked.published_at, now)
    covered = attribution.said_before(session, asked, answered_at)
    seen_at = now if proof is AnswerProof.STRANGER else None
    is_news = marks.mark_answered(session, covered, case, answered_at, now, seen_at=seen_at, proof=proof)
    if is_news and case is not None:
        session.add(
            Reply(
                case_id=case.id, source_id=asked.source_id, mention_id=asked.id, origin=ReplyOrigin.SITE,
                state=ReplyState.VERIFIED, proof=proof, text=text, thread_seen=asked.id, external_id=external_id,
                url=url, created_at=now, changed_at=now, published_at=answered_at, verified_at=now,
            )
        )  # fmt: skip
        search.index_case(session, case.id)
        journal.write(session, "answered_on_site", now, case=case, mention=asked)
    return is_news


def _locked(session: Session, case_id: int) -> Case | None:
    """Before its mentions, as whoever sends does: else each could wait for the other for ever."""
    query = sa.select(Case).where(Case.id == case_id).with_for_update(of=Case)
    return session.scalar(query.execution_options(populate_existing=True))


def confirm(
    session: Session,
    reply: Reply,
    *,
    external_id: str | None,
    url: str | None,
    now: datetime,
    shown_at: datetime | None = None,
    proof: AnswerProof = AnswerProof.STRANGER,
) -> bool:
    """A reply of ours stands there, by this `proof`, `shown_at` being the site's own time of it. Returns False when that was
    known already."""
    is_better = proof is AnswerProof.STRANGER and reply.proof is not proof
    if reply.state is ReplyState.VERIFIED and is_better:
        reply.proof = proof
        marks.mark_answered_by_reply(
            session, reply, session.get_one(Case, reply.case_id), now, seen_at=now, proof=proof
        )
        return True
    if reply.state is ReplyState.VERIFIED or ReplyState.VERIFIED not in lifecycle.REPLY_STEPS[reply.state]:
        return False
    case = session.get_one(Case, reply.case_id)
    reply.published_at = reply.published_at or _public_since(session, reply, case, shown_at, now)
    reply.state, reply.verified_at, reply.changed_at = ReplyState.VERIFIED, now, now
    reply.external_id, reply.url = external_id or reply.external_id, url or reply.url
    reply.error_kind = reply.error = None
    reply.proof = proof
    journal.write(session, "verified", now, case=case, reply=reply, proof=proof.value)
    is_stranger = proof is AnswerProof.STRANGER
    marks.mark_answered_by_reply(session, reply, case, now, seen_at=now if is_stranger else None, proof=proof)
    return True


def _public_since(
    session: Session, reply: Reply, case: Case, shown_at: datetime | None, now: datetime
) -> datetime:
    """By hand: the site's own time, else when the person said so. Held for moderation: not before it was seen, for the
    site goes on to show the time at which it was handed in. Cut off: when it was sent."""
    if reply.origin is ReplyOrigin.BY_HAND and reply.accepted_at is not None:
        zone = ZoneInfo(session.get_one(Brand, case.brand_id).calendar.time_zone)
        is_likely = shown_at is not None and case.waits_since <= shown_at <= now
        return shown_at if shown_at and is_likely and not _is_day(shown_at, zone) else reply.accepted_at
    return now if reply.accepted_at is not None else reply.sending_at or now


def _is_day(moment: datetime, zone: ZoneInfo) -> bool:
    """Midnight to the second is a site that shows days only."""
    return any(moment.astimezone(one).time() == time.min for one in (zone, UTC))


def _as_reply(own: Mention, asked: Mention, case: Case, now: datetime, proof: AnswerProof) -> Reply:
    return Reply(
        case_id=case.id,
        source_id=own.source_id,
        mention_id=asked.id,
        origin=ReplyOrigin.SITE,
        state=ReplyState.VERIFIED,
        proof=proof,
        text=own.text,
        thread_seen=own.id,
        external_id=own.external_id,
        url=own.url,
        created_at=now,
        changed_at=now,
        published_at=own.published_at,
        verified_at=now,
    )
