"""robots.txt: read once a process and site, obeyed, and taken for a "no" while the site cannot give it."""

import asyncio
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from channels import errors
from channels.wire import robots
from crawler.failures import Declined, explain
from crawler.spiders.channel import spider_of
from crawler.turns import SITES_PACE


@dataclass(frozen=True, slots=True)
class Known:
    """What the file says, or why it could not be had."""

    rules: robots.Rules | None = None
    trouble: errors.ChannelError | None = None


class Robots:
    """Unlike Scrapy's own: one reading serves all sources of a site, and a site in trouble is left alone."""

    _known: ClassVar[dict[str, asyncio.Task[Known]]] = {}

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._agent = robots.token_of(crawler.settings["USER_AGENT"])

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        if request.meta.get("is_robots") or spider_of(self._crawler).is_own_api(request):
            return
        site = robots.site_of(request.url)
        known = await self._ask(site)
        if known.trouble is not None:
            raise Declined(known.trouble)
        if known.rules is not None:
            if reason := known.rules.refusal(request.url):
                raise Declined(reason)
            request.meta[SITES_PACE] = known.rules.pace_seconds()

    async def _ask(self, site: str) -> Known:
        if site not in self._known:
            self._known[site] = asyncio.ensure_future(self._read(f"{site}/robots.txt"))
        return await self._known[site]

    async def _read(self, url: str) -> Known:
        asked = Request(url, callback=NO_CALLBACK, dont_filter=True, meta={"is_robots": True})
        try:
            answer: Response = await self._crawler.engine.download_async(asked)
            return _judged(answer, self._agent)
        except Declined as declined:
            is_too_large = isinstance(declined.reason, errors.TooLarge)
            return Known() if is_too_large else Known(trouble=declined.reason)
        except IgnoreRequest:
            return Known()  # redirected without end, or far too large: as if there were none
        except Exception as error:  # noqa: BLE001 - the spider border: Scrapy raises whatever its handlers raise
            return Known(trouble=explain(error, url))


def _judged(answer: Any, agent: str) -> Known:
    try:
        return Known(robots.read(answer.status, answer.body, agent))
    except errors.Unreachable as error:
        return Known(trouble=error)
