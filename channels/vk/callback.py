"""What VK sends by itself about one's own community (Callback API): each event once, by its number."""

import hmac
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from channels import errors
from channels.contract import Admission, Page, Parsed, Place, Push, Text, Withdrawn
from channels.reading import json_values, letters
from channels.reading import text as plain_text
from channels.vk import items
from channels.vk.items import People

EVENT: Final = "event"
_OK: Final = b"ok"
_POSTS: Final = ("wall_post_new", "wall_repost")
_COMMENTS: Final = ("wall_reply_new", "wall_reply_edit", "wall_reply_restore")
_TOPICS: Final = ("board_post_new", "board_post_edit", "board_post_restore")
_DELETED: Final = ("wall_reply_delete", "board_post_delete")


def admit(place: Place, push: Push) -> Admission:
    """VK repeats an event until it reads "ok"; the first of all asks for the words of the settings. Raises Unauthorized."""
    said = _event(push.body)
    kind, secret = said.get("type"), place.secrets.get("callback_secret", "")
    if kind == "confirmation":
        words = place.settings.get("confirmation", "").strip()
        if not words or json_values.name(said.get("group_id")) != place.settings.get("group_id", "").strip():
            raise _unknown()
        return Admission(200, words.encode())
    given = said.get("secret")
    if not secret or not isinstance(given, str) or not hmac.compare_digest(given.encode(), secret.encode()):
        raise _unknown()
    if kind not in (*_POSTS, *_COMMENTS, *_TOPICS, *_DELETED):
        return Admission(200, _OK)
    kept = json.dumps({"type": kind, "object": said.get("object")}, ensure_ascii=False).encode()
    own_id = json_values.identifier(said.get("event_id"))
    key = plain_text.key(f"{json_values.name(said.get('group_id'))} {own_id}") if own_id else None
    return Admission(200, _OK, page=Page("vk:", 200, {}, kept, EVENT, {}, push.received_at), key=key)


def read(place: Place, page: Page) -> Iterator[Parsed]:
    """An event names its author by number only; the next crawl learns the name."""
    said = _event(page.body)
    kind, one, people = said.get("type"), json_values.part(said, "object"), People({})
    owner = items.integer(one.get("owner_id"))
    if kind in _POSTS:
        yield from items.post(place, one, people, page)
    elif kind in _COMMENTS:
        owner = items.integer(one.get("post_owner_id")) or owner
        yield from items.comment(place, one, owner, json_values.whole(one.get("post_id")), people, page)
    elif kind in _TOPICS:
        owner, topic = items.integer(one.get("topic_owner_id")), json_values.whole(one.get("topic_id"))
        yield from items.topic_comment(place, one, owner, topic, people, page)
    elif kind == "wall_reply_delete":
        yield Withdrawn(f"{owner}_{json_values.whole(one.get('post_id'))}_{json_values.whole(one.get('id'))}")
    elif kind == "board_post_delete":
        owner, topic = items.integer(one.get("topic_owner_id")), json_values.whole(one.get("topic_id"))
        yield Withdrawn(f"topic{owner}_{topic}_{json_values.whole(one.get('id'))}")


def _event(body: bytes) -> Mapping[str, Any]:
    try:
        said = json.loads(letters.decode(body, "application/json; charset=utf-8"))
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, Mapping):
        raise errors.Unreadable(Text("This is no event of VK.", "Это не событие ВКонтакте."))
    return said


def _unknown() -> errors.Unauthorized:
    return errors.Unauthorized(
        Text(
            "The event does not bear the secret of this source.",
            "В событии нет секретного ключа этого источника.",
        )
    )
