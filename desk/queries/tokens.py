"""[pure] The words of a text with their places, folded so that case, ё, accents and hidden signs make no difference."""

import re
from functools import lru_cache
from typing import Final, NamedTuple
from unicodedata import normalize

LONGEST_TEXT: Final = 100_000
LONGEST_WORD: Final = 64

# Inside a word: accents, and signs that nobody sees (soft hyphens, joiners), by which spam is hidden from a search.
_HIDDEN: Final = "\u00ad\u200b-\u200d\u2060\ufeff"
_INSIDE: Final = rf"(?:[^\W_]|[\u0300-\u036f{_HIDDEN}])*"
WORD: Final = re.compile(rf"[^\W_]{_INSIDE}")
HASHTAG: Final = re.compile(rf"(?<![\w#&])[#\uff03]((?:\w|[\u0300-\u036f{_HIDDEN}])+)")
HANDLE: Final = re.compile(r"(?<![\w@.])@(\w[\w.\-]*(?:@\w[\w.\-]*)?)")
_UNSEEN: Final = re.compile(rf"[\u0300-\u036f{_HIDDEN}\s]")


class Token(NamedTuple):
    """`start` and `end` count characters of the text as it was given."""

    word: str
    start: int
    end: int


@lru_cache(maxsize=50_000)
def fold(word: str) -> str:
    """Lower case, ё as е, without accents of stress and hidden signs."""
    if word.isascii():
        return word.lower()[:LONGEST_WORD]
    plain = normalize("NFKC", word).casefold().replace("ё", "е")
    return _UNSEEN.sub("", plain)[:LONGEST_WORD]


def tokens(text: str) -> list[Token]:
    return [
        Token(fold(found.group()), found.start(), found.end()) for found in WORD.finditer(text[:LONGEST_TEXT])
    ]


def words(text: str) -> list[str]:
    return [fold(found) for found in WORD.findall(text[:LONGEST_TEXT])]


def hashtags(text: str) -> list[Token]:
    return [
        Token(fold(found.group(1)), found.start(), found.end())
        for found in HASHTAG.finditer(text[:LONGEST_TEXT])
    ]


def handles(text: str) -> list[Token]:
    """With their servers, without the full stop of the sentence. An e-mail address is no handle."""
    found = []
    for one in HANDLE.finditer(text[:LONGEST_TEXT]):
        name = one.group(1).rstrip(".-")
        found.append(Token(handle(name), one.start(), one.start(1) + len(name)))
    return found


def handle(name: str) -> str:
    return name.casefold()[: 4 * LONGEST_WORD]
