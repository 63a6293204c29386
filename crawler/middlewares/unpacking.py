"""Bodies as their authors wrote them: by what the bytes are, as the header is wrong too often."""

from scrapy import Request
from scrapy.http import Response

from channels import errors
from channels.reading import packing
from crawler.failures import Declined
from crawler.middlewares.base import Middleware


class Unpacking(Middleware):
    def process_response(self, request: Request, response: Response) -> Response:
        if not request.url.startswith("http"):
            return response
        announced = b",".join(response.headers.getlist("Content-Encoding")).decode("latin-1")
        try:
            body = packing.unpack(response.body, announced, self.crawler.settings.getint("DOWNLOAD_MAXSIZE"))
        except errors.TooLarge as error:
            raise Declined(error) from error
        response.headers.pop("Content-Encoding", None)
        return response if body is response.body else response.replace(body=body)
