"""A tree of modules as the guards see it: parsed once, with every import written out in full.

Made from the files of this repository, or from a small tree that a test has written to see a guard complain.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

PACKAGES = ("channels", "crawler", "desk", "documents", "sentiment", "webapp", "workers")
STAGE_SETS = ("demo", "bench")
OURS = (*PACKAGES, *STAGE_SETS, "tests")

_NAMES_A_MODULE = re.compile(rf"(?:{'|'.join(OURS)})\.[\w.]*(?::\w+)?")


@dataclass(frozen=True)
class Import:
    """`target` is dotted and goes down to the name that is imported: `from desk import db` has "desk.base.db"."""

    target: str
    line: int
    is_written_out: bool = True
    """False where it is a string that looks like a module of ours, and somebody else imports it by that."""


@dataclass(frozen=True)
class Module:
    path: str
    source: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @cached_property
    def lines(self) -> list[str]:
        return self.source.splitlines()

    @cached_property
    def name(self) -> str:
        """Dotted; a package is called by its folder."""
        return self.path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")

    @property
    def package(self) -> str:
        return self.path.split("/", maxsplit=1)[0]

    @property
    def is_init(self) -> bool:
        return self.path.endswith("/__init__.py")

    @cached_property
    def first_line(self) -> str:
        """Of its docstring, or nothing."""
        return (ast.get_docstring(self.tree) or "").split("\n", maxsplit=1)[0]

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    @cached_property
    def imports(self) -> list[Import]:
        """Wherever they stand: functions, and blocks for the type checker alone, included."""
        return [*self._statements(), *self._strings()]

    @cached_property
    def bindings(self) -> dict[str, str]:
        """Names that imports have made in this module -> what they stand for, in full."""
        found: dict[str, str] = {}
        for node in self.nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    found[alias.asname or alias.name.split(".")[0]] = (
                        alias.name if alias.asname else alias.name.split(".")[0]
                    )
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    found[alias.asname or alias.name] = f"{self._origin(node)}.{alias.name}"
        return found

    def meaning(self, node: ast.expr) -> str:
        """The dotted name that an expression stands for, imports followed: `sa.orm.Session` -> sqlalchemy.orm.Session.
        What is no chain of names is a "?"."""
        if isinstance(node, ast.Name):
            return self.bindings.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            return f"{self.meaning(node.value)}.{node.attr}"
        return "?"

    def at(self, node: ast.AST, said: str) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 1)} {said}"

    def _origin(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        above = self.name.split(".") if self.is_init else self.name.split(".")[:-1]
        return ".".join([*above[: len(above) - node.level + 1], *filter(None, [node.module])])

    def _statements(self) -> Iterator[Import]:
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from (Import(alias.name, node.lineno) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from (Import(f"{self._origin(node)}.{alias.name}", node.lineno) for alias in node.names)

    def _strings(self) -> Iterator[Import]:
        for node in self.nodes:
            # The beginning of an f-string is a constant as well: f"webapp.views.{name}" has "webapp.views.".
            if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
                continue
            if _NAMES_A_MODULE.fullmatch(node.value):
                yield Import(node.value.replace(":", ".").rstrip("."), node.lineno, is_written_out=False)


@dataclass(frozen=True)
class House:
    modules: tuple[Module, ...] = field(repr=False)

    @classmethod
    def read(cls, root: Path, *packages: str) -> "House":
        paths = sorted(path for package in packages for path in (root / package).rglob("*.py"))
        return cls(
            tuple(Module(p.relative_to(root).as_posix(), p.read_text(encoding="utf-8")) for p in paths)
        )

    @cached_property
    def by_name(self) -> dict[str, Module]:
        return {module.name: module for module in self.modules}

    def of(self, *packages: str) -> list[Module]:
        return [module for module in self.modules if module.package in packages]

    def module_of(self, target: str) -> Module | None:
        """The module that a dotted name stands in: desk.base.db.transaction -> desk.base.db. None where it is none of these."""
        parts = target.split(".")
        ways = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
        return next((self.by_name[way] for way in ways if way in self.by_name), None)

    def loaded_by(self, module: Module, found: Import) -> list[Module]:
        """The modules of ours that an import runs: the one it names, and the packages above that one which do not run
        already, because the importing module stands outside of them."""
        named = self.module_of(found.target)
        if named is None:
            return []
        parts = named.name.split(".")
        above = (".".join(parts[:length]) for length in range(1, len(parts)))
        outside = (name for name in above if not f"{module.name}.".startswith(f"{name}."))
        return [named, *(self.by_name[name] for name in outside if name in self.by_name)]
