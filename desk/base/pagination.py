"""[pure] Where the next page of a list begins: the position of its last row, in a form that fits into an address."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from datetime import UTC, datetime

from desk.base.errors import Invalid

LONGEST = 300


def mark(*position: str | int | datetime) -> str:
    """The cursor behind a row whose sort key is `position`."""
    plain = [part.astimezone(UTC).isoformat() if isinstance(part, datetime) else part for part in position]
    return urlsafe_b64encode(json.dumps(plain, separators=(",", ":")).encode()).decode().rstrip("=")


def position(cursor: str, kinds: Sequence[type]) -> tuple[str | int | datetime, ...]:
    """The sort key in that cursor. Raises Invalid for anything that `mark` did not write."""
    try:
        if len(cursor) > LONGEST:
            raise ValueError("too long")
        padded = cursor + "=" * (-len(cursor) % 4)
        parts = json.loads(urlsafe_b64decode(padded.encode()))
        if not isinstance(parts, list):
            raise TypeError("not a list")
        return tuple(_read(part, kind) for part, kind in zip(parts, kinds, strict=True))
    except (ValueError, TypeError, NotBase64, OverflowError) as error:
        raise Invalid(
            "This address of a next page is damaged: start again from the first page.", "after"
        ) from error


def _read(part: object, kind: type) -> str | int | datetime:
    if kind is datetime and isinstance(part, str):
        moment = datetime.fromisoformat(part)
        if moment.tzinfo is None:
            raise ValueError("without a zone")
        return moment
    if kind is int and isinstance(part, int) and abs(part) < 2**31:
        return part
    if kind is str and isinstance(part, str):
        return part
    raise TypeError(f"{part!r} is not {kind.__name__}")
