"""What the messages of a case need: an answer or none, how urgently, since when and by when. Reads only."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base.words import Intent, Sentiment, Urgency
from desk.brands import calendars, defaults, policies, targets
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
        folder=mention.folder,
        is_competitor=source.brand.is_competitor,
    )


def thread_of(mention: Mention) -> str:
    return mention.thread or mention.external_id


def author_key_of(mention: Mention) -> str:
    return str(mention.author_id) if mention.author_id else f"mention:{mention.external_id}"[:255]


def same_conversation(session: Session, mention: Mention) -> Case | None:
    query = sa.select(Case).where(
        Case.source_id == mention.source_id,
        Case.thread == thread_of(mention),
        Case.author_key == author_key_of(mention),
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


def start_of_wait(session: Session, mention: Mention, source: Source, *, is_edit: bool) -> datetime:
    """Words that came by an edit are waited for since the edit: what stood there before asked for nothing any more."""
    newest = edits.news(session, mention)[-1:] if is_edit else []
    return (newest[0].said_at if newest else None) or clock_start(mention, source)


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
