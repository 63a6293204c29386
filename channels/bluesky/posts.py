"""What one post of Bluesky says, in a search, a notification or the account's own list."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from channels.bluesky.api import page_of
from channels.contract import Attachment, AuthorSeen, Page, Parsed, Place, Reach, Sighting
from channels.reading import json_values, urls
from channels.reading import text as plain_text


def read_one(place: Place, post: Mapping[str, Any], own: Collection[str], page: Page) -> Iterator[Parsed]:
    """`post` has uri, cid, author, record and what is counted. `own` are the ids of the brand."""
    uri = json_values.identifier(post.get("uri"))
    if not uri:
        yield json_values.NAMELESS
        return
    record, author = json_values.part(post, "record"), _author(json_values.part(post, "author"))
    attached = _attachments(json_values.part(post, "embed"))
    words = record.get("text")
    text = plain_text.clean(words) if isinstance(words, str) else ""
    if not (text := text or ", ".join(one.name for one in attached if one.name)):
        yield json_values.SILENT
        return
    answered = json_values.part(record, "reply")
    root, parent = (json_values.part(answered, key) for key in ("root", "parent"))
    root_uri, parent_uri = (json_values.identifier(one.get("uri")) for one in (root, parent))
    at = record.get("createdAt") or post.get("indexedAt")
    yield from json_values.undated(at, uri, page)
    yield Sighting(
        plain_text.key(uri),
        page_of(uri),
        plain_text.shorten(text)[0],
        kind="comment" if parent_uri else "post",
        author=author,
        published_at=json_values.moment(at, page) or json_values.moment(post.get("indexedAt"), page),
        language=_language(record) or place.language,
        thread=plain_text.key(root_uri or parent_uri or uri),
        parent=plain_text.key(parent_uri) if parent_uri else None,
        is_by_brand=author.external_id in own if author and author.external_id and own else None,
        can_be_answered=False if _is_closed(post) else None,
        handle={
            "uri": uri,
            "cid": json_values.identifier(post.get("cid")),
            "root_uri": root_uri,
            "root_cid": json_values.identifier(root.get("cid")),
        },
        attachments=attached,
        reach=_reach(post),
    )


def _is_closed(post: Mapping[str, Any]) -> bool:
    """Its author let nobody, or not us, answer."""
    return json_values.part(post, "viewer").get("replyDisabled") is True


def _author(author: Mapping[str, Any]) -> AuthorSeen | None:
    handle, did = json_values.name(author.get("handle")), json_values.identifier(author.get("did"))
    name = json_values.name(author.get("displayName")) or handle or did
    address = urls.safe_url(f"https://bsky.app/profile/{did or handle}") if did or handle else None
    return AuthorSeen(name, did or None, address) if name else None


def _language(record: Mapping[str, Any]) -> str | None:
    spoken = record.get("langs")
    return plain_text.language_tag(spoken[0]) if isinstance(spoken, list) and spoken else None


def _attachments(embed: Mapping[str, Any]) -> list[Attachment]:
    """Pictures and films that stand in the post itself; what it only links to is in its text."""
    found = [
        Attachment("image", urls.safe_url(one.get("fullsize")), json_values.name(one.get("alt")))
        for one in json_values.rows(embed.get("images"))
    ]
    if str(embed.get("$type", "")).startswith("app.bsky.embed.video"):
        found.append(
            Attachment("video", urls.safe_url(embed.get("playlist")), json_values.name(embed.get("alt")))
        )
    return found


def _reach(post: Mapping[str, Any]) -> Reach | None:
    told = [json_values.count(post.get(key)) for key in ("likeCount", "repostCount", "replyCount")]
    return Reach(*told) if any(one is not None for one in told) else None
