"""The `otklik` command: one group per noun, help in every command, --json on everything that lists."""

import os
import sys
from importlib import import_module

import click
from pydantic import ValidationError

from desk.base import logs
from desk.base.errors import DeskError

# Loaded when asked for: a command that lists mentions need not wait for the parsers of every channel.
COMMANDS = {
    "run": "webapp.cli.run:run",
    "work": "webapp.cli.work:work",
    "crawl": "webapp.cli.crawl:crawl",
    "source": "webapp.cli.source:source",
    "account": "webapp.cli.account:account",
    "brand": "webapp.cli.brand:brand",
    "query": "webapp.cli.query:query",
    "mention": "webapp.cli.mention:mention",
    "case": "webapp.cli.case:case",
    "judge": "webapp.cli.learning:judge",
    "stats": "webapp.cli.stats:stats",
    "user": "webapp.cli.user:user",
    "db": "webapp.cli.backup:db",
    "import": "webapp.cli.importing:import_file",
}


class Commands(click.Group):
    """A group whose commands are imported one by one."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click names it
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(import_module(module), name)
        return command


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="otklik")
def otklik() -> None:
    """Otklik listens to what people say about your brand in public, and brings every unanswered complaint to one
    desk until its author has a public answer.

    Start with `otklik run`. Everything it keeps is under OTKLIK_HOME (./var).
    """


def main() -> None:
    """Domain errors and wrong settings become one clear line and exit code 1, never a traceback."""
    # What is made under home holds hashes and keys: for its owner alone.
    os.umask(0o077)
    logs.to_stderr("WARNING")
    try:
        otklik()
    except DeskError as error:
        click.secho(f"otklik: {error}", fg="red", err=True)
        sys.exit(1)
    except ValidationError as error:
        for mistake in error.errors():
            name = "OTKLIK_" + "_".join(str(part) for part in mistake["loc"]).upper()
            click.secho(f"otklik: {name}: {mistake['msg']}", fg="red", err=True)
        sys.exit(1)
