"""Which judge is in force: what the model that ships was taught here, one row a revision; who asked, what came of it.

The row is the queue here too: a row `asked` waits until a worker has learned, and becomes `adopted` or `refused`. What
is learned is a small blob that all workers read; this package stores it and never looks inside.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk import bell, calendars, corrections, journal, learned_figures, rejudging, settings
from desk.errors import Conflict, NotFound
from desk.models import JudgeRevision, User, Verdict
from desk.models.words import LearningState

LEASE = timedelta(minutes=10)
"""Longer than any learning takes; after a crash somebody else begins again."""
MOST_TRIES = 3
"""So often it is begun; what kills each worker that learns it is refused then, and not tried all night."""
SETTLING = timedelta(minutes=5)
"""So long after a judge was put in force no model that was here before takes its place. While machines are brought to a
new version one after the other, workers of the old one are still started here and there, and each would turn the whole
desk back and have everything that is open judged again."""
IN_FORCE_LOCK = 7_203_418
_NEWEST_FIRST = (JudgeRevision.active_since.desc(), JudgeRevision.id.desc())


@dataclass(frozen=True, slots=True)
class Learned:
    """What a worker brings back. `adaptation` None: nothing worth keeping, and `reason` says why."""

    base: str
    backend: str
    reason: str
    figures: Mapping[str, Any] = field(default_factory=dict)
    revision: str | None = None
    adaptation: bytes | None = None
    seen_verdict_id: int = 0


def active(session: Session) -> JudgeRevision | None:
    """None until the first worker with a model has come to work here."""
    in_force = sa.select(JudgeRevision).where(JudgeRevision.is_active)
    return session.scalar(in_force.order_by(*_NEWEST_FIRST).limit(1))


def active_number(session: Session) -> int | None:
    """For workers, who ask with every batch."""
    in_force = sa.select(JudgeRevision.id).where(JudgeRevision.is_active)
    return session.scalar(in_force.order_by(*_NEWEST_FIRST).limit(1))


def is_on(row: JudgeRevision, base: str) -> bool:
    """Whether it stands on these weights."""
    return row.base == base[:80]


def history(session: Session, limit: int = 100) -> list[JudgeRevision]:
    """The newest first; what still waits to be learned too."""
    return list(session.scalars(sa.select(JudgeRevision).order_by(JudgeRevision.id.desc()).limit(limit)))


def load(session: Session, number: int) -> JudgeRevision:
    """Raises NotFound."""
    if (found := session.get(JudgeRevision, number)) is None:
        raise NotFound(
            f"There is no version {number} of the tagging model. `otklik judge history` lists them."
        )
    return found


def meet(session: Session, backend: str, base: str, now: datetime) -> bool:
    """A worker has come with this model. When another one judged here before, what was in force last for this one is
    in force again: its own weights, or what was learned on them; and what still waits for somebody is judged again.
    False, and nothing changed, when it was here before and another has only just taken over: to be asked again."""
    _lock(session)
    backend, base = backend[:80], base[:80]
    before = active(session)
    if before is not None and before.base == base:
        return True
    found = _last_in_force(session, JudgeRevision.base == base)
    if found is None:
        found = JudgeRevision(
            state=LearningState.SHIPPED, revision=base, base=base, backend=backend, asked_at=now, made_at=now
        )
        session.add(found)
        session.flush()
    elif before is not None and before.active_since is not None and now - before.active_since < SETTLING:
        return False
    _activate(session, found, now)
    journal.write(session, "judge_arrived", now, revision=found.id, base=base)
    if before is not None or _has_other_verdicts(session, base):
        rejudging.ask(session, None, only_open=True, since=None, now=now)
    return True


def ask(session: Session, user: User | None, now: datetime) -> JudgeRevision:
    """Learning, as soon as a worker is free; who asks twice gets the same row. Raises Conflict where it is turned off."""
    if not settings.current().is_learning:
        raise Conflict("Learning is turned off by the setting OTKLIK_IS_LEARNING.", "learning_off")
    if (waiting := waiting_row(session)) is not None:
        return waiting
    asked = JudgeRevision(state=LearningState.ASKED, user_id=user.id if user else None, asked_at=now)
    session.add(asked)
    session.flush()
    bell.ring(session, "learn")
    return asked


def ask_nightly(session: Session, now: datetime) -> JudgeRevision | None:
    """Once a night, after the quiet hour, if people have tagged anything since; not while somebody keeps an older
    revision in force, for that was his decision."""
    if not settings.current().is_learning or now < (night := _night(now)):
        return None
    newest = session.scalar(
        sa.select(sa.func.max(JudgeRevision.asked_at)).where(JudgeRevision.state != LearningState.SHIPPED)
    )
    if (newest is not None and newest >= night) or waiting_row(session) is not None:
        return None
    if (current := active(session)) is None or is_held(session, current) or not to_learn(session):
        return None
    return ask(session, None, now)


def waiting_row(session: Session) -> JudgeRevision | None:
    """What was asked for and is not done."""
    asked = sa.select(JudgeRevision).where(JudgeRevision.state == LearningState.ASKED)
    return session.scalars(asked.order_by(JudgeRevision.id).limit(1)).first()


def is_held(session: Session, current: JudgeRevision) -> bool:
    """Whether somebody went back: something newer was learned on the same weights and is not in force, and nobody has
    had it learn on demand since, whatever came of that."""
    newer = sa.select(JudgeRevision.id).where(
        JudgeRevision.state == LearningState.ADOPTED,
        JudgeRevision.base == current.base,
        JudgeRevision.id > current.id,
    )
    if current.active_since is None or session.scalar(newer.limit(1)) is None:
        return False
    settled = sa.select(JudgeRevision).where(
        JudgeRevision.state.in_((LearningState.ADOPTED, LearningState.REFUSED)),
        JudgeRevision.made_at >= current.active_since,
    )
    # The clock does not ask meanwhile, but what it had asked for before may be settled after.
    return not any(
        row.asked_at > current.active_since or row.figures.get("same_as") == current.id
        for row in session.scalars(settled)
    )


def to_learn(session: Session) -> int:
    """How many mentions people have tagged since the judge last learned on the weights that are in force."""
    current = active(session)
    seen = sa.select(sa.func.max(JudgeRevision.seen_verdict_id)).where(
        JudgeRevision.base == (current.base if current else "")
    )
    return corrections.count(session, session.scalar(seen) or 0)


def claim(session: Session, now: datetime) -> int | None:
    """The number of what is to be learned, leased to the caller. What killed everybody who began it is refused."""
    is_free = sa.or_(JudgeRevision.claimed_until.is_(None), JudgeRevision.claimed_until < now)
    asked = sa.select(JudgeRevision).where(JudgeRevision.state == LearningState.ASKED, is_free)
    found = session.scalars(
        asked.order_by(JudgeRevision.id).limit(1).with_for_update(skip_locked=True)
    ).first()
    if found is None:
        return None
    tries = learned_figures.tries(found.figures) + 1
    if tries > MOST_TRIES:
        _refuse(found, Learned("", "", "failed"), now)
        journal.write(session, "judge_refused", now, user=found.user, revision=found.id, reason=found.reason)
        return None
    found.claimed_until, found.figures = now + LEASE, {"tries": tries}
    session.flush()
    return found.id


def release(session: Session, number: int) -> None:
    """Gives back what was stopped by hand: it counts as no try, and whoever asks again need not wait for the lease."""
    asked = sa.update(JudgeRevision).where(
        JudgeRevision.id == number, JudgeRevision.state == LearningState.ASKED
    )
    session.execute(asked.values(claimed_until=None, figures={}))


def settle(session: Session, number: int, learned: Learned, now: datetime) -> bool:
    """Whether what was learned is in force now, and was not before; then what still waits for somebody is judged again.
    A row that somebody else has settled is left alone."""
    _lock(session)
    row = session.scalar(sa.select(JudgeRevision).where(JudgeRevision.id == number).with_for_update())
    if row is None or row.state is not LearningState.ASKED:
        return False
    _refuse(row, learned, now)
    user = session.get(User, row.user_id) if row.user_id else None
    current = active(session)
    found = _worth_it(session, row, learned, current) if learned.adaptation is not None else None
    if found is None:
        journal.write(session, "judge_refused", now, user=user, revision=row.id, reason=row.reason)
        return False
    _activate(session, found, now)
    if found is row:
        journal.write(session, "judge_learned", now, user=user, revision=row.id, signed=row.revision)
    else:
        left = current.id if current else None
        journal.write(session, "judge_went_back", now, user=user, revision=found.id, left=left)
    rejudging.ask(session, user, only_open=True, since=None, now=now)
    return True


def go_back(session: Session, number: int | None, user: User | None, now: datetime) -> JudgeRevision:
    """To that revision, or to the one that was in force before this one; what still waits for somebody is judged again.
    Raises NotFound, Conflict."""
    _lock(session)
    current = active(session)
    if current is None:
        raise Conflict("No model has been used here yet, so there is no version to restore.", "no_judge")
    found = load(session, number) if number is not None else _before(session, current)
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
    rejudging.ask(session, user, only_open=True, since=None, now=now)
    return found


def can_go_back_to(row: JudgeRevision, current: JudgeRevision | None) -> bool:
    is_kept = row.state in (LearningState.SHIPPED, LearningState.ADOPTED)
    return current is not None and is_kept and row.id != current.id and row.base == current.base


def _before(session: Session, current: JudgeRevision) -> JudgeRevision:
    found = _last_in_force(session, JudgeRevision.base == current.base, JudgeRevision.id != current.id)
    if found is None:
        raise NotFound("There is no earlier version to restore: the model has been the same from the start.")
    return found


def _last_in_force(session: Session, *which: sa.ColumnElement[bool]) -> JudgeRevision | None:
    """The one of them that was in force last."""
    known = sa.select(JudgeRevision).where(*which, JudgeRevision.active_since.is_not(None))
    return session.scalar(known.order_by(*_NEWEST_FIRST).limit(1))


def _has_other_verdicts(session: Session, base: str) -> bool:
    """Whether another model judged here before there was this table. Asked once in the life of a database."""
    others = sa.exists().where(Verdict.by == "model", Verdict.revision != base)
    return bool(session.scalar(sa.select(others)))


def _refuse(row: JudgeRevision, learned: Learned, now: datetime) -> None:
    row.state, row.claimed_until, row.made_at = LearningState.REFUSED, None, now
    row.base, row.backend = learned.base[:80], learned.backend[:80]
    row.reason, row.figures = learned.reason, dict(learned.figures)
    row.seen_verdict_id = learned.seen_verdict_id


def _worth_it(
    session: Session, row: JudgeRevision, learned: Learned, current: JudgeRevision | None
) -> JudgeRevision | None:
    """What is to be in force: the row itself, or an older one that knows the same and was left. Not what is in force
    already, and not what was learned on weights that are gone meanwhile."""
    if current is not None and not is_on(current, learned.base):
        row.reason = "model_changed"
        return None
    same = session.scalar(sa.select(JudgeRevision).where(JudgeRevision.revision == learned.revision))
    if same is None:
        row.state, row.revision, row.adaptation = LearningState.ADOPTED, learned.revision, learned.adaptation
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


def _night(now: datetime) -> datetime:
    """Today's quiet hour, in the zone of the desk."""
    here = now.astimezone(calendars.read_zone(settings.current().time_zone))
    return here.replace(hour=settings.current().learn_hour, minute=0, second=0, microsecond=0)
