"""Wildberries: reviews and questions about the goods of one's own shop, by the seller's API; one answer to each, which Wildberries checks.

Lists are read from the oldest to the newest, each page from the date of the last one: what is answered meanwhile moves to
another list, and nothing is skipped by that.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from channels import errors, marketplaces
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
from channels.reading import json_values
from channels.wildberries import answers
from channels.wildberries.api import ABOUT_SELLERS, API, ORIGIN
from channels.wildberries.items import read_one

TAKE: Final = 500
LATE: Final = timedelta(days=30)
"""So long a review may wait before Wildberries archives it; what is answered late is met once a day."""
OVERLAP: Final = timedelta(days=2)


class Wildberries(marketplaces.OfSellers):
    about = About(
        "wildberries",
        Text("Wildberries reviews and questions", "Отзывы и вопросы Wildberries"),
        address="none",
        visibility="public",
        fields=(
            Field(
                "token",
                Text("Token of the seller's API", "Токен API продавца"),
                "secret",
                "account",
                "listening",
                hint=Text(
                    "In the seller's cabinet: your name, Settings, API access, create a token with the category"
                    " “Questions and reviews” and without “Read only”. It is valid for 180 days.",
                    "В кабинете продавца: имя профиля, «Настройки», «Доступ к API», создайте токен с категорией"
                    " «Вопросы и отзывы» и без отметки «Только на чтение». Он действует 180 дней.",
                ),
                most_letters=4_000,
            ),
        ),
        pace=Pace(per_second=3.0),
        answering=Answering(
            Limits(5_000, least=2),
            slots="single",
            proof="account",
            is_moderated=True,
            looks_seconds=(60, 600, 3_600, 21_600, 86_400, 259_200),
            edits=1,
        ),
        terms=Text(
            "For the goods of your own shop, by the seller's official API. An answer can be corrected once, within 60 days,"
            " and cannot be deleted.",
            "Для товаров вашего магазина, через официальный API продавца. Ответ можно исправить один раз за 60 дней и"
            " нельзя удалить.",
        ),
        api=(ORIGIN, ABOUT_SELLERS),
    )

    def recognise_address(self, typed: str) -> Finding | None:
        return marketplaces.finding(
            "wildberries", Text("Wildberries", "Wildberries"), ("wildberries.ru", "wb.ru"), typed
        )

    def authorize(self, place: Place, call: Call, now: datetime) -> Call:
        del now  # nobody renews this token: the site says when it has run out
        if not (token := place.secrets.get("token", "").strip()):
            raise API.no_key()
        return replace(call, headers={**call.headers, "authorization": token})

    def start(self, place: Place) -> Iterator[Fetch]:
        for what in ("feedbacks", "questions"):
            for is_answered in (False, True):
                yield _list(what, is_answered, _begins(place, what, is_answered))

    def parse(self, place: Place, page: Page) -> Iterator[Parsed]:
        what = "questions" if page.role == "questions" else "feedbacks"
        said = API.read(page)
        if said.get("error") is True:
            raise errors.Unreadable(
                Text("Wildberries could not give the list.", "Wildberries не отдал список.") + API.told(page)
            )
        data = said.get("data")
        if not isinstance(data, dict) or not isinstance(items := data.get(what, 0) or [], list):
            raise API.strange()
        newest = json_values.number(page.context.get("newest")) or 0
        for item in json_values.rows(items):
            yield from read_one(place, what, item, page)
            if (at := json_values.moment(item.get("createdDate"), page)) is not None:
                newest = max(newest, json_values.stamp(at))
        yield from _go_on(place, what, page, len(items), newest)

    def send(self, place: Place, target: Target, text: str, wire: Wire) -> Receipt:
        del place  # one host for all
        return answers.publish(target, text, wire)

    def edit(self, place: Place, target: Target, receipt: Receipt, text: str, wire: Wire) -> Receipt:
        del place, receipt  # there is one answer, and it has no id of its own
        return answers.correct(target, text, wire)

    def look(self, place: Place, target: Target, text: str, receipt: Receipt | None, wire: Wire) -> Look:
        del place  # one host for all
        return answers.look_for(target, text, receipt, wire)

    def check(self, place: Place, wire: Wire) -> Rights:
        """By a question that any token with this category may ask; the name comes from elsewhere, and is no must."""
        del place  # one host for all
        API.read(wire.ask(Call(f"{ORIGIN}/api/v1/feedbacks/count-unanswered")))
        try:
            seller = API.read(wire.ask(Call(f"{ABOUT_SELLERS}/api/v1/seller-info")))
        except errors.ChannelError:
            seller = {}
        return Rights(True, True, json_values.name(seller.get("tradeMark") or seller.get("name")))


def _list(what: str, is_answered: bool, begins: int | None, **context: Any) -> Fetch:
    """`begins`: seconds since 1970 from which it is read, None for all there is."""
    skip = context.get("skip", 0)
    asked = {"isAnswered": str(is_answered).lower(), "take": TAKE, "skip": skip, "order": "dateAsc"}
    if begins is not None:
        asked["dateFrom"] = begins
    known = {"is_answered": is_answered, "begins": begins, **context}
    url = f"{ORIGIN}/api/v1/{what}?{urlencode(asked)}"
    return Fetch(url, what, known, access="account", is_conditional=False)


def _mark(what: str, is_answered: bool) -> str:
    return f"{what}_{'answered' if is_answered else 'open'}"


def _begins(place: Place, what: str, is_answered: bool) -> int | None:
    newest = json_values.number(place.cursor.get(_mark(what, is_answered)))
    if newest is None:
        return json_values.stamp(place.since) if place.since is not None else None
    return max(0, newest - int((OVERLAP if is_answered else LATE).total_seconds()))


def _go_on(place: Place, what: str, page: Page, count: int, newest: int) -> Iterator[Parsed]:
    is_answered = bool(page.context.get("is_answered"))
    begins = json_values.number(page.context.get("begins"))
    today = page.fetched_at.date().isoformat() if page.fetched_at is not None else ""
    known = json_values.number(place.cursor.get(_mark(what, is_answered)))
    is_due = is_answered and known is not None and place.cursor.get(f"{what}_reread") != today
    if is_due and "newest" not in page.context:
        since = max(0, known - int(LATE.total_seconds())) if known is not None else None
        yield _list(what, is_answered, since, newest=0)
    if count >= TAKE:
        # A second earlier, as the site does not say whether the moment itself belongs to what is asked for.
        later, skip = max(newest - 1, 0), json_values.number(page.context.get("skip")) or 0
        is_further = begins is None or later > begins
        skip = 0 if is_further else skip + count
        yield _list(what, is_answered, later if is_further else begins, newest=newest, skip=skip)
        return
    if newest:
        yield Remember({_mark(what, is_answered): max(newest, known or 0)})
    if is_answered:
        yield Remember({f"{what}_reread": today})
