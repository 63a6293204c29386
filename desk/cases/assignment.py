"""Who has a case: taken, released, assigned, handed over to another team. Each writes one journal row."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk import journal
from desk.base.errors import Conflict, Invalid
from desk.base.words import CaseStage, CaseStatus
from desk.cases import cases, notes
from desk.models import Case, Team, User
from desk.people import permissions


def take(session: Session, case_id: int, user: User, now: datetime) -> Case:
    """Atomic: of two people exactly one gets it, the other a Conflict (code "taken") that says who has it. Raises NotFound and
    NotAllowed too."""
    permissions.require_writer(user)
    case = cases.locked(session, case_id)
    if case.assignee_id == user.id and case.stage is CaseStage.UNANSWERED:
        return case
    if case.assignee_id not in (None, user.id):
        name = case.assignee.name if case.assignee else "?"
        raise Conflict(f"{name} has taken this case already.", "taken", by=name)
    if case.stage in (CaseStage.UNANSWERED, CaseStage.ON_HOLD):
        cases.move(case, CaseStatus.TAKEN, now)
    _give(session, case, user, now)
    journal.write(session, "taken", now, case=case, user=user)
    return case


def release(session: Session, case_id: int, user: User, now: datetime) -> Case:
    """Back to the team. Only by whoever has it, or a lead. Raises NotFound, NotAllowed, Conflict (code "taken")."""
    permissions.require_writer(user)
    case = cases.locked(session, case_id)
    require_owner(case, user)
    _take_from(case)
    if case.status is CaseStatus.TAKEN:
        cases.move(case, CaseStatus.OPEN, now)
    cases.touch(case, now)
    journal.write(session, "released", now, case=case, user=user)
    return case


def lock_all_of(session: Session, user: User) -> list[Case]:
    """What he has to answer, and what he has snoozed."""
    query = sa.select(Case).where(
        Case.assignee_id == user.id, Case.stage.in_([CaseStage.UNANSWERED, CaseStage.ON_HOLD])
    )
    fresh = query.order_by(Case.id).with_for_update(of=Case).execution_options(populate_existing=True)
    return list(session.scalars(fresh))


def free_all_of(session: Session, user: User, by: User | None, now: datetime, *, why: str) -> int:
    """He answers no more: everything he had waits for its team. Returns how many. What is answered or closed stays in
    his name, and comes back to the team should it open again (desk/cases/handling.py)."""
    held = lock_all_of(session, user)
    for case in held:
        _take_from(case)
        if case.status in (CaseStatus.TAKEN, CaseStatus.ON_HOLD):
            cases.move(case, CaseStatus.OPEN, now)
        cases.touch(case, now)
        journal.write(session, "released", now, case=case, user=by, why=why, whose=user.id)
    return len(held)


def assign(session: Session, case_id: int, user: User, to: User, now: datetime) -> Case:
    """Agents may assign what is theirs or nobody's; leads anything. Raises NotFound, NotAllowed, Conflict (code "taken")."""
    permissions.require_writer(user)
    permissions.require_writer(to)
    case = cases.locked(session, case_id)
    require_owner(case, user)
    if case.stage in (CaseStage.UNANSWERED, CaseStage.ON_HOLD):
        cases.move(case, CaseStatus.TAKEN, now)
    _give(session, case, to, now)
    if to.id != user.id:
        _hand(case, user, now)
    journal.write(session, "assigned", now, case=case, user=user, to=to.id)
    return case


def hand_over(session: Session, case_id: int, user: User, team_key: str, text: str, now: datetime) -> Case:
    """To another team, with the note that saves the customer from saying it twice. The clock runs on. Raises NotFound,
    NotAllowed, Conflict (code "taken"), and Invalid for an unknown team or a note that is too long."""
    permissions.require_writer(user)
    case = cases.locked(session, case_id)
    require_owner(case, user)
    team = session.scalar(sa.select(Team).where(Team.key == team_key))
    if team is None:
        raise Invalid("There is no team “%(team_key)s”.", "team", team_key=team_key)
    if text.strip():
        notes.attach(session, case, user, text, now)
    before = case.team_id
    case.team = team
    _take_from(case)
    _hand(case, user, now)
    if case.status in (CaseStatus.TAKEN, CaseStatus.ON_HOLD):
        cases.move(case, CaseStatus.OPEN, now)
    cases.touch(case, now)
    journal.write(session, "handed_over", now, case=case, user=user, from_team=before, to_team=team.id)
    return case


def free_of_gone_owner(case: Case) -> None:
    if case.assignee is not None and not permissions.is_at_work(case.assignee):
        _take_from(case)


def _take_from(case: Case) -> None:
    case.assignee, case.assignee_id, case.news_at, case.is_handover_new = None, None, None, False


def _give(session: Session, case: Case, user: User, now: datetime) -> None:
    """The lock on his row keeps the case from falling to somebody who is shut out at the same moment."""
    present = sa.select(User.id).where(User.id == user.id, User.active).with_for_update(read=True, of=User)
    if session.scalar(present) is None:
        raise Conflict(f"{user.name} does not work here any more.", "gone", by=user.name)
    case.assignee, case.assignee_id, case.taken_at, case.news_at = user, user.id, now, None
    case.is_handover_new = False
    cases.touch(case, now)


def require_owner(case: Case, user: User) -> None:
    """His, nobody's, or he is a lead. Raises Conflict (code "taken")."""
    if case.assignee_id not in (None, user.id) and not permissions.is_senior(user):
        name = case.assignee.name if case.assignee else "?"
        raise Conflict(f"{name} has taken this case already.", "taken", by=name)


def _hand(case: Case, user: User, now: datetime) -> None:
    """From this person to whoever has the case from now on."""
    case.handed_at, case.handed_by, case.handed_by_id, case.is_handover_new = now, user, user.id, True
