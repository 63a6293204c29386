"""Answering under a post, a comment or in a topic, as the community; and looking for the answer by VK's API."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from channels import errors
from channels.contract import Look, Page, Place, Receipt, Target, Text, Wire
from channels.reading import json_values
from channels.reading import text as plain_text
from channels.vk import api, items
from channels.vk.places import SITE

MOST: Final = 100


def publish(place: Place, target: Target, text: str, wire: Wire) -> Receipt:
    """VK drops a second comment that bears the same `guid`."""
    group = group_of(place)
    if not group:
        raise errors.Unauthorized(
            Text(
                "Give the number of the community that answers.",
                "Укажите номер сообщества, которое отвечает.",
            )
        )
    thread, where = _thread(target)
    if "topic" in target.handle:
        asked: dict[str, str | int] = {
            "group_id": -where[0], "topic_id": where[1], "message": text, "from_group": 1, "guid": target.reference,
        }  # fmt: skip
        said = api.sent(wire.act(api.call("board.createComment", **asked)), text)
        number = said if isinstance(said, int) and not isinstance(said, bool) else 0
        url = f"{SITE}/{thread}?post={number}"
    else:
        asked = {
            "owner_id": where[0], "post_id": where[1], "message": text, "from_group": group, "guid": target.reference,
        }  # fmt: skip
        if comment := json_values.whole(target.handle.get("comment")):
            asked["reply_to_comment"] = comment
        said = api.sent(wire.act(api.call("wall.createComment", **asked)), text)
        number = json_values.whole(json_values.part({"said": said}, "said").get("comment_id"))
        url = f"{SITE}/wall{thread}?reply={number}"
    if not number:
        raise errors.Unknown(
            Text("VK did not say whether it took the answer.", "Неизвестно, принял ли ВКонтакте ответ.")
        )
    return Receipt(f"{thread}_{number}", url, "public")


def look_for(place: Place, target: Target, text: str, receipt: Receipt | None, wire: Wire) -> Look:
    try:
        for one in _comments(target, wire):
            if (seen := _seen(place, one, target, text, receipt, wire)) is not None:
                return seen
    except errors.ChannelError as error:
        return Look("cannot_tell", reason=error.text, proof="account")
    return Look("missing", proof="account")


def group_of(place: Place) -> int:
    typed = place.settings.get("group_id", "").strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 13 else 0


def _seen(
    place: Place, one: Mapping[str, Any], target: Target, text: str, receipt: Receipt | None, wire: Wire
) -> Look | None:
    """The answer, if that comment is it: by its number, or else by the community and its words."""
    thread, _ = _thread(target)
    own_id, said = f"{thread}_{json_values.whole(one.get('id'))}", one.get("text")
    is_as_sent = isinstance(said, str) and plain_text.says_the_same(said, text)
    if receipt is not None and receipt.external_id:
        is_it = own_id == receipt.external_id and one.get("deleted") is not True
    else:
        is_it = is_as_sent and items.integer(one.get("from_id")) == -group_of(place)
    if not is_it:
        return None
    page = Page("", 200, {}, b"", fetched_at=wire.now)
    at = json_values.moment_of_seconds(one.get("date"), page)
    url = receipt.url if receipt is not None else None
    return Look("visible", own_id, url, at, proof="account", is_as_sent=is_as_sent)


def _comments(target: Target, wire: Wire) -> Iterator[Mapping[str, Any]]:
    """Those among which the answer would stand, newest first: below the comment that is answered, and below the post."""
    _, (owner, number) = _thread(target)
    if "topic" in target.handle:
        asked: dict[str, str | int] = {"group_id": -owner, "topic_id": number, "count": MOST, "sort": "desc"}
        yield from _listed(wire, "board.getComments", asked)
        return
    usual: dict[str, str | int] = {
        "owner_id": owner,
        "post_id": number,
        "count": MOST,
        "sort": "desc",
        "thread_items_count": 10,
    }
    if comment := json_values.whole(target.handle.get("comment")):
        yield from _listed(wire, "wall.getComments", {**usual, "comment_id": comment})
    for one in _listed(wire, "wall.getComments", usual):
        yield one
        yield from json_values.rows(json_values.part(one, "thread").get("items"))


def _listed(wire: Wire, method: str, asked: Mapping[str, str | int]) -> list[Mapping[str, Any]]:
    said = api.response(wire.ask(api.call(method, **asked)))
    return json_values.rows(said.get("items")) if isinstance(said, Mapping) else []


def _thread(target: Target) -> tuple[str, tuple[int, int]]:
    """The name of the conversation in ids, its owner, and the number of its post or topic. Raises Refused."""
    handle = target.handle
    owner, topic = items.integer(handle.get("owner")), json_values.whole(handle.get("topic"))
    number = topic or json_values.whole(handle.get("post"))
    if not owner or not number:
        raise errors.Refused(
            Text(
                "It is not known where to answer; nothing was sent.",
                "Неизвестно, где отвечать; ничего не отправлено.",
            )
        )
    return (f"topic{owner}_{number}" if topic else f"{owner}_{number}"), (owner, number)
