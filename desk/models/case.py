"""The case: one person's unanswered messages in one thread, with a team, an owner and a clock."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk.base.words import CaseStage, CaseStatus, CloseReason, Intent, Sentiment, Urgency
from desk.models.base import Base, Id, Key, Text, code, told
from desk.models.brand import Brand
from desk.models.mention import Author, Mention
from desk.models.people import Team, User
from desk.models.source import Source


class Case(Base):
    """`mention_id` is the message it was opened for; the others point back by `Mention.case_id`.

    What the queue filters and sorts by is copied here. `waits_since` starts the clock that `due_at` ends: the
    first message nobody has answered yet. `version` grows with every change, so that two people cannot both act
    on what they saw. `is_met` is decided once, by the first answer or by the passing of `due_at`. `news_at` is when the
    customer said something that the owner has not opened yet. `sent_at` is when an answer was handed over that nobody has
    seen in public yet: while it is awaited, nothing is decided. `handed_at` and `handed_by_id` tell who gave the case to a
    team or a person last, `is_handover_new` that none of them has opened it.
    """

    __tablename__ = "cases"
    __table_args__ = (
        sa.UniqueConstraint("source_id", "thread", "author_key"),
        sa.Index("ix_cases_queue", "stage", "due_at", "id"),
        sa.Index("ix_cases_team", "stage", "team_id", "due_at", "id"),
        sa.Index("ix_cases_assignee", "stage", "assignee_id", "due_at", "id"),
        sa.Index("ix_cases_snoozed", "status", "snoozed_until"),
        sa.Index("ix_cases_mention", "mention_id"),
        told("ix_cases_author", "author_id"),
        # The few that somebody is to be told of, asked for with every page of the queue.
        sa.Index(
            "ix_cases_handed",
            "id",
            sqlite_where=sa.text("is_handover_new"),
            postgresql_where=sa.text("is_handover_new"),
        ),
    )

    id: Mapped[Id]
    brand_id: Mapped[int] = mapped_column(sa.ForeignKey("brands.id"))
    source_id: Mapped[int] = mapped_column(sa.ForeignKey("sources.id"))
    source_kind: Mapped[str] = mapped_column(sa.String(40))
    mention_id: Mapped[int] = mapped_column(sa.ForeignKey("mentions.id"))
    author_id: Mapped[int | None] = mapped_column(sa.ForeignKey("authors.id"))
    thread: Mapped[Key]
    author_key: Mapped[Key]
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("teams.id"))
    assignee_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    status: Mapped[CaseStatus] = mapped_column(code(CaseStatus, "status"), default=CaseStatus.OPEN)
    stage: Mapped[CaseStage] = mapped_column(code(CaseStage, "stage"), default=CaseStage.UNANSWERED)
    priority: Mapped[Urgency] = mapped_column(code(Urgency, "priority"))
    rule_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rules.id", ondelete="SET NULL"))
    rule_en: Mapped[Text]
    rule_ru: Mapped[Text]
    policy: Mapped[str] = mapped_column(
        sa.String(220)
    )  # name and version, as it stood when the clock was set
    sentiment: Mapped[Sentiment] = mapped_column(code(Sentiment, "sentiment"))
    intent: Mapped[Intent] = mapped_column(code(Intent, "intent"))
    language: Mapped[str | None] = mapped_column(sa.String(16))
    is_uncertain: Mapped[bool] = mapped_column(default=False)
    message_count: Mapped[int] = mapped_column(default=1)
    opened_at: Mapped[datetime]
    waits_since: Mapped[datetime]
    due_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    close_reason: Mapped[CloseReason | None] = mapped_column(code(CloseReason, "close_reason"))
    snoozed_until: Mapped[datetime | None]
    reopened_count: Mapped[int] = mapped_column(default=0)
    news_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    first_answer_at: Mapped[datetime | None]
    handed_at: Mapped[datetime | None]
    handed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    is_handover_new: Mapped[bool | None]
    is_met: Mapped[bool | None]
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime]

    brand: Mapped[Brand] = relationship()
    source: Mapped[Source] = relationship()
    mention: Mapped[Mention] = relationship(foreign_keys=[mention_id])
    author: Mapped[Author | None] = relationship()
    team: Mapped[Team] = relationship()
    # The web signs people in as a subclass of User that has no table of its own.
    assignee: Mapped[User | None] = relationship(enable_typechecks=False, foreign_keys=[assignee_id])
    handed_by: Mapped[User | None] = relationship(enable_typechecks=False, foreign_keys=[handed_by_id])


class Note(Base):
    """A private word between colleagues; it never leaves the desk."""

    __tablename__ = "notes"

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    text: Mapped[Text]
    written_at: Mapped[datetime]

    user: Mapped[User] = relationship(lazy="joined", enable_typechecks=False)


class Journal(Base):
    """What happened, when, and by whom; only ever added to. `user_id` None is the machine.

    `event` is a constant word (desk/journal.py lists them); `facts` holds ids, words and numbers, never texts.
    """

    __tablename__ = "journal"
    __table_args__ = (
        sa.Index("ix_journal_case", "case_id", "id"),
        sa.Index("ix_journal_event", "event", "at"),
        # Without these the database looks through the whole journal for every mention that is removed.
        told("ix_journal_mention", "mention_id"),
        told("ix_journal_reply", "reply_id"),
    )

    id: Mapped[Id]
    at: Mapped[datetime]
    event: Mapped[str] = mapped_column(sa.String(40))
    brand_id: Mapped[int | None] = mapped_column(sa.ForeignKey("brands.id"))
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("cases.id", ondelete="CASCADE"))
    mention_id: Mapped[int | None] = mapped_column(sa.ForeignKey("mentions.id", ondelete="CASCADE"))
    reply_id: Mapped[int | None] = mapped_column(sa.ForeignKey("replies.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
