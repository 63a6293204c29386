"""The row of a case: read, locked for whoever changes it, and moved to another status."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base.errors import NotFound
from desk.base.words import STAGE_OF, CaseStatus
from desk.cases import lifecycle
from desk.models import Case


def load(session: Session, case_id: int) -> Case:
    """Raises NotFound."""
    if (case := session.get(Case, case_id)) is None:
        raise NotFound(f"There is no case {case_id}.")
    return case


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


def hold_for_answer(case: Case) -> None:
    """An answer to all that it asks is awaited in public. A snooze ends by that; a sign for its owner stays."""
    if case.status is not CaseStatus.ON_HOLD:
        lifecycle.check_case(case.status, CaseStatus.ON_HOLD)
    case.status, case.stage, case.snoozed_until = CaseStatus.ON_HOLD, STAGE_OF[CaseStatus.ON_HOLD], None
