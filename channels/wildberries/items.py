"""What one review or question of Wildberries says, and the answer that it bears."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from channels.contract import AnswerSeen, AnswerState, AuthorSeen, Page, Parsed, Place, Sighting
from channels.reading import json_values, ratings

STATES: Final[Mapping[str, AnswerState]] = {
    "wbRu": "public",
    "reviewRequired": "held",
    "none": "held",
    "rejected": "rejected",
}
QUESTION: Final = "question:"


def read_one(place: Place, what: str, item: Mapping[str, Any], page: Page) -> Iterator[Parsed]:
    if not (own_id := json_values.identifier(item.get("id"))):
        yield json_values.NAMELESS
        return
    external_id = own_id if what == "feedbacks" else f"{QUESTION}{own_id}"
    yield from json_values.undated(item.get("createdDate"), external_id, page)
    product = json_values.part(item, "productDetails")
    root = json_values.identifier(item.get("parentFeedbackId"))
    author = json_values.name(item.get("userName"))
    text = json_values.prose(
        ("", item.get("text")), ("Достоинства", item.get("pros")), ("Недостатки", item.get("cons"))
    )
    rating = ratings.from_text(item.get("productValuation"), 5, 1)
    if not text and rating is None:
        yield json_values.SILENT
        return
    yield Sighting(
        external_id,
        _url(what, product),
        text,
        kind="review" if what == "feedbacks" else "question",
        author=AuthorSeen(author) if author else None,
        published_at=json_values.moment(item.get("createdDate"), page),
        rating=rating,
        language=place.language,
        thread=root or external_id,
        thread_title=json_values.name(product.get("productName")),
        parent=root or None,
        is_by_brand=False,
        facts=_facts(item, product),
        attachments=_attachments(item),
    )
    yield from _answer(what, external_id, item, _url(what, product), page)


def _answer(
    what: str, external_id: str, item: Mapping[str, Any], url: str | None, page: Page
) -> Iterator[AnswerSeen]:
    answer = json_values.part(item, "answer")
    if answer and (state := state_of(what, answer)) is not None:
        at = json_values.moment(answer.get("createDate"), page)
        yield AnswerSeen(external_id, state, f"{external_id}:answer", text=words_of(answer), url=url, at=at)


def state_of(what: str, answer: Mapping[str, Any]) -> AnswerState | None:
    """Of an answer to a question Wildberries tells no state: it stands there. None for a word that we do not know."""
    return "public" if what == "questions" else STATES.get(str(answer.get("state")))


def _facts(item: Mapping[str, Any], product: Mapping[str, Any]) -> dict[str, str]:
    tags = item.get("bables")
    return json_values.facts(
        product=product.get("productName"),
        article=product.get("nmId"),
        seller_article=product.get("supplierArticle"),
        brand=product.get("brandName"),
        size=product.get("size"),
        fit=item.get("matchingSize"),
        color=item.get("color"),
        category=item.get("subjectName"),
        order=item.get("orderStatus"),
        ordered=json_values.name(item.get("lastOrderCreatedAt"))[:10],
        tags=", ".join(filter(None, map(json_values.name, tags[:20]))) if isinstance(tags, list) else "",
    )


def _attachments(item: Mapping[str, Any]) -> list[Any]:
    photos = [one.get("fullSize") or one.get("miniSize") for one in json_values.rows(item.get("photoLinks"))]
    video = json_values.part(item, "video").get("link")
    return json_values.attachments("image", photos) + json_values.attachments("video", [video])


def _url(what: str, product: Mapping[str, Any]) -> str | None:
    article, card = json_values.number(product.get("nmId")), json_values.number(product.get("imtId"))
    if not article:
        return None
    page = f"https://www.wildberries.ru/catalog/{article}/{what}"
    return f"{page}?imtId={card}" if card else page


def words_of(answer: Mapping[str, Any]) -> str:
    return json_values.prose(("", answer.get("text")))
