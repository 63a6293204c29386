"""What follows when the site shows words first and tells later whose they are: an id of ours was not known yet, or a
stranger had borrowed the name."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk import journal
from desk.base.words import CaseStage, CloseReason, MentionState, ReplyOrigin
from desk.cases import cases, handling
from desk.models import Case, Mention, Reply, Source
from desk.replies import marks


def learn(session: Session, source: Source, mention: Mention, is_by_brand: bool, now: datetime) -> None:
    """The site tells of a known mention what it did not tell before. The caller lets a mention that is ours answer."""
    if is_by_brand:
        _is_ours(session, mention, now)
    else:
        _is_a_strangers(session, source, mention, now)


def _is_ours(session: Session, mention: Mention, now: datetime) -> None:
    mention.is_own, mention.state, mention.claimed_until = True, MentionState.JUDGED, None
    # The brand's own words lie in no folder, whatever was thought of them before.
    mention.folder = mention.filed_by = None
    if mention.case_id is None:
        return
    case = cases.locked(session, mention.case_id)
    if case.message_count == 1 and case.stage in (CaseStage.UNANSWERED, CaseStage.ON_HOLD):
        handling.close(session, case.id, None, CloseReason.NO_ANSWER_NEEDED, now)


def _is_a_strangers(session: Session, source: Source, mention: Mention, now: datetime) -> None:
    """It answered nobody, and is to be read like anybody's words."""
    mention.is_own, mention.state = False, MentionState.NEW
    taken_for_ours = sa.select(Reply).where(
        Reply.source_id == source.id,
        Reply.external_id == mention.external_id,
        Reply.origin == ReplyOrigin.SITE,
    )
    for reply in session.scalars(taken_for_ours).all():
        case = cases.locked(session, reply.case_id)
        marks.mark_unanswered(session, reply, case)
        if case.first_answer_at == reply.published_at:
            # Decided by an answer that never was one: the target is open again, or missed by its time.
            case.first_answer_at = case.is_met = None
        session.delete(reply)
        if case.stage in (CaseStage.ANSWERED, CaseStage.CLOSED) and not _is_settled(session, case):
            handling.reopen(session, case.id, None, now, why="not_ours")
        else:
            journal.write(session, "rerouted", now, case=case, mention=mention)
    _let_wait(session, source, mention)


def _is_settled(session: Session, case: Case) -> bool:
    """By another answer, or by a person's word that it needs none."""
    waits = sa.select(Mention.id).where(Mention.case_id == case.id, Mention.answered_at.is_(None))
    session.flush()
    return session.scalar(waits.limit(1)) is None or case.close_reason not in (None, CloseReason.ANSWERED)


def _let_wait(session: Session, source: Source, mention: Mention) -> None:
    """What seemed answered before it had a case is read again, and opens one."""
    taken_as_answered = sa.select(Mention).where(
        Mention.source_id == source.id,
        Mention.thread == mention.thread,
        Mention.case_id.is_(None),
        Mention.answered_at == mention.published_at,
        ~Mention.is_own,
    )
    for asked in session.scalars(taken_as_answered):
        asked.answered_at = asked.answer_seen_at = asked.answer_proof = None
        asked.answer_wall_seconds = asked.answer_business_seconds = None
        asked.state = MentionState.NEW
