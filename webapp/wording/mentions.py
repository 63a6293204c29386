"""What a mention is and what hangs on it, in the reader's language."""

from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _l
from flask_babel import pgettext as _p

from desk.base.damage import is_damaged
from desk.mentions import details
from desk.models import Mention

FILES: dict[str, Any] = {
    "image": _l("image"),
    "video": _l("video"),
    "audio": _l("audio"),
    "file": _l("file"),
}
REACH: dict[str, Any] = {
    "likes": _l("Likes"),
    "shares": _l("Shares"),
    "comments": _l("Comments"),
    "views": _l("Views"),
    "followers": _l("Followers"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """What a site tells of a mention beside its words, as it may be shown. `handle` means something to its channel alone."""

    facts: list[tuple[str, str]]
    reach: list[tuple[str, int]]
    files: list[dict[str, Any]]
    handle: list[tuple[str, str]]
    is_damaged: bool


def install(app: Flask) -> None:
    app.add_template_filter(details.web_address)
    app.add_template_filter(told)
    app.add_template_filter(kind, "mention_kind")
    app.add_template_filter(file_kind)


def told(mention: Mention) -> Told:
    kept = mention.facts, mention.reach, mention.attachments, mention.handle
    return Told(
        details.readable_texts(mention.facts or {}),
        [(str(REACH[name]), count) for name, count in details.readable_reach(mention.reach or {})],
        details.readable(mention.attachments or []),
        details.readable_texts(mention.handle or {}, details.LONGEST_HANDLE),
        any(map(is_damaged, kept)),
    )


def file_kind(word: str) -> str:
    return str(FILES.get(word, FILES["file"]))


def kind(word: str) -> str:
    """What it is at its site; a word that this version does not know stays as it is."""
    known = {
        "review": _p("kind of mention", "review"),
        "comment": _p("kind of mention", "comment"),
        "post": _p("kind of mention", "post"),
        "message": _p("kind of mention", "message"),
        "question": _p("kind of mention", "question"),
    }
    return str(known.get(word, word))
