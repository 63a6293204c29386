"""Ozon: reviews with their comments and questions with their answers, about one's own goods, by the seller's API; every comment
is checked by Ozon."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from channels import marketplaces
from channels.contract import (
    About,
    Answering,
    Call,
    Fetch,
    Field,
    Finding,
    Limits,
    Look,
    Pace,
    Page,
    Parsed,
    Place,
    Receipt,
    Remember,
    Rights,
    Target,
    Text,
    Wire,
)
from channels.ozon import answers, items
from channels.ozon.api import API, ORIGIN, call, fetch
from channels.reading import json_values

LIMIT: Final = 100
OVERLAP: Final = timedelta(days=14)
MOST_MARKS: Final = 3_000


class Ozon(marketplaces.OfSellers):
    about = About(
        "ozon",
        Text("Ozon reviews and questions", "Отзывы и вопросы Ozon"),
        address="none",
        fields=(
            Field(
                "client_id",
                Text("Client ID", "Client ID"),
                scope="account",
                needed_for="listening",
                hint=Text(
                    "In the seller's cabinet: Settings, API keys. It stands above the keys.",
                    "В кабинете продавца: «Настройки», «API-ключи». Он указан над ключами.",
                ),
            ),
            Field(
                "api_key",
                Text("API key", "API-ключ"),
                "secret",
                "account",
                "listening",
                hint=Text(
                    "In the same place: create a key of the type “Admin”, or one that allows reviews and questions. Ozon shows"
                    " it once.",
                    "Там же: создайте ключ с типом «Admin» или с доступом к отзывам и вопросам. Ozon показывает его один раз.",
                ),
            ),
            Field(
                "reads",
                Text("Read only", "Читать только"),
                "choice",
                choices=(
                    ("reviews", Text("reviews", "отзывы")),
                    ("questions", Text("questions", "вопросы")),
                ),
                hint=Text(
                    "Leave it empty for both. Choose one if your subscription at Ozon opens only that one.",
                    "Оставьте пустым, чтобы читать всё. Выберите одно, если ваша подписка Ozon открывает только его.",
                ),
            ),
        ),
        pace=Pace(per_second=10.0),
        answering=Answering(
            Limits(3_000, least=2),
            proof="account",
            is_moderated=True,
            looks_seconds=(300, 3_600, 21_600, 86_400, 259_200),
        ),
        terms=Text(
            "For the goods of your own shop. Ozon opens reviews to sellers with the subscription “Review management” or Premium"
            " Pro, and questions with Premium Plus. A comment cannot be corrected, only deleted.",
            "Для товаров вашего магазина. Ozon открывает отзывы продавцам с подпиской «Управление отзывами» или Premium Pro,"
            " а вопросы — с Premium Plus. Комментарий нельзя исправить, можно только удалить.",
        ),
        api=(ORIGIN,),
    )

    def recognise_address(self, typed: str) -> Finding | None:
        return marketplaces.finding("ozon", Text("Ozon", "Ozon"), ("ozon.ru",), typed)

    def authorize(self, place: Place, call: Call, now: datetime) -> Call:
        del now  # the site says when a key has run out
        client, key = place.settings.get("client_id", "").strip(), place.secrets.get("api_key", "").strip()
        if not client or not key:
            raise API.no_key()
        return replace(call, headers={**call.headers, "client-id": client, "api-key": key})

    def start(self, place: Place) -> Iterator[Fetch]:
        reads = place.settings.get("reads", "")
        if reads != "questions":
            yield _reviews(_begins(place, "reviews_until"), "", {})
        if reads != "reviews":
            yield _questions(_begins(place, "questions_until"), "", {})

    def parse(self, place: Place, page: Page) -> Iterator[Parsed]:
        if page.role == "reviews" and page.status == 404 and page.context.get("version") != 1:
            yield _reviews(page.context.get("begins"), "", {"version": 1})
            return
        if page.status == 404 and page.role in ("comments", "answers", "info"):
            return  # It was deleted between the list and this question.
        said = API.read(page)
        match page.role:
            case "comments":
                yield from self._comments(place, page, said)
            case "answers":
                yield from self._answers(place, page, said)
            case "info":
                yield from items.read_review(place, said, page)
            case "questions":
                yield from _read_questions(place, page, said)
            case _:
                yield from _read_reviews(place, page, said)

    def _comments(self, place: Place, page: Page, said: Mapping[str, Any]) -> Iterator[Parsed]:
        listed = _listed(said, "comments")
        for comment in json_values.rows(listed):
            yield from items.read_comment(place, comment, page)
        if len(listed) >= LIMIT:
            offset = (json_values.number(page.context.get("offset")) or 0) + len(listed)
            yield _comments(str(page.context.get("review")), str(page.context.get("sku")), offset)

    def _answers(self, place: Place, page: Page, said: Mapping[str, Any]) -> Iterator[Parsed]:
        listed = _listed(said, "answers")
        for answer in json_values.rows(listed):
            yield from items.read_answer(place, answer, page)
        following = json_values.identifier(said.get("last_id"))
        if listed and following not in ("", page.context.get("last_id")):
            yield _answers(str(page.context.get("question")), str(page.context.get("sku")), following)

    def send(self, place: Place, target: Target, text: str, wire: Wire) -> Receipt:
        del place  # one host for all
        return answers.publish(target, text, wire)

    def delete(self, place: Place, target: Target, receipt: Receipt, wire: Wire) -> None:
        del place  # one host for all
        answers.withdraw(target, receipt, wire)

    def look(self, place: Place, target: Target, text: str, receipt: Receipt | None, wire: Wire) -> Look:
        del place  # one host for all
        return answers.look_for(target, text, receipt, wire)

    def check(self, place: Place, wire: Wire) -> Rights:
        """First whether the subscription opens them at all, then what the key may do."""
        reads = place.settings.get("reads", "")
        if reads != "questions":
            API.read(wire.ask(call("/v2/review/count", {})))
        if reads != "reviews":
            API.read(wire.ask(call("/v1/question/count", {})))
        wanted = "/v1/question/answer/create" if reads == "questions" else "/v1/review/comment/create"
        roles = json_values.rows(API.read(wire.ask(call("/v1/roles", {}))).get("roles"))
        allowed = [found for role in roles if isinstance(found := role.get("methods"), list)]
        return Rights(True, not allowed or any(wanted in methods for methods in allowed))


def _begins(place: Place, mark: str) -> str:
    """The moment from which is read, as Ozon writes moments; empty for all there is."""
    newest = json_values.number(place.cursor.get(mark))
    if newest is not None:
        return _written(datetime.fromtimestamp(newest, UTC) - OVERLAP)
    return _written(place.since) if place.since is not None else ""


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _reviews(begins: Any, last_id: str, context: Mapping[str, Any]) -> Fetch:
    """Version 1 knows no dates and is read from its newest backwards."""
    version = 1 if context.get("version") == 1 else 2
    asked: dict[str, Any] = {
        "limit": LIMIT,
        "last_id": last_id,
        "sort_dir": "ASC" if version == 2 else "DESC",
    }
    if version == 1:
        asked["status"] = "ALL"
    elif begins:
        asked["filters"] = {"published_from": begins}
    known = {**context, "begins": begins, "last_id": last_id, "version": version}
    return fetch(f"/v{version}/review/list", asked, "reviews", known)


def _questions(begins: Any, last_id: str, context: Mapping[str, Any]) -> Fetch:
    chosen = {"status": "ALL", **({"date_from": begins} if begins else {})}
    known = {**context, "begins": begins, "last_id": last_id}
    return fetch("/v1/question/list", {"filter": chosen, "last_id": last_id}, "questions", known)


def _comments(review: str, sku: str, offset: int = 0) -> Fetch:
    asked = {"review_id": review, "limit": LIMIT, "offset": offset, "sort_dir": "ASC"}
    context = {"review": review, "sku": sku, "offset": offset}
    return fetch("/v1/review/comment/list", asked, "comments", context)


def _answers(question: str, sku: str, last_id: str = "") -> Fetch:
    asked = {"question_id": question, "sku": int(sku), "last_id": last_id}
    context = {"question": question, "sku": sku, "last_id": last_id}
    return fetch("/v1/question/answer/list", asked, "answers", context)


def _listed(said: Mapping[str, Any], key: str) -> list[Any]:
    """An empty list may be missing or null; without it there must be something that shows that it was meant."""
    listed = said.get(key)
    if listed is None and said.keys() & {key, "has_next", "last_id", "offset"}:
        return []
    if not isinstance(listed, list):
        raise API.strange()
    return listed


def _read_reviews(place: Place, page: Page, said: Mapping[str, Any]) -> Iterator[Parsed]:
    listed = _listed(said, "reviews")
    known = json_values.marks(place.cursor.get("marks"), page.context.get("marks"))
    newest, oldest = json_values.number(page.context.get("newest")) or 0, None
    for review in json_values.rows(listed):
        own_id, mark = json_values.identifier(review.get("id")), items.mark(review)
        is_known = bool(own_id) and known.get(own_id) == mark
        if own_id and items.has_files(review):
            if not is_known:
                yield fetch("/v2/review/info", {"review_id": own_id}, "info", {})
        else:
            yield from items.read_review(place, review, page)
        if own_id and not is_known and json_values.number(review.get("comments_amount")):
            yield _comments(own_id, json_values.identifier(review.get("sku")))
        if own_id:
            known[own_id] = mark
        if (at := json_values.moment(review.get("published_at"), page)) is not None:
            newest, oldest = max(newest, json_values.stamp(at)), at
    marks = dict(list(known.items())[-MOST_MARKS:])
    is_old = (
        bool(page.context.get("begins")) and oldest is not None and _written(oldest) < page.context["begins"]
    )
    is_over = page.context.get("version") == 1 and is_old
    if (following := _following(page, said, listed)) and not is_over:
        context = {"newest": newest, "marks": marks, "version": page.context.get("version")}
        yield _reviews(page.context.get("begins"), following, context)
        return
    before = json_values.number(place.cursor.get("reviews_until")) or 0
    yield Remember({"reviews_until": max(newest, before), "marks": marks} if newest else {"marks": marks})


def _read_questions(place: Place, page: Page, said: Mapping[str, Any]) -> Iterator[Parsed]:
    listed = _listed(said, "questions")
    newest = json_values.number(page.context.get("newest")) or 0
    for question in json_values.rows(listed):
        yield from items.read_question(place, question, page)
        own_id, sku = (json_values.identifier(question.get(key)) for key in ("id", "sku"))
        if own_id and sku.isdecimal() and json_values.number(question.get("answers_count")):
            yield _answers(own_id, sku)
        if (at := json_values.moment(question.get("published_at"), page)) is not None:
            newest = max(newest, json_values.stamp(at))
    if following := _following(page, said, listed):
        yield _questions(page.context.get("begins"), following, {"newest": newest})
        return
    before = json_values.number(place.cursor.get("questions_until")) or 0
    if newest:
        yield Remember({"questions_until": max(newest, before)})


def _following(page: Page, said: Mapping[str, Any], listed: list[Any]) -> str:
    """The id after which the next page begins; empty where this is the last one."""
    last_id = json_values.identifier(said.get("last_id"))
    is_more = listed and said.get("has_next") is not False and last_id != page.context.get("last_id")
    return last_id if is_more else ""
