"""`otklik import FILE`: what was said where no crawler may go."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path

import click

import channels
from channels import errors
from channels.contract import Page, Parsed, Place, Reads, Remark, Sighting
from channels.csv_file import channel as csv_file
from channels.csv_file import columns as file_columns
from channels.csv_file import tables
from channels.reading import text as plain_text
from desk.base import db
from desk.base.errors import Invalid
from desk.base.sentences import Sentence
from desk.pipeline import arrivals, imports
from desk.pipeline.arrivals import Recorded
from desk.sources import places, sources
from webapp.cli.common import now, require_database

BATCH = 500


@click.command("import")
@click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--brand", "brand_name", help="For which brand; not needed when there is only one.")
@click.option("--source", "title", help="The name of the source; the file's name by default.")
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="HEAD=COLUMN",
    help="What a column with an unknown head holds; HEAD=- leaves it out. Remembered for this source.",
)
@click.option(
    "--best-rating",
    type=click.IntRange(2, 1000),
    help="The best possible rating, if it is not 5. Remembered for this source.",
)
@click.option("--dry-run", is_flag=True, help="Read and report; store nothing.")
def import_file(
    path: Path,
    brand_name: str | None,
    title: str | None,
    columns: tuple[str, ...],
    best_rating: int | None,
    dry_run: bool,
) -> None:
    """Import mentions from a table of reviews, CSV or XLSX. Importing the same file again changes nothing.

    The exports of many review tools are read as they are: their heads are listed in channels/csv_file/columns.toml. Columns:
    text or rating, and any of external_id, url, author, title, pros, cons, comment, published_at, edited_at, language,
    thread, product, answer, answered_at. Otklik names the columns it does not know, and asks about them on a terminal.
    """
    require_database()
    wanted = _Import(path, title or path.name, brand_name)
    try:
        told = wanted.told(columns, best_rating)
        parts = wanted.parts(told)
        if dry_run:
            _report_only(parts)
        else:
            _store(wanted, told, parts)
    except errors.ChannelError as error:
        raise Invalid(f"{path.name}: {error} Nothing was stored.", "path") from error


@dataclass(slots=True)
class _Import:
    """One file on its way in, and the source under which it is kept: known already, or made when the file was read."""

    path: Path
    name: str
    brand_name: str | None
    known: Place = field(init=False)
    page: Page = field(init=False)

    def __post_init__(self) -> None:
        self.page = Page(self.url, 200, {}, _body(self.path), fetched_at=datetime.now(UTC))
        self.known = Place(self.url)
        with db.snapshot() as session:
            if (source := imports.known(session, self.name, self.brand_name)) is not None:
                self.known = Place.of(places.place_of(session, source))

    @property
    def url(self) -> str:
        return imports.address_of(self.name)

    def told(self, columns: Iterable[str], best_rating: int | None) -> dict[str, str]:
        """The settings of the source with what was said now. Where a person sits, the unknown heads are asked about."""
        told = dict(self.known.settings)
        if best_rating is not None:
            told["best_rating"] = str(best_rating)
        said = file_columns.wishes(told.get("columns", "")) | file_columns.wishes(
            "\n".join(column.replace(";", " ") for column in columns)
        )
        told["columns"] = file_columns.written(said)
        if sys.stdin.isatty() and sys.stdout.isatty():
            said |= _ask(csv_file.unknown_heads(self.place(told), self.page))
            told["columns"] = file_columns.written(said)
        return {name: value for name, value in told.items() if value}

    def place(self, told: dict[str, str]) -> Place:
        return replace(self.known, settings=told)

    def parts(self, told: dict[str, str]) -> Iterator[Parsed]:
        """The first ones are read at once, so that a file that is no table leaves nothing behind."""
        channel = channels.channel("file")
        assert isinstance(channel, Reads)
        parts = iter(channel.parse(self.place(told), self.page))
        return chain(list(islice(parts, BATCH)), parts)


def _body(path: Path) -> bytes:
    """No more than may be read: a path may also lead to what never ends."""
    try:
        with path.open("rb") as opened:
            return opened.read(tables.MAX_FILE + 1)
    except OSError as error:
        raise Invalid(
            f"{path.name} cannot be read ({error.strerror}). Nothing was stored.", "path"
        ) from error


def _ask(heads: list[str]) -> dict[str, str]:
    """What unknown columns hold, by the keys of their heads."""
    choices = click.Choice((*file_columns.names(), file_columns.LEFT_OUT))
    said: dict[str, str] = {}
    for head in heads:
        question = f"What does the column “{plain_text.line(head, 60)}” hold? ({file_columns.LEFT_OUT} leaves it out)"
        said[file_columns.key(head) or head] = click.prompt(
            question, default=file_columns.LEFT_OUT, type=choices
        )
    return said


def _say(remark: str) -> None:
    click.secho(remark, fg="yellow", err=True)
    if remark.startswith(csv_file.UNKNOWN):
        click.secho('Say what they hold: --column "Head=text"; --column "Head=-" leaves one out.', err=True)


def _report_only(parts: Iterator[Parsed]) -> None:
    count = remarks = 0
    for part in parts:
        if isinstance(part, Remark):
            remarks += 1
            _say(part.text.en)
        count += isinstance(part, Sighting)
    click.echo(f"{count} mentions can be read, {remarks} remarks. Nothing was stored.")


def _store(wanted: _Import, told: dict[str, str], parts: Iterator[Parsed]) -> None:
    """Batch after batch, so that a long file is never in memory whole; what was read before a fault stays."""
    with db.transaction() as session:
        source_id, crawl_id = imports.begin(session, wanted.name, wanted.brand_name, told, now())
    total, items, remarks, fault = Recorded(), 0, [], None
    try:
        with click.progressbar(_batches(parts), label="Storing") as batches:
            for batch in batches:
                seen = [part for part in batch if isinstance(part, Sighting)]
                remarks += [Sentence.of(part.text) for part in batch if isinstance(part, Remark)]
                items += len(seen)
                with db.transaction() as session:
                    total += arrivals.record(session, sources.load(session, source_id), seen, now())
    except errors.ChannelError as error:
        fault = error
    for remark in remarks:
        _say(remark)
    said = Sentence.of(fault.text) if fault else None
    tally = imports.Tally(items, total, remarks, fault.kind if fault else None, said)
    with db.transaction() as session:
        imports.finish(session, crawl_id, tally, now())
    click.echo(
        f"{total.new} new, {total.edited} edited, {total.known} known already, {len(remarks)} remarks."
    )
    if fault is not None:
        raise Invalid(
            f"The rest of {wanted.path.name} was not read: {fault} What was read is kept. Correct the file and import it again.",
            "path",
        )


def _batches(parts: Iterator[Parsed]) -> Iterator[list[Parsed]]:
    while batch := list(islice(parts, BATCH)):
        yield batch
