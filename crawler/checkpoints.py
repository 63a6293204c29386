"""[pure] Which pages need not be read again: those whose sightings, and those of all pages they led to, are stored.

Keeping a page's ETag any earlier would lose mentions: after a crash the page would come back as unchanged, and the
pages behind it would never be asked for. Neither Scrapy nor the database is seen here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True, eq=False)
class PageNode:
    """One page. `waits` counts its own storing and the pages it led to; `has_failed` that one of them failed."""

    url: str
    parent: "PageNode | None" = None
    number: int = 0
    etag: str | None = None
    last_modified: str | None = None
    cursor: dict[str, Any] = field(default_factory=dict)
    waits: int = 1
    has_failed: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """What may be written down now: validators of pages, and values for the cursor."""

    pages: tuple[tuple[str, str | None, str | None], ...] = ()
    cursor: Mapping[str, Any] = field(default_factory=dict)


class Checkpoints:
    """The tree of one crawl's pages."""

    def __init__(self) -> None:
        self._settled: list[PageNode] = []
        self._newest: dict[str, int] = {}
        self._count = 0

    def add(self, url: str, parent: PageNode | None = None) -> PageNode:
        if parent is not None:
            parent.waits += 1
        return PageNode(url, parent)

    def read(self, node: PageNode) -> None:
        """Numbers pages in the order in which they were read: of two values for one cursor the later one wins."""
        self._count += 1
        node.number = self._count

    def finish(self, node: PageNode) -> None:
        """The node's own sightings are stored, or it had none."""
        one: PageNode | None = node
        while one is not None:
            one.waits -= 1
            if one.waits:
                return
            if not one.has_failed:
                self._settled.append(one)
            elif one.parent is not None:
                one.parent.has_failed = True
            one = one.parent

    def fail(self, node: PageNode) -> None:
        node.has_failed = True
        self.finish(node)

    def take(self) -> Kept:
        """What has settled since the last call."""
        settled, self._settled = sorted(self._settled, key=lambda node: node.number), []
        cursor: dict[str, Any] = {}
        for node in settled:
            for name, value in node.cursor.items():
                if node.number >= self._newest.get(name, 0):
                    self._newest[name] = node.number
                    cursor[name] = value
        pages = tuple(
            (one.url, one.etag, one.last_modified) for one in settled if one.etag or one.last_modified
        )
        return Kept(pages, cursor)
