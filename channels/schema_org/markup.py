"""Structured data out of a page: JSON-LD, microdata and RDFa, all as JSON-LD-like dicts with short type names."""

import re
from collections.abc import Iterator
from typing import Any, Final

from lxml.etree import LxmlError, XPath

from channels.contract import Remark, Text
from channels.reading import urls
from channels.schema_org.json_ld import read
from channels.schema_org.places import place_values

Node = dict[str, Any]

MAX_DEPTH: Final = 40
MAX_BLOCKS: Final = 100
MAX_ITEMS: Final = 5_000
"""Pages with more items than this would keep the readers of microdata and RDFa busy for minutes."""
MAX_RDFA: Final = 1_000_000
_BLOCKS: Final[Any] = XPath("//script[contains(translate(@type, 'LDJSON', 'ldjson'), 'ld+json')]")
_COUNT_ITEMS: Final[Any] = XPath("count(//*[@itemscope])")
_UNUSABLE = (LxmlError, ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError)


def json_ld(tree: Any) -> Iterator[Node | Remark]:
    """The objects of every JSON-LD block. Whatever of a block stays unread is said, and the next one is read."""
    blocks = _BLOCKS(tree)
    if len(blocks) > MAX_BLOCKS:
        yield Remark(
            Text(
                f"The page has {len(blocks)} JSON-LD blocks; the first {MAX_BLOCKS} were read.",
                f"Блоков JSON-LD на странице: {len(blocks)}; прочитаны первые {MAX_BLOCKS}.",
            )
        )
    for number, block in enumerate(blocks[:MAX_BLOCKS], 1):
        source = block.text_content().strip()
        if not source:
            continue
        name = f"JSON-LD block {number} of {len(blocks)}"
        russian = f"Блок JSON-LD {number} из {len(blocks)}"
        try:
            found = read(source)
        except ValueError:
            yield Remark(Text(f"{name} is broken and was left out.", f"{russian} повреждён и пропущен."))
            continue
        if found.is_cut:
            yield Remark(
                Text(
                    f"{name} breaks off or cannot be read to its end; what was whole before was read.",
                    f"{russian} обрывается или не читается до конца; прочитано всё целое до этого места.",
                )
            )
        elif found.is_guessed:
            yield Remark(
                Text(
                    f"{name} contains errors; it was read as it was probably meant.",
                    f"{russian} записан с ошибками; прочитан так, как, видимо, задуман.",
                )
            )
        yield from _objects(found.values)


def _objects(data: list[Any]) -> Iterator[Node]:
    for item in data:
        if isinstance(item, list):
            yield from (_with_short_names(part, 0) for part in item if isinstance(part, dict))
        elif isinstance(item, dict):
            yield _with_short_names(item, 0)


def _with_short_names(value: Any, depth: int) -> Any:
    """`schema:reviewBody` and `http://schema.org/reviewBody` are reviewBody. Most pages write short names already."""
    if depth > MAX_DEPTH:
        return value
    if isinstance(value, list):
        return [_with_short_names(part, depth + 1) for part in value]
    if not isinstance(value, dict):
        return value
    return {
        (short(name) if name[:1] != "@" else name): _with_short_names(part, depth + 1)
        for name, part in value.items()
    }


def microdata(tree: Any, url: str) -> Iterator[Node | Remark]:
    count = _COUNT_ITEMS(tree)
    if not count:
        return
    if count > MAX_ITEMS:
        yield Remark(
            Text(
                f"The page has more than {MAX_ITEMS} items of microdata; they were left out.",
                f"На странице больше {MAX_ITEMS} элементов микроразметки; они пропущены.",
            )
        )
        return
    from extruct.w3cmicrodata import MicrodataExtractor  # pages load this module for the name of its channel

    place_values(tree)
    try:
        items = MicrodataExtractor(add_text_content=False).extract_items(tree, urls.base_of(tree, url))
        yield from [in_todays_words(_from_microdata(item)) for item in items]
    except _UNUSABLE:
        yield Remark(
            Text("The microdata of the page could not be read.", "Микроразметка страницы не читается.")
        )


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
        yield Remark(
            Text(
                "The page is too long for its RDFa to be read.",
                "Страница слишком длинная, чтобы читать её RDFa.",
            )
        )
        return
    from extruct.rdfa import RDFaExtractor

    try:
        graph = RDFaExtractor().extract(markup, base_url=url)
        index = {node["@id"]: node for node in graph if isinstance(node, dict) and "@id" in node}
        roots = [node for node in graph if node.get("@type") and node.get("@id") not in _named_in(graph)]
        yield from [in_todays_words(_from_rdfa(node, index, frozenset())) for node in roots]
    except _UNUSABLE:
        yield Remark(Text("The RDFa of the page could not be read.", "RDFa страницы не читается."))


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


_OLD_NAMES: Final = {
    "itemreviewed": "itemReviewed",
    "reviewer": "author",
    "dtreviewed": "datePublished",
    "summary": "headline",
    "description": "reviewBody",
    "rating": "reviewRating",
    "value": "ratingValue",
    "best": "bestRating",
    "worst": "worstRating",
}


def in_todays_words(value: Any, depth: int = 0) -> Any:
    """Nodes of data-vocabulary.org, which came before schema.org, in the names of today. Others stay as they are."""
    if isinstance(value, list):
        return [in_todays_words(part, depth + 1) for part in value]
    if not isinstance(value, dict) or depth > MAX_DEPTH:
        return value
    kinds = value.get("@type", "")
    is_old = any(
        "data-vocabulary.org" in str(kind) for kind in (kinds if isinstance(kinds, list) else [kinds])
    )
    node = {
        (_OLD_NAMES.get(name, name) if is_old else name): in_todays_words(part, depth + 1)
        for name, part in value.items()
    }
    reviewed = node.get("itemReviewed")
    if is_old and isinstance(reviewed, (str, list)) and not any(isinstance(part, dict) for part in reviewed):
        node["itemReviewed"] = {"name": reviewed}
    return node


def mentions_rdfa(markup: str) -> bool:
    return bool(re.search(r"\s(?:vocab|typeof)\s*=", markup))
