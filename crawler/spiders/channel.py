"""The spider of every channel: start -> Fetch -> Request; Page -> parse -> Sighting, Fetch, Remember, Remark."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Protocol, Self, cast

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from channels import errors
from channels.contract import (
    AnswerSeen,
    Authorizes,
    Channel,
    Collects,
    Fetch,
    Moved,
    Page,
    Place,
    Remark,
    Remember,
    Sighting,
    Text,
    Withdrawn,
)
from channels.wire import api_urls
from channels.wire.hosts import may_see_secrets
from channels.wire.redaction import Redaction
from crawler.checkpoints import Checkpoints, PageNode
from crawler.crawl_report import InternalError, RunningReport
from crawler.failures import explain
from crawler.storage import CrawlJob, Part, StorageThread
from crawler.write_buffer import ReadPage, WriteBuffer
from desk.base import logs, settings

MOST_PAGES = 2_000
LONGEST_PATIENCE_SECONDS = 120
OWN_API = "own api"
"""The name of Scrapy's queue for requests to one's own API: it goes by the channel's pace (crawler/settings.py)."""
TURN = 4
"""After so many parts of a page the reactor has its turn: a long page must not hold up the downloads of all others."""
STOPPING = (errors.RateLimited, errors.Blocked, errors.Unauthorized)
"""A site that says one of these is asked for nothing more in this crawl."""

log = logs.logger()


@dataclass(slots=True)
class Found:
    """What a channel made of one page; what came before any trouble is kept."""

    parts: list[Part] = field(default_factory=list)
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Crawl:
    """What the spider is given: what is to be read, and where it puts what it reads. `fresh` has the secrets renewed and
    gives the place with them."""

    job: CrawlJob
    channel: Channel
    report: RunningReport
    checkpoints: Checkpoints
    write_buffer: WriteBuffer
    storage_thread: StorageThread
    fresh: Callable[[CrawlJob], Awaitable[Place]]


class _FailedRequest(Protocol):
    """A failure as Scrapy hands it on: with the request that it has added."""

    value: BaseException
    request: Request


