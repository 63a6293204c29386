"""Which judge comes into force: a model that arrives, what was learned, an older revision again. What still waits for
somebody is then judged again."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk import journal
from desk.base.errors import Conflict, NotFound
from desk.base.words import LearningState
from desk.models import JudgeRevision, User, Verdict
from desk.pipeline import reclassification_runs
from desk.verdicts import judge_revisions
from desk.verdicts.judge_revisions import Learned

SETTLING = timedelta(minutes=5)
"""So long after a judge was put in force, no model that was here before takes its place. While machines are brought to a
new version one after the other, workers of the old one are still started here and there, and each would turn the whole
desk back and have everything that is open judged again."""
IN_FORCE_LOCK = 7_203_418


def register_model(session: Session, backend: str, base: str, now: datetime) -> bool:
    """A worker has come with this model. When another one judged here before, what was in force last for this one is
    in force again: its own weights, or what was learned on them; and what still waits for somebody is judged again.
    False, and nothing changed, when it was here before and another has only just taken over: to be asked again."""
    _lock(session)
    backend, base = backend[:80], base[:80]
    before = judge_revisions.active(session)
    if before is not None and before.base == base:
        return True
    found = judge_revisions.last_in_force(session, JudgeRevision.base == base)
    if found is None:
        found = JudgeRevision(
            state=LearningState.SHIPPED,
            model_revision=base,
            base=base,
            backend=backend,
            asked_at=now,
            made_at=now,
        )
        session.add(found)
        session.flush()
    elif before is not None and before.active_since is not None and now - before.active_since < SETTLING:
        return False
    _activate(session, found, now)
    journal.write(session, "judge_arrived", now, revision=found.id, base=base)
    if before is not None or _has_other_verdicts(session, base):
        reclassification_runs.ask(session, None, only_open=True, since=None, now=now)
    return True


def decide(session: Session, number: int, learned: Learned, now: datetime) -> bool:
    """Whether what was learned is in force now, and was not before; then what still waits for somebody is judged again.
    A row that somebody else has decided is left alone."""
    _lock(session)
    row = session.scalar(sa.select(JudgeRevision).where(JudgeRevision.id == number).with_for_update())
    if row is None or row.state is not LearningState.ASKED:
        return False
    judge_revisions.refuse(row, learned, now)
    user = session.get(User, row.user_id) if row.user_id else None
    current = judge_revisions.active(session)
    found = _worth_it(session, row, learned, current) if learned.adaptation is not None else None
    if found is None:
        journal.write(session, "judge_refused", now, user=user, revision=row.id, reason=row.reason)
        return False
    _activate(session, found, now)
    if found is row:
        journal.write(session, "judge_learned", now, user=user, revision=row.id, signed=row.model_revision)
    else:
        left = current.id if current else None
        journal.write(session, "judge_went_back", now, user=user, revision=found.id, left=left)
    reclassification_runs.ask(session, user, only_open=True, since=None, now=now)
    return True


def go_back(session: Session, number: int | None, user: User | None, now: datetime) -> JudgeRevision:
    """To that revision, or to the one that was in force before this one; what still waits for somebody is judged again.
    Raises NotFound, Conflict."""
    _lock(session)
    current = judge_revisions.active(session)
    if current is None:
        raise Conflict("No model has been used here yet, so there is no version to restore.", "no_judge")
    found = judge_revisions.load(session, number) if number is not None else _before(session, current)
    if found.id == current.id:
        raise Conflict(f"Version {found.id} is already active.", "in_force")
    if found.state not in (LearningState.SHIPPED, LearningState.ADOPTED):
        raise Conflict(
            f"Version {found.id} was not accepted, so it cannot be restored. Nothing was changed.", "refused"
        )
    if found.base != current.base:
        raise Conflict(
            f"Version {found.id} belongs to another model ({found.base}) than the one in use ({current.base}), so nothing was"
            " changed. Set OTKLIK_SENTIMENT_MODEL back first.",
            "other_model",
        )
    _activate(session, found, now)
    journal.write(session, "judge_went_back", now, user=user, revision=found.id, left=current.id)
    reclassification_runs.ask(session, user, only_open=True, since=None, now=now)
    return found


def _before(session: Session, current: JudgeRevision) -> JudgeRevision:
    found = judge_revisions.last_in_force(
        session, JudgeRevision.base == current.base, JudgeRevision.id != current.id
    )
    if found is None:
        raise NotFound("There is no earlier version to restore: the model has been the same from the start.")
    return found


def _has_other_verdicts(session: Session, base: str) -> bool:
    """Whether another model judged here before there was this table. Asked once in the life of a database."""
    others = sa.exists().where(Verdict.by == "model", Verdict.model_revision != base)
    return bool(session.scalar(sa.select(others)))


def _worth_it(
    session: Session, row: JudgeRevision, learned: Learned, current: JudgeRevision | None
) -> JudgeRevision | None:
    """What is to be in force: the row itself, or an older one that knows the same and was left. Not what is in force
    already, and not what was learned on weights that are gone meanwhile."""
    if current is not None and not judge_revisions.is_on(current, learned.base):
        row.reason = "model_changed"
        return None
    same = session.scalar(
        sa.select(JudgeRevision).where(JudgeRevision.model_revision == learned.model_revision)
    )
    if same is None:
        row.state, row.model_revision, row.adaptation = (
            LearningState.ADOPTED,
            learned.model_revision,
            learned.adaptation,
        )
        return row
    is_in_force = current is not None and current.id == same.id
    row.reason, row.figures = "same" if is_in_force else "same_again", {**row.figures, "same_as": same.id}
    return None if is_in_force else same


def _lock(session: Session) -> None:
    """One at a time decides which judge is in force: of two who both saw the old one, each would add his own. SQLite lets
    but one write anyway; PostgreSQL has no row to lock before the first judge has come."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(IN_FORCE_LOCK)))


def _activate(session: Session, row: JudgeRevision, now: datetime) -> None:
    """One statement for all rows, so that two who activate at once leave one in force."""
    session.flush()
    session.execute(
        sa.update(JudgeRevision)
        .where(sa.or_(JudgeRevision.is_active, JudgeRevision.id == row.id))
        .values(is_active=JudgeRevision.id == row.id)
        .execution_options(synchronize_session=False)
    )
    session.refresh(row, ["is_active"])
    row.active_since = now
    session.flush()
