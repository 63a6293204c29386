"""[pure] Which words are a form of a word that is asked for.

A Russian word that the dictionary knows is found in all its forms, and in nothing else: stems alone would take «заря»
for «зара». One that it does not know, a name mostly, and an English one are found by their stem and an ending of that language.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Protocol

CYRILLIC: Final = re.compile(r"[а-я]")
_RUSSIAN_ENDING: Final = re.compile(
    r"(?:[аеийоуыьэюя]|ах|ях|ам|ям|ами|ями|ей|ой|ою|ею|ом|ем|ов|ев|ий|ый|ие|ые|их|ых|им|ым|ими|ыми|ия|ию|ии|ая|яя|ую|юю|"
    r"ого|его|ому|ему|ое|ее)?"
)
# Behind a consonant that is written twice before it: stop, stopping.
_ENGLISH_ENDING: Final = re.compile(r"(?:[bdglmnprt]?(?:s|es|ed|ing)|d|e|y|ies|ied|ying)?")
LEAST_COMMON: Final = 3


class Lexicon(Protocol):
    """What is known of words; both expect folded ones."""

    def forms(self, word: str) -> Collection[str]:
        """All forms of a Russian word, with itself; itself alone where the dictionary does not know it."""
        ...

    def stem(self, word: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Forms:
    """`stem` None: the forms are all that there is."""

    word: str
    forms: frozenset[str]
    stem: str | None = None

    def has(self, other: str) -> bool:
        """Of a word of the same stem, whether it is a form of this one. Expects a folded word."""
        shared = _shared(self.word, other)
        if shared < LEAST_COMMON:
            return False
        ending = _RUSSIAN_ENDING if CYRILLIC.search(self.word) else _ENGLISH_ENDING
        return all(ending.fullmatch(word[shared:]) is not None for word in (self.word, other))


def forms_of(word: str, lexicon: Lexicon) -> Forms:
    """Expects a folded word. What has a digit in it is found as it is written."""
    if any(sign.isdigit() for sign in word):
        return Forms(word, frozenset((word,)))
    known = frozenset(lexicon.forms(word)) if CYRILLIC.search(word) else frozenset((word,))
    return Forms(word, known | {word}, lexicon.stem(word) if len(known) == 1 else None)


def _shared(one: str, other: str) -> int:
    """How many letters both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((number for number, (mine, theirs) in pairs if mine != theirs), min(len(one), len(other)))
