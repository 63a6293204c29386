"""[pure] Open hours as people type them: "09:00-18:00, 19:00-21:00". Only the writing is read here; desk checks the sense."""

import re
from collections.abc import Mapping
from typing import Any

from desk.base.errors import Invalid

SPAN = re.compile(r"(\d{1,2})[:.](\d{2})\s*[-–—]\s*(\d{1,2})[:.](\d{2})")
LINE = re.compile(r"(\d{4}-\d{2}-\d{2})\s*:?\s*(.*)")
Spans = list[list[str]]


def written(spans: Any) -> str:
    """Nothing of what is not hours: the page says beside it that the row is damaged."""
    if not isinstance(spans, list) or not all(isinstance(one, list) and len(one) == 2 for one in spans):
        return ""
    return ", ".join(f"{opens}-{closes}" for opens, closes in spans or [])


def written_exceptions(exceptions: Mapping[str, Any]) -> str:
    """One day a line; a day without hours is closed."""
    return "\n".join(f"{day} {written(spans)}".strip() for day, spans in sorted(exceptions.items()))


def read(text: str, field: str = "hours") -> Spans:
    """Raises Invalid for anything that is not hours; nothing at all is a closed day."""
    return [_span(part, field) for part in re.split(r"[,;]", text) if part.strip()]


def read_exceptions(text: str) -> dict[str, Spans]:
    """Raises Invalid (field "exceptions")."""
    found: dict[str, Spans] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        if (parts := LINE.fullmatch(line.strip())) is None:
            raise Invalid(
                "%(line)s does not begin with a date like 2026-12-31.", "exceptions", line=repr(line.strip())
            )
        found[parts[1]] = read(parts[2], "exceptions")
    return found


def _span(text: str, field: str) -> list[str]:
    found = SPAN.fullmatch(text.strip())
    if found is None:
        raise Invalid("%(text)s is not written like 09:00-18:00.", field, text=repr(text.strip()))
    return [f"{found[1]:0>2}:{found[2]}", f"{found[3]:0>2}:{found[4]}"]
