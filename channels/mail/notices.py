"""Letters by which review sites tell of a new review: read by the patterns of notices.toml into a review."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, Final

import lxml.etree
from lxml import html as lxml_html

from channels.mail.letters import Letter
from channels.reading import ratings, urls
from channels.reading import text as plain_text

TABLE: Final = Path(__file__).with_name("notices.toml")
MOST_READ: Final = 20_000
MOST_LINKS: Final = 300
_FLAGS: Final = re.IGNORECASE | re.MULTILINE
_NAMES: Final = ("rating", "author", "text", "place")
_ADDRESS: Final = re.compile(r"https?://[^\s<>\"'«»]+")
_ENDS: Final = ".,;:!?)]}»"


@dataclass(frozen=True, slots=True)
class Site:
    """A review site, and how its letters are told and read. `addresses`: who of its domain tells of reviews; empty: everybody."""

    name: str
    senders: tuple[str, ...]
    addresses: tuple[re.Pattern[str], ...]
    about: re.Pattern[str]
    link: re.Pattern[str]
    patterns: Mapping[str, tuple[re.Pattern[str], ...]]

    def sends_as(self, address: str) -> bool:
        domain = address.rpartition("@")[2]
        is_there = any(domain == one or domain.endswith(f".{one}") for one in self.senders)
        return is_there and (not self.addresses or any(one.fullmatch(address) for one in self.addresses))


@dataclass(frozen=True, slots=True)
class Review:
    """What a notice says of a review; nothing of it is guessed. `text` may be empty where it has stars alone."""

    text: str
    rating: float | None
    author: str
    place: str
    link: str | None


def site_of(letter: Letter) -> Site | None:
    """The site whose notice of a review this is, by its sender and by what it is about; None for any other letter."""
    found = next((one for one in _sites() if one.sends_as(letter.sender.address)), None)
    if found is None or not found.about.search(f"{letter.subject}\n{letter.whole[:MOST_READ]}"):
        return None
    return found


def read(site: Site, letter: Letter) -> Review | None:
    """None where the letter says neither words nor stars in a way that is known."""
    said = f"{letter.subject}\n{letter.whole[:MOST_READ]}"
    text = plain_text.clean(_first(site.patterns["text"], letter.whole[:MOST_READ]))
    rating = ratings.from_text(_first(site.patterns["rating"], said), best=5)
    if not text and rating is None:
        return None
    author = plain_text.line(_first(site.patterns["author"], said), 80)
    return Review(
        text,
        rating,
        author,
        plain_text.line(_first(site.patterns["place"], said), 120),
        link_in(site, letter),
    )


def link_in(site: Site, letter: Letter) -> str | None:
    """Where a person reads the review, or answers it."""
    for address in _addresses(letter):
        if site.link.fullmatch(address) and (found := urls.safe_url(address)):
            return found
    return None


def _first(patterns: Sequence[re.Pattern[str]], said: str) -> str:
    return next((found[1].strip() for one in patterns if (found := one.search(said))), "")


def _addresses(letter: Letter) -> Iterator[str]:
    for found in list(_ADDRESS.finditer(letter.whole))[:MOST_LINKS]:
        yield found[0].rstrip(_ENDS)
    if not letter.markup:
        return
    try:
        tree = lxml_html.document_fromstring(letter.markup[: plain_text.MAX_MARKUP].replace("\x00", ""))
    except (lxml.etree.LxmlError, ValueError, AssertionError, RecursionError):
        return
    links = (link.get("href") or "" for link in tree.iter("a"))
    yield from (address.strip() for address in islice(links, MOST_LINKS))


@cache
def _sites() -> tuple[Site, ...]:
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return tuple(_site(one, table["common"]) for one in table["site"])


def _site(one: Mapping[str, Any], common: Mapping[str, Any]) -> Site:
    return Site(
        one["name"],
        tuple(one["senders"]),
        tuple(re.compile(pattern, _FLAGS) for pattern in one.get("addresses", ())),
        re.compile(one.get("about", common["about"]), _FLAGS),
        re.compile(one["link"], _FLAGS),
        {
            name: tuple(re.compile(pattern, _FLAGS) for pattern in (*one.get(name, ()), *common[name]))
            for name in _NAMES
        },
    )
