"""What WordPress shows as a comment, read into a sighting: its words, who wrote it, and when."""

import math
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo

from channels.contract import AuthorSeen, Page, Parsed, Remark, Sighting, Text
from channels.reading import dates, urls
from channels.reading import text as plain_text
from channels.wordpress import api

_FURTHEST: Final = 14.0


def read(
    comments: Sequence[Mapping[str, Any]], root: str, own: AbstractSet[int], page: Page, clock: "Clock"
) -> Iterator[Parsed]:
    """`own` are the numbers of the users who write for the brand."""
    unsure = 0
    for comment in comments:
        try:
            for part in _read_one(comment, root, own, page, clock):
                unsure += isinstance(part, Sighting) and not clock.is_sure(comment)
                yield part
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            yield Remark(
                Text(
                    f"Comment {plain_text.line(str(comment.get('id')), 40)} could not be read ({type(error).__name__}).",
                    f"Комментарий {plain_text.line(str(comment.get('id')), 40)} не прочитан ({type(error).__name__}).",
                )
            )
    if unsure:
        yield Remark(
            Text(
                f"The site gives its own time for {unsure} comments and not its time zone; it was taken as UTC.",
                f"Время комментариев ({unsure}) указано без часового пояса; оно принято за UTC.",
            )
        )


def _read_one(
    comment: Mapping[str, Any], root: str, own: AbstractSet[int], page: Page, clock: "Clock"
) -> Iterator[Parsed]:
    number, post = api.number(comment.get("id")), api.number(comment.get("post"))
    if not number or comment.get("status", "approved") != "approved":
        return
    text, was_cut = plain_text.shorten(api.text_of(comment))
    if was_cut:
        yield Remark(
            Text(
                f"Comment {number} was longer than {plain_text.MAX_TEXT} characters and was cut.",
                f"Комментарий {number} был длиннее {plain_text.MAX_TEXT} знаков и обрезан.",
            )
        )
    url = urls.safe_url(comment.get("link"), page.url) or f"{api.thread_of(root, post)}#comment-{number}"
    yield Sighting(
        external_id=str(number),
        url=url,
        text=text,
        kind="comment",
        author=_author(comment),
        published_at=clock.moment(comment),
        thread=api.thread_of(root, post),
        thread_title=_post_title(comment),
        parent=str(api.number(comment.get("parent"))) if api.number(comment.get("parent")) else None,
        is_by_brand=_is_by_brand(comment, own),
    )


def _is_by_brand(comment: Mapping[str, Any], own: AbstractSet[int]) -> bool | None:
    """By the user's number. A guest has none, and types any name he likes. Of the site's users, who may be ours and may
    not, the name alone can tell while nobody has told us a number of ours."""
    user = api.number(comment.get("author"))
    return user in own if own or not user else None


def _author(comment: Mapping[str, Any]) -> AuthorSeen | None:
    name = plain_text.line(str(comment.get("author_name") or ""))
    user = api.number(comment.get("author"))
    if not name and not user:
        return None
    url = urls.safe_url(comment.get("author_url"))
    return AuthorSeen(name or f"user {user}", f"user:{user}" if user else name, url)


def _post_title(comment: Mapping[str, Any]) -> str:
    embedded = comment.get("_embedded")
    posts = embedded.get("up") if isinstance(embedded, Mapping) else None
    title = (
        posts[0].get("title") if isinstance(posts, list) and posts and isinstance(posts[0], dict) else None
    )
    return plain_text.line(str(title.get("rendered") or "")) if isinstance(title, dict) else ""


def written_in_utc(comment: Mapping[str, Any], now: datetime | None) -> datetime | None:
    """`date_gmt` is UTC without saying so. Old and moved sites have none, or one in the year 0 or -1."""
    found = dates.read(comment.get("date_gmt"), now)
    return found.astimezone(UTC) if found else None


@dataclass(frozen=True, slots=True)
class Clock:
    """How the site's own time is read where a comment has no time in UTC: in the site's zone, where it is known."""

    now: datetime | None
    zone: tzinfo | None = None

    def moment(self, comment: Mapping[str, Any]) -> datetime | None:
        return written_in_utc(comment, self.now) or dates.read(comment.get("date"), self.now, zone=self.zone)

    def is_sure(self, comment: Mapping[str, Any]) -> bool:
        """Whether the moment is not just the site's own time taken as UTC."""
        return self.zone is not None or not lacks_utc(comment, self.now)


def lacks_utc(comment: Mapping[str, Any], now: datetime | None) -> bool:
    """Whether all that the comment has is a time of the site's own zone."""
    return written_in_utc(comment, now) is None and dates.read(comment.get("date"), now) is not None


def zone_beside(comments: Sequence[Mapping[str, Any]], now: datetime | None) -> tzinfo | None:
    """The site's zone by comments that have both times; None where there are none, or they do not agree."""
    gaps = set()
    for comment in comments:
        in_utc, local = written_in_utc(comment, now), dates.read(comment.get("date"), now)
        if in_utc is not None and local is not None:
            gaps.add(round((local - in_utc).total_seconds() / 900) / 4)
    return _offset(gaps.pop()) if len(gaps) == 1 else None


def zone_named(name: object) -> tzinfo | None:
    """The zone of a name such as `Europe/Moscow`, or of hours such as "3" or 5.5; None for anything else."""
    if not isinstance(name, str | int | float) or isinstance(name, bool) or not str(name).strip():
        return None
    text = str(name).strip()
    try:
        return _offset(float(text))
    except ValueError:
        pass
    try:
        return ZoneInfo(text) if len(text) < 60 else None
    except (ValueError, OSError):
        return None


def zone_of_index(index: Mapping[str, Any]) -> str:
    """What the index of the API says about the site's zone; empty where it says nothing that can be."""
    for name in (index.get("timezone_string"), index.get("gmt_offset")):
        if zone_named(name) is not None:
            return str(name).strip()
    return ""


def _offset(hours: float) -> tzinfo | None:
    if not math.isfinite(hours) or abs(hours) > _FURTHEST:
        return None
    return timezone(timedelta(hours=hours))
