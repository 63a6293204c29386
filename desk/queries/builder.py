"""[pure] A query as a person clicks it together: some of these, some of those as well, none of these, in one language."""

from collections.abc import Iterable
from dataclasses import dataclass

from desk.queries import grammar
from desk.queries.faults import QueryFault
from desk.queries.nodes import And, Handle, Hashtag, Language, Node, Not, Or, Phrase, Term, Word


@dataclass(frozen=True, slots=True)
class Fields:
    """A word, phrase, hashtag or handle each. `some`: at least one must be there; `also`: at least one of these as well;
    `none`: not one may be there. `language` is a code, or empty for any."""

    some: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    language: str = ""


def compose(fields: Fields) -> str:
    """In one line; empty where nothing is looked for. What is written is not checked: whoever parses it is told."""
    some, also = _any_of(fields.some), _any_of(fields.also)
    without = [f"-{_written(name)}" for name in _tidied(fields.none)]
    language = [f"lang:{fields.language}"] if fields.language else []
    return " ".join(part for part in (some, also, *without, *language) if part)


def decompose(query: str) -> Fields | None:
    """The fields that say the same; None for a query that says more than they can, or cannot be read."""
    try:
        node = grammar.parse(query)
    except QueryFault:
        return None
    some: list[tuple[str, ...]] = []
    without: list[str] = []
    languages: list[str] = []
    for part in node.parts if isinstance(node, And) else (node,):
        match part:
            case Language():
                languages.append(part.code)
            case Not():
                if (names := _names(query, part.part)) is None:
                    return None
                without += names
            case _:
                if (names := _names(query, part)) is None:
                    return None
                some.append(names)
    if len(some) > 2 or len(languages) > 1:
        return None
    first, second = [*some, (), ()][:2]
    return Fields(first, second, tuple(without), "".join(languages))


def _names(query: str, node: Node) -> tuple[str, ...] | None:
    parts = node.parts if isinstance(node, Or) else (node,)
    if not all(isinstance(part, Word | Phrase | Hashtag | Handle) for part in parts):
        return None
    return tuple(_bare(query, part) for part in parts if isinstance(part, Term))


def _bare(query: str, term: Term) -> str:
    """Without the quotes, which `compose` puts around what has spaces. Parentheses around one word mean nothing."""
    said = query[term.start : term.end].strip("() \t\n")
    return said if said.startswith("!") else said.strip('"«»„“”').strip()


def _any_of(names: Iterable[str]) -> str:
    written = [_written(name) for name in _tidied(names)]
    return written[0] if len(written) == 1 else f"({' OR '.join(written)})" if written else ""


def _tidied(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(name for one in names if (name := " ".join(one.split()))))


def _written(name: str) -> str:
    if name.startswith("!") or (" " not in name and name not in _OPERATORS):
        return name
    return f'"{name.replace(chr(34), "")}"'


_OPERATORS = frozenset(("AND", "OR", "NOT", "И", "ИЛИ", "НЕ"))
