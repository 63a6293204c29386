"""Finds, among all nodes of a page, those in which somebody speaks, and what they stand under."""

from dataclasses import dataclass, field, replace
from typing import Any, Final

from channels.contract import SightingKind
from channels.schema_org.json_ld import UNFINISHED
from channels.schema_org.markup import MAX_DEPTH, Node, types
from channels.schema_org.values import is_organisation, names_of, nodes

MAX_NODES: Final = 20_000
KINDS: Final[dict[str, SightingKind]] = {
    **dict.fromkeys(("Review", "UserReview", "EmployerReview", "CriticReview", "Recommendation"), "review"),
    **dict.fromkeys(("Comment", "UserComments", "CorrectionComment", "Answer"), "comment"),
    **dict.fromkeys(("DiscussionForumPosting", "SocialMediaPosting", "Question"), "post"),
}
_HOLDERS: Final = frozenset(("review", "reviews", "comment", "suggestedAnswer", "acceptedAnswer"))
_NOT_WALKED: Final = frozenset(("@graph", "author", "creator", "parentItem", "reviewRating", "@type"))
_FIRMS: Final = (
    "brand",
    "manufacturer",
    "seller",
    "publisher",
    "provider",
    "parentOrganization",
    "sourceOrganization",
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A node that speaks. `above` is its place in the list of all, when it answers another one."""

    node: Node
    kind: SightingKind
    item: Node | None
    above: int | None


@dataclass
class Finder:
    """Walks the nodes of one syntax; references by `@id` lead to the node that they name."""

    index: dict[str, Node] = field(default_factory=dict)
    found: list[Spoken] = field(default_factory=list)
    firms: set[str] = field(default_factory=set)
    _seen: set[int] = field(default_factory=set)
    _noted: set[int] = field(default_factory=set)

    def find(self, roots: list[Node]) -> None:
        self._note_ids(roots, 0)
        top = [node for root in roots for node in [root, *nodes(root.get("@graph"))]]
        for node in top:
            if is_organisation(node):
                self.firms |= names_of(node)
        # What another node holds is met under that node, wherever in the graph it stands itself.
        held = _held_ids(top)
        for node in sorted(
            top, key=lambda node: node.get("@id") in held if isinstance(node.get("@id"), str) else False
        ):
            self._walk(node, None, None, 0)
        places = {id(spoken.node): number for number, spoken in enumerate(self.found)}
        self.found = [self._under_its_parent(spoken, places) for spoken in self.found]

    def _note_ids(self, value: Any, depth: int) -> None:
        if isinstance(value, dict) and isinstance(value.get("@id"), str) and len(value) > 1:
            self.index.setdefault(value["@id"], value)
        if depth <= MAX_DEPTH:
            for child in value.values() if isinstance(value, dict) else value:
                if isinstance(child, (dict, list)):
                    self._note_ids(child, depth + 1)

    @property
    def is_full(self) -> bool:
        return len(self._seen) >= MAX_NODES

    def resolved(self, node: Node) -> Node:
        return self.index.get(str(node.get("@id")), node) if len(node) == 1 else node

    def author(self, node: Node) -> list[Any]:
        value = node.get("author", node.get("creator"))
        return [self.resolved(part) if isinstance(part, dict) else part for part in _many(value)]

    def _walk(self, value: Any, item: Node | None, above: int | None, depth: int) -> None:
        if isinstance(value, list):
            for part in value:
                self._walk(part, item, above, depth + 1)
        if not isinstance(value, dict) or depth > MAX_DEPTH or self.is_full:
            return
        node = self.resolved(value)
        if id(node) in self._seen:
            return
        self._seen.add(id(node))
        kind = next((KINDS[name] for name in sorted(types(node)) if name in KINDS), None)
        if kind and UNFINISHED in node:
            return
        if kind:
            item = self._reviewed(node) or item
            self.found.append(Spoken(node, kind, item, above))
            above = len(self.found) - 1
        elif not _HOLDERS.isdisjoint(node):
            item, above = node, None
        self._note_firms(item)
        self._walk_children(node, item, above, depth)

    def _walk_children(self, node: Node, item: Node | None, above: int | None, depth: int) -> None:
        for name, child in node.items():
            if name == "itemReviewed":
                self._walk(child, None, None, depth + 1)
            elif isinstance(child, (dict, list)) and name not in _NOT_WALKED:
                self._walk(child, item, above, depth + 1)

    def _reviewed(self, node: Node) -> Node | None:
        return next((self.resolved(part) for part in nodes(node.get("itemReviewed"))), None)

    def _note_firms(self, item: Node | None) -> None:
        if item is None or id(item) in self._noted:
            return
        self._noted.add(id(item))
        if is_organisation(item):
            self.firms |= names_of(item)
        offers = [offer.get("seller") for offer in nodes(item.get("offers"))]
        for value in [*(item.get(name) for name in _FIRMS), *offers]:
            self.firms |= names_of(
                [self.resolved(part) if isinstance(part, dict) else part for part in _many(value)]
            )

    def _under_its_parent(self, spoken: Spoken, places: dict[int, int]) -> Spoken:
        """Comments that stand flat on the page name what they answer in `parentItem`."""
        if spoken.above is not None:
            return spoken
        wanted = next((self.resolved(part) for part in nodes(spoken.node.get("parentItem"))), spoken.node)
        return spoken if wanted is spoken.node else replace(spoken, above=places.get(id(wanted)))


def _held_ids(top: list[Node]) -> set[str]:
    held = (part.get("@id") for node in top for name in _HOLDERS for part in nodes(node.get(name)))
    return {own for own in held if isinstance(own, str)}


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