class ChannelSpider(Spider):
    name = "channel"

    def __init__(self, *, crawl: Crawl) -> None:
        super().__init__()
        self.job, self.channel, self.pace = crawl.job, crawl.channel, crawl.channel.about.pace
        self.server = api_urls.replacement(crawl.channel.about, settings.current().api_urls)
        self.report, self.checkpoints, self.write_buffer = crawl.report, crawl.checkpoints, crawl.write_buffer
        self.storage_thread, self._fresh = crawl.storage_thread, crawl.fresh
        self.is_told_to_stop = False
        self._asked: set[tuple[str, str]] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.count_request, signals.request_reached_downloader)
        return spider

    def count_request(self, request: Request) -> None:
        self.report.requests += not request.meta.get("is_robots")

    async def start(self) -> AsyncIterator[Request]:
        try:
            fetches = list(self._reader.start(self.job.place))
        except errors.ChannelError as error:
            self.report.problem(error)
        except Exception as error:  # noqa: BLE001 - the spider border: a channel's bug ends its own crawl and no other
            self._internal_error(error)
        else:
            for request in self._requests(fetches, None):
                yield request

    async def parse(
        self, response: Response, fetch: Fetch, node: PageNode
    ) -> AsyncIterator[ReadPage | Request]:
        if response.status == 304 and response.meta.get("is_conditional"):
            self.report.unchanged += 1
            self.checkpoints.finish(node)
            return
        self.checkpoints.read(node)
        found = Found()
        # The pages that it leads to are added before it is handed over, as it must not be settled without them; and they
        # are requested at once, so that the site works on its answer while we read on.
        async for request in self._read(_page(response, fetch), found, node):
            yield request
        if found.is_whole and fetch.is_conditional:
            node.etag, node.last_modified = _header(response, "ETag"), _header(response, "Last-Modified")
        self.report.pages += found.is_whole
        self.report.items += sum(isinstance(part, Sighting) for part in found.parts)
        yield ReadPage(node, found.parts, found.is_whole)

    def failed(self, failure: Failure) -> None:
        failed = cast("_FailedRequest", failure)
        if not self.is_told_to_stop:
            self._problem(explain(failed.value, failed.request.url))
        self.checkpoints.fail(failed.request.cb_kwargs["node"])

    async def _read(self, page: Page, found: Found, node: PageNode) -> AsyncIterator[Request]:
        """Yields the pages that this one leads to, and sorts the rest."""
        try:
            for number, part in enumerate(self._reader.parse(self.job.place, page)):
                match part:
                    case Sighting() | AnswerSeen() | Withdrawn() | Moved():
                        found.parts.append(part)
                    case Fetch():
                        for request in self._requests([part], node):
                            yield request
                    case Remember(values):
                        node.cursor.update(values)
                    case Remark(text):
                        self.report.remark(text)
                if number % TURN == 0:
                    await asyncio.sleep(0)
        except errors.ChannelError as error:
            self._problem(error)
        except Exception as error:  # noqa: BLE001 - the spider border: a hostile page must not end the crawl of the others
            self._internal_error(error)
        else:
            found.is_whole = True

    def _requests(self, fetches: Sequence[Fetch], parent: PageNode | None) -> Iterator[Request]:
        for fetch in fetches:
            asked = page_key(fetch), fetch.role
            if asked in self._asked or self.is_told_to_stop:
                continue
            if len(self._asked) >= MOST_PAGES:
                self.report.remark(
                    Text(
                        f"The crawl ended after {MOST_PAGES} pages; there were more.",
                        f"Обход закончен после {MOST_PAGES} страниц; были и другие.",
                    )
                )
                return
            self._asked.add(asked)
            try:
                yield self._request(fetch, parent)
            except ValueError:
                said = Text(
                    f"An address could not be read: {fetch.url[:200]}",
                    f"Адрес не читается: {fetch.url[:200]}",
                )
                if parent is None:
                    self.report.problem(errors.Unreadable(said))  # the source's own, so nothing will be read
                else:
                    self.report.remark(said)

    def _request(self, fetch: Fetch, parent: PageNode | None) -> Request:
        known = self.job.validators if fetch.is_conditional else {}
        etag, last_modified = known.get(page_key(fetch), (None, None))
        conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        request = Request(
            fetch.url,
            callback=self.parse,
            errback=self.failed,
            method=fetch.method,
            body=fetch.body or b"",
            headers={**fetch.headers, **{name: value for name, value in conditions.items() if value}},
            meta={"is_conditional": bool(etag or last_modified), **self._manner(fetch)},
            dont_filter=True,
        )
        request.cb_kwargs.update(fetch=fetch, node=self.checkpoints.add(page_key(fetch), parent))
        return request

    def _manner(self, fetch: Fetch) -> dict[str, Any]:
        """How it is asked, as Scrapy reads it: at one's own API at the account's pace, and with patience where wanted."""
        manner: dict[str, Any] = {}
        if fetch.access == "account":
            manner |= {"download_slot": OWN_API, "autothrottle_dont_adjust_delay": True}
        if fetch.patience_seconds is not None:
            manner["download_timeout"] = min(max(fetch.patience_seconds, 1), LONGEST_PATIENCE_SECONDS)
        return manner

    def is_own_api(self, request: Request) -> bool:
        """Whether terms and quotas rule this request, and our secrets may go along; else it is what strangers read."""
        fetch = fetch_of(request)
        return fetch is not None and fetch.access == "account" and self.may_see_secrets(request.url)

    def may_see_secrets(self, url: str) -> bool:
        channel, place = self.channel, self.job.place
        return isinstance(channel, Authorizes) and may_see_secrets(url, channel.hosts(place), place)

    async def renew(self) -> None:
        """From here on with secrets that were had anew. Raises `errors.ChannelError`."""
        before = self.job.place.secrets.values()
        self.job = replace(self.job, place=await self._fresh(self.job))
        self.report.secrets = Redaction([*before, *self.job.place.secrets.values()])

    def _problem(self, error: errors.ChannelError) -> None:
        self.report.problem(error)
        if isinstance(error, STOPPING):
            self.is_told_to_stop = True

    def _internal_error(self, error: Exception) -> None:
        log.error("channel_failed", source=self.job.source_id, kind=self.job.kind, exc_info=error)
        name = type(error).__name__
        self.report.problem(
            InternalError(
                Text(
                    f"The page could not be read: an error of Otklik itself ({name}).",
                    f"Страница не прочитана: ошибка в самом Отклике ({name}).",
                )
            )
        )

    @property
    def _reader(self) -> Collects:
        return cast("Collects", self.channel)


def page_key(fetch: Fetch) -> str:
    """What tells two pages apart, and under which a page is remembered: a query by its method and body as well."""
    if fetch.method == "GET" and not fetch.body:
        return fetch.url
    asked = hashlib.sha256(f"{fetch.url}\n".encode("utf-8", "replace") + (fetch.body or b"")).hexdigest()
    return f"{fetch.method} sha256:{asked}"


def fetch_of(request: Request) -> Fetch | None:
    """What the channel asked for; None for robots.txt."""
    return cast("Fetch | None", request.cb_kwargs.get("fetch"))


def spider_of(crawler: Crawler) -> ChannelSpider:
    """The spider of a crawl that has begun: this is the only kind we have."""
    return cast("ChannelSpider", crawler.spider)


def headers_of(response: Response) -> dict[str, str]:
    """Names in lower case."""
    return {str(name).lower(): str(value) for name, value in response.headers.to_unicode_dict().items()}


def _page(response: Response, fetch: Fetch) -> Page:
    return Page(
        url=response.url,
        status=response.status,
        headers=headers_of(response),
        body=response.body,
        role=fetch.role,
        context=fetch.context,
        fetched_at=datetime.now(UTC),
    )


def _header(response: Response, name: str) -> str | None:
    value: bytes | None = response.headers.get(name)
    return value.decode("latin-1") if value else None
