"""What was read, on its way to desk.pipeline.arrivals. While one batch is being stored the next one gathers, so batches are small
when a site is slow and large when it is fast."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from crawler import storage
from crawler.checkpoints import Checkpoints, Kept, PageNode
from crawler.crawl_report import InternalError, RunningReport
from crawler.storage import Part, StorageThread
from desk.base import logs

BATCH = 200
MOST_WAITING = 2_000
"""Parts read but not stored; beyond it reading waits for storing."""
LINGER_SECONDS = 0.5
"""A small batch waits so long for company: a transaction costs nearly the same for 25 as for 200."""

log = logs.logger()


@dataclass(slots=True)
class ReadPage:
    """One page that was read: the unit that the spider hands to the pipeline."""

    node: PageNode
    parts: list[Part]
    is_whole: bool = True


class WriteBuffer:
    """Of one crawl. `tell` is called after each batch."""

    def __init__(
        self,
        source_id: int,
        kind: str,
        report: RunningReport,
        checkpoints: Checkpoints,
        storage_thread: StorageThread,
        tell: Callable[[], None],
    ) -> None:
        self._source_id, self._kind = source_id, kind
        self._report, self._checkpoints = report, checkpoints
        self._storage, self._tell = storage_thread, tell
        self._gathered: deque[ReadPage] = deque()
        self._count = 0
        self._storing: asyncio.Task[None] | None = None
        self._enough = asyncio.Event()
        self._is_closing = False

    async def add(self, page: ReadPage) -> None:
        self._gathered.append(page)
        self._count += len(page.parts)
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
            parts, complete = self._take()
            is_stored = await self._store(parts)
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

    def _take(self) -> tuple[list[Part], list[ReadPage]]:
        """At most BATCH parts, and the pages that end within them."""
        parts: list[Part] = []
        complete: list[ReadPage] = []
        while self._gathered and len(parts) < BATCH:
            page = self._gathered[0]
            room = BATCH - len(parts)
            parts += page.parts[:room]
            del page.parts[:room]
            if not page.parts:
                complete.append(self._gathered.popleft())
        self._count -= len(parts)
        if self._count < BATCH and not self._is_closing:
            self._enough.clear()
        return parts, complete

    async def _store(self, parts: list[Part]) -> bool:
        kept = self._checkpoints.take()
        if not parts and kept == Kept():
            return True
        try:
            self._report.recorded += await self._storage.run(
                storage.store, self._source_id, self._kind, parts, kept
            )
        except Exception as error:  # noqa: BLE001 - the spider border: one mention that cannot be stored must not take 199 along
            log.warning("batch_not_stored", source=self._source_id, error=logs.words(error))
            return await self._store_each(parts)
        return True

    async def _store_each(self, parts: list[Part]) -> bool:
        failures = 0
        for part in parts:
            try:
                self._report.recorded += await self._storage.run(
                    storage.store, self._source_id, self._kind, [part], Kept()
                )
            except Exception as error:  # noqa: BLE001 - the spider border, as above
                failures += 1
                log.warning("mention_not_stored", source=self._source_id, error=logs.words(error))
                reason = InternalError(f"A mention could not be stored: {type(error).__name__}.")
        if failures:
            self._report.problem(reason)
        return not failures
