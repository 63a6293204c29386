"""`otklik judge again`: have what an older version of the tagging model tagged be tagged anew."""

import subprocess
import sys
import time
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, Task, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.text import Text

from desk.base import db, settings, wakeups
from desk.base.errors import DeskError
from desk.brands import calendars
from desk.pipeline import reclassification_progress, reclassification_runs
from desk.pipeline.reclassification_progress import Progress
from webapp.cli.common import as_json, now, require_database, show

LOOK_SECONDS = 0.5
LINE_SECONDS = 10
NOBODY_SECONDS = 15
GOES_ON = "Tagging goes on in the background. To see how far it is: otklik judge again --status"


@click.group()
def judge() -> None:
    """The tagging model: train it on corrections, restore an older version, tag again what it tagged before."""


@judge.command()
@click.option(
    "--since",
    metavar="YYYY-MM-DD",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Only what was published on that day or later.",
)
@click.option(
    "--open", "is_open", is_flag=True, help="Only what still waits for an answer; this is the default."
)
@click.option("--all", "is_all", is_flag=True, help="Everything collected so far.")
@click.option("--status", "is_status", is_flag=True, help="Show how far it is; start nothing.")
@as_json
def again(since: datetime | None, is_open: bool, is_all: bool, is_status: bool, is_json: bool) -> None:
    """Tag again what an older version of the model tagged, in the background; new mentions go first.

    Tags set by people stay. Cases that somebody has worked on stay where they are, no case is closed, and mentions
    older than seven days open no case. Ctrl-C stops the display, not the work. Where no worker is running (no Redis),
    this command does the work itself; then Ctrl-C leaves the rest for later.
    """
    require_database()
    if is_status:
        _tell(is_json)
        return
    if is_all and (is_open or since):
        raise click.UsageError("--all cannot be combined with --open or --since.")
    only_open = is_open or not (is_all or since)
    with db.transaction() as session:
        asked = reclassification_runs.ask(session, None, only_open, _midnight(since), now())
    found = _round(asked.id)
    if found.total == 0:
        show(
            [_row(found)] if is_json else [],
            is_json,
            empty="Nothing to tag again in this selection.",
        )
        return
    click.echo(f"Up to {found.total:,} mentions will be tagged again: {_words(found)}.", err=True)
    finished = _watch(asked.id)
    show([_row(finished)] if is_json else [], is_json, empty=_sentence(finished))


def _midnight(day: datetime | None) -> datetime | None:
    if day is None:
        return None
    here = datetime.combine(date(day.year, day.month, day.day), datetime.min.time(), _zone())
    return here.astimezone(UTC)


def _zone() -> ZoneInfo:
    """That of the desk, wherever this machine stands."""
    return calendars.read_zone(settings.current().time_zone)


def _progress() -> Progress:
    with db.snapshot() as session:
        found = reclassification_progress.progress(session)
    if found is None:
        raise DeskError("Nothing has been tagged again here yet. To start: otklik judge again")
    return found


def _tell(is_json: bool) -> None:
    found = _progress()
    show([_row(found)] if is_json else [], is_json, empty=_sentence(found))


def _watch(round_id: int) -> Progress:
    """Shows the round until it is done, and works at it when nobody else can."""
    child = None if wakeups.lengths() is not None else _begin_alone()
    try:
        return _follow(round_id, child)
    except KeyboardInterrupt:
        if child is not None:
            child.wait()
            raise DeskError(
                "Stopped. What is done is kept; the next `otklik run` or `otklik judge again` does the rest."
            ) from None
        click.echo(f"\n{GOES_ON}", err=True)
        sys.exit(0)


def _begin_alone() -> "subprocess.Popen[bytes]":
    click.echo(
        "No worker is running, so this command does the work. Ctrl-C leaves the rest for later.", err=True
    )
    return subprocess.Popen([sys.executable, "-m", "workers", "again"])


def _follow(round_id: int, child: "subprocess.Popen[bytes] | None") -> Progress:
    begun, is_told, said_at = time.monotonic(), child is not None, 0.0
    with _bar() as bar:
        task = bar.add_task("tagging again", total=1)
        while (found := _round(round_id)).finished_at is None:
            bar.update(task, total=max(found.total, 1), completed=found.passed)
            if bar.disable and time.monotonic() - said_at > LINE_SECONDS:
                said_at = time.monotonic()
                click.echo(_sentence(found), err=True)
            if child is not None and child.poll() is not None:
                if (found := _round(round_id)).finished_at is None:
                    raise DeskError(
                        "The worker stopped before it was done. What is done is kept; run the command again."
                    )
                break
            if not is_told and found.began_at is None and time.monotonic() - begun > NOBODY_SECONDS:
                is_told = True
                click.echo(_why_not_begun(found), err=True)
            time.sleep(LOOK_SECONDS)
    if child is not None:
        child.wait()
    return found


def _why_not_begun(found: Progress) -> str:
    running = _progress()
    if running.rejudging_id < found.rejudging_id and running.began_at is not None:
        return f"Another round has to finish first: {_sentence(running)}"
    return "No worker has started on it yet. Check that `otklik run` or `otklik work tag` is running."


def _round(round_id: int) -> Progress:
    """That round, or the one that has replaced it meanwhile."""
    with db.snapshot() as session:
        return reclassification_progress.progress_of(session, round_id)


class _PerSecond(ProgressColumn):
    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "")


def _bar() -> Bar:
    console = Console(stderr=True)
    return Bar(
        BarColumn(), TextColumn("{task.completed:,.0f} of {task.total:,.0f}"), _PerSecond(), TimeElapsedColumn(),
        TimeRemainingColumn(), console=console, transient=True, disable=not sys.stderr.isatty(),
    )  # fmt: skip


def _words(found: Progress) -> str:
    """The scope."""
    what = "what still waits for an answer" if found.scope.only_open else "everything"
    if found.scope.since is None:
        return what
    return f"{what} since {found.scope.since.astimezone(_zone()):%Y-%m-%d}"


def _sentence(found: Progress) -> str:
    done = (
        f"{found.judged:,} tagged again, {found.changed:,} of them with other tags, {found.opened:,} new cases"
        f"; {found.passed - found.judged:,} left as they were"
    )
    if found.finished_at is not None:
        return f"Done {found.finished_at.astimezone():%Y-%m-%d %H:%M} ({_words(found)}): {done}."
    left = found.seconds_left(now())
    rest = "" if left is None else f", about {_span(left)} left at {found.per_second(now()):,.0f} a second"
    after = f" Rounds still waiting: {found.rounds_after}." if found.rounds_after else ""
    return f"{found.passed:,} of {found.total:,} ({_words(found)}): {done}{rest}.{after}"


def _span(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 1:
        return "a minute"
    return f"{minutes} min" if minutes < 120 else f"{round(minutes / 60)} h"


def _row(found: Progress) -> dict[str, object]:
    left = found.seconds_left(now())
    return {
        "id": found.rejudging_id,
        "asked_at": found.asked_at,
        "open": found.scope.only_open,
        "since": found.scope.since,
        "total": found.total,
        "passed": found.passed,
        "judged": found.judged,
        "changed": found.changed,
        "opened": found.opened,
        "per_second": round(found.per_second(now()), 1),
        "seconds_left": None if left is None else round(left),
        "model": found.model,
        "finished_at": found.finished_at,
    }
