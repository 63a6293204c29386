"""What people do with a case: take, assign, hand over, note, snooze, close, reopen. Each writes one journal row."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from desk import journal
from desk.base import bounds
from desk.base.errors import Conflict, Invalid, NotAllowed, NotFound
from desk.base.words import STAGE_OF, CaseStage, CaseStatus, CloseReason, RoleName
from desk.cases import handovers, lifecycle
from desk.mentions import search
from desk.models import Case, Mention, Note, Reply, Team, User

LONGEST_NOTE = 10_000


def require_writer(user: User) -> None:
    """Analysts only read. Raises NotAllowed."""
    if not user.has(RoleName.AGENT, RoleName.LEAD, RoleName.ADMIN):
        raise NotAllowed("You have read-only access. Ask an administrator for the agent role.")


def is_at_work(user: User) -> bool:
    """Whether cases may be his: he can sign in, and his role does more than read."""
    return user.active and user.has(RoleName.AGENT, RoleName.LEAD, RoleName.ADMIN)


def is_senior(user: User) -> bool:
    return user.has(RoleName.LEAD, RoleName.ADMIN)


def load(session: Session, case_id: int) -> Case:
    """Raises NotFound."""
    if (case := session.get(Case, case_id)) is None:
        raise NotFound(f"There is no case {case_id}.")
    return case


def listed(session: Session, status: CaseStatus | None = None, limit: int | None = None) -> list[Case]:
    """As in the queue: unanswered first, oldest due first. With their teams and people."""
    query = sa.select(Case).options(joinedload(Case.team), joinedload(Case.assignee))
    if status is not None:
        query = query.where(Case.status == status)
    return list(session.scalars(query.order_by(Case.stage, Case.due_at, Case.id).limit(limit)))


def locked(session: Session, case_id: int) -> Case:
    """The case, with nobody else able to change it before this transaction ends. Raises NotFound."""
    query = sa.select(Case).where(Case.id == case_id).with_for_update(of=Case)
    if (case := session.scalar(query.execution_options(populate_existing=True))) is None:
        raise NotFound(f"There is no case {case_id}.")
    return case


def touch(case: Case, now: datetime) -> None:
    case.version, case.changed_at = (case.version or 1) + 1, now


def move(case: Case, status: CaseStatus, now: datetime) -> None:
    """Raises IllegalStep."""
    if case.status is not status:
        lifecycle.check_case(case.status, status)
    case.status, case.stage = status, STAGE_OF[status]
    if status is not CaseStatus.ON_HOLD:
        case.snoozed_until = None
    if status in (CaseStatus.ON_HOLD, CaseStatus.CLOSED):
        case.news_at = None
    touch(case, now)


def come_back(case: Case, now: datetime) -> None:
    """From on hold to its owner, or to the team where the owner has left."""
    _free_of_gone_owner(case)
    move(case, CaseStatus.TAKEN if case.assignee_id else CaseStatus.OPEN, now)


def take(session: Session, case_id: int, user: User, now: datetime) -> Case:
    """Atomic: of two people exactly one gets it, the other a Conflict that says who has it."""
    require_writer(user)
    case = locked(session, case_id)
    if case.assignee_id == user.id and case.stage is CaseStage.UNANSWERED:
        return case
    if case.assignee_id not in (None, user.id):
        name = case.assignee.name if case.assignee else "?"
        raise Conflict(f"{name} has taken this case already.", "taken", by=name)
    if case.stage in (CaseStage.UNANSWERED, CaseStage.ON_HOLD):
        move(case, CaseStatus.TAKEN, now)
    _give(session, case, user, now)
    journal.write(session, "taken", now, case=case, user=user)
    return case


def release(session: Session, case_id: int, user: User, now: datetime) -> Case:
    """Back to the team. Only by whoever has it, or a lead."""
    require_writer(user)
    case = locked(session, case_id)
    _require_owner(case, user)
    _take_from(case)
    if case.status is CaseStatus.TAKEN:
        move(case, CaseStatus.OPEN, now)
    touch(case, now)
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
    his name, and comes back to the team should it open again (`_open_again`)."""
    held = lock_all_of(session, user)
    for case in held:
        _take_from(case)
        if case.status in (CaseStatus.TAKEN, CaseStatus.ON_HOLD):
            move(case, CaseStatus.OPEN, now)
        touch(case, now)
        journal.write(session, "released", now, case=case, user=by, why=why, whose=user.id)
    return len(held)


def assign(session: Session, case_id: int, user: User, to: User, now: datetime) -> Case:
    """Agents may assign what is theirs or nobody's; leads anything."""
    require_writer(user)
    require_writer(to)
    case = locked(session, case_id)
    _require_owner(case, user)
    if case.stage in (CaseStage.UNANSWERED, CaseStage.ON_HOLD):
        move(case, CaseStatus.TAKEN, now)
    _give(session, case, to, now)
    if to.id != user.id:
        handovers.hand(case, user, now)
    journal.write(session, "assigned", now, case=case, user=user, to=to.id)
    return case


def hand_over(session: Session, case_id: int, user: User, team_key: str, text: str, now: datetime) -> Case:
    """To another team, with the word that saves the customer from saying it twice. The clock runs on."""
    require_writer(user)
    case = locked(session, case_id)
    _require_owner(case, user)
    team = session.scalar(sa.select(Team).where(Team.key == team_key))
    if team is None:
        raise Invalid("There is no team “%(team_key)s”.", "team", team_key=team_key)
    if text.strip():
        _add_note(session, case, user, text, now)
    before = case.team_id
    case.team = team
    _take_from(case)
    handovers.hand(case, user, now)
    if case.status in (CaseStatus.TAKEN, CaseStatus.ON_HOLD):
        move(case, CaseStatus.OPEN, now)
    touch(case, now)
    journal.write(session, "handed_over", now, case=case, user=user, from_team=before, to_team=team.id)
    return case


