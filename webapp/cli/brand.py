"""`otklik brand`: whom we listen for."""

import click

from desk.base import db, settings
from desk.brands import brands
from desk.operations import removal
from desk.pipeline import brand_setup
from desk.sources import source_list
from webapp.cli.common import as_json, now, remove_marked, require_database, show


@click.group()
def brand() -> None:
    """The brands this desk answers for."""


@brand.command()
@click.argument("name")
@click.option(
    "--own-name",
    "own_names",
    multiple=True,
    help="An author name the brand itself writes under, or the address of its profile. Repeatable.",
)
@click.option("--word", "words", multiple=True, help="Another name that people use for it. Repeatable.")
@click.option("--competitor", "is_competitor", is_flag=True, help="Only listen: its mentions open no case.")
@click.option("--time-zone", help="IANA zone of its business hours; OTKLIK_TIME_ZONE by default.")
def add(
    name: str,
    own_names: tuple[str, ...],
    words: tuple[str, ...],
    time_zone: str | None,
    is_competitor: bool,
) -> None:
    """Add a brand with business hours, targets and routing rules to start from."""
    require_database()
    with db.transaction() as session:
        made = brand_setup.create(
            session, name, words=words or (name,), own_names=own_names or (name,),
            time_zone=time_zone or settings.current().time_zone, now=now(),
            is_competitor=is_competitor,
        )  # fmt: skip
        click.echo(
            f"Brand {made.id} “{made.name}” is ready. Next: otklik source add URL --brand '{made.name}'"
        )


@brand.command("list")
@as_json
def list_brands(is_json: bool) -> None:
    """All brands."""
    require_database()
    with db.snapshot() as session:
        rows = [
            {
                "id": b.id,
                "name": b.name,
                "own_names": ", ".join(b.own_names),
                "time_zone": b.calendar.time_zone,
            }
            for b in brands.all_brands(session)
        ]
    show(rows, is_json, empty="There is no brand yet. Add one: otklik brand add NAME")


@brand.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(name: str, yes: bool) -> None:
    """Delete a brand with its sources and all that was collected for it. The sites are not touched."""
    require_database()
    with db.snapshot() as session:
        found = brands.named(session, name)
        listening = [one.id for one in source_list.all_sources(session) if one.brand_id == found.id]
        goes = removal.extent(session, listening)
    if not yes:
        click.confirm(
            f"Delete «{found.name}»? Also deleted: sources {len(listening)}, mentions {goes.mentions}, cases {goes.cases}.",
            abort=True,
        )
    with db.transaction() as session:
        removal.ask_brand(session, found.id, None, now())
    remove_marked(f"Brand «{found.name}»")
