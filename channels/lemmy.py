"""Lemmy: posts and comments that a search of a server finds, or those of a community. Nobody answers from here.

Lists are asked for the newest first, page by page, until they hold nothing that is newer than what is known; the first page is read in
every crawl, for edits and deletions. What several servers show of one post has one address, which is its id.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from channels import errors, json_api
from channels.contract import (
    About,
    AuthorSeen,
    Fetch,
    Finding,
    Pace,
    Page,
    Parsed,
    Place,
    Reach,
    Remember,
    Sighting,
    Text,
    Withdrawn,
)
from channels.reading import json_values, urls
from channels.reading import text as plain_text

PER_PAGE: Final = 50
MOST_PAGES: Final = 20
OVERLAP: Final = timedelta(hours=1)
"""What other servers tell arrives late and takes its place by the time at which it was written."""
_MARK: Final = b'"lemmy-site"'


def _words(said: Mapping[str, Any]) -> object:
    return str(said.get("error") or "").replace("_", " ")


API: Final = json_api.Api(Text.alike("Lemmy"), _words)


class Lemmy:
    about = About(
        "lemmy",
        Text("Lemmy", "Сеть Lemmy"),
        pace=Pace(interval_seconds=1_800, least_interval_seconds=600, per_second=0.1),
        terms=Text(
            "By the open API of the server. Communities have rules of their own; answers are written there by hand.",
            "Через открытый API сервера. У сообществ свои правила; отвечают там вручную.",
        ),
    )

    def recognise(self, page: Page) -> Finding | None:
        is_server = page.status < 300 and (_MARK in page.body[:300_000] or _is_generated(page.body))
        if not is_server or (asked := _asked(page.url)) is None:
            return None
        said = Text("This is a server of Lemmy.", "Это сервер Lemmy.")
        what = asked.get("q") or asked["community_name"]
        return Finding(
            "lemmy", page.url, f"{urlsplit(page.url).hostname}: {plain_text.line(what, 100)}", said, 0.95
        )

    def follow_ups(self, page: Page) -> Iterator[Fetch]:
        del page  # the page itself tells
        yield from ()

    def start(self, place: Place) -> Iterator[Fetch]:
        if _asked(place.url) is None:
            raise errors.Unreadable(
                Text(
                    "The address names no search and no community: it looks like https://lemmy.example/search?q=zarya.",
                    "В адресе нет ни поиска, ни сообщества: он выглядит как https://lemmy.example/search?q=zarya.",
                )
            )
        for role in ("posts", "comments"):
            yield _list(place.url, role, {})

    def parse(self, place: Place, page: Page) -> Iterator[Parsed]:
        said, role = _document(page), "comments" if page.role == "comments" else "posts"
        if not isinstance(said.get(role), list):
            raise API.strange()
        items, times = json_values.rows(said[role]), []
        for item in items:
            yield from _one(place, item, role.removesuffix("s"), page)
            at = _moment(json_values.part(item, role.removesuffix("s")).get("published"), page)
            times += [at] if at is not None else []
        yield from _onward(place, page, role, times, len(items))


def _is_generated(body: bytes) -> bool:
    return b'name="Description" content="Lemmy"' in body[:300_000]


def _asked(url: str) -> dict[str, str] | None:
    """The words of a search, or the name of a community; None for any other address."""
    try:
        parts = urlsplit(url)
        query = parse_qs(parts.query, max_num_fields=50)
    except ValueError:
        return None
    path = [unquote(one) for one in parts.path.split("/") if one]
    words = plain_text.line(query.get("q", [""])[0])
    if path == ["search"] and words:
        return {"q": words}
    name = plain_text.line(path[1]) if len(path) == 2 and path[0] == "c" else ""
    return {"community_name": name} if name else None


def _list(url: str, role: str, context: Mapping[str, Any]) -> Fetch:
    asked = _asked(url) or {}
    number = json_values.whole(context.get("page")) or 1
    query = {**asked, "sort": "New", "page": number, "limit": PER_PAGE}
    if "q" in asked:
        path, query = "search", query | {"type_": role.capitalize(), "listing_type": "All"}
    else:
        path, query = f"{role.removesuffix('s')}/list", query | {"type_": "All"}
    parts = urlsplit(url)
    address = f"{parts.scheme}://{parts.netloc}/api/v3/{path}?{urlencode(query)}"
    return Fetch(address, role, {**context, "page": number}, is_conditional=False)


def _document(page: Page) -> dict[str, Any]:
    """A server says by a word of its own that it is asked too often, whatever the status is."""
    said = json_values.document(page)
    if said is not None and str(said.get("error")).startswith("rate_limit"):
        raise errors.RateLimited(
            Text("The Lemmy server asks for fewer requests.", "Сервер Lemmy просит обращаться реже.")
        )
    if page.status == 404:
        raise errors.NotFound(
            Text("The server has no API of Lemmy 0.19 (404).", "На сервере нет API Lemmy 0.19 (404).")
            + API.told(page)
        )
    return API.read(page)


def _one(place: Place, item: Mapping[str, Any], kind: str, page: Page) -> Iterator[Parsed]:
    said, post = json_values.part(item, kind), json_values.part(item, "post")
    own_id = json_values.identifier(said.get("ap_id"))
    if not own_id:
        yield json_values.NAMELESS
        return
    if said.get("deleted") is True or said.get("removed") is True:
        yield Withdrawn(plain_text.key(own_id))
        return
    yield from json_values.undated(said.get("published"), own_id, page)
    title = json_values.name(said.get("name"))
    text = json_values.prose(("", said.get("body" if kind == "post" else "content"))) or title
    if not text:
        yield json_values.SILENT
        return
    thread, counts = json_values.identifier(post.get("ap_id")) or own_id, json_values.part(item, "counts")
    author = _author(json_values.part(item, "creator"))
    yield Sighting(
        plain_text.key(own_id),
        urls.safe_url(own_id),
        text,
        kind="post" if kind == "post" else "comment",
        title=title if title != text else "",
        author=author,
        published_at=_moment(said.get("published"), page),
        edited_at=_moment(said.get("updated"), page),
        language=place.language,
        thread=plain_text.key(thread),
        thread_title=json_values.name(post.get("name")),
        parent=_parent(said, own_id, thread),
        is_by_brand=author.external_id in place.own_ids
        if author and author.external_id and place.own_ids
        else None,
        can_be_answered=False,
        facts=json_values.facts(
            community=json_values.part(item, "community").get("name"),
            bot="yes" if json_values.part(item, "creator").get("bot_account") is True else None,
        ),
        reach=Reach(
            likes=json_values.count(counts.get("upvotes")),
            comments=json_values.count(
                counts.get("comments") if kind == "post" else counts.get("child_count")
            ),
        ),
    )


def _parent(said: Mapping[str, Any], own_id: str, thread: str) -> str | None:
    """A comment names the one above it by a number of this server, whose address is known for comments of its own alone."""
    path = str(said.get("path") or "").split(".")
    if own_id == thread:
        return None
    if len(path) == 2:
        return plain_text.key(thread)
    base, _, number = own_id.rpartition("/")
    is_own = len(path) > 2 and said.get("local") is True and path[-1] == number and path[-2].isdecimal()
    return plain_text.key(f"{base}/{path[-2]}") if is_own else None


def _author(creator: Mapping[str, Any]) -> AuthorSeen | None:
    name = json_values.name(creator.get("display_name")) or json_values.name(creator.get("name"))
    address = json_values.identifier(creator.get("actor_id"))
    return (
        AuthorSeen(name, plain_text.key(address) if address else None, urls.safe_url(address))
        if name
        else None
    )


def _moment(value: object, page: Page) -> datetime | None:
    return json_values.moment(value, page) if isinstance(value, str) else None


def _onward(place: Place, page: Page, role: str, times: list[datetime], count: int) -> Iterator[Parsed]:
    known = json_values.moment_at(place.cursor.get(role), None)
    told = json_values.moment_at(page.context.get("newest"), None)
    newest = max([*times, *([told] if told is not None else [])], default=None)
    least = known - OVERLAP if known is not None else place.since
    is_past = least is not None and bool(times) and max(times) < least
    number = json_values.whole(page.context.get("page")) or 1
    if count and not is_past and (number < MOST_PAGES):
        kept = {"page": number + 1, "newest": newest.isoformat() if newest else None}
        yield _list(place.url, role, kept)
        return
    if count and not is_past:
        yield json_values.only_newest(MOST_PAGES)
    if newest is not None and (known is None or newest > known):
        yield Remember({role: newest.isoformat()})
