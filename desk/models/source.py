"""A source, its health, the pages it was read from, and the crawls that read them."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk.base.words import Arrival, CrawlOutcome, RemarkOrigin, SourceState
from desk.models.account import Account
from desk.models.base import Address, Base, Id, Key, Name, Said, SaidList, code
from desk.models.brand import Brand


class Source(Base):
    """One address read through one channel.

    `secrets` is encrypted (desk/base/vault.py) and belongs to it alone; what it shares with others stands in its account.
    `error_kind` and `error` are the newest failure and are emptied by a success; `claimed_until` is the lease of the crawl
    that is running. `push_nonce` makes the address that the site sends to (desk/sources/deliveries.py). `removing_at`: a
    person asked for its removal (desk/operations/removal.py). `own_ids` are those under which the brand itself writes there.
    `received_at` is when its site last sent something by itself, `received_count` how often it has: what was sent is deleted
    in time. `is_filtered`: what does not match the brand's query is filed as off-topic.
    """

    __tablename__ = "sources"
    __table_args__ = (
        sa.UniqueConstraint("brand_id", "kind", "url"),
        sa.Index("ix_sources_due", "state", "next_crawl_at"),
    )

    id: Mapped[Id]
    brand_id: Mapped[int] = mapped_column(sa.ForeignKey("brands.id"))
    account_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(40))
    url: Mapped[Address]
    title: Mapped[Name]
    arrives: Mapped[Arrival] = mapped_column(
        code(Arrival, "arrives"), default=Arrival.CRAWL, server_default="crawl"
    )
    state: Mapped[SourceState] = mapped_column(code(SourceState, "state"), default=SourceState.ACTIVE)
    accepts_replies: Mapped[bool] = mapped_column(default=True)
    is_filtered: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    language: Mapped[str | None] = mapped_column(sa.String(16))
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    secrets: Mapped[str | None] = mapped_column(sa.Text())
    cursor: Mapped[dict[str, Any]] = mapped_column(default=dict)
    own_ids: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    interval_seconds: Mapped[int]
    created_at: Mapped[datetime]
    next_crawl_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    last_crawl_at: Mapped[datetime | None]
    last_success_at: Mapped[datetime | None]
    error_kind: Mapped[str | None] = mapped_column(sa.String(40))
    error: Mapped[Said | None]
    error_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    removing_at: Mapped[datetime | None]

    push_nonce: Mapped[str | None] = mapped_column(sa.String(32))
    subscribed_nonce: Mapped[str | None] = mapped_column(sa.String(32))
    subscribe_at: Mapped[datetime | None]
    subscribe_tries: Mapped[int] = mapped_column(default=0, server_default="0")
    subscribe_error: Mapped[Said | None]
    received_at: Mapped[datetime | None]
    received_count: Mapped[int] = mapped_column(default=0, server_default="0")

    brand: Mapped[Brand] = relationship(lazy="joined")
    account: Mapped[Account | None] = relationship()


class PageSeen(Base):
    """What is needed to ask for a page again only if it changed. `url` is its address; of a query with a body, a key made of
    method, address and body."""

    __tablename__ = "pages_seen"
    __table_args__ = (sa.UniqueConstraint("source_id", "url"),)

    id: Mapped[Id]
    source_id: Mapped[int] = mapped_column(sa.ForeignKey("sources.id", ondelete="CASCADE"))
    url: Mapped[Address]
    etag: Mapped[str | None] = mapped_column(sa.String(500))
    last_modified: Mapped[str | None] = mapped_column(sa.String(100))
    seen_at: Mapped[datetime]


class QuotaSpent(Base):
    """What was asked of a site on one day (UTC) in the name of one account, by `Fetch.cost`."""

    __tablename__ = "quotas_spent"

    budget: Mapped[str] = mapped_column(sa.String(255), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    spent: Mapped[int]


class Pace(Base):
    """When the next request may go out to a host, or in the name of an account."""

    __tablename__ = "paces"

    lane: Mapped[Key] = mapped_column(primary_key=True)
    next_at: Mapped[datetime]


class SourceRemark(Base):
    """What a channel remarked on a source outside of its crawls: one line, however often it was said."""

    __tablename__ = "source_remarks"
    __table_args__ = (sa.Index("ix_source_remarks_source", "source_id", "last_at"),)

    id: Mapped[Id]
    source_id: Mapped[int] = mapped_column(sa.ForeignKey("sources.id", ondelete="CASCADE"))
    origin: Mapped[RemarkOrigin] = mapped_column(code(RemarkOrigin, "origin"))
    text: Mapped[Said]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    times: Mapped[int]


class Crawl(Base):
    """One run over one source. `remarks` are the clear lines about what could not be read."""

    __tablename__ = "crawls"
    __table_args__ = (sa.Index("ix_crawls_source_started", "source_id", "started_at"),)

    id: Mapped[Id]
    source_id: Mapped[int] = mapped_column(sa.ForeignKey("sources.id", ondelete="CASCADE"))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    outcome: Mapped[CrawlOutcome] = mapped_column(code(CrawlOutcome, "outcome"), default=CrawlOutcome.RUNNING)
    requests: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    items: Mapped[int] = mapped_column(default=0)
    new: Mapped[int] = mapped_column(default=0)
    edited: Mapped[int] = mapped_column(default=0)
    error_kind: Mapped[str | None] = mapped_column(sa.String(40))
    error: Mapped[Said | None]
    remarks: Mapped[SaidList] = mapped_column(default=list)
