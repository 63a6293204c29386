"""Pure modules: values in, values out. Marked by [pure] at the beginning of their docstring, and found by it."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.house import OURS, PACKAGES, House, Module

MARK = "[pure]"

# What can neither look at a clock, nor reach a file, a network or a source of chance.
_OF_PYTHON = (
    "abc base64 binascii bisect collections copy dataclasses datetime decimal difflib enum fractions functools graphlib"
    " hashlib heapq html ipaddress itertools json math operator re statistics string struct textwrap types typing"
    " unicodedata urllib.parse xml.etree zoneinfo"
)
# Text, markup and calendars, each from the values that it is given.
_OF_OTHERS = "regex lxml html_text holidays snowballstemmer"
HARMLESS = {*_OF_PYTHON.split(), *_OF_OTHERS.split()}
_CLOCK = {"now", "utcnow", "today"}
_REACHES_OUT = {"open", "input", "print", "breakpoint"}


def is_pure(module: Module) -> bool:
    return module.first_line.startswith(MARK)


def impurities(house: House) -> list[str]:
    """What pure modules must not do, and modules that call themselves pure without the mark by which they are found."""
    unmarked = [
        f"{module.path}:1 calls itself pure without {MARK}"
        for module in house.of(*PACKAGES)
        if re.search(r"\bPure\b", module.first_line) and not is_pure(module)
    ]
    marked = [module for module in house.of(*PACKAGES) if is_pure(module)]
    return [*unmarked, *(wrong for module in marked for wrong in _impurities(house, module))]


def _impurities(house: House, module: Module) -> Iterator[str]:
    for found in module.imports:
        if found.target.split(".")[0] in OURS:
            loaded = house.loaded_by(module, found)
            others = [other.name for other in loaded if not (is_pure(other) or _is_empty(other))]
            if others or not loaded:
                yield f"{module.path}:{found.line} is pure and imports {found.target}, which is not"
        elif not any(f"{found.target}.".startswith(f"{name}.") for name in HARMLESS):
            yield f"{module.path}:{found.line} is pure and imports {found.target}"
    for node in module.nodes:
        if (what := _reaches_out(module, node)) is not None:
            yield module.at(node, f"is pure and uses {what}")


def _is_empty(module: Module) -> bool:
    """A package of which nothing but its docstring runs."""
    return all(
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in module.tree.body
    )


def _reaches_out(module: Module, node: ast.AST) -> str | None:
    if isinstance(node, ast.Attribute) and node.attr in _CLOCK:
        meant = module.meaning(node.value)
        return f"the clock ({ast.unparse(node)})" if meant.split(".")[0] in ("datetime", "?") else None
    if isinstance(node, ast.Name) and node.id in _REACHES_OUT and node.id not in module.bindings:
        return node.id
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr":
        named = [arg.value for arg in node.args[1:2] if isinstance(arg, ast.Constant)]
        return "the clock by name" if set(named) & _CLOCK else None
    return None
