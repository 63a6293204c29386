"""WooCommerce: reviews of products by its REST API with the keys of the shop; answers as comments of WordPress under the review."""

import base64
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from channels import errors
from channels.contract import (
    About,
    Answering,
    Call,
    Fetch,
    Field,
    Finding,
    Limits,
    Page,
    Parsed,
    Place,
    Remark,
    Rights,
    Text,
    Wire,
)
from channels.reading import html_pages
from channels.woocommerce import reviews as reviews_of
from channels.wordpress import answers, api
from channels.wordpress import comments as comments_of
from channels.wordpress.channel import PER_PAGE, WordPress, own_user_ids

REVIEWS: Final = "/wc/v3/products/reviews"
DEEPEST: Final = 5
"""Answers to answers, so many times over, are looked at."""
MOST_ANSWER_PAGES: Final = 10
_MARK: Final = b"/plugins/woocommerce/"


class WooCommerce(WordPress):
    """Beside its reviews a shop is a WordPress site: it is found, answered and looked at as one."""

    about = About(
        "woocommerce",
        Text("WooCommerce reviews", "Отзывы WooCommerce"),
        fields=(
            Field(
                "consumer_key",
                Text("Consumer key", "Ключ клиента (consumer key)"),
                "secret",
                needed_for="listening",
                hint=Text(
                    "In WordPress: WooCommerce, Settings, Advanced, REST API, Add key, permission Read. Begins with ck_.",
                    "В WordPress: WooCommerce → Настройки → Дополнительно → REST API → Добавить ключ, права «Чтение». Начинается с ck_.",
                ),
            ),
            Field(
                "consumer_secret",
                Text("Consumer secret", "Секрет клиента (consumer secret)"),
                "secret",
                needed_for="listening",
                hint=Text(
                    "Shown beside the key, once. Begins with cs_.",
                    "Показывается рядом с ключом один раз. Начинается с cs_.",
                ),
            ),
            Field(
                "username",
                Text("User name on the site", "Имя пользователя на сайте"),
                needed_for="answering",
                hint=Text(
                    "The user in whose name answers appear.",
                    "Пользователь, от имени которого появляются ответы.",
                ),
            ),
            Field(
                "application_password",
                Text("Application password", "Пароль приложения"),
                "secret",
                needed_for="answering",
                hint=Text(
                    "In WordPress: Users, Profile of that user, Application Passwords.",
                    "В WordPress: Пользователи → Профиль этого пользователя → Пароли приложений.",
                ),
            ),
            Field(
                "own_user_ids", Text("User numbers of your staff", "Номера пользователей — ваших сотрудников")
            ),
            Field(
                "max_pages",
                Text("Pages of 100 reviews at most", "Страниц по 100 отзывов, не больше"),
                "number",
            ),
        ),
        answering=Answering(Limits(65_525, "bytes"), is_moderated=True, edits=-1),
    )

    def authorize(self, place: Place, call: Call, now: datetime) -> Call:
        """The keys open what is WooCommerce's, the application password all that is WordPress'."""
        if not _is_of_shop(call.url):
            return super().authorize(place, call, now)
        key, secret = (place.secrets.get(name, "").strip() for name in ("consumer_key", "consumer_secret"))
        if not key or not secret:
            raise errors.Unauthorized(
                Text(
                    "Give the consumer key and the consumer secret of the shop's REST API.",
                    "Укажите consumer key и consumer secret от REST API магазина.",
                )
            )
        proof = "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode("ascii")
        return replace(call, headers={**call.headers, "authorization": proof})

    def parse(self, place: Place, page: Page) -> Iterator[Parsed]:
        if page.role == "answers":
            yield from self._parse_answers(place, page)
        else:
            yield from super().parse(place, page)

    def _comments(self, root: str, number: int, context: Mapping[str, Any]) -> Fetch:
        """Newest first, as WordPress is asked for comments."""
        query: dict[str, str | int] = {"per_page": int(context.get("per_page", PER_PAGE)), "page": number}
        if not context.get("is_bare"):
            query |= {"orderby": "id", "order": "desc"}
        kept = {**context, "root": root, "page": number}
        return Fetch(
            api.endpoint(root, REVIEWS, **query), "comments", kept, access="account", is_conditional=False
        )

    def _parse_comments(self, place: Place, page: Page) -> Iterator[Parsed]:
        root = str(page.context.get("root") or api.api_part(page.url) or page.url)
        if (other := self._otherwise(root, page)) is not None:
            yield other
            return
        is_end = page.status >= 300 and api.problem(api.read_json(page.body))[0].endswith(
            "_invalid_page_number"
        )
        reviews = [] if is_end else reviews_of.listed(page)[: 10 * PER_PAGE]
        own = own_user_ids(place) | set(page.context.get("own", []))
        yield from reviews_of.read(
            reviews, root, own, page, _clock(page, [reviews_of.as_comment(one) for one in reviews])
        )
        ids = [number for one in reviews if (number := api.number(one.get("id")))]
        if ids:
            yield _answers(root, ids, sorted(own), 1, 1)
        yield from self._go_on(place, page, root, ids)

    def _parse_answers(self, place: Place, page: Page) -> Iterator[Parsed]:
        """What was said under reviews is comments: open to everybody, ours among them."""
        context = page.context
        root, depth, number = str(context["root"]), int(context.get("depth", 1)), int(context.get("page", 1))
        try:
            found = api.comments_in(page)[: 10 * PER_PAGE]
        except (errors.Unauthorized, errors.NotFound, errors.Blocked) as error:
            yield Remark(
                Text("Answers under reviews are not seen. ", "Ответы под отзывами не видны. ") + error.text
            )
            return
        own = own_user_ids(place) | set(context.get("own", []))
        yield from comments_of.read(found, root, own, page, _clock(page, found))
        ids = [own_number for one in found if (own_number := api.number(one.get("id")))]
        if ids and depth < DEEPEST:
            yield _answers(root, ids, sorted(own), depth + 1, 1)
        total = api.total_pages(page)
        if number < min(total or 1, MOST_ANSWER_PAGES):
            yield _answers(root, list(context["parents"]), sorted(own), depth, number + 1)

    def check(self, place: Place, wire: Wire) -> Rights:
        """The keys read; the application password answers, where there is one."""
        root = answers.api_root(place, wire)
        answer = wire.ask(Call(api.endpoint(root, REVIEWS, per_page=1)))
        reviews_of.listed(Page(answer.url, answer.status, answer.headers, answer.body))
        if not place.secrets.get("application_password"):
            return Rights(listens=True, answers=False)
        return super().check(place, wire)

    def recognise(self, page: Page) -> Finding | None:
        found = super().recognise(page)
        if found is None or not _is_shop(page):
            return None
        return replace(
            found,
            evidence=Text(
                "The site is a WooCommerce shop; reviews of its products can be read and answered with its keys.",
                "Это магазин на WooCommerce: отзывы о товарах можно читать по его ключам и отвечать на них.",
            ),
            confidence=min(found.confidence, 0.96),
        )

    def follow_ups(self, page: Page) -> Iterator[Fetch]:
        """WordPress asks for what both of them look at."""
        del page
        yield from ()


