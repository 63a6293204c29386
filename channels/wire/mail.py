"""One message to one mail server, over TLS that was verified. It has left once the server asked for it and it was sent."""

import base64
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.utils import getaddresses
from typing import Final
from urllib.parse import urlsplit

from channels import errors
from channels.contract import Text
from channels.reading import text as plain_text
from channels.wire import guard

LONGEST_SECONDS: Final = 60.0
"""The connection to a server that sends one byte a second is closed."""
MOST_RECIPIENTS: Final = 50
_PORTS: Final = {"smtps": 465, "smtp+starttls": 587}
_LATER: Final = (421, 450, 451, 452, 454)


@dataclass(frozen=True, slots=True)
class Login:
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class _Server:
    scheme: str
    host: str
    port: int


def deliver(
    server: str, message: bytes, recipients: Sequence[str], login: Login, allow_private: bool, timeout: float
) -> str:
    """The server's word. The sender is who the message says it is from.

    Raises Refused, Unauthorized, RateLimited, Unreachable, Insecure or Forbidden when the server surely did not take it,
    and Unknown when it cannot be told.
    """
    found, sender = _server(server), _sender(message)
    _demand_addresses([sender, *recipients])
    with _connected(found, sender, allow_private, timeout) as smtp:
        try:
            _introduce(smtp, found, login)
            _announce(smtp, sender, recipients, len(message))
        except (smtplib.SMTPException, OSError) as error:
            raise _surely_not(error) from error
        return _hand_over(smtp, message)


def sign_in(server: str, sender: str, login: Login, allow_private: bool, timeout: float) -> None:
    """Proves name and password and leaves; nothing is sent. Raises what `deliver` raises before it hands anything over."""
    with _connected(_server(server), sender, allow_private, timeout) as smtp:
        try:
            _introduce(smtp, _server(server), login)
        except (smtplib.SMTPException, OSError) as error:
            raise _surely_not(error) from error


def is_server(address: str) -> bool:
    """Whether an address is that of a mail server: smtps://host:port, or smtp+starttls://host:port."""
    return address.partition("://")[0] in _PORTS


def _server(address: str) -> _Server:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    if parts.scheme not in _PORTS or not host or port == 0 or parts.username or parts.password:
        raise errors.Refused(
            Text(
                "The mail server must be written as smtps://host:port or smtp+starttls://host:port; nothing was sent.",
                "Почтовый сервер указывается как smtps://узел:порт или smtp+starttls://узел:порт; ничего не отправлено.",
            )
        )
    return _Server(parts.scheme, host, port or _PORTS[parts.scheme])


def _sender(message: bytes) -> str:
    head = message_from_bytes(message, policy=policy.default)
    found = getaddresses([str(head.get("sender") or head.get("from") or "")])
    return found[0][1] if found else ""


def _demand_addresses(addresses: Sequence[str]) -> None:
    """What is no address could be a command to the server."""
    if not 2 <= len(addresses) <= MOST_RECIPIENTS + 1:
        raise errors.Refused(
            Text(
                "The message has no recipient, or too many; nothing was sent.",
                "У письма нет получателя или их слишком много; ничего не отправлено.",
            )
        )
    for address in addresses:
        name, at, host = address.rpartition("@")
        is_clean = address.isascii() and address.isprintable() and not set(address) & set(' <>,;"\\')
        if not (name and at and host and is_clean and len(address) <= 254):
            raise errors.Refused(
                Text(
                    f"“{address[:80]}” is not a mail address; nothing was sent.",
                    f"«{address[:80]}» — не почтовый адрес; ничего не отправлено.",
                )
            )


class _Line(smtplib.SMTP):
    """smtplib would resolve the name again: it is given the connection to the address that was checked. The name stays
    what the certificate is compared with."""

    def __init__(self, sock: socket.socket, host: str, own_name: str, timeout: float) -> None:
        super().__init__(local_hostname=own_name, timeout=timeout)
        self.sock, self._host = sock, host


@contextmanager
def _connected(server: _Server, sender: str, allow_private: bool, timeout: float) -> Iterator[smtplib.SMTP]:
    context = ssl.create_default_context()
    plain = guard.connect(server.host, server.port, allow_private, timeout)
    try:
        is_wrapped = server.scheme == "smtps"
        line = context.wrap_socket(plain, server_hostname=server.host) if is_wrapped else plain
    except OSError as error:
        plain.close()
        raise _surely_not(error) from error
    smtp = _Line(line, server.host, sender.rpartition("@")[2], timeout)
    watch = threading.Timer(LONGEST_SECONDS, _hang_up, [line])
    watch.daemon = True
    watch.start()
    try:
        yield smtp
    finally:
        watch.cancel()
        smtp.close()


def _hang_up(line: socket.socket) -> None:
    try:
        line.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it has ended by itself meanwhile


