"""The table of work: every row has its `waiting`, its job in a short file of its own, and a process that serves it."""

import ast
from collections.abc import Iterator

from tests.architecture.house import House, Module

TABLE, PROCESSES, JOBS = "desk/base/work.py", "workers/__main__.py", "workers/jobs/"
LONGEST_JOB = 25
_COLUMNS = ("name", "subject", "job", "queue", "timeout_seconds")


def unserved_work(house: House) -> list[str]:
    table = next((module for module in house.modules if module.path == TABLE), None)
    if table is None:
        return [f"{TABLE}:1 is not there"]
    rows = [(node, _row(node)) for node in table.nodes if _is_row(table, node)]
    found = [table.at(node, said) for node, row in rows for said in _wrong(house, table, row)]
    jobs = {row.get("job", "").rpartition(".")[0] for _, row in rows}
    return [*found, *_unserved_roles(house, table), *_wrong_jobs(house, jobs)]


def _is_row(table: Module, node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and table.meaning(node.func) == "Work"


def _row(node: ast.AST) -> dict[str, str]:
    if not isinstance(node, ast.Call):
        return {}
    given = [*zip(_COLUMNS, node.args, strict=False), *((word.arg, word.value) for word in node.keywords)]
    return {
        name: str(value.value)
        for name, value in given
        if name is not None and isinstance(value, ast.Constant)
    }


def _wrong(house: House, table: Module, row: dict[str, str]) -> Iterator[str]:
    name, subject = row.get("name", "?"), row.get("subject", "")
    if _arguments(house.by_name.get(subject), "waiting") != ["session", "now"]:
        yield f"{name}: {subject} has no waiting(session, now)"
    module, _, function = row.get("job", "").rpartition(".")
    if _arguments(house.by_name.get(module), function) != []:
        yield f"{name}: {module} has no {function}()"
    if row.get("queue", "") not in _served(table):
        yield f"{name}: no process serves the queue {row.get('queue', '')}"


def _arguments(module: Module | None, function: str) -> list[str] | None:
    for node in module.tree.body if module is not None else ():
        if isinstance(node, ast.FunctionDef) and node.name == function:
            return [argument.arg for argument in node.args.args]
    return None


def _served(table: Module) -> set[str]:
    return {queue for queues in _roles(table).values() for queue in queues}


def _roles(table: Module) -> dict[str, tuple[str, ...]]:
    for node in table.tree.body:
        target = node.target if isinstance(node, ast.AnnAssign) else None
        if isinstance(node, ast.AnnAssign) and isinstance(target, ast.Name) and target.id == "SERVED":
            return dict(ast.literal_eval(node.value)) if node.value is not None else {}
    return {}


def _unserved_roles(house: House, table: Module) -> Iterator[str]:
    processes = house.by_name.get("workers.__main__")
    for role in _roles(table):
        if _arguments(processes, role) is None:
            yield f"{TABLE}:1 {PROCESSES} has no process {role}"


def _wrong_jobs(house: House, named: set[str]) -> Iterator[str]:
    for module in house.of("workers"):
        if not module.path.startswith(JOBS) or module.is_init:
            continue
        if module.name not in named:
            yield f"{module.path}:1 is in no row of the table of work"
        if len(module.lines) > LONGEST_JOB:
            yield f"{module.path}:1 has {len(module.lines)} lines"
