"""Structured data out of a page: JSON-LD, microdata and RDFa, all as JSON-LD-like dicts with short type names."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

import jstyleson
from extruct.rdfa import RDFaExtractor
from extruct.w3cmicrodata import MicrodataExtractor
from lxml.etree import LxmlError, XPath

from channels import links
from channels.contract import Remark

Node = dict[str, Any]

MAX_DEPTH: Final = 40
MAX_BLOCKS: Final = 100
MAX_ITEMS: Final = 5_000
"""Pages with more items than this would keep the readers of microdata and RDFa busy for minutes."""
MAX_RDFA: Final = 1_000_000
_COMMENT = re.compile(r"^(?://[^\n]*|<!--.*?-->|<!\[CDATA\[)|(?:\]\]>|-->)$")
_BLOCKS: Final[Any] = XPath("//script[contains(@type, 'ld+json')]")
_COUNT_ITEMS: Final[Any] = XPath("count(//*[@itemscope])")
_UNUSABLE = (LxmlError, ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError)


def json_ld(tree: Any) -> Iterator[Node | Remark]:
    """The objects of every JSON-LD block. A broken block gives one remark, and the next one is read."""
    blocks = _BLOCKS(tree)[:MAX_BLOCKS]
    for number, block in enumerate(blocks, 1):
        source = _uncommented(block.text_content().strip())
        if not source:
            continue
        try:
            data = _json(source)
        except (ValueError, RecursionError):
            yield Remark(f"JSON-LD block {number} of {len(blocks)} is broken and was left out.")
            continue
        yield from _objects(data)


def _uncommented(source: str) -> str:
    return _COMMENT.sub("", source).strip() if source[:1] in ("/", "<") or source[-1:] == ">" else source


def _json(source: str) -> Any:
    try:
        return json.loads(source, strict=False)
    except ValueError:
        # Some sites write JavaScript comments or a trailing comma, which this reader forgives.
        return json.loads(jstyleson.dispose(source), strict=False)


def _objects(data: Any) -> Iterator[Node]:
    for item in data if isinstance(data, list) else [data]:
        if isinstance(item, dict):
            yield item


def microdata(tree: Any, url: str) -> Iterator[Node | Remark]:
    count = _COUNT_ITEMS(tree)
    if not count:
        return
    if count > MAX_ITEMS:
        yield Remark(f"The page has more than {MAX_ITEMS} items of microdata; they were left out.")
        return
    try:
        items = MicrodataExtractor(add_text_content=False).extract_items(tree, links.base_of(tree, url))
        yield from [_from_microdata(item) for item in items]
    except _UNUSABLE:
        yield Remark("The microdata of the page could not be read.")


def _from_microdata(item: Any, depth: int = 0) -> Any:
    if isinstance(item, list):
        return [_from_microdata(part, depth) for part in item]
    if not isinstance(item, dict) or depth > MAX_DEPTH:
        return item if isinstance(item, str) else None
    node: Node = {
        name: _from_microdata(value, depth + 1) for name, value in item.get("properties", {}).items()
    }
    node["@type"] = item.get("type", [])
    if "id" in item:
        node["@id"] = item["id"]
    return node


def rdfa(markup: str, url: str) -> Iterator[Node | Remark]:
    """RDFa, joined from the flat graph that the extractor gives. Slow: only for pages that have nothing else."""
    if len(markup) > MAX_RDFA or markup.count("typeof") > MAX_ITEMS // 2:
        yield Remark("The page is too long for its RDFa to be read.")
        return
    try:
        graph = RDFaExtractor().extract(markup, base_url=url)
        index = {node["@id"]: node for node in graph if isinstance(node, dict) and "@id" in node}
        roots = [node for node in graph if node.get("@type") and node.get("@id") not in _named_in(graph)]
        yield from [_from_rdfa(node, index, frozenset()) for node in roots]
    except _UNUSABLE:
        yield Remark("The RDFa of the page could not be read.")


def _named_in(graph: list[Node]) -> set[str]:
    """The ids of all nodes that are part of another one."""
    values = (value for node in graph for name, each in node.items() if name[:1] != "@" for value in each)
    return {value["@id"] for value in values if isinstance(value, dict) and "@id" in value}


def _from_rdfa(node: Node, index: dict[str, Node], above: frozenset[str]) -> Node:
    own_id = str(node.get("@id", ""))
    joined: Node = {"@type": node.get("@type", [])}
    if own_id and not own_id.startswith("_:"):
        joined["@id"] = own_id
    for name, values in node.items():
        if not name.startswith("@"):
            joined[short(name)] = [_rdfa_value(value, index, above | {own_id}) for value in values]
    return joined


def _rdfa_value(value: Any, index: dict[str, Node], above: frozenset[str]) -> Any:
    if not isinstance(value, dict):
        return value
    target = value.get("@id")
    if target is None:
        return value.get("@value")
    if target in index and target not in above and len(above) < MAX_DEPTH:
        return _from_rdfa(index[target], index, above)
    return target


def short(name: str) -> str:
    """`https://schema.org/Review`, `schema:Review` and `Review` are all Review."""
    return name if name.isalpha() else re.split(r"[/#:]", name.strip().rstrip("/"))[-1]


def types(node: Node) -> set[str]:
    found = node.get("@type", node.get("type", []))
    return {short(name) for name in (found if isinstance(found, list) else [found]) if isinstance(name, str)}


def mentions_rdfa(markup: str) -> bool:
    return bool(re.search(r"\s(?:vocab|typeof)\s*=", markup))
