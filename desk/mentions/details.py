"""[pure] What a site tells beside the words, brought into a form that can be stored and shown: nothing from outside is
longer than a person reads, no address but http(s) is kept, and no number below zero."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

MOST_FACTS: Final = 30
MOST_ATTACHMENTS: Final = 50
LONGEST_NAME, LONGEST_VALUE, LONGEST_URL, LONGEST_HANDLE = 100, 500, 2_000, 20_000
MOST_COUNTED: Final = 10**12
FILES: Final = ("image", "video", "audio", "file")
COUNTS: Final = ("likes", "shares", "comments", "views", "followers")


class AttachmentSeen(Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def url(self) -> str | None: ...
    @property
    def name(self) -> str: ...
    @property
    def size_bytes(self) -> int | None: ...


class DetailsSeen(Protocol):
    """That part of channels.contract.Sighting."""

    @property
    def handle(self) -> Mapping[str, Any]: ...
    @property
    def facts(self) -> Mapping[str, str]: ...
    @property
    def attachments(self) -> Sequence[AttachmentSeen]: ...
    @property
    def reach(self) -> object: ...
    @property
    def is_machine(self) -> bool: ...
    @property
    def can_be_answered(self) -> bool | None: ...


def stored(seen: DetailsSeen) -> dict[str, Any]:
    """Column -> value, None where the site tells nothing. Raises ValueError for a handle that cannot be kept: without it
    nobody could answer, and with a part of it somebody else would get the answer."""
    return {
        "handle": _handle(seen.handle),
        "facts": _facts(seen.facts),
        "attachments": _attachments(seen.attachments),
        "reach": _reach(seen.reach),
        "is_machine": bool(seen.is_machine),
        "can_be_answered": seen.can_be_answered,
    }


def clean(text: object, longest: int) -> str:
    """One line that both databases store. PostgreSQL refuses NUL in text, and neither stores half a surrogate pair."""
    line = " ".join(str(text).replace("\0", "").split())
    return line[:longest].encode("utf-8", "replace").decode()


def _handle(value: Mapping[str, Any]) -> dict[str, Any] | None:
    if not value:
        return None
    try:
        written = json.dumps(dict(value), ensure_ascii=False)
        written.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError("a handle that is no JSON") from error
    if len(written) > LONGEST_HANDLE or "\\u0000" in written:
        raise ValueError("a handle that cannot be stored")
    found: dict[str, Any] = json.loads(written)
    return found


def _facts(value: Mapping[str, str]) -> dict[str, str] | None:
    pairs = [(clean(name, LONGEST_NAME), clean(one, LONGEST_VALUE)) for name, one in value.items()]
    return {name: one for name, one in pairs[:MOST_FACTS] if name and one} or None


def _attachments(value: Sequence[AttachmentSeen]) -> list[dict[str, Any]] | None:
    return [_attachment(one) for one in value[:MOST_ATTACHMENTS]] or None


def _attachment(one: AttachmentSeen) -> dict[str, Any]:
    return {
        "kind": one.kind if one.kind in FILES else "file",
        "url": web_address(one.url),
        "name": clean(one.name or "", LONGEST_NAME),
        "size_bytes": _count(one.size_bytes),
    }


def readable(attachments: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same of what is stored: a row may have been changed by hand."""
    return [
        {
            "kind": one.get("kind") if one.get("kind") in FILES else "file",
            "url": web_address(one.get("url")),
            "name": clean(one.get("name") or "", LONGEST_NAME),
            "size_bytes": _count(one.get("size_bytes")),
        }
        for one in attachments
    ]


def readable_texts(values: Mapping[str, Any], longest: int = LONGEST_VALUE) -> list[tuple[str, str]]:
    """Facts, or a handle, of what is stored: names and values as texts, whatever somebody has put there."""
    pairs = [(clean(name, LONGEST_NAME), clean(_as_text(one), longest)) for name, one in values.items()]
    return [(name, one) for name, one in pairs if name and one][:MOST_FACTS]


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def readable_reach(values: Mapping[str, Any]) -> list[tuple[str, int]]:
    """What is counted, in the order of COUNTS; no number that cannot be one."""
    counts = [(name, _count(values.get(name))) for name in COUNTS]
    return [(name, count) for name, count in counts if count is not None]


def web_address(url: object) -> str | None:
    """The address where it is one that a browser may be sent to, else None."""
    if not isinstance(url, str):
        return None
    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
    except ValueError:
        return None
    is_plain = len(url) <= LONGEST_URL and clean(url, LONGEST_URL) == url.strip()
    return url.strip() if usable and is_plain else None


def _reach(value: object) -> dict[str, int] | None:
    counts = {name: _count(getattr(value, name, None)) for name in COUNTS}
    return {name: count for name, count in counts.items() if count is not None} or None


def _count(value: object) -> int | None:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and 0 <= value <= MOST_COUNTED else None  # type: ignore[operator, return-value]
