"""[pure] What people have put into folders, and whether something new is like it.

Each word, pair of words, host of a link and author counts by how often it stood in what was filed and in what was kept. That
needs no training, follows from the first corrections, and can be told in words. It is careful on purpose: something wrongly filed
costs more than something that a person files himself.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final
from urllib.parse import urlsplit

from desk.base.words import Folder
from desk.queries import tokens

LEAST_CORRECTIONS: Final = 3
LEAST_SIGNS: Final = 4
"""So many signs that stood in at least two of those that were filed must be there."""
LEAST_WEIGHT: Final = math.log(200)
MOST_WORDS: Final = 300

_LINK: Final = re.compile(r"\bhttps?://\S+", re.IGNORECASE)
_TAUGHT: Final = (Folder.SPAM, Folder.OFF_TOPIC)
"""What else is filed is known by a rule."""


@dataclass(frozen=True, slots=True)
class Example:
    """`folder` None: it belongs to the brand. `signs` as `signs_of` finds them."""

    signs: frozenset[str]
    folder: Folder | None


class Learned:
    """What follows from the examples of one brand."""

    def __init__(self, examples: Iterable[Example]) -> None:
        self._counts: dict[Folder | None, Counter[str]] = {}
        self._totals: Counter[Folder | None] = Counter()
        for one in examples:
            self._counts.setdefault(one.folder, Counter()).update(one.signs)
            self._totals[one.folder] += 1

    def folder_of(self, signs: frozenset[str]) -> Folder | None:
        """The folder in which it is like what people have filed, or None where that is not sure."""
        weighed = [
            (self._weight(folder, signs), folder) for folder in _TAUGHT if self._is_taught(folder, signs)
        ]
        weight, folder = max(weighed, default=(0.0, None), key=lambda one: one[0])
        return folder if weight >= LEAST_WEIGHT else None

    def _is_taught(self, folder: Folder, signs: frozenset[str]) -> bool:
        if self._totals[folder] < LEAST_CORRECTIONS:
            return False
        counts, kept = self._counts[folder], self._counts.get(None, Counter())
        # What is said of the brand as often says nothing of the folder.
        telling = [
            sign
            for sign in signs
            if counts[sign] >= 2
            and counts[sign] / self._totals[folder] > 2 * kept[sign] / (self._totals[None] or 1)
        ]
        return len(telling) >= LEAST_SIGNS

    def _weight(self, folder: Folder, signs: frozenset[str]) -> float:
        """Log of the odds that these signs stand in that folder and not among what was kept, by the signs seen before."""
        counts, kept = self._counts[folder], self._counts.get(None, Counter())
        total, others = self._totals[folder], self._totals[None]
        known = [sign for sign in signs if counts[sign] or kept[sign]]
        odds = [
            math.log((counts[sign] + 0.5) / (total + 1)) - math.log((kept[sign] + 0.5) / (others + 1))
            for sign in known
        ]
        # Pairs repeat what their words have said, so the mean counts and not the sum alone.
        return sum(odds) / math.sqrt(len(odds)) if odds else 0.0


def signs_of(title: str, text: str, author: str | None) -> frozenset[str]:
    """Words in their folded form, pairs of neighbours, hosts of links, and who wrote it."""
    words = tokens.words(f"{title}\n{_LINK.sub(' ', text)}")[:MOST_WORDS]
    found = {word for word in words if len(word) > 1}
    found |= {f"{one} {other}" for one, other in pairwise(words)}
    found |= {f"host:{host}" for host in _hosts(_LINK.findall(text))}
    if author:
        found.add(f"author:{author.casefold()}")
    return frozenset(found)


def _hosts(links: Sequence[str]) -> set[str]:
    found = set()
    for link in links:
        try:
            found.add((urlsplit(link).hostname or "").removeprefix("www."))
        except ValueError:
            continue
    return found - {""}
