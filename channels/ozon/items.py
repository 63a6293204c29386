"""What one review, comment, question or answer of Ozon says. Ozon names no authors of reviews and comments."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from channels.contract import (
    AnswerSeen,
    AnswerState,
    Attachment,
    AuthorSeen,
    Page,
    Parsed,
    Place,
    Reach,
    Sighting,
)
from channels.reading import json_values, ratings, urls

QUESTION: Final = "question:"


def mark(review: Mapping[str, Any]) -> str:
    """What of a review may change: while it is the same, its photos and comments are not asked for again."""
    told = (review.get("text"), review.get("rating"), *(review.get(f"{one}_amount") for one in _COUNTED))
    return json_values.fingerprint(*told)


_COUNTED: Final = ("comments", "photos", "videos")


def has_files(review: Mapping[str, Any]) -> bool:
    return any(json_values.number(review.get(f"{one}_amount")) for one in ("photos", "videos"))


def read_review(place: Place, review: Mapping[str, Any], page: Page) -> Iterator[Parsed]:
    """As the list tells it, or with photos, likes and videos as its own page does."""
    if not (own_id := json_values.identifier(review.get("id"))):
        yield json_values.NAMELESS
        return
    yield from json_values.undated(review.get("published_at"), own_id, page)
    sku, text = json_values.identifier(review.get("sku")), json_values.prose(("", review.get("text")))
    rating = ratings.from_text(review.get("rating"), 5, 1)
    if not text and rating is None:
        yield json_values.SILENT
        return
    yield Sighting(
        own_id,
        _product(sku, "reviews/"),
        text,
        kind="review",
        published_at=json_values.moment(review.get("published_at"), page),
        rating=rating,
        language=place.language,
        thread=own_id,
        is_by_brand=False,
        handle={"review": own_id, "sku": sku},
        facts=json_values.facts(sku=sku, order=review.get("order_status"), status=review.get("status")),
        attachments=_files(review),
        reach=_reach(review),
    )


def read_comment(place: Place, comment: Mapping[str, Any], page: Page) -> Iterator[Parsed]:
    """One of the brand that a moderator holds or has rejected is no words that anybody could read."""
    review, sku = str(page.context.get("review", "")), str(page.context.get("sku", ""))
    if not (own_id := json_values.identifier(comment.get("id"))):
        yield json_values.NAMELESS
        return
    text = json_values.prose(("", comment.get("text")))
    parent = json_values.identifier(comment.get("parent_comment_id")) or review
    is_owner = comment.get("is_owner") is True
    if is_owner and (state := state_of(comment)) != "public":
        reason = json_values.name(comment.get("deviation_reason"), 300)
        yield AnswerSeen(parent, state, own_id, text=text, reason=reason)
        return
    if not text:
        yield json_values.SILENT
        return
    # A brand's or Ozon's own representative: whose, Ozon does not say.
    is_by_brand = True if is_owner else None if comment.get("is_official") is True else False
    yield Sighting(
        own_id,
        _product(sku, "reviews/"),
        text,
        kind="comment",
        published_at=json_values.moment(comment.get("published_at"), page),
        language=place.language,
        thread=review,
        parent=parent,
        is_by_brand=is_by_brand,
        handle={"review": review, "sku": sku, "comment": own_id},
        reach=_reach(comment),
    )


def state_of(comment: Mapping[str, Any]) -> AnswerState:
    """Where Ozon does not say that it is published, its being in the list says so."""
    if comment.get("is_rejected") is True:
        return "rejected"
    return "held" if comment.get("is_published") is False else "public"


def read_question(place: Place, question: Mapping[str, Any], page: Page) -> Iterator[Parsed]:
    if not (own_id := json_values.identifier(question.get("id"))):
        yield json_values.NAMELESS
        return
    yield from json_values.undated(question.get("published_at"), own_id, page)
    sku, author = json_values.identifier(question.get("sku")), json_values.name(question.get("author_name"))
    if not (text := json_values.prose(("", question.get("text")))):
        yield json_values.SILENT
        return
    yield Sighting(
        f"{QUESTION}{own_id}",
        urls.safe_url(question.get("question_link"))
        or urls.safe_url(question.get("product_url"))
        or _product(sku, "questions/"),
        text,
        kind="question",
        author=AuthorSeen(author) if author else None,
        published_at=json_values.moment(question.get("published_at"), page),
        language=place.language,
        thread=f"{QUESTION}{own_id}",
        is_by_brand=False,
        handle={"question": own_id, "sku": sku},
        facts=json_values.facts(sku=sku, status=question.get("status")),
    )


def read_answer(place: Place, answer: Mapping[str, Any], page: Page) -> Iterator[Parsed]:
    """Ozon does not say whether an answer to a question is the seller's own: the desk knows those that it sent, and the name."""
    question = f"{QUESTION}{page.context.get('question', '')}"
    if not (own_id := json_values.identifier(answer.get("id"))):
        yield json_values.NAMELESS
        return
    author = json_values.name(answer.get("author_name"))
    if not (text := json_values.prose(("", answer.get("text")))):
        yield json_values.SILENT
        return
    yield Sighting(
        f"answer:{own_id}",
        None,
        text,
        kind="comment",
        author=AuthorSeen(author) if author else None,
        published_at=json_values.moment(answer.get("published_at"), page),
        language=place.language,
        thread=question,
        parent=question,
        can_be_answered=False,
    )


def _product(sku: str, part: str) -> str | None:
    return f"https://www.ozon.ru/product/{sku}/{part}" if sku.isdecimal() else None


def _reach(said: Mapping[str, Any]) -> Reach | None:
    likes, comments = (
        json_values.number(said.get("likes_amount")),
        json_values.number(said.get("comments_amount")),
    )
    return Reach(likes=likes, comments=comments) if likes is not None or comments is not None else None


def _files(review: Mapping[str, Any]) -> list[Attachment]:
    photos = [one.get("url") for one in json_values.rows(review.get("photos"))]
    videos = [one.get("url") for one in json_values.rows(review.get("videos"))]
    return json_values.attachments("image", photos) + json_values.attachments("video", videos)
