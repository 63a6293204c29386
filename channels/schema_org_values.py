"""Single values of schema.org nodes: sites write them as strings, numbers, lists and objects alike."""

import math
import re
from collections.abc import Iterator
from typing import Any, Final

from channels import plain
from channels.schema_org_markup import Node, types

ORGANISATIONS: Final = frozenset(
    [
        "Organization",
        "Corporation",
        "LocalBusiness",
        "Brand",
        "OnlineBusiness",
        "OnlineStore",
        "Store",
        "Restaurant",
        "Hotel",
        "Airline",
        "NGO",
        "MedicalOrganization",
        "EducationalOrganization",
        "GovernmentOrganization",
        "FinancialService",
        "BankOrCreditUnion",
        "AutoDealer",
        "FoodEstablishment",
        "LodgingBusiness",
        "HealthAndBeautyBusiness",
        "ProfessionalService",
    ]
)
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?")
_RATIO = re.compile(r"\s*(\d+(?:[.,]\d+)?)\s*(?:/|из|of|out of)\s*(\d+(?:[.,]\d+)?)\s*\Z", re.IGNORECASE)


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
    return {plain.line(name).casefold() for part in many(value) if (name := word(part))}


def is_organisation(value: Any) -> bool:
    return any(types(node) & ORGANISATIONS for node in nodes(value))


def number(value: Any) -> float | None:
    found = _NUMBER.search(word(value)[:40])
    result = float(found[0].replace(",", ".")) if found else None
    return result if result is not None and math.isfinite(result) else None


def rating(value: Any) -> float | None:
    """A reviewRating on the scale 1..5, from `ratingValue` with `bestRating` and `worstRating`, or from "4/5".

    Linear: worst -> 1, best -> 5. Without a best value it is 5, unless the number is too great for that.
    """
    holder = next(nodes(value), None)
    raw = holder.get("ratingValue") if holder is not None else value
    best = number(holder.get("bestRating")) if holder is not None else None
    worst = number(holder.get("worstRating")) if holder is not None else None
    text = word(raw)
    score = number(text)
    if score is None:
        return None
    if ratio := _RATIO.match(text[:40]):
        best = number(ratio[2])
    elif text.rstrip().endswith("%"):
        best, worst = 100.0, 0.0
    return _scaled(score, best if best is not None else _likely_best(score), 1.0 if worst is None else worst)


def _likely_best(score: float) -> float:
    return next((best for best in (5.0, 10.0) if score <= best), 100.0)


def _scaled(score: float, best: float, worst: float) -> float | None:
    if best <= worst:
        return None
    return round(min(5.0, max(1.0, 1 + 4 * (score - worst) / (best - worst))), 2)


def said(node: Node) -> str:
    """What somebody said: the body, with the good and bad points that some sites keep apart."""
    body = next((plain.from_either(text) for name in _BODIES if (text := word(node.get(name)))), "")
    points = [(mark, text) for name, mark in _POINTS for text in _points(node.get(name))]
    return "\n".join([*([body] if body else []), *(f"{mark} {text}" for mark, text in points)])


_BODIES: Final = ("reviewBody", "text", "articleBody", "description", "commentText")
_POINTS: Final = (("positiveNotes", "+"), ("negativeNotes", "−"))


def _points(value: Any) -> Iterator[str]:
    for part in many(value):
        items = many(part.get("itemListElement")) if isinstance(part, dict) else [part]
        yield from (plain.line(text, 500) for item in items if (text := word(item)))
