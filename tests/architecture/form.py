"""How a module is written: what it catches, how long it is, and whether it says what it is for."""

import ast
from collections.abc import Iterator

from tests.architecture.house import PACKAGES, STAGE_SETS, House, Module
from tests.architecture.imports import is_within
from tests.architecture.tables import BORDERS, LONGEST_FILE, LONGEST_FUNCTION

_ALL = (*PACKAGES, *STAGE_SETS)
_BROAD = {"Exception", "BaseException"}


def broad_excepts(house: House) -> list[str]:
    """Those that stand outside the borders, or do not say on the spot which border they are; `suppress` included."""
    return [wrong for module in house.of(*_ALL) for wrong in _broad_excepts(module)]


def _broad_excepts(module: Module) -> Iterator[str]:
    reason = next((words for place, words in BORDERS.items() if is_within(module.path, {place})), None)
    for node in module.nodes:
        if (last := _last_line_of_broad(module, node)) is None:
            continue
        first = getattr(node, "lineno", 1)
        said = "\n".join(module.lines[first - 1 : last])
        if reason is None or reason not in said:
            yield module.at(node, module.lines[first - 1].strip())


def _last_line_of_broad(module: Module, node: ast.AST) -> int | None:
    """Where its reason may stand, at the latest; None for what catches nothing broad."""
    if isinstance(node, ast.ExceptHandler) and _is_broad(module, node.type):
        return node.body[0].lineno
    if isinstance(node, ast.Call) and module.meaning(node.func).split(".")[-1] == "suppress":
        return node.end_lineno if any(_is_broad(module, caught) for caught in node.args) else None
    return None


def _is_broad(module: Module, caught: ast.expr | None) -> bool:
    if caught is None:
        return True
    names = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(module.meaning(name).split(".")[-1] in _BROAD for name in names)


def long_files(house: House) -> list[str]:
    return [
        f"{module.path}:1 has {len(module.lines)} lines"
        for module in house.of(*_ALL, "tests")
        if len(module.lines) > LONGEST_FILE
    ]


def long_functions(house: House) -> list[str]:
    return [
        module.at(node, f"{node.name} has {length} lines")
        for module in house.of(*_ALL)
        for node in module.nodes
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    ]


def silent_modules(house: House) -> list[str]:
    return [
        f"{module.path}:1 does not say what it is for"
        for module in house.of(*_ALL)
        if module.source.strip() and not module.first_line and "/versions/" not in module.path
    ]
