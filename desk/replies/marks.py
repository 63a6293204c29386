"""What an answer changes at the messages that it answers, and at their case: awaited, answered, unanswered again."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk import journal
from desk.base.words import AnswerProof, CaseStage, CaseStatus
from desk.brands import calendars, targets
from desk.cases import cases, needs
from desk.mentions import edits
from desk.models import Brand, Case, EarlierWording, Mention, Reply, Source
from desk.routing import routing


def await_public(session: Session, reply: Reply, case: Case, now: datetime) -> None:
    """Handed over, but nobody can read it yet. The case waits for that, and nothing about it is decided meanwhile."""
    at = reply.accepted_at or now
    for mention in session.scalars(_held(reply, case, at)):
        words = edits.answered_words(session, mention, at, reply.edit_seen)
        if words is mention and mention.answered_at is None:
            mention.answer_sent_at = reply.accepted_at
    if case.stage not in (CaseStage.UNANSWERED, CaseStage.ON_HOLD):
        return
    case.sent_at = reply.accepted_at
    session.flush()
    # What was said or rewritten after the answer was written asks for one of its own, and the case stays where it is.
    if needs.still_asks(session, case, is_unsent=True) is None:
        cases.hold_for_answer(case)
    cases.touch(case, now)


def give_up(session: Session, reply: Reply, case: Case) -> None:
    """It is not awaited any longer: what it was to answer waits for another one."""
    if reply.accepted_at is None:
        return
    session.execute(
        sa.update(Mention)
        .where(Mention.case_id == case.id, Mention.answer_sent_at == reply.accepted_at)
        .values(answer_sent_at=None)
    )
    if case.sent_at == reply.accepted_at:
        case.sent_at = None


def mark_answered_by_reply(
    session: Session,
    reply: Reply,
    case: Case,
    now: datetime,
    seen_at: datetime | None,
    proof: AnswerProof | None = None,
) -> None:
    """Everything the case held when the reply was written is answered, at the time the site took it."""
    at = reply.published_at or now
    give_up(session, reply, case)
    covered = list(session.scalars(_held(reply, case, at)))
    mark_answered(session, covered, case, at, now, seen_at=seen_at, edit_seen=reply.edit_seen, proof=proof)


def _held(reply: Reply, case: Case, at: datetime) -> sa.Select[Mention]:
    """What the case held when the reply was handed over; which words of it are answered tells `Reply.edit_seen`."""
    until = min(at, reply.accepted_at or at)
    said_before = sa.or_(Mention.id <= reply.thread_seen, Mention.published_at <= until)
    return sa.select(Mention).where(Mention.case_id == case.id, said_before)


def mark_answered(
    session: Session,
    covered: Sequence[Mention],
    case: Case | None,
    answered_at: datetime,
    now: datetime,
    *,
    seen_at: datetime | None,
    edit_seen: int | None = None,
    proof: AnswerProof | None = None,
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
        words.answer_proof = _better(words.answer_proof, proof) if words.answer_seen_at is None else None
    if case is not None:
        _move_on(session, case, answered_at, now)
    return is_news


def mark_unanswered(session: Session, reply: Reply, case: Case) -> None:
    """The answer is no longer in public: what it alone had answered is unanswered again. What nobody ever saw there
    has met no target either."""
    held = sa.select(Mention).where(Mention.case_id == case.id, Mention.answered_at == reply.published_at)
    earlier = sa.select(EarlierWording).join(Mention, Mention.id == EarlierWording.mention_id)
    earlier = earlier.where(Mention.case_id == case.id, EarlierWording.answered_at == reply.published_at)
    for words in (*session.scalars(held), *session.scalars(earlier)):
        words.answered_at = words.answer_seen_at = words.answer_proof = None
        words.answer_wall_seconds = words.answer_business_seconds = None
    if reply.verified_at is None and case.first_answer_at == reply.published_at:
        case.first_answer_at = case.is_met = None


def _better(known: str | None, proof: AnswerProof | None) -> str | None:
    """What the site has confirmed stays confirmed, whatever a receipt says later."""
    if proof is None or known == AnswerProof.ACCOUNT:
        return known
    return proof.value


def _measure(
    session: Session, mention: Mention, words: Mention | EarlierWording, answered_at: datetime
) -> None:
    """How long its author waited for this answer: since he wrote, or since the edit that asked for another one."""
    again = edits.waits_since(session, mention, words)
    words.answered_at = answered_at
    if isinstance(words, Mention):
        words.answer_sent_at = None
    if again is None and not mention.is_date_known:
        return
    since = again or mention.published_at
    words.answer_wall_seconds = max(0, int((answered_at - since).total_seconds()))
    words.answer_business_seconds = _open_seconds(session, mention.brand_id, since, answered_at)


def _open_seconds(session: Session, brand_id: int, since: datetime, until: datetime) -> int | None:
    """None where somebody damaged the brand's calendar: how long the desk was open is not known then."""
    row = session.get_one(Brand, brand_id).calendar
    if not calendars.is_whole(row):
        return None
    return targets.elapsed(targets.from_row(row), since, until)


def _move_on(session: Session, case: Case, answered_at: datetime, now: datetime) -> None:
    session.flush()
    if (asking := needs.still_asks(session, case)) is not None:
        _go_on(session, case, *asking, answered_at)
        return
    _decide(case, answered_at)
    if case.stage not in (CaseStage.UNANSWERED, CaseStage.ON_HOLD):
        return
    cases.move(case, CaseStatus.ANSWERED, now)
    case.answered_at, case.news_at = answered_at, None
    wall = max(0, int((answered_at - case.waits_since).total_seconds()))
    business = _open_seconds(session, case.brand_id, case.waits_since, answered_at)
    journal.write(
        session, "answered", now, case=case, wall_seconds=wall, business_seconds=business, met=case.is_met
    )


def _go_on(
    session: Session, case: Case, mention: Mention, decision: routing.Decision, answered_at: datetime
) -> None:
    """A later message still waits. The target of the first one is decided, and the clock runs for this one."""
    since_edit = edits.waits_since(session, mention, mention)
    start = since_edit or needs.clock_start(mention, session.get_one(Source, case.source_id))
    if start > case.waits_since:
        _decide(case, answered_at)
        case.waits_since = start
        case.policy, case.due_at = needs.target(session, decision, case.brand_id, start)


def _decide(case: Case, answered_at: datetime) -> None:
    """The target, by the first answer. One that turns out to have stood there in time was no breach."""
    is_in_time = answered_at <= case.due_at
    if case.is_met is None or (case.first_answer_at is None and is_in_time):
        case.is_met = is_in_time
    case.first_answer_at = case.first_answer_at or answered_at
