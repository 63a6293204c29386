"""What goes into a post of ours: its key, made of our own reference, and the places of links and names in its text."""

import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

_SIGNS: Final = "234567abcdefghijklmnopqrstuvwxyz"
_LINK: Final = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]»”’]")
_NAME: Final = re.compile(
    r"(?<![\w@/.])@((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z])(?![\w-])",
    re.IGNORECASE,
)
_TAG: Final = re.compile(r"(?<!\S)#([^\W\d_]\w{0,63})")
_PAST: Final = 1_700_000_000_000_000
MOST_NAMES: Final = 5


def key_of(reference: str) -> str:
    """13 signs, as the protocol wants a key: the microseconds at which the reference was made, and ten bits that tell
    those of one moment apart. The same reference gives the same key."""
    digest = int.from_bytes(sha256(reference.encode()).digest()[:8], "big")
    number = (_microseconds(reference, digest) << 10 | digest & 1023) & (1 << 63) - 1
    return "".join(_SIGNS[number >> shift & 31] for shift in range(60, -1, -5))


def _microseconds(reference: str, digest: int) -> int:
    """A reference that bears no time gets one in the past."""
    try:
        made = uuid.UUID(reference)
    except ValueError:
        return _PAST + (digest >> 10) % 10**13
    return (
        (made.int >> 80) * 1_000 + (digest >> 10) % 1_000
        if made.version == 7
        else _PAST + (digest >> 10) % 10**13
    )


def names_in(text: str) -> list[str]:
    return list(dict.fromkeys(found[1].lower() for found in _NAME.finditer(text)))[:MOST_NAMES]


def facets(text: str, known: Mapping[str, str]) -> list[dict[str, Any]]:
    """Links, hashtags, and the names whose ids are `known`; places are counted in bytes of UTF-8."""
    found = sorted(_found(text, known), key=lambda one: one[0])
    taken, kept = 0, []
    for start, end, feature in found:
        if start >= taken:
            kept.append(_facet(text, start, end, feature))
            taken = end
    return kept


def _found(text: str, known: Mapping[str, str]) -> Iterator[tuple[int, int, dict[str, str]]]:
    kind = "app.bsky.richtext.facet"
    for one in _LINK.finditer(text):
        yield one.start(), one.end(), {"$type": f"{kind}#link", "uri": one[0]}
    for one in _NAME.finditer(text):
        if did := known.get(one[1].lower()):
            yield one.start(), one.end(), {"$type": f"{kind}#mention", "did": did}
    for one in _TAG.finditer(text):
        yield one.start(), one.end(), {"$type": f"{kind}#tag", "tag": one[1]}


def _facet(text: str, start: int, end: int, feature: Mapping[str, str]) -> dict[str, Any]:
    begins = len(text[:start].encode())
    place = {"byteStart": begins, "byteEnd": begins + len(text[start:end].encode())}
    return {"index": place, "features": [dict(feature)]}


def reply(handle: Mapping[str, Any]) -> dict[str, Any] | None:
    """What is answered and where its conversation began; None where that is not known."""
    parent = {"uri": handle.get("uri"), "cid": handle.get("cid")}
    root = {"uri": handle.get("root_uri") or parent["uri"], "cid": handle.get("root_cid") or parent["cid"]}
    values: Sequence[object] = (*parent.values(), *root.values())
    return {"root": root, "parent": parent} if all(isinstance(one, str) and one for one in values) else None
