"""RuStore: reviews of one's own app, and one answer to each, which a moderator looks at.

The list promises no order and knows no dates: it is read whole, page by page, up to a bound.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from channels import errors
from channels.contract import (
    About,
    Answering,
    Call,
    Fetch,
    Field,
    Finding,
    Grant,
    Limits,
    Look,
    Pace,
    Page,
    Parsed,
    Place,
    Receipt,
    Remark,
    Rights,
    Target,
    Text,
    Wire,
)
from channels.reading import json_values
from channels.rustore import answers, api, reviews

MOST_PAGES: Final = 100
_PACKAGE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)+")
_CATALOGUE: Final = re.compile(r"/(?:[a-z]{2}/)?catalog/app/([^/?#]+)/?\Z")


class RuStore:
    about = About(
        "rustore",
        Text("RuStore reviews", "Отзывы RuStore"),
        address="app",
        fields=(
            Field(
                "key_id",
                Text("Key ID", "ID ключа"),
                scope="account",
                needed_for="listening",
                hint=Text(
                    "In RuStore Console: Company, API RuStore, Generate key; choose the app and all methods of reviews.",
                    "В RuStore Консоли: Компания → API RuStore → Сгенерировать ключ; выберите приложение и все методы отзывов.",
                ),
            ),
            Field(
                "private_key",
                Text("Private key", "Закрытый ключ"),
                "long_secret",
                "account",
                "listening",
                hint=Text("Shown beside the key ID, once.", "Показывается рядом с ID ключа один раз."),
            ),
        ),
        pace=Pace(interval_seconds=1_800, per_second=1.0),
        answering=Answering(
            Limits(500),
            slots="single",
            proof="account",
            is_moderated=True,
            looks_seconds=(60, 600, 3_600, 21_600, 86_400, 259_200),
            edits=-1,
        ),
        terms=Text(
            "For your own apps, by RuStore's official API. A moderator looks at each answer.",
            "Для своих приложений, через официальный API RuStore. Каждый ответ смотрит модератор.",
        ),
        api=(api.ORIGIN,),
    )

    def recognise_address(self, typed: str) -> Finding | None:
        package = _package_in(typed)
        if package is None:
            return None
        return Finding(
            self.about.kind,
            f"https://www.rustore.ru/catalog/app/{package}",
            f"RuStore: {package}",
            Text("This is an app in RuStore.", "Это приложение в RuStore."),
            1.0,
        )

    def hosts(self, place: Place) -> Collection[str]:
        del place  # always the official one
        return (urlsplit(api.ORIGIN).netloc,)

    def lane(self, place: Place) -> str:
        return f"rustore#{place.account_id if place.account_id is not None else place.url}"

    def authorize(self, place: Place, call: Call, now: datetime) -> Call:
        del now  # whoever lends the wire looks at the time at which the token runs out
        return call if call.url == api.TOKEN else replace(call, headers=api.authorized(call, place))

    def renew(self, place: Place, wire: Wire) -> Grant:
        return api.token(place, wire)

    def start(self, place: Place) -> Iterator[Fetch]:
        for what in ("comment", "feedback"):
            yield _list(_package(place), what, 0)

    def parse(self, place: Place, page: Page) -> Iterator[Parsed]:
        del place  # the page's own address names the app
        what, number = str(page.context.get("what")), json_values.whole(page.context.get("number"))
        listed = api.rows(api.body(page))
        package = api.package_of(page.url)
        for one in listed:
            yield from answers.read(one) if what == "feedback" else reviews.read(one, package, page)
        if len(listed) < api.SIZE:
            return
        if number + 1 < MOST_PAGES:
            yield _list(package, what, number + 1)
        else:
            yield Remark(
                Text(
                    f"RuStore lists more than {MOST_PAGES * api.SIZE:,} entries; the rest was left out.",
                    f"В списке RuStore больше {MOST_PAGES * api.SIZE} записей; остальные пропущены.",
                )
            )

    def send(self, place: Place, target: Target, text: str, wire: Wire) -> Receipt:
        return answers.publish(_package(place), target, text, wire)

    def edit(self, place: Place, target: Target, receipt: Receipt, text: str, wire: Wire) -> Receipt:
        return answers.correct(_package(place), target, receipt, text, wire)

    def delete(self, place: Place, target: Target, receipt: Receipt, wire: Wire) -> None:
        del target  # the number of the answer says it all
        answers.withdraw(_package(place), receipt, wire)

    def look(self, place: Place, target: Target, text: str, receipt: Receipt | None, wire: Wire) -> Look:
        return answers.look_for(_package(place), target, text, receipt, wire)

    def check(self, place: Place, wire: Wire) -> Rights:
        """A key opens chosen apps and chosen methods: both lists are asked for."""
        package = _package(place)
        for what in ("comment", "feedback"):
            api.body(wire.ask(Call(api.address(package, what, page=0, size=1))))
        return Rights(True, True, package)


def _list(package: str, what: str, number: int) -> Fetch:
    url = api.address(package, what, page=number, size=api.SIZE)
    return Fetch(url, "list", {"what": what, "number": number}, access="account", is_conditional=False)


def _package_in(typed: str) -> str | None:
    try:
        parts = urlsplit(typed if "://" in typed else f"https://{typed}")
    except ValueError:
        return None
    if (parts.hostname or "").removeprefix("www.") not in ("rustore.ru", "apps.rustore.ru"):
        return None
    found = _CATALOGUE.fullmatch(parts.path)
    return found[1] if found is not None and _PACKAGE.fullmatch(found[1]) and len(found[1]) <= 50 else None


def _package(place: Place) -> str:
    package = _package_in(place.url)
    if package is None:
        raise errors.Unreadable(
            Text(
                "The address names no app: it looks like https://www.rustore.ru/catalog/app/ru.shop.app.",
                "В адресе нет приложения: он выглядит как https://www.rustore.ru/catalog/app/ru.shop.app.",
            )
        )
    return package
