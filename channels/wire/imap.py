"""One connection to a mail server, signed in once and asked for one thing after another. imaplib waits, so a crawl runs this
on threads; the address guard checks where it connects."""

import imaplib
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, TypeVar
from urllib.parse import unquote, urlsplit

from channels import errors
from channels.contract import Text
from channels.wire import guard

USUAL_PORT: Final = 993
LONGEST_WAITS: Final = 3
"""One request lasts so many times as long as the server may take for one answer."""
LONGEST_SECONDS: Final = 240.0
"""An older connection is given back and another one made: servers, and what stands between, grow tired of old ones."""
LARGEST_UID: Final = 2**32
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limits:
    seconds: float
    most_bytes: int
    allow_private: bool


@dataclass(frozen=True, slots=True)
class Login:
    host: str
    port: int
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Opened:
    """A mailbox that is open for reading. `validity` tells whether UIDs mean what they meant, `following` is the UID that comes
    next."""

    name: str
    server: imaplib.IMAP4_SSL
    validity: int
    following: int


class MailSession:
    """For the time of one crawl. `clock` is that of time.monotonic."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._server: _Guarded | None = None
        self._login: Login | None = None
        self._opened: Opened | None = None
        self._begun = 0.0

    def read(
        self, login: Login, limits: Limits, mailbox: str, act: Callable[[Opened], T], *, is_fresh: bool
    ) -> T:
        """What `act` makes of the mailbox. `is_fresh`: it is opened anew, to see what has come. A connection that was kept and
        turns out to be broken is replaced once, because all that is asked here only reads. Raises ChannelError."""
        with self._lock, _told(login.host):
            if self._is_kept(login, limits):
                try:
                    return self._ask(limits, mailbox, act, is_fresh=is_fresh)
                except (imaplib.IMAP4.abort, OSError):
                    self._close()
            self._close()
            self._sign_in(login, limits)
            return self._ask(limits, mailbox, act, is_fresh=is_fresh)

    def close(self) -> None:
        with self._lock:
            self._close()

    def _is_kept(self, login: Login, limits: Limits) -> bool:
        if self._server is None or self._login != login:
            return False
        self._server.allow(limits)
        return self._clock() - self._begun < LONGEST_SECONDS

    def _sign_in(self, login: Login, limits: Limits) -> None:
        server = _Guarded(login, limits)
        self._server, self._login, self._begun = server, login, self._clock()
        with self._watched(server, limits):
            _sign_in(server, login.user, login.password)

    def _ask(self, limits: Limits, mailbox: str, act: Callable[[Opened], T], *, is_fresh: bool) -> T:
        server = self._server
        assert server is not None
        with self._watched(server, limits):
            if is_fresh or self._opened is None or self._opened.name != mailbox:
                self._opened = _open(server, mailbox)
            return act(self._opened)

    @contextmanager
    def _watched(self, server: "_Guarded", limits: Limits) -> Iterator[None]:
        """The connection to a server that sends one byte a second is closed. After anything that went wrong nobody knows what else it is
        about to say, so the connection is not used again."""
        watch = threading.Timer(LONGEST_WAITS * limits.seconds, _hang_up, [server])
        watch.daemon = True
        watch.start()
        is_over = False
        try:
            yield
            is_over = True
        finally:
            watch.cancel()
            if not is_over:
                self._close()

    def _close(self) -> None:
        if self._server is not None:
            _hang_up(self._server)
        self._server = self._login = self._opened = None


def is_server(address: str) -> bool:
    """Whether an address is that of a mailbox: imaps://host[:port]/MAILBOX."""
    return address.startswith("imaps://")


def look_into(address: str, user: str, password: str, limits: Limits) -> None:
    """Signs in, opens the mailbox that the address names for reading, and leaves. Raises ChannelError."""
    try:
        parts = urlsplit(address)
        login = Login(parts.hostname or "", parts.port or USUAL_PORT, user, password)
    except ValueError as error:
        raise errors.Unreadable(
            Text("This is not the address of a mailbox.", "Это не адрес почтового ящика.")
        ) from error
    session = MailSession()
    try:
        session.read(login, limits, unquote(parts.path[1:]), lambda _opened: None, is_fresh=True)
    finally:
        session.close()


class _Guarded(imaplib.IMAP4_SSL):
    """Connects to the very address that was checked, proves the name by TLS, and reads no more than it is allowed to."""

    def __init__(self, login: Login, limits: Limits) -> None:
        self._limits = limits
        super().__init__(
            login.host, login.port, ssl_context=ssl.create_default_context(), timeout=limits.seconds
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

    def allow(self, limits: Limits) -> None:
        """What holds for the next request."""
        self._limits = limits
        self.sock.settimeout(limits.seconds)

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


def _open(server: imaplib.IMAP4_SSL, mailbox: str) -> Opened:
    """For reading only."""
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
    validity, following = _number(server, "UIDVALIDITY", 0), _number(server, "UIDNEXT", LARGEST_UID)
    return Opened(mailbox, server, validity, following)


def _number(server: imaplib.IMAP4_SSL, name: str, otherwise: int) -> int:
    _, told = server.response(name)
    found = told[0] if told else None
    return int(found) if isinstance(found, bytes) and found.isdigit() and len(found) <= 10 else otherwise
