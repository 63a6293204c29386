"""Cases that one person gave to another or to a team, told to those who got them until one of them has opened them. Reads only."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload

from desk.base.damage import is_damaged
from desk.base.words import CaseStage
from desk.models import Case, Journal, Note, User

MOST_TOLD = 20


def is_for(case: Case, user: User) -> bool:
    """Whether this person is one of those who got it."""
    if case.assignee_id is not None:
        return case.assignee_id == user.id
    return user.team_id == case.team_id and case.handed_by_id != user.id


def is_news_for(session: Session, case_id: int, user: User) -> bool:
    case = session.get(Case, case_id)
    return case is not None and bool(case.is_handover_new) and is_for(case, user)


def told(session: Session, user: User) -> Sequence[Case]:
    """What this person or his team was given and nobody has opened yet, oldest first. One query."""
    is_his = sa.or_(
        Case.assignee_id == user.id,
        sa.and_(
            Case.assignee_id.is_(None),
            Case.team_id == user.team_id,
            Case.handed_by_id.is_distinct_from(user.id),
        ),
    )
    # In a query of its own, which the index of those few answers alone: else SQLite would rather walk all open cases.
    unopened = aliased(Case)
    new = sa.select(unopened.id).where(sa.text("is_handover_new")).scalar_subquery()
    query = sa.select(Case).where(Case.id.in_(new), Case.stage < CaseStage.ANSWERED, is_his)
    query = query.options(joinedload(Case.handed_by)).order_by(Case.handed_at, Case.id)
    return session.scalars(query.limit(MOST_TOLD)).all()


def note_of(session: Session, case: Case) -> Note | None:
    """The word that came with the case."""
    query = sa.select(Note).where(
        Note.case_id == case.id, Note.user_id == case.handed_by_id, Note.written_at == case.handed_at
    )
    return session.scalars(query.order_by(Note.id.desc()).limit(1)).first()


def is_team_chosen(session: Session, case: Case) -> bool:
    """Whether a person gave the case to the team that has it: then no rule takes it away."""
    steps = sa.select(Journal.facts).where(Journal.case_id == case.id, Journal.event == "handed_over")
    facts = session.scalars(steps.order_by(Journal.id.desc()).limit(1)).first()
    # Where the row was damaged it is not known whom the person chose, and his choice weighs more than a rule.
    return facts is not None and (is_damaged(facts) or facts.get("to_team") == case.team_id)
