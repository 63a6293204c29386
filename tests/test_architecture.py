"""The rules of docs/architecture.md, read off the syntax trees of this repository: nobody has to remember them.

How each is read stands in tests/architecture/, what it goes by in tests/architecture/tables.py; that every guard complains
when it should is tried in tests/architecture/test_breaches.py.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture import tables
from tests.architecture.guards import GUARDS
from tests.architecture.house import PACKAGES, STAGE_SETS, House
from tests.architecture.imports import subject_of
from tests.architecture.purity import is_pure

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def house() -> House:
    return House.read(ROOT, *PACKAGES, *STAGE_SETS, "tests")


@pytest.mark.parametrize("guard", GUARDS)
def test_the_house_keeps_its_rule(guard: str, house: House) -> None:
    assert GUARDS[guard](house) == []


def test_there_is_no_eighth_package() -> None:
    found = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert found <= {*PACKAGES, *STAGE_SETS, "tests"}


def test_the_tables_name_only_what_is_there() -> None:
    """An exception that outlives its file would one day excuse another one of that name."""
    listed = {
        *tables.NAMED_PAST_THE_ARROWS,
        *tables.MAY_IMPORT_BY_NAME,
        *tables.HTTP_ROOMS,
        *tables.BORDERS,
        *tables.TRANSACTIONS,
        *tables.SAVEPOINTS,
        *tables.SETS_BY_NAME,
        *(path for paths in tables.WALLS.values() for path in paths),
        *(path for paths in tables.STATE_WRITERS.values() for path in paths),
    }
    assert sorted(path for path in listed if not (ROOT / path).exists()) == []


def test_a_subject_is_a_folder_or_one_file() -> None:
    assert [name for name in tables.SUBJECTS if not (ROOT / "desk" / name).is_dir()] == ["journal"]
    assert subject_of("desk.metrics.report") == "metrics"
    assert subject_of("desk.journal") == "journal"
    assert subject_of("desk.utilities") is None


def test_the_rules_of_the_desk_are_marked_as_pure(house: House) -> None:
    """They are found by their mark, so a mark that is lost would switch the guard off without a word."""
    rules = (
        "base.bounds base.wordings base.words brands.calendars brands.targets cases.lifecycle replies.lifecycle mentions.sameness"
        " routing.conditions routing.reasons routing.routing sources.turns verdicts.star_ratings"
    )
    assert [name for name in rules.split() if not is_pure(house.by_name[f"desk.{name}"])] == []


@pytest.mark.parametrize(
    ("entry", "heavy"),
    [
        ("desk", ("flask", "scrapy", "twisted", "torch", "onnxruntime")),
        ("channels", ("flask", "scrapy", "twisted", "torch", "onnxruntime")),
        ("sentiment", ("flask", "scrapy", "twisted", "torch", "onnxruntime")),
        ("desk.routing.routing", ("sqlalchemy", "redis", "pydantic")),
        ("desk.brands.targets", ("sqlalchemy", "redis", "pydantic")),
    ],
)
def test_foundations_and_rules_load_without_the_heavy_libraries(entry: str, heavy: tuple[str, ...]) -> None:
    """Loading a foundation must not load a framework, nor a rule the database: each process pays only for what it uses."""
    asked = f"import sys, {entry}; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
