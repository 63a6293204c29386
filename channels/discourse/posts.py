"""What Discourse gives as a post, read into a sighting."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

import lxml.html

from channels.contract import AuthorSeen, Page, Parsed, Place, Reach, Sighting, Withdrawn
from channels.reading import json_values, urls
from channels.reading import text as plain_text

SPOKEN: Final = (1, 2)
"""Of posts: by members, and by moderators as such. The others are notes about moved or closed topics, and whispers of the staff."""
LIKE: Final = 2


def newest(posts: Sequence[Mapping[str, Any]]) -> int:
    return max((json_values.whole(post.get("id")) for post in posts), default=0)


def oldest(posts: Sequence[Mapping[str, Any]]) -> int:
    return min((number for post in posts if (number := json_values.whole(post.get("id")))), default=0)


def read(place: Place, posts: Sequence[Mapping[str, Any]], root: str, page: Page) -> Iterator[Parsed]:
    """Whom a post answers is told by its place in the topic: the id is known where both posts are in one page."""
    ids = {(_topic(post), _place_in_topic(post)): json_values.identifier(post.get("id")) for post in posts}
    for post in posts:
        yield from _one(place, post, ids, root, page)


def _one(
    place: Place, post: Mapping[str, Any], ids: Mapping[tuple[str, int], str], root: str, page: Page
) -> Iterator[Parsed]:
    own_id = json_values.identifier(post.get("id"))
    if not own_id:
        yield json_values.NAMELESS
        return
    if post.get("user_deleted") is True or post.get("deleted_at"):
        yield Withdrawn(own_id, json_values.moment(post.get("deleted_at"), page))
        return
    if post.get("post_type", 1) not in SPOKEN or post.get("hidden") is True:
        return
    text, topic = text_of(post), _topic(post)
    if not text:
        yield json_values.SILENT
        return
    yield from json_values.undated(post.get("created_at"), own_id, page)
    answered = json_values.identifier(post.get("reply_to_post_number"))
    title = json_values.name(post.get("topic_title"), 300)
    is_first = _place_in_topic(post) == 1
    yield Sighting(
        own_id,
        address_of(post, root),
        plain_text.shorten(text)[0],
        kind="post" if is_first else "comment",
        title=title if is_first else "",
        author=_author(post, root),
        published_at=json_values.moment(post.get("created_at"), page),
        edited_at=json_values.moment(post.get("updated_at"), page)
        if json_values.whole(post.get("version")) > 1
        else None,
        thread=topic or None,
        thread_title=title,
        parent=ids.get((topic, int(answered))) if answered.isdecimal() and len(answered) < 10 else None,
        is_by_brand=_is_by_brand(place, post),
        handle={"topic": json_values.whole(post.get("topic_id")), "number": _place_in_topic(post)},
        reach=Reach(
            likes=_likes(post),
            comments=json_values.count(post.get("reply_count")),
            views=json_values.count(post.get("reads")),
        ),
    )


def text_of(post: Mapping[str, Any]) -> str:
    """What its author wrote himself: what he quotes of others is left out, unless nothing else is there."""
    cooked = post.get("cooked")
    if not isinstance(cooked, str):
        raw = post.get("raw")
        return plain_text.clean(raw) if isinstance(raw, str) else ""
    tree = urls.parse_html(cooked) if "<aside" in cooked else None
    if tree is None:
        return plain_text.from_html(cooked)
    for quoted in tree.xpath('//aside[contains(concat(" ", @class, " "), " quote ")]'):
        quoted.drop_tree()
    own = lxml.html.tostring(tree.body, encoding="unicode")
    return plain_text.from_html(own) or plain_text.from_html(cooked)


def address_of(post: Mapping[str, Any], root: str) -> str | None:
    topic, number = _topic(post), _place_in_topic(post)
    slug = quote(json_values.name(post.get("topic_slug")) or "-", safe="")
    return f"{root}/t/{slug}/{topic}/{number}" if topic and number else None


def _author(post: Mapping[str, Any], root: str) -> AuthorSeen | None:
    user = json_values.name(post.get("username"), 100)
    name = json_values.name(post.get("name")) or json_values.name(post.get("display_username")) or user
    if not name:
        return None
    own_id = json_values.identifier(post.get("user_id")) or user or None
    return AuthorSeen(name, own_id, f"{root}/u/{quote(user, safe='')}" if user else None)


def _is_by_brand(place: Place, post: Mapping[str, Any]) -> bool | None:
    """By number or user name, both of which a forum gives once. None where nobody said under which the brand writes."""
    own = {one.casefold() for one in (*place.own_ids, place.settings.get("username", "").strip()) if one}
    if not own:
        return None
    told = (json_values.identifier(post.get("user_id")), json_values.name(post.get("username"), 100))
    return not own.isdisjoint(one.casefold() for one in told if one)


def _likes(post: Mapping[str, Any]) -> int | None:
    told = post.get("actions_summary")
    if not isinstance(told, list):
        return None
    return next(
        (json_values.count(one.get("count")) for one in json_values.rows(told) if one.get("id") == LIKE), 0
    )


def _topic(post: Mapping[str, Any]) -> str:
    return json_values.identifier(post.get("topic_id"))


def _place_in_topic(post: Mapping[str, Any]) -> int:
    return json_values.whole(post.get("post_number"))
