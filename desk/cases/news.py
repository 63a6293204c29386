"""The signs that a case carries until those whom they are for have opened it."""

from datetime import datetime

from sqlalchemy.orm import Session

from desk.cases import cases, handovers
from desk.models import Case, User


def tell_owner(case: Case, now: datetime) -> None:
    """The case carries a sign until its owner has opened it (`seen`)."""
    if case.assignee_id is not None:
        case.news_at = case.news_at or now
        cases.touch(case, now)


def has_news_for(session: Session, case_id: int, user_id: int, version: int) -> bool:
    """Whether the case has a sign for its owner, and this is he, with a page before him that shows what is new."""
    case = session.get(Case, case_id)
    return case is not None and _is_read(case, user_id, version)


def seen(session: Session, case_id: int, user_id: int, version: int) -> None:
    """Its owner has opened it: the sign goes. Nothing happens to the case by that, so its version stays."""
    case = cases.locked(session, case_id)
    if _is_read(case, user_id, version):
        case.news_at = None


def _is_read(case: Case, user_id: int, version: int) -> bool:
    return case.news_at is not None and case.assignee_id == user_id and case.version <= version


def see_handover(case: Case, user: User) -> None:
    """Opened by one of those who got it: from now on it is no news. The version stays, for nothing was done to the case."""
    if case.is_handover_new and handovers.is_for(case, user):
        case.is_handover_new = False
