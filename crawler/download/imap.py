"""imaps: as a download handler, so that a mailbox is crawled like a site: what was read is remembered only once it is stored.

    imaps://host[:port]/MAILBOX?after=UID                       -> {"uidvalidity": …, "uids": […], "has_more": …, "upto": UID}
    imaps://host[:port]/MAILBOX?after=UID&days=30               -> the same, of messages that came within so many days alone
    imaps://host[:port]/MAILBOX?after=UID&since=2026-11-01      -> the same, of messages that came on that day or later alone
    imaps://host[:port]/MAILBOX;UIDVALIDITY=…/;UID=…            -> the message, RFC 822

Name and password are what `authorize` put into the headers `user` and `password`. A crawl signs in once (channels/wire/imap.py).
Nothing is marked as read and nothing is changed.
"""

import asyncio
import imaplib
import json
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, Final, Self
from urllib.parse import parse_qs, unquote, urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from channels import errors
from channels.contract import Call, Text
from channels.wire.imap import USUAL_PORT, Limits, Login, MailSession, Opened
from crawler import turns
from crawler.failures import Declined
from crawler.middlewares.authorize import AUTHORIZED

MOST_UIDS: Final = 200
"""More a list does not name; the next crawl goes on behind them."""
SPAN: Final = 100_000
MOST_SPANS: Final = 50
CONNECTIONS: Final = 4
_ADDRESS = re.compile(
    r"/(?P<mailbox>[^;]+?)(?:;UIDVALIDITY=(?P<validity>\d{1,10}))?(?:/;UID=(?P<uid>\d{1,10}))?"
)
_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,19})")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""As IMAP writes them, whatever language the machine speaks."""
_threads = ThreadPoolExecutor(CONNECTIONS, "imap")


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for: one message, or with `uid` None the list of those behind `after` that came on the day `since`
    or later; None: whenever they came."""

    host: str
    port: int
    mailbox: str
    uid: int | None = None
    validity: int | None = None
    after: int = 0
    since: date | None = None


def asked_by(url: str, today: date | None = None) -> Asked:
    """Raises Unreadable for an address that asks for nothing. `today` is that of UTC."""
    try:
        parts = urlsplit(url)
        found, port, query = _ADDRESS.fullmatch(parts.path), parts.port or USUAL_PORT, parse_qs(parts.query)
        after, since = query.get("after", ["0"])[0], _since(query, today or datetime.now(UTC).date())
    except (ValueError, OverflowError):
        found, port, after, since = None, 0, "0", None
    if found is None or not (after.isascii() and after.isdecimal() and len(after) <= 10):
        raise errors.Unreadable(
            Text("This is not the address of a mailbox.", "Это не адрес почтового ящика.")
        )
    uid, validity = (int(found[name]) if found[name] else None for name in ("uid", "validity"))
    return Asked(parts.hostname or "", port, unquote(found["mailbox"]), uid, validity, int(after), since)


def _since(query: Mapping[str, list[str]], today: date) -> date | None:
    if "since" in query:
        return date.fromisoformat(query["since"][0])
    return today - timedelta(days=int(query["days"][0])) if "days" in query else None


class ImapDownload:
    """For Scrapy's DOWNLOAD_HANDLERS."""

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        self._crawler, settings = crawler, crawler.settings
        self._allow_private = settings.getbool("ALLOW_PRIVATE_ADDRESSES")
        self._most_bytes = settings.getint("DOWNLOAD_MAXSIZE")
        self._seconds = settings.getfloat("DOWNLOAD_TIMEOUT")
        self._session = MailSession()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def download_request(self, request: Request) -> Response:
        """Raises Declined with what people are told."""
        call: Call | None = request.meta.get(AUTHORIZED)
        if call is None:
            raise Declined(
                errors.Unauthorized(
                    Text(
                        "A mailbox is read with a name and a password only.",
                        "Почтовый ящик читается только с именем и паролем.",
                    )
                )
            )
        await turns.take(self._crawler, request)
        seconds = float(request.meta.get("download_timeout") or self._seconds)
        reading = asyncio.get_running_loop().run_in_executor(_threads, self._read, call, seconds)
        try:
            status, kind, body = await reading
        except errors.ChannelError as error:
            raise Declined(error) from error
        return Response(request.url, status, {"Content-Type": kind}, body, request=request)

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(_threads, self._session.close)

    def _read(self, call: Call, seconds: float) -> tuple[int, str, bytes]:
        asked, limits = asked_by(call.url), Limits(seconds, self._most_bytes, self._allow_private)
        headers = call.headers
        login = Login(asked.host, asked.port, headers.get("user", ""), headers.get("password", ""))
        answer = partial(_answer, asked, limits.most_bytes)
        return self._session.read(login, limits, asked.mailbox, answer, is_fresh=asked.uid is None)


def _answer(asked: Asked, most_bytes: int, opened: Opened) -> tuple[int, str, bytes]:
    if asked.uid is None:
        listing = {"uidvalidity": opened.validity, **_list(opened.server, asked, opened.following)}
        return 200, "application/json", json.dumps(listing).encode()
    if asked.validity not in (None, opened.validity):
        return 404, "text/plain", b"The mailbox was built anew; this number means another message now."
    return _message(opened.server, asked.uid, most_bytes)


def _list(server: imaplib.IMAP4_SSL, asked: Asked, following: int) -> dict[str, object]:
    """UIDs behind that one, in their order, asked for in spans: the answer is one line, and a line has a limit."""
    uids: list[int] = []
    until = after = asked.after
    came = (
        f" SINCE {asked.since.day}-{_MONTHS[asked.since.month - 1]}-{asked.since.year}" if asked.since else ""
    )
    for _span in range(MOST_SPANS):
        if until + 1 >= following or len(uids) > MOST_UIDS:
            break
        first, until = until + 1, min(until + SPAN, following - 1)
        answer, found = server.uid("SEARCH", f"UID {first}:{until}{came}")
        if answer != "OK" or not found:
            raise errors.Unreadable(
                Text(
                    "The mail server does not list its messages.",
                    "Почтовый сервер не перечисляет свои письма.",
                )
            )
        uids += sorted({int(word) for word in (found[0] or b"").split() if word.isdigit()})
    named = uids[:MOST_UIDS]
    has_more = len(uids) > MOST_UIDS or until + 1 < following
    return {
        "uids": named,
        "has_more": has_more,
        "upto": named[-1] if len(uids) > MOST_UIDS else max(until, after),
    }


def _message(server: imaplib.IMAP4_SSL, uid: int, most_bytes: int) -> tuple[int, str, bytes]:
    """Its size is asked for first: nothing says beforehand how much a server sends."""
    _, told = server.uid("FETCH", str(uid), "(RFC822.SIZE)")
    size = _SIZE.search(b" ".join(part for part in told or [] if isinstance(part, bytes)))
    if size is None:
        return 404, "text/plain", b"This message is not there any more."
    if int(size[1]) > most_bytes:
        return 413, "text/plain", b"This message is larger than the crawler reads (crawl_max_bytes)."
    _, parts = server.uid("FETCH", str(uid), "(BODY.PEEK[])")
    body = _body(parts)
    if body is None:
        return 404, "text/plain", b"This message is not there any more."
    return 200, "message/rfc822", body


def _body(parts: Any) -> bytes | None:
    return next((part[1] for part in parts or [] if isinstance(part, tuple)), None)
