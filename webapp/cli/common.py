"""What every command stands on: the clock, a migrated database, and two ways to print a list."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from desk.base import db, settings
from desk.base.errors import DeskError
from desk.operations import removal, schema
from webapp import supervision

as_json = click.option("--json", "is_json", is_flag=True, help="Print JSON for scripts instead of a table.")


class Code(str):
    """A word of a closed set that is no StrEnum: JSON keeps it for scripts, a table says it as people do."""

    __slots__ = ()


def now() -> datetime:
    return datetime.now(UTC)


def require_database() -> None:
    """Raises DeskError with the way out when the database is empty or of another version."""
    if not schema.is_current():
        raise DeskError("The database is not up to date. Run `otklik db upgrade` (it keeps all data).")
    _reach_the_sample()


def _reach_the_sample() -> None:
    """While the sample brand runs here, commands reach it as its own processes do: it lives on loopback, and a crawl
    from a second window would otherwise leave its sources marked as forbidden."""
    if supervision.is_sample_running(settings.current()):
        os.environ.setdefault("OTKLIK_ALLOW_PRIVATE_ADDRESSES", "true")
        settings.current.cache_clear()


def remove_marked(what: str) -> None:
    """Deletes what is marked for removal, batch by batch, and says what became of it."""
    count = 0
    while True:
        with db.transaction() as session:
            done = removal.sweep(session, now())
        if not done:
            break
        count += done
    click.echo(
        f"{what} was removed (records deleted: {count})."
        if not _is_left()
        else f"{what} is being removed: a crawl or an answer is under way there. The rest is removed when that has ended,"
        " as long as `otklik run` is running."
    )


def _is_left() -> bool:
    with db.snapshot() as session:
        return removal.is_left(session)


def show(rows: Sequence[Mapping[str, Any]], is_json: bool, *, empty: str) -> None:
    """A JSON array or a table of the same columns; an empty list says what to do next."""
    if is_json:
        click.echo(json.dumps(list(rows), ensure_ascii=False, indent=2, default=_plain))
    elif not rows:
        click.echo(empty)
    else:
        _print_table(rows)


def _print_table(rows: Sequence[Mapping[str, Any]]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in rows[0]:
        table.add_column(
            name.replace("_", " "), overflow="fold" if sys.stdout.isatty() else "ellipsis", max_width=60
        )
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    Console(width=None if sys.stdout.isatty() else 200, markup=False, highlight=False).print(table)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone().strftime("%Y-%m-%d %H:%M")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_cell(part.get("state", part)) for part in value)
    if isinstance(value, StrEnum | Code):
        return value.replace("_", " ")
    # Control characters in a review could speak to the terminal.
    text = " ".join(str(value).split())
    return "".join(c for c in text if c.isprintable())[:200]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not printable as JSON")
