"""imaps: as a download handler, so that a mailbox is crawled like a site: what was read is remembered only once it is stored.

    imaps://host[:port]/MAILBOX?after=UID                       -> {"uidvalidity": …, "uids": […], "has_more": …, "upto": UID}
    imaps://host[:port]/MAILBOX;UIDVALIDITY=…/;UID=…            -> the message, RFC 822

Name and password are what `authorize` put into the headers `user` and `password`. Nothing is marked as read and nothing is
changed. imaplib waits, so it does so on threads of its own; the address guard checks where it connects.
"""

import asyncio
import imaplib
import json
import re
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.parse import parse_qs, unquote, urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from channels import errors
from channels.contract import Call, Text
from channels.wire import guard
from crawler.failures import Declined
from crawler.middlewares.authorize import AUTHORIZED

USUAL_PORT: Final = 993
MOST_UIDS: Final = 200
"""More a list does not name; the next crawl goes on behind them."""
SPAN: Final = 100_000
MOST_SPANS: Final = 50
LARGEST_UID: Final = 2**32
LONGEST_WAITS: Final = 3
"""A connection lasts so many times as long as the server may take for one answer."""
CONNECTIONS: Final = 4
_ADDRESS = re.compile(
    r"/(?P<mailbox>[^;]+?)(?:;UIDVALIDITY=(?P<validity>\d{1,10}))?(?:/;UID=(?P<uid>\d{1,10}))?"
)
_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,19})")
_threads = ThreadPoolExecutor(CONNECTIONS, "imap")


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for: one message, or with `uid` None the list of those behind `after`."""

    host: str
    port: int
    mailbox: str
    uid: int | None = None
    validity: int | None = None
    after: int = 0


def asked_by(url: str) -> Asked:
    """Raises Unreadable for an address that asks for nothing."""
    try:
        parts = urlsplit(url)
        found, port = _ADDRESS.fullmatch(parts.path), parts.port or USUAL_PORT
        after = parse_qs(parts.query).get("after", ["0"])[0]
    except ValueError:
        found, port, after = None, 0, "0"
    if found is None or not (after.isascii() and after.isdecimal() and len(after) <= 10):
        raise errors.Unreadable(
            Text("This is not the address of a mailbox.", "Это не адрес почтового ящика.")
        )
    uid, validity = (int(found[name]) if found[name] else None for name in ("uid", "validity"))
    return Asked(parts.hostname or "", port, unquote(found["mailbox"]), uid, validity, int(after))


@dataclass(frozen=True, slots=True)
class Limits:
    seconds: float
    most_bytes: int
    allow_private: bool


class ImapDownload:
    """For Scrapy's DOWNLOAD_HANDLERS."""

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self._allow_private = settings.getbool("ALLOW_PRIVATE_ADDRESSES")
        self._most_bytes = settings.getint("DOWNLOAD_MAXSIZE")
        self._seconds = settings.getfloat("DOWNLOAD_TIMEOUT")

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
        seconds = float(request.meta.get("download_timeout") or self._seconds)
        reading = asyncio.get_running_loop().run_in_executor(_threads, self._read, call, seconds)
        try:
            status, kind, body = await reading
        except errors.ChannelError as error:
            raise Declined(error) from error
        return Response(request.url, status, {"Content-Type": kind}, body, request=request)

    async def close(self) -> None:
        """A connection is given back after every request."""

    def _read(self, call: Call, seconds: float) -> tuple[int, str, bytes]:
        asked, limits = asked_by(call.url), Limits(seconds, self._most_bytes, self._allow_private)
        with _told(asked.host), _signed_in(asked, call, limits) as server:
            validity, following = _open(server, asked.mailbox)
            if asked.uid is None:
                listing = {"uidvalidity": validity, **_list(server, asked.after, following)}
                return 200, "application/json", json.dumps(listing).encode()
            if asked.validity not in (None, validity):
                return (
                    404,
                    "text/plain",
                    b"The mailbox was built anew; this number means another message now.",
                )
            return _message(server, asked.uid, limits.most_bytes)


