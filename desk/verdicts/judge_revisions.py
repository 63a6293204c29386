"""The revisions of the judge: what the model that ships was taught here, one row each; who asked, what came of it. How one
comes into force is told in desk/pipeline/adoptions.py.

The row is the queue here too: a row `asked` waits until a worker has learned, and becomes `adopted` or `refused`. What
is learned is a small blob that all workers read; this package stores it and never looks inside.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk import journal
from desk.base import leases, settings, wakeups
from desk.base.errors import Conflict, NotFound
from desk.base.words import LearningState
from desk.base.work import Pending
from desk.brands import calendars
from desk.models import JudgeRevision, User
from desk.verdicts import corrections, learned_figures

LEASE = timedelta(minutes=10)
"""Longer than any learning takes; after a crash somebody else begins again."""
MOST_TRIES = 3
"""So often it is begun; what kills each worker that learns it is refused then, and not tried all night."""
_NEWEST_FIRST = (JudgeRevision.active_since.desc(), JudgeRevision.id.desc())


@dataclass(frozen=True, slots=True)
class Learned:
    """What a worker brings back. `adaptation` None: nothing worth keeping, and `reason` says why."""

    base: str
    backend: str
    reason: str
    figures: Mapping[str, Any] = field(default_factory=dict)
    model_revision: str | None = None
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


def ask(session: Session, user: User | None, now: datetime) -> JudgeRevision:
    """Learning, as soon as a worker is free; who asks twice gets the same row. Raises Conflict where it is turned off."""
    if not settings.current().is_learning:
        raise Conflict("Learning is turned off by the setting OTKLIK_IS_LEARNING.", "learning_off")
    if (asked := asked_row(session)) is not None:
        return asked
    asked = JudgeRevision(state=LearningState.ASKED, user_id=user.id if user else None, asked_at=now)
    session.add(asked)
    session.flush()
    wakeups.send(session, "learn")
    return asked


def ask_nightly(session: Session, now: datetime) -> JudgeRevision | None:
    """Once a night, after the hour that the settings name, if people have tagged anything since; not while somebody keeps an older
    revision in force, for that was his decision."""
    if not settings.current().is_learning or now < (night := _night(now)):
        return None
    newest = session.scalar(
        sa.select(sa.func.max(JudgeRevision.asked_at)).where(JudgeRevision.state != LearningState.SHIPPED)
    )
    if (newest is not None and newest >= night) or asked_row(session) is not None:
        return None
    if (current := active(session)) is None or is_held(session, current) or not to_learn(session):
        return None
    return ask(session, None, now)


def asked_row(session: Session) -> JudgeRevision | None:
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


def waiting(session: Session, now: datetime) -> Pending:
    """Learning that somebody has asked for."""
    asked = sa.select(JudgeRevision.id).where(JudgeRevision.state == LearningState.ASKED)
    is_free = leases.is_free(JudgeRevision.claimed_until, now)
    return leases.pending(session, asked.where(is_free), asked.where(~is_free))


def claim(session: Session, now: datetime) -> int | None:
    """The number of what is to be learned, leased to the caller. What killed everybody who began it is refused."""
    is_free = leases.is_free(JudgeRevision.claimed_until, now)
    asked = sa.select(JudgeRevision).where(JudgeRevision.state == LearningState.ASKED, is_free)
    found = session.scalars(
        asked.order_by(JudgeRevision.id).limit(1).with_for_update(skip_locked=True)
    ).first()
    if found is None:
        return None
    tries = learned_figures.tries(found.figures) + 1
    if tries > MOST_TRIES:
        refuse(found, Learned("", "", "failed"), now)
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


def can_go_back_to(row: JudgeRevision, current: JudgeRevision | None) -> bool:
    is_kept = row.state in (LearningState.SHIPPED, LearningState.ADOPTED)
    return current is not None and is_kept and row.id != current.id and row.base == current.base


def last_in_force(session: Session, *which: sa.ColumnElement[bool]) -> JudgeRevision | None:
    """The one of them that was in force last."""
    known = sa.select(JudgeRevision).where(*which, JudgeRevision.active_since.is_not(None))
    return session.scalar(known.order_by(*_NEWEST_FIRST).limit(1))


def refuse(row: JudgeRevision, learned: Learned, now: datetime) -> None:
    """Not kept, and why; `learned` says it."""
    row.state, row.claimed_until, row.made_at = LearningState.REFUSED, None, now
    row.base, row.backend = learned.base[:80], learned.backend[:80]
    row.reason, row.figures = learned.reason, dict(learned.figures)
    row.seen_verdict_id = learned.seen_verdict_id


def _night(now: datetime) -> datetime:
    """Today's hour of training, in the zone of the desk."""
    here = now.astimezone(calendars.read_zone(settings.current().time_zone))
    return here.replace(hour=settings.current().learn_hour, minute=0, second=0, microsecond=0)
