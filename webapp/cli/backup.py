"""`otklik db`: the database as a whole."""

import sys
from pathlib import Path

import click

from desk.base import heartbeats, settings
from desk.base.errors import DeskError
from desk.operations import backup as copies
from desk.operations import schema
from webapp import orphans
from webapp.cli.common import now


@click.group()
def db() -> None:
    """The database: bring it up to date, check it, back it up, restore it."""


@db.command()
def upgrade() -> None:
    """Bring the database up to date; safe to repeat."""
    schema.upgrade()
    click.echo("The database is up to date.")


@db.command()
def check() -> None:
    """Say what is wrong with the database; exit code 1 if anything is."""
    wrong = schema.check()
    for line in wrong:
        click.echo(line)
    if wrong:
        sys.exit(1)
    click.echo("The database is intact and up to date.")


@db.command()
@click.argument("path", type=click.Path(path_type=Path))
def backup(path: Path) -> None:
    """Write everything into one file PATH (.tar.gz); Otklik may keep running. It contains secrets: keep it safe."""
    copies.write(path)
    click.echo(f"Wrote {path} ({path.stat().st_size / 1e6:.1f} MB).")


@db.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--yes", is_flag=True, help="Replace without asking.")
def restore(path: Path, yes: bool) -> None:
    """Replace the database by the backup in PATH. Stop Otklik first."""
    home = settings.current().home
    if not yes:
        click.confirm(f"Everything in {home} will be replaced by {path}. Continue?", abort=True)
    _refuse_while_running(home)
    copies.restore(path)
    click.echo("Restored and up to date.")


def _refuse_while_running(home: Path) -> None:
    """Whether by `otklik run` or one by one: whoever has the old database open would write into it."""
    if (pid := orphans.supervisor(home)) is not None:
        raise DeskError(
            f"Otklik is running (process {pid}). Stop it first, then restore. Nothing was changed."
        )
    if living := [one for one in heartbeats.all_processes(now()) if one.is_alive]:
        names = ", ".join(f"{one.name} (process {one.pid})" for one in living)
        raise DeskError(f"Otklik is running: {names}. Stop it first, then restore. Nothing was changed.")
