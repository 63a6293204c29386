"""Who imports whom: the arrows, the walls, the order of subjects, no circles, and nothing imported behind anybody's back."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from tests.architecture.house import OURS, PACKAGES, STAGE_SETS, House, Import, Module
from tests.architecture.tables import (
    ARROWS,
    LENT_TYPES,
    MAY_IMPORT_BY_NAME,
    NAMED_PAST_THE_ARROWS,
    SUBJECTS,
    WALLS,
)

_BY_NAME = ("builtins", "imp", "importlib", "pkgutil", "runpy")
_HARMLESS = ("importlib.metadata", "importlib.resources")
_RUNS_TEXT = {"__import__", "exec", "eval"}


def is_within(path: str, places: set[str]) -> bool:
    return any(path.startswith(place) if place.endswith("/") else path == place for place in places)


def forbidden_arrows(house: House) -> list[str]:
    return [wrong for module in house.of(*ARROWS) for wrong in _forbidden_arrows(module)]


def _forbidden_arrows(module: Module) -> Iterator[str]:
    for found in module.imports:
        target = found.target.split(".")[0]
        if target not in OURS or target in {module.package, *ARROWS[module.package]}:
            continue
        if found.is_written_out or not _is_excused(module, found):
            yield f"{module.path}:{found.line} imports {found.target}"
    for node in module.nodes:
        if isinstance(node, ast.ImportFrom) and node.level:
            yield module.at(node, "imports relatively, which hides where to")


def _is_excused(module: Module, found: Import) -> bool:
    excused = NAMED_PAST_THE_ARROWS.get(module.path)
    return excused is not None and found.target.startswith(excused)


def imported_stage_sets(house: House) -> list[str]:
    return [
        f"{module.path}:{found.line} imports {found.target}"
        for module in house.of(*PACKAGES)
        for found in module.imports
        if found.target.split(".")[0] in (*STAGE_SETS, "tests")
    ]


def breached_walls(house: House) -> list[str]:
    """Libraries outside their walls, also where one is fetched from a module of ours that has imported it (`db.sa`)."""
    return [wrong for module in house.of(*PACKAGES, "demo") for wrong in _breached_walls(house, module)]


def _breached_walls(house: House, module: Module) -> Iterator[str]:
    for found in module.imports:
        if _is_walled(module, found.target):
            yield f"{module.path}:{found.line} imports {found.target}"
        elif found.is_written_out and _is_walled(module, _lent(house, found.target)):
            yield f"{module.path}:{found.line} imports {found.target}, which is {_lent(house, found.target)}"
    for node in module.nodes:
        if isinstance(node, ast.Attribute) and _is_walled(module, _lent(house, module.meaning(node))):
            yield module.at(
                node, f"takes {_lent(house, module.meaning(node))} from {ast.unparse(node.value)}"
            )


def _lent(house: House, target: str) -> str:
    """What a name in a module of ours stands for when that module has imported it itself, else nothing."""
    if target in LENT_TYPES or (lender := house.module_of(target)) is None or lender.name == target:
        return ""
    name = target.removeprefix(f"{lender.name}.").split(".")[0]
    meant = lender.bindings.get(name, "")
    return "" if meant.split(".")[0] in OURS else meant


def _is_walled(module: Module, target: str) -> bool:
    dotted = f"{target}."
    return any(
        dotted.startswith(f"{wall}.") and not is_within(module.path, open_to)
        for wall, open_to in WALLS.items()
    )


def imports_by_name(house: House) -> list[str]:
    """Whatever could import past all the other guards."""
    modules = [module for module in house.of(*PACKAGES) if module.path not in MAY_IMPORT_BY_NAME]
    return [wrong for module in modules for wrong in _imports_by_name(module)]


def _imports_by_name(module: Module) -> Iterator[str]:
    for found in module.imports:
        if found.target.split(".")[0] in _BY_NAME and not found.target.startswith(_HARMLESS):
            yield f"{module.path}:{found.line} imports {found.target}"
        if found.target.endswith(".*"):
            yield f"{module.path}:{found.line} imports {found.target}, which hides what"
    for node in module.nodes:
        if isinstance(node, ast.Name) and node.id in _RUNS_TEXT and node.id not in module.bindings:
            yield module.at(node, f"uses {node.id}")


def circles(house: House) -> list[str]:
    """One circle, if there are any. Late imports and those for the type checker count: whoever has to know each other
    are one thing, or a third is missing that both may know."""
    graph = {
        module.name: {
            loaded.name
            for found in module.imports
            if found.is_written_out or not _is_excused(module, found)
            for loaded in house.loaded_by(module, found)
            if loaded is not module
        }
        for module in house.of(*PACKAGES, *STAGE_SETS)
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        # The library tells it from the imported to the importing.
        names = list(reversed(error.args[1]))
        return [f"{house.by_name[names[0]].path}:1 stands in a circle: {' -> '.join(names)}"]
    return []


def subject_of(name: str) -> str | None:
    """By its folder or file. None for a module that nobody has given a subject."""
    subject = name.split(".")[1] if name.count(".") else ""
    return subject if subject in SUBJECTS else None


def backward_subjects(house: House) -> list[str]:
    return [wrong for module in house.of("desk") for wrong in _backward_subjects(house, module)]


def _backward_subjects(house: House, module: Module) -> Iterator[str]:
    if module.name == "desk":
        # Whoever imports any part of desk runs this file first.
        yield from (f"{module.path}:{found.line} imports {found.target}" for found in module.imports)
        return
    if (own := subject_of(module.name)) is None:
        yield f"{module.path}:1 has no subject in tests/architecture/tables.py"
        return
    for found in module.imports:
        if not found.is_written_out and _is_excused(module, found):
            continue
        loaded = house.module_of(found.target)
        theirs = subject_of(loaded.name) if loaded is not None else None
        if theirs is not None and SUBJECTS.index(theirs) > SUBJECTS.index(own):
            yield f"{module.path}:{found.line} ({own}) imports {found.target} ({theirs})"
