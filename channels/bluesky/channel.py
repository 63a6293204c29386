"""Bluesky: posts that a search finds, and what names the account or answers it; answers as posts in the thread.

A search is asked for what is newer than what is known, less ten minutes, as posts are found some time after they were
written. The account's own answers are read from its repository, which has them at once.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

import regex

from channels import errors
from channels.bluesky import answers, sessions
from channels.bluesky.api import API, ENTRY, POST, PUBLIC, endpoint, own_did, read, server
from channels.bluesky.posts import read_one
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
from channels.reading import text as plain_text

PER_PAGE: Final = 100
MOST_PAGES: Final = 20
OVERLAP: Final = timedelta(minutes=10)
REASONS: Final = ("mention", "reply", "quote")
_HANDLE: Final = regex.compile(r"@((?:[a-z0-9-]{1,63}\.)+[a-z]{2,63})", regex.IGNORECASE)
_METHODS: Final = {
    "search": ("app.bsky.feed.searchPosts", "posts"),
    "mentions": ("app.bsky.notification.listNotifications", "notifications"),
    "ours": ("com.atproto.repo.listRecords", "records"),
}


class Bluesky:
    about = About(
        "bluesky",
        Text("Bluesky", "Сеть Bluesky"),
        fields=(
            Field(
                "handle",
                Text("Name of the account", "Имя аккаунта"),
                scope="account",
                needed_for="listening",
                hint=Text(
                    "As in your profile, without @: zarya.bsky.social.",
                    "Как в профиле, без @: zarya.bsky.social.",
                ),
            ),
            Field(
                "app_password",
                Text("App password", "Пароль приложения"),
                "secret",
                "account",
                "listening",
                hint=Text(
                    "In Bluesky: Settings, Privacy and security, App passwords, Add. Not the password of the account.",
                    "В Bluesky: Настройки → Приватность и безопасность → Пароли приложений → Добавить. Это не пароль от аккаунта.",
                ),
            ),
            Field(
                "url",
                Text("Server of the account", "Сервер аккаунта"),
                scope="account",
                hint=Text(
                    "Leave empty for accounts at bsky.social. For one at a server of its own: its address.",
                    "Оставьте пустым для аккаунтов на bsky.social. Если аккаунт на собственном сервере — его адрес.",
                ),
            ),
        ),
        pace=Pace(interval_seconds=600, per_second=5.0),
        answering=Answering(answers.LIMITS, again="same_reference"),
        terms=Text(
            "By the open API. An account that answers by a program says so in its profile, and answers only those who speak of it.",
            "Через открытый API. Аккаунт, который отвечает с помощью программы, указывает это в профиле и отвечает только тем,"
            " кто пишет о бренде.",
        ),
        api=(ENTRY, PUBLIC),
    )

    def recognise_address(self, typed: str) -> Finding | None:
        """A bare @name.example is of no other network: Mastodon's bear two signs."""
        if found := _HANDLE.fullmatch(typed):
            url = f"https://bsky.app/profile/{found[1].lower()}"
        else:
            url = typed if "://" in typed else f"https://{typed}"
        if (what := _subject(url)) is None:
            return None
        said = Text("This is at Bluesky.", "Это Bluesky.")
        return Finding("bluesky", url, what[1], said, 0.8 if found else 1.0)

    def lane(self, place: Place) -> str:
        return f"bluesky:{place.settings.get('handle', '')}"

    def hosts(self, place: Place) -> Collection[str]:
        return (urlsplit(server(place)).netloc,)

    def authorize(self, place: Place, call: Call, now: datetime) -> Call:
        del now  # whoever lends the wire looks at the time at which the session runs out
        if call.url.partition("/xrpc/")[2] in (sessions.SIGN_IN, sessions.REFRESH):
            return call
        if not place.secrets.get("access_jwt"):
            sessions.credentials(place)
            raise errors.Expired(
                Text("The account has not signed in yet.", "Аккаунт ещё не входил в Bluesky.")
            )
        return replace(
            call, headers={**call.headers, "authorization": f"Bearer {place.secrets['access_jwt']}"}
        )

    def renew(self, place: Place, wire: Wire) -> Grant:
        return sessions.renewed(place, wire)

    def start(self, place: Place) -> Iterator[Fetch]:
        if _subject(place.url) is None:
            raise errors.Unreadable(
                Text(
                    "The address names no search and no account: it looks like https://bsky.app/search?q=zarya.",
                    "В адресе нет ни поиска, ни аккаунта: он выглядит как https://bsky.app/search?q=zarya.",
                )
            )
        yield Fetch(
            endpoint(server(place), "com.atproto.server.getSession"),
            "me",
            access="account",
            is_conditional=False,
        )

    def parse(self, place: Place, page: Page) -> Iterator[Parsed]:
        said = read(page, page.fetched_at)
        if page.role != "me":
            yield from _listed(place, page, said)
            return
        did, handle = json_values.identifier(said.get("did")), json_values.identifier(said.get("handle"))
        if not did:
            raise API.strange()
        subject = _subject(place.url) or ("search", "")
        if subject[0] == "mentions" and subject[1].removeprefix("@") not in (handle.lower(), did):
            raise errors.Unauthorized(
                Text(
                    f"The password belongs to @{handle}, and only its own mentions can be read.",
                    f"Пароль принадлежит аккаунту @{handle}, а читать можно только его упоминания.",
                )
            )
        context = {"did": did, "handle": handle}
        yield _list(place, subject[0], context)
        yield _list(place, "ours", context)

    def send(self, place: Place, target: Target, text: str, wire: Wire) -> Receipt:
        return answers.publish(place, target, text, wire)

    def delete(self, place: Place, target: Target, receipt: Receipt, wire: Wire) -> None:
        del target  # the address of the answer says it all
        answers.withdraw(place, receipt, wire)

    def look(self, place: Place, target: Target, text: str, receipt: Receipt | None, wire: Wire) -> Look:
        return answers.look_for(place, target, text, receipt, wire)

    def check(self, place: Place, wire: Wire) -> Rights:
        said = read(wire.ask(Call(endpoint(server(place), "com.atproto.server.getSession"))), wire.now)
        is_active = said.get("active") is not False
        return Rights(is_active, is_active, json_values.name(said.get("handle")), answers.LIMITS)


