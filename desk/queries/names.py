"""[pure] A query of names: any of them, each of several words as a phrase."""

from collections.abc import Iterable

from desk.queries import tokens
from desk.queries.grammar import LONGEST, MOST_WORDS


def query_of(names: Iterable[str]) -> str:
    """Empty where no name has a letter or a digit. As many names as a query may have, the first ones first."""
    written: list[str] = []
    count, length = 0, 0
    for name in dict.fromkeys(" ".join(tokens.words(one)) for one in names):
        count, length = count + len(name.split()), length + len(name) + len(' OR ""')
        if name and count <= MOST_WORDS and length <= LONGEST:
            written.append(f'"{name}"' if " " in name else name)
    return " OR ".join(written)
