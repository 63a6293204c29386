"""Answering in a topic, changing and taking back what was answered, and looking at the public topic."""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

from channels import errors, json_api
from channels.contract import Call, Look, Place, Receipt, Target, Text, Wire
from channels.discourse import api, posts
from channels.reading import json_values
from channels.reading import text as plain_text

LAST_LOOKED_AT: Final = 40
"""So many posts at the end of a topic are looked through for an answer whose number is not known."""


def publish(place: Place, target: Target, text: str, wire: Wire) -> Receipt:
    topic = json_values.whole(target.handle.get("topic"))
    if not topic:
        raise errors.Refused(
            Text(
                "The topic to answer in is not known; nothing was sent.",
                "Неизвестно, в какой теме отвечать; ничего не отправлено.",
            )
        )
    asked: dict[str, Any] = {"raw": text, "topic_id": topic}
    if (number := json_values.whole(target.handle.get("number"))) > 1:
        asked["reply_to_post_number"] = number
    answer = wire.act(json_api.posted(f"{api.root_of(place)}/posts.json", asked))
    said = json_values.document(answer) if answer.status < 300 else None
    if said is not None and said.get("action") == "enqueued":
        return Receipt(None, target.url, "held")
    own_id = json_values.identifier(said.get("id")) if said is not None else ""
    if said is None or not own_id:
        raise api.refused(answer, text)
    return _receipt(said, own_id, place, target, wire)


def correct(place: Place, target: Target, receipt: Receipt, text: str, wire: Wire) -> Receipt:
    asked = {"post": {"raw": text}}
    answer = wire.act(json_api.posted(_address(place, receipt), asked, "PUT"))
    said = json_values.part(json_values.document(answer), "post") if answer.status < 300 else {}
    if not said:
        raise _gone() if answer.status == 404 else api.refused(answer, text)
    return _receipt(said, str(receipt.external_id), place, target, wire)


def withdraw(place: Place, receipt: Receipt, wire: Wire) -> None:
    answer = wire.act(Call(_address(place, receipt), "DELETE"))
    if answer.status == 404:
        raise _gone()
    if answer.status >= 300:
        raise api.refused(answer, "")


def look_for(place: Place, target: Target, text: str, receipt: Receipt | None, wire: Wire) -> Look:
    """As a stranger sees it."""
    try:
        if receipt is not None and receipt.external_id:
            return _look_by_number(place, receipt, text, wire)
        for post in _end_of_topic(place, target, wire):
            if _is_ours(place, post, text):
                return _seen(post, text, place, wire)
    except errors.ChannelError as error:
        return Look("cannot_tell", reason=error.text)
    return Look("missing")


def ask_for(place: Place, target: Target, text: str, wire: Wire) -> Look:
    """In our own name, of an answer that waits for a moderator: its author sees what of his is waiting."""
    user = quote(place.settings.get("username", "").strip(), safe="")
    said = api.read(place, wire.ask(Call(f"{api.root_of(place)}/posts/{user}/pending.json")))
    for one in json_values.rows(said.get("pending_posts")):
        raw = one.get("raw") or one.get("raw_text")
        if isinstance(raw, str) and plain_text.says_the_same(raw, text):
            waits = Text(
                "A moderator of the forum has not seen it yet.", "Модератор форума ещё не смотрел ответ."
            )
            return Look("held", reason=waits, proof="account")
    found = look_for(place, target, text, None, wire)
    if found.outcome != "missing":
        return found
    refused = Text("A moderator of the forum has rejected it.", "Модератор форума отклонил ответ.")
    return Look("rejected", reason=refused, proof="account")


def _look_by_number(place: Place, receipt: Receipt, text: str, wire: Wire) -> Look:
    answer = wire.ask(Call(_address(place, receipt)), is_anonymous=True)
    if answer.status in (404, 410):
        return Look("missing", receipt.external_id)
    post = api.read(place, answer)
    if post.get("user_deleted") is True or post.get("deleted_at"):
        return Look("missing", receipt.external_id)
    return _seen(post, text, place, wire)


def _seen(post: Mapping[str, Any], text: str, place: Place, wire: Wire) -> Look:
    own_id, url = json_values.identifier(post.get("id")), posts.address_of(post, api.root_of(place))
    if post.get("hidden") is True:
        flagged = Text(
            "Members of the forum have flagged it; it is hidden.",
            "Участники форума пожаловались на ответ, он скрыт.",
        )
        return Look("rejected", own_id, url, reason=flagged)
    at = json_values.moment_at(post.get("created_at"), wire.now)
    return Look("visible", own_id, url, at, is_as_sent=_says(post, text))


def _says(post: Mapping[str, Any], text: str) -> bool:
    raw = post.get("raw")
    told = (raw if isinstance(raw, str) else "", posts.text_of(post))
    return any(plain_text.says_the_same(one, text) for one in told if one)


def _is_ours(place: Place, post: Mapping[str, Any], text: str) -> bool:
    own, user = place.settings.get("username", "").strip(), json_values.name(post.get("username"), 100)
    return (not own or own.casefold() == user.casefold()) and _says(post, text)


def _end_of_topic(place: Place, target: Target, wire: Wire) -> Iterator[Mapping[str, Any]]:
    """The last posts of the topic, newest first: the topic itself brings its first twenty and the ids of all."""
    topic = f"{api.root_of(place)}/t/{json_values.whole(target.handle.get('topic'))}"
    stream = json_values.part(
        api.read(place, wire.ask(Call(f"{topic}.json"), is_anonymous=True)), "post_stream"
    )
    known = {json_values.whole(post.get("id")): post for post in json_values.rows(stream.get("posts"))}
    ids = stream.get("stream")
    last = (
        [one for one in ids if isinstance(one, int)][-LAST_LOOKED_AT:]
        if isinstance(ids, list)
        else list(known)
    )
    if lacking := [one for one in last if one not in known]:
        asked = "&".join(f"post_ids[]={one}" for one in lacking)
        said = api.read(place, wire.ask(Call(f"{topic}/posts.json?{asked}"), is_anonymous=True))
        found = json_values.rows(json_values.part(said, "post_stream").get("posts"))
        known |= {json_values.whole(post.get("id")): post for post in found}
    yield from (known[one] for one in reversed(last) if one in known)


def _receipt(said: Mapping[str, Any], own_id: str, place: Place, target: Target, wire: Wire) -> Receipt:
    url = posts.address_of(said, api.root_of(place)) or target.url
    return Receipt(own_id, url, "public", json_values.moment_at(said.get("created_at"), wire.now))


def _address(place: Place, receipt: Receipt) -> str:
    own_id = receipt.external_id or ""
    if not own_id.isdecimal() or len(own_id) > 18:
        raise errors.Refused(
            Text(
                "This is no number of a post; nothing was sent.",
                "Это не номер сообщения; ничего не отправлено.",
            )
        )
    return f"{api.root_of(place)}/posts/{own_id}.json"


def _gone() -> errors.Gone:
    return errors.Gone(Text("The forum no longer has this post.", "Этого сообщения на форуме больше нет."))
