"""Publishing, correcting and withdrawing an answer at Mastodon, and looking for it as a stranger."""

import re
from collections.abc import Mapping
from typing import Any, Final

from channels import errors, json_api
from channels.contract import Answer, Call, Limits, Look, Place, Receipt, Target, Text, Wire
from channels.mastodon.api import API, endpoint, patient, read, segment
from channels.mastodon.statuses import OPEN, is_open, text_of
from channels.reading import json_values, urls
from channels.reading import text as plain_text

USUAL_LENGTH: Final = 500
LINK_LENGTH: Final = 23
ROOM_FOR_NAME: Final = 32
"""What goes before an answer, `@name `, counts as well; a name has 30 characters at most."""
MOST_SEEN_BY_STRANGERS: Final = 60
_LIMIT: Final = re.compile(r"character limit of (\d{1,6}) exceeded")
_MENTIONS: Final = re.compile(r"(?:@\s?[^\s@]+(?:@[^\s@]+)?\s+)+")


def limits(length: int, link_length: int = LINK_LENGTH) -> Limits:
    return Limits(max(length - ROOM_FOR_NAME, 1), "graphemes", link_length=link_length)


def publish(place: Place, target: Target, text: str, wire: Wire) -> Receipt:
    asked = _asked(target, text) | {"in_reply_to_id": _own_id(target), "visibility": _visibility(target)}
    call = json_api.posted(endpoint(place.url, "v1/statuses"), asked)
    headers = {**call.headers, "idempotency-key": target.reference} if target.reference else call.headers
    return _receipt(wire.act(Call(call.url, call.method, call.body, headers)), text, wire)


def correct(place: Place, target: Target, receipt: Receipt, text: str, wire: Wire) -> Receipt:
    address = endpoint(place.url, f"v1/statuses/{segment(receipt.external_id)}")
    answer = wire.act(json_api.posted(address, _asked(target, text), "PUT"))
    _demand_there(answer)
    return _receipt(answer, text, wire)


def withdraw(place: Place, receipt: Receipt, wire: Wire) -> None:
    answer = wire.act(Call(endpoint(place.url, f"v1/statuses/{segment(receipt.external_id)}"), "DELETE"))
    _demand_there(answer)
    if answer.status >= 300 or json_values.document(answer) is None:
        raise _refused(answer, "", wire)


def look_for(place: Place, target: Target, text: str, receipt: Receipt | None, wire: Wire) -> Look:
    try:
        if receipt is not None and receipt.external_id:
            return _known(place, receipt.external_id, text, wire)
        return _searched(place, target, text, wire)
    except errors.ChannelError as error:
        return Look("cannot_tell", reason=error.text)


def _known(place: Place, own_id: str, text: str, wire: Wire) -> Look:
    answer = wire.ask(Call(endpoint(place.url, f"v1/statuses/{segment(own_id)}")), is_anonymous=True)
    if answer.status in (404, 410):
        return Look("missing", own_id)
    return _seen(read(answer, wire.now), text, wire)


def _searched(place: Place, target: Target, text: str, wire: Wire) -> Look:
    """Without an id: among what was said below the post."""
    address = endpoint(place.url, f"v1/statuses/{_own_id(target)}/context")
    said = read(wire.ask(Call(address), is_anonymous=True), wire.now)
    if not isinstance(said.get("descendants"), list):
        raise API.strange()
    below = json_values.rows(said["descendants"])
    for status in below:
        is_ours = not place.own_ids or _author_of(status) in place.own_ids
        is_here = json_values.identifier(status.get("in_reply_to_id")) == _own_id(target)
        if is_ours and is_here and _says(status, text):
            return _seen(status, text, wire)
    if len(below) >= MOST_SEEN_BY_STRANGERS:
        raise errors.Unreadable(
            Text(
                "The conversation is too long to be seen whole.",
                "Обсуждение слишком длинное, чтобы увидеть его целиком.",
            )
        )
    return Look("missing")


def _seen(status: Mapping[str, Any], text: str, wire: Wire) -> Look:
    own_id = json_values.identifier(status.get("id"))
    if not own_id:
        raise API.strange()
    at = json_values.moment_at(status.get("created_at"), wire.now)
    address = urls.safe_url(status.get("url"))
    outcome: Any = "visible" if is_open(status) else "missing"
    return Look(outcome, own_id, address, at, is_as_sent=_says(status, text))


def _says(status: Mapping[str, Any], text: str) -> bool:
    """Names before the words are those of the addressees, which the server writes shorter."""
    said = (
        _MENTIONS.sub("", text_of(status), count=1) if _MENTIONS.match(text_of(status)) else text_of(status)
    )
    asked = _MENTIONS.sub("", text, count=1) if _MENTIONS.match(text) else text
    return plain_text.says_the_same(said, asked)


def _asked(target: Target, text: str) -> dict[str, object]:
    """The server tells the author only where his name stands in the text."""
    name = json_values.name(target.handle.get("acct"))
    is_named = not name or re.match(rf"@{re.escape(name)}(?!\w)", text) is not None
    asked: dict[str, object] = {"status": text if is_named else f"@{name} {text}"}
    language = plain_text.language_tag(target.handle.get("language"))
    return asked | ({"language": language} if language else {})


def _visibility(target: Target) -> str:
    """As loud as what is answered, and no answer of ours on the public timelines."""
    if target.handle.get("visibility") in (*OPEN, None):
        return "unlisted"
    return json_values.name(target.handle["visibility"])


def _receipt(answer: Answer, text: str, wire: Wire) -> Receipt:
    said = json_values.document(answer) if answer.status < 300 else None
    own_id = json_values.identifier(said.get("id")) if said is not None else ""
    if said is None or not own_id:
        raise _refused(answer, text, wire)
    at = json_values.moment_at(said.get("created_at"), wire.now)
    return Receipt(own_id, urls.safe_url(said.get("url")), "public", at)


def _refused(answer: Answer, text: str, wire: Wire) -> errors.ChannelError:
    error = API.refused(answer, text)
    if isinstance(error, errors.RateLimited):
        return patient(error, answer, wire.now)
    most = _LIMIT.search(API.said(answer)) if error.kind == "refused" else None
    return errors.TooLong(error.text, limits(int(most[1]))) if most else error


def _demand_there(answer: Answer) -> None:
    if answer.status in (404, 410):
        raise errors.Gone(
            Text("The server no longer has this answer.", "Этого ответа на сервере больше нет.")
        )


def _own_id(target: Target) -> str:
    return segment(target.handle.get("id") or target.external_id)


def _author_of(status: Mapping[str, Any]) -> str:
    return json_values.identifier(json_values.part(status, "account").get("id"))
