"""VK: posts and comments of a wall, a topic of a community, or a search; answers as a community.

A wall is read newest first until what is known; comments of a post are read where their number has changed. A search goes on from the time
of the newest post that it gave.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from channels.contract import (
    About,
    Admission,
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
    Push,
    Receipt,
    Remark,
    Remember,
    Rights,
    Target,
    Text,
    Wire,
)
from channels.reading import json_values
from channels.vk import answers, api, callback, items, places
from channels.vk.items import People
from channels.vk.places import Where

PER_PAGE, PER_SEARCH = 100, 200
MOST_PAGES: Final = 20
BEGINNING: Final = timedelta(days=30)
OVERLAP_SECONDS: Final = 600
COUNTS_KEPT: Final = 300


class Vk:
    about = About(
        "vk",
        Text("VK", "ВКонтакте"),
        fields=(
            Field(
                "access_token",
                Text("Access token for reading", "Ключ доступа для чтения"),
                "secret",
                "account",
                "listening",
                hint=Text(
                    "The service token of an application of yours: id.vk.com, My apps, the app, Service token.",
                    "Сервисный ключ вашего приложения: id.vk.com → Мои приложения → приложение → Сервисный ключ доступа.",
                ),
            ),
            Field(
                "group_token",
                Text("Access token of the community", "Ключ доступа сообщества"),
                "secret",
                "account",
                "answering",
                hint=Text(
                    "In the community: Manage, API usage, Create token, with access to the wall and to messages.",
                    "В сообществе: Управление → Работа с API → Создать ключ, с доступом к стене.",
                ),
            ),
            Field(
                "group_id",
                Text("Number of the community", "Номер сообщества"),
                scope="account",
                needed_for="answering",
                hint=Text(
                    "Digits only: of vk.com/club123 it is 123. Answers appear in its name.",
                    "Только цифры: у vk.com/club123 это 123. Ответы появляются от его имени.",
                ),
            ),
            Field(
                "callback_secret",
                Text("Secret key of the Callback API", "Секретный ключ Callback API"),
                "secret",
                needed_for="push",
                hint=Text(
                    "A long random text; the same in the settings of the server at VK.",
                    "Длинный случайный текст, такой же в настройках сервера во ВКонтакте.",
                ),
            ),
            Field(
                "confirmation",
                Text("What the server must return", "Строка, которую должен вернуть сервер"),
                serves="push",
                hint=Text("VK shows it beside the address.", "ВКонтакте показывает её рядом с адресом."),
            ),
        ),
        arrives=("crawl", "push"),
        pace=Pace(interval_seconds=600, per_second=3.0),
        answering=Answering(
            Limits(16_384),
            again="same_reference",
            proof="account",
            looks_seconds=(30, 600, 3_600, 86_400),
        ),
        push_setup=Text(
            "In the community: Manage, API usage, Callback API, Server settings: enter it as the address, with the same secret key;"
            " under Event types tick wall posts, comments and discussions.",
            "В сообществе: Управление → Работа с API → Callback API → Настройки сервера: укажите его как адрес, с тем же секретным"
            " ключом; в типах событий отметьте записи, комментарии и обсуждения.",
        ),
        terms=Text(
            "By VK's official API, within its limits. What was said is kept no longer than it is needed.",
            "Через официальный API ВКонтакте, в его пределах. Сказанное хранится не дольше, чем нужно.",
        ),
        api=(api.ORIGIN,),
    )

    def recognise_address(self, typed: str) -> Finding | None:
        where = places.read(typed)
        if where is None:
            return None
        title = {
            "wall": where.name or where.url.rpartition("/")[2],
            "topic": f"topic {where.topic}",
            "search": where.words,
        }
        said = {
            "wall": Text("A wall at VK.", "Стена во ВКонтакте."),
            "topic": Text("A topic of a community at VK.", "Обсуждение в сообществе ВКонтакте."),
            "search": Text("A search of public posts at VK.", "Поиск по открытым записям ВКонтакте."),
        }
        return Finding(self.about.kind, where.url, f"VK: {title[where.what]}", said[where.what], 1.0)

    def hosts(self, place: Place) -> Collection[str]:
        del place  # always the official one
        return (urlsplit(api.ORIGIN).netloc,)

    def lane(self, place: Place) -> str:
        return f"vk#{place.account_id if place.account_id is not None else place.url}"

    def authorize(self, place: Place, call: Call, now: datetime) -> Call:
        del now  # a token lasts until somebody revokes it
        return api.authorized(place, call)

    def start(self, place: Place) -> Iterator[Fetch]:
        where = places.demanded(place.url)
        match where.what:
            case "wall":
                yield _wall(where, 0)
            case "topic":
                yield _topic(where, 0)
            case "search":
                since = json_values.whole(place.cursor.get("date"))
                yield _search(where.words, max(since - OVERLAP_SECONDS, 0), "", 1)

    def parse(self, place: Place, page: Page) -> Iterator[Parsed]:
        if page.role == callback.EVENT:
            yield from callback.read(place, page)
            return
        said = api.response(page)
        if not isinstance(said, Mapping) or not isinstance(said.get("items"), list):
            raise api.API.strange()
        listed, people = json_values.rows(said["items"]), People.of(said)
        match page.role:
            case "comments":
                yield from _comments(place, page, listed, people)
            case "topic":
                yield from _topic_comments(place, page, listed, people)
            case "search":
                yield from _found(place, page, said, listed, people)
            case _:
                yield from _posts(place, page, listed, people)

    def send(self, place: Place, target: Target, text: str, wire: Wire) -> Receipt:
        return answers.publish(place, target, text, wire)

    def look(self, place: Place, target: Target, text: str, receipt: Receipt | None, wire: Wire) -> Look:
        return answers.look_for(place, target, text, receipt, wire)

    def check(self, place: Place, wire: Wire) -> Rights:
        """Reads one thing with the first token; the second names its community."""
        fetch = next(iter(self.start(place)))
        api.response(wire.ask(Call(fetch.url, fetch.method, fetch.body, fetch.headers)))
        group = answers.group_of(place)
        if not group or not place.secrets.get("group_token"):
            return Rights(listens=True, answers=False)
        said = api.response(wire.ask(api.call("groups.getById", group_id=group)))
        listed = said.get("groups") if isinstance(said, Mapping) else said
        name = next((json_values.name(one.get("name")) for one in json_values.rows(listed)), "")
        return Rights(listens=True, answers=True, signs_as=name)

    def admit(self, place: Place, push: Push) -> Admission:
        return callback.admit(place, push)


def _wall(where: Where, offset: int) -> Fetch:
    asked: dict[str, str | int] = {"count": PER_PAGE, "extended": 1, "offset": offset}
    asked |= {"domain": where.name} if where.name else {"owner_id": where.owner}
    return api.question("wall.get", "wall", {"offset": offset}, **asked)


def _topic(where: Where, offset: int) -> Fetch:
    asked: dict[str, str | int] = {
        "group_id": -where.owner, "topic_id": where.topic, "count": PER_PAGE, "extended": 1, "sort": "desc", "offset": offset,
        "need_likes": 1,
    }  # fmt: skip
    context = {"owner": where.owner, "topic": where.topic, "offset": offset}
    return api.question("board.getComments", "topic", context, **asked)


def _search(words: str, since: int, start_from: str, turn: int) -> Fetch:
    asked: dict[str, str | int] = {"q": words, "count": PER_SEARCH, "extended": 1}
    asked |= {"start_time": since} if since else {}
    asked |= {"start_from": start_from} if start_from else {}
    context = {"words": words, "since": since, "start_from": start_from, "turn": turn}
    return api.question("newsfeed.search", "search", context, **asked)


def _of_post(owner: int, post: int, offset: int, comment: int = 0) -> Fetch:
    asked: dict[str, str | int] = {
        "owner_id": owner, "post_id": post, "count": PER_PAGE, "offset": offset, "extended": 1, "need_likes": 1, "sort": "asc",
        "preview_length": 0, "thread_items_count": 10,
    }  # fmt: skip
    asked |= {"comment_id": comment} if comment else {}
    context = {"owner": owner, "post": post, "offset": offset, "comment": comment}
    return api.question("wall.getComments", "comments", context, **asked)


def _posts(place: Place, page: Page, listed: list[Mapping[str, Any]], people: People) -> Iterator[Parsed]:
    kept = place.cursor.get("comments")
    counts: dict[str, int] = dict(kept) if isinstance(kept, Mapping) else {}
    for one in listed:
        yield from items.post(place, one, people, page)
        owner, number = items.integer(one.get("owner_id")), json_values.whole(one.get("id"))
        count = json_values.whole(json_values.part(one, "comments").get("count"))
        if owner and number and count != counts.get(str(number), 0):
            yield _of_post(owner, number, 0)
            counts.pop(str(number), None)
            counts[str(number)] = count
    yield from _further(place, page, listed, dict(list(counts.items())[-COUNTS_KEPT:]))


def _further(
    place: Place, page: Page, listed: list[Mapping[str, Any]], counts: Mapping[str, int]
) -> Iterator[Parsed]:
    """A pinned post stands first, whatever its date."""
    dates = [json_values.whole(one.get("date")) for one in listed if one.get("is_pinned") != 1]
    known, offset = json_values.whole(place.cursor.get("date")), json_values.whole(page.context.get("offset"))
    remembered: dict[str, Any] = {"comments": counts}
    if offset == 0 and dates:
        remembered["date"] = max(*dates, known)
    if offset == 0:
        yield Remember(remembered)
    is_known = bool(dates) and min(dates) <= _border(place, page, known)
    if len(listed) < PER_PAGE or is_known:
        return
    if offset // PER_PAGE + 1 >= MOST_PAGES:
        yield Remark(
            Text(
                "More posts than are read at once; older ones were left out.",
                "Записей больше, чем читается за раз; старые пропущены.",
            )
        )
        return
    yield _wall(places.demanded(place.url), offset + PER_PAGE)


def _border(place: Place, page: Page, known: int) -> int:
    """Seconds since 1970: what is older was read before, or is not wanted."""
    if known:
        return known
    since = place.since or (page.fetched_at - BEGINNING if page.fetched_at else None)
    return int(since.timestamp()) if since is not None else 0


def _comments(place: Place, page: Page, listed: list[Mapping[str, Any]], people: People) -> Iterator[Parsed]:
    context = page.context
    owner, post = items.integer(context.get("owner")), json_values.whole(context.get("post"))
    comment, offset = json_values.whole(context.get("comment")), json_values.whole(context.get("offset"))
    for one in listed:
        yield from items.comment(place, one, owner, post, people, page)
        thread = json_values.part(one, "thread")
        number, shown = json_values.whole(one.get("id")), len(json_values.rows(thread.get("items")))
        if not comment and number and json_values.whole(thread.get("count")) > shown:
            yield _of_post(owner, post, 0, number)
    if len(listed) >= PER_PAGE and offset // PER_PAGE + 1 < MOST_PAGES:
        yield _of_post(owner, post, offset + PER_PAGE, comment)


def _topic_comments(
    place: Place, page: Page, listed: list[Mapping[str, Any]], people: People
) -> Iterator[Parsed]:
    context = page.context
    owner, topic = items.integer(context.get("owner")), json_values.whole(context.get("topic"))
    offset, known = json_values.whole(context.get("offset")), json_values.whole(place.cursor.get("comment"))
    numbers = [json_values.whole(one.get("id")) for one in listed]
    for one in listed:
        yield from items.topic_comment(place, one, owner, topic, people, page)
    if offset == 0 and numbers:
        yield Remember({"comment": max(*numbers, known)})
    if len(listed) >= PER_PAGE and min(numbers) > known and offset // PER_PAGE + 1 < MOST_PAGES:
        yield _topic(Where("topic", owner, topic=topic), offset + PER_PAGE)


def _found(
    place: Place, page: Page, said: Mapping[str, Any], listed: list[Mapping[str, Any]], people: People
) -> Iterable[Parsed]:
    context, known = page.context, json_values.whole(place.cursor.get("date"))
    for one in listed:
        yield from items.post(place, one, people, page)
    dates = [json_values.whole(one.get("date")) for one in listed]
    turn, following = json_values.whole(context.get("turn")) or 1, said.get("next_from")
    if turn == 1 and dates:
        yield Remember({"date": max(*dates, known)})
    is_new = isinstance(following, str) and bool(following) and following != context.get("start_from")
    if listed and is_new and turn < MOST_PAGES:
        words, since = json_values.name(context.get("words")), json_values.whole(context.get("since"))
        yield _search(words, since, str(following), turn + 1)
