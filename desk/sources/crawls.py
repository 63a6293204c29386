"""Crawls of sources: each is due, leased to one process, and comes to something that the source remembers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base import bounds, leases, wakeups
from desk.base.words import AccountState, Arrival, CrawlOutcome, SourceState
from desk.base.work import Pending
from desk.models import Account, Crawl, PageSeen, Source

# Starting a crawler costs seconds of a core: whoever is due in a moment goes along with who is due now.
COMPANY = timedelta(seconds=10)

REMARKS_KEPT = 50

BROKEN_PAUSE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class CrawlReport:
    """What one crawl of one source came to. `error` is one sentence; `error_kind` a word of channels.errors."""

    outcome: CrawlOutcome
    requests: int = 0
    unchanged: int = 0
    items: int = 0
    new: int = 0
    edited: int = 0
    error_kind: str | None = None
    error: str | None = None
    remarks: Sequence[str] = field(default_factory=tuple)
    retry_after_seconds: int | None = None


def waiting(session: Session, now: datetime) -> Pending:
    """Sources to be crawled."""
    due = sa.select(Source.id).where(*_is_due(now))
    is_free = leases.is_free(Source.claimed_until, now)
    return leases.pending(session, due.where(is_free), due.where(~is_free))


def claim_due(
    session: Session, now: datetime, lease_seconds: int, only: Sequence[int] | None = None, limit: int = 200
) -> list[int]:
    """Leases sources to this crawl and returns their ids; a lease that ran out may be taken by another.

    `only` asks for these sources, all of them, whether they are due or not; paused and gone ones are then crawled too,
    because a person named them. Else at most `limit`, those first that have been due for longest.
    """
    is_free = leases.is_free(Source.claimed_until, now)
    wanted = sa.and_(*_is_due(now + COMPANY)) if only is None else Source.id.in_(only)
    is_wanted = sa.and_(wanted, is_free, Source.removing_at.is_(None))
    chosen = sa.select(Source.id).where(is_wanted).order_by(Source.next_crawl_at)
    if only is None:
        chosen = chosen.limit(limit)
    # Chosen once: as a bare subquery PostgreSQL may choose anew for each row, and so lease more than the limit.
    once = chosen.with_for_update(skip_locked=True).cte("chosen")
    lease = (
        sa.update(Source)
        .where(Source.id.in_(sa.select(once.c.id)), is_free)
        .values(claimed_until=now + timedelta(seconds=lease_seconds))
        .returning(Source.id)
        .execution_options(synchronize_session=False)
    )
    return sorted(session.scalars(lease))


def _is_due(before: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """A source is not read while the account that it shares needs a person."""
    in_need = sa.select(Account.id).where(Account.state == AccountState.NEEDS_PERSON)
    return (
        Source.state == SourceState.ACTIVE,
        Source.next_crawl_at <= before,
        Source.arrives == Arrival.CRAWL,
        sa.or_(Source.account_id.is_(None), Source.account_id.not_in(in_need)),
    )


def renew_leases(session: Session, source_ids: Sequence[int], until: datetime) -> None:
    session.execute(sa.update(Source).where(Source.id.in_(source_ids)).values(claimed_until=until))


def give_up(session: Session, source_id: int, kind: str, error: str, now: datetime) -> None:
    """A source whose crawl could not even begin, because something in its row is wrong. Reads nothing of the row; it is
    tried again in an hour, and its health says why."""
    session.execute(
        sa.update(Source)
        .where(Source.id == source_id)
        .values(
            claimed_until=None, last_crawl_at=now, next_crawl_at=now + BROKEN_PAUSE, failures=Source.failures + 1,
            error_kind=kind, error=error, error_at=now,
        )
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    session.add(
        Crawl(
            source_id=source_id, started_at=now, finished_at=now, outcome=CrawlOutcome.FAILED, remarks=[],
            error_kind=kind, error=error,
        )
    )  # fmt: skip


def start_crawl(session: Session, source_id: int, now: datetime) -> Crawl:
    """Opens the history row; whatever an earlier crawl left running was interrupted by a crash."""
    session.execute(
        sa.update(Crawl)
        .where(Crawl.source_id == source_id, Crawl.outcome == CrawlOutcome.RUNNING)
        .values(outcome=CrawlOutcome.INTERRUPTED, finished_at=now)
    )
    crawl = Crawl(source_id=source_id, started_at=now, remarks=[])
    session.add(crawl)
    session.flush()
    return crawl


def finish_crawl(session: Session, crawl_id: int, report: CrawlReport, now: datetime) -> None:
    """Writes the history and the source's health, sets the next crawl and gives the lease back."""
    crawl = session.get_one(Crawl, crawl_id)
    source = session.get_one(Source, crawl.source_id)
    crawl.finished_at = now
    crawl.outcome = report.outcome
    crawl.requests, crawl.unchanged = report.requests, report.unchanged
    crawl.items, crawl.new, crawl.edited = report.items, report.new, report.edited
    crawl.error_kind, crawl.error = report.error_kind, report.error
    crawl.remarks = list(report.remarks)[:REMARKS_KEPT]
    source.last_crawl_at, source.claimed_until = now, None
    if report.outcome in (CrawlOutcome.OK, CrawlOutcome.UNCHANGED, CrawlOutcome.PARTIAL):
        source.last_success_at, source.failures = now, 0
        source.error_kind, source.error = report.error_kind, report.error
        source.error_at = now if report.error else None
    elif report.outcome is CrawlOutcome.FAILED:
        source.failures += 1
        source.error_kind, source.error, source.error_at = report.error_kind, report.error, now
    if report.error_kind == "gone":
        source.state = SourceState.GONE
    source.next_crawl_at = now + _pause(session, source, report)


