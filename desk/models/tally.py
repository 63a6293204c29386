"""How many mentions there are, counted when they come and go, because counting them anew for a page grows with their number.

Triggers of the database keep these rows (migration 0014), so nobody who writes or deletes mentions has to think of them, and
nothing else writes here.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from desk.models.base import Base

# Names of the triggers that a sound database has on its mentions; desk/operations/schema.py looks for them.
TRIGGERS = ("tally_mentions_come", "tally_mentions_go", "tally_mentions_move")


class SourceTally(Base):
    """The mentions that are kept of one source; no row before its first one."""

    __tablename__ = "source_tallies"

    source_id: Mapped[int] = mapped_column(sa.ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True)
    mentions: Mapped[int]


class ArrivalTally(Base):
    """Those of them that were collected in the quarter of an hour which begins `at`: midnights everywhere on earth fall on
    such a beginning, so the days of every reader can be added up."""

    __tablename__ = "arrival_tallies"

    source_id: Mapped[int] = mapped_column(sa.ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    mentions: Mapped[int]
