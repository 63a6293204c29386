"""Correcting an answer that the site has, or taking it back: what people do. What the worker learns: change_sending.py, and what
a look finds: change_looks.py.

An answer that is corrected goes on answering what it answered. One that is withdrawn answers nothing any more, and its case
is open again unless another answer covers it.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from desk import journal
from desk.base import wakeups
from desk.base.errors import Conflict, IllegalStep, Invalid, NotAllowed
from desk.base.words import STANDS, ChangeKind, ChangeState, ReplyOrigin
from desk.cases import cases
from desk.models import Case, Reply, ReplyChange, User
from desk.people import permissions
from desk.replies import change_lifecycle, change_rows, change_sending, replies
from desk.replies.drafts import LONGEST_TEXT
from desk.replies.terms import USUAL, Terms


def correct(
    session: Session,
    reply_id: int,
    user: User,
    text: str,
    now: datetime,
    *,
    newest_seen: int = 0,
    asks_approval: bool = False,
    terms: Terms = USUAL,
) -> ReplyChange:
    """Another wording for an answer that stands. `newest_seen` is the id of the correction whose words the writer has seen, 0
    for none.

    Raises Conflict with code `changing` (another change of it is under way), `corrected` (there is a newer wording than he
    saw) or `edits_spent` (the site lets it be changed no more); Invalid for a text that says nothing else.
    """
    case, reply = _changeable(session, reply_id, user)
    clean = text.replace("\0", "").replace("\r\n", "\n")
    if not clean.strip():
        raise Invalid("The answer is empty.", "text")
    if len(clean) > LONGEST_TEXT:
        raise Invalid("The answer is longer than %(most)s characters.", "text", most=LONGEST_TEXT)
    if clean.strip() == reply.text.strip():
        raise Invalid("The answer already says that. Change its wording first.", "text")
    if change_rows.newest_wording(session, reply_id) > newest_seen:
        raise Conflict("The answer has been changed since you began to write.", "corrected", reply=reply.id)
    if terms.edits >= 0 and change_rows.corrections_done(session, reply_id) >= terms.edits:
        raise Conflict("The site does not let this answer be changed again.", "edits_spent")
    return _ask(session, case, reply, user, ChangeKind.CORRECT, clean, now, asks_approval=asks_approval)


def withdraw(
    session: Session, reply_id: int, user: User, now: datetime, *, asks_approval: bool = False
) -> ReplyChange:
    """It is to go from the site. Raises Conflict with code `changing`."""
    case, reply = _changeable(session, reply_id, user)
    return _ask(session, case, reply, user, ChangeKind.WITHDRAW, "", now, asks_approval=asks_approval)


def _changeable(session: Session, reply_id: int, user: User) -> tuple[Case, Reply]:
    permissions.require_writer(user)
    case = cases.locked(session, replies.load(session, reply_id).case_id)
    reply = replies.locked(session, reply_id)
    if reply.user_id != user.id and not permissions.is_senior(user):
        raise NotAllowed("This is a colleague's answer. A lead may correct or withdraw it.")
    if reply.state not in STANDS or reply.origin is not ReplyOrigin.OTKLIK:
        raise IllegalStep("Only an answer that Otklik has sent, and that the site has, can be changed there.")
    newest = change_rows.newest(session, reply_id)
    if newest is not None and newest.state in change_lifecycle.OPEN:
        raise Conflict("Another change of this answer is under way.", "changing", reply=reply.id)
    return case, reply


def _ask(
    session: Session,
    case: Case,
    reply: Reply,
    user: User,
    kind: ChangeKind,
    text: str,
    now: datetime,
    *,
    asks_approval: bool,
) -> ReplyChange:
    """What went out with a lead's approval changes with one alone."""
    needs_lead = asks_approval or (reply.is_review_asked and not permissions.is_senior(user))
    change = ReplyChange(
        reply_id=reply.id,
        kind=kind,
        state=ChangeState.ASKED,
        text=text,
        user_id=user.id,
        created_at=now,
        changed_at=now,
        looks=0,
        misses=0,
    )
    session.add(change)
    session.flush()
    if needs_lead:
        journal.write(session, "change_asked", now, case=case, reply=reply, user=user, kind=kind.value)
    else:
        _approve(session, case, reply, change, user, now)
    return change


def approve(session: Session, change_id: int, user: User, now: datetime) -> ReplyChange:
    """Asked for -> approved, by a lead; and whoever sends is woken."""
    permissions.require_writer(user)
    if not permissions.is_senior(user):
        raise NotAllowed("This answer waits for the approval of a lead.")
    case, reply, change = change_rows.locked(session, change_id)
    _approve(session, case, reply, change, user, now)
    return change


def _approve(
    session: Session, case: Case, reply: Reply, change: ReplyChange, user: User, now: datetime
) -> None:
    change_lifecycle.check(change.state, ChangeState.APPROVED)
    if reply.state not in STANDS:
        raise IllegalStep("Only an answer that Otklik has sent, and that the site has, can be changed there.")
    change.state, change.changed_at = ChangeState.APPROVED, now
    change.approved_at, change.approver_id = now, user.id
    change.error_kind = change.error = None
    journal.write(session, "change_approved", now, case=case, reply=reply, user=user, kind=change.kind.value)
    wakeups.send(session, "change")


def retry(session: Session, change_id: int, user: User, now: datetime) -> ReplyChange:
    """Once more: only where the site surely did not do it. Raises IllegalStep otherwise, and Conflict with code `changing`
    where something else is done to that answer meanwhile."""
    case, reply, change = _own(session, change_id, user)
    newest = change_rows.newest(session, reply.id)
    if newest is not None and newest.id != change.id:
        raise Conflict("Another change of this answer is under way.", "changing", reply=reply.id)
    _approve(session, case, reply, change, user, now)
    return change


def discard(session: Session, change_id: int, user: User, now: datetime) -> ReplyChange:
    """Taken back before it was sent, or given up after the site refused it: the answer stands as it stood."""
    case, reply, change = _own(session, change_id, user)
    change_lifecycle.check(change.state, ChangeState.DISCARDED)
    change.state, change.changed_at = ChangeState.DISCARDED, now
    journal.write(session, "change_discarded", now, case=case, reply=reply, user=user, kind=change.kind.value)
    return change


def decide(
    session: Session, change_id: int, user: User, now: datetime, *, is_done: bool, terms: Terms = USUAL
) -> ReplyChange:
    """A person has looked whether what was cut off was done there, where Otklik cannot tell. Raises IllegalStep while it is
    still being found out."""
    _case, _reply, change = _own(session, change_id, user)
    if change.state is not ChangeState.UNKNOWN or change.next_look_at is not None:
        raise IllegalStep("It is still being found out whether the site has done it.")
    if is_done:
        change_sending.done(session, change_id, now, terms=terms, user=user)
    else:
        change_sending.lost(session, change_id, now, user=user)
    return change


def _own(session: Session, change_id: int, user: User) -> tuple[Case, Reply, ReplyChange]:
    permissions.require_writer(user)
    case, reply, change = change_rows.locked(session, change_id)
    if change.user_id != user.id and not permissions.is_senior(user):
        raise NotAllowed("This is a colleague's answer. A lead may correct or withdraw it.")
    return case, reply, change
