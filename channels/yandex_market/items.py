"""What one review, question, answer or comment of Yandex Market says."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from channels import marketplaces
from channels.contract import (
    AnswerSeen,
    Attachment,
    AuthorSeen,
    Page,
    Parsed,
    Place,
    Reach,
    Sighting,
    Withdrawn,
)
from channels.reading import ratings
from channels.yandex_market.api import STATES

COMMENT: Final = "comment:"
QUESTION: Final = "question:"
ANSWER: Final = "answer:"
UNDER_ANSWER: Final = "answer-comment:"
RECOMMENDED: Final = {"True": "yes", "False": "no"}


def read_review(place: Place, review: Mapping[str, Any], page: Page) -> Iterator[Parsed]:
    if not (own_id := marketplaces.identifier(review.get("feedbackId"))):
        yield marketplaces.NAMELESS
        return
    yield from marketplaces.undated(review.get("createdAt"), own_id, page)
    said, counts = marketplaces.part(review, "description"), marketplaces.part(review, "statistics")
    text = marketplaces.prose(
        ("", said.get("comment")),
        ("Достоинства", said.get("advantages")),
        ("Недостатки", said.get("disadvantages")),
    )
    rating = ratings.from_text(counts.get("rating"), 5, 1)
    if not text and rating is None:
        yield marketplaces.SILENT
        return
    yield Sighting(
        own_id,
        None,
        text,
        kind="review",
        author=_author(review.get("author")),
        published_at=marketplaces.moment(review.get("createdAt"), page),
        rating=rating,
        language=place.language,
        thread=own_id,
        is_by_brand=False,
        handle={"feedback": own_id},
        facts=_facts(review, counts),
        attachments=_files(review),
        reach=_reach(counts.get("commentsCount"), None),
    )


def _facts(review: Mapping[str, Any], counts: Mapping[str, Any]) -> dict[str, str]:
    named = marketplaces.part(review, "identifiers")
    return marketplaces.facts(
        offer=named.get("offerId"),
        order=named.get("orderId"),
        recommended=RECOMMENDED.get(str(counts.get("recommended"))),
        paid_points=counts.get("paidAmount"),
    )


def read_comment(place: Place, comment: Mapping[str, Any], page: Page) -> Iterator[Parsed]:
    """Below a review; Yandex Market tells no dates of these."""
    review = str(page.context.get("feedback") or marketplaces.identifier(comment.get("feedbackId")))
    parent = marketplaces.identifier(comment.get("parentId"))
    over = f"{COMMENT}{parent}" if parent else review
    yield from _said(place, comment, page, COMMENT, over, review, {"feedback": review})


def read_question(place: Place, question: Mapping[str, Any], page: Page) -> Iterator[Parsed]:
    named = marketplaces.part(question, "questionIdentifiers")
    if not (own_id := marketplaces.identifier(named.get("id"))):
        yield marketplaces.NAMELESS
        return
    yield from marketplaces.undated(question.get("createdAt"), own_id, page)
    if not (text := marketplaces.prose(("", question.get("text")))):
        yield marketplaces.SILENT
        return
    yield Sighting(
        f"{QUESTION}{own_id}",
        None,
        text,
        kind="question",
        author=_author(marketplaces.part(question, "author").get("name")),
        published_at=marketplaces.moment(question.get("createdAt"), page),
        language=place.language,
        thread=f"{QUESTION}{own_id}",
        is_by_brand=_is_by_brand(question),
        handle={"question": own_id},
        facts=marketplaces.facts(offer=named.get("offerId")),
        reach=_reach(None, marketplaces.part(question, "votes").get("likes")),
    )


def read_answer(place: Place, answer: Mapping[str, Any], page: Page) -> Iterator[Parsed]:
    """With the comments below it, which come along."""
    question = (
        f"{QUESTION}{page.context.get('question') or marketplaces.identifier(answer.get('questionId'))}"
    )
    own_id = marketplaces.identifier(answer.get("id"))
    below = {"question": question.removeprefix(QUESTION), "answer": own_id}
    yield from _said(place, answer, page, ANSWER, question, question, below)
    for comment in marketplaces.rows(answer.get("comments")):
        parent = marketplaces.identifier(comment.get("parentId"))
        over = f"{UNDER_ANSWER}{parent}" if parent else f"{ANSWER}{own_id}"
        yield from _said(place, comment, page, UNDER_ANSWER, over, question, below)


def _said(
    place: Place,
    said: Mapping[str, Any],
    page: Page,
    begins: str,
    parent: str,
    thread: str,
    handle: Mapping[str, str],
) -> Iterator[Parsed]:
    """Words of the brand that nobody can read yet, or any more, are news of an answer; those of others are gone."""
    if not (own_id := marketplaces.identifier(said.get("id"))):
        yield marketplaces.NAMELESS
        return
    external_id, is_by_brand = f"{begins}{own_id}", _is_by_brand(said)
    text, state = marketplaces.prose(("", said.get("text"))), STATES.get(str(said.get("status")), "public")
    at = marketplaces.moment(said.get("createdAt"), page)
    if is_by_brand and state != "public":
        yield AnswerSeen(parent, state, external_id, text=text, at=at)
    elif state in ("rejected", "removed"):
        yield Withdrawn(external_id)
    elif not text:
        yield marketplaces.SILENT
    else:
        yield Sighting(
            external_id,
            None,
            text,
            kind="comment",
            author=_author(marketplaces.part(said, "author").get("name")),
            published_at=at,
            language=place.language,
            thread=thread,
            parent=parent,
            is_by_brand=is_by_brand,
            handle={**handle, "comment": own_id},
            reach=_reach(None, marketplaces.part(said, "votes").get("likes")),
        )


def _is_by_brand(said: Mapping[str, Any]) -> bool | None:
    """What our key may change is ours. Another seller of the same goods is a cabinet too, so the kind alone proves nothing."""
    if said.get("canModify") is True:
        return True
    return False if marketplaces.part(said, "author").get("type") == "USER" else None


def _author(value: object) -> AuthorSeen | None:
    name = marketplaces.name(value)
    return AuthorSeen(name) if name else None


def _reach(comments: object, likes: object) -> Reach | None:
    told = Reach(comments=marketplaces.number(comments), likes=marketplaces.number(likes))
    return told if told != Reach() else None


def _files(review: Mapping[str, Any]) -> list[Attachment]:
    media = marketplaces.part(review, "media")
    photos, videos = (media.get(key) for key in ("photos", "videos"))
    return marketplaces.attachments(
        "image", photos if isinstance(photos, list) else []
    ) + marketplaces.attachments("video", videos if isinstance(videos, list) else [])
