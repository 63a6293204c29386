"""What VK gives as a post or a comment, read into a sighting."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from channels.contract import Attachment, AuthorSeen, Page, Parsed, Place, Reach, Sighting, Withdrawn
from channels.reading import json_values
from channels.reading import text as plain_text
from channels.vk.places import SITE

_MENTION: Final = re.compile(
    r"\[(?:id|club|public|event)\d+(?::bp-\d+_\d+)?\|([^\]]{1,200})\]|\[(?:https?://[^|\]]{1,500})\|([^\]]{1,200})\]"
)
_SIZES: Final = ("w", "z", "y", "x", "r", "q", "p", "o", "m", "s")


@dataclass(frozen=True, slots=True)
class People:
    """Who wrote, by number; communities below zero."""

    names: Mapping[int, tuple[str, str]]

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> "People":
        names = {}
        for one in json_values.rows(said.get("profiles")):
            name = (
                f"{json_values.name(one.get('first_name'))} {json_values.name(one.get('last_name'))}".strip()
            )
            names[json_values.whole(one.get("id"))] = (name, json_values.name(one.get("screen_name"), 64))
        for one in json_values.rows(said.get("groups")):
            number = json_values.whole(one.get("id"))
            names[-number] = (json_values.name(one.get("name")), json_values.name(one.get("screen_name"), 64))
        names.pop(0, None)
        return cls(names)

    def author(self, number: int) -> AuthorSeen | None:
        if not number:
            return None
        name, screen = self.names.get(number, ("", ""))
        usual = f"id{number}" if number > 0 else f"club{-number}"
        return AuthorSeen(name or usual, str(number), f"{SITE}/{screen or usual}")


def integer(value: object) -> int:
    """VK's numbers of communities are below zero; 0 for what is no number."""
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**15 else 0


def post(place: Place, one: Mapping[str, Any], people: People, page: Page) -> Iterator[Parsed]:
    owner, number = (
        integer(one.get("owner_id")) or integer(one.get("to_id")),
        json_values.whole(one.get("id")),
    )
    if not owner or not number:
        yield json_values.NAMELESS
        return
    if one.get("post_type") == "reply" or json_values.whole(one.get("post_id")):
        # A search finds comments too: they have the form of a post and the number of theirs.
        yield from comment(place, one, owner, json_values.whole(one.get("post_id")), people, page)
        return
    own_id = f"{owner}_{number}"
    if one.get("is_deleted") is True:
        yield Withdrawn(own_id)
        return
    text = _text(one) or next(
        (_text(copy) for copy in json_values.rows(one.get("copy_history")) if _text(copy)), ""
    )
    if not text:
        return
    author = integer(one.get("from_id")) or owner
    comments = json_values.part(one, "comments")
    yield Sighting(
        own_id,
        f"{SITE}/wall{own_id}",
        plain_text.shorten(text)[0],
        kind="post",
        author=people.author(author),
        published_at=json_values.moment_of_seconds(one.get("date"), page),
        edited_at=json_values.moment_of_seconds(one.get("edited"), page),
        thread=own_id,
        is_by_brand=_is_by_brand(place, author),
        can_be_answered=bool(comments.get("can_post")) if "can_post" in comments else None,
        handle={"owner": owner, "post": number},
        facts=_facts(one),
        attachments=_attachments(one),
        reach=Reach(
            likes=json_values.count(json_values.part(one, "likes").get("count")),
            shares=json_values.count(json_values.part(one, "reposts").get("count")),
            comments=json_values.count(comments.get("count")),
            views=json_values.count(json_values.part(one, "views").get("count")),
        ),
    )


