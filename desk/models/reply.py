"""An answer on its way from a draft to something that a stranger can read."""

from datetime import datetime
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk.base.words import AnswerProof, ReplyOrigin, ReplyState
from desk.models.base import Address, Base, Id, Key, Said, Text, code, told
from desk.models.case import Case
from desk.models.people import User

# Spelled out, not bound: a database uses a partial index only for a condition that it can compare with the index's own.
PROBLEMS = "state IN ('failed', 'unknown', 'rejected', 'bounced', 'vanished', 'cannot_tell')"


def new_reference() -> str:
    """Letters and digits that no other answer has."""
    return uuid4().hex


class Reply(Base):
    """`thread_seen` is the id of the newest mention in the thread when the composer was opened: the send is stopped
    when there is a newer one. `error` is the site's own words. `next_look_at` is when the public page is looked at
    again; `looks` counts them since the answer was handed over, `misses` those that read the page and did not find it.
    `closes_case` is "publish and close". `edit_seen` is the id of the newest edit in the thread that said something
    new when the composer was opened, 0 for none; None where nobody here wrote the answer.

    `reference` is our own id of the answer, the same in every try to send it, and another one once it is a draft again; `sends`
    counts the tries. `proof` is the best evidence of it so far, None where there is none.

    `accepted_at` is when the site took it, or when a person said that he had posted it; `published_at` when it became
    public. An answer with the first and without the second is awaited: nobody can read it yet, as far as we know."""

    __tablename__ = "replies"
    __table_args__ = (
        sa.Index("ix_replies_state", "state", "next_look_at"),
        sa.Index("ix_replies_case", "case_id", "id"),
        sa.Index("ix_replies_source", "source_id", "state"),
        told("ix_replies_mention", "mention_id"),
        sa.Index("ix_replies_external", "source_id", "external_id"),
        sa.Index("ix_replies_reference", "reference", unique=True),
        # The queue asks for these few among very many verified ones with every page.
        sa.Index(
            "ix_replies_problems",
            "case_id",
            sqlite_where=sa.text(PROBLEMS),
            postgresql_where=sa.text(PROBLEMS),
        ),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"))
    source_id: Mapped[int] = mapped_column(sa.ForeignKey("sources.id"))
    mention_id: Mapped[int] = mapped_column(sa.ForeignKey("mentions.id"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    approver_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    origin: Mapped[ReplyOrigin] = mapped_column(code(ReplyOrigin, "origin"), default=ReplyOrigin.OTKLIK)
    state: Mapped[ReplyState] = mapped_column(code(ReplyState, "state"), default=ReplyState.DRAFT)
    text: Mapped[Text]
    thread_seen: Mapped[int]
    edit_seen: Mapped[int | None]
    closes_case: Mapped[bool] = mapped_column(default=False)
    is_review_asked: Mapped[bool] = mapped_column(default=False)
    reference: Mapped[str] = mapped_column(sa.String(64), default=new_reference, server_default="")
    sends: Mapped[int] = mapped_column(default=0, server_default="0")
    proof: Mapped[AnswerProof | None] = mapped_column(code(AnswerProof, "proof"))
    external_id: Mapped[Key | None]
    url: Mapped[Address | None]
    error_kind: Mapped[str | None] = mapped_column(sa.String(40))
    error: Mapped[Said | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    approved_at: Mapped[datetime | None]
    sending_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    verified_at: Mapped[datetime | None]
    next_look_at: Mapped[datetime | None]
    looks: Mapped[int] = mapped_column(default=0)
    misses: Mapped[int] = mapped_column(default=0)

    case: Mapped[Case] = relationship()
    user: Mapped[User | None] = relationship(foreign_keys=[user_id], lazy="joined")
    approver: Mapped[User | None] = relationship(foreign_keys=[approver_id])

    @property
    def is_awaited(self) -> bool:
        """Handed over, and not seen in public yet: held for moderation, or posted by hand."""
        return (
            self.state in (ReplyState.PENDING, ReplyState.PUBLISHED)
            and self.accepted_at is not None
            and self.published_at is None
        )
