"""[pure] A query cut into words, quotes, parentheses and operators."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from desk.queries.faults import QueryFault
from desk.queries.nodes import Handle, Hashtag, Language, Phrase, Word
from desk.queries.tokens import fold, handle, words

MOST_DISTANCE: Final = 30
LEAST_BEGINNING: Final = 2

# What people type as quotes: a pair of a language closes with its own sign.
QUOTES: Final[dict[str, str]] = {'"': '"', "«": "»", "“": "”", "„": "“”"}
_SPACE: Final = re.compile(r"\s+")
_CHUNK: Final = re.compile(r'[^\s"«»“”„()|]+')
_DISTANCE: Final = re.compile(r"/(\d*)")
_HANDLE: Final = re.compile(r"@\w[\w.\-]*(?:@\w[\w.\-]*)?")
_HASHTAG: Final = re.compile(r"[#\uff03]\w+")
_LANGUAGE: Final = re.compile(r"(?:lang|язык):(.*)", re.IGNORECASE | re.DOTALL)
_OPERATORS: Final[dict[str, Literal["and", "or", "not"]]] = {
    "AND": "and", "И": "and", "OR": "or", "ИЛИ": "or", "|": "or", "NOT": "not", "НЕ": "not",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lexeme:
    """`kind` "term" has its node; "near" its distance. `said` is what was typed."""

    kind: Literal["term", "and", "or", "not", "near", "open", "close"]
    start: int
    end: int
    said: str
    term: Word | Phrase | Hashtag | Handle | Language | None = None
    distance: int = 0


def lexemes(query: str) -> Iterator[Lexeme]:
    """Raises QueryFault."""
    here = 0
    while here < len(query):
        if space := _SPACE.match(query, here):
            here = space.end()
            continue
        found = _lexeme(query, here)
        yield found
        here = found.end


def _lexeme(query: str, start: int) -> Lexeme:
    sign = query[start]
    if sign in "()":
        return Lexeme("open" if sign == "(" else "close", start, start + 1, sign)
    if sign == "|":
        return Lexeme("or", start, start + 1, sign)
    if sign in "-−–" and _goes_on(query, start + 1):
        return Lexeme("not", start, start + 1, sign)
    if sign == "!" and query[start + 1 : start + 2] in QUOTES:
        return _quoted(query, start, start + 1, is_exact=True)
    if sign in QUOTES:
        return _quoted(query, start, start, is_exact=False)
    if (chunk := _CHUNK.match(query, start)) is None:
        raise QueryFault("quote_stray", start, start + 1)
    return _chunk(chunk.group(), start, chunk.end())


def _goes_on(query: str, here: int) -> bool:
    """A minus excludes what it touches; alone between spaces it is a dash."""
    return here < len(query) and not query[here].isspace() and query[here] not in ")|"


def _quoted(query: str, start: int, opening: int, *, is_exact: bool) -> Lexeme:
    closing = QUOTES[query[opening]]
    end = next((here for here in range(opening + 1, len(query)) if query[here] in closing), None)
    if end is None:
        raise QueryFault("quote_open", start, len(query))
    inside = query[opening + 1 : end]
    said = words(inside)
    if not said:
        raise QueryFault("quote_empty", start, end + 1)
    return Lexeme("term", start, end + 1, query[start : end + 1], _term(said, start, end + 1, is_exact))


def _chunk(said: str, start: int, end: int) -> Lexeme:
    if (operator := _OPERATORS.get(said)) is not None:
        return Lexeme(operator, start, end, said)
    if said.startswith("/"):
        return _near(said, start, end)
    if found := _LANGUAGE.fullmatch(said):
        code = found.group(1).casefold()
        if not (code.isascii() and code.isalpha() and len(code) in (2, 3)):
            raise QueryFault("language_unknown", start, end)
        return Lexeme("term", start, end, said, Language(start, end, code))
    if _HASHTAG.fullmatch(said):
        return Lexeme("term", start, end, said, Hashtag(start, end, fold(said[1:])))
    if _HANDLE.fullmatch(said):
        return Lexeme("term", start, end, said, Handle(start, end, handle(said[1:].rstrip(".-"))))
    if said[0] in "#\uff03@":
        raise QueryFault("mark_wrong", start, end, said=said)
    return Lexeme("term", start, end, said, _words(said, start, end))


def _near(said: str, start: int, end: int) -> Lexeme:
    found = _DISTANCE.fullmatch(said)
    distance = int(found.group(1)[:4] or 0) if found else 0
    if not 1 <= distance <= MOST_DISTANCE:
        raise QueryFault("distance_wrong", start, end, most=MOST_DISTANCE)
    return Lexeme("near", start, end, said, distance=distance)


def _words(said: str, start: int, end: int) -> Word | Phrase:
    """A word, or several that are written as one (wi-fi, 24/7): those stand beside one another."""
    is_exact, bare = said.startswith("!"), said.lstrip("!")
    is_beginning, found = bare.endswith("*"), words(bare)
    if not found:
        raise QueryFault("no_word", start, end, said=said)
    if "*" in bare and (bare.count("*") > 1 or not is_beginning or len(found[-1]) < LEAST_BEGINNING):
        raise QueryFault("star_misplaced", start, end)
    return _term(found, start, end, is_exact, is_beginning)


def _term(said: list[str], start: int, end: int, is_exact: bool, is_beginning: bool = False) -> Word | Phrase:
    made = [Word(start, end, word, is_exact) for word in said]
    if is_beginning:
        made[-1] = Word(start, end, said[-1], is_beginning=True)
    return made[0] if len(made) == 1 else Phrase(start, end, tuple(made))
