"""What one review of Avito says, and the answer that it bears."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from channels import marketplaces
from channels.contract import AnswerSeen, AnswerState, AuthorSeen, Page, Parsed, Place, Sighting
from channels.reading import ratings

STATES: Final[Mapping[str, AnswerState]] = {
    "published": "public",
    "moderation": "held",
    "rejected": "rejected",
}


def read_one(place: Place, review: Mapping[str, Any], page: Page) -> Iterator[Parsed]:
    if not (own_id := marketplaces.identifier(review.get("id"))):
        yield marketplaces.NAMELESS
        return
    yield from marketplaces.undated(review.get("createdAt"), own_id, page)
    text, rating = text_of(review), ratings.from_text(review.get("score"), 5, 1)
    if not text and rating is None:
        yield marketplaces.SILENT
        return
    answer, item = marketplaces.part(review, "answer"), marketplaces.part(review, "item")
    author = marketplaces.name(marketplaces.part(review, "sender").get("name"))
    at = marketplaces.moment(review.get("createdAt"), page)
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
        thread_title=marketplaces.name(item.get("title")),
        is_by_brand=False,
        # One that has an answer takes no other, which does not mean that nobody could answer it.
        can_be_answered=None
        if answer or not isinstance(review.get("canAnswer"), bool)
        else review["canAnswer"],
        handle={"at": marketplaces.stamp(at)} if at is not None else {},
        facts=marketplaces.facts(
            item=item.get("title"),
            item_number=item.get("id"),
            deal=str(review.get("stage") or "").replace("_", " "),
            vin=marketplaces.part(review, "extraParams").get("vin"),
        ),
        attachments=marketplaces.attachments("image", _images(review)),
    )
    if answer and (state := STATES.get(str(answer.get("status")))) is not None:
        yield AnswerSeen(
            own_id,
            state,
            marketplaces.identifier(answer.get("id")) or None,
            text=text_of(answer),
            at=marketplaces.moment(answer.get("createdAt"), page),
            reason=reasons_in(answer),
        )


def text_of(said: Mapping[str, Any]) -> str:
    return marketplaces.prose(("", said.get("text")))


def _images(review: Mapping[str, Any]) -> list[object]:
    """The address of the largest size of each."""
    found = []
    for image in marketplaces.rows(review.get("images")):
        sizes = marketplaces.rows(image.get("sizes"))
        if sizes:
            found.append(max(sizes, key=_width).get("url"))
    return found


def _width(size: Mapping[str, Any]) -> int:
    width = str(size.get("size", "")).partition("x")[0]
    return int(width) if width.isdecimal() and len(width) < 6 else 0


def reasons_in(answer: Mapping[str, Any]) -> str:
    titles = (marketplaces.name(one.get("title")) for one in marketplaces.rows(answer.get("reject_reasons")))
    return "; ".join(filter(None, titles))[:500]
