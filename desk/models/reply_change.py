"""A correction or a withdrawal of an answer that the site has already, from the wish to what a look finds."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk.base.words import ChangeKind, ChangeState
from desk.models.base import Base, Id, Said, Text, code
from desk.models.people import User
from desk.models.reply import Reply

# Spelled out, not bound: a database uses a partial index only for a condition that it can compare with the index's own.
UNFINISHED = "state IN ('asked', 'approved', 'sending', 'unknown', 'taken')"


class ReplyChange(Base):
    """The row is the queue: what is to be sent, what somebody is sending, and what is to be looked for.

    `text` is the new wording of a correction, empty for a withdrawal; `before` is the wording that it took the place of, kept
    once the site has taken it. `error` is the site's own words. `next_look_at` is when it is looked for again, `looks` counts
    since the site took it or the sending was cut off, `misses` those that found everything as before. `done_at` is when the
    site took it.
    """

    __tablename__ = "reply_changes"
    __table_args__ = (
        sa.Index("ix_reply_changes_reply", "reply_id", "id"),
        # These few are asked for every five seconds.
        sa.Index(
            "ix_reply_changes_unfinished",
            "state",
            "id",
            sqlite_where=sa.text(UNFINISHED),
            postgresql_where=sa.text(UNFINISHED),
        ),
    )

    id: Mapped[Id]
    reply_id: Mapped[int] = mapped_column(sa.ForeignKey("replies.id", ondelete="CASCADE"))
    kind: Mapped[ChangeKind] = mapped_column(code(ChangeKind, "kind"))
    state: Mapped[ChangeState] = mapped_column(code(ChangeState, "state"))
    text: Mapped[Text]
    before: Mapped[Text | None]
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    approver_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    error_kind: Mapped[str | None] = mapped_column(sa.String(40))
    error: Mapped[Said | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    approved_at: Mapped[datetime | None]
    sending_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    next_look_at: Mapped[datetime | None]
    looks: Mapped[int] = mapped_column(default=0)
    misses: Mapped[int] = mapped_column(default=0)

    reply: Mapped[Reply] = relationship()
    user: Mapped[User] = relationship(foreign_keys=[user_id], lazy="joined", enable_typechecks=False)
