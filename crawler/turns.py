"""The turn of a request: at a host, or in the name of an account, all processes together go no faster than it allows.

Scrapy keeps the pauses between the requests of one crawl, and knows nothing of another process. So the turn is taken at the last
moment, after Scrapy's own pause, where the request goes out.
"""

import asyncio
from typing import Final, Protocol, cast
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler

from channels import errors
from channels.contract import Text
from channels.wire import pace
from crawler.failures import Declined
from crawler.spiders.channel import OWN_API, spider_of
from desk.sources import paces

LONGEST_SECONDS: Final = 480.0
"""No crawl lasts longer (crawler/runner.py)."""
SITES_PACE: Final = "pace_seconds"
"""The key in a request's meta for the pause that robots.txt asks for."""


class _Slot(Protocol):
    delay: float
    jitter: float


async def take(crawler: Crawler, request: Request) -> None:
    """Returns when it is this request's turn. Raises Declined where the crawl was stopped meanwhile, or would have to wait for
    longer than it may last. Asks the database only where there is a pace to keep."""
    spider = spider_of(crawler)
    gap = max(_shortest_pause(crawler, request), float(request.meta.get(SITES_PACE) or 0.0))
    if gap <= 0:
        return
    waits = await spider.storage_thread.run(paces.take_turn, _lane(crawler, request), gap, LONGEST_SECONDS)
    if waits > LONGEST_SECONDS:
        raise Declined(pace.too_soon(waits))
    await asyncio.sleep(waits)
    if waits and spider.is_told_to_stop:
        raise Declined(
            errors.Unreachable(
                Text("The crawl was stopped before this page.", "Обход остановлен до этой страницы.")
            )
        )


def _lane(crawler: Crawler, request: Request) -> str:
    if request.meta.get("download_slot") == OWN_API:
        return spider_of(crawler).job.budget
    return f"host {urlsplit(request.url).netloc.casefold()}"


def _shortest_pause(crawler: Crawler, request: Request) -> float:
    """What Scrapy itself would leave between two of these requests at the least, in seconds."""
    engine = crawler.engine
    assert engine is not None
    slots = cast("dict[str, _Slot]", engine.downloader.slots)
    slot = slots.get(engine.downloader.get_slot_key(request))
    return slot.delay * (1 - slot.jitter) if slot is not None else 0.0
