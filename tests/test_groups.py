"""The groups of tests leave none out."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests import __main__ as command
from tests import groups

HERE = Path(__file__).parent


def found(where: str, *fixtures: str, mark: str = "") -> Any:
    """Looks like a test that was found."""
    item = SimpleNamespace(nodeid=f"tests/{where}.py::test_it", fixturenames=fixtures, marks=[mark])
    item.add_marker = item.marks.append
    item.get_closest_marker = lambda name: mark if mark == name else None
    return item


def test_every_group_is_told_of() -> None:
    told = str(command.__doc__)
    assert [name for name in command.GROUPS if name != "here" and f"\n  {name} " not in told] == []


def test_what_is_the_same_on_both_databases_exists_and_asks_nothing_of_claims_or_numbers() -> None:
    assert [name for name in groups.SAME_ON_BOTH if not (HERE / f"{name}.py").exists()] == []
    assert "desk" not in {Path(name).parts[0] for name in groups.SAME_ON_BOTH}


def test_a_test_of_a_database_in_a_folder_that_postgresql_does_not_look_into_is_refused() -> None:
    groups.mark([found("desk/test_claims", "database"), found("channels/test_letters")])
    with pytest.raises(pytest.UsageError, match="channels/test_letters"):
        groups.mark([found("channels/test_letters", "database")])


def test_who_starts_a_program_or_a_browser_is_slow_without_a_word() -> None:
    starts, shows, neither = (
        found("crawler/test_a", "start"), found("webapp/test_b", "chromium"), found("desk/test_c", "database"),
    )  # fmt: skip
    groups.mark([starts, shows, neither])
    assert [one.marks[1:] for one in (starts, shows, neither)] == [["processes"], ["browser"], []]
    assert groups.turn(found("a", mark="processes")) < groups.turn(found("b"))
