"""The address guard of the crawler."""

from scrapy import Request

from channels import errors
from channels.contract import Text
from channels.wire.address_rules import refuse_reason
from crawler.failures import Declined
from crawler.middlewares.base import Middleware
from crawler.spiders.channel import spider_of

SCHEMES = ("http", "https", "imaps")


class AddressGuard(Middleware):
    """Sees every address before anything is sent: first requests, redirects and robots.txt alike. Names are checked
    once more where they are resolved (crawler/resolver.py)."""

    def process_request(self, request: Request) -> None:
        if spider_of(self.crawler).is_told_to_stop:
            raise Declined(
                errors.Unreachable(
                    Text("The crawl was stopped before this page.", "Обход остановлен до этой страницы.")
                )
            )
        allow_private = self.crawler.settings.getbool("ALLOW_PRIVATE_ADDRESSES")
        if reason := refuse_reason(request.url, allow_private, SCHEMES):
            raise Declined(errors.Forbidden(reason))
