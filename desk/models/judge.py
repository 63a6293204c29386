"""What the judge of texts has been: the models that came with the program, and what each refit learned from this desk."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from desk.base.words import LearningState
from desk.models.base import Base, Id, code
from desk.models.people import User


class JudgeRevision(Base):
    """One row a model that was met here (`shipped`) and one a refit: asked for, then adopted or refused.

    `base` names the weights, `model_revision` what verdicts are signed with; `adaptation` is what was learned, a few
    kilobytes. `seen_verdict_id` is the newest correction that was known to it. `user_id` is who asked, None for the
    clock. `figures` are the numbers behind `reason`, and the counts before and after.
    """

    __tablename__ = "judge_revisions"

    id: Mapped[Id]
    state: Mapped[LearningState] = mapped_column(code(LearningState, "state"))
    model_revision: Mapped[str | None] = mapped_column(sa.String(80), unique=True)
    base: Mapped[str] = mapped_column(sa.String(80), default="")
    backend: Mapped[str] = mapped_column(sa.String(80), default="")
    is_active: Mapped[bool] = mapped_column(default=False)
    adaptation: Mapped[bytes | None] = deferred(mapped_column(sa.LargeBinary()))
    seen_verdict_id: Mapped[int] = mapped_column(default=0)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    asked_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    made_at: Mapped[datetime | None]
    active_since: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(sa.String(40), default="")
    figures: Mapped[dict[str, Any]] = mapped_column(default=dict)

    user: Mapped[User | None] = relationship()
