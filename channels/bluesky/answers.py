"""Publishing an answer at Bluesky under a key of ours, taking it back, and looking for it as a stranger."""

import re
from collections.abc import Mapping
from datetime import UTC
from typing import Any, Final

from channels import errors, json_api
from channels.bluesky import records
from channels.bluesky.api import (
    API,
    POST,
    PUBLIC,
    endpoint,
    error_name,
    own_did,
    page_of,
    read,
    refused,
    server,
)
from channels.contract import Call, Limits, Look, Place, Receipt, Target, Text, Wire
from channels.reading import json_values
from channels.reading import text as plain_text

LIMITS: Final = Limits(300, "graphemes", also=(Limits(3_000, "bytes"),))
_TOO_BIG: Final = re.compile(r"(grapheme )?too (?:big|long) \(maximum (\d{1,6})")


def publish(place: Place, target: Target, text: str, wire: Wire) -> Receipt:
    did, key = _signed_in(place), records.key_of(target.reference)
    if (answered := records.reply(target.handle)) is None:
        raise errors.Refused(
            Text(
                "It is not known which version of the post is answered; nothing was sent.",
                "Неизвестно, на какую версию записи отвечать; ничего не отправлено.",
            )
        )
    # A server answers 500 to a key that it has, so it is asked before.
    if (standing := _standing(place, did, key, wire)) is not None:
        return _receipt(standing)
    record: dict[str, Any] = {
        "$type": POST,
        "text": text,
        "createdAt": wire.now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "reply": answered,
    }
    if found := records.facets(text, _known(place, text, wire)):
        record["facets"] = found
    asked = {"repo": did, "collection": POST, "rkey": key, "record": record}
    answer = wire.act(json_api.posted(endpoint(server(place), "com.atproto.repo.createRecord"), asked))
    said = json_values.document(answer) if answer.status < 300 else None
    if said is None or not json_values.identifier(said.get("uri")):
        raise _with_limits(refused(answer, text, wire.now), API.said(answer))
    return _receipt(said)


def withdraw(place: Place, receipt: Receipt, wire: Wire) -> None:
    parts = (receipt.external_id or "").removeprefix("at://").split("/")
    if len(parts) != 3 or parts[0] != _signed_in(place):
        raise errors.Refused(
            Text(
                "This is no post of the account; nothing was deleted.",
                "Это не запись аккаунта; ничего не удалено.",
            )
        )
    asked = {"repo": parts[0], "collection": parts[1], "rkey": parts[2]}
    answer = wire.act(json_api.posted(endpoint(server(place), "com.atproto.repo.deleteRecord"), asked))
    said = json_values.document(answer) if answer.status < 300 else None
    if said is None:
        raise refused(answer, "", wire.now)
    if not said.get("commit"):
        # What is not there is deleted without a word, and without a change.
        raise errors.Gone(Text("Bluesky no longer has this answer.", "Этого ответа в Bluesky больше нет."))


def look_for(place: Place, target: Target, text: str, receipt: Receipt | None, wire: Wire) -> Look:
    """The key is known before the answer is: it is looked for under its address even where nobody knows whether it was sent."""
    did = own_did(place)
    known = receipt.external_id if receipt is not None and receipt.external_id else ""
    if not known and not did:
        return Look(
            "cannot_tell",
            reason=Text("The account has not signed in yet.", "Аккаунт ещё не входил в Bluesky."),
        )
    uri = known or f"at://{did}/{POST}/{records.key_of(target.reference)}"
    try:
        said = read(
            wire.ask(Call(endpoint(PUBLIC, "app.bsky.feed.getPosts", uris=uri)), is_anonymous=True), wire.now
        )
        if not isinstance(said.get("posts"), list):
            raise API.strange()
    except errors.ChannelError as error:
        return Look("cannot_tell", reason=error.text)
    post = next((one for one in json_values.rows(said["posts"]) if one.get("uri") == uri), None)
    if post is None:
        return Look("missing", uri)
    words = json_values.part(post, "record").get("text")
    is_as_sent = isinstance(words, str) and plain_text.says_the_same(words, text)
    return Look(
        "visible",
        uri,
        page_of(uri),
        json_values.moment_at(post.get("indexedAt"), wire.now),
        is_as_sent=is_as_sent,
    )


def _signed_in(place: Place) -> str:
    if did := own_did(place):
        return did
    raise errors.Expired(Text("The account has not signed in yet.", "Аккаунт ещё не входил в Bluesky."))


def _standing(place: Place, did: str, key: str, wire: Wire) -> Mapping[str, Any] | None:
    """The record under our key, None where there is none."""
    address = endpoint(server(place), "com.atproto.repo.getRecord", repo=did, collection=POST, rkey=key)
    answer = wire.ask(Call(address))
    if answer.status in (400, 404) and error_name(answer) == "RecordNotFound":
        return None
    said = read(answer, wire.now)
    if not json_values.identifier(said.get("uri")):
        raise API.strange()
    return said


def _known(place: Place, text: str, wire: Wire) -> dict[str, str]:
    """The lasting ids of those who are named in the text; a name that nobody bears stays plain text."""
    found = {}
    for name in records.names_in(text):
        address = endpoint(server(place), "com.atproto.identity.resolveHandle", handle=name)
        answer = wire.ask(Call(address))
        did = json_values.identifier((json_values.document(answer) or {}).get("did"))
        if answer.status < 300 and did:
            found[name] = did
    return found


def _receipt(said: Mapping[str, Any]) -> Receipt:
    uri = json_values.identifier(said.get("uri"))
    return Receipt(uri, page_of(uri), "public")


def _with_limits(error: errors.ChannelError, said: str) -> errors.ChannelError:
    found = _TOO_BIG.search(said) if error.kind == "refused" else None
    if found is None:
        return error
    return errors.TooLong(error.text, Limits(int(found[2]), "graphemes" if found[1] else "bytes"))
