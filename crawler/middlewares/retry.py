"""Retries at sites that are slow or overloaded."""

import asyncio
import random
from typing import TypeVar

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.http import Response

from channels.reading import html_pages
from crawler import resolver
from crawler.failures import host_of
from crawler.middlewares.base import Middleware
from crawler.spiders.channel import headers_of

T = TypeVar("T")

LONGEST_RETRY_WAIT_SECONDS = 10.0
"""A site that asks for more than this is left alone until the next crawl."""


class PatientRetry(Middleware):
    """Scrapy's retries with a growing pause, and Retry-After honoured. A site that asks for a long pause is not asked
    again in this crawl: the channel sees its answer and the source's health tells when it is tried next."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._plain = RetryMiddleware.from_crawler(crawler)

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        asked = html_pages.retry_after(headers_of(response)) if response.status in (429, 503) else None
        if asked is not None and asked > LONGEST_RETRY_WAIT_SECONDS:
            return response
        return await self._after_pause(self._plain.process_response(request, response), asked)

    async def process_exception(self, request: Request, exception: Exception) -> Request | Response | None:
        if resolver.refusal(host_of(request.url)):
            return None
        return await self._after_pause(self._plain.process_exception(request, exception), None)

    async def _after_pause(self, again: T, asked: int | None) -> T:
        if isinstance(again, Request):
            tries = again.meta.get("retry_times", 1)
            grown = self.crawler.settings.getfloat("DOWNLOAD_DELAY") * 2.0**tries * random.uniform(0.8, 1.2)
            await asyncio.sleep(min(LONGEST_RETRY_WAIT_SECONDS, max(grown, asked or 0)))
        return again
