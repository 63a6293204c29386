"""The values of an API's JSON, which may hold anything: each is read as what it should be, or as nothing."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from channels.contract import Answer, Attachment, Page, Remark, Text
from channels.reading import dates, letters, urls
from channels.reading import text as plain_text

NAMELESS: Final = Remark(Text("An entry without an id was left out.", "Запись без идентификатора пропущена."))
SILENT: Final = Remark(
    Text("An entry without text and stars was left out.", "Запись без текста и оценки пропущена.")
)


def only_newest(pages: int) -> Remark:
    """Where a reading ends before the list does."""
    return Remark(
        Text(
            f"Only the newest {pages} pages were read; there are older entries.",
            f"Прочитаны только последние страницы ({pages}); есть и более старые записи.",
        )
    )


def document(found: Page | Answer) -> dict[str, Any] | None:
    """None for what is no JSON object."""
    try:
        whole = json.loads(letters.decode(found.body, found.headers.get("content-type", "")))
    except (ValueError, RecursionError):
        return None
    return whole if isinstance(whole, dict) else None


def part(whole: object, key: str) -> Mapping[str, Any]:
    """An object within an object; empty where it is missing or something else."""
    found = whole.get(key) if isinstance(whole, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def rows(value: object) -> list[Mapping[str, Any]]:
    """The objects of a list, without whatever else stands in it."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def identifier(value: object) -> str:
    """As text, whether it came as number or text; empty where it is neither."""
    if isinstance(value, int):
        return str(value) if not isinstance(value, bool) and abs(value) < 10**30 else ""
    return plain_text.line(value) if isinstance(value, str) else ""


def number(value: object) -> int | None:
    """A whole number that is not below zero."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and 0 <= value < 10**18 else None  # type: ignore[operator, return-value]


def whole(value: object) -> int:
    """The same; zero where there is none, as for places in a list and moments in a cursor."""
    return number(value) or 0


def count(value: object) -> int | None:
    """How many people or things, as far as a database keeps it."""
    found = number(value)
    return found if found is not None and found < 2**31 else None


def name(value: object, length: int = plain_text.MAX_NAME) -> str:
    """One line of text; a number as its digits, anything else as nothing."""
    return plain_text.line(value if isinstance(value, str) else identifier(value), length)


def prose(*parts: tuple[str, object]) -> str:
    """What was said in several fields, each under its heading; a field without one stands alone."""
    said = []
    for heading, value in parts:
        if isinstance(value, str) and (text := plain_text.from_either(value)):
            said.append(f"{heading}: {text}" if heading else text)
    return plain_text.shorten("\n\n".join(said))[0]


def facts(**values: object) -> dict[str, str]:
    """Those that are told; underscores of a name become spaces."""
    shown = {key.replace("_", " "): name(value, 500) for key, value in values.items()}
    return {key: value for key, value in shown.items() if value}


def attachments(kind: Any, addresses: Sequence[object]) -> list[Attachment]:
    return [Attachment(kind, url) for address in addresses if (url := urls.safe_url(address)) is not None]


def fingerprint(*values: object) -> str:
    """A short mark of what was said; another mark means that something changed."""
    return plain_text.fingerprint(*(str(value)[:30_000] for value in values))[:12]


def marks(*values: object) -> dict[str, str]:
    """What is known of each item, by its id; later ones count before earlier."""
    told = [value for value in values if isinstance(value, Mapping)]
    return {str(key): one for value in told for key, one in value.items() if isinstance(one, str)}


def moment(value: object, page: Page) -> datetime | None:
    """In UTC, of a date as text or of seconds since 1970; None where there is none."""
    return moment_at(value, page.fetched_at)


def moment_at(value: object, now: datetime | None) -> datetime | None:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return dates.read(identifier(value) if is_number else value, now)


def moment_of_seconds(value: object, page: Page) -> datetime | None:
    """The same, of seconds alone: a text is none, whatever it says."""
    return moment(value, page) if number(value) else None


def undated(value: object, own_id: str, page: Page) -> Iterator[Remark]:
    """A remark about a date that is there and cannot be read."""
    if value and moment(value, page) is None:
        yield Remark(
            Text(
                f"The date of {own_id} cannot be read: {name(value, 60)}",
                f"Дата записи {own_id} не читается: {name(value, 60)}",
            )
        )


def stamp(moment: datetime) -> int:
    """Seconds since 1970, as a date of the past is asked for."""
    return int(moment.astimezone(UTC).timestamp())
