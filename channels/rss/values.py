"""Values of one feed entry, out of what feedparser makes of it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from channels.contract import AuthorSeen, Text
from channels.identity import Thing
from channels.reading import dates, ratings, urls
from channels.reading import text as plain_text


def word(values: Mapping[str, Any], key: str) -> str:
    # dict.get and not the mapping's own: that one answers a missing `updated` with `published`, and warns.
    value = dict.get(values, key) if isinstance(values, dict) else None
    return value if isinstance(value, str) else ""


def thing(entry: Any, base: str) -> Thing:
    """What tells an entry from others. The ids are what earlier versions made of it."""
    own, link, published = word(entry, "id").strip(), word(entry, "link"), word(entry, "published")
    if is_store_review(entry):
        # Feedparser takes a bare number for an address relative to the feed's.
        return Thing(own.rsplit("/", 1)[-1], is_trusted=True, earlier=[plain_text.key(own)])
    said, called, by = text(entry), title(entry), author(entry, base)
    made = plain_text.fingerprint(word(entry, "title"), published, said[:200])
    earlier = [plain_text.key(each) for each in (own, link) if each]
    return Thing(own, link, "", by.name if by else "", published, called, said, earlier=(*earlier, made))


def is_store_review(entry: Any) -> bool:
    return bool(word(entry, "im_rating"))


def is_item_itself(entry: Any) -> bool:
    """The first entry of a store's feed of reviews is what is reviewed."""
    return bool(word(entry, "im_name") or word(entry, "im_artist")) and not is_store_review(entry)


def link(entry: Any, base: str) -> str | None:
    """Its own address; for a review in a store, whose number feedparser takes for one, the address that stands beside it."""
    if is_store_review(entry):
        return next((urls.safe_url(word(each, "href")) for each in entry.get("links") or []), None)
    return urls.safe_url(word(entry, "link"), base)


def text(entry: Any) -> str:
    contents = [part for part in entry.get("content") or [] if isinstance(part.get("value"), str)]
    # The App Store draws its reviews a second time, as tables.
    wanted = "plain" if is_store_review(entry) else "html"
    contents.sort(key=lambda part: wanted not in str(part.get("type")))
    for part in [*contents, entry.get("summary_detail") or {}]:
        text = plain_of(part)
        if text:
            return text
    return plain_of(entry.get("title_detail") or {})


def plain_of(detail: Mapping[str, Any]) -> str:
    value = str(detail.get("value") or "")
    return (
        plain_text.clean(plain_text.unescaped(value))
        if detail.get("type") == "text/plain"
        else plain_text.from_html(value)
    )


def title(entry: Any) -> str:
    return " ".join(plain_of(entry.get("title_detail") or {})[: plain_text.MAX_NAME * 2].split())[
        : plain_text.MAX_NAME
    ]


def author(entry: Any, base: str) -> AuthorSeen | None:
    detail = entry.get("author_detail") or {}
    name = plain_text.line(word(detail, "name") or word(entry, "author"))
    url = urls.safe_url(word(detail, "href"), base)
    return AuthorSeen(name=name, external_id=plain_text.key(url or name), url=url) if name else None


def rating(entry: Any) -> tuple[float | None, Text | None]:
    """The stars of an entry on the scale 1..5, as feeds of app stores and reviews give them, and a complaint."""
    found = next(
        (value for name in ("im_rating", "rating", "review_rating") if (value := word(entry, name))), ""
    )
    stars = ratings.from_text(found)
    is_unread = stars is None and not ratings.means_none(found)
    return (
        stars,
        Text(
            f"its rating “{plain_text.line(found, 60)}” cannot be read for certain.",
            f"оценку «{plain_text.line(found, 60)}» не удалось понять однозначно.",
        )
        if is_unread
        else None,
    )


def language(entry: Any) -> str | None:
    details = [*(entry.get("content") or []), entry.get("summary_detail") or {}]
    return next((tag for part in details if (tag := plain_text.language_tag(part.get("language")))), None)


def moments(
    entry: Any, now: datetime | None, is_day_first: bool | None
) -> tuple[datetime | None, datetime | None, Text | None]:
    """When it was published and edited, and a complaint about a date that is not known.

    Read from the text alone: what feedparser makes of it would take 03/04 for a day without being sure.
    """
    published_text, updated_text = word(entry, "published"), word(entry, "updated")
    published = dates.read(published_text, now, is_day_first=is_day_first)
    updated = dates.read(updated_text, now, is_day_first=is_day_first)
    bad = [
        text for text, moment in ((published_text, published), (updated_text, updated)) if text and not moment
    ]
    remark = _left_out(bad[0], now, is_day_first) if bad else None
    if published is None:
        return (None if published_text else updated), None, remark
    return published, (updated if updated and updated > published else None), remark


def _left_out(date: str, now: datetime | None, is_day_first: bool | None) -> Text:
    why, shown = dates.complaint(date, now, is_day_first=is_day_first), plain_text.line(date, 60)
    return Text(f"its date “{shown}” {why.en} and is left out.", f"дата «{shown}» {why.ru} и не учтена.")


def day_order(entries: Iterable[Any], now: datetime | None, language: str | None) -> bool | None:
    written = (word(entry, name) for entry in entries for name in ("published", "updated"))
    return dates.day_order(written, now, language)
