"""Every breach that the house knows, tried one at a time: a guard that cannot complain guards nothing."""

from pathlib import Path

import pytest

from tests.architecture import breaches_of_imports, breaches_of_rules, breaches_of_work
from tests.architecture.allowed import ALLOWED
from tests.architecture.guards import GUARDS
from tests.architecture.lines import view
from tests.architecture.tree import build

BREACHES = breaches_of_imports.BREACHES | breaches_of_rules.BREACHES | breaches_of_work.BREACHES


@pytest.mark.parametrize("breach", BREACHES)
def test_a_breach_is_found(breach: str, tmp_path: Path) -> None:
    guard, changes = BREACHES[breach]
    found = GUARDS[guard](build(tmp_path, changes))
    assert found
    assert {line.split(":")[0] for line in found} <= set(changes) | {
        "channels/__init__.py",
        "desk/models/__init__.py",
    }


@pytest.mark.parametrize("guard", GUARDS)
def test_the_clean_tree_breaks_no_rule(guard: str, tmp_path: Path) -> None:
    assert GUARDS[guard](build(tmp_path, {})) == []


def test_every_guard_is_tried() -> None:
    assert {guard for guard, _ in BREACHES.values()} == set(GUARDS)


def test_the_line_of_a_breach_is_told(tmp_path: Path) -> None:
    house = build(tmp_path, view("return 1", head="import sqlalchemy as sa"))
    assert GUARDS["libraries stay behind their walls"](house) == [
        "webapp/queue/views.py:2 imports sqlalchemy"
    ]


@pytest.mark.parametrize("form", ALLOWED)
def test_what_is_allowed_passes_every_guard(form: str, tmp_path: Path) -> None:
    house = build(tmp_path, ALLOWED[form])
    assert {guard: found for guard, check in GUARDS.items() if (found := check(house))} == {}