def _pause(session: Session, source: Source, report: CrawlReport) -> timedelta:
    if report.outcome is CrawlOutcome.INTERRUPTED:
        return timedelta(0)
    neighbours = _neighbours(session, source.url)
    return bounds.pause(source.interval_seconds, source.failures, report.retry_after_seconds, neighbours)


def _neighbours(session: Session, url: str) -> int:
    """How many sources of this site are crawled."""
    is_crawled = sa.and_(Source.state == SourceState.ACTIVE, Source.arrives == Arrival.CRAWL)
    site = site_of(url)
    return sum(site_of(other) == site for other in session.scalars(sa.select(Source.url).where(is_crawled)))


def site_of(url: str) -> str:
    """Host and port in small letters; of what is no address, the whole of it."""
    try:
        return urlsplit(url).netloc.lower() or url
    except ValueError:
        return url


def crawl_soon(session: Session, source: Source, now: datetime) -> None:
    """Somebody waits to see what stands there: makes it due now, or a minute after the last time."""
    source.next_crawl_at = min(source.next_crawl_at, bounds.soonest(source.last_crawl_at, now))
    wakeups.send(session, "crawl")


def validators(session: Session, source_id: int, now: datetime) -> dict[str, tuple[str | None, str | None]]:
    """Address -> (ETag, Last-Modified), for asking again only if changed. Of pages that were read whole within
    `bounds.READ_WHOLE_EVERY`: an unchanged first page hides what was edited on the pages behind it."""
    is_fresh = PageSeen.seen_at > now - bounds.READ_WHOLE_EVERY
    rows = session.execute(
        sa.select(PageSeen.url, PageSeen.etag, PageSeen.last_modified).where(
            PageSeen.source_id == source_id, is_fresh
        )
    )
    return {url: (etag, last_modified) for url, etag, last_modified in rows}


def remember_page(
    session: Session, source_id: int, url: str, etag: str | None, last_modified: str | None, now: datetime
) -> None:
    """To be called in the transaction that stores the page's sightings, never before."""
    page = session.scalar(sa.select(PageSeen).where(PageSeen.source_id == source_id, PageSeen.url == url))
    if page is None:
        page = PageSeen(source_id=source_id, url=url)
        session.add(page)
    page.etag = etag[:500] if etag else None
    page.last_modified = last_modified[:100] if last_modified else None
    page.seen_at = now
