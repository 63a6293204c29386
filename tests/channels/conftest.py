"""What channel tests share: saved pages, and a client that may visit loopback."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from channels import channel
from channels.contract import Page, Parsed, Place, Remark, Sighting

PAGES = Path(__file__).parents[1] / "pages"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def saved(kind: str, name: str, **changes: object) -> Page:
    """A saved page as the crawler would hand it over; `index.json` of its folder tells where it comes from."""
    facts = json.loads((PAGES / kind / "index.json").read_text())[name]
    page = Page(
        url=facts["url"],
        status=200,
        headers={"content-type": facts["content_type"]},
        body=(PAGES / kind / name).read_bytes(),
        role=facts.get("role", "start"),
        context=facts.get("context", {}),
        fetched_at=NOW,
    )
    return replace(page, **changes)


def page_of(
    body: str | bytes, url: str = "https://site.example/page", content_type: str = "text/html; charset=utf-8"
) -> Page:
    data = body if isinstance(body, bytes) else body.encode()
    return Page(url, 200, {"content-type": content_type}, data, fetched_at=NOW)


def parse(kind: str, page: Page, place: Place | None = None) -> list[Parsed]:
    return list(channel(kind).parse(place or Place(page.url), page))  # type: ignore[attr-defined]


def sightings(parts: list[Parsed]) -> list[Sighting]:
    return [part for part in parts if isinstance(part, Sighting)]


def remarks(parts: list[Parsed]) -> list[str]:
    return [part.text.en for part in parts if isinstance(part, Remark)]
