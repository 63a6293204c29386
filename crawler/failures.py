"""Why a page did not come, in one clear sentence and a word of channels.errors."""

from urllib.parse import urlsplit

from scrapy import exceptions as scrapy_errors
from scrapy.exceptions import IgnoreRequest

from channels import errors
from channels.contract import Text
from crawler import resolver
from crawler.crawl_report import InternalError


class Declined(IgnoreRequest):
    """We chose not to ask; `reason` says why."""

    def __init__(self, reason: errors.ChannelError) -> None:
        super().__init__(str(reason))
        self.reason = reason


def explain(failure: BaseException, url: str) -> errors.ChannelError:
    """`url` is the address asked last, which after a redirect is not the source's own."""
    host = host_of(url)
    if isinstance(failure, Declined):
        return failure.reason
    if isinstance(failure, scrapy_errors.CannotResolveHostError):
        return resolver.refusal(host) or errors.Unreachable(
            Text(f"There is no site named {host}.", f"Сайта {host} нет.")
        )
    if isinstance(failure, scrapy_errors.DownloadTimeoutError):
        return errors.Unreachable(Text(f"{host} did not answer in time.", f"{host} не ответил вовремя."))
    if isinstance(failure, scrapy_errors.DownloadConnectionRefusedError):
        return errors.Unreachable(Text(f"{host} refused the connection.", f"{host} не принимает соединение."))
    if isinstance(failure, scrapy_errors.DownloadCancelledError) or "DOWNLOAD_MAXSIZE" in str(failure):
        return errors.TooLarge(
            Text(
                "The page is larger than the crawler reads (crawl_max_bytes).",
                "Страница больше, чем читает Отклик (crawl_max_bytes).",
            )
        )
    if isinstance(failure, scrapy_errors.ResponseDataLossError):
        return errors.Unreachable(
            Text(f"{host} broke off in the middle of the page.", f"{host} прервал передачу посреди страницы.")
        )
    if isinstance(failure, scrapy_errors.UnsupportedURLSchemeError | scrapy_errors.NotSupported):
        return errors.Forbidden(
            Text("Only http and https addresses are read.", "Читаются только адреса http и https.")
        )
    if isinstance(failure, IgnoreRequest):
        return errors.Unreadable(
            Text(
                f"The site redirects without end ({host}).",
                f"Сайт без конца перенаправляет с адреса на адрес ({host}).",
            )
        )
    is_twisted = type(failure).__module__.startswith("twisted.")
    if is_twisted or isinstance(failure, scrapy_errors.DownloadFailedError | OSError):
        return errors.Unreachable(
            Text(
                f"The connection to {host} failed: {_words(failure)}.",
                f"Соединение с {host} не удалось: {_words(failure)}.",
            )
        )
    return InternalError(f"The page could not be fetched: {type(failure).__name__}.")


def host_of(url: str) -> str:
    return urlsplit(url).hostname or url


def _words(failure: BaseException) -> str:
    """The innermost message; Twisted wraps the telling one several times."""
    reasons = getattr(failure.__cause__ or failure, "reasons", None)
    inner = reasons[0].value if reasons else failure
    return " ".join(str(inner).split())[:200].rstrip(".") or type(inner).__name__
