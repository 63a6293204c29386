"""What all middlewares of ours have in common: the crawl that they belong to."""

from typing import Self

from scrapy.crawler import Crawler


class Middleware:
    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)
