"""[pure] The figures that a training left behind, and whether they can still be read."""

from collections.abc import Mapping
from typing import Any

from desk.base.damage import is_damaged

PAIRS = ("before", "after", "replay_before", "replay_after")
NUMBERS = ("texts", "needed", "same_as", "left_out", "tries")


def is_whole(figures: Mapping[str, Any], *, is_adopted: bool = False) -> bool:
    """Whether pages and commands may do sums with them. Each pair is how many were right, of how many; a version that was
    adopted has all four."""
    if is_damaged(figures):
        return False
    heads = figures.get("heads", {})
    if not isinstance(heads, Mapping) or not all(isinstance(one, Mapping) for one in heads.values()):
        return False
    totals = [figures.get(name) for name in PAIRS]
    if (heads or is_adopted) and None in totals:
        return False
    shares = [*totals, *(head.get(name) for head in heads.values() for name in PAIRS)]
    numbers = [figures.get(name, 0) for name in NUMBERS]
    return all(one is None or _is_share(one) for one in shares) and all(map(_is_number, numbers))


def tries(figures: Mapping[str, Any]) -> int:
    """How often it was begun; of damaged figures nobody knows, and it begins anew."""
    said = figures.get("tries", 0)
    return int(said) if _is_number(said) else 0


def _is_share(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2 and all(map(_is_number, value))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
