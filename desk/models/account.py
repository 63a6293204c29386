"""An account at a site: credentials that several sources share."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk.base.words import AccountState
from desk.models.base import Base, Id, Name, Said, code
from desk.models.brand import Brand


class Account(Base):
    """`secrets` is encrypted (desk/base/vault.py), and no longer good after `expires_at`. `renewing_until` is the lease of
    whoever renews it now; one that has passed belongs to a renewal that did not come to its end. `error` is why it needs
    a person. `connect_nonce` belongs to a consent that a person is giving on the site, and is good for one return."""

    __tablename__ = "accounts"

    id: Mapped[Id]
    brand_id: Mapped[int] = mapped_column(sa.ForeignKey("brands.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(40))
    title: Mapped[Name]
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    secrets: Mapped[str | None] = mapped_column(sa.Text())
    expires_at: Mapped[datetime | None]
    state: Mapped[AccountState] = mapped_column(code(AccountState, "state"), default=AccountState.READY)
    error: Mapped[Said | None]
    renewing_until: Mapped[datetime | None]
    connect_nonce: Mapped[str | None] = mapped_column(sa.String(64))
    created_at: Mapped[datetime]

    brand: Mapped[Brand] = relationship(lazy="joined")
