"""Which hosts may see a source's secrets."""

from collections.abc import Collection
from urllib.parse import urlsplit

from channels.contract import Place


def may_see_secrets(url: str, hosts: Collection[str], place: Place) -> bool:
    """Whether `url` lies on one of the hosts (`name` or `name:port`) that a channel names for this place. Unencrypted only
    where a person gave an http:// address himself, as the place's or, of that very host, in a setting."""
    try:
        parts = urlsplit(url)
        name, port = (parts.hostname or "").rstrip(".").lower(), parts.port
    except ValueError:
        return False
    given = (place.url.lower().startswith("http://"), f"http://{parts.netloc}/".lower() in _addresses(place))
    if parts.scheme == "http" and not any(given):
        return False
    return bool(name) and any(_split(host) in ((name, None), (name, port)) for host in hosts)


def _addresses(place: Place) -> set[str]:
    return {
        f"{value.lower().rstrip('/').split('?')[0]}/"
        for value in place.settings.values()
        if isinstance(value, str)
    }


def _split(host: str) -> tuple[str, int | None]:
    try:
        parts = urlsplit(f"//{host.strip()}")
        return (parts.hostname or "").rstrip(".").lower(), parts.port
    except ValueError:
        return "", None
