"""Discourse: the posts of a forum, newest first, and answers in their topics. A public forum is read without a key.

The newest posts of the whole forum are walked back to what is known; the page on which that ends is read anew each time, so that
what was changed or deleted lately is seen.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from channels import errors
from channels.contract import (
    About,
    Answering,
    Call,
    Fetch,
    Field,
    Finding,
    Limits,
    Look,
    Page,
    Parsed,
    Place,
    Receipt,
    Remark,
    Remember,
    Rights,
    Target,
    Text,
    Wire,
)
from channels.discourse import answers, api, posts
from channels.reading import html_pages, json_values, urls

MOST_PAGES: Final = 60
BEGINNING: Final = timedelta(days=30)
_CATEGORY: Final = re.compile(r"/c/(?:[^/]+/)*(\d+)(?:/|\Z)")


class Discourse:
    about = About(
        "discourse",
        Text("Discourse forum", "Форум на Discourse"),
        fields=(
            Field(
                "api_key",
                Text("API key", "Ключ API"),
                "secret",
                needed_for="answering",
                hint=Text(
                    "In the forum: Admin, API, New API key; user level: single user, scope: global or topics and posts.",
                    "На форуме: Админ → API → Новый ключ API; уровень — один пользователь, права — глобальные или «темы и сообщения».",
                ),
            ),
            Field(
                "username",
                Text("User name on the forum", "Имя пользователя на форуме"),
                needed_for="answering",
                hint=Text(
                    "The user of that key: answers appear in his name.",
                    "Пользователь этого ключа: ответы появляются от его имени.",
                ),
            ),
        ),
        answering=Answering(Limits(32_000), is_moderated=True, edits=-1),
        terms=Text(
            "A forum that belongs to others has rules of its own about answers of brands: read them first.",
            "На чужом форуме свои правила для ответов компаний: сначала прочитайте их.",
        ),
    )

    def recognise(self, page: Page) -> Finding | None:
        """Discourse names itself in the head of every page."""
        if page.status >= 300 or (tree := html_pages.tree_or_none(page)) is None:
            return None
        said = " ".join(tree.xpath('//meta[@name="generator"]/@content')[:3])
        if not said.startswith("Discourse "):
            return None
        title = json_values.name(" ".join(tree.xpath("//title/text()")[:1])) or urlsplit(page.url).netloc
        root = api.root_of(Place(page.url))
        category = _CATEGORY.search(urlsplit(page.url).path)
        return Finding(
            self.about.kind,
            urls.without_fragment(page.url) if category else root,
            title,
            Text(
                "A forum on Discourse. New posts are read without a key; answering needs one.",
                "Форум на Discourse. Новые сообщения читаются без ключа, для ответов он нужен.",
            ),
            0.97,
        )

    def follow_ups(self, page: Page) -> Iterable[Fetch]:
        del page
        return ()

    def hosts(self, place: Place) -> Collection[str]:
        return [urlsplit(place.url).netloc]

    def authorize(self, place: Place, call: Call, now: datetime) -> Call:
        del now  # a key lasts until somebody revokes it
        key, user = place.secrets.get("api_key", "").strip(), place.settings.get("username", "").strip()
        if not key or not user:
            raise errors.Unauthorized(
                Text(
                    "Give the API key of the forum and the user name that it belongs to.",
                    "Укажите ключ API форума и имя пользователя, которому он выдан.",
                )
            )
        return replace(call, headers={**call.headers, "api-key": key, "api-username": user})

    def start(self, place: Place) -> Iterator[Fetch]:
        yield _newest(place, None, {"number": 0})

    def parse(self, place: Place, page: Page) -> Iterator[Parsed]:
        said = api.read(place, page)
        if not isinstance(said.get("latest_posts"), list):
            raise api.API.strange()
        found = json_values.rows(said["latest_posts"])
        wanted = _of_category(place, found)
        yield from posts.read(place, wanted, api.root_of(place), page)
        context, newest = page.context, posts.newest(found)
        known = json_values.whole(place.cursor.get("post"))
        if json_values.whole(context.get("number")) == 0 and newest:
            yield Remember({"post": max(newest, known)})
        yield from _go_on(place, page, found, known)

    def send(self, place: Place, target: Target, text: str, wire: Wire) -> Receipt:
        return answers.publish(place, target, text, wire)

    def edit(self, place: Place, target: Target, receipt: Receipt, text: str, wire: Wire) -> Receipt:
        return answers.correct(place, target, receipt, text, wire)

    def delete(self, place: Place, target: Target, receipt: Receipt, wire: Wire) -> None:
        del target
        answers.withdraw(place, receipt, wire)

    def look(self, place: Place, target: Target, text: str, receipt: Receipt | None, wire: Wire) -> Look:
        return answers.look_for(place, target, text, receipt, wire)

    def ask(self, place: Place, target: Target, text: str, receipt: Receipt, wire: Wire) -> Look:
        del receipt
        return answers.ask_for(place, target, text, wire)

    def check(self, place: Place, wire: Wire) -> Rights:
        """Whose key it is, by the forum's word."""
        said = api.read(place, wire.ask(Call(f"{api.root_of(place)}/session/current.json")))
        user = json_values.name(json_values.part(said, "current_user").get("username"))
        if not user:
            raise api.API.strange()
        return Rights(listens=True, answers=True, signs_as=user)


def _newest(place: Place, before: int | None, context: Mapping[str, Any]) -> Fetch:
    url = f"{api.root_of(place)}/posts.json" + (f"?before={before}" if before is not None else "")
    access = "account" if api.has_key(place) else "open"
    return Fetch(url, "posts", context, access=access, is_conditional=False)  # type: ignore[arg-type]


def _go_on(place: Place, page: Page, found: list[Mapping[str, Any]], known: int) -> Iterator[Parsed]:
    """Further back, until what is known or the beginning of the first reading."""
    number, last = json_values.whole(page.context.get("number")) + 1, posts.oldest(found)
    if not last or last <= known + 1 or _is_before(place, page, found, known):
        return
    before = json_values.whole(page.context.get("before"))
    if before and last >= before:
        return  # the forum gives the same page again
    if number >= MOST_PAGES:
        yield Remark(
            Text(
                f"More posts than are read at once: those before post {last} were left out.",
                f"Сообщений больше, чем читается за раз: более ранние, чем {last}, пропущены.",
            )
        )
        return
    yield _newest(place, last, {"number": number, "before": last})


def _is_before(place: Place, page: Page, found: list[Mapping[str, Any]], known: int) -> bool:
    """Whether a first reading has gone back far enough."""
    if known or page.fetched_at is None:
        return False
    since = place.since or page.fetched_at - BEGINNING
    times = [at for post in found if (at := json_values.moment(post.get("created_at"), page)) is not None]
    return bool(times) and min(times) < since


def _of_category(place: Place, found: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    named = _CATEGORY.search(urlsplit(place.url).path)
    if named is None:
        return found
    return [post for post in found if json_values.identifier(post.get("category_id")) == named[1]]
