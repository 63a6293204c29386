"""Single values of schema.org nodes: sites write them as strings, numbers, lists and objects alike."""

from collections.abc import Iterator
from typing import Any, Final

from channels.reading import ratings
from channels.reading import text as plain_text
from channels.schema_org.markup import Node, types
from channels.schema_org.organisations import ORGANISATIONS


def many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def nodes(value: Any) -> Iterator[Node]:
    return iter([part for part in many(value) if isinstance(part, dict)])


def word(value: Any) -> str:
    """The first usable text in a value: a string, a number, `@value`, or the name of an object."""
    if value is None or isinstance(value, str):
        return value.strip() if value else ""
    for part in many(value):
        if isinstance(part, str) and part.strip():
            return part.strip()
        if isinstance(part, (int, float)) and not isinstance(part, bool):
            return str(part)
        if isinstance(part, dict):
            found = word(part.get("@value")) or word(part.get("name")) or word(part.get("text"))
            if found:
                return found
    return ""


def names_of(value: Any) -> set[str]:
    """The names of people or firms in a value, in lower case."""
    return {plain_text.line(name).casefold() for part in many(value) if (name := word(part))}


def is_organisation(value: Any) -> bool:
    return any(not ORGANISATIONS.isdisjoint(types(node)) for node in nodes(value))


def rating(node: Node) -> float | None:
    """The rating on the scale 1..5 that a review carries; None where it has none or it cannot be read."""
    return ratings.from_text(*_rated(node))


def has_unread_rating(node: Node) -> bool:
    """Whether a rating is written there that could not be read."""
    return rating(node) is None and not ratings.means_none(_rated(node)[0])


def _rated(node: Node) -> tuple[str, str, str]:
    """The rating as written, its best and its worst value. Some sites leave out the object between."""
    value = next((node[name] for name in _RATINGS if node.get(name) is not None), None)
    holder = next(nodes(value), None)
    if holder is None:
        return word(value), word(node.get("bestRating")), word(node.get("worstRating"))
    return word(holder.get("ratingValue")), word(holder.get("bestRating")), word(holder.get("worstRating"))


_RATINGS: Final = ("reviewRating", "rating", "ratingValue")


def said(node: Node) -> str:
    """What somebody said: the body, with the good and bad points that some sites keep apart."""
    body = next((plain_text.from_either(text) for name in _BODIES if (text := word(node.get(name)))), "")
    points = [(mark, text) for name, mark in _POINTS for text in _points(node.get(name))]
    return "\n".join([*([body] if body else []), *(f"{mark} {text}" for mark, text in points)])


_BODIES: Final = ("reviewBody", "text", "articleBody", "description", "commentText")
_POINTS: Final = (("positiveNotes", "+"), ("negativeNotes", "−"))


def _points(value: Any) -> Iterator[str]:
    for part in many(value):
        items = many(part.get("itemListElement")) if isinstance(part, dict) else [part]
        yield from (plain_text.line(text, 500) for item in items if (text := word(item)))
