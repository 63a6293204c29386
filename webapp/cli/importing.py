"""`otklik import FILE.csv`: what was said where no crawler may go."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import click

import channels
from channels.contract import Page, Place, Reads, Remark, Sighting
from desk import brands, db, intake, settings, sources
from desk.errors import Conflict, Invalid
from desk.intake import Recorded
from desk.models import Brand, Source
from desk.models.words import CrawlOutcome
from desk.people import Session
from webapp.cli.ground import now, require_database

BATCH = 500


@click.command("import")
@click.argument("path", metavar="FILE.csv", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--brand", "brand_name", help="For which brand; not needed when there is only one.")
@click.option("--source", "title", help="Under which name to keep it; the file's name by default.")
@click.option("--dry-run", is_flag=True, help="Read and report, store nothing.")
def import_file(path: Path, brand_name: str | None, title: str | None, dry_run: bool) -> None:
    """Import mentions from a CSV file. The same file again changes nothing.

    Columns (in English or Russian, any order): text or rating, and any of external_id, url, author, title,
    published_at, language, thread, answer, answered_at. UTF-8, UTF-16 and Windows-1251 are recognised.
    """
    require_database()
    name = title or path.name
    sightings, remarks = _read(path, name)
    for remark in remarks:
        click.secho(remark, fg="yellow", err=True)
    if dry_run:
        click.echo(
            f"{len(sightings)} mentions can be read, {len(remarks)} rows need a look. Nothing was stored."
        )
        return
    total = _store(name, brand_name, sightings, remarks)
    click.echo(
        f"{total.new} new, {total.edited} edited, {total.known} known already, {len(remarks)} not readable."
    )


def _read(path: Path, name: str) -> tuple[list[Sighting], list[str]]:
    channel = channels.channel("file")
    assert isinstance(channel, Reads)
    page = Page(
        f"file:{name}", 200, {"content-type": "text/csv"}, path.read_bytes(), fetched_at=datetime.now(UTC)
    )
    parsed = list(channel.parse(Place(f"file:{name}"), page))
    seen = [item for item in parsed if isinstance(item, Sighting)]
    return seen, [item.text for item in parsed if isinstance(item, Remark)]


def _store(name: str, brand_name: str | None, sightings: list[Sighting], remarks: Iterable[str]) -> Recorded:
    with db.transaction() as session:
        source_id = _source(session, name, brand_name).id
        crawl_id = sources.start_crawl(session, source_id, now()).id
    total = Recorded()
    with click.progressbar(range(0, len(sightings), BATCH), label="Storing") as starts:
        for start in starts:
            with db.transaction() as session:
                batch = sightings[start : start + BATCH]
                total += intake.record(session, sources.load(session, source_id), batch, now())
    report = sources.CrawlReport(
        CrawlOutcome.OK, items=len(sightings), new=total.new, edited=total.edited, remarks=tuple(remarks)
    )
    with db.transaction() as session:
        sources.finish_crawl(session, crawl_id, report, now())
    return total


def _source(session: Session, name: str, brand_name: str | None) -> Source:
    brand = _brand(session, brand_name)
    try:
        return sources.add(session, brand, "file", f"file:{name}", title=name, now=now())
    except Conflict as known:
        return sources.load(session, int(str(known.facts["id"])))


def _brand(session: Session, name: str | None) -> Brand:
    if name is not None:
        return brands.named(session, name)
    known = brands.all_brands(session)
    if not known:
        zone = settings.current().time_zone
        return brands.create(session, "My brand", words=[], own_names=[], time_zone=zone, now=now())
    if len(known) > 1:
        raise Invalid("There are several brands: say which with --brand NAME.", "brand")
    return known[0]