def _subject(url: str) -> tuple[str, str] | None:
    """What is listened to, and its words: a search, or the mentions of an account."""
    try:
        parts = urlsplit(url)
        host, query = parts.hostname or "", parse_qs(parts.query, max_num_fields=50)
    except ValueError:
        return None
    if host.removeprefix("www.") != "bsky.app":
        return None
    path = [unquote(one) for one in parts.path.split("/") if one]
    words = plain_text.line(query.get("q", [""])[0])
    if path == ["search"] and words:
        return "search", words
    if len(path) == 2 and path[0] == "hashtag":
        return "search", f"#{plain_text.line(path[1])}"
    if len(path) == 2 and path[0] == "profile":
        return "mentions", f"@{plain_text.line(path[1]).lower()}"
    return None


def _list(place: Place, role: str, context: Mapping[str, Any]) -> Fetch:
    method, _ = _METHODS[role]
    asked: dict[str, object] = {"limit": PER_PAGE, "cursor": context.get("cursor")}
    match role:
        case "search":
            asked |= {"q": (_subject(place.url) or ("", ""))[1], "sort": "latest", "since": _since(place)}
        case "mentions":
            asked |= {"reasons": REASONS}
        case _:
            asked |= {"repo": context["did"], "collection": POST}
    return Fetch(
        endpoint(server(place), method, **asked), role, context, access="account", is_conditional=False
    )


def _since(place: Place) -> str | None:
    """From there on the search is asked; None for all."""
    known = json_values.moment_at(place.cursor.get("search"), None)
    since = known - OVERLAP if known is not None else place.since
    return since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z") if since is not None else None


def _listed(place: Place, page: Page, said: Mapping[str, Any]) -> Iterator[Parsed]:
    role = page.role if page.role in _METHODS else "search"
    if not isinstance(said.get(_METHODS[role][1]), list):
        raise API.strange()
    items, context = json_values.rows(said[_METHODS[role][1]]), page.context
    own = {
        one for one in (*place.own_ids, own_did(place), context.get("did")) if isinstance(one, str) and one
    }
    for item in items:
        if role != "ours":
            if role == "search" or item.get("reason") in REASONS:
                yield from read_one(place, item, own, page)
        elif json_values.part(item, "value").get("reply"):
            by_us = {"did": context.get("did"), "handle": context.get("handle")}
            yield from read_one(place, {**item, "record": item["value"], "author": by_us}, own, page)
    yield from _onward(place, page, role, said, items)


def _onward(
    place: Place, page: Page, role: str, said: Mapping[str, Any], items: list[Mapping[str, Any]]
) -> Iterator[Parsed]:
    """On to older ones, until they are older than what is known or the first reading goes no further back."""
    context, key = page.context, "value" if role == "ours" else ""
    times = [one for item in items if (one := _time(item, key, page)) is not None]
    known = json_values.moment_at(place.cursor.get(role), None)
    newest = max(
        [*times, *(one for one in [json_values.moment_at(context.get("newest"), None)] if one)], default=None
    )
    least = known - OVERLAP if known is not None else place.since
    is_past = least is not None and bool(times) and max(times) < least
    cursor, number = json_values.identifier(said.get("cursor")), json_values.whole(context.get("number")) + 1
    gone_on = {
        **context,
        "cursor": cursor,
        "number": number,
        "newest": newest.isoformat() if newest else None,
    }
    if items and cursor and cursor != context.get("cursor") and not is_past:
        if number < MOST_PAGES:
            yield _list(place, role, gone_on)
            return
        yield json_values.only_newest(MOST_PAGES)
    if newest is not None and (known is None or newest > known):
        yield Remember({role: newest.isoformat()})


def _time(item: Mapping[str, Any], key: str, page: Page) -> datetime | None:
    """By the site's clock where it shows one; that of an author may say anything."""
    if key:
        return json_values.moment(json_values.part(item, key).get("createdAt"), page)
    return json_values.moment(item.get("indexedAt"), page)
