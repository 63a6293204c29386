"""All that the crawler reads from and writes to the desk. Runs on one thread of its own, in order, off the reactor."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import channels
from channels.contract import Place, Sighting, Text
from crawler.checkpoints import Kept
from crawler.crawl_report import CredentialsLocked, InternalError, SourceDamaged
from desk.base import db
from desk.base.errors import Damaged, Invalid
from desk.base.sentences import Sentence
from desk.people.users import Session
from desk.pipeline import arrivals
from desk.pipeline.arrivals import Recorded
from desk.replies.terms import Terms
from desk.sources import places, sources
from desk.sources.sources import CrawlReport

LEASE_SECONDS = 60
"""Short, and renewed while the crawl runs: after a crash the source is free again within a minute."""

T = TypeVar("T")
Validators = Mapping[str, tuple[str | None, str | None]]


@dataclass(frozen=True, slots=True)
class CrawlJob:
    """One source to be crawled, as it stood when the crawl began."""

    source_id: int
    crawl_id: int
    kind: str
    place: Place
    validators: Validators


def claim(only: Sequence[int] | None) -> list[tuple[int, str]]:
    """The sources now leased to this process, with their addresses."""
    with db.transaction() as session:
        ids = sources.claim_due(session, datetime.now(UTC), LEASE_SECONDS, only)
        return sources.addresses(session, ids)


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
        sources.give_up(session, source_id, fault.kind, Sentence.of(fault.text), datetime.now(UTC))
    return fault


def _both(said: str) -> Text:
    return Text(str(said), said.ru) if isinstance(said, Sentence) else Text.alike(said)


def begin(source_id: int) -> CrawlJob:
    with db.transaction() as session:
        now = datetime.now(UTC)
        source = sources.load(session, source_id)
        place = Place.of(places.place_of(session, source))
        crawl = sources.start_crawl(session, source_id, now)
        return CrawlJob(source_id, crawl.id, source.kind, place, sources.validators(session, source_id, now))


def store(source_id: int, sightings: Sequence[Sighting], kept: Kept) -> Recorded:
    """One batch, and what may be remembered about pages stored before it: all of it, or none."""
    now = datetime.now(UTC)
    with db.transaction() as session:
        source = sources.load(session, source_id)
        terms = Terms.of(channels.channel(source.kind).about.answering)
        recorded = arrivals.record(session, source, sightings, now, terms=terms)
        _keep(session, source_id, kept, now)
    return recorded


def finish(job: CrawlJob, kept: Kept, report: CrawlReport) -> None:
    now = datetime.now(UTC)
    with db.transaction() as session:
        _keep(session, job.source_id, kept, now)
        sources.finish_crawl(session, job.crawl_id, report, now)


def renew(source_ids: Sequence[int]) -> None:
    with db.transaction() as session:
        sources.renew_leases(session, source_ids, datetime.now(UTC) + timedelta(seconds=LEASE_SECONDS))


def _keep(session: Session, source_id: int, kept: Kept, now: datetime) -> None:
    for url, etag, last_modified in kept.pages:
        sources.remember_page(session, source_id, url, etag, last_modified, now)
    if kept.cursor:
        sources.remember(session, source_id, kept.cursor)


class StorageThread:
    """Does the above one after another on its own thread, so that the reactor goes on fetching."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "storage")

    async def run(self, act: Callable[..., T], *args: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, act, *args)

    def close(self) -> None:
        self._thread.shutdown()
