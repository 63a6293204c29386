"""Who may touch rows: sessions, transactions and states; and who may speak HTTP."""

import ast
from collections.abc import Iterator

from tests.architecture.house import OURS, PACKAGES, House, Module
from tests.architecture.imports import is_within
from tests.architecture.tables import (
    HTTP_ROOMS,
    SAVEPOINTS,
    SETS_BY_NAME,
    STATE_WRITERS,
    TRANSACTIONS,
)

_OF_A_SESSION = {
    "add",
    "add_all",
    "begin",
    "begin_nested",
    "commit",
    "connection",
    "delete",
    "execute",
    "expire",
    "expunge",
    "flush",
    "get",
    "get_one",
    "merge",
    "query",
    "refresh",
    "rollback",
    "scalar",
    "scalars",
    "stream",
}
_MAKES_ONE = {"Session", "sessionmaker", "scoped_session", "create_engine"}
_OPENS = {"transaction", "snapshot", "session"}
_ENDS = {"begin", "begin_nested", "commit", "rollback"}


def sessions_outside_desk(house: House) -> list[str]:
    """A session is handed on to functions of desk; nobody else asks it anything."""
    outside = [package for package in PACKAGES if package != "desk"]
    return [wrong for module in house.of(*outside, "demo") for wrong in _session_uses(module)]


def _session_uses(module: Module) -> Iterator[str]:
    known = _session_names(module)
    for node in module.nodes:
        if isinstance(node, ast.Attribute) and node.attr in _OF_A_SESSION and _is_session(node.value, known):
            yield module.at(node, f"asks a session for .{node.attr}")
        if isinstance(node, ast.Call):
            meant = module.meaning(node.func)
            if meant.split(".")[-1] in _MAKES_ONE:
                yield module.at(node, f"makes a {meant}")
            if meant in ("desk.base.db.engine", "desk.base.db.connect"):
                yield module.at(node, f"takes {meant} past its session")


def _session_names(module: Module) -> set[str]:
    """Whatever holds one here: by its annotation, by a `with` that opens one, or by another name for such a one."""
    found = {"session"} - {name for name, meant in module.bindings.items() if meant.startswith("flask.")}
    for node in module.nodes:
        if isinstance(node, ast.arg) and _is_session_type(node.annotation):
            found.add(node.arg)
        elif isinstance(node, ast.AnnAssign) and _is_session_type(node.annotation):
            found |= _names(node.target)
        elif isinstance(node, ast.withitem) and node.optional_vars and _opens(node.context_expr):
            found |= _names(node.optional_vars)
    for node in module.nodes:
        if isinstance(node, ast.Assign) and (_is_session(node.value, found) or _opens(node.value)):
            found |= {name for target in node.targets for name in _names(target)}
        elif isinstance(node, ast.NamedExpr) and (_is_session(node.value, found) or _opens(node.value)):
            found |= _names(node.target)
    return found


def _is_session_type(annotation: ast.expr | None) -> bool:
    return annotation is not None and any(
        getattr(node, "id", getattr(node, "attr", getattr(node, "value", None))) == "Session"
        for node in ast.walk(annotation)
    )


def _names(target: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(target) if isinstance(node, ast.Name)}


def _opens(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and (
        (isinstance(node.func, ast.Attribute) and node.func.attr in _OPENS)
        or (isinstance(node.func, ast.Name) and node.func.id in _OPENS)
    )


def _is_session(node: ast.expr, known: set[str]) -> bool:
    if isinstance(node, ast.Name):
        return node.id in known or node.id.endswith("_session")
    if isinstance(node, ast.Attribute):
        return node.attr == "session" or node.attr.endswith("_session")
    return _opens(node)


def transactions(house: House) -> list[str]:
    """Whoever opens, ends or takes back a transaction. Functions of desk work in their caller's."""
    return [wrong for module in house.of(*PACKAGES, "demo") for wrong in _transactions(module)]


def _transactions(module: Module) -> Iterator[str]:
    if is_within(module.path, set(TRANSACTIONS)):
        return
    for node in module.nodes:
        if not isinstance(node, ast.Call):
            continue
        meant = module.meaning(node.func)
        if module.package == "desk" and _opens_another(meant):
            yield module.at(node, f"opens {meant}, which is its caller's business")
        if not isinstance(node.func, ast.Attribute) or node.func.attr not in _ENDS:
            continue
        is_ours = meant.split(".")[0] in OURS  # sending.begin is a function of desk
        is_savepoint = node.func.attr == "begin_nested" and module.path in SAVEPOINTS
        if not is_ours and not is_savepoint:
            yield module.at(node, f"calls {ast.unparse(node.func)}")


def _opens_another(meant: str) -> bool:
    """Beside the one of the caller: a session, or a connection that has no session at all."""
    *owner, called = meant.split(".")
    is_connection = called in ("connect", "raw_connection") and owner[-1:] in (["engine"], ["?"])
    return (
        meant in ("desk.base.db.transaction", "desk.base.db.snapshot")
        or called in _MAKES_ONE
        or is_connection
    )


def written_states(house: House) -> list[str]:
    """States that are written outside the modules that check the step and tell the journal."""
    return [wrong for module in house.of(*PACKAGES, "demo") for wrong in _written_states(module)]


def _written_states(module: Module) -> Iterator[str]:
    for node in module.nodes:
        if isinstance(node, ast.Call) and module.meaning(node.func).startswith("desk.models."):
            names = [keyword.arg for keyword in node.keywords if keyword.arg in STATE_WRITERS]
            yield from (
                module.at(node, f"makes a row with a .{name}")
                for name in names
                if module.path not in STATE_WRITERS[name]
            )
        for name, where in _written(node):
            if name is None:
                if module.path not in SETS_BY_NAME:
                    yield module.at(where, "sets an attribute by a name that cannot be read here")
            elif name in STATE_WRITERS and module.path not in STATE_WRITERS[name]:
                yield module.at(where, f"writes .{name}")


def _written(node: ast.AST) -> Iterator[tuple[str | None, ast.AST]]:
    """Names of attributes that this statement writes; None where the name is made up while it runs."""
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
        # An object of its own, which no row is: rows have no methods that change their state.
        if not (isinstance(node.value, ast.Name) and node.value.id == "self"):
            yield node.attr, node
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
        if ast.unparse(node.value).endswith(".__dict__") or ast.unparse(node.value).startswith("vars("):
            yield (str(node.slice.value) if isinstance(node.slice, ast.Constant) else None), node
    elif isinstance(node, ast.Call):
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if (
            called in ("setattr", "__setattr__", "set_attribute", "set_committed_value")
            and len(node.args) > 1
        ):
            named = node.args[-2]
            yield (str(named.value) if isinstance(named, ast.Constant) else None), node
        elif called == "values":
            yield from ((keyword.arg, node) for keyword in node.keywords if keyword.arg)
            yield from ((name, node) for argument in node.args for name in _keys(argument))


def _keys(argument: ast.expr) -> Iterator[str]:
    if isinstance(argument, ast.Dict):
        for key in argument.keys:
            if isinstance(key, ast.Constant):
                yield str(key.value)
            elif isinstance(key, ast.Attribute):
                yield key.attr


def http_outside_its_rooms(house: House) -> list[str]:
    """httpx is imported in its rooms only: everybody else is lent a wire."""
    return [
        f"{module.path}:{found.line} imports {found.target}"
        for module in house.of(*PACKAGES)
        if module.path not in HTTP_ROOMS
        for found in module.imports
        if found.target.split(".")[0] == "httpx"
    ]