def _introduce(smtp: smtplib.SMTP, server: _Server, login: Login) -> None:
    code, words = smtp.getreply()
    if code != 220:
        raise smtplib.SMTPResponseException(code, words)
    smtp.ehlo_or_helo_if_needed()
    if server.scheme == "smtp+starttls":
        smtp.starttls(context=ssl.create_default_context())
        smtp.ehlo_or_helo_if_needed()
    if login.user or login.password:
        _sign_in(smtp, login)


def _sign_in(smtp: smtplib.SMTP, login: Login) -> None:
    """The library signs in with letters of ASCII alone; others go by PLAIN, which takes letters of any language."""
    if f"{login.user}{login.password}".isascii():
        smtp.login(login.user, login.password)
        return
    proof = base64.b64encode(f"\0{login.user}\0{login.password}".encode()).decode("ascii")
    _expect(smtp.docmd("AUTH", f"PLAIN {proof}"), 235)


def _announce(smtp: smtplib.SMTP, sender: str, recipients: Sequence[str], size: int) -> None:
    """Who sends what to whom. One recipient that is refused stops it for all."""
    most = smtp.esmtp_features.get("size", "")
    if most.isdecimal() and 0 < int(most[:12]) < size:
        raise errors.Refused(
            Text(
                f"The mail server takes at most {int(most[:12]):,} bytes; nothing was sent.",
                f"Почтовый сервер принимает не больше {int(most[:12])} байт; ничего не отправлено.",
            )
        )
    _expect(smtp.mail(sender), 250)
    for recipient in recipients:
        _expect(smtp.rcpt(recipient), 250, 251)
    _expect(smtp.docmd("DATA"), 354)


def _expect(reply: tuple[int, bytes], *codes: int) -> None:
    if reply[0] not in codes:
        raise smtplib.SMTPResponseException(*reply)


def _hand_over(smtp: smtplib.SMTP, message: bytes) -> str:
    """From here on only the server's own word tells whether it took the message."""
    lines = b"\r\n".join(message.splitlines())
    quoted = lines.replace(b"\r\n.", b"\r\n..")
    quoted = b"." + quoted if quoted.startswith(b".") else quoted
    try:
        smtp.send(quoted + b"\r\n.\r\n")
        code, words = smtp.getreply()
    except (smtplib.SMTPException, OSError) as error:
        raise errors.Unknown(
            Text(
                "The mail server did not say whether it took the message.",
                "Почтовый сервер не сообщил, принял ли он письмо.",
            )
        ) from error
    if code != 250:
        raise _refusal(code, words)
    return _said(words)


def _said(words: bytes | str) -> str:
    return plain_text.line(words.decode("utf-8", "replace") if isinstance(words, bytes) else words, 300)


def _refusal(code: int, words: bytes | str) -> errors.ChannelError:
    said = Text(
        f" The mail server says: {code} {_said(words)}", f" Ответ почтового сервера: {code} {_said(words)}"
    )
    if code in (530, 534, 535, 538):
        return errors.Unauthorized(
            Text(
                "The mail server did not accept the name and password.",
                "Почтовый сервер не принял имя и пароль.",
            )
            + said
        )
    if code in _LATER:
        return errors.RateLimited(
            Text(
                "The mail server asks to try again later; nothing was sent.",
                "Почтовый сервер просит повторить позже; ничего не отправлено.",
            )
            + said
        )
    if code >= 400:
        return errors.Refused(
            Text("The mail server did not take the message.", "Почтовый сервер не принял письмо.") + said
        )
    return errors.Unreachable(
        Text(
            "The mail server answered out of turn; nothing was sent.",
            "Почтовый сервер нарушил порядок обмена; ничего не отправлено.",
        )
        + said
    )


def _surely_not(error: Exception) -> errors.ChannelError:
    """What an error means before the message itself was sent."""
    match error:
        case smtplib.SMTPResponseException():
            return _refusal(error.smtp_code, error.smtp_error)
        case smtplib.SMTPNotSupportedError():
            return errors.Refused(
                Text(
                    "The mail server offers no TLS or no sign-in; nothing was sent.",
                    "Почтовый сервер не предлагает TLS или вход; ничего не отправлено.",
                )
            )
        case ssl.SSLCertVerificationError():
            return errors.Insecure(
                Text(
                    f"The mail server's certificate is not valid: {error.verify_message}; nothing was sent.",
                    f"Сертификат почтового сервера недействителен: {error.verify_message}; ничего не отправлено.",
                )
            )
        case ssl.SSLError():
            return errors.Unreachable(
                Text(
                    "The mail server does not speak TLS at this port; nothing was sent.",
                    "Почтовый сервер на этом порту не использует TLS; ничего не отправлено.",
                )
            )
        case TimeoutError():
            return errors.Unreachable(
                Text(
                    "The mail server did not answer in time; nothing was sent.",
                    "Почтовый сервер не ответил вовремя; ничего не отправлено.",
                )
            )
    return errors.Unreachable(
        Text(
            "The mail server broke off before the message; nothing was sent.",
            "Почтовый сервер прервал соединение до письма; ничего не отправлено.",
        )
    )
