"""Cases that are snoozed, and how they come back: at their time, or when the customer writes."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk import journal
from desk.base import bounds
from desk.base.errors import Invalid
from desk.base.words import CaseStatus
from desk.cases import assignment, cases
from desk.models import Case, Mention, User
from desk.people import permissions


def come_back(case: Case, now: datetime) -> None:
    """From on hold to its owner, or to the team where the owner has left."""
    assignment.free_of_gone_owner(case)
    cases.move(case, CaseStatus.TAKEN if case.assignee_id else CaseStatus.OPEN, now)


def snooze(session: Session, case_id: int, user: User, until: datetime, now: datetime) -> Case:
    """Out of sight until then; it comes back to whoever has it, or to its team. The response target does not
    wait: `due_at` stays. Raises NotFound, NotAllowed, Conflict (code "taken"), and Invalid for a time that has passed or is
    more than a year ahead."""
    permissions.require_writer(user)
    case = cases.locked(session, case_id)
    assignment.require_owner(case, user)
    if until <= now:
        raise Invalid("Choose a time that has not passed yet.", "until")
    if until - now > bounds.LONGEST_SNOOZE:
        raise Invalid("A case can be snoozed for a year at most.", "until")
    cases.move(case, CaseStatus.ON_HOLD, now)
    case.snoozed_until = until
    journal.write(session, "snoozed", now, case=case, user=user, until=until.isoformat())
    return case


def wake_by_customer(session: Session, case: Case, mention: Mention, now: datetime) -> None:
    """Whoever snoozed it did not know what he would say. Thanks leave it snoozed (desk/pipeline/triage.py)."""
    come_back(case, now)
    journal.write(session, "woken", now, case=case, mention=mention, why="customer")


def wake(session: Session, now: datetime) -> int:
    """Brings back every snoozed case whose time has come; returns how many."""
    query = sa.select(Case).where(Case.status == CaseStatus.ON_HOLD, Case.snoozed_until <= now)
    woken = session.scalars(query.with_for_update(of=Case, skip_locked=True)).all()
    for case in woken:
        come_back(case, now)
        journal.write(session, "woken", now, case=case)
    return len(woken)
