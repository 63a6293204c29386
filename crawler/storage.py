"""All that the crawler reads from and writes to the desk. Runs on one thread of its own, in order, off the reactor."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import channels
from channels.contract import AnswerSeen, HasLanes, Moved, Place, Sighting, Text, Withdrawn
from crawler.checkpoints import Kept
from crawler.crawl_report import CredentialsLocked, InternalError, SourceDamaged
from desk.base import db, logs
from desk.base.errors import Damaged, Invalid
from desk.base.sentences import Sentence
from desk.people.users import Session
from desk.pipeline import arrivals
from desk.pipeline.arrivals import Recorded
from desk.replies.terms import Terms
from desk.sources import accounts, crawls, places, quotas, source_list, sources
from desk.sources.crawls import CrawlReport

LEASE_SECONDS = 60
"""Short, and renewed while the crawl runs: after a crash the source is free again within a minute."""

log = logs.logger()
T = TypeVar("T")
Part = Sighting | AnswerSeen | Withdrawn | Moved
"""What a page says that is stored."""
Validators = Mapping[str, tuple[str | None, str | None]]


@dataclass(frozen=True, slots=True)
class CrawlJob:
    """One source to be crawled, as it stood when the crawl began."""

    source_id: int
    crawl_id: int
    kind: str
    place: Place
    validators: Validators

    @property
    def budget(self) -> str:
        """Whose quota a request is counted against: that of the account, else of all sources of the lane."""
        account = self.place.account_id
        return (
            f"{self.kind}#{account}"
            if account is not None
            else f"{self.kind} {lane_of(self.kind, self.place)}"
        )


def claim(only: Sequence[int] | None) -> list[tuple[int, str]]:
    """The sources now leased to this process, each with its lane."""
    with db.transaction() as session:
        ids = crawls.claim_due(session, datetime.now(UTC), LEASE_SECONDS, only)
        return [(row.id, _lane(session, row)) for row in source_list.named(session, ids)]


def _lane(session: Session, row: source_list.Named) -> str:
    """A row that cannot be read stands in the lane of its site, and says why when its turn comes."""
    if row.kind not in channels.KINDS:
        return crawls.site_of(row.url)
    try:
        if not isinstance(channels.channel(row.kind), HasLanes):
            return crawls.site_of(row.url)
        source = sources.load(session, row.id)
        return lane_of(row.kind, Place.of(places.place_of(session, source, is_stranger=True)))
    except Exception as error:  # noqa: BLE001 - the spider border: one damaged row, or one channel's bug, stops no other source
        log.warning("lane_not_known", source=row.id, error=logs.words(error))
        return crawls.site_of(row.url)


def lane_of(kind: str, place: Place) -> str:
    """Sources of one lane are read one after the other."""
    channel = channels.channel(kind)
    return channel.lane(place) if isinstance(channel, HasLanes) else crawls.site_of(place.url)


def spend(budget: str, cost: int, quota: int, now: datetime) -> bool:
    """Whether the day's quota allows it; then it is counted."""
    with db.transaction() as session:
        return quotas.spend(session, budget, cost, quota, now)


def give_up(source_id: int, error: Exception) -> InternalError:
    """Writes down why a crawl could not begin, and returns it as a problem of that source."""
    if isinstance(error, Damaged):
        fault: InternalError = SourceDamaged(_both(error.said))
    elif isinstance(error, Invalid):
        fault = CredentialsLocked(_both(error.said))
    else:
        fault = InternalError(
            Text(
                f"What is stored of this source cannot be read ({type(error).__name__}). Nothing was read; what was"
                " collected is safe. Check the settings on the source's page and save them.",
                f"То, что хранится об источнике, не читается ({type(error).__name__}). Ничего не прочитано, собранное"
                " цело. Проверьте настройки на странице источника и сохраните их.",
            )
        )
    with db.transaction() as session:
        crawls.give_up(session, source_id, fault.kind, Sentence.of(fault.text), datetime.now(UTC))
    return fault


def _both(said: str) -> Text:
    return Text(str(said), said.ru) if isinstance(said, Sentence) else Text.alike(said)


def begin(source_id: int) -> CrawlJob:
    with db.transaction() as session:
        now = datetime.now(UTC)
        source = sources.load(session, source_id)
        place = Place.of(places.place_of(session, source))
        crawl = crawls.start_crawl(session, source_id, now)
        return CrawlJob(source_id, crawl.id, source.kind, place, crawls.validators(session, source_id, now))


def store(source_id: int, kind: str, parts: Sequence[Part], kept: Kept) -> Recorded:
    """One batch, and what may be remembered about pages stored before it: all of it, or none."""
    now = datetime.now(UTC)
    with db.transaction() as session:
        recorded = arrivals.record(
            session,
            sources.load(session, source_id),
            [part for part in parts if isinstance(part, Sighting)],
            now,
            answers=[part for part in parts if isinstance(part, AnswerSeen)],
            withdrawals=[part for part in parts if isinstance(part, Withdrawn)],
            moves=[part for part in parts if isinstance(part, Moved)],
            terms=Terms.of(channels.channel(kind).about.answering),
        )
        _keep(session, source_id, kept, now)
    return recorded


def finish(job: CrawlJob, kept: Kept, report: CrawlReport) -> None:
    now = datetime.now(UTC)
    with db.transaction() as session:
        _keep(session, job.source_id, kept, now)
        crawls.finish_crawl(session, job.crawl_id, report, now)
        account_id = job.place.account_id
        if (
            report.error_kind == "unauthorized"
            and account_id is not None
            and job.place.expires_at is not None
        ):
            accounts.mark_expired(session, account_id, job.place.secrets, now)


def renew(source_ids: Sequence[int]) -> None:
    with db.transaction() as session:
        crawls.renew_leases(session, source_ids, datetime.now(UTC) + timedelta(seconds=LEASE_SECONDS))


def _keep(session: Session, source_id: int, kept: Kept, now: datetime) -> None:
    for url, etag, last_modified in kept.pages:
        crawls.remember_page(session, source_id, url, etag, last_modified, now)
    if kept.cursor:
        sources.remember(session, source_id, kept.cursor)


class StorageThread:
    """Runs the functions above one after another on a thread of its own, so that the reactor goes on fetching."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "storage")

    async def run(self, act: Callable[..., T], *args: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, act, *args)

    def close(self) -> None:
        self._thread.shutdown()