def note(session: Session, case_id: int, user: User, text: str, now: datetime) -> Note:
    """A private note. Raises Invalid when it is empty or too long."""
    require_writer(user)
    case = locked(session, case_id)
    written = _add_note(session, case, user, text, now)
    touch(case, now)
    journal.write(session, "noted", now, case=case, user=user)
    return written


def snooze(session: Session, case_id: int, user: User, until: datetime, now: datetime) -> Case:
    """Out of sight until then; it comes back to whoever has it, or to its team. The response target does not
    wait: `due_at` stays."""
    require_writer(user)
    case = locked(session, case_id)
    _require_owner(case, user)
    if until <= now:
        raise Invalid("Choose a time that has not passed yet.", "until")
    if until - now > bounds.LONGEST_SNOOZE:
        raise Invalid("A case can be snoozed for a year at most.", "until")
    move(case, CaseStatus.ON_HOLD, now)
    case.snoozed_until = until
    journal.write(session, "snoozed", now, case=case, user=user, until=until.isoformat())
    return case


def wake_by_customer(session: Session, case: Case, mention: Mention, now: datetime) -> None:
    """Whoever snoozed it did not know what he would say. Thanks leave it snoozed (desk/pipeline/triage.py)."""
    _free_of_gone_owner(case)
    move(case, CaseStatus.TAKEN if case.assignee_id else CaseStatus.OPEN, now)
    journal.write(session, "woken", now, case=case, mention=mention, why="customer")


def tell_owner(case: Case, now: datetime) -> None:
    """The case carries a sign until its owner has opened it (`seen`)."""
    if case.assignee_id is not None:
        case.news_at = case.news_at or now
        touch(case, now)


def has_news_for(session: Session, case_id: int, user_id: int, version: int) -> bool:
    """Whether the case has a sign for its owner, and this is he, with a page before him that shows what is new."""
    case = session.get(Case, case_id)
    return case is not None and _is_read(case, user_id, version)


def seen(session: Session, case_id: int, user_id: int, version: int) -> None:
    """Its owner has opened it: the sign goes. Nothing happens to the case by that, so its version stays."""
    case = locked(session, case_id)
    if _is_read(case, user_id, version):
        case.news_at = None


def _is_read(case: Case, user_id: int, version: int) -> bool:
    return case.news_at is not None and case.assignee_id == user_id and case.version <= version


def wake(session: Session, now: datetime) -> int:
    """Brings back every snoozed case whose time has come; returns how many."""
    query = sa.select(Case).where(Case.status == CaseStatus.ON_HOLD, Case.snoozed_until <= now)
    woken = session.scalars(query.with_for_update(of=Case, skip_locked=True)).all()
    for case in woken:
        come_back(case, now)
        journal.write(session, "woken", now, case=case)
    return len(woken)


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
    """`user` None closes by rule (publish and close). Closing what nobody answered needs a reason that says so."""
    if user is not None:
        require_writer(user)
        if reason is CloseReason.WITHDRAWN:
            raise Invalid("Only the site knows what its author took back; choose another reason.", "reason")
    case = locked(session, case_id)
    if user is not None and case.stage is not CaseStage.ANSWERED:
        _require_owner(case, user)
    if reason is CloseReason.ANSWERED and not is_answered_by_us(session, case):
        raise Invalid("Nobody has answered it yet: say why it needs no answer.", "reason")
    move(case, CaseStatus.CLOSED, now)
    case.closed_at, case.close_reason, case.is_handover_new = now, reason, False
    journal.write(session, "closed", now, case=case, user=user, reason=reason)
    return case


def is_answered_by_us(session: Session, case: Case) -> bool:
    """Publicly, or by an answer that was handed over and not given up by the site, whether or not it was seen yet."""
    if case.first_answer_at is not None:
        return True
    given = sa.select(Reply.id).where(Reply.case_id == case.id, Reply.state.in_(lifecycle.STANDS))
    return session.scalar(given.limit(1)) is not None


def reopen(session: Session, case_id: int, user: User | None, now: datetime, *, why: str = "person") -> Case:
    """By a person, or by the machine when the answer is no longer in public. The old target stays decided."""
    if user is not None:
        require_writer(user)
    case = locked(session, case_id)
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
    move(case, CaseStatus.REOPENED, now)
    case.closed_at = case.close_reason = None
    case.reopened_count += 1
    _free_of_gone_owner(case)


def _free_of_gone_owner(case: Case) -> None:
    if case.assignee is not None and not is_at_work(case.assignee):
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
    touch(case, now)


def _require_owner(case: Case, user: User) -> None:
    if case.assignee_id not in (None, user.id) and not is_senior(user):
        name = case.assignee.name if case.assignee else "?"
        raise Conflict(f"{name} has taken this case already.", "taken", by=name)


def _add_note(session: Session, case: Case, user: User, text: str, now: datetime) -> Note:
    clean = text.replace("\0", "").strip()
    if not clean:
        raise Invalid("The note is empty.", "text")
    if len(clean) > LONGEST_NOTE:
        raise Invalid("The note is longer than %(most)s characters.", "text", most=LONGEST_NOTE)
    written = Note(case_id=case.id, user=user, text=clean, written_at=now)
    session.add(written)
    search.index_case(session, case.id)
    return written
