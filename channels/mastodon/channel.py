"""Mastodon and compatible servers: posts with a hashtag, a search of the server, mentions of the account; answers as posts.

Lists are read from the newest back to what is known, each page by the id where the last one ended, so that nothing shifts.
The newest page is read in every crawl, for what was edited. With a token the account's own answers are read as well.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, urlsplit

from channels import errors
from channels.contract import (
    About,
    Answering,
    Call,
    Fetch,
    Field,
    Finding,
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
from channels.mastodon import answers
from channels.mastodon.api import (
    API,
    account_of,
    endpoint,
    is_newer,
    listed,
    read,
    search_of,
    tag_of,
)
from channels.mastodon.statuses import is_open, read_one
from channels.reading import json_values
from channels.reading import text as plain_text

PER_PAGE: Final = 40
MOST_PAGES: Final = 25
_HANDLE: Final = re.compile(r"@([A-Za-z0-9_.-]{1,60})@((?:[a-z0-9-]{1,63}\.)+[a-z]{2,63})", re.IGNORECASE)
_MARK: Final = re.compile(rb"<(?:div|body)[^>]{0,300}id=['\"]mastodon['\"]")


class Mastodon:
    about = About(
        "mastodon",
        Text("Mastodon and compatible servers", "Mastodon и совместимые серверы"),
        fields=(
            Field(
                "access_token",
                Text("Access token", "Токен доступа"),
                "secret",
                "account",
                "answering",
                hint=Text(
                    "On your server: Preferences, Development, New application, with the rights read and write:statuses; then open the"
                    " application and copy “Your access token”. Hashtags can be read without it, searches and mentions cannot.",
                    "На вашем сервере: Настройки → Разработчикам → Новое приложение, права read и write:statuses; затем откройте"
                    " приложение и скопируйте «Ваш токен доступа». Хештеги читаются и без него, поиск и упоминания — нет.",
                ),
            ),
        ),
        pace=Pace(interval_seconds=600, per_second=0.9),
        answering=Answering(answers.limits(answers.USUAL_LENGTH), again="same_reference", edits=-1),
        terms=Text(
            "Each server has rules of its own: name the brand in the profile, and answer only those who speak of it.",
            "У каждого сервера свои правила: укажите в профиле, чей это аккаунт, и отвечайте только тем, кто пишет о бренде.",
        ),
    )

    def recognise_address(self, typed: str) -> Finding | None:
        if (found := _HANDLE.fullmatch(typed)) is None:
            return None
        address = f"https://{found[2].lower()}/@{found[1]}"
        said = Text(
            "This is an account at a server of Mastodon: its mentions can be read with its token.",
            "Это аккаунт на сервере Mastodon: его упоминания можно читать по его токену.",
        )
        return Finding("mastodon", address, typed, said, 0.9)

    def recognise(self, page: Page) -> Finding | None:
        is_server = "mastodon" in page.headers.get("server", "").lower() or _MARK.search(page.body[:200_000])
        if page.status >= 300 or not is_server:
            return None
        host = urlsplit(page.url).hostname or ""
        what = f"#{tag_of(page.url)}" if tag_of(page.url) else search_of(page.url) or account_of(page.url)
        said = Text("This is a server of Mastodon.", "Это сервер Mastodon.")
        return Finding("mastodon", page.url, f"{host}: {what}" if what else host, said, 0.95)

    def follow_ups(self, page: Page) -> Iterator[Fetch]:
        del page  # the page itself tells
        yield from ()

    def lane(self, place: Place) -> str:
        return f"mastodon:{urlsplit(place.url).netloc}"

    def hosts(self, place: Place) -> Collection[str]:
        return (urlsplit(place.url).netloc,)

    def authorize(self, place: Place, call: Call, now: datetime) -> Call:
        del now  # a token is good until it is revoked
        proof = f"Bearer {_token(place)}"
        return replace(call, headers={**call.headers, "authorization": proof})

    def start(self, place: Place) -> Iterator[Fetch]:
        if place.secrets.get("access_token"):
            address = endpoint(place.url, "v1/accounts/verify_credentials")
            yield Fetch(address, "me", access="account", is_conditional=False)
        elif tag_of(place.url):
            yield _list(place, "tag", {"own": list(place.own_ids), "is_open": True})
        else:
            raise API.no_key()

    def parse(self, place: Place, page: Page) -> Iterator[Parsed]:
        match page.role:
            case "me":
                yield from _begin(place, page)
            case "thread":
                yield from _in_thread(place, page)
            case _:
                yield from _listed(place, page)

    def send(self, place: Place, target: Target, text: str, wire: Wire) -> Receipt:
        return answers.publish(place, target, text, wire)

    def edit(self, place: Place, target: Target, receipt: Receipt, text: str, wire: Wire) -> Receipt:
        return answers.correct(place, target, receipt, text, wire)

    def delete(self, place: Place, target: Target, receipt: Receipt, wire: Wire) -> None:
        del target  # the id of the answer says it all
        answers.withdraw(place, receipt, wire)

    def look(self, place: Place, target: Target, text: str, receipt: Receipt | None, wire: Wire) -> Look:
        return answers.look_for(place, target, text, receipt, wire)

    def check(self, place: Place, wire: Wire) -> Rights:
        me = read(wire.ask(Call(endpoint(place.url, "v1/accounts/verify_credentials"))), wire.now)
        _demand_same(place, me)
        return Rights(True, _may_write(place, wire), json_values.name(me.get("acct")), _limits(place, wire))


def _token(place: Place) -> str:
    if token := place.secrets.get("access_token", "").strip():
        return token
    raise API.no_key()


def _demand_same(place: Place, me: Mapping[str, Any]) -> None:
    """The address may name the account; its token is then meant, and nobody else's."""
    wanted, given = account_of(place.url).partition("@")[0], json_values.name(me.get("username")).casefold()
    if wanted and given and wanted != given:
        raise errors.Unauthorized(
            Text(
                f"The token belongs to @{given}, not to @{wanted}.",
                f"Токен принадлежит аккаунту @{given}, а не @{wanted}.",
            )
        )


