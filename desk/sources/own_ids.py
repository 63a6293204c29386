"""[pure] The ids under which a brand writes at one site, as people give them: brought into a form that can be stored."""

from collections.abc import Iterable

from desk.base.errors import Invalid

MOST, LONGEST = 100, 255


def read(given: Iterable[str]) -> list[str]:
    """In the order given, each once, without empty ones. Raises Invalid."""
    found = list(dict.fromkeys(one.strip() for one in given if one.strip()))
    if len(found) > MOST:
        raise Invalid("A source has at most %(most)s ids of the brand.", "own_ids", most=MOST)
    for one in found:
        if len(one) > LONGEST:
            raise Invalid("An id is at most %(most)s characters long.", "own_ids", most=LONGEST)
        if not one.isprintable():
            raise Invalid("An id contains no tabs, line breaks or other invisible characters.", "own_ids")
    return found