def _answers(root: str, parents: Iterable[int], own: Iterable[int], depth: int, number: int) -> Fetch:
    asked = list(parents)
    listed = ",".join(str(one) for one in asked)
    url = api.endpoint(
        root,
        "/wp/v2/comments",
        parent=listed,
        per_page=PER_PAGE,
        page=number,
        orderby="id",
        order="desc",
        _embed="up",
    )
    context = {"root": root, "parents": asked, "own": list(own), "depth": depth, "page": number}
    return Fetch(url, "answers", context, is_conditional=False)


def _clock(page: Page, found: list[Mapping[str, Any]] | list[dict[str, Any]]) -> comments_of.Clock:
    return comments_of.Clock(page.fetched_at, comments_of.zone_beside(found, page.fetched_at))


def _is_of_shop(url: str) -> bool:
    parts = urlsplit(url)
    route = next(iter(parse_qs(parts.query).get("rest_route", [])), parts.path.partition("/wp-json")[2])
    return route.startswith("/wc/")


def _is_shop(page: Page) -> bool:
    index = api.read_json(page.body) if api.api_part(page.url) else None
    if isinstance(index, dict):
        spaces = index.get("namespaces")
        return isinstance(spaces, list) and "wc/v3" in spaces
    return "html" in html_pages.content_type(page) and _MARK in page.body
