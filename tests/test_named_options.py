"""Options that the documentation gives to a command are options of that command."""

import re
from pathlib import Path

import click
import pytest

from tests import command_pages
from webapp.cli import otklik

ROOT = Path(__file__).resolve().parents[1]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
LINE = re.compile(r"(?:`|^    )(?:\S*\.venv/bin/)?(otklik [a-z][^`\n]*)", re.MULTILINE)
COMMANDS = dict(command_pages.commands(otklik))


def wrong(said: str) -> list[str]:
    """Options of the line that its command does not have; all of them where there is no such command."""
    words = said.split("#", maxsplit=1)[0].split()
    command = next(
        (COMMANDS[name] for size in (3, 2) if (name := " ".join(words[:size])) in COMMANDS),
        click.Command("none"),
    )
    known = {
        option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)
    }
    return [
        word
        for word in re.findall(r"(?<!\S)--[a-z][a-z-]*", " ".join(words))
        if word not in known | {"--help"}
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_named_options_exist(page: Path) -> None:
    found = {said: wrong(said) for said in LINE.findall(page.read_text())}
    assert {said: options for said, options in found.items() if options} == {}


def test_a_wrong_option_is_found() -> None:
    assert wrong("otklik source add https://a.example --kind rss") == []
    assert wrong("otklik source add https://a.example --kinds rss") == ["--kinds"]
