"""Avito: reviews about one's own account, and one answer to each, which a moderator looks at.

The list knows no dates: it is read from its beginning, with a few reviews of the last page on the next one, so that what is
deleted meanwhile hides nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from channels import errors, marketplaces
from channels.avito import answers
from channels.avito.api import API, LIMIT, OF_KEYS, ORIGIN, SHARED, TOKEN, list_address, reviews_in
from channels.avito.reviews import read_one
from channels.contract import (
    About,
    Answering,
    Call,
    Fetch,
    Field,
    Finding,
    Grant,
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

FORM: Final = {"content-type": "application/x-www-form-urlencoded"}
OVERLAP: Final = timedelta(days=30)
SOONER: Final = timedelta(minutes=5)
"""A token is renewed before it runs out under a request."""


class Avito(marketplaces.OfSellers):
    about = About(
        "avito",
        Text("Avito reviews", "Отзывы Авито"),
        address="none",
        fields=(
            Field(
                "client_id",
                Text("Client ID", "Client ID"),
                scope="account",
                needed_for="listening",
                hint=Text(
                    "At avito.ru/professionals/api, under your account's keys.",
                    "На avito.ru/professionals/api, в разделе с ключами вашего аккаунта.",
                ),
            ),
            Field(
                "client_secret",
                Text("Client secret", "Client secret"),
                "secret",
                "account",
                "listening",
                hint=Text("In the same place, beside the client ID.", "Там же, рядом с Client ID."),
            ),
        ),
        pace=Pace(per_second=1.0),
        answering=Answering(
            slots="single",
            proof="account",
            is_moderated=True,
            looks_seconds=(60, 600, 3_600, 21_600, 86_400, 259_200),
        ),
        terms=Text(
            "For the reviews about your own account, by Avito's official API for business. An answer cannot be corrected, only"
            " deleted and written anew.",
            "Для отзывов о вашем аккаунте, через официальный API Авито для бизнеса. Ответ нельзя исправить, можно удалить и"
            " написать заново.",
        ),
        api=(ORIGIN,),
    )

    def recognise_address(self, typed: str) -> Finding | None:
        return marketplaces.finding("avito", Text("Avito", "Авито"), ("avito.ru",), typed)

    def authorize(self, place: Place, call: Call, now: datetime) -> Call:
        del now  # whoever lends the wire looks at the time at which the token runs out
        if call.url == TOKEN:
            return call
        if not place.secrets.get("access_token"):
            _keys(place)
            raise errors.Expired(Text("There is no token yet.", "Токена ещё нет."))
        proof = f"Bearer {place.secrets['access_token']}"
        return replace(call, headers={**call.headers, "authorization": proof})

    def renew(self, place: Place, wire: Wire) -> Grant:
        client, secret = _keys(place)
        asked = {"grant_type": "client_credentials", "client_id": client, "client_secret": secret}
        answer = wire.ask(Call(TOKEN, "POST", urlencode(asked).encode(), FORM))
        if answer.status == 400:
            raise errors.Unauthorized(
                Text("Avito does not accept the keys.", "Авито не принимает ключи.") + OF_KEYS.told(answer)
            )
        said = OF_KEYS.read(answer)
        token, lasts = said.get("access_token"), json_values.number(said.get("expires_in"))
        if not isinstance(token, str) or not token:
            refused = OF_KEYS.told(answer)
            if refused.en:
                raise errors.Unauthorized(Text("Avito gave no token.", "Авито не выдал токен.") + refused)
            raise API.strange()
        ends = wire.now + timedelta(seconds=min(lasts, 10**9)) - SOONER if lasts is not None else None
        return Grant({"access_token": token}, ends)

    def start(self, place: Place) -> Iterator[Fetch]:
        del place  # the token says whose reviews are meant
        yield _list(0, {})

    def parse(self, place: Place, page: Page) -> Iterator[Parsed]:
        said = API.read(page)
        listed, stamps = reviews_in(said), []
        for review in json_values.rows(listed):
            yield from read_one(place, review, page)
            if (at := json_values.moment(review.get("createdAt"), page)) is not None:
                stamps.append(json_values.stamp(at))
        yield from _go_on(place, page, json_values.number(said.get("total")), len(listed), stamps)

    def send(self, place: Place, target: Target, text: str, wire: Wire) -> Receipt:
        del place  # one host for all
        return answers.publish(target, text, wire)

    def delete(self, place: Place, target: Target, receipt: Receipt, wire: Wire) -> None:
        del place, target  # the number of the answer says it all
        answers.withdraw(receipt, wire)

    def look(self, place: Place, target: Target, text: str, receipt: Receipt | None, wire: Wire) -> Look:
        del place  # one host for all
        return answers.look_for(target, text, receipt, wire)

    def check(self, place: Place, wire: Wire) -> Rights:
        del place  # the token says whose account is meant
        API.read(wire.ask(Call(f"{ORIGIN}/ratings/v1/info")))
        try:
            account = API.read(wire.ask(Call(f"{ORIGIN}/core/v1/accounts/self")))
        except errors.ChannelError:
            account = {}
        return Rights(True, True, json_values.name(account.get("name")))


def _keys(place: Place) -> tuple[str, str]:
    client = place.settings.get("client_id", "").strip()
    if not client or not (secret := place.secrets.get("client_secret", "").strip()):
        raise API.no_key()
    return client, secret


def _list(offset: int, context: Mapping[str, Any]) -> Fetch:
    return Fetch(
        list_address(offset), "reviews", {**context, "offset": offset}, access="account", is_conditional=False
    )


def _go_on(place: Place, page: Page, total: int | None, count: int, stamps: list[int]) -> Iterator[Parsed]:
    """On to what is older than what was read before; to the end where nothing is sorted by date."""
    offset = json_values.number(page.context.get("offset")) or 0
    newest = max([*stamps, json_values.number(page.context.get("newest")) or 0])
    known = json_values.number(place.cursor.get("newest")) or 0
    is_sorted = stamps == sorted(stamps, reverse=True) and page.context.get("is_sorted", True)
    is_known = is_sorted and bool(stamps) and known and stamps[-1] < known - OVERLAP.total_seconds()
    is_last = count < LIMIT if total is None else offset + count >= total
    if count > SHARED and not is_last and not is_known:
        yield _list(offset + count - SHARED, {"newest": newest, "is_sorted": is_sorted})
    elif newest:
        yield Remember({"newest": max(newest, known)})
