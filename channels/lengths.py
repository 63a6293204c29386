"""How long an answer is in the unit its site counts, what may not stand in it, and what to say when it does not fit."""

from collections.abc import Mapping
from typing import Any, Final, cast

import regex

from channels.contract import Channel, Forbidden, LengthUnit, Limits, Text

LEARNED: Final = "answer_limit"
"""Under this name a source's cursor keeps what its site's own form or refusal named; None: it names no limit."""
_UNITS_EN: Final = {
    "characters": "characters",
    "bytes": "bytes",
    "graphemes": "characters",
    "utf16": "characters",
}
_UNITS_RU: Final = {"characters": "знаков", "bytes": "байт", "graphemes": "знаков", "utf16": "знаков"}
# "at most 5,000 characters", "не более 5 000 символов": a number, and what it counts.
_NAMED = regex.compile(
    r"(?<![\d.,])(\d{1,3}(?:[ ,.\u00a0\u202f]\d{3})+|\d{2,6})\s*"
    r"(?:characters?|chars?|letters?|symbols?|знак\w{0,3}|символ\w{0,3}|букв\w{0,2})\b",
    regex.IGNORECASE,
)

_FORBIDDEN: Final[Mapping[Forbidden, tuple[regex.Pattern[str], Text]]] = {
    "links": (
        regex.compile(r"\bhttps?://|\bwww\.\w", regex.IGNORECASE),
        Text("The site accepts no links in an answer.", "Площадка не принимает ответы со ссылками."),
    ),
    "html": (
        regex.compile(r"</?[a-z][^<>]*>|&(?:#\d+|[a-z]{2,8});", regex.IGNORECASE),
        Text("The site accepts no HTML in an answer.", "Площадка не принимает ответы с HTML."),
    ),
    "line_breaks": (
        regex.compile(r"[\n\r\u2028\u2029]"),
        Text(
            "The site accepts an answer of one line only.",
            "Площадка не принимает ответы из нескольких строк.",
        ),
    ),
}
_LEAST = regex.compile(r"\b(?:at least|minimum|min|не менее|не меньше|минимум|хотя бы)\b", regex.IGNORECASE)


def complaint(limits: Limits | None, text: str) -> Text | None:
    """Why this text is no answer for that site, or None. Everything that the site counts must fit."""
    if limits is None:
        return None
    for one in (limits, *limits.also):
        used = one.measure(text)
        if used > one.length:
            return Text(
                f"The site accepts at most {one.length:,} {_UNITS_EN[one.unit]}; the answer has {used:,}.",
                f"Площадка принимает не больше {_russian(one.length)} {_UNITS_RU[one.unit]}, "
                f"а в ответе {_russian(used)}.",
            )
        if used < one.least:
            return Text(
                f"The site requires at least {one.least:,} {_UNITS_EN[one.unit]}; the answer has {used:,}.",
                f"Площадка принимает не меньше {_russian(one.least)} {_UNITS_RU[one.unit]}, "
                f"а в ответе {_russian(used)}.",
            )
        if (said := _forbidden_in(one, text)) is not None:
            return said
    return None


def _forbidden_in(limits: Limits, text: str) -> Text | None:
    for forbidden in limits.forbids:
        pattern, said = _FORBIDDEN[forbidden]
        if pattern.search(text):
            return said
    return None


def limits_of(channel: Channel | None, cursor: Mapping[str, Any]) -> Limits | None:
    """What the source's own site was learned to take, else what the channel says of all its sites; None: not known."""
    answering = channel.about.answering if channel is not None else None
    said = answering.limits if answering is not None else None
    learned = cursor.get(LEARNED)
    if isinstance(learned, Mapping):
        length, unit = learned.get("length"), learned.get("unit", "characters")
        if type(length) is int and length > 0 and unit in _UNITS_EN:
            forbids = said.forbids if said is not None else ()
            return Limits(length, cast("LengthUnit", unit), forbids=forbids)
    return said


def remembered(limits: Limits | None) -> dict[str, Any]:
    """The values for the cursor that `limits_of` reads."""
    return {LEARNED: {"length": limits.length, "unit": limits.unit} if limits is not None else None}


def named_in(said: str, text: str) -> Limits | None:
    """The limit that a refusal names, if it was this text that broke it: other numbers are not believed."""
    for found in _NAMED.finditer(said[:2_000]):
        length = int(regex.sub(r"\D", "", found.group(1)))
        is_least = _LEAST.search(said[max(0, found.start() - 30) : found.start()])
        if 0 < length < len(text) and not is_least:
            return Limits(length)
    return None


def _russian(number: int) -> str:
    return f"{number:,}".replace(",", "\u00a0")
