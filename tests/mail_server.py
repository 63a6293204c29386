"""A real mail server on loopback, over TLS, with name and password, that keeps what it takes."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from threading import Event
from typing import Any, cast

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from pytest import MonkeyPatch

from tests.processes import free_port

USER, PASSWORD = "care@shop.example", "mail-pass-w0rd"


@dataclass
class MailServer:
    """`taken` are the messages, as (recipients, message). `mode`: take, refuse_recipient, refuse_message, later, cut (it is
    taken, and the connection breaks before the server says so). `hold` keeps a message and says nothing until `release`."""

    mode: str = "take"
    hold: bool = False
    address: str = ""
    taken: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    has_taken: Event = field(default_factory=Event)
    release: Event = field(default_factory=Event)

    async def handle_MAIL(
        self, server: Any, session: Any, envelope: Envelope, address: str, options: Any
    ) -> str:
        del server, options
        if not session.authenticated:
            return "530 5.7.0 Sign in first"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Envelope, address: str, options: Any
    ) -> str:
        del server, session, options
        if self.mode == "refuse_recipient":
            return "550 5.1.1 No such mailbox here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        del session
        if self.mode == "refuse_message":
            return "554 5.7.1 Looks like spam"
        if self.mode == "later":
            return "451 4.3.0 Try again later"
        message = message_from_bytes(cast(bytes, envelope.content), policy=policy.default)
        self.taken.append((list(envelope.rcpt_tos), cast(EmailMessage, message)))
        self.has_taken.set()
        if self.hold:
            await server.loop.run_in_executor(None, self.release.wait, 60)
        if self.mode == "cut":
            server.transport.abort()
        return "250 2.0.0 Queued as A1"

    def messages_with(self, reference: str) -> list[EmailMessage]:
        return [message for _to, message in self.taken if reference in str(message["message-id"])]


def _knows(_server: Any, _session: Any, _envelope: Any, mechanism: str, found: Any) -> AuthResult:
    del mechanism
    is_ours = isinstance(found, LoginPassword) and (found.login, found.password) == (
        USER.encode(),
        PASSWORD.encode(),
    )
    return AuthResult(success=is_ours, handled=False)


@contextmanager
def mail_server(
    folder: Path, monkeypatch: MonkeyPatch, *, scheme: str = "smtps", host: str = "127.0.0.1"
) -> Iterator[MailServer]:
    """Its authority is trusted by this process and its children, as one of an administrator's is: by SSL_CERT_FILE."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "authority.pem"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(host).configure_cert(context)
    kept = MailServer()
    if scheme == "smtps":
        tls: dict[str, Any] = {"ssl_context": context, "auth_require_tls": False}
    else:
        tls = {"tls_context": context, "require_starttls": True}
    controller = Controller(kept, hostname="127.0.0.1", port=free_port(), authenticator=_knows, **tls)
    controller.start()
    try:
        kept.address = f"{scheme}://127.0.0.1:{controller.port}"
        yield kept
    finally:
        kept.release.set()
        controller.stop()
