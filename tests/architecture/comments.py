"""What comments and docstrings name of this repository: it has to be there, or they tell of a house that was."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from tests.architecture.house import OURS, House, Module

_NAME = re.compile(rf"(?<![\w./])(?:{'|'.join(OURS)})(?:(?:\.\w+)+|(?:/\w+)+\.py)\b(?!/)")


def stale_names(house: House) -> list[str]:
    """Modules and files by their name, and what a module is said to hold."""
    return [
        f"{module.path}:{line} names {name}"
        for module in house.of(*OURS)
        for line, said in _said(module)
        for name in _NAME.findall(said)
        if not _is_there(house, name)
    ]


def _said(module: Module) -> Iterator[tuple[int, str]]:
    for node in module.nodes:
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            yield node.lineno, node.value.value
    for token in tokenize.generate_tokens(io.StringIO(module.source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def _is_there(house: House, name: str) -> bool:
    if "/" in name:
        return any(module.path == name for module in house.modules)
    if (holder := house.module_of(name)) is None:
        return False
    inside = name.removeprefix(holder.name).strip(".").split(".")[0]
    return re.search(rf"\b{inside}\b", holder.source) is not None
