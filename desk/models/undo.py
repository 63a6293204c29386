"""What a person may take back: how each case stood before his last step."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from desk.models.base import Base, Id


class UndoStep(Base):
    """One case of one step; the cases of one bulk share `token`. `version` is the case's after the step: while it
    stands, nothing else has happened. `before` holds only the columns that the step changed."""

    __tablename__ = "undo_steps"
    __table_args__ = (sa.Index("ix_undo_steps_token", "token"), sa.Index("ix_undo_steps_made_at", "made_at"))

    id: Mapped[Id]
    token: Mapped[str] = mapped_column(sa.String(32))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"))
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id", ondelete="CASCADE"))
    made_at: Mapped[datetime]
    event: Mapped[str] = mapped_column(sa.String(40))
    version: Mapped[int]
    before: Mapped[dict[str, Any]]
