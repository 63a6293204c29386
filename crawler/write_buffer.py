"""Sightings on their way to desk.pipeline.arrivals. While one batch is being stored the next one gathers, so batches are small
when a site is slow and large when it is fast."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from channels.contract import Sighting
from crawler import storage
from crawler.checkpoints import Branch, Kept, Trail
from crawler.crawl_report import Ledger, OwnFault
from crawler.storage import Clerk
from desk.base import logs

BATCH = 200
MOST_WAITING = 2_000
"""Sightings read but not stored; beyond it reading waits for storing."""
LINGER_SECONDS = 0.5
"""A small batch waits so long for company: a transaction costs nearly the same for 25 as for 200."""

log = logs.logger()


@dataclass(slots=True)
class Reading:
    """One page that was read: the unit that the spider hands to the pipeline."""

    branch: Branch
    sightings: list[Sighting]
    is_whole: bool = True


class Batches:
    """Of one crawl. `tell` is called after each batch."""

    def __init__(
        self, source_id: int, ledger: Ledger, trail: Trail, clerk: Clerk, tell: Callable[[], None]
    ) -> None:
        self._source_id, self._ledger, self._trail = source_id, ledger, trail
        self._clerk, self._tell = clerk, tell
        self._gathered: deque[Reading] = deque()
        self._count = 0
        self._storing: asyncio.Task[None] | None = None
        self._enough = asyncio.Event()
        self._is_closing = False

    async def add(self, reading: Reading) -> None:
        self._gathered.append(reading)
        self._count += len(reading.sightings)
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
            for reading in complete:
                if is_stored and reading.is_whole:
                    self._trail.finish(reading.branch)
                else:
                    self._trail.spoil(reading.branch)
            self._tell()

    async def _linger(self) -> None:
        try:
            await asyncio.wait_for(self._enough.wait(), LINGER_SECONDS)
        except TimeoutError:
            pass

    def _take(self) -> tuple[list[Sighting], list[Reading]]:
        """At most BATCH sightings, and the readings that end within them."""
        sightings: list[Sighting] = []
        complete: list[Reading] = []
        while self._gathered and len(sightings) < BATCH:
            reading = self._gathered[0]
            room = BATCH - len(sightings)
            sightings += reading.sightings[:room]
            del reading.sightings[:room]
            if not reading.sightings:
                complete.append(self._gathered.popleft())
        self._count -= len(sightings)
        if self._count < BATCH and not self._is_closing:
            self._enough.clear()
        return sightings, complete

    async def _store(self, sightings: list[Sighting]) -> bool:
        kept = self._trail.take()
        if not sightings and kept == Kept():
            return True
        try:
            self._ledger.recorded += await self._clerk.ask(storage.store, self._source_id, sightings, kept)
        except Exception as error:  # noqa: BLE001 - the spider border: one mention that cannot be stored must not take 199 along
            log.warning("batch_not_stored", source=self._source_id, error=logs.words(error))
            return await self._store_each(sightings)
        return True

    async def _store_each(self, sightings: list[Sighting]) -> bool:
        failures = 0
        for sighting in sightings:
            try:
                self._ledger.recorded += await self._clerk.ask(
                    storage.store, self._source_id, [sighting], Kept()
                )
            except Exception as error:  # noqa: BLE001 - the spider border, as above
                failures += 1
                log.warning("mention_not_stored", source=self._source_id, error=logs.words(error))
                reason = OwnFault(f"A mention could not be stored: {type(error).__name__}.")
        if failures:
            self._ledger.problem(reason)
        return not failures
