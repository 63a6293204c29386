"""The proof of who we are, put on last. It never becomes part of the request that Scrapy logs, repeats and redirects: the
download handler (crawler/download/web.py) puts it on the wire and takes it off what comes back."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from scrapy import Request
from scrapy.crawler import Crawler

from channels import errors
from channels.contract import Authorizes, Call, Place, Text
from channels.wire.address_rules import refuse_reason
from crawler.crawl_report import InternalError
from crawler.failures import Declined
from crawler.middlewares.base import Middleware
from crawler.middlewares.guard import SCHEMES
from crawler.spiders.channel import spider_of

AUTHORIZED: Final = "authorized_call"
"""The key in a request's meta under which the download handler finds the call as it is to go out."""


class Authorize(Middleware):
    """For pages of one's own account only, and only to the hosts that the channel names: a redirect elsewhere, or from https
    to http, comes through here again and gets nothing."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._renewing = asyncio.Lock()

    async def process_request(self, request: Request) -> None:
        request.meta.pop(AUTHORIZED, None)
        spider = spider_of(self.crawler)
        if not spider.is_own_api(request) or not isinstance(spider.channel, Authorizes):
            return
        call = Call(request.url, request.method, request.body or None, _texts(request))
        try:
            authorized = await self._authorize(spider.channel, call)
        except errors.ChannelError as error:
            raise Declined(error) from error
        allow_private = self.crawler.settings.getbool("ALLOW_PRIVATE_ADDRESSES")
        if refuse_reason(authorized.url, allow_private, SCHEMES) or not spider.may_see_secrets(
            authorized.url
        ):
            raise Declined(
                InternalError(
                    Text(
                        "The channel would have sent a secret where it does not belong.",
                        "Канал отправил бы секрет туда, где ему не место.",
                    )
                )
            )
        request.meta[AUTHORIZED] = authorized

    async def _authorize(self, channel: Authorizes, call: Call) -> Call:
        """Asks once for fresh secrets where those at hand have run out."""
        place, now = spider_of(self.crawler).job.place, datetime.now(UTC)
        try:
            if place.expires_at is not None and place.expires_at <= now:
                raise errors.Expired
            return channel.authorize(place, call, now)
        except errors.Expired:
            fresh = await self._renewed(place)
        try:
            return channel.authorize(fresh, call, datetime.now(UTC))
        except errors.Expired as error:
            raise errors.Unauthorized(
                Text(
                    "The credentials have expired and could not be renewed.",
                    "Срок действия данных для входа истёк, продлить его не удалось.",
                )
            ) from error

    async def _renewed(self, used: Place) -> Place:
        """Requests that find out at the same time wait for one renewal."""
        spider = spider_of(self.crawler)
        async with self._renewing:
            if spider.job.place is used:
                await spider.renew()
            return spider.job.place


def _texts(request: Request) -> Mapping[str, str]:
    return {str(name).lower(): str(value) for name, value in request.headers.to_unicode_dict().items()}
