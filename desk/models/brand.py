"""A brand, and how it answers: calendar, policies, routing rules."""

from datetime import datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk.base.words import TargetKind, Urgency
from desk.models.base import Base, Id, Name, code
from desk.models.people import Team


class Calendar(Base):
    """Open hours. `hours`: weekday "0".."6" -> [["09:00","18:00"], ...]; `exceptions`: ISO date -> the same list
    (empty: a holiday; spans on a day off: a moved working day). `holidays_of` is a country code or None."""

    __tablename__ = "calendars"

    id: Mapped[Id]
    name: Mapped[Name]
    time_zone: Mapped[str] = mapped_column(sa.String(64))
    hours: Mapped[dict[str, Any]]
    exceptions: Mapped[dict[str, Any]] = mapped_column(default=dict)
    holidays_of: Mapped[str | None] = mapped_column(sa.String(8))


class Brand(Base):
    """`words` are what it is called; `own_names` the author names under which it writes itself. `query` None: its names are
    what is looked for (desk/brands/brands.py). `is_competitor`: it is only listened to, and its mentions
    open no case. `removing_at`: a person asked for its removal (desk/operations/removal.py)."""

    __tablename__ = "brands"

    id: Mapped[Id]
    name: Mapped[Name] = mapped_column(unique=True)
    words: Mapped[list[str]] = mapped_column(default=list)
    own_names: Mapped[list[str]] = mapped_column(default=list)
    query: Mapped[str | None] = mapped_column(sa.Text())
    calendar_id: Mapped[int] = mapped_column(sa.ForeignKey("calendars.id"))
    is_competitor: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    is_sample: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    removing_at: Mapped[datetime | None]

    calendar: Mapped[Calendar] = relationship(lazy="joined")


class Policy(Base):
    """One target. Changing it writes a new row with the next `version`; decided cases keep the old one."""

    __tablename__ = "policies"
    __table_args__ = (sa.UniqueConstraint("brand_id", "name", "version"),)

    id: Mapped[Id]
    brand_id: Mapped[int] = mapped_column(sa.ForeignKey("brands.id", ondelete="CASCADE"))
    name: Mapped[Name]
    version: Mapped[int] = mapped_column(default=1)
    target: Mapped[TargetKind] = mapped_column(code(TargetKind, "target"))
    seconds: Mapped[int | None]
    clock: Mapped[time | None]
    is_current: Mapped[bool] = mapped_column(default=True)


class Rule(Base):
    """Tried in order of `position`; the first whose conditions all hold decides.

    `conditions`: any of intent, sentiment, urgency, language, source_kind, source_id (lists of words or ids), and
    max_rating (1..5), and is_uncertain (true or false). `team_id` None means that no case is opened. `priority` None keeps the verdict's urgency.
    """

    __tablename__ = "rules"

    id: Mapped[Id]
    brand_id: Mapped[int] = mapped_column(sa.ForeignKey("brands.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    name_en: Mapped[Name]
    name_ru: Mapped[Name]
    conditions: Mapped[dict[str, Any]] = mapped_column(default=dict)
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("teams.id"))
    priority: Mapped[Urgency | None] = mapped_column(code(Urgency, "priority"))
    policy_name: Mapped[str | None] = mapped_column(sa.String(200))
    is_active: Mapped[bool] = mapped_column(default=True)

    team: Mapped[Team | None] = relationship(lazy="joined")
