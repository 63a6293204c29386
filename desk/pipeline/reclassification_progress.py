"""How far judging again has come. Reads only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base.errors import NotFound
from desk.models import Rejudging, RejudgingRange
from desk.pipeline import reclassification_scope
from desk.pipeline.reclassification_scope import Scope


@dataclass(frozen=True, slots=True)
class Progress:
    """Of the round that is in work, or of the newest when none is. `passed` of `total` mentions have had their turn:
    `judged` again, or left as they are because this model or a person judged them last."""

    rejudging_id: int
    asked_at: datetime
    user_id: int | None
    scope: Scope
    total: int
    passed: int
    judged: int
    changed: int
    opened: int
    began_at: datetime | None
    finished_at: datetime | None
    rounds_after: int
    model: str | None

    @property
    def share(self) -> float:
        return min(1.0, self.passed / self.total) if self.total and self.finished_at is None else 1.0

    def per_second(self, now: datetime) -> float:
        """Since it began, pauses and stops included."""
        seconds = ((self.finished_at or now) - self.began_at).total_seconds() if self.began_at else 0.0
        return self.passed / seconds if seconds > 0 else 0.0

    def seconds_left(self, now: datetime) -> float | None:
        """None while nobody can tell."""
        rate = self.per_second(now)
        return max(0, self.total - self.passed) / rate if rate and self.finished_at is None else None


def is_over(session: Session) -> bool:
    """Whether no round is running."""
    return session.scalar(unfinished().limit(1)) is None


def progress(session: Session) -> Progress | None:
    """None when nobody has ever asked. Two queries."""
    running = session.scalars(unfinished()).all()
    newest = sa.select(Rejudging).order_by(Rejudging.id.desc()).limit(1)
    if (row := running[0] if running else session.scalar(newest)) is None:
        return None
    return _progress(session, row, max(0, len(running) - 1))


def progress_of(session: Session, rejudging_id: int) -> Progress:
    """Of that round, or of the one that does its work since. Raises NotFound."""
    row = session.get(Rejudging, rejudging_id)
    while row is not None and row.replaced_by_id is not None:
        row = session.get(Rejudging, row.replaced_by_id)
    if row is None:
        raise NotFound(f"There is no round {rejudging_id} of tagging again.")
    return _progress(session, row, 0)


def _progress(session: Session, row: Rejudging, rounds_after: int) -> Progress:
    names = ("passed", "judged", "changed", "opened")
    sums = sa.select(*(sa.func.coalesce(sa.func.sum(getattr(RejudgingRange, name)), 0) for name in names))
    in_work = session.execute(sums.where(RejudgingRange.rejudging_id == row.id)).one()
    counts = {name: getattr(row, name) + int(more) for name, more in zip(names, in_work, strict=True)}
    model = f"{row.backend} {row.model_revision}" if row.backend else None
    return Progress(
        row.id, row.asked_at, row.user_id, reclassification_scope.scope_of(row), row.total, **counts, began_at=row.began_at,
        finished_at=row.finished_at, rounds_after=rounds_after, model=model,
    )  # fmt: skip


def unfinished() -> sa.Select[Any]:
    return sa.select(Rejudging).where(Rejudging.finished_at.is_(None)).order_by(Rejudging.id)
