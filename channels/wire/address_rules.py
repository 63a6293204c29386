"""Which addresses people may send us to: http(s) on the open internet, and nothing in our own networks."""

import ipaddress
import socket
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from channels.contract import Text

MAX_URL: Final = 2_000
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_BLOCKS: Final = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    # One cloud keeps the keys of its machines at an address that lies in a public block.
    "168.63.129.16/32",
    "::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/23",
    "2001:db8::/32",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
)
_FORBIDDEN: Final = tuple(ipaddress.ip_network(block) for block in _BLOCKS)
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_OWN_NAMES: Final = (".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa", ".corp", ".home")


def is_forbidden_ip(ip: str | Address) -> bool:
    """Whether an address lies in no public network, also when it is an IPv4 address written as IPv6."""
    try:
        address = ipaddress.ip_address(ip.split("%")[0]) if isinstance(ip, str) else ip
    except ValueError:
        return True
    if isinstance(address, ipaddress.IPv6Address):
        inner = _embedded(address)
        if inner is not None:
            return is_forbidden_ip(inner)
    outside = any(address in block for block in _FORBIDDEN if block.version == address.version)
    return outside or not address.is_global or address.is_multicast


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def literal_ip(host: str) -> Address | None:
    """The address that a host name is, in every notation that a resolver takes: 127.1, 0x7f.1, 2130706433."""
    try:
        return ipaddress.ip_address(host.strip("[]").split("%")[0])
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host.rstrip(".")))
    except (OSError, ValueError):
        return None


def refuse_reason(url: str, allow_private: bool, schemes: Sequence[str] = ("http", "https")) -> Text | None:
    """Why an address is not fetched, in one sentence; None when it may be. Asks no name server."""
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return Text("This is not a web address.", "Это не веб-адрес.")
    if len(url) > MAX_URL or any(ord(char) < 32 or ord(char) == 127 for char in url):
        return Text("This is not a web address.", "Это не веб-адрес.")
    if parts.scheme not in schemes:
        return Text(
            "Only addresses that begin with http:// or https:// are read.",
            "Читаются только адреса, которые начинаются с http:// или https://.",
        )
    if not host or port == 0:
        return Text("The address names no host.", "В адресе нет имени сайта.")
    if parts.username is not None or parts.password is not None:
        return Text(
            "The address holds a name or a password; give these as settings instead.",
            "В адресе есть имя или пароль: укажите их в настройках.",
        )
    return None if allow_private else _private_reason(host)


def _private_reason(host: str) -> Text | None:
    plain = _ascii(host)
    literal = literal_ip(plain)
    if literal is not None:
        said = Text(f"The address {host} is not in a public network.", f"Адрес {host} не в публичной сети.")
        return said if is_forbidden_ip(literal) else None
    name = plain.rstrip(".").lower()
    if name == "localhost" or name.endswith(_OWN_NAMES):
        return Text(f"The name {host} belongs to no public network.", f"Имя {host} не из публичной сети.")
    return None


def _ascii(host: str) -> str:
    """The name as a resolver sees it: full-width digits and dots become plain ones."""
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host
