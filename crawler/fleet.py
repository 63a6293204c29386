"""Many sources in one process and one reactor: one lane a site, so that no site is read twice at a time."""

import asyncio
import gc
import os
import signal
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from scrapy.crawler import AsyncCrawlerProcess, Crawler

import channels
from channels.contract import Channel, Collects
from crawler import lines, records
from crawler.batches import Batches
from crawler.ledger import Ledger, OwnFault
from crawler.records import Clerk, Order
from crawler.settings import scrapy_settings
from crawler.spiders.channel import ChannelSpider
from crawler.trail import Trail
from desk import settings

LANES: Final = 16
GRACE_SECONDS: Final = 3.0
"""How long pages under way may still come in after a SIGTERM; then what was read is stored and we leave."""

log = structlog.get_logger()


class Fleet:
    """`claimed` are ids and addresses of sources that are leased to this process."""

    def __init__(
        self, claimed: Sequence[tuple[int, str]], shows_progress: bool, parent: int | None = None
    ) -> None:
        self._process = AsyncCrawlerProcess(scrapy_settings(settings.current()))
        self._clerk = Clerk()
        self._shows_progress = shows_progress
        self._parent = parent
        self._lanes = by_site(claimed)
        self._unfinished = {source_id for source_id, _ in claimed}
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
        self._clerk.leave()
        main.result()
        return not self._faults

    async def _run(self) -> None:
        reactor: Any = import_module("twisted.internet.reactor")
        chores = [asyncio.ensure_future(self._renew()), asyncio.ensure_future(self._watch_parent())]
        free = asyncio.Semaphore(LANES)
        try:
            await asyncio.gather(*(self._sail(lane, free) for lane in self._lanes))
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

    async def _sail(self, lane: list[int], free: asyncio.Semaphore) -> None:
        for source_id in lane:
            async with free:
                if self._is_stopping:
                    return
                try:
                    await self._crawl(source_id)
                except Exception:  # the spider border: one source must not stop the others
                    log.exception("crawl_failed", source=source_id)
                    self._faults += 1
                    self._unfinished.discard(source_id)

    async def _crawl(self, source_id: int) -> None:
        order = await self._clerk.ask(records.begin, source_id)
        ledger, trail = Ledger(), Trail()
        try:
            channel = channels.channel(order.kind)
        except (KeyError, ImportError, AttributeError):
            ledger.problem(OwnFault(f"There is no channel of the kind {order.kind}."))
        else:
            if isinstance(channel, Collects):
                await self._spider(order, channel, ledger, trail)
        ledger.is_interrupted = self._is_stopping
        self._unfinished.discard(source_id)
        await self._clerk.ask(records.finish, order, trail.take(), ledger.report())
        lines.done(source_id, ledger)

    async def _spider(self, order: Order, channel: Channel, ledger: Ledger, trail: Trail) -> None:
        batches = Batches(order.source_id, ledger, trail, self._clerk, lambda: self._tell(order, ledger))
        crawler = self._process.create_crawler(ChannelSpider)
        self._under_way.add(crawler)
        crawling = self._process.crawl(
            crawler, order=order, channel=channel, ledger=ledger, trail=trail, batches=batches
        )
        leaving = asyncio.ensure_future(self._grace_is_over.wait())
        await asyncio.wait({crawling, leaving}, return_when=asyncio.FIRST_COMPLETED)
        leaving.cancel()
        self._under_way.discard(crawler)
        await batches.stored()
        if crawling.done():
            crawling.result()

    def _tell(self, order: Order, ledger: Ledger) -> None:
        if self._shows_progress:
            lines.progress(order.source_id, ledger)

    def _stop(self) -> None:
        if self._is_stopping:
            self._grace_is_over.set()
            return
        self._is_stopping = True
        asyncio.get_running_loop().call_later(GRACE_SECONDS, self._grace_is_over.set)
        for crawler in self._under_way:
            if crawler.spider is not None:
                crawler.spider.is_told_to_stop = True
            self._closing.append(asyncio.ensure_future(crawler.stop_async()))

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(records.LEASE_SECONDS / 3)
            await self._clerk.ask(records.renew, sorted(self._unfinished))

    async def _watch_parent(self) -> None:
        """A crawl whose starter was killed has nobody left to end it."""
        while self._parent is None or os.getppid() == self._parent:  # noqa: ASYNC110 - nothing tells us but asking
            await asyncio.sleep(1)
        self._stop()


def by_site(claimed: Sequence[tuple[int, str]]) -> list[list[int]]:
    """Sources in lanes, one lane a host and port."""
    lanes: dict[str, list[int]] = {}
    for source_id, url in claimed:
        lanes.setdefault(urlsplit(url).netloc.lower(), []).append(source_id)
    return list(lanes.values())
