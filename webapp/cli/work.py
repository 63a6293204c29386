"""`otklik work`: the background, without the supervisor."""

import subprocess
import sys

import click

from webapp.cli.common import require_database


@click.command()
@click.option("--burst", "is_burst", is_flag=True, help="Do all waiting work, then exit. Needs no Redis.")
@click.argument("part", type=click.Choice(["tag", "crawl", "reply", "jobs", "clock"]), required=False)
def work(is_burst: bool, part: str | None) -> None:
    """Do background work: with --burst everything that waits, else one PART until it is stopped.

    tag tags new mentions; crawl reads sources and trains the tagging model; reply publishes answers and checks that
    they are public; jobs does the work of crawl and reply; clock starts work that is due. `otklik run` starts tag,
    crawl, reply and clock.
    """
    if is_burst == (part is not None):
        raise click.UsageError("Give either --burst or one of: tag, crawl, reply, jobs, clock.")
    require_database()
    sys.exit(subprocess.call([sys.executable, "-m", "workers", "burst" if is_burst else str(part)]))
