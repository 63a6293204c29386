"""Record: what the spider read goes into the batches that are stored while further pages are fetched."""

from typing import Self

from scrapy.crawler import Crawler

from crawler.spiders.channel import spider_of
from crawler.write_buffer import ReadPage


class Record:
    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_item(self, item: ReadPage) -> ReadPage:
        await spider_of(self._crawler).write_buffer.add(item)
        return item

    async def close_spider(self) -> None:
        await spider_of(self._crawler).write_buffer.stored()
