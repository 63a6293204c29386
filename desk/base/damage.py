"""[pure] Values of JSON columns that somebody damaged by hand: read as empty and marked, so that one bad row stops no
other and nobody takes it for a row where nothing was set."""

import json
from typing import Any

from desk.base.errors import Damaged


class DamagedObject(dict[str, Any]):
    """Empty, and equal to nothing else: whatever is stored instead of it is a change."""

    __hash__ = None  # as of every dictionary

    def __eq__(self, other: object) -> bool:
        return self is other


class DamagedList(list[Any]):
    """The same where a list belongs."""

    __hash__ = None  # as of every list

    def __eq__(self, other: object) -> bool:
        return self is other


def is_damaged(value: object) -> bool:
    return isinstance(value, DamagedObject | DamagedList)


def read_object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) and _can_be_written(value) else DamagedObject()


def read_objects(value: object) -> list[dict[str, Any]]:
    is_whole = isinstance(value, list) and all(isinstance(one, dict) for one in value)
    return value if is_whole and _can_be_written(value) else DamagedList()  # type: ignore[return-value]


def read_texts(value: object) -> list[str]:
    is_whole = isinstance(value, list) and all(isinstance(one, str) for one in value)
    return value if is_whole and _can_be_written(value) else DamagedList()  # type: ignore[return-value]


def demand_whole(value: object, what: str, message: str) -> None:
    """Raises Damaged, with `what` as its name for those who translate."""
    if is_damaged(value):
        raise Damaged(message, what)


def _can_be_written(value: object) -> bool:
    """Half a surrogate is a string in Python and nowhere else: no page and no site can be given one."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return False
    return True
