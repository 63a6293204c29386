"""[pure] What a query is made of, as values. Each part knows where it stands in what was typed."""

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Part:
    """`start` and `end` count characters of the query, `end` is the first one behind it. Parts that mean the same are
    equal, wherever they stand."""

    start: int = field(compare=False)
    end: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Word(Part):
    """One folded word. Exact: this form alone. Beginning: every word that begins so."""

    text: str
    is_exact: bool = False
    is_beginning: bool = False

    def __hash__(self) -> int:
        # Of a text alone, because it is looked up for every query and every mention.
        return hash(self.text)


@dataclass(frozen=True, slots=True)
class Phrase(Part):
    """Words that stand beside one another, in this order, each in any of its forms unless it is exact."""

    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Hashtag(Part):
    text: str


@dataclass(frozen=True, slots=True)
class Handle(Part):
    """`text` without its @. Without a server it means that name at any server."""

    text: str


@dataclass(frozen=True, slots=True)
class Language(Part):
    """Holds for what was said in that language."""

    code: str


@dataclass(frozen=True, slots=True)
class Near(Part):
    """Both stand no farther than `distance` words from each other, in either order; neighbours are at 1."""

    left: "Node"
    right: "Node"
    distance: int


@dataclass(frozen=True, slots=True)
class And(Part):
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or(Part):
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not(Part):
    part: "Node"


Term = Word | Phrase | Hashtag | Handle
"""What is found at places of a text."""
Node = Term | Language | Near | And | Or | Not


def parts_of(node: Node) -> tuple[Node, ...]:
    match node:
        case And() | Or():
            return node.parts
        case Not():
            return (node.part,)
        case Near():
            return (node.left, node.right)
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and everything inside it, from left to right."""
    yield node
    for part in parts_of(node):
        yield from walk(part)


def needed(node: Node) -> frozenset[Term]:
    """Words, hashtags and handles of which at least one must be found for it to match; empty where nothing must be."""
    match node:
        case Word() | Hashtag() | Handle():
            return frozenset((node,))
        case Phrase():
            return frozenset(node.words[:1])
        case Near():
            return needed(node.left)
        case And():
            return min(filter(None, map(needed, node.parts)), key=len, default=frozenset())
        case Or():
            each = [needed(part) for part in node.parts]
            return frozenset().union(*each) if all(each) else frozenset()
        case _:
            return frozenset()
