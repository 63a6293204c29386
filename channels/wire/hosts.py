"""Which hosts may see a source's secrets."""

from collections.abc import Collection
from urllib.parse import urlsplit

from channels.contract import Place


def may_see_secrets(url: str, hosts: Collection[str], place: Place) -> bool:
    """Whether `url` lies on one of the hosts (`name` or `name:port`) that a channel names for this place. Unencrypted only
    where the person gave an http:// address himself."""
    try:
        parts = urlsplit(url)
        name, port = (parts.hostname or "").rstrip(".").lower(), parts.port
    except ValueError:
        return False
    if parts.scheme in ("http", "smtp") and not place.url.lower().startswith("http://"):
        return False
    return bool(name) and any(_split(host) in ((name, None), (name, port)) for host in hosts)


def _split(host: str) -> tuple[str, int | None]:
    try:
        parts = urlsplit(f"//{host.strip()}")
        return (parts.hostname or "").rstrip(".").lower(), parts.port
    except ValueError:
        return "", None
