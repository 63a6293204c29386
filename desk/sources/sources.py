"""Sources: adding them, leasing them to a crawl, and keeping their health."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk import journal
from desk.base import bounds, damage, leases, settings, vault, wakeups
from desk.base.errors import Conflict, Invalid, NotFound
from desk.base.sentences import Sentence
from desk.base.words import AccountState, Arrival, CrawlOutcome, SourceState
from desk.base.work import Pending
from desk.models import Account, Brand, Crawl, PageSeen, Source, User
from desk.sources import own_ids as ids

# Starting a crawler costs seconds of a core: whoever is due in a moment goes along with who is due now.
COMPANY = timedelta(seconds=10)
REMARKS_KEPT = 50
LONGEST_LANGUAGE, LONGEST_NAME = 16, 200
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
BROKEN_PAUSE = timedelta(hours=1)
DAMAGED = Sentence(
    "What the database keeps of this source is damaged. Nothing was read or sent; what was collected is safe. Check the"
    " settings on the source's page and save them.",
    "То, что база хранит об этом источнике, повреждено. Ничего не прочитано и не отправлено, собранное цело. Проверьте"
    " настройки на странице источника и сохраните их.",
)
OWN_NAMES_DAMAGED = Sentence(
    "The names under which the brand writes are damaged in the database, so its own posts cannot be told from others."
    " Nothing was read or sent; what was collected is safe. Enter the names again under Settings, brand.",
    "Имена, под которыми пишет бренд, повреждены в базе: его сообщения не отличить от чужих. Ничего не прочитано и не"
    " отправлено, собранное цело. Введите имена заново в настройках бренда.",
)


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


def add(
    session: Session,
    brand: Brand,
    kind: str,
    url: str,
    *,
    title: str,
    now: datetime,
    settings_values: Mapping[str, Any] | None = None,
    secrets: Mapping[str, str] | None = None,
    language: str | None = None,
    interval_seconds: int | None = None,
    accepts_replies: bool = True,
    own_ids: Sequence[str] = (),
    arrives: Arrival = Arrival.CRAWL,
) -> Source:
    """A source due at once; `arrives` is what its channel says of itself. Raises Conflict if the brand listens there already,
    Invalid for an empty address, for an interval that is none, and for ids that cannot be kept."""
    if not url.strip():
        raise Invalid("The address is empty.", "url")
    known = sa.select(Source).where(Source.brand_id == brand.id, Source.kind == kind, Source.url == url)
    if (existing := session.scalar(known)) is not None:
        raise Conflict(
            f"{brand.name} already listens there as source {existing.id}.", "exists", id=existing.id
        )
    source = Source(
        brand=brand,
        kind=kind,
        arrives=arrives,
        url=url,
        title=(title or url)[:200],
        settings=dict(settings_values or {}),
        secrets=vault.lock(secrets or {}),
        cursor={},
        language=read_language(language),
        accepts_replies=accepts_replies,
        own_ids=ids.read(own_ids),
        interval_seconds=bounds.interval(
            settings.current().crawl_interval_seconds if interval_seconds is None else interval_seconds
        ),
        created_at=now,
        next_crawl_at=now,
    )
    session.add(source)
    session.flush()
    wakeups.send(session, "crawl")
    return source


def address_of_named(kind: str, title: str) -> str:
    """What stands for the address of a source that has none: by its name one is told from another."""
    return f"{kind}:{' '.join(title.split()).casefold()[:LONGEST_NAME]}"


def read_language(code: str | None) -> str | None:
    """A code such as ru or pt-BR, or None where the text tells it. Raises Invalid."""
    if not code:
        return None
    if len(code) > LONGEST_LANGUAGE or not _LANGUAGE.fullmatch(code):
        raise Invalid("A language is a code such as ru or en.", "language")
    return code


def load(session: Session, source_id: int) -> Source:
    """Raises NotFound."""
    if (source := session.get(Source, source_id)) is None:
        raise NotFound(f"There is no source {source_id}.")
    return source


@dataclass(frozen=True, slots=True)
class Listed:
    """What a command has to know to name a source. Read without the rest of the row, which may be damaged."""

    id: int
    title: str
    kind: str
    state: str
    is_crawled: bool


def listed(session: Session) -> list[Listed]:
    state, arrives = (sa.type_coerce(column, sa.String) for column in (Source.state, Source.arrives))
    columns = Source.id, Source.title, Source.kind, state, arrives == Arrival.CRAWL.value
    return [Listed(*row) for row in session.execute(sa.select(*columns).order_by(Source.id))]


def demand_whole(source: Source) -> None:
    """Raises Damaged where what is stored of it cannot be read: by a guess it would be read, or answered, in a wrong way."""
    for value in (source.settings, source.cursor, source.own_ids):
        damage.demand_whole(value, "settings", DAMAGED)
    damage.demand_whole(source.brand.own_names, "own_names", OWN_NAMES_DAMAGED)


def is_whole(source: Source) -> bool:
    values = source.settings, source.cursor, source.own_ids, source.brand.own_names
    return not any(map(damage.is_damaged, values))


def is_any(session: Session) -> bool:
    return session.scalar(sa.select(Source.id).limit(1)) is not None


def all_sources(session: Session) -> list[Source]:
    return list(session.scalars(sa.select(Source).order_by(Source.id)))


def hosts_by_kind(session: Session) -> dict[str, set[str]]:
    """The sites that sources of each kind lead to."""
    found: dict[str, set[str]] = {}
    for kind, url in session.execute(sa.select(Source.kind, Source.url)):
        found.setdefault(kind, set()).add(urlsplit(url).netloc.casefold())
    return found


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


@dataclass(frozen=True, slots=True)
class Named:
    """A source by what no damage makes unreadable."""

    id: int
    kind: str
    url: str


def named(session: Session, source_ids: Sequence[int]) -> list[Named]:
    """Reads nothing else of the rows: one of them that is damaged must not stop all others."""
    query = sa.select(Source.id, Source.kind, Source.url).where(Source.id.in_(source_ids))
    return [Named(row[0], row[1], str(row[2])) for row in session.execute(query.order_by(Source.id))]


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


def remember(session: Session, source_id: int, values: Mapping[str, Any]) -> None:
    """Merges into the cursor that the channel will be given next time."""
    source = session.get_one(Source, source_id)
    source.cursor = {**source.cursor, **values}


def pause(session: Session, source_id: int, user: User | None, now: datetime) -> Source:
    source = load(session, source_id)
    source.state = SourceState.PAUSED
    _tell_site(session, source, now)
    journal.write(session, "source_paused", now, user=user, brand_id=source.brand_id, source=source.id)
    return source


def _tell_site(session: Session, source: Source, now: datetime) -> None:
    """A site that sends by itself is told to begin or to stop (desk/sources/subscriptions.py)."""
    if source.push_nonce is not None:
        source.subscribe_at, source.subscribe_tries = now, 0
        wakeups.send(session, "subscribe")


def stop_for_good(source: Source, now: datetime) -> None:
    """It is being removed: nothing is read there any more, and nothing is sent."""
    source.removing_at, source.state, source.accepts_replies = now, SourceState.PAUSED, False
    if source.push_nonce is not None:
        source.subscribe_at, source.subscribe_tries = now, 0


def resume(session: Session, source_id: int, user: User | None, now: datetime) -> Source:
    """Also brings back a source that was given up as gone. Raises Conflict for one that is being removed."""
    source = load(session, source_id)
    if source.removing_at is not None:
        raise Conflict("This source is being removed; add its address anew.", "removing")
    source.state, source.failures = SourceState.ACTIVE, 0
    _tell_site(session, source, now)
    source.next_crawl_at = bounds.soonest(source.last_crawl_at, now)
    journal.write(session, "source_resumed", now, user=user, brand_id=source.brand_id, source=source.id)
    wakeups.send(session, "crawl")
    return source
