"""Values of one feed entry, out of what feedparser makes of it."""

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from channels import links, plain, ratings, times
from channels.contract import AuthorSeen


def word(values: Mapping[str, Any], key: str) -> str:
    # dict.get and not the mapping's own: that one answers a missing `updated` with `published`, and warns.
    value = dict.get(values, key) if isinstance(values, dict) else None
    return value if isinstance(value, str) else ""


def text(entry: Any) -> str:
    contents = [part for part in entry.get("content") or [] if isinstance(part.get("value"), str)]
    contents.sort(key=lambda part: "html" not in str(part.get("type")))
    for part in [*contents, entry.get("summary_detail") or {}]:
        text = plain_of(part)
        if text:
            return text
    return plain_of(entry.get("title_detail") or {})


def plain_of(detail: Mapping[str, Any]) -> str:
    value = str(detail.get("value") or "")
    return (
        plain.clean(plain.unescaped(value)) if detail.get("type") == "text/plain" else plain.from_html(value)
    )


def title(entry: Any) -> str:
    return " ".join(plain_of(entry.get("title_detail") or {})[: plain.MAX_NAME * 2].split())[: plain.MAX_NAME]


def author(entry: Any, base: str) -> AuthorSeen | None:
    detail = entry.get("author_detail") or {}
    name = plain.line(word(detail, "name") or word(entry, "author"))
    url = links.safe_url(word(detail, "href"), base)
    return AuthorSeen(name=name, external_id=plain.key(url or name), url=url) if name else None


def rating(entry: Any) -> tuple[float | None, str]:
    """The stars of an entry on the scale 1..5, as feeds of app stores and reviews give them, and a complaint."""
    found = next(
        (value for name in ("im_rating", "rating", "review_rating") if (value := word(entry, name))), ""
    )
    stars = ratings.from_text(found)
    is_unread = stars is None and not ratings.means_none(found)
    return stars, f"its rating “{plain.line(found, 60)}” cannot be read for certain." if is_unread else ""


def language(entry: Any) -> str | None:
    details = [*(entry.get("content") or []), entry.get("summary_detail") or {}]
    return next((tag for part in details if (tag := plain.language_tag(part.get("language")))), None)


def moments(entry: Any, now: datetime | None) -> tuple[datetime | None, datetime | None, str]:
    """When it was published and edited, and a complaint about a date that cannot be true."""
    published_text, updated_text = word(entry, "published"), word(entry, "updated")
    published = _moment(dict.get(entry, "published_parsed"), published_text, now)
    updated = _moment(dict.get(entry, "updated_parsed"), updated_text, now)
    bad = [
        text for text, moment in ((published_text, published), (updated_text, updated)) if text and not moment
    ]
    remark = f"its date “{plain.line(bad[0], 60)}” cannot be true and is left out." if bad else ""
    if published is None:
        return (None if published_text else updated), None, remark
    return published, (updated if updated and updated > published else None), remark


def _moment(parts: time.struct_time | None, text: str, now: datetime | None) -> datetime | None:
    if times.names_year_one(text):
        return None
    return times.from_struct(parts, now) if parts else times.read(text, now)
