"""[pure] The conditions of a rule, as people typed them: checked word by word, because a misspelt one never holds."""

from collections.abc import Mapping
from typing import Any

from desk.base.errors import Invalid
from desk.base.words import Intent, Sentiment, Urgency
from desk.routing.routing import LISTS

WORDS: dict[str, frozenset[str]] = {
    "intent": frozenset(Intent),
    "sentiment": frozenset(Sentiment),
    "urgency": frozenset(Urgency),
}


def read_conditions(conditions: Mapping[str, Any]) -> dict[str, Any]:
    """The same as plain JSON. Raises Invalid, the condition's name as `field`."""
    return {name: _read(name, wanted) for name, wanted in conditions.items()}


def _read(name: str, wanted: Any) -> Any:
    if name in LISTS:
        return _read_list(name, wanted)
    if name == "max_rating":
        return _read_rating(wanted)
    if name == "is_uncertain":
        if not isinstance(wanted, bool):
            raise Invalid("is_uncertain must be true or false.", field=name)
        return wanted
    raise Invalid("There is no condition %(name)s.", field=name, name=repr(name))


def _read_list(name: str, wanted: Any) -> list[str] | list[int]:
    if not isinstance(wanted, list | tuple) or not wanted:
        raise Invalid("%(name)s must be a list of at least one value.", field=name, name=name)
    if name == "source_id":
        return [_read_id(value) for value in wanted]
    return [_read_word(name, value) for value in wanted]


def _read_id(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Invalid("%(value)s is not the number of a source.", field="source_id", value=repr(value))
    return value


def _read_word(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value or value not in WORDS.get(name, {value}):
        raise Invalid("%(value)s is not a valid %(name)s.", field=name, value=repr(value), name=name)
    return str(value)


def _read_rating(wanted: Any) -> float:
    if not isinstance(wanted, int | float) or isinstance(wanted, bool) or not 1 <= wanted <= 5:
        raise Invalid("max_rating must be a number from 1 to 5.", field="max_rating")
    return wanted