def _may_write(place: Place, wire: Wire) -> bool:
    """By the scopes of the token's application, where the server names them."""
    try:
        said = read(wire.ask(Call(endpoint(place.url, "v1/apps/verify_credentials"))), wire.now)
    except errors.ChannelError:
        return True
    scopes = said.get("scopes")
    return not isinstance(scopes, list) or bool({"write", "write:statuses"} & {str(one) for one in scopes})


def _limits(place: Place, wire: Wire) -> Any:
    try:
        said = read(wire.ask(Call(endpoint(place.url, "v2/instance"))), wire.now)
    except errors.ChannelError:
        return None
    told = json_values.part(json_values.part(said, "configuration"), "statuses")
    length, link = (
        json_values.number(told.get(key)) for key in ("max_characters", "characters_reserved_per_url")
    )
    return answers.limits(length, link or answers.LINK_LENGTH) if length else None


def _begin(place: Place, page: Page) -> Iterator[Parsed]:
    me = read(page, page.fetched_at)
    if not (own_id := json_values.identifier(me.get("id"))):
        raise API.strange()
    _demand_same(place, me)
    context = {"own": sorted({own_id, *place.own_ids}), "me": own_id}
    yield _list(place, _subject(place), context)
    yield _list(place, "ours", context)


def _subject(place: Place) -> str:
    if tag_of(place.url):
        return "tag"
    return "search" if search_of(place.url) else "mentions"


def _list(place: Place, role: str, context: Mapping[str, Any]) -> Fetch:
    """`before` of the context: only what is older than that."""
    before, asked = context.get("before"), {"limit": PER_PAGE, "max_id": context.get("before")}
    match role:
        case "tag":
            url = endpoint(place.url, f"v1/timelines/tag/{quote(tag_of(place.url), safe='')}", **asked)
        case "search":
            url = endpoint(place.url, "v2/search", q=search_of(place.url), type="statuses", **asked)
        case "mentions":
            url = endpoint(place.url, "v1/notifications", **asked, **{"types[]": "mention"})
        case _:
            path = f"v1/accounts/{quote(str(context.get('me')), safe='')}/statuses"
            url = endpoint(place.url, path, **asked, exclude_reblogs="true")
    access: Any = "open" if context.get("is_open") else "account"
    return Fetch(url, role, {**context, "before": before}, access=access, is_conditional=False)


