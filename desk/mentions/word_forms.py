"""All forms of a Russian word, so that whoever types one of them finds the others.

Stems alone do not do it: «кофеварок» and «кофеварка», «вернуть» and «верните», «деньги» and «денег» have different
ones. The forms are added to what is asked for and not to what is stored, so the index stays as it is and only a
process in which somebody searches loads the dictionary (0.1 s, 32 MB).
"""

from functools import cache, lru_cache
from threading import Lock
from typing import Any, Final

LONGEST: Final = 40
"""No Russian word is longer; the dictionary would guess at anything."""
MOST_READINGS: Final = 6

# The dictionary keeps small caches of its own, and web threads share it.
_READING: Final = Lock()


@lru_cache(maxsize=5_000)
def forms(word: str) -> frozenset[str]:
    """Every form of every word that this may be («стали»: стать, сталь), with itself; ё written as е. Expects a
    folded word (desk/mentions/search.py); a word that the dictionary does not know has no other forms."""
    if len(word) > LONGEST:
        return frozenset({word})
    with _READING:
        readings = [one for one in _dictionary().parse(word) if one.is_known][:MOST_READINGS]
        found = {form.word.replace("ё", "е") for one in readings for form in one.lexeme}
    return frozenset({word, *found})


@cache
def _dictionary() -> Any:
    import pymorphy3

    return pymorphy3.MorphAnalyzer(lang="ru")
