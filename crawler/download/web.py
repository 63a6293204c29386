"""http and https: Scrapy's own download, with the proof of who we are put on at the last moment and taken off what comes back.

So neither the address that Scrapy logs, nor the one that the page is remembered by, nor that of a redirect holds a secret.
"""

import logging

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.http import Response

from channels.contract import Call
from crawler import turns
from crawler.middlewares.authorize import AUTHORIZED

# What Scrapy's downloads say in the log names the address as it went out. Each of these lines comes with an error that says
# the same, and that error is told with the address that was asked for.
logging.getLogger("scrapy.core.downloader.handlers").setLevel(logging.CRITICAL)


class AuthorizedDownload(HTTP11DownloadHandler):
    async def download_request(self, request: Request) -> Response:
        await turns.take(self._crawler, request)
        call: Call | None = request.meta.get(AUTHORIZED)
        if call is None:
            return await super().download_request(request)
        response = await super().download_request(as_called(request, call))
        if call.url != request.url:
            # Where it leads may repeat what the address held; the channel sees the status.
            response.headers.pop("Location", None)
        return response.replace(url=request.url, request=request)


def as_called(request: Request, call: Call) -> Request:
    headers = {**request.headers, **call.headers}
    return request.replace(url=call.url, method=call.method, body=call.body or b"", headers=headers)