def _listed(place: Place, page: Page) -> Iterator[Parsed]:
    role = page.role if page.role in ("tag", "search", "mentions", "ours") else _subject(place)
    items, context = json_values.rows(listed(page, "statuses" if role == "search" else "")), page.context
    known = json_values.name(place.cursor.get(role))
    for item in items:
        status = json_values.part(item, "status") if role == "mentions" else item
        # A server of another make may not know how to ask for mentions alone.
        if role == "mentions" and item.get("type") not in ("mention", None):
            continue
        own_id = json_values.identifier(item.get("id"))
        is_new = not own_id or is_newer(own_id, known)
        if status and (is_new or status.get("edited_at")) and _is_wanted(role, status):
            yield from _one(place, status, page)
    yield from _onward(place, page, role, [json_values.identifier(item.get("id")) for item in items], context)


def _is_wanted(role: str, status: Mapping[str, Any]) -> bool:
    """Of the account's own posts those count that answer somebody in public."""
    return role != "ours" or bool(status.get("in_reply_to_id") and is_open(status))


def _one(place: Place, status: Mapping[str, Any], page: Page) -> Iterator[Parsed]:
    """An answer is read once the beginning of its conversation is known, which the server is asked for."""
    own_id = json_values.identifier(status.get("id"))
    if own_id and status.get("in_reply_to_id") and is_open(status):
        url = endpoint(place.url, f"v1/statuses/{quote(own_id, safe='')}/context")
        context = {"own": page.context.get("own", []), "status": dict(status)}
        access: Any = "open" if page.context.get("is_open") else "account"
        yield Fetch(url, "thread", context, access=access, is_conditional=False)
    else:
        yield from read_one(place, status, _own(place, page), page)


def _in_thread(place: Place, page: Page) -> Iterator[Parsed]:
    """A post that was deleted meanwhile has no conversation any more, and what was read of it is kept."""
    status, root = json_values.part(page.context, "status"), ""
    if page.status not in (404, 410):
        above = json_values.rows(read(page, page.fetched_at).get("ancestors"))
        root = json_values.identifier(above[0].get("id")) if above else ""
    yield from read_one(place, status, _own(place, page), page, root)


def _own(place: Place, page: Page) -> set[str]:
    told = page.context.get("own")
    return {*place.own_ids, *(str(one) for one in told)} if isinstance(told, list) else set(place.own_ids)


def _onward(
    place: Place, page: Page, role: str, ids: list[str], context: Mapping[str, Any]
) -> Iterator[Parsed]:
    """Back to what was read before, or as far as a first reading goes."""
    ids = [one for one in ids if one]
    if not ids:
        yield from _end(role, context, place)
        return
    known, before = json_values.name(place.cursor.get(role)), json_values.name(context.get("before"))
    oldest = min(ids, key=lambda one: (len(one), one))
    newest = max([*ids, json_values.name(context.get("newest"))], key=lambda one: (len(one), one))
    number = json_values.whole(context.get("number")) + 1
    gone_on = {**context, "before": oldest, "newest": newest, "number": number}
    is_known = bool(known) and not is_newer(oldest, known)
    # A server that does not understand max_id gives the same page again.
    is_stuck = bool(before) and not is_newer(before, oldest)
    if is_known or is_stuck or _is_too_old(place, page, role):
        yield from _end(role, gone_on, place)
    elif number >= MOST_PAGES:
        yield json_values.only_newest(MOST_PAGES)
        yield from _end(role, gone_on, place)
    else:
        yield _list(place, role, gone_on)


def _is_too_old(place: Place, page: Page, role: str) -> bool:
    if place.since is None or place.cursor.get(role):
        return False
    items = json_values.rows(listed(page, "statuses" if role == "search" else ""))
    last = json_values.moment(items[-1].get("created_at"), page) if items else None
    return last is not None and last < place.since


def _end(role: str, context: Mapping[str, Any], place: Place) -> Iterator[Parsed]:
    newest = json_values.name(context.get("newest"))
    if newest and is_newer(newest, json_values.name(place.cursor.get(role))):
        yield Remember({role: plain_text.key(newest)})
