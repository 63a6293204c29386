"""Yandex Market: reviews and questions about the goods of one's own shop, with the conversations below them, by the partner API;
every answer is checked by a moderator."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from channels import json_api, marketplaces
from channels.contract import (
    About,
    Answering,
    Call,
    Fetch,
    Field,
    Finding,
    Limits,
    Look,
    Moved,
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
from channels.reading import json_values
from channels.yandex_market import answers, items
from channels.yandex_market.api import (
    API,
    CAMPAIGNS,
    ORIGIN,
    business_in,
    listed,
    next_token,
    page_address,
    result,
)

OVERLAP: Final = timedelta(days=14)
MOST_MARKS: Final = 3_000
SPANS: Final = {"reviews": timedelta(days=180), "questions": timedelta(days=30)}
"""A longer time is never told at once."""
READS: Final = {"ALL_METHODS", "ALL_METHODS_READ_ONLY", "COMMUNICATION"}
WRITES: Final = {"ALL_METHODS", "COMMUNICATION"}


class YandexMarket(marketplaces.OfSellers):
    about = About(
        "yandex_market",
        Text("Yandex Market reviews and questions", "Отзывы и вопросы Яндекс Маркета"),
        address="none",
        fields=(
            Field(
                "api_key",
                Text("API key", "API-ключ"),
                "secret",
                "account",
                "listening",
                hint=Text(
                    "In the seller's cabinet: Settings, API and modules, create a token with the access “Communication with"
                    " customers”.",
                    "В кабинете продавца: «Настройки», «API и модули», создайте токен с доступом «Общение с покупателями».",
                ),
            ),
            Field(
                "business_id",
                Text("Cabinet ID", "ID кабинета"),
                "number",
                hint=Text(
                    "Leave it empty: Otklik asks Yandex Market. It is needed only if the key opens several cabinets.",
                    "Оставьте пустым: Otklik узнает его у Яндекс Маркета. Нужен, только если ключ открывает несколько кабинетов.",
                ),
            ),
        ),
        pace=Pace(per_second=2.0),
        answering=Answering(
            Limits(4_096, forbids=("links",)),
            proof="account",
            is_moderated=True,
            looks_seconds=(60, 600, 3_600, 21_600, 86_400, 259_200),
            edits=-1,
        ),
        window_days=180,
        terms=Text(
            "For the goods of your own shop, by the official API. Yandex Market accepts no contacts of the shop in answers,"
            " and no links except to itself.",
            "Для товаров вашего магазина, через официальный API. Яндекс Маркет не принимает в ответах контакты магазина и"
            " ссылки, кроме ссылок на сам Маркет.",
        ),
        api=(ORIGIN,),
    )

    def recognise_address(self, typed: str) -> Finding | None:
        title = Text("Yandex Market", "Яндекс Маркет")
        return marketplaces.finding(
            "yandex_market", title, ("market.yandex.ru", "partner.market.yandex.ru"), typed
        )

    def authorize(self, place: Place, call: Call, now: datetime) -> Call:
        del now  # the key is good until somebody revokes it
        if not (key := place.secrets.get("api_key", "").strip()):
            raise API.no_key()
        return replace(call, headers={**call.headers, "api-key": key})

    def start(self, place: Place) -> Iterator[Fetch]:
        business = place.settings.get("business_id", "").strip()
        if business.isdecimal():
            yield from _begin(place, business)
        else:
            yield Fetch(CAMPAIGNS, "campaigns", access="account", is_conditional=False)

    def parse(self, place: Place, page: Page) -> Iterator[Parsed]:
        if page.role == "campaigns":
            business, _ = business_in(page)
            yield Moved(settings={"business_id": business})
            yield from _begin(place, business)
            return
        if page.status == 404 and page.role in ("comments", "answers"):
            return  # It was deleted between the list and this question.
        if page.status == 400 and page.context.get("asked", {}).get(_names(page.role)[0]):
            yield from _within_span(page)
            return
        said = result(page)
        match page.role:
            case "comments":
                for comment in listed(said, "comments"):
                    yield from items.read_comment(place, comment, page)
                yield from _next_page(page, said)
            case "answers":
                for answer in listed(said, "answers"):
                    yield from items.read_answer(place, answer, page)
                yield from _next_page(page, said)
            case _:
                yield from _read_list(place, page, said)

    def send(self, place: Place, target: Target, text: str, wire: Wire) -> Receipt:
        return answers.publish(place, target, text, wire)

    def edit(self, place: Place, target: Target, receipt: Receipt, text: str, wire: Wire) -> Receipt:
        return answers.correct(place, target, receipt, text, wire)

    def delete(self, place: Place, target: Target, receipt: Receipt, wire: Wire) -> None:
        del target  # the number of the comment says it all
        answers.withdraw(place, receipt, wire)

    def look(self, place: Place, target: Target, text: str, receipt: Receipt | None, wire: Wire) -> Look:
        return answers.look_for(place, target, text, receipt, wire)

    def check(self, place: Place, wire: Wire) -> Rights:
        del place  # the key says it all
        key = json_values.part(result(wire.ask(json_api.posted(f"{ORIGIN}/v2/auth/token", {}))), "apiKey")
        told = key.get("authScopes")
        scopes = {str(one) for one in told} if isinstance(told, list) else set()
        _, name = business_in(wire.ask(Call(CAMPAIGNS)))
        return Rights(bool(scopes & READS), bool(scopes & WRITES), name)


def _names(role: str) -> tuple[str, str]:
    return ("dateFrom", "dateTo") if role == "questions" else ("dateTimeFrom", "dateTimeTo")


def _written(role: str, moment: datetime) -> str:
    moment = moment.astimezone(UTC)
    return moment.date().isoformat() if role == "questions" else moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _begin(place: Place, business: str) -> Iterator[Fetch]:
    """What is new, and whatever waits for the brand: a review that its author changes waits again, however old it is."""
    for role in ("reviews", "questions"):
        newest = json_values.number(place.cursor.get(f"{role}_until"))
        since = datetime.fromtimestamp(newest, UTC) - OVERLAP if newest is not None else None
        asked: dict[str, Any] = {_names(role)[0]: _written(role, since)} if since is not None else {}
        yield _list(role, business, asked)
    yield _list("reviews", business, {"reactionStatus": "NEED_REACTION"})


def _list(role: str, business: str, asked: Mapping[str, Any], token: str = "", **context: Any) -> Fetch:
    path, version = ("goods-questions", 1) if role == "questions" else ("goods-feedback", 2)
    sorting = {"sort": "CREATED_AT_ASC"} if role == "questions" else {}
    known = {"business": business, "asked": dict(asked), "token": token, **context}
    return json_api.query(page_address(business, path, version, token), {**asked, **sorting}, role, known)


def _within_span(page: Page) -> Iterator[Fetch]:
    """Nothing was said for so long that the time since then is more than is told at once: the last of it, then."""
    first, last = _names(page.role)
    asked = {key: value for key, value in page.context["asked"].items() if key not in (first, last)}
    yield _list(page.role, str(page.context.get("business", "")), asked)


def _next_page(page: Page, said: Mapping[str, Any]) -> Iterator[Fetch]:
    token = next_token(said)
    if token and token != page.context.get("token"):
        own = "feedback" if page.role == "comments" else "question"
        yield _below(page.role, str(page.context.get("business", "")), str(page.context.get(own, "")), token)


def _below(role: str, business: str, own_id: str, token: str = "") -> Fetch:
    if role == "comments":
        url, name = page_address(business, "goods-feedback/comments", 2, token), "feedback"
    else:
        url, name = page_address(business, "goods-questions/answers", 1, token), "question"
    asked = {f"{name}Id": int(own_id) if own_id.isdecimal() else own_id}
    return json_api.query(url, asked, role, {"business": business, name: own_id, "token": token})


def _read_list(place: Place, page: Page, said: Mapping[str, Any]) -> Iterator[Parsed]:
    """Once a day, and whenever something of a review has changed, the conversation below it is read again: the number of comments
    does not count answers to comments."""
    is_questions = page.role == "questions"
    role, business = "questions" if is_questions else "reviews", str(page.context.get("business", ""))
    known = json_values.marks(place.cursor.get(f"{role}_marks"), page.context.get("marks"))
    newest = json_values.number(page.context.get("newest")) or 0
    for item in listed(said, "questions" if is_questions else "feedbacks"):
        yield from (items.read_question if is_questions else items.read_review)(place, item, page)
        own_id, mark = _mark(item, page, is_questions=is_questions)
        if own_id and mark and known.get(own_id) != mark:
            yield _below("answers" if is_questions else "comments", business, own_id)
        if own_id and mark:
            known[own_id] = mark
        if (at := json_values.moment(item.get("createdAt"), page)) is not None:
            newest = max(newest, json_values.stamp(at))
    marks, asked = dict(list(known.items())[-MOST_MARKS:]), dict(page.context.get("asked", {}))
    if (token := next_token(said)) and token != page.context.get("token"):
        yield _list(role, business, asked, token, newest=newest, marks=marks)
        return
    yield from _earlier(place, page, role, business, asked)
    if "reactionStatus" in asked or _names(role)[1] in asked:
        return  # Part of what there is: nothing follows from it for the whole.
    before = json_values.number(place.cursor.get(f"{role}_until")) or 0
    yield Remember({f"{role}_until": max(newest, before)} if newest else {})
    yield Remember({f"{role}_marks": marks})


def _mark(item: Mapping[str, Any], page: Page, *, is_questions: bool) -> tuple[str, str]:
    """The id of an item, and what is different when the conversation below it should be read again; empty where there is none."""
    day = page.fetched_at.date() if page.fetched_at is not None else ""
    if is_questions:
        own_id = json_values.identifier(json_values.part(item, "questionIdentifiers").get("id"))
        return own_id, json_values.fingerprint(day)
    count = json_values.number(json_values.part(item, "statistics").get("commentsCount"))
    mark = json_values.fingerprint(day, count, item.get("needReaction"), item.get("description"))
    return json_values.identifier(item.get("feedbackId")), mark if count else ""


def _earlier(place: Place, page: Page, role: str, business: str, asked: Mapping[str, Any]) -> Iterator[Fetch]:
    """The first reading goes back as far as the source wants, one span after the other."""
    first, last = _names(role)
    is_first = f"{role}_until" not in place.cursor and "reactionStatus" not in asked
    if place.since is None or page.fetched_at is None or not is_first:
        return
    ends = datetime.fromisoformat(asked[first]) if first in asked else page.fetched_at - SPANS[role]
    ends = ends if ends.tzinfo is not None else ends.replace(tzinfo=UTC)
    if ends > place.since:
        begins = max(place.since, ends - SPANS[role])
        # The ends belong to neither span, so that they overlap by a moment, or a day.
        until = ends + (timedelta(0) if role == "questions" else timedelta(seconds=1))
        yield _list(role, business, {first: _written(role, begins), last: _written(role, until)})
