"""Words that were freed for one meaning stand where that is meant and nowhere else (docs/design.md, "Words"), and figures of
speech nowhere at all.

Of freed words those are looked at that are a name in the code, or a string by themselves: a column, a key of JSON, a tag."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.house import PACKAGES, STAGE_SETS, House, Module
from tests.architecture.imports import is_within
from tests.architecture.tables import FIGURES, FREED

_LOOKED_AT = ("desk", "webapp", "workers")
_LETTERS = re.compile(r"[a-z]+|[A-Z][a-z]*")


def freed_words(house: House) -> list[str]:
    return [
        module.at(node, f"{word}: {FREED[word].use}")
        for module in house.of(*_LOOKED_AT)
        if "/migrations/" not in module.path
        for node in module.nodes
        for word in _words(node)
        if word in FREED and not _may_stand(word, module)
    ]


def figures_of_speech(house: House) -> list[str]:
    """In any line of code, comment or text: `fleet_of`, `Fleet` and "the fleet" alike."""
    return [
        f"{module.path}:{number} {word}: {FIGURES[word]}"
        for module in house.of(*PACKAGES, *STAGE_SETS)
        for number, line in enumerate(module.lines, start=1)
        for word in sorted({found.lower() for found in _LETTERS.findall(line)} & set(FIGURES))
    ]


def _may_stand(word: str, module: Module) -> bool:
    return is_within(module.path, set(FREED[word].may_stand_in))


def _words(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=word) | ast.Attribute(attr=word) | ast.arg(arg=word):
            yield word
        case ast.keyword(arg=str(word)):
            yield word
        case ast.Constant(value=str(word)) if word.islower():  # with a capital it is said to people
            yield word
        case ast.FunctionDef(name=word) | ast.ClassDef(name=word) | ast.alias(name=word):
            yield word
        case _:
            pass
