"""docs/subjects.md says how a subject is added: here somebody follows the page in a copy of the house, and what it adds works."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from desk.operations import schema_version

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "subjects.md").read_text()
STEP = re.compile(r"^\*\*`([^`\n]+)`\*\*\n((?:\n```\w+\n.*?^```\n)+)", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CHECKED = (
    "tests/test_architecture.py",
    "tests/test_docs.py::test_the_page_of_commands_is_the_commands_own",
    "tests/desk/test_schema.py::test_migrations_build_exactly_what_the_models_say",
    "tests/desk/test_schema.py::test_migrations_go_down_to_nothing_and_up_again",
    "tests/webapp/test_access.py::test_a_stranger_reaches_only_what_is_listed_as_public",
    "tests/webapp/test_pieces.py::test_every_event_of_the_journal_has_a_sentence",
    "tests/webapp/test_languages.py::test_the_catalogue_has_every_sentence_of_the_code_and_no_other",
)


class Change(NamedTuple):
    path: str
    language: str
    text: str


def changes() -> list[Change]:
    """Every block of the page with the file that it belongs to, in the order of the page."""
    newest = schema_version.needed()
    page = PAGE.replace("NEWEST", newest).replace("NEXT", f"{int(newest) + 1:04d}")
    return [
        Change(path, language, text)
        for path, blocks in STEP.findall(page)
        for language, text in BLOCK.findall(blocks)
    ]


def with_lines(text: str, lines: str) -> str:
    """`text` with the lines marked `+` behind the line above them, which has to stand there once."""
    above, *added = lines.splitlines()
    assert above.startswith(" ")
    assert all(line.startswith("+") for line in added)
    before = text.splitlines(keepends=True)
    assert before.count(f"{above[1:]}\n") == 1, f"{above[1:]!r} is not there, or more than once"
    behind = before.index(f"{above[1:]}\n") + 1
    return "".join([*before[:behind], *(f"{line[1:]}\n" for line in added), *before[behind:]])


def follow(house: Path, change: Change) -> None:
    path = house / change.path
    if change.language == "diff":
        path.write_text(with_lines(path.read_text(), change.text))
        return
    assert not path.exists(), f"{change.path} is there already"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(change.text)


def run(house: Path, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=house, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the house with the subject in it; what makes texts into weights is left out."""
    house = tmp_path_factory.mktemp("copy") / "house"
    left_out = shutil.ignore_patterns("__pycache__", ".*", "var", "node_modules", "*.tsv", "*.onnx", "build")
    shutil.copytree(ROOT, house, ignore=left_out)
    for change in changes():
        follow(house, change)
    run(house, "webapp.catalogue", "merge", "reminders.json")
    run(house, "tests.command_pages")
    yield house
    shutil.rmtree(house)


def test_the_page_shows_every_step() -> None:
    """With fewer files found the rest would prove less without a word."""
    assert len({change.path for change in changes()}) == PAGE.count("\n**`") == 21


@pytest.mark.parametrize("lines", [" gone\n+new", " twice\n+new"])
def test_a_line_that_is_not_there_or_not_alone_is_said(lines: str) -> None:
    with pytest.raises(AssertionError, match="there"):
        with_lines("first\ntwice\ntwice\n", lines)


def test_the_house_with_the_new_subject_keeps_its_rules_and_passes_its_tests(house: Path) -> None:
    added = {
        change.path
        for change in changes()
        if change.path.startswith("tests/") and change.language == "python"
    }
    run(house, "pytest", "-q", "-x", "-p", "no:cacheprovider", *CHECKED, *sorted(added))


def test_what_is_shown_passes_lint_and_format(house: Path) -> None:
    shown = sorted({change.path for change in changes() if change.path.endswith(".py")})
    run(house, "ruff", "check", "--no-cache", *shown)
    run(house, "ruff", "format", "--no-cache", "--check", *shown)
