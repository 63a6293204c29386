"""The address guard: a client that connects only to addresses that were checked, redirects included.

A name is resolved once and the connection goes to the very address that was checked: a name server
that changes its answer in between gains nothing. TLS still proves the name.
"""

import socket
import ssl
import time
from collections.abc import Iterable
from functools import cache
from typing import Final

import httpcore
import httpx

from channels import errors
from channels.contract import Text
from channels.reading import packing
from channels.wire.address_rules import is_forbidden_ip, literal_ip, refuse_reason

__all__ = [
    "GuardedTransport",
    "connect",
    "guarded_client",
    "is_forbidden_ip",
    "read_limited",
    "refuse_reason",
    "resolve",
]

MAX_REDIRECTS: Final = 5
MAX_SECONDS: Final = 60.0


def resolve(host: str, port: int, allow_private: bool) -> list[str]:
    """The addresses of a host that may be connected to.

    Raises Forbidden when any of its addresses is not public: a name with both kinds is a trick.
    """
    literal = literal_ip(host)
    try:
        name = str(literal) if literal is not None else host
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(f"There is no host {host}.") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not allow_private and any(is_forbidden_ip(address) for address in addresses):
        raise errors.Forbidden(
            Text(f"The host {host} is not in a public network.", f"Узел {host} не в публичной сети.")
        )
    return addresses


def connect(host: str, port: int, allow_private: bool, timeout_seconds: float) -> socket.socket:
    """A connection for what speaks no HTTP. Raises Forbidden, or Unreachable."""
    try:
        addresses = resolve(host, port, allow_private)[:4]
    except httpcore.ConnectError as error:
        raise errors.Unreachable(Text(f"There is no host {host}.", f"Узла {host} нет.")) from error
    problem: OSError | None = None
    for address in addresses:
        try:
            return socket.create_connection((address, port), timeout_seconds)
        except OSError as error:
            problem = error
    raise errors.Unreachable(
        Text(f"{host} does not take the connection.", f"{host} не принимает соединение.")
    ) from problem


class _CheckedBackend(httpcore.NetworkBackend):
    def __init__(self, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        problem: Exception | None = None
        for address in resolve(host, port, self._allow_private)[:4]:
            try:
                return self._plain.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
        raise problem or httpcore.ConnectError(f"There is no host {host}.")

    # The base class knows no other way to connect than these: its Unix sockets are not implemented, and stay so.


@cache
def _trusting(verify: bool) -> ssl.SSLContext:
    """Read once a process: the certificates of all authorities are a big file."""
    return httpx.create_ssl_context(verify, trust_env=False)


class GuardedTransport(httpx.HTTPTransport):
    """httpx's own transport over a pool whose connections are checked. Uses no proxy from the environment."""

    def __init__(self, allow_private: bool, verify: ssl.SSLContext | bool = True) -> None:
        context = verify if isinstance(verify, ssl.SSLContext) else _trusting(verify)
        super().__init__(verify=context, trust_env=False)
        self._allow_private = allow_private
        self._pool = httpcore.ConnectionPool(
            ssl_context=context, network_backend=_CheckedBackend(allow_private)
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Each hop of a redirect comes through here as a request of its own."""
        if reason := refuse_reason(str(request.url), self._allow_private):
            raise errors.Forbidden(reason)
        return super().handle_request(request)


def guarded_client(
    allow_private: bool,
    user_agent: str,
    timeout: float | httpx.Timeout = 20.0,
    transport: GuardedTransport | None = None,
) -> httpx.Client:
    """A client for addresses from outside. It follows up to five redirects unless a request forbids it. Clients over one
    `transport` share its connections, and nothing else."""
    client = httpx.Client(
        transport=transport or GuardedTransport(allow_private),
        headers={"user-agent": user_agent, "accept-encoding": packing.ACCEPTED},
        timeout=timeout,
        follow_redirects=True,
        trust_env=False,
    )
    client.max_redirects = MAX_REDIRECTS
    return client


def read_limited(response: httpx.Response, max_bytes: int, max_seconds: float = MAX_SECONDS) -> bytes:
    """The unpacked body of a streamed response.

    Raises TooLarge as soon as it is longer, however it was packed, and httpx.ReadTimeout when it
    trickles in for longer than `max_seconds`, which the client's own timeouts do not see.
    """
    until = time.monotonic() + max_seconds
    announced = response.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:18]) > max_bytes:
        raise errors.TooLarge(
            Text(
                f"The answer is longer than {max_bytes // 1_000_000} MB.",
                f"Ответ длиннее {max_bytes // 1_000_000} МБ.",
            )
        )
    chunks: list[bytes] = []
    size = 0
    for chunk in response.iter_raw(65_536):
        size += len(chunk)
        if time.monotonic() > until:
            raise httpx.ReadTimeout("the answer takes too long", request=response.request)
        if size > max_bytes:
            raise errors.TooLarge(
                Text(
                    f"The answer is longer than {max_bytes // 1_000_000} MB.",
                    f"Ответ длиннее {max_bytes // 1_000_000} МБ.",
                )
            )
        chunks.append(chunk)
    return packing.unpack(b"".join(chunks), response.headers.get("content-encoding", ""), max_bytes)
