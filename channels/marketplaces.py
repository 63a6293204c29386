"""What the channels of marketplaces have in common: a seller reads what is said of one shop, through the seller's own account."""

from collections.abc import Collection, Sequence
from urllib.parse import urlsplit

from channels.contract import About, Finding, Place, Text


class OfSellers:
    """What every channel of a seller's API does alike: its servers are the official ones, and sources of one account are
    read one after the other."""

    about: About

    def lane(self, place: Place) -> str:
        return f"{self.about.kind}#{place.account_id if place.account_id is not None else place.url}"

    def hosts(self, place: Place) -> Collection[str]:
        del place  # always the official ones
        return [urlsplit(origin).netloc for origin in self.about.api]


def finding(kind: str, title: Text, sites: Sequence[str], typed: str) -> Finding | None:
    """For an address on the marketplace's own site: its pages are not for crawlers, and its API is open to the seller alone.
    A source of the kind has no address, so its name stands for one."""
    try:
        host = (urlsplit(typed if "://" in typed else f"https://{typed}").hostname or "").removeprefix("www.")
    except ValueError:
        return None
    if "@" in typed or not any(host == site or host.endswith(f".{site}") for site in sites):
        return None
    return Finding(
        kind,
        f"{kind}:{title.en.casefold()}",
        title.en,
        Text(
            f"{title.en} gives reviews and questions to the seller, through the seller's own account.",
            f"{title.ru} отдаёт отзывы и вопросы самому продавцу, через его аккаунт.",
        ),
        0.9,
    )
