"""Sightings on their way to desk.pipeline.arrivals. While one batch is being stored the next one gathers, so batches are small
when a site is slow and large when it is fast."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from channels.contract import Sighting
from crawler import storage
from crawler.checkpoints import Checkpoints, Kept, PageNode
from crawler.crawl_report import InternalError, RunningReport
from crawler.storage import StorageThread
from desk.base import logs

BATCH = 200
MOST_WAITING = 2_000
"""Sightings read but not stored; beyond it reading waits for storing."""
LINGER_SECONDS = 0.5
"""A small batch waits so long for company: a transaction costs nearly the same for 25 as for 200."""

log = logs.logger()


@dataclass(slots=True)
class ReadPage:
    """One page that was read: the unit that the spider hands to the pipeline."""

    node: PageNode
    sightings: list[Sighting]
    is_whole: bool = True


class WriteBuffer:
    """Of one crawl. `tell` is called after each batch."""

    def __init__(
        self,
        source_id: int,
        report: RunningReport,
        checkpoints: Checkpoints,
        storage_thread: StorageThread,
        tell: Callable[[], None],
    ) -> None:
        self._source_id, self._report, self._checkpoints = source_id, report, checkpoints
        self._storage, self._tell = storage_thread, tell
        self._gathered: deque[ReadPage] = deque()
        self._count = 0
        self._storing: asyncio.Task[None] | None = None
        self._enough = asyncio.Event()
        self._is_closing = False

    async def add(self, page: ReadPage) -> None:
        self._gathered.append(page)
        self._count += len(page.sightings)
        if self._count >= BATCH:
            self._enough.set()
        if self._storing is None or self._storing.done():
            self._storing = asyncio.ensure_future(self._store_all())
        if self._count > MOST_WAITING:
            await self._storing

    async def stored(self) -> None:
        """Waits until everything that was added is in the database; nothing is added after."""
        self._is_closing = True
        self._enough.set()
        if self._storing is not None:
            await self._storing

    async def _store_all(self) -> None:
        while self._gathered:
            await self._linger()
            sightings, complete = self._take()
            is_stored = await self._store(sightings)
            for page in complete:
                if is_stored and page.is_whole:
                    self._checkpoints.finish(page.node)
                else:
                    self._checkpoints.fail(page.node)
            self._tell()

    async def _linger(self) -> None:
        try:
            await asyncio.wait_for(self._enough.wait(), LINGER_SECONDS)
        except TimeoutError:
            pass

    def _take(self) -> tuple[list[Sighting], list[ReadPage]]:
        """At most BATCH sightings, and the pages that end within them."""
        sightings: list[Sighting] = []
        complete: list[ReadPage] = []
        while self._gathered and len(sightings) < BATCH:
            page = self._gathered[0]
            room = BATCH - len(sightings)
            sightings += page.sightings[:room]
            del page.sightings[:room]
            if not page.sightings:
                complete.append(self._gathered.popleft())
        self._count -= len(sightings)
        if self._count < BATCH and not self._is_closing:
            self._enough.clear()
        return sightings, complete

    async def _store(self, sightings: list[Sighting]) -> bool:
        kept = self._checkpoints.take()
        if not sightings and kept == Kept():
            return True
        try:
            self._report.recorded += await self._storage.run(storage.store, self._source_id, sightings, kept)
        except Exception as error:  # noqa: BLE001 - the spider border: one mention that cannot be stored must not take 199 along
            log.warning("batch_not_stored", source=self._source_id, error=logs.words(error))
            return await self._store_each(sightings)
        return True

    async def _store_each(self, sightings: list[Sighting]) -> bool:
        failures = 0
        for sighting in sightings:
            try:
                self._report.recorded += await self._storage.run(
                    storage.store, self._source_id, [sighting], Kept()
                )
            except Exception as error:  # noqa: BLE001 - the spider border, as above
                failures += 1
                log.warning("mention_not_stored", source=self._source_id, error=logs.words(error))
                reason = InternalError(f"A mention could not be stored: {type(error).__name__}.")
        if failures:
            self._report.problem(reason)
        return not failures
