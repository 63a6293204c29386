"""[pure] What was changed between two wordings, word by word. Plain text in, plain text out: the page marks it up."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

TOKENS = re.compile(r"\w+|\s+|[^\w\s]")
MOST_TOKENS = 3000  # comparing takes the square of this; longer texts are shown whole


@dataclass(frozen=True, slots=True)
class Piece:
    what: Literal["same", "removed", "added"]
    text: str


def words(before: str, after: str) -> list[Piece]:
    old, new = TOKENS.findall(before), TOKENS.findall(after)
    if len(old) > MOST_TOKENS or len(new) > MOST_TOKENS:
        return [Piece("removed", before), Piece("added", after)]
    pieces: list[Piece] = []
    for code, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if code == "equal":
            pieces.append(Piece("same", "".join(old[a:b])))
            continue
        pieces += [Piece("removed", "".join(old[a:b]))] if b > a else []
        pieces += [Piece("added", "".join(new[c:d]))] if d > c else []
    return pieces
