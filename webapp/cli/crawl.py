"""`otklik crawl`: look now, show progress, say what was found."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from desk.base import db, settings
from desk.base.errors import DeskError
from desk.sources import source_list
from webapp.cli.common import Code, as_json, require_database, show


@click.command()
@click.argument("source_ids", metavar="[SOURCE ...]", type=int, nargs=-1)
@as_json
def crawl(source_ids: tuple[int, ...], is_json: bool) -> None:
    """Crawl these sources now, or all active ones. Exit code 1 if any of them failed."""
    require_database()
    with db.snapshot() as session:
        every = {one.id: one for one in source_list.listed(session)}
    known = {one.id: one for one in every.values() if one.is_crawled}
    chosen = list(source_ids) or [one.id for one in known.values() if one.state == "active"]
    if missing := set(chosen) - set(every):
        raise DeskError(f"There is no source {_numbers(missing)}. See `otklik source list`.")
    if silent := set(chosen) - set(known):
        raise DeskError(
            f"Nothing is crawled at source {_numbers(silent)}: what is said there is sent or imported."
        )
    if not chosen:
        show([], is_json, empty="There is nothing to crawl yet. Add a source: otklik source add URL")
        return
    titles = {one.id: one.title for one in known.values()}
    found, is_whole = _run(list(dict.fromkeys(chosen)), titles)
    show(
        [_row(source_id, found.get(source_id), titles) for source_id in dict.fromkeys(chosen)],
        is_json,
        empty="",
    )
    _say_the_rest(chosen, found, is_whole)


def _numbers(source_ids: set[int]) -> str:
    return ", ".join(map(str, sorted(source_ids)))


def _say_the_rest(chosen: list[int], found: dict[int, dict[str, Any]], is_whole: bool) -> None:
    """Raises DeskError where our own side failed; else exit code 1 if a source did."""
    left = len(set(chosen)) - sum("outcome" in event for event in found.values())
    if not is_whole:
        raise DeskError(
            f"The crawler stopped early; sources not read: {left}. What it had read is kept. Run the command again; "
            f"the reason is in {_log_path()}."
        )
    if left:
        click.echo(
            f"Sources left out because another crawl is reading them now: {left} of {len(set(chosen))}.",
            err=True,
        )
    if any(event.get("outcome") == "failed" for event in found.values()):
        sys.exit(1)


def _log_path() -> Path:
    return settings.current().home / "log" / "crawl-by-hand.log"


def _run(chosen: list[int], titles: dict[int, str]) -> tuple[dict[int, dict[str, Any]], bool]:
    """The newest line that the crawler said of each source, and whether it worked to the end. Its log is kept in a file
    and stays out of the table."""
    command = [sys.executable, "-m", "crawler", "--progress", *map(str, chosen)]
    found: dict[int, dict[str, Any]] = {}
    _log_path().parent.mkdir(parents=True, exist_ok=True)
    with (
        _log_path().open("wb") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as child,
        _bar() as bar,
    ):
        task = bar.add_task("crawling", total=len(chosen), note="")
        assert child.stdout is not None
        for line in child.stdout:
            event = json.loads(line)
            found[event["source"]] = event
            note = f"{titles.get(event['source'], '')[:40]}: {event.get('items', 0)}"
            done = sum(one["event"] != "progress" for one in found.values())
            bar.update(task, completed=done, note=note)
    return found, child.returncode == 0


def _bar() -> Progress:
    return Progress(
        SpinnerColumn(), BarColumn(), TextColumn("{task.completed}/{task.total} sources"),
        TextColumn("{task.fields[note]}", markup=False), TimeElapsedColumn(),
        console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty(),
    )  # fmt: skip


def _row(source_id: int, event: dict[str, Any] | None, titles: dict[int, str]) -> dict[str, Any]:
    """`outcome` is "left" for a source that another crawl is at, or that this one did not come to."""
    said = event or {}
    return {
        "source": source_id,
        "title": titles.get(source_id, ""),
        "outcome": Code(said.get("outcome", "left")),
        "items": said.get("items", 0),
        "new": said.get("new", 0),
        "edited": said.get("edited", 0),
        "requests": said.get("requests", 0),
        "error": said.get("error"),
        "remarks": len(said.get("remarks") or []),
    }
