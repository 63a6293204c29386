"""Windows of feeds, pages and tables as sites write them, and what the desk makes of them."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, settings

from channels.contract import Page
from desk.base import db
from desk.models import Mention
from desk.pipeline import arrivals
from desk.sources import sources
from tests.channels.conftest import page_of, parse, sightings
from tests.world.desk import World

DB = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=60
)
SAID = (
    "Чайник течёт, верните деньги.",
    "Утюг совсем холодный!",
    "Прекрасная доставка за час",
    "Fan makes a terrible noise",
    "Where is my order number 17?",
    "Курьер нагрубил мне вчера",
)


@dataclass(frozen=True)
class Entry:
    """One entry of a feed as its site writes it."""

    text: str
    guid: str = ""
    link: str = "https://shop.example/reviews"
    title: str = ""
    author: str = ""
    minute: int | None = None

    def xml(self) -> str:
        at = datetime(2026, 11, 16, 10, tzinfo=UTC) + timedelta(minutes=self.minute or 0)
        date = f"<pubDate>{at:%a, %d %b %Y %H:%M:%S} +0000</pubDate>" if self.minute is not None else ""
        parts = {"guid": self.guid, "link": self.link, "title": self.title, "dc:creator": self.author}
        tags = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in parts.items() if value)
        return f"<item>{tags}{date}<description>{escape(self.text)}</description></item>"


def feed(*entries: Entry) -> Page:
    body = "".join(entry.xml() for entry in entries)
    head = '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>T</title>'
    return page_of(f"{head}{body}</channel></rss>", "https://shop.example/feed", "application/rss+xml")


def reviews(*written: dict[str, Any]) -> Page:
    block = {"@context": "https://schema.org", "@type": "Product", "name": "Чайник", "review": list(written)}
    return page_of(
        f'<script type="application/ld+json">{json.dumps(block)}</script>', "https://shop.example/k2"
    )


def review(
    text: str = "", author: str = "", day: str = "2026-11-16", stars: int | None = None
) -> dict[str, Any]:
    node: dict[str, Any] = {"@type": "Review", "reviewBody": text, "datePublished": day}
    if author:
        node["author"] = {"@type": "Person", "name": author}
    if stars:
        node["reviewRating"] = {"@type": "Rating", "ratingValue": stars}
    return node


def texts(world: World) -> list[str]:
    with db.snapshot() as session:
        return sorted(session.scalars(sa.select(Mention.text)))


def crawl(world: World, kind: str, *pages: Page) -> list[arrivals.Recorded]:
    return [world.crawl(*sightings(parse(kind, page))) for page in pages]


def stored_after(world: World, kind: str, windows: Sequence[Page]) -> Counter[str]:
    """The texts of all mentions after these windows, each seen twice; nothing of it stays in the database."""
    with db.transaction() as session:
        source = sources.load(session, world.source_id)
        for page in windows:
            seen = sightings(parse(kind, page))
            arrivals.record(session, source, seen, world.now)
            assert arrivals.record(session, source, seen, world.now).new == 0
        found = Counter(session.scalars(sa.select(Mention.text)))
        session.rollback()
    return found
