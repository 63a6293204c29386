"""What a site has sent to us about a source: kept as it came, to be read later."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from desk.base.words import DeliveryState
from desk.models.base import Base, Id, Said, Text, code


class Delivery(Base):
    """One event of a site. `body` and `headers` are what the channel took of the request; `key` is the site's own name of the
    event, by which a repeat is known. `claimed_until` is the lease of whoever reads it, `tries` how often somebody has
    begun, `error` why it could not be read."""

    __tablename__ = "deliveries"
    __table_args__ = (
        sa.UniqueConstraint("source_id", "key"),
        sa.Index("ix_deliveries_state", "state", "source_id", "id"),
    )

    id: Mapped[Id]
    source_id: Mapped[int] = mapped_column(sa.ForeignKey("sources.id", ondelete="CASCADE"))
    key: Mapped[str | None] = mapped_column(sa.String(255))
    url: Mapped[Text]
    role: Mapped[str] = mapped_column(sa.String(40))
    headers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    context: Mapped[dict[str, Any]] = mapped_column(default=dict)
    body: Mapped[bytes] = mapped_column(sa.LargeBinary())
    received_at: Mapped[datetime]
    state: Mapped[DeliveryState] = mapped_column(code(DeliveryState, "state"), default=DeliveryState.NEW)
    claimed_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    error_kind: Mapped[str | None] = mapped_column(sa.String(40))
    error: Mapped[Said | None]
