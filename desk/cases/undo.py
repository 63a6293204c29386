"""Taking a step of triage back: whoever made it, for a few minutes, while nothing else has happened to the case.

A step is not reversed by another step: the columns that it changed get their earlier values again. So what a step changes
may grow without a word here. The journal keeps both rows, the step and that it was undone.
"""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk import journal
from desk.base import db
from desk.base.errors import Conflict
from desk.base.words import CaseStatus
from desk.cases import cases
from desk.models import Case, Mention, UndoStep, User, Verdict
from desk.people import permissions

WITHIN_SECONDS = 300
# The version tells what has happened, and the moment of a change is a fact that an undo does not take back.
NOT_TAKEN_BACK = frozenset({"id", "version", "changed_at"})
TAGGED = "judged_by_person"  # the one step that also writes to the message and its verdicts
TAGS = ("state", "sentiment", "intent", "urgency", "language", "is_uncertain", "is_abusive")

Values = dict[str, Any]


@dataclass(slots=True)
class Step:
    """`token` names the step for take_back; None until it is over, and where it changed nothing."""

    token: str | None = None


@dataclass(frozen=True, slots=True)
class Undone:
    """Cases that stand as before the step, and those that somebody has touched since."""

    event: str
    done: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)


@contextmanager
def kept(session: Session, case_ids: Sequence[int], event: str, user: User, now: datetime) -> Iterator[Step]:
    """Around a step for these cases: locks them, and keeps what the step changed. Unknown cases are left to the step."""
    query = sa.select(Case).where(Case.id.in_(case_ids)).order_by(Case.id).with_for_update(of=Case)
    found = session.scalars(query.execution_options(populate_existing=True)).all()
    is_about_tags = event == TAGGED
    before = [
        (case, case.version, _values(case), _tags(session, case) if is_about_tags else None) for case in found
    ]
    step = Step()
    yield step
    session.flush()
    changed = [one for one in before if one[0].version != one[1]]
    if not changed:
        return
    _forget_old(session, now)
    step.token = secrets.token_hex(16)
    for case, _version, values, tags in changed:
        was: Values = {"case": _differing(values, _values(case))}
        if tags is not None:
            now_said = _tags(session, case)
            was |= {"mention": _differing(tags.values, now_said.values), "verdicts_after": tags.verdict}
        session.add(
            UndoStep(token=step.token, user_id=user.id, case_id=case.id, made_at=now, event=event,
                     version=case.version, before=was)
        )  # fmt: skip


def take_back(session: Session, token: str, user: User, now: datetime) -> Undone:
    """Raises Conflict where it is too late, or where something else has happened to all of its cases."""
    permissions.require_writer(user)
    query = sa.select(UndoStep).where(UndoStep.token == token, UndoStep.user_id == user.id)
    # PostgreSQL refuses a zero byte in any string, and addresses are typed by whoever likes.
    steps = session.scalars(query.order_by(UndoStep.case_id)).all() if token.isalnum() else []
    if not steps or now - steps[0].made_at > timedelta(seconds=WITHIN_SECONDS):
        raise Conflict("It is too late to undo this.", "undo_late")
    undone, unreadable = Undone(steps[0].event), 0
    for step in steps:
        case = cases.locked(session, step.case_id)
        if case.version != step.version:
            undone.refused.append(case.id)
            continue
        try:
            before = _read(step)
        except (TypeError, ValueError, AttributeError, LookupError):
            undone.refused.append(case.id)
            unreadable += 1
            continue
        _restore_case(session, case, step, before, now)
        journal.write(session, "undone", now, case=case, user=user, undone=step.event)
        undone.done.append(case.id)
    if not undone.done:
        if unreadable:
            raise Conflict(
                "What it was before is damaged in the database. Nothing was changed.", "undo_damaged"
            )
        raise Conflict("Something else has happened to it since.", "undo_overtaken")
    session.execute(sa.delete(UndoStep).where(UndoStep.token == token))
    return undone


@dataclass(frozen=True, slots=True)
class _Before:
    """What is given back; `verdicts_after` is None for a step that was not about tags."""

    case: Values
    mention: Values
    verdicts_after: int | None


def _read(step: UndoStep) -> _Before:
    """All of it before anything is given back. Raises one of the errors of Python where somebody damaged the row."""
    stored, after = step.before, step.before.get("verdicts_after")
    if after is not None and type(after) is not int:
        raise TypeError("verdicts_after is no number")
    mention = _typed_values(Mention, stored["mention"]) if after is not None else {}
    return _Before(_typed_values(Case, stored["case"]), mention, after)


def _typed_values(model: type[Case] | type[Mention], stored: Values) -> Values:
    columns = model.__table__.columns
    return {name: _typed(columns[name].type, value) for name, value in stored.items()}


def _restore_case(session: Session, case: Case, step: UndoStep, before: _Before, now: datetime) -> None:
    if before.verdicts_after is not None:
        mention = session.get_one(Mention, case.mention_id)
        # His word is taken back as well: the judge must not learn from it.
        session.execute(
            sa.delete(Verdict).where(
                Verdict.mention_id == mention.id,
                Verdict.id > before.verdicts_after,
                Verdict.by == "human",
                Verdict.user_id == step.user_id,
            )
        )
        _restore(mention, before.mention)
    _restore(case, before.case)
    cases.touch(case, now)
    session.flush()
    session.refresh(case)
    if case.assignee is not None and not case.assignee.active:
        case.assignee = None
        if case.status is CaseStatus.TAKEN:
            cases.move(case, CaseStatus.OPEN, now)


@dataclass(frozen=True, slots=True)
class _Tags:
    values: Values
    verdict: int


def _tags(session: Session, case: Case) -> _Tags:
    mention = session.get_one(Mention, case.mention_id)
    newest = sa.select(sa.func.max(Verdict.id)).where(Verdict.mention_id == mention.id, Verdict.by == "human")
    values = {name: value for name, value in _values(mention).items() if name in TAGS}
    return _Tags(values, session.scalar(newest) or 0)


def _values(row: Case | Mention) -> Values:
    return {
        column.key: _plain(getattr(row, column.key))
        for column in type(row).__table__.columns
        if column.key not in NOT_TAKEN_BACK
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value.value if isinstance(value, StrEnum) else value


def _differing(before: Values, after: Values) -> Values:
    return {name: value for name, value in before.items() if value != after[name]}


def _restore(row: Case | Mention, values: Values) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def _typed(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, sa.Enum) and kind.enum_class is not None:
        return kind.enum_class(value)
    if isinstance(kind, db.UtcDateTime):
        return datetime.fromisoformat(value)
    if not isinstance(value, kind.python_type):
        raise TypeError(f"{value!r} does not belong into this column")
    return value


def _forget_old(session: Session, now: datetime) -> None:
    session.execute(sa.delete(UndoStep).where(UndoStep.made_at < now - timedelta(seconds=WITHIN_SECONDS)))
