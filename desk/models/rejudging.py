"""Judging again what was judged before: the round that somebody asked for, and the ranges of it that are in work."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from desk.models.base import Base, Id


class Rejudging(Base):
    """`user_id` None is the machine or the command line. `backend` and `model_revision` are those of the model that came
    last to work at it. Ids up to `next_id` have been given out in ranges; `total` is how many mentions were in scope
    when it was asked for, the other counts are of the ranges that are done. `replaced_by_id` is the later round that does its work.
    """

    __tablename__ = "rejudgings"

    id: Mapped[Id]
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    asked_at: Mapped[datetime]
    only_open: Mapped[bool]
    since: Mapped[datetime | None]
    backend: Mapped[str | None] = mapped_column(sa.String(80))
    model_revision: Mapped[str | None] = mapped_column(sa.String(80))
    next_id: Mapped[int]
    last_id: Mapped[int]
    total: Mapped[int]
    passed: Mapped[int] = mapped_column(default=0)
    judged: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    opened: Mapped[int] = mapped_column(default=0)
    began_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    replaced_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rejudgings.id"))


class RejudgingRange(Base):
    """The mentions from `next_id` to `last_id`, leased to a worker; gone when they are done."""

    __tablename__ = "rejudging_ranges"

    id: Mapped[Id]
    rejudging_id: Mapped[int] = mapped_column(sa.ForeignKey("rejudgings.id", ondelete="CASCADE"), index=True)
    next_id: Mapped[int]
    last_id: Mapped[int]
    claimed_until: Mapped[datetime | None]
    passed: Mapped[int] = mapped_column(default=0)
    judged: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    opened: Mapped[int] = mapped_column(default=0)
