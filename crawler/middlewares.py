"""What every request passes on its way out: the address guard, the source's credentials, patience with tired sites."""

import asyncio
import random
from datetime import UTC, datetime
from typing import Self, TypeVar

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.http import Response

from channels import errors
from channels.contract import Authorizes, Call, Text
from channels.reading import html_pages, packing
from channels.wire.address_rules import refuse_reason
from channels.wire.hosts import may_see_secrets
from crawler import resolver
from crawler.failures import Declined, host_of
from crawler.spiders.channel import headers_of, spider_of

T = TypeVar("T")

LONGEST_RETRY_WAIT_SECONDS = 10.0
"""A site that asks for more than this is left alone until the next crawl."""


class _Middleware:
    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)


class AddressGuard(_Middleware):
    """Sees every address before anything is sent: first requests, redirects and robots.txt alike. Names are checked
    once more where they are resolved (resolver.py)."""

    def process_request(self, request: Request) -> None:
        if spider_of(self.crawler).is_told_to_stop:
            raise Declined(
                errors.Unreachable(
                    Text("The crawl was stopped before this page.", "Обход остановлен до этой страницы.")
                )
            )
        if reason := refuse_reason(request.url, self.crawler.settings.getbool("ALLOW_PRIVATE_ADDRESSES")):
            raise Declined(errors.Forbidden(reason))


class Credentials(_Middleware):
    """Adds a source's credentials to fetches that ask for them, on the hosts that its channel names only. A redirect comes
    through here again with the headers of the request before it: elsewhere they are taken away."""

    def process_request(self, request: Request) -> None:
        spider = spider_of(self.crawler)
        if not request.meta.get("is_authorized") or not isinstance(spider.channel, Authorizes):
            return
        place = spider.job.place
        may_see = may_see_secrets(request.url, spider.channel.hosts(place), place)
        proven = spider.channel.authorize(place, Call(request.url), datetime.now(UTC))
        for name, value in proven.headers.items():
            if may_see:
                request.headers[name] = value
            else:
                request.headers.pop(name, None)


class PatientRetry(_Middleware):
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


class Unpacking(_Middleware):
    """Bodies as their authors wrote them: by what the bytes are, as the header is wrong too often."""

    def process_response(self, request: Request, response: Response) -> Response:  # noqa: ARG002 - Scrapy names it
        announced = b",".join(response.headers.getlist("Content-Encoding")).decode("latin-1")
        try:
            body = packing.unpack(response.body, announced, self.crawler.settings.getint("DOWNLOAD_MAXSIZE"))
        except errors.TooLarge as error:
            raise Declined(error) from error
        response.headers.pop("Content-Encoding", None)
        return response if body is response.body else response.replace(body=body)
