"""Which entries of a feed belong to one conversation: by Atom's in-reply-to, else by the page they stand on."""

import re
from dataclasses import dataclass
from typing import Any, Final

from channels.reading import text as plain_text
from channels.reading import topics, urls
from channels.rss import values

MAX_DEPTH: Final = 50
_ANSWER = re.compile(r"^(?:.{1,80} • )?(?:(?:re|aw|antw|отв|ответ)\s*:\s*)+|^.{1,80} • ", re.IGNORECASE)
"""“Re:” in its languages, behind the name of the board that phpBB writes in front."""


@dataclass(frozen=True, slots=True)
class Talk:
    thread: str | None
    title: str
    parent: str | None
    is_comment: bool


class Conversations:
    """Knows all entries of one feed, so that an answer finds the entry it answers."""

    def __init__(self, entries: list[Any], base: str) -> None:
        self.base = base
        self.by_id = {str(entry.get("id")): entry for entry in entries if entry.get("id")}

    def of(self, entry: Any) -> Talk:
        parent, page_of_parent = self._answers(entry)
        root = self._root(entry)
        place = urls.safe_url(root.get("link"), self.base)
        above, page_above = self._answers(root)
        if above:
            place = urls.safe_url(page_above, self.base) or place
        title = _ANSWER.sub("", values.title(root))
        thread = self._topic(place, title) if place else above or parent
        own = urls.safe_url(entry.get("link"), self.base) or ""
        is_comment = "#comment" in own or bool(page_of_parent)
        return Talk(thread, title, parent, is_comment)

    def _topic(self, place: str, title: str) -> str:
        """By the address; by the title where a forum's addresses name the post alone."""
        if title and topics.is_of_unknown_topic(place):
            return f"topic:{plain_text.fingerprint(*urls.origin(place)[:1], title.casefold())}"
        return topics.topic_of(place)

    def _root(self, entry: Any) -> Any:
        seen: set[str] = set()
        for _ in range(MAX_DEPTH):
            parent, _page = self._answers(entry)
            if not parent or parent in seen or parent not in self.by_id:
                break
            seen.add(parent)
            entry = self.by_id[parent]
        return entry

    def _answers(self, entry: Any) -> tuple[str | None, str | None]:
        """The id of what an entry answers and the page of that, by RFC 4685."""
        found = entry.get("thr_in-reply-to")
        if not isinstance(found, dict):
            return None, None
        ref, href = found.get("ref"), found.get("href")
        return (self._id(str(ref)) if ref else None), (str(href) if href else None)

    def _id(self, ref: str) -> str:
        """Feedparser makes relative ids absolute, but not the references to them."""
        absolute = urls.safe_url(ref, self.base) or ref
        known = ref if ref in self.by_id or absolute not in self.by_id else absolute
        return plain_text.key(known)
