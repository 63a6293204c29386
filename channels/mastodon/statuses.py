"""What one post of Mastodon says."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from channels.contract import Attachment, AuthorSeen, Page, Parsed, Place, Reach, Remark, Sighting, Text
from channels.reading import json_values, urls
from channels.reading import text as plain_text

OPEN: Final = ("public", "unlisted")
_KINDS: Final[Mapping[str, Any]] = {"image": "image", "video": "video", "gifv": "video", "audio": "audio"}
_SPLIT: Final = re.compile(r"(?<=[@#])<span>([^<]{0,200})</span>")
_TO_FEW: Final = Remark(
    Text(
        "A post that only its addressees see was left out: read and answer it at the server.",
        "Запись, которую видят только её адресаты, пропущена: прочитайте её и ответьте на самом сервере.",
    )
)


def is_open(status: Mapping[str, Any]) -> bool:
    """Servers that name no visibility show what everybody may see."""
    return status.get("visibility") in (*OPEN, None, "local")


def read_one(
    place: Place, status: Mapping[str, Any], own: Collection[str], page: Page, root: str = ""
) -> Iterator[Parsed]:
    """`own` are the ids of the brand, `root` that of the post with which the conversation began, where it is known."""
    if not (own_id := json_values.identifier(status.get("id"))):
        yield json_values.NAMELESS
        return
    if not is_open(status):
        yield _TO_FEW
        return
    yield from json_values.undated(status.get("created_at"), own_id, page)
    title = json_values.name(status.get("spoiler_text"))
    attached = _attachments(status)
    text = text_of(status) or title or ", ".join(one.name for one in attached if one.name)
    if not text:
        yield json_values.SILENT
        return
    account, parent = (
        json_values.part(status, "account"),
        json_values.identifier(status.get("in_reply_to_id")),
    )
    author = _author(account)
    known = author is not None and author.external_id is not None and bool(own)
    yield Sighting(
        plain_text.key(own_id),
        urls.safe_url(status.get("url")) or urls.safe_url(status.get("uri")),
        plain_text.shorten(text)[0],
        kind="comment" if parent else "post",
        title=title if title != text else "",
        author=author,
        published_at=json_values.moment(status.get("created_at"), page),
        edited_at=json_values.moment(status.get("edited_at"), page),
        language=plain_text.language_tag(status.get("language")) or place.language,
        thread=plain_text.key(root or parent or own_id),
        parent=plain_text.key(parent) if parent else None,
        is_by_brand=author.external_id in own if known and author else None,
        handle=json_values.facts(
            id=own_id,
            acct=account.get("acct"),
            visibility=status.get("visibility"),
            language=status.get("language"),
        ),
        facts={"bot": "yes"} if account.get("bot") is True else {},
        attachments=attached,
        reach=_reach(status, account),
    )


def text_of(status: Mapping[str, Any]) -> str:
    """A name or a hashtag is one word, whose sign stands outside of the element that holds the rest."""
    content = status.get("content")
    return plain_text.from_html(_SPLIT.sub(r"\1", content)) if isinstance(content, str) else ""


def _reach(status: Mapping[str, Any], account: Mapping[str, Any]) -> Reach:
    return Reach(
        likes=json_values.count(status.get("favourites_count")),
        shares=json_values.count(status.get("reblogs_count")),
        comments=json_values.count(status.get("replies_count")),
        followers=json_values.count(account.get("followers_count")),
    )


def _author(account: Mapping[str, Any]) -> AuthorSeen | None:
    name = json_values.name(account.get("display_name")) or json_values.name(account.get("acct"))
    own_id = json_values.identifier(account.get("id"))
    return AuthorSeen(name, own_id or None, urls.safe_url(account.get("url"))) if name else None


def _attachments(status: Mapping[str, Any]) -> list[Attachment]:
    return [
        Attachment(
            _KINDS.get(str(one.get("type")), "file"),
            urls.safe_url(one.get("url")) or urls.safe_url(one.get("remote_url")),
            json_values.name(one.get("description")),
        )
        for one in json_values.rows(status.get("media_attachments"))
    ]
