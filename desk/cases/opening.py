"""A mention and the case of its conversation: opened with its clock, joined, or moved to its most urgent message. The
only module that opens cases."""

from datetime import datetime

from sqlalchemy.orm import Session

from desk import journal
from desk.base.words import CaseStage, CaseStatus
from desk.cases import cases, handling, handovers, holding, needs, news
from desk.models import Case, Mention, Source
from desk.routing import routing


def open_case(
    session: Session,
    mention: Mention,
    source: Source,
    decision: routing.Decision,
    now: datetime,
    *,
    is_edit: bool = False,
) -> None:
    start = needs.start_of_wait(session, mention, source, is_edit=is_edit)
    policy, due_at = needs.target(session, decision, mention.brand_id, start)
    case = Case(
        brand_id=mention.brand_id,
        source_id=source.id,
        source_kind=source.kind,
        mention_id=mention.id,
        author_id=mention.author_id,
        thread=needs.thread_of(mention),
        author_key=needs.author_key_of(mention),
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
    start = needs.start_of_wait(session, mention, source, is_edit=is_edit)
    if case.stage in (CaseStage.ANSWERED, CaseStage.CLOSED):
        case.waits_since = start
        case.policy, case.due_at = needs.target(session, decision, mention.brand_id, start)
        handling.reopen_by_customer(session, case, mention, now, why="edited" if is_edit else "customer")
    elif case.stage is CaseStage.ON_HOLD:
        holding.wake_by_customer(session, case, mention, now)
    if needs.asks_more(decision, mention, case):
        before = case.priority
        follow(session, case, mention, source, decision, start=start)
        if case.priority is not before:
            journal.write(
                session, "raised", now, case=case, mention=mention, was=before, priority=case.priority
            )
    news.tell_owner(case, now)


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
    start = start or needs.clock_start(mention, source)
    policy, due_at = needs.target(session, decision, mention.brand_id, start)
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
