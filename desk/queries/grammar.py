"""[pure] A query as a person writes it -> its parts. docs/queries.md describes the language.

either   = both { OR both }
both     = single { [AND] single }
single   = NOT single | near
near     = atom { /N atom }
atom     = word | "phrase" | #tag | @name | lang:xx | ( either )
"""

from dataclasses import replace
from typing import Final

from desk.queries.faults import QueryFault
from desk.queries.lexemes import Lexeme, lexemes
from desk.queries.nodes import And, Language, Near, Node, Not, Or, Phrase, needed, walk

LONGEST: Final = 4_000
MOST_WORDS: Final = 300
MOST_DEPTH: Final = 20


def parse(query: str) -> Node:
    """Raises QueryFault, which says what is wrong and where."""
    if len(query) > LONGEST:
        raise QueryFault("too_long", LONGEST, len(query), most=LONGEST)
    found = list(lexemes(query))
    if not found:
        raise QueryFault("empty", 0, len(query))
    _check_count(found)
    reader = _Reader(found)
    node = reader.either(0)
    if (left := reader.peek()) is not None:
        raise QueryFault("parenthesis_stray", left.start, left.end)
    # Exclusions alone, or a language alone, fit nearly all that is said anywhere.
    if not needed(node):
        raise QueryFault("too_wide", node.start, node.end)
    return node


class _Reader:
    """Goes through the lexemes once, from left to right."""

    def __init__(self, found: list[Lexeme]) -> None:
        self.found, self.here = found, 0

    def peek(self, *kinds: str) -> Lexeme | None:
        """The next lexeme, if it is one of these kinds; without kinds any."""
        if self.here >= len(self.found):
            return None
        lexeme = self.found[self.here]
        return lexeme if not kinds or lexeme.kind in kinds else None

    def take(self, *kinds: str) -> Lexeme | None:
        if (lexeme := self.peek(*kinds)) is not None:
            self.here += 1
        return lexeme

    def either(self, depth: int) -> Node:
        parts = [self.both(depth)]
        while operator := self.take("or"):
            self._need(operator)
            parts.append(self.both(depth))
        return parts[0] if len(parts) == 1 else Or(parts[0].start, parts[-1].end, tuple(parts))

    def both(self, depth: int) -> Node:
        if operator := self.peek("and", "or", "near"):
            raise QueryFault("nothing_before", operator.start, operator.end, said=operator.said)
        parts = [self.single(depth)]
        while True:
            if operator := self.take("and"):
                self._need(operator)
            if self.peek("term", "open", "not") is None:
                break
            parts.append(self.single(depth))
        return parts[0] if len(parts) == 1 else And(parts[0].start, parts[-1].end, tuple(parts))

    def single(self, depth: int) -> Node:
        nots: list[Lexeme] = []
        while operator := self.take("not"):
            self._need(operator)
            nots.append(operator)
        node = self.near(depth)
        # Two of them take each other back.
        return Not(nots[0].start, node.end, node) if len(nots) % 2 else node

    def near(self, depth: int) -> Node:
        node = self.atom(depth)
        while operator := self.take("near"):
            self._need(operator)
            right = self.atom(depth)
            for operand in (node, right):
                _check_operand(operand)
            node = Near(node.start, right.end, node, right, operator.distance)
        return node

    def atom(self, depth: int) -> Node:
        if lexeme := self.take("term"):
            assert lexeme.term is not None
            return lexeme.term
        if (opening := self.take("open")) is None:
            # Whoever asks for an operand has seen that something stands here: it is no operand.
            lexeme = self.found[self.here]
            if lexeme.kind == "close":
                raise QueryFault("parenthesis_stray", lexeme.start, lexeme.end)
            raise QueryFault("nothing_before", lexeme.start, lexeme.end, said=lexeme.said)
        if depth >= MOST_DEPTH:
            raise QueryFault("too_deep", opening.start, opening.end, most=MOST_DEPTH)
        if closing := self.peek("close"):
            raise QueryFault("parentheses_empty", opening.start, closing.end)
        if self.peek() is None:
            raise QueryFault("parenthesis_open", opening.start, opening.end)
        node = self.either(depth + 1)
        if (closing := self.take("close")) is None:
            raise QueryFault("parenthesis_open", opening.start, opening.end)
        return replace(node, start=opening.start, end=closing.end)

    def _need(self, operator: Lexeme) -> None:
        """Something must follow an operator that can be joined by it."""
        follows = self.peek("term", "open", "not")
        if follows is None or (follows.kind == "not" and operator.kind == "near"):
            raise QueryFault("nothing_behind", operator.start, operator.end, said=operator.said)


def _check_operand(node: Node) -> None:
    for part in walk(node):
        if isinstance(part, And | Not | Language):
            raise QueryFault("near_operand", part.start, part.end)


def _check_count(found: list[Lexeme]) -> None:
    count = 0
    for lexeme in found:
        count += len(lexeme.term.words) if isinstance(lexeme.term, Phrase) else lexeme.term is not None
        if count > MOST_WORDS:
            raise QueryFault("too_many", lexeme.start, lexeme.end, most=MOST_WORDS)
