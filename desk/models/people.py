"""People, their roles and their teams. Plain rows: the web layer adds what sign-in needs by subclassing."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk.models.base import Base, Id, Key, Name

users_roles = sa.Table(
    "users_roles",
    Base.metadata,
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("role_id", sa.ForeignKey("roles.id", ondelete="CASCADE"), primary_key=True),
)


class Role(Base):
    __tablename__ = "roles"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(sa.String(80), unique=True)
    description: Mapped[str] = mapped_column(sa.String(255), default="")


class Team(Base):
    """`key` is what rules and scripts name; marketing and service exist from the first migration on."""

    __tablename__ = "teams"

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name_en: Mapped[Name]
    name_ru: Mapped[Name]


class User(Base):
    """`locale` and `theme` are the reader's own choice; None follows the browser."""

    __tablename__ = "users"

    id: Mapped[Id]
    email: Mapped[Key] = mapped_column(unique=True)
    name: Mapped[Name]
    password: Mapped[str | None] = mapped_column(sa.String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(sa.String(64), unique=True)
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("teams.id"))
    locale: Mapped[str | None] = mapped_column(sa.String(8))
    theme: Mapped[str | None] = mapped_column(sa.String(8))
    preferences: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]

    team: Mapped[Team | None] = relationship(lazy="joined")
    roles: Mapped[list[Role]] = relationship(secondary=users_roles, lazy="selectin")

    def has(self, *names: str) -> bool:
        return any(role.name in names for role in self.roles)


class SignIn(Base):
    """One browser of one person. The signed cookie names `key`; without this row it opens nothing."""

    __tablename__ = "sign_ins"
    __table_args__ = (sa.Index("ix_sign_ins_user_id", "user_id"),)

    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"))
    browser: Mapped[str] = mapped_column(sa.String(80))
    began_at: Mapped[datetime]
    ends_at: Mapped[datetime]
