"""Private notes at a case."""

from datetime import datetime

from sqlalchemy.orm import Session

from desk import journal
from desk.base.errors import Invalid
from desk.cases import cases
from desk.mentions import search
from desk.models import Case, Note, User
from desk.people import permissions

LONGEST_NOTE = 10_000


def write(session: Session, case_id: int, user: User, text: str, now: datetime) -> Note:
    """A private note. Raises Invalid when it is empty or too long."""
    permissions.require_writer(user)
    case = cases.locked(session, case_id)
    written = attach(session, case, user, text, now)
    cases.touch(case, now)
    journal.write(session, "noted", now, case=case, user=user)
    return written


def attach(session: Session, case: Case, user: User, text: str, now: datetime) -> Note:
    """Raises Invalid when it is empty or too long."""
    clean = text.replace("\0", "").strip()
    if not clean:
        raise Invalid("The note is empty.", "text")
    if len(clean) > LONGEST_NOTE:
        raise Invalid("The note is longer than %(most)s characters.", "text", most=LONGEST_NOTE)
    written = Note(case_id=case.id, user=user, text=clean, written_at=now)
    session.add(written)
    search.index_case(session, case.id)
    return written
