"""Another server in place of a channel's official one: a sandbox, a mirror, a Telegram server of one's own.

Channels write official addresses and look secrets up by them; the address changes where a request leaves, and is changed
back in what came, so that nothing kept depends on where it was read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from channels.contract import About


@dataclass(frozen=True, slots=True)
class Replacement:
    """`url` stands for each of the origins `official` (https://api.vk.com), with all paths below."""

    official: Sequence[str] = ()
    url: str = ""

    def outgoing(self, address: str) -> str:
        """The address to connect to; as it is, where nothing takes its place."""
        return self._begun_anew(address, self.official, self.url)

    def incoming(self, address: str) -> str:
        """The official address of what came from there. Several origins share a replacement: the first one is meant."""
        return self._begun_anew(address, (self.url,), self.official[0]) if self.official else address

    def _begun_anew(self, address: str, origins: Sequence[str], instead: str) -> str:
        if not self.url:
            return address
        for origin in origins:
            rest = address.removeprefix(origin)
            if rest != address and (not rest or rest[0] in "/?#"):
                return instead + rest
        return address


def replacement(about: About | None, api_urls: Mapping[str, str]) -> Replacement:
    """`api_urls`: kind -> base address (OTKLIK_API_URLS)."""
    if about is None or about.kind not in api_urls:
        return Replacement()
    return Replacement(tuple(about.api), api_urls[about.kind].rstrip("/"))
