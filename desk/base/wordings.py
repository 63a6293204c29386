"""[pure] What somebody wrote, compared with what he wrote before: is it the same, or has he said something new?"""

import html
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

_SMILEY = re.compile(r":[a-z]{2,12}:|(?:[:;=]-?[DPOXdpox]|8-?[)O])(?![^\W_])")
HALF_A_STAR = 0.5
"""Sites take away stars by halves. Less than that is a scale that is reckoned otherwise, by the site or by our readers."""

_SCHEME = re.compile(r"\b(?:https?|ftp)://")


@dataclass(frozen=True, slots=True)
class Wording:
    """`rating` is on the scale 1..5, None where there are no stars."""

    title: str
    text: str
    rating: float | None = None

    @property
    def letters(self) -> str:
        # Entities that a page escapes once more, or an older version left in the text, are no words of the author.
        return plain(html.unescape(f"{self.title}\n{self.text}"))


def plain(text: str) -> str:
    """For comparing: letters and digits only, because sites change spaces, quotes and dashes, draw smileys, write 4×4
    for 4x4, and complete links; and because the readers of texts take `&amp;` for the sign that it means."""
    bare = _SMILEY.sub("", _SCHEME.sub("", html.unescape(text))).replace("×", "x")
    folded = unicodedata.normalize("NFKC", bare).casefold()
    return "".join(char for char in folded if char.isalnum()) or "".join(text.split())


def is_name_of(name: str | None, own_names: Iterable[str]) -> bool:
    """Whether a reader would take that name for one of these."""
    return name is not None and _folded(name) in map(_folded, own_names)


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def says_something_new(before: Wording, after: Wording) -> bool:
    """Whether the author changed what he says: other words, or fewer stars (half a star at least).

    The same letters, more stars, stars that a site shows only now, and an emptied text are nothing that anybody could
    answer. Whether new words ask for an answer is not told here but by the verdict on them.
    """
    if before.rating is not None and after.rating is not None and before.rating - after.rating >= HALF_A_STAR:
        return True
    return after.letters not in ("", before.letters)


def is_said_again(after: Wording, earlier: Wording) -> bool:
    """Back to what was said before: a site that shows two wordings by turns, or an author who takes his edit back."""
    return after.rating == earlier.rating and after.letters == earlier.letters
