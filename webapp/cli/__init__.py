"""The `otklik` command: one group per noun, help in every command, --json on everything that lists."""

import logging
import sys

import click
import structlog
from pydantic import ValidationError

from desk.errors import DeskError
from webapp.cli.backup import db
from webapp.cli.brand import brand
from webapp.cli.case import case
from webapp.cli.crawl import crawl
from webapp.cli.importing import import_file
from webapp.cli.mention import mention
from webapp.cli.run import run
from webapp.cli.source import source
from webapp.cli.stats import stats
from webapp.cli.user import user
from webapp.cli.work import work


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="otklik")
def otklik() -> None:
    """Otklik listens to what people say about your brand in public, and brings every unanswered complaint to one
    desk until its author has a public answer.

    Start with `otklik run`. Everything it keeps is under OTKLIK_HOME (./var).
    """


for command in (run, work, crawl, source, brand, mention, case, stats, user, db, import_file):
    otklik.add_command(command)


def main() -> None:
    """Domain errors and wrong settings become one clear line and exit code 1, never a traceback."""
    # What a command prints is for people and scripts; the log goes beside it.
    structlog.configure(
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
    )
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
