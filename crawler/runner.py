"""Many sources in one process and one reactor: one lane a site, so that no site is read twice at a time."""

import asyncio
import gc
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, Final

from scrapy.crawler import AsyncCrawlerProcess, Crawler

import channels
from channels.contract import Channel, Collects, HasLanes, Place, Text
from channels.wire.redaction import Redaction
from crawler import progress, renewal, storage
from crawler.checkpoints import Checkpoints
from crawler.crawl_report import InternalError, RunningReport
from crawler.settings import own_api_delay, own_api_pace, scrapy_settings
from crawler.spiders.channel import ChannelSpider, Crawl, spider_of
from crawler.storage import CrawlJob, StorageThread
from crawler.write_buffer import WriteBuffer
from desk.base import db, logs, settings

LANES: Final = 16
GRACE_SECONDS: Final = 3.0
"""How long pages under way may still come in after a SIGTERM; then what was read is stored and we leave."""

CLAIM_SECONDS: Final = 5.0
RUN_SECONDS: Final = 600
"""So long a process takes in what becomes due; then it ends, and what was under way is begun again by the next one."""
CRAWL_SECONDS: Final = 480
"""Longest reading of one source, shorter than RUN_SECONDS: else a slow site would be begun again and again."""

log = logs.logger()


class Runner:
    """`claimed` are ids and lanes of sources that are leased to this process. With `takes_more` it also takes in
    what becomes due meanwhile, so that nobody waits behind one slow site. `fresh` has secrets renewed that ran out, which
    takes requests of its own, and gives the place with them."""

    def __init__(
        self,
        claimed: Sequence[tuple[int, str]],
        shows_progress: bool,
        parent: int | None = None,
        takes_more: bool = False,
        fresh: Callable[[CrawlJob], Place] = renewal.fresh_place,
    ) -> None:
        self._process = AsyncCrawlerProcess(scrapy_settings(settings.current()))
        self._storage = StorageThread()
        self._shows_progress = shows_progress
        self._parent = parent
        self._takes_more = takes_more
        self._fresh = fresh
        self._lanes: dict[str, deque[int]] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._claimed = claimed
        self._unfinished: set[int] = set()
        self._under_way: set[Crawler] = set()
        self._closing: list[asyncio.Future[None]] = []
        self._is_stopping = False
        self._grace_is_over = asyncio.Event()
        self._faults = 0

    def run(self) -> bool:
        """Ends when every source is done or the process is told to stop; whether our own side worked."""
        # What is loaded by now stays; the collector need not go through all of it time and again.
        gc.freeze()
        loop = asyncio.get_event_loop()
        main = loop.create_task(self._run())
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        self._process.start(stop_after_crawl=False, install_signal_handlers=False)
        self._storage.close()
        main.result()
        return not self._faults

    async def _run(self) -> None:
        reactor: Any = import_module("twisted.internet.reactor")
        chores = [asyncio.ensure_future(self._renew()), asyncio.ensure_future(self._watch_parent())]
        try:
            await self._crawl_all()
        finally:
            for chore in chores:
                chore.cancel()
            reactor.callLater(0, self._leave)

    def _leave(self) -> None:
        reactor: Any = import_module("twisted.internet.reactor")
        if self._grace_is_over.is_set():
            # A shutdown by the book would wait for pages that never come.
            reactor.getThreadPool().stop()
            reactor.crash()
        else:
            reactor.stop()

    async def _crawl_all(self) -> None:
        free = asyncio.Semaphore(LANES)
        ends_at = time.monotonic() + RUN_SECONDS
        self._add_to_lanes(self._claimed, free)
        while self._running:
            await asyncio.wait(self._running, timeout=CLAIM_SECONDS)
            if not self._takes_more or self._is_stopping or not self._running:
                continue
            if time.monotonic() > ends_at:
                self._stop()  # the next process begins with whatever was under way
            else:
                self._add_to_lanes(await self._more(), free)

    async def _more(self) -> list[tuple[int, str]]:
        try:
            return await self._storage.run(storage.claim, None)
        except Exception as error:  # noqa: BLE001 - the spider border: a busy database must not end the crawls under way
            log.warning("nothing_claimed", error=logs.words(error))
            return []

    def _add_to_lanes(self, claimed: Sequence[tuple[int, str]], free: asyncio.Semaphore) -> None:
        """One lane a site or account: who comes later to one that is being read waits for his turn."""
        for source_id, name in claimed:
            self._unfinished.add(source_id)
            if name in self._lanes:
                self._lanes[name].append(source_id)
                continue
            self._lanes[name] = deque([source_id])
            lane = asyncio.ensure_future(self._crawl_lane(name, free))
            self._running.add(lane)
            lane.add_done_callback(self._running.discard)

    async def _crawl_lane(self, name: str, free: asyncio.Semaphore) -> None:
        lane = self._lanes[name]
        while lane and not self._is_stopping:
            source_id = lane.popleft()
            async with free:
                pause = 0.0 if self._is_stopping else await self._crawl(source_id)
            if lane and not self._is_stopping:
                # Scrapy knows the pause between two requests of one crawl, and nothing of two crawls.
                await asyncio.sleep(max(settings.current().crawl_delay_seconds, pause))
        del self._lanes[name]

    async def _crawl(self, source_id: int) -> float:
        """The pause that its site asks for between two requests, in seconds."""
        pause = 0.0
        try:
            pause = await self._crawl_one(source_id)
        except db.Busy as error:
            log.warning("crawl_put_off", source=source_id, error=logs.words(error))
            self._faults += 1
        except Exception:  # the spider border: one source must not stop the others
            log.exception("crawl_failed", source=source_id)
            self._faults += 1
        self._unfinished.discard(source_id)
        return pause

    async def _crawl_one(self, source_id: int) -> float:
        report, checkpoints = RunningReport(), Checkpoints()
        try:
            job = await self._storage.run(storage.begin, source_id)
        except db.Busy:
            raise
        except Exception as error:  # noqa: BLE001 - the spider border: what is wrong with one row stops its source only
            log.warning("source_cannot_begin", source=source_id, error=logs.words(error))
            report.problem(await self._storage.run(storage.give_up, source_id, error))
            progress.done(source_id, report)
            return 0.0
        report.secrets = Redaction(job.place.secrets.values())
        await self._read(job, report, checkpoints)
        report.is_interrupted = self._is_stopping
        self._unfinished.discard(source_id)
        await self._storage.run(storage.finish, job, checkpoints.take(), report.result())
        progress.done(source_id, report)
        return _lane_pause(job.kind)

    async def _read(self, job: CrawlJob, report: RunningReport, checkpoints: Checkpoints) -> None:
        """Whatever goes wrong stands in the report."""
        try:
            channel = channels.channel(job.kind)
        except (KeyError, ImportError, AttributeError):
            report.problem(InternalError(f"There is no channel of the kind {job.kind}."))
            return
        try:
            if isinstance(channel, Collects):
                await self._spider(job, channel, report, checkpoints)
        except Exception as error:  # the spider border: whatever a channel raises ends its own crawl alone
            log.exception("channel_failed", source=job.source_id, kind=job.kind)
            report.problem(
                InternalError(
                    Text(
                        f"It could not be read: an error of Otklik itself ({type(error).__name__}).",
                        f"Прочитать не удалось: ошибка в самом Отклике ({type(error).__name__}).",
                    )
                )
            )

    async def _spider(
        self, job: CrawlJob, channel: Channel, report: RunningReport, checkpoints: Checkpoints
    ) -> None:
        write_buffer = WriteBuffer(
            job.source_id, job.kind, report, checkpoints, self._storage, lambda: self._tell(job, report)
        )
        crawler = self._process.create_crawler(ChannelSpider)
        crawler.settings.set("DOWNLOAD_SLOTS", own_api_pace(channel.about.pace))
        self._under_way.add(crawler)
        crawl = Crawl(job, channel, report, checkpoints, write_buffer, self._storage, self._renewed)
        crawling = self._process.crawl(crawler, crawl=crawl)
        leaving = asyncio.ensure_future(self._grace_is_over.wait())
        wanted = {crawling, leaving}
        done, _ = await asyncio.wait(wanted, timeout=CRAWL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if not done:
            report.remark(
                Text(
                    f"The crawl was ended after {CRAWL_SECONDS // 60} minutes; there was more to read.",
                    f"Обход прекращён через {CRAWL_SECONDS // 60} минут; прочитано не всё.",
                )
            )
            self._end(crawler)
            patience = settings.current().crawl_timeout_seconds + GRACE_SECONDS
            await asyncio.wait(wanted, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        leaving.cancel()
        self._under_way.discard(crawler)
        await write_buffer.stored()
        if crawling.done():
            crawling.result()

    async def _renewed(self, job: CrawlJob) -> Place:
        """On a thread of its own: renewing speaks to the site, and storing must not wait for that."""
        return await asyncio.to_thread(self._fresh, job)

    def _tell(self, job: CrawlJob, report: RunningReport) -> None:
        if self._shows_progress:
            progress.progress(job.source_id, report)

    def _stop(self) -> None:
        if self._is_stopping:
            self._grace_is_over.set()
            return
        self._is_stopping = True
        asyncio.get_running_loop().call_later(GRACE_SECONDS, self._grace_is_over.set)
        for crawler in self._under_way:
            self._end(crawler)

    def _end(self, crawler: Crawler) -> None:
        if crawler.spider is not None:
            spider_of(crawler).is_told_to_stop = True
        self._closing.append(asyncio.ensure_future(crawler.stop_async()))

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(storage.LEASE_SECONDS / 3)
            try:
                await self._storage.run(storage.renew, sorted(self._unfinished))
            except Exception as error:  # noqa: BLE001 - the spider border: a lease that is renewed late harms less than none
                log.warning("leases_not_renewed", error=logs.words(error))

    async def _watch_parent(self) -> None:
        """A crawl whose starter was killed has nobody left to end it."""
        while self._parent is None or os.getppid() == self._parent:  # noqa: ASYNC110 - nothing tells us but asking
            await asyncio.sleep(1)
        self._stop()


def _lane_pause(kind: str) -> float:
    """Scrapy keeps the pause between two requests of one crawl, and knows nothing of the next crawl in the lane."""
    channel = channels.channel(kind) if kind in channels.KINDS else None
    return own_api_delay(channel.about.pace) if isinstance(channel, HasLanes) else 0.0