class _Guarded(imaplib.IMAP4_SSL):
    """Connects to the very address that was checked, proves the name by TLS, and reads no more than it is allowed to."""

    def __init__(self, asked: Asked, limits: Limits) -> None:
        self._limits = limits
        super().__init__(
            asked.host, asked.port, ssl_context=ssl.create_default_context(), timeout=limits.seconds
        )

    def _create_socket(self, timeout: float | None) -> ssl.SSLSocket:
        plain = guard.connect(
            self.host, self.port, self._limits.allow_private, timeout or self._limits.seconds
        )
        try:
            wrapped: ssl.SSLSocket = self.ssl_context.wrap_socket(plain, server_hostname=self.host)
        except OSError:
            plain.close()
            raise
        return wrapped

    def read(self, size: int) -> bytes:
        """A server may announce any size, whatever it said of the message before. Raises TooLarge."""
        if size > self._limits.most_bytes:
            raise errors.TooLarge(
                Text(
                    "The mail server sends more than the crawler reads (crawl_max_bytes).",
                    "Почтовый сервер прислал больше, чем читает Отклик (crawl_max_bytes).",
                )
            )
        return bytes(super().read(size))


@contextmanager
def _signed_in(asked: Asked, call: Call, limits: Limits) -> Iterator[imaplib.IMAP4_SSL]:
    server = _Guarded(asked, limits)
    # The connection to a server that sends one byte a second is closed.
    watch = threading.Timer(LONGEST_WAITS * limits.seconds, _hang_up, [server])
    watch.daemon = True
    watch.start()
    try:
        _sign_in(server, call.headers.get("user", ""), call.headers.get("password", ""))
        yield server
    finally:
        watch.cancel()
        _hang_up(server)


def _hang_up(server: imaplib.IMAP4_SSL) -> None:
    try:
        server.shutdown()
    except OSError:
        return  # it has ended by itself meanwhile


def _sign_in(server: imaplib.IMAP4_SSL, user: str, password: str) -> None:
    """PLAIN takes letters of any language; the older command, which some servers have alone, does not."""
    proof = f"\0{user}\0{password}".encode()
    try:
        if "AUTH=PLAIN" in server.capabilities:
            server.authenticate("PLAIN", lambda _challenge: proof)
        else:
            server.login(user, password)
    except server.abort:
        raise
    except (server.error, UnicodeEncodeError) as error:
        raise errors.Unauthorized(
            Text(
                "The mail server does not accept the name and password.",
                "Почтовый сервер не принимает имя и пароль.",
            )
        ) from error


@contextmanager
def _told(host: str) -> Iterator[None]:
    """What goes wrong on the way, in one sentence that names no more than the host."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise errors.Insecure(
            Text(
                f"The certificate of {host} is not valid: {error.verify_message}.",
                f"Сертификат {host} недействителен: {error.verify_message}.",
            )
        ) from error
    except TimeoutError as error:
        raise errors.Unreachable(
            Text(f"{host} did not answer in time.", f"{host} не ответил вовремя.")
        ) from error
    except (imaplib.IMAP4.error, OSError) as error:
        raise errors.Unreachable(
            Text(
                f"{host} broke off, or does not speak IMAP over TLS.",
                f"{host} прервал связь или не поддерживает IMAP через TLS.",
            )
        ) from error


def _open(server: imaplib.IMAP4_SSL, mailbox: str) -> tuple[int, int]:
    """For reading only. The number that tells whether UIDs mean what they meant, and the UID that comes next."""
    if any(ord(char) < 32 or ord(char) > 126 for char in mailbox):
        raise errors.Unreadable(
            Text(
                "The name of the mailbox holds letters that IMAP writes in another way.",
                "В названии ящика есть буквы, которые IMAP пишет иначе.",
            )
        )
    quoted = '"' + mailbox.replace("\\", "\\\\").replace('"', '\\"') + '"'
    answer, _ = server.select(quoted, readonly=True)
    if answer != "OK":
        raise errors.NotFound(Text(f"There is no mailbox {mailbox}.", f"Ящика {mailbox} нет."))
    return _number(server, "UIDVALIDITY", 0), _number(server, "UIDNEXT", LARGEST_UID)


def _number(server: imaplib.IMAP4_SSL, name: str, otherwise: int) -> int:
    _, told = server.response(name)
    found = told[0] if told else None
    return int(found) if isinstance(found, bytes) and found.isdigit() and len(found) <= 10 else otherwise


def _list(server: imaplib.IMAP4_SSL, after: int, following: int) -> dict[str, object]:
    """UIDs behind that one, in their order, asked for in spans: the answer is one line, and a line has a limit."""
    uids: list[int] = []
    until = after
    for _span in range(MOST_SPANS):
        if until + 1 >= following or len(uids) > MOST_UIDS:
            break
        first, until = until + 1, min(until + SPAN, following - 1)
        answer, found = server.uid("SEARCH", f"UID {first}:{until}")
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