def comment(
    place: Place, one: Mapping[str, Any], owner: int, post_number: int, people: People, page: Page
) -> Iterator[Parsed]:
    """Of a wall. Those of its thread stand within it."""
    number, post_number = (
        json_values.whole(one.get("id")),
        json_values.whole(one.get("post_id")) or post_number,
    )
    owner = integer(one.get("owner_id")) or owner
    if not number or not post_number:
        yield json_values.NAMELESS
        return
    thread = f"{owner}_{post_number}"
    own_id, stack = f"{thread}_{number}", one.get("parents_stack")
    above = [integer(each) for each in stack] if isinstance(stack, list) else []
    answered = json_values.whole(one.get("reply_to_comment")) or (above[-1] if above else 0)
    url = f"{SITE}/wall{thread}?reply={number}" + (f"&thread={above[0]}" if above and above[0] else "")
    if one.get("deleted") is True:
        yield Withdrawn(own_id)
    elif text := _text(one):
        author = integer(one.get("from_id"))
        yield Sighting(
            own_id, url, plain_text.shorten(text)[0], kind="comment", author=people.author(author),
            published_at=json_values.moment_of_seconds(one.get("date"), page),
            edited_at=json_values.moment_of_seconds(one.get("edited"), page),
            thread=thread, parent=f"{thread}_{answered}" if answered else thread, is_by_brand=_is_by_brand(place, author),
            handle={"owner": owner, "post": post_number, "comment": number}, attachments=_attachments(one),
            reach=Reach(likes=json_values.count(json_values.part(one, "likes").get("count"))),
        )  # fmt: skip
    for answer in json_values.rows(json_values.part(one, "thread").get("items")):
        yield from comment(place, answer, owner, post_number, people, page)


def topic_comment(
    place: Place, one: Mapping[str, Any], owner: int, topic: int, people: People, page: Page
) -> Iterator[Parsed]:
    """Of a topic of a community; topics know no answers to answers."""
    number, thread = json_values.whole(one.get("id")), f"topic{owner}_{topic}"
    text, author = _text(one), integer(one.get("from_id"))
    if not number:
        yield json_values.NAMELESS
    elif text:
        yield Sighting(
            f"{thread}_{number}", f"{SITE}/{thread}?post={number}", plain_text.shorten(text)[0], kind="comment",
            author=people.author(author), published_at=json_values.moment_of_seconds(one.get("date"), page), thread=thread,
            is_by_brand=_is_by_brand(place, author), handle={"owner": owner, "topic": topic, "comment": number},
            attachments=_attachments(one),
            reach=Reach(likes=json_values.count(json_values.part(one, "likes").get("count"))),
        )  # fmt: skip


def _text(one: Mapping[str, Any]) -> str:
    """VK writes a mention as [id1|Name]; what people see is the name."""
    said = one.get("text")
    return (
        plain_text.clean(plain_text.unescaped(_MENTION.sub(lambda found: found[1] or found[2], said)))
        if isinstance(said, str)
        else ""
    )


def _is_by_brand(place: Place, author: int) -> bool | None:
    """By number; the community that answers is one of the brand's. None where nobody said under which it writes."""
    own = {
        *place.own_ids,
        *(f"-{one}" for one in (place.settings.get("group_id", "").strip(),) if one.isdecimal()),
    }
    return str(author) in own if own and author else None


def _facts(one: Mapping[str, Any]) -> dict[str, str]:
    copied = json_values.rows(one.get("copy_history"))
    return json_values.facts(
        advertisement="yes" if one.get("marked_as_ads") in (1, True) else "",
        repost_of=f"{SITE}/wall{integer(copied[0].get('owner_id'))}_{json_values.whole(copied[0].get('id'))}"
        if copied
        else "",
    )


def _attachments(one: Mapping[str, Any]) -> list[Attachment]:
    found = []
    for attached in json_values.rows(one.get("attachments"))[:20]:
        if attached.get("type") == "photo":
            sizes = {
                json_values.name(each.get("type"), 2): each.get("url")
                for each in json_values.rows(json_values.part(attached, "photo").get("sizes"))
            }
            found.append(next((sizes[name] for name in _SIZES if name in sizes), None))
    return json_values.attachments("image", [url for url in found if url is not None])
