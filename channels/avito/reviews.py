"""What one review of Avito says, and the answer that it bears."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from channels.contract import AnswerSeen, AnswerState, AuthorSeen, Page, Parsed, Place, Sighting
from channels.reading import json_values, ratings

STATES: Final[Mapping[str, AnswerState]] = {
    "published": "public",
    "moderation": "held",
    "rejected": "rejected",
}


def read_one(place: Place, review: Mapping[str, Any], page: Page) -> Iterator[Parsed]:
    if not (own_id := json_values.identifier(review.get("id"))):
        yield json_values.NAMELESS
        return
    yield from json_values.undated(review.get("createdAt"), own_id, page)
    text, rating = text_of(review), ratings.from_text(review.get("score"), 5, 1)
    if not text and rating is None:
        yield json_values.SILENT
        return
    answer, item = json_values.part(review, "answer"), json_values.part(review, "item")
    author = json_values.name(json_values.part(review, "sender").get("name"))
    at = json_values.moment(review.get("createdAt"), page)
    yield Sighting(
        own_id,
        None,
        text,
        kind="review",
        author=AuthorSeen(author) if author else None,
        published_at=at,
        rating=rating,
        language=place.language,
        thread=own_id,
        thread_title=json_values.name(item.get("title")),
        is_by_brand=False,
        # One that has an answer takes no other, which does not mean that nobody could answer it.
        can_be_answered=None
        if answer or not isinstance(review.get("canAnswer"), bool)
        else review["canAnswer"],
        handle={"at": json_values.stamp(at)} if at is not None else {},
        facts=json_values.facts(
            item=item.get("title"),
            item_number=item.get("id"),
            deal=str(review.get("stage") or "").replace("_", " "),
            vin=json_values.part(review, "extraParams").get("vin"),
        ),
        attachments=json_values.attachments("image", _images(review)),
    )
    if answer and (state := STATES.get(str(answer.get("status")))) is not None:
        yield AnswerSeen(
            own_id,
            state,
            json_values.identifier(answer.get("id")) or None,
            text=text_of(answer),
            at=json_values.moment(answer.get("createdAt"), page),
            reason=reasons_in(answer),
        )


def text_of(said: Mapping[str, Any]) -> str:
    return json_values.prose(("", said.get("text")))


def _images(review: Mapping[str, Any]) -> list[object]:
    """The address of the largest size of each."""
    found = []
    for image in json_values.rows(review.get("images")):
        sizes = json_values.rows(image.get("sizes"))
        if sizes:
            found.append(max(sizes, key=_width).get("url"))
    return found


def _width(size: Mapping[str, Any]) -> int:
    width = str(size.get("size", "")).partition("x")[0]
    return int(width) if width.isdecimal() and len(width) < 6 else 0


def reasons_in(answer: Mapping[str, Any]) -> str:
    titles = (json_values.name(one.get("title")) for one in json_values.rows(answer.get("reject_reasons")))
    return "; ".join(filter(None, titles))[:500]
