"""The only Scrapy settings: how we behave at other people's sites. Figures come from desk.base.settings."""

from typing import Any

from channels.contract import Pace
from channels.reading import packing
from crawler.spiders.channel import OWN_API
from desk.base.settings import Settings

LONGEST_DELAY_SECONDS = 30.0
SLOWEST_PER_SECOND = 0.01

MIDDLEWARES = {
    "crawler.middlewares.guard.AddressGuard": 20,
    "crawler.robots.Robots": 100,
    "crawler.middlewares.budget.Budget": 200,
    "crawler.middlewares.authorize.Authorize": 300,
    "crawler.middlewares.retry.PatientRetry": 550,
    "crawler.middlewares.unpacking.Unpacking": 590,
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": None,
    # A proxy would resolve names by itself and so walk around the address guard.
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": None,
}


def own_api_pace(pace: Pace) -> dict[str, Any]:
    """Scrapy's DOWNLOAD_SLOTS for a channel's own API, whose owner says how fast it may be asked."""
    return {OWN_API: {"concurrency": max(pace.at_once, 1), "delay": own_api_delay(pace), "jitter": 0.0}}


def own_api_delay(pace: Pace) -> float:
    """Between two requests, in seconds."""
    return 1 / max(pace.per_second, SLOWEST_PER_SECOND)


def scrapy_settings(settings: Settings) -> dict[str, Any]:
    """With a delay of zero, meant for sites of one's own, throttling is off and pages are fetched side by side."""
    delay = settings.crawl_delay_seconds
    return {
        "BOT_NAME": "otklik",
        "USER_AGENT": settings.user_agent,
        "DOWNLOAD_DELAY": delay,
        "AUTOTHROTTLE_ENABLED": delay > 0,
        "AUTOTHROTTLE_START_DELAY": delay,
        "AUTOTHROTTLE_MAX_DELAY": max(delay, LONGEST_DELAY_SECONDS),
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1 if delay else 8,
        "DOWNLOAD_MAXSIZE": settings.crawl_max_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_TIMEOUT": settings.crawl_timeout_seconds,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "DOWNLOAD_HANDLERS": {
            **dict.fromkeys(("data", "file", "ftp", "s3")),
            **dict.fromkeys(("http", "https"), "crawler.download.web.AuthorizedDownload"),
            "imaps": "crawler.download.imap.ImapDownload",
        },
        "DOWNLOADER_MIDDLEWARES": MIDDLEWARES,
        "DEFAULT_REQUEST_HEADERS": {
            "Accept": "*/*",
            "Accept-Encoding": packing.ACCEPTED,
            "Accept-Language": "ru,en;q=0.8",
        },
        "CONCURRENT_ITEMS": 2,  # Scrapy starts that many tasks for every page, and a page is one item
        "ITEM_PIPELINES": {"crawler.pipelines.Record": 300},
        "HTTPERROR_ALLOW_ALL": True,  # what a status means is for the channel to say
        "REDIRECT_MAX_TIMES": 5,
        "REFERRER_POLICY": "no-referrer",
        "RETRY_TIMES": 2,
        "RETRY_GIVE_UP_LOG_LEVEL": "DEBUG",
        "SPIDER_MIDDLEWARES": {"scrapy.spidermiddlewares.depth.DepthMiddleware": None},
        # Of Scrapy's own list the only one we use; even those switched off are loaded, and that takes its time.
        "EXTENSIONS_BASE": {"scrapy.extensions.throttle.AutoThrottle": 0},
        "DOWNLOADER_STATS": False,
        "COOKIES_ENABLED": False,
        "STATS_DUMP": False,
        "WARN_ON_GENERATOR_RETURN_VALUE": False,  # it reads the source of the callback again for every page
        "LOG_INSTALL_ROOT_HANDLER": False,  # desk.base.logs has one, at the level that is set
        "LOG_FORMATTER": "crawler.log_lines.Silent",
        "TWISTED_DNS_RESOLVER": "crawler.resolver.GuardedResolver",
        "ALLOW_PRIVATE_ADDRESSES": settings.allow_private_addresses,
    }
