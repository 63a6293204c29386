"""How a case ends and begins anew: closed, reopened, and marked when its answer is late. Each writes one journal row."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk import journal
from desk.base.errors import Invalid
from desk.base.words import STANDS, CaseStage, CaseStatus, CloseReason
from desk.cases import assignment, cases
from desk.models import Case, Mention, Reply, User
from desk.people import permissions


def mark_breaches(session: Session, now: datetime, limit: int = 1000) -> int:
    """Marks every case as overdue whose time has passed without an answer; returns how many. One whose answer is
    still awaited in public is left: it may turn out to have been there in time."""
    query = (
        sa.select(Case)
        .where(
            Case.stage.in_([CaseStage.UNANSWERED, CaseStage.ON_HOLD]),
            Case.due_at < now,
            Case.is_met.is_(None),
            Case.sent_at.is_(None),
        )
        .limit(limit)
    )
    late = session.scalars(query.with_for_update(of=Case, skip_locked=True)).all()
    for case in late:
        case.is_met = False
        journal.write(session, "breached", now, case=case, policy=case.policy)
    return len(late)


def close(session: Session, case_id: int, user: User | None, reason: CloseReason, now: datetime) -> Case:
    """`user` None closes by rule (publish and close). Closing what nobody answered needs a reason that says so: Invalid is
    raised for another one. Raises NotFound, NotAllowed, Conflict (code "taken") and IllegalStep too."""
    if user is not None:
        permissions.require_writer(user)
        if reason is CloseReason.WITHDRAWN:
            raise Invalid("Only the site knows what its author took back; choose another reason.", "reason")
    case = cases.locked(session, case_id)
    if user is not None and case.stage is not CaseStage.ANSWERED:
        assignment.require_owner(case, user)
    if reason is CloseReason.ANSWERED and not is_answered_by_us(session, case):
        raise Invalid("Nobody has answered it yet: say why it needs no answer.", "reason")
    cases.move(case, CaseStatus.CLOSED, now)
    case.closed_at, case.close_reason, case.is_handover_new = now, reason, False
    journal.write(session, "closed", now, case=case, user=user, reason=reason)
    return case


def is_answered_by_us(session: Session, case: Case) -> bool:
    """Publicly, or by an answer that was handed over and not given up by the site, whether or not it was seen yet."""
    if case.first_answer_at is not None:
        return True
    given = sa.select(Reply.id).where(Reply.case_id == case.id, Reply.state.in_(STANDS))
    return session.scalar(given.limit(1)) is not None


def reopen(session: Session, case_id: int, user: User | None, now: datetime, *, why: str = "person") -> Case:
    """By a person, or by the machine when the answer is no longer in public. The old target stays decided."""
    if user is not None:
        permissions.require_writer(user)
    case = cases.locked(session, case_id)
    _open_again(case, now)
    journal.write(session, "reopened", now, case=case, user=user, why=why)
    return case


def reopen_by_customer(
    session: Session, case: Case, mention: Mention, now: datetime, *, why: str = "customer"
) -> None:
    """A new message after the answer, or (`why` "edited") a new wording. The clock of `waits_since` and `due_at` has
    been set by desk/cases/opening.py."""
    _open_again(case, now)
    journal.write(session, "reopened", now, case=case, mention=mention, why=why)


def _open_again(case: Case, now: datetime) -> None:
    """It comes back to whoever had it, unless he is gone."""
    cases.move(case, CaseStatus.REOPENED, now)
    case.closed_at = case.close_reason = None
    case.reopened_count += 1
    assignment.free_of_gone_owner(case)
