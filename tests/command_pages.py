"""`python -m tests.command_pages` writes the commands' part of docs/cli.md anew, from the commands themselves."""

from collections.abc import Iterator
from pathlib import Path

import click

from webapp.cli import otklik

PAGE = Path(__file__).resolve().parents[1] / "docs" / "cli.md"
BEGIN, END = "<!-- commands: begin -->\n", "<!-- commands: end -->\n"


def commands(command: click.Command, name: str = "otklik") -> Iterator[tuple[str, click.Command]]:
    """Every command with its full name, groups before what is in them."""
    yield name, command
    if isinstance(command, click.Group):
        # Groups may load their commands when asked, so they are asked.
        context = click.Context(command, info_name=name)
        for short in sorted(command.list_commands(context)):
            if (inner := command.get_command(context, short)) is not None:
                yield from commands(inner, f"{name} {short}")


def written() -> str:
    return "\n".join(_section(name, command) for name, command in commands(otklik) if name != "otklik")


def _section(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=name)
    help_text = "\n".join(line.strip() for line in (command.help or "").strip().splitlines())
    if isinstance(command, click.Group):
        return f"## `{name}`\n\n{help_text}\n"
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    level = "##" if name.count(" ") == 1 else "###"
    records = [record for param in command.get_params(context) if (record := param.get_help_record(context))]
    rows = "".join(
        f"| `{_cell(option)}` | {_cell(words)} |\n"
        for option, words in records
        if words and "--help" not in option
    )
    table = f"\n| option | meaning |\n|---|---|\n{rows}" if rows else ""
    return f"{level} `{usage}`\n\n{help_text}\n{table}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def between_marks(page: str) -> str:
    return page.split(BEGIN, 1)[1].split(END, 1)[0]


def main() -> None:
    head, rest = PAGE.read_text().split(BEGIN, 1)
    PAGE.write_text(f"{head}{BEGIN}\n{written()}\n{END}{rest.split(END, 1)[1]}")


if __name__ == "__main__":
    main()
