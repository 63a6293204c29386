"""What one review, question, answer or comment of Yandex Market says."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

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
from channels.reading import json_values, ratings
from channels.yandex_market.api import STATES

COMMENT: Final = "comment:"
QUESTION: Final = "question:"
ANSWER: Final = "answer:"
UNDER_ANSWER: Final = "answer-comment:"
RECOMMENDED: Final = {"True": "yes", "False": "no"}


def read_review(place: Place, review: Mapping[str, Any], page: Page) -> Iterator[Parsed]:
    if not (own_id := json_values.identifier(review.get("feedbackId"))):
        yield json_values.NAMELESS
        return
    yield from json_values.undated(review.get("createdAt"), own_id, page)
    said, counts = json_values.part(review, "description"), json_values.part(review, "statistics")
    text = json_values.prose(
        ("", said.get("comment")),
        ("Достоинства", said.get("advantages")),
        ("Недостатки", said.get("disadvantages")),
    )
    rating = ratings.from_text(counts.get("rating"), 5, 1)
    if not text and rating is None:
        yield json_values.SILENT
        return
    yield Sighting(
        own_id,
        None,
        text,
        kind="review",
        author=_author(review.get("author")),
        published_at=json_values.moment(review.get("createdAt"), page),
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
    named = json_values.part(review, "identifiers")
    return json_values.facts(
        offer=named.get("offerId"),
        order=named.get("orderId"),
        recommended=RECOMMENDED.get(str(counts.get("recommended"))),
        paid_points=counts.get("paidAmount"),
    )


def read_comment(place: Place, comment: Mapping[str, Any], page: Page) -> Iterator[Parsed]:
    """Below a review; Yandex Market tells no dates of these."""
    review = str(page.context.get("feedback") or json_values.identifier(comment.get("feedbackId")))
    parent = json_values.identifier(comment.get("parentId"))
    over = f"{COMMENT}{parent}" if parent else review
    yield from _said(place, comment, page, COMMENT, over, review, {"feedback": review})


def read_question(place: Place, question: Mapping[str, Any], page: Page) -> Iterator[Parsed]:
    named = json_values.part(question, "questionIdentifiers")
    if not (own_id := json_values.identifier(named.get("id"))):
        yield json_values.NAMELESS
        return
    yield from json_values.undated(question.get("createdAt"), own_id, page)
    if not (text := json_values.prose(("", question.get("text")))):
        yield json_values.SILENT
        return
    yield Sighting(
        f"{QUESTION}{own_id}",
        None,
        text,
        kind="question",
        author=_author(json_values.part(question, "author").get("name")),
        published_at=json_values.moment(question.get("createdAt"), page),
        language=place.language,
        thread=f"{QUESTION}{own_id}",
        is_by_brand=_is_by_brand(question),
        handle={"question": own_id},
        facts=json_values.facts(offer=named.get("offerId")),
        reach=_reach(None, json_values.part(question, "votes").get("likes")),
    )


def read_answer(place: Place, answer: Mapping[str, Any], page: Page) -> Iterator[Parsed]:
    """With the comments below it, which come along."""
    question = f"{QUESTION}{page.context.get('question') or json_values.identifier(answer.get('questionId'))}"
    own_id = json_values.identifier(answer.get("id"))
    below = {"question": question.removeprefix(QUESTION), "answer": own_id}
    yield from _said(place, answer, page, ANSWER, question, question, below)
    for comment in json_values.rows(answer.get("comments")):
        parent = json_values.identifier(comment.get("parentId"))
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
    if not (own_id := json_values.identifier(said.get("id"))):
        yield json_values.NAMELESS
        return
    external_id, is_by_brand = f"{begins}{own_id}", _is_by_brand(said)
    text, state = json_values.prose(("", said.get("text"))), STATES.get(str(said.get("status")), "public")
    at = json_values.moment(said.get("createdAt"), page)
    if is_by_brand and state != "public":
        yield AnswerSeen(parent, state, external_id, text=text, at=at)
    elif state in ("rejected", "removed"):
        yield Withdrawn(external_id)
    elif not text:
        yield json_values.SILENT
    else:
        yield Sighting(
            external_id,
            None,
            text,
            kind="comment",
            author=_author(json_values.part(said, "author").get("name")),
            published_at=at,
            language=place.language,
            thread=thread,
            parent=parent,
            is_by_brand=is_by_brand,
            handle={**handle, "comment": own_id},
            reach=_reach(None, json_values.part(said, "votes").get("likes")),
        )


def _is_by_brand(said: Mapping[str, Any]) -> bool | None:
    """What our key may change is ours. Another seller of the same goods is a cabinet too, so the kind alone proves nothing."""
    if said.get("canModify") is True:
        return True
    return False if json_values.part(said, "author").get("type") == "USER" else None


def _author(value: object) -> AuthorSeen | None:
    name = json_values.name(value)
    return AuthorSeen(name) if name else None


def _reach(comments: object, likes: object) -> Reach | None:
    told = Reach(comments=json_values.number(comments), likes=json_values.number(likes))
    return told if told != Reach() else None


def _files(review: Mapping[str, Any]) -> list[Attachment]:
    media = json_values.part(review, "media")
    photos, videos = (media.get(key) for key in ("photos", "videos"))
    return json_values.attachments(
        "image", photos if isinstance(photos, list) else []
    ) + json_values.attachments("video", videos if isinstance(videos, list) else [])
