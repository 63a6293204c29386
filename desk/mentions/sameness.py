"""[pure] Is what is seen now the thing that was stored under one of its names?

A site's name for a thing may be shared, used again or change, so the name is where to look, and what was said decides:
the words, the time, the author and the address. docs/design.md gives the reasons.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Final

_WORD: Final = re.compile(r"\w+")
_VARIED: Final = re.compile(r"^https?://(?:www\.)?|/$", re.IGNORECASE)
LEAST_SHARED: Final = 0.5
"""Of the words of the longer text: an edit keeps more, and two texts about one thing hold less in common."""
LEAST_KEPT: Final = 0.75
"""Of the words of the shorter text, where it has enough of them: something was added or cut."""
ENOUGH_WORDS: Final = 4


@dataclass(frozen=True, slots=True)
class Facts:
    """`published_at` is None where the site gave no date."""

    title: str
    text: str
    author: str | None
    published_at: datetime | None
    url: str
    rating: float | None = None


def is_same(kept: Facts, seen: Facts, *, is_name_shared: bool) -> bool:
    """Whether two things of one name are one. With a name that is known to be shared, doubt means no."""
    same_words = _letters(kept.title) == _letters(seen.title) and _letters(kept.text) == _letters(seen.text)
    if kept.author and seen.author and kept.author.casefold() != seen.author.casefold():
        # He may have changed his name; two people who say the same at once have not.
        return same_words and _is_exact(kept.published_at) and kept.published_at == seen.published_at
    if same_words:
        return kept.rating == seen.rating or not is_name_shared
    is_alike = _is_alike(kept.text or kept.title, seen.text or seen.title)
    is_same_address = _bare(kept.url) == _bare(seen.url)
    if kept.published_at is None or seen.published_at is None:
        return not is_name_shared and (is_alike or (is_same_address and _is_title_kept(kept, seen)))
    if kept.published_at != seen.published_at:
        return is_alike and _is_title_kept(kept, seen) and not is_name_shared
    if is_name_shared:
        return is_alike and _is_exact(kept.published_at)
    return is_alike or is_same_address or (bool(kept.author and seen.author) and _is_title_kept(kept, seen))


def is_unchanged(kept: Facts, seen: Facts) -> bool:
    """For things that have no name but what they say: an older version may have named them otherwise."""
    return (
        (kept.author or "").casefold() == (seen.author or "").casefold()
        and kept.rating == seen.rating
        and (_letters(kept.title), _letters(kept.text)) == (_letters(seen.title), _letters(seen.text))
    )


def _is_title_kept(kept: Facts, seen: Facts) -> bool:
    return not kept.title or not seen.title or _letters(kept.title) == _letters(seen.title)


def _is_exact(moment: datetime | None) -> bool:
    """A whole hour, in whatever zone, is what a bare day becomes."""
    return moment is not None and (moment.minute, moment.second) != (0, 0)


def _is_alike(one: str, other: str) -> bool:
    ours, theirs = set(_words(one)), set(_words(other))
    if not ours or not theirs:
        return one.split() == other.split()
    common, (fewer, more) = len(ours & theirs), sorted((len(ours), len(theirs)))
    return common >= LEAST_SHARED * more or (fewer >= ENOUGH_WORDS and common >= LEAST_KEPT * fewer)


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def _letters(text: str) -> str:
    return "".join(_words(text)) or "".join(text.split())


def _bare(url: str) -> str:
    return _VARIED.sub("", url)
