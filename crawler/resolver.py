"""Names are checked where they are resolved, so that the address checked is the address connected to."""

from typing import Any, Self

from scrapy.resolver import CachingHostnameResolver
from twisted.internet.interfaces import IAddress, IHostnameResolver, IHostResolution, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

from channels import errors
from channels.contract import Text
from channels.wire.address_rules import is_forbidden_ip

NAMES_KEPT = 1_000

_refused: set[str] = set()


def refusal(host: str) -> errors.Forbidden | None:
    """Why that name led nowhere, if it was this guard's doing."""
    return (
        errors.Forbidden(
            Text(f"The host {host} is not in a public network.", f"Узел {host} не в публичной сети.")
        )
        if host in _refused
        else None
    )


@implementer(IResolutionReceiver)
class _Sieve:
    """Lets all addresses of a name through, or none: a name with both kinds is a trick."""

    def __init__(self, receiver: Any, host: str) -> None:
        self._receiver = receiver
        self._host = host
        self._found: list[Any] = []

    def resolutionBegan(self, resolution: IHostResolution) -> None:  # noqa: N802
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: IAddress) -> None:  # noqa: N802
        self._found.append(address)

    def resolutionComplete(self) -> None:  # noqa: N802
        if any(is_forbidden_ip(address.host) for address in self._found):
            _refused.add(self._host)
        else:
            _refused.discard(self._host)
            for address in self._found:
                self._receiver.addressResolved(address)
        self._receiver.resolutionComplete()


@implementer(IHostnameResolver)
class GuardedResolver:
    """Scrapy's setting TWISTED_DNS_RESOLVER. Answers are kept while the process lives, as many sites close each
    connection; every use of one is checked again."""

    def __init__(self, reactor: Any, allow_private: bool) -> None:
        self._reactor = reactor
        self._plain = CachingHostnameResolver(reactor, NAMES_KEPT)
        self._allow_private = allow_private

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> Self:
        return cls(reactor, crawler.settings.getbool("ALLOW_PRIVATE_ADDRESSES"))

    def install_on_reactor(self) -> None:
        self._reactor.installNameResolver(self)

    def resolveHostName(self, resolutionReceiver: Any, hostName: str, *args: Any, **options: Any) -> Any:  # noqa: N802, N803
        receiver: Any = resolutionReceiver if self._allow_private else _Sieve(resolutionReceiver, hostName)
        return self._plain.resolveHostName(receiver, hostName, *args, **options)
