"""[pure] A query as a site's own search can be asked it: lines that together find everything that the query means, and as little besides
as that search allows. What comes back is filtered by the query itself.

A site that finds words in one form alone finds less than the query does; docs/queries.md says so.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from desk.queries import tokens
from desk.queries.nodes import And, Handle, Hashtag, Language, Near, Node, Not, Or, Phrase, Term, Word

MOST_CLAUSES: Final = 60


class Search(Protocol):
    """What a site's search understands; channels.contract.Search has this shape. A space means AND everywhere. `most_characters` None:
    no limit is known."""

    @property
    def has_and(self) -> bool: ...
    @property
    def has_or(self) -> bool: ...
    @property
    def has_not(self) -> bool: ...
    @property
    def has_phrases(self) -> bool: ...
    @property
    def has_parentheses(self) -> bool: ...
    @property
    def has_beginnings(self) -> bool: ...
    @property
    def or_sign(self) -> str: ...
    @property
    def most_characters(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Clause:
    """All of `terms` are there, and none of `without`."""

    terms: frozenset[Term] = frozenset()
    without: frozenset[Term] = frozenset()

    def __and__(self, other: "Clause") -> "Clause":
        return Clause(self.terms | other.terms, self.without | other.without)


@dataclass(frozen=True, slots=True)
class Asked:
    """`lines` in the order of the query. `is_whole` False: a part of it cannot be asked for there (the beginning of a word), or is
    longer than the search allows; that part is found by nothing here."""

    lines: tuple[str, ...]
    is_whole: bool


def asked(node: Node, search: Search) -> Asked:
    clauses = list(dict.fromkeys(_within(clause, search) for clause in _clauses(node)))
    whole = [clause for clause in clauses if clause.terms and _fits(_line([clause], search), search)]
    return Asked(tuple(_packed(whole, search)), is_whole=len(whole) == len(clauses))


def _clauses(node: Node) -> list[Clause]:
    """One of them holds wherever the query does. Each means as much or more."""
    match node:
        case Word() | Phrase() | Hashtag() | Handle():
            return [Clause(frozenset((node,)))]
        case Language():
            return [Clause()]
        case Not():
            return [Clause(without=_excluded(node.part))]
        case Near():
            return _product((node.left, node.right))
        case And():
            return _product(node.parts)
        case Or():
            return list(dict.fromkeys(clause for part in node.parts for clause in _clauses(part)))


def _product(parts: Iterable[Node]) -> list[Clause]:
    """Where that would be too many, the parts that say least are left out: what is asked for means more then, never less."""
    found = [Clause()]
    for clauses in sorted(map(_clauses, parts), key=len):
        if len(found) * len(clauses) > MOST_CLAUSES and found != [Clause()]:
            continue
        found = list(dict.fromkeys(one & other for one in found for other in clauses))
    return found


def _excluded(node: Node) -> frozenset[Term]:
    """What must not be there for the opposite to hold; nothing where that is no list of terms."""
    if isinstance(node, Word | Phrase | Hashtag | Handle):
        return frozenset((node,))
    if isinstance(node, Or):
        return frozenset().union(*map(_excluded, node.parts))
    return frozenset()


def _within(clause: Clause, search: Search) -> Clause:
    """The clause as that search can take it, before its length."""
    terms = frozenset(part for term in clause.terms for part in _askable(term, search))
    if not search.has_and and len(terms) > 1:
        # The longest one finds least besides.
        terms = frozenset((max(terms, key=lambda term: (len(written(term)), written(term))),))
    without = frozenset(
        term for term in clause.without if search.has_not and _askable(term, search) == (term,)
    )
    return _shortened(Clause(terms, without), search)


def _askable(term: Term, search: Search) -> tuple[Term, ...]:
    """The term, or what is there wherever it is; nothing for what cannot be asked for."""
    match term:
        case Word():
            return (term,) if search.has_beginnings or not term.is_beginning else ()
        case Phrase():
            if search.has_phrases and not any(word.is_beginning for word in term.words):
                return (term,)
            return tuple(part for word in term.words for part in _askable(word, search))
        case _:
            return (term,)


def _shortened(clause: Clause, search: Search) -> Clause:
    """Exclusions go first, then the shortest terms."""
    while not _fits(_line([clause], search), search):
        if clause.without:
            shortest = min(clause.without, key=lambda term: (len(written(term)), written(term)))
            clause = Clause(clause.terms, clause.without - {shortest})
        elif len(clause.terms) > 1:
            shortest = min(clause.terms, key=lambda term: (len(written(term)), written(term)))
            clause = Clause(clause.terms - {shortest}, clause.without)
        else:
            break
    return clause


def _packed(clauses: Sequence[Clause], search: Search) -> list[str]:
    """As few lines as that search allows."""
    if not search.has_or:
        return list(dict.fromkeys(_line([clause], search) for clause in clauses))
    lines: list[str] = []
    packed: list[Clause] = []
    for clause in clauses:
        together = [*packed, clause]
        if packed and not (_may_stand_together(together, search) and _fits(_line(together, search), search)):
            lines.append(_line(packed, search))
            together = [clause]
        packed = together
    return [*lines, *([_line(packed, search)] if packed else [])]


def _may_stand_together(clauses: Sequence[Clause], search: Search) -> bool:
    """With parentheses wherever they exclude the same; without, only single terms that exclude nothing."""
    if len({clause.without for clause in clauses}) > 1:
        return False
    return search.has_parentheses or all(len(one.terms) == 1 and not one.without for one in clauses)


def _line(clauses: Sequence[Clause], search: Search) -> str:
    said = [" ".join(sorted(map(written, clause.terms))) for clause in clauses]
    without = "".join(f" -{written(term)}" for term in sorted(clauses[0].without, key=written))
    if len(clauses) == 1:
        return f"{said[0]}{without}"
    parts = [f"({one})" if len(clause.terms) > 1 else one for one, clause in zip(said, clauses, strict=True)]
    joined = f" {search.or_sign} ".join(parts)
    return f"({joined}){without}" if without else joined


def _fits(line: str, search: Search) -> bool:
    return search.most_characters is None or len(line) <= search.most_characters


def written(term: Term) -> str:
    """As nearly every search takes it: words bare, phrases in quotes."""
    match term:
        case Word():
            return f"{term.text}*" if term.is_beginning else term.text
        case Phrase():
            return '"' + " ".join(word.text for word in term.words) + '"'
        case Hashtag():
            return f"#{term.text}"
        case Handle():
            return f"@{tokens.handle(term.text)}"
