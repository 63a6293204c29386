"""What RuStore gives as a review, read into a sighting."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from channels.contract import AuthorSeen, Page, Parsed, Reach, Remark, Sighting, Text
from channels.reading import json_values
from channels.reading import text as plain_text


def moment(value: object, page: Page) -> datetime | None:
    """RuStore writes some dates without a zone, and in which one they are nobody says: such a date is not known."""
    return json_values.moment(value, page) if not isinstance(value, str) or _has_zone(value) else None


def read(review: Mapping[str, Any], package: str, page: Page) -> Iterator[Parsed]:
    own_id = json_values.identifier(review.get("commentId"))
    if not own_id:
        yield json_values.NAMELESS
        return
    text = json_values.prose(("", review.get("commentText")))
    stars = review.get("appRating")
    rating = (
        float(stars) if isinstance(stars, int) and not isinstance(stars, bool) and 1 <= stars <= 5 else None
    )
    if not text and rating is None:
        yield json_values.SILENT
        return
    if stars is not None and rating is None:
        said = json_values.name(stars, 40)
        yield Remark(
            Text(
                f"The stars of {own_id} cannot be read: {said}", f"Оценка отзыва {own_id} не читается: {said}"
            )
        )
    name, status = json_values.name(review.get("userName")), json_values.name(review.get("commentStatus"), 40)
    published = moment(review.get("commentDateIso"), page) or moment(review.get("commentDate"), page)
    yield Sighting(
        own_id,
        None,
        plain_text.shorten(text)[0],
        kind="review",
        author=AuthorSeen(name) if name else None,
        published_at=published,
        edited_at=_edited(review, published, page),
        rating=rating,
        thread=own_id,
        thread_title=package,
        is_by_brand=False,
        facts=json_values.facts(
            version=review.get("appVersionName"), status="" if status == "PUBLISHED" else status
        ),
        reach=Reach(likes=json_values.count(review.get("likeCounter"))),
    )


def _edited(review: Mapping[str, Any], published: datetime | None, page: Page) -> datetime | None:
    found = moment(review.get("updatedAtIso"), page) or moment(review.get("updatedAt"), page)
    is_edited = review.get("edited") is not False and found is not None
    return found if is_edited and (published is None or (found is not None and found > published)) else None


def _has_zone(value: str) -> bool:
    time = value.strip()[10:]
    return not time or time.endswith("Z") or "+" in time or "-" in time
