"""[pure] Which pages need not be read again: those whose sightings, and those of all pages they led to, are stored.

Keeping a page's ETag any earlier would lose mentions: after a crash the page would come back as unchanged, and the
pages behind it would never be asked for. Neither Scrapy nor the database is seen here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True, eq=False)
class Branch:
    """One page. `waits` counts its own storing and the pages it led to; `is_spoiled` that one of them failed."""

    url: str
    parent: "Branch | None" = None
    number: int = 0
    etag: str | None = None
    last_modified: str | None = None
    cursor: dict[str, Any] = field(default_factory=dict)
    waits: int = 1
    is_spoiled: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """What may be written down now: validators of pages, and values for the cursor."""

    pages: tuple[tuple[str, str | None, str | None], ...] = ()
    cursor: Mapping[str, Any] = field(default_factory=dict)


class Trail:
    """The tree of one crawl's pages."""

    def __init__(self) -> None:
        self._settled: list[Branch] = []
        self._newest: dict[str, int] = {}
        self._count = 0

    def grow(self, url: str, parent: Branch | None = None) -> Branch:
        if parent is not None:
            parent.waits += 1
        return Branch(url, parent)

    def read(self, branch: Branch) -> None:
        """Numbers pages in the order in which they were read: of two values for one cursor the later one wins."""
        self._count += 1
        branch.number = self._count

    def finish(self, branch: Branch) -> None:
        """The branch's own sightings are stored, or it had none."""
        node: Branch | None = branch
        while node is not None:
            node.waits -= 1
            if node.waits:
                return
            if not node.is_spoiled:
                self._settled.append(node)
            elif node.parent is not None:
                node.parent.is_spoiled = True
            node = node.parent

    def spoil(self, branch: Branch) -> None:
        branch.is_spoiled = True
        self.finish(branch)

    def take(self) -> Kept:
        """What has settled since the last call."""
        settled, self._settled = sorted(self._settled, key=lambda branch: branch.number), []
        cursor: dict[str, Any] = {}
        for branch in settled:
            for name, value in branch.cursor.items():
                if branch.number >= self._newest.get(name, 0):
                    self._newest[name] = branch.number
                    cursor[name] = value
        pages = tuple((b.url, b.etag, b.last_modified) for b in settled if b.etag or b.last_modified)
        return Kept(pages, cursor)
