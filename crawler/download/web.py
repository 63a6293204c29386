"""http and https: Scrapy's own download, with the proof of who we are put on at the last moment and taken off what comes back.

So neither the address that Scrapy logs, nor the one that the page is remembered by, nor that of a redirect holds a secret. A
server that stands for the official one (OTKLIK_API_URLS) is changed into it on the same way back.
"""

import logging

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.http import Response

from channels import errors
from channels.contract import Call
from channels.wire.address_rules import refuse_reason
from crawler import turns
from crawler.failures import Declined
from crawler.middlewares.authorize import AUTHORIZED
from crawler.spiders.channel import spider_of

# What Scrapy's downloads say in the log names the address as it went out. Each of these lines comes with an error that says
# the same, and that error is told with the address that was asked for.
logging.getLogger("scrapy.core.downloader.handlers").setLevel(logging.CRITICAL)


class AuthorizedDownload(HTTP11DownloadHandler):
    async def download_request(self, request: Request) -> Response:
        await turns.take(self._crawler, request)
        call: Call | None = request.meta.get(AUTHORIZED)
        sent = request if call is None else as_called(request, call)
        server = spider_of(self._crawler).server
        address = server.outgoing(sent.url)
        if address != sent.url:
            sent = self._guarded(sent.replace(url=address))
        elif call is None:
            return await super().download_request(request)
        response = await super().download_request(sent)
        if call is not None and call.url != request.url:
            # Where it leads may repeat what the address held; the channel sees the status.
            response.headers.pop("Location", None)
        elif address != request.url and (leads_to := response.headers.to_unicode_dict().get("Location")):
            response.headers["Location"] = server.incoming(str(leads_to))
        return response.replace(url=request.url, request=request)

    def _guarded(self, request: Request) -> Request:
        allow_private = self._crawler.settings.getbool("ALLOW_PRIVATE_ADDRESSES")
        if reason := refuse_reason(request.url, allow_private):
            raise Declined(errors.Forbidden(reason))
        return request


def as_called(request: Request, call: Call) -> Request:
    headers = {**request.headers, **call.headers}
    return request.replace(url=call.url, method=call.method, body=call.body or b"", headers=headers)
