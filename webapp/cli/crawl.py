"""`otklik crawl`: look now, show progress, say what was found."""

import json
import subprocess
import sys
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from desk import db, sources
from desk.errors import DeskError
from webapp.cli.ground import as_json, require_database, show


@click.command()
@click.argument("source_ids", metavar="[SOURCE ...]", type=int, nargs=-1)
@as_json
def crawl(source_ids: tuple[int, ...], is_json: bool) -> None:
    """Crawl these sources now, or all active ones. Exit code 1 if any of them failed."""
    require_database()
    with db.snapshot() as session:
        known = [s for s in sources.all_sources(session) if s.kind != "file"]
    chosen = list(source_ids) or [source.id for source in known if source.state == "active"]
    if missing := set(chosen) - {source.id for source in known}:
        raise DeskError(
            f"There is no source {', '.join(map(str, sorted(missing)))}. See `otklik source list`."
        )
    if not chosen:
        show([], is_json, empty="There is nothing to crawl yet. Add a source: otklik source add URL")
        return
    titles = {source.id: source.title for source in known}
    rows = _run(chosen, titles)
    show(rows, is_json, empty="Nothing was crawled: another crawl is at these sources right now.")
    if any(row["outcome"] == "failed" for row in rows):
        sys.exit(1)


def _run(chosen: list[int], titles: dict[int, str]) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "crawler", "--progress", *map(str, chosen)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    found: dict[int, dict[str, Any]] = {}
    assert child.stdout is not None
    with _bar() as bar:
        task = bar.add_task("crawling", total=len(chosen), note="")
        for line in child.stdout:
            event = json.loads(line)
            if "outcome" in event:
                found[event["source"]] = event
            note = f"{titles.get(event['source'], '')[:40]}: {event.get('items', 0)}"
            bar.update(task, completed=len(found), note=note)
    if child.wait() != 0:
        raise DeskError("The crawler stopped before it was done. What it had read is kept; run it again.")
    return [_row(found[source_id], titles) for source_id in chosen if source_id in found]


def _bar() -> Progress:
    return Progress(
        SpinnerColumn(), BarColumn(), TextColumn("{task.completed}/{task.total} sources"),
        TextColumn("{task.fields[note]}", markup=False), TimeElapsedColumn(),
        console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty(),
    )  # fmt: skip


def _row(event: dict[str, Any], titles: dict[int, str]) -> dict[str, Any]:
    return {
        "source": event["source"],
        "title": titles.get(event["source"], ""),
        "outcome": event["outcome"],
        "items": event.get("items", 0),
        "new": event.get("new", 0),
        "edited": event.get("edited", 0),
        "requests": event.get("requests", 0),
        "error": event.get("error"),
        "remarks": len(event.get("remarks") or []),
    }
