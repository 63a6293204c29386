"""A mention and the case of its conversation: opened with its clock, joined, or moved to its most urgent message. The
only module that opens cases."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk import journal
from desk.base.words import CaseStage, CaseStatus, Intent, Sentiment, Urgency
from desk.brands import calendars, defaults, policies, targets
from desk.cases import cases, handling, handovers, holding, news
from desk.mentions import edits
from desk.models import Brand, Case, Mention, Source
from desk.routing import routing, rulebook


def facts_of(mention: Mention, source: Source) -> routing.Facts:
    return routing.Facts(
        intent=mention.intent or Intent.OTHER,
        sentiment=mention.sentiment or Sentiment.NEUTRAL,
        urgency=mention.urgency or Urgency.NORMAL,
        language=mention.language or "und",
        source_kind=source.kind,
        source_id=source.id,
        rating=mention.rating,
        is_uncertain=mention.is_uncertain,
        is_answered=mention.answered_at is not None,
        is_own=mention.is_own,
        is_machine=mention.is_machine,
        is_withdrawn=mention.withdrawn_at is not None,
    )


def _thread(mention: Mention) -> str:
    return mention.thread or mention.external_id


def _author_key(mention: Mention) -> str:
    return str(mention.author_id) if mention.author_id else f"mention:{mention.external_id}"[:255]


def same_conversation(session: Session, mention: Mention) -> Case | None:
    query = sa.select(Case).where(
        Case.source_id == mention.source_id,
        Case.thread == _thread(mention),
        Case.author_key == _author_key(mention),
    )
    return session.scalar(query.with_for_update(of=Case))


def clock_start(mention: Mention, source: Source) -> datetime:
    """When the response time begins to run: at publication; for what was said before we listened there, and where the
    site gives no date, at collection. Nobody could have answered in time what he had not seen."""
    if mention.is_date_known and mention.published_at >= source.created_at:
        return mention.published_at
    return mention.collected_at


def target(
    session: Session, decision: routing.Decision, brand_id: int, start: datetime
) -> tuple[str, datetime]:
    target = policies.in_force(session, brand_id, decision.policy_name or defaults.FALLBACK_POLICY)
    calendar = calendars.reckoned(session.get_one(Brand, brand_id).calendar)
    return f"{target.name} v{target.version}", targets.due(calendar, target, start)


def _start(session: Session, mention: Mention, source: Source, *, is_edit: bool) -> datetime:
    """Words that came by an edit are waited for since the edit: what stood there before asked for nothing any more."""
    newest = edits.news(session, mention)[-1:] if is_edit else []
    return (newest[0].said_at if newest else None) or clock_start(mention, source)


def open_case(
    session: Session,
    mention: Mention,
    source: Source,
    decision: routing.Decision,
    now: datetime,
    *,
    is_edit: bool = False,
) -> None:
    start = _start(session, mention, source, is_edit=is_edit)
    policy, due_at = target(session, decision, mention.brand_id, start)
    case = Case(
        brand_id=mention.brand_id,
        source_id=source.id,
        source_kind=source.kind,
        mention_id=mention.id,
        author_id=mention.author_id,
        thread=_thread(mention),
        author_key=_author_key(mention),
        team_id=decision.team_id,
        status=CaseStatus.OPEN,
        stage=CaseStage.UNANSWERED,
        priority=decision.priority,
        rule_id=decision.rule_id,
        rule_en=decision.reason_en,
        rule_ru=decision.reason_ru,
        policy=policy,
        sentiment=mention.sentiment,
        intent=mention.intent,
        language=mention.language,
        is_uncertain=mention.is_uncertain,
        opened_at=now,
        waits_since=start,
        due_at=due_at,
        changed_at=now,
    )
    session.add(case)
    session.flush()
    mention.case_id = case.id
    journal.write(
        session, "opened", now, case=case, mention=mention, rule=decision.rule_id, team=decision.team_id
    )


def join(session: Session, case: Case, mention: Mention, now: datetime) -> None:
    """One person's messages in one thread are one case."""
    mention.case_id = case.id
    case.message_count += 1
    cases.touch(case, now)
    journal.write(session, "joined", now, case=case, mention=mention)


