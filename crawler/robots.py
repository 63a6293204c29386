"""robots.txt by RFC 9309: read once a process and site, obeyed, and taken for a "no" while the site cannot give it."""

import asyncio
from dataclasses import dataclass
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from channels import errors
from crawler.failures import Declined, explain

LONGEST_FILE = 500_000


@dataclass(frozen=True, slots=True)
class Rules:
    """What the file says, or why it could not be had; neither where there is none and everything is allowed."""

    said: Any = None
    trouble: errors.ChannelError | None = None


class Robots:
    """Unlike Scrapy's own: one reading serves all sources of a site, and a site in trouble is left alone."""

    _known: ClassVar[dict[str, asyncio.Task[Rules]]] = {}

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._agent: str = crawler.settings["USER_AGENT"].split("/")[0].split()[0]

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        if request.meta.get("is_robots"):
            return
        parts = urlsplit(request.url)
        rules = await self._rules(f"{parts.scheme}://{parts.netloc}")
        if rules.trouble is not None:
            raise Declined(rules.trouble)
        if rules.said is not None and not rules.said.can_fetch(request.url, self._agent):
            raise Declined(
                errors.Forbidden(f"robots.txt of the site does not allow to read {parts.path or '/'}.")
            )

    async def _rules(self, site: str) -> Rules:
        if site not in self._known:
            self._known[site] = asyncio.ensure_future(self._read(f"{site}/robots.txt"))
        return await self._known[site]

    async def _read(self, url: str) -> Rules:
        asked = Request(url, callback=NO_CALLBACK, dont_filter=True, meta={"is_robots": True})
        try:
            answer: Response = await self._crawler.engine.download_async(asked)
        except Declined as declined:
            is_too_large = isinstance(declined.reason, errors.TooLarge)
            return Rules() if is_too_large else Rules(trouble=declined.reason)
        except IgnoreRequest:
            return Rules()  # redirected without end, or far too large: as if there were none
        except Exception as error:  # noqa: BLE001 - the spider border: Scrapy raises whatever its handlers raise
            return Rules(trouble=explain(error, url))
        return _judged(answer)


def _judged(answer: Any) -> Rules:
    if answer.status >= 500 or answer.status == 429:
        reason = f"robots.txt of the site cannot be had ({answer.status}), so nothing was read."
        return Rules(trouble=errors.Unreachable(reason))
    if answer.status >= 300:
        return Rules()
    return Rules(Protego.parse(answer.body[:LONGEST_FILE].decode("utf-8", "replace")))
