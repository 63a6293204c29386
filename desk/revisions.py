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

from desk import bell, calendars, corrections, journal, rejudging, settings
from desk.errors import Conflict, NotFound
from desk.models import JudgeRevision, User
from desk.models.words import LearningState

LEASE = timedelta(minutes=10)
"""Longer than any learning takes; after a crash somebody else begins again."""


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
    return session.scalar(sa.select(JudgeRevision).where(JudgeRevision.is_active).limit(1))


def active_number(session: Session) -> int | None:
    """For workers, who ask with every batch."""
    return session.scalar(sa.select(JudgeRevision.id).where(JudgeRevision.is_active).limit(1))


def history(session: Session, limit: int = 100) -> list[JudgeRevision]:
    """The newest first; what still waits to be learned too."""
    return list(session.scalars(sa.select(JudgeRevision).order_by(JudgeRevision.id.desc()).limit(limit)))


def load(session: Session, number: int) -> JudgeRevision:
    """Raises NotFound."""
    if (found := session.get(JudgeRevision, number)) is None:
        raise NotFound(f"There is no revision {number} of the judge.")
    return found


def meet(session: Session, backend: str, base: str, now: datetime) -> None:
    """A worker has come with this model. When another one judged here before, what was in force last for this one is
    in force again: its own weights, or what was learned on them."""
    backend, base = backend[:80], base[:80]
    if (before := active(session)) is not None and before.base == base:
        return
    known = sa.select(JudgeRevision).where(
        JudgeRevision.base == base, JudgeRevision.active_since.is_not(None)
    )
    found = session.scalars(
        known.order_by(JudgeRevision.active_since.desc(), JudgeRevision.id.desc()).limit(1)
    ).first()
    if found is None:
        found = JudgeRevision(
            state=LearningState.SHIPPED, revision=base, base=base, backend=backend, asked_at=now, made_at=now
        )
        session.add(found)
        session.flush()
    _activate(session, found, now)
    journal.write(session, "judge_arrived", now, revision=found.id, base=base)


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
    """Whether somebody went back: something newer was learned on the same weights and is not in force."""
    newer = sa.select(JudgeRevision.id).where(
        JudgeRevision.state == LearningState.ADOPTED,
        JudgeRevision.base == current.base,
        JudgeRevision.id > current.id,
    )
    return session.scalar(newer.limit(1)) is not None


def to_learn(session: Session) -> int:
    """How many mentions people have tagged since the judge last learned on the weights that are in force."""
    current = active(session)
    seen = sa.select(sa.func.max(JudgeRevision.seen_verdict_id)).where(
        JudgeRevision.base == (current.base if current else "")
    )
    return corrections.count(session, session.scalar(seen) or 0)


def claim(session: Session, now: datetime) -> int | None:
    """The number of what is to be learned, leased to the caller."""
    is_free = sa.or_(JudgeRevision.claimed_until.is_(None), JudgeRevision.claimed_until < now)
    asked = sa.select(JudgeRevision).where(JudgeRevision.state == LearningState.ASKED, is_free)
    found = session.scalars(
        asked.order_by(JudgeRevision.id).limit(1).with_for_update(skip_locked=True)
    ).first()
    if found is None:
        return None
    found.claimed_until = now + LEASE
    session.flush()
    return found.id


def settle(session: Session, number: int, learned: Learned, now: datetime) -> bool:
    """Whether what was learned is in force now; then what still waits for somebody is judged again. A row that somebody
    else has settled is left alone."""
    row = session.scalar(sa.select(JudgeRevision).where(JudgeRevision.id == number).with_for_update())
    if row is None or row.state is not LearningState.ASKED:
        return False
    row.state, row.claimed_until, row.made_at = LearningState.REFUSED, None, now
    row.base, row.backend = learned.base[:80], learned.backend[:80]
    row.reason, row.figures = learned.reason, dict(learned.figures)
    row.seen_verdict_id = learned.seen_verdict_id
    user = session.get(User, row.user_id) if row.user_id else None
    if learned.adaptation is not None and _may_adopt(session, row, learned):
        row.state, row.revision, row.adaptation = LearningState.ADOPTED, learned.revision, learned.adaptation
        _activate(session, row, now)
        journal.write(session, "judge_learned", now, user=user, revision=row.id, signed=row.revision)
        rejudging.ask(session, user, only_open=True, since=None, now=now)
        return True
    journal.write(session, "judge_refused", now, user=user, revision=row.id, reason=row.reason)
    return False


def go_back(session: Session, number: int | None, user: User | None, now: datetime) -> JudgeRevision:
    """To that revision, or to the one that was in force before this one; what still waits for somebody is judged again.
    Raises NotFound, Conflict."""
    current = active(session)
    if current is None:
        raise Conflict("No judge has worked here yet, so there is nothing to go back to.", "no_judge")
    found = load(session, number) if number is not None else _before(session, current)
    if found.id == current.id:
        raise Conflict(f"Revision {found.id} is in force already.", "in_force")
    if found.state not in (LearningState.SHIPPED, LearningState.ADOPTED):
        raise Conflict(
            f"Revision {found.id} was never in force: what was learned then was not kept.", "refused"
        )
    if found.base != current.base:
        raise Conflict(
            f"Revision {found.id} belongs to another model ({found.base}) than the one that runs now"
            f" ({current.base}). Set OTKLIK_SENTIMENT_MODEL back first.",
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
    others = sa.select(JudgeRevision).where(
        JudgeRevision.base == current.base,
        JudgeRevision.id != current.id,
        JudgeRevision.active_since.is_not(None),
    )
    found = session.scalars(
        others.order_by(JudgeRevision.active_since.desc(), JudgeRevision.id.desc()).limit(1)
    )
    if (row := found.first()) is None:
        raise NotFound("There is nothing to go back to: the judge has been the same since it came.")
    return row


def _may_adopt(session: Session, row: JudgeRevision, learned: Learned) -> bool:
    """Not what is known already, and not what was learned on weights that are gone meanwhile."""
    same = session.scalar(sa.select(JudgeRevision).where(JudgeRevision.revision == learned.revision))
    if same is not None:
        row.reason, row.figures = "same", {**row.figures, "same_as": same.id}
        return False
    current = active(session)
    if current is not None and current.base != learned.base[:80]:
        row.reason = "model_changed"
        return False
    return True


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