def raise_for(
    session: Session,
    case: Case,
    mention: Mention,
    source: Source,
    decision: routing.Decision,
    now: datetime,
    *,
    is_edit: bool,
) -> None:
    """The customer has said something that asks for an answer, in a further message or by an edit: the case is opened
    again or comes back from a snooze, it rises where this asks for more, and whoever has it is told."""
    start = _start(session, mention, source, is_edit=is_edit)
    if case.stage in (CaseStage.ANSWERED, CaseStage.CLOSED):
        case.waits_since = start
        case.policy, case.due_at = target(session, decision, mention.brand_id, start)
        handling.reopen_by_customer(session, case, mention, now, why="edited" if is_edit else "customer")
    elif case.stage is CaseStage.ON_HOLD:
        holding.wake_by_customer(session, case, mention, now)
    if asks_more(decision, mention, case):
        before = case.priority
        follow(session, case, mention, source, decision, start=start)
        if case.priority is not before:
            journal.write(
                session, "raised", now, case=case, mention=mention, was=before, priority=case.priority
            )
    news.tell_owner(case, now)


def asks_more(decision: routing.Decision, mention: Mention, case: Case) -> bool:
    """More urgent than what the case was opened for, or a complaint where that was something else."""
    return _weight(decision.priority, mention.intent) < _weight(case.priority, case.intent)


def _weight(priority: Urgency, intent: Intent | None) -> tuple[int, bool]:
    """The weightier, the smaller."""
    return list(Urgency).index(priority), intent is not Intent.COMPLAINT


def most_urgent(
    session: Session, case: Case, mention: Mention, decision: routing.Decision
) -> tuple[Mention, routing.Decision]:
    """Of the messages of the case that nobody has answered, the one that asks most: `mention`, of which that was
    decided, unless another asks more."""
    if case.message_count == 1:
        return mention, decision
    source, rules = session.get_one(Source, case.source_id), rulebook.rules(session, case.brand_id)
    held = sa.select(Mention).where(Mention.case_id == case.id, Mention.answered_at.is_(None))
    others = session.scalars(held.where(Mention.id != mention.id).order_by(Mention.id))
    decided = [(other, routing.route(facts_of(other, source), rules)) for other in others]
    found = [(mention, decision), *decided]
    return min(found, key=lambda one: (not one[1].opens, _weight(one[1].priority, one[0].intent)))


def still_asks(
    session: Session, case: Case, *, is_unsent: bool = False
) -> tuple[Mention, routing.Decision] | None:
    """The oldest message of the case that nobody has answered and that asks for an answer: thanks do not. With
    `is_unsent` those are left out whose answer is awaited in public."""
    held = sa.select(Mention).where(Mention.case_id == case.id, Mention.answered_at.is_(None))
    if is_unsent:
        held = held.where(Mention.answer_sent_at.is_(None))
    waiting = session.scalars(held.order_by(Mention.published_at, Mention.id)).all()
    if not waiting:
        return None
    source, rules = session.get_one(Source, case.source_id), rulebook.rules(session, case.brand_id)
    decided = ((mention, routing.route(facts_of(mention, source), rules)) for mention in waiting)
    return next(((mention, decision) for mention, decision in decided if decision.opens), None)


def follow(
    session: Session,
    case: Case,
    mention: Mention,
    source: Source,
    decision: routing.Decision,
    *,
    keeps_due: bool = False,
    start: datetime | None = None,
) -> None:
    """The case goes where its most urgent message goes, and is due no later than it was. Whoever has taken it keeps
    it. `start` is when the author began to wait for an answer to that message."""
    start = start or clock_start(mention, source)
    policy, due_at = target(session, decision, mention.brand_id, start)
    if due_at <= case.due_at and not keeps_due:
        case.policy, case.due_at = policy, due_at
    if case.assignee_id is None and not handovers.is_team_chosen(session, case):
        case.team_id = decision.team_id or case.team_id
    case.priority = decision.priority
    case.rule_id, case.rule_en, case.rule_ru = decision.rule_id, decision.reason_en, decision.reason_ru
    case.intent, case.sentiment = mention.intent or case.intent, mention.sentiment or case.sentiment
    case.mention_id, case.waits_since = mention.id, min(case.waits_since, start)
    case.language, case.is_uncertain = mention.language, mention.is_uncertain


def retag(case: Case, mention: Mention) -> None:
    """What the queue shows of a case is copied from the message it was opened for."""
    case.intent, case.sentiment = mention.intent or case.intent, mention.sentiment or case.sentiment
    case.language, case.is_uncertain = mention.language, mention.is_uncertain
