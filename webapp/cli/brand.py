"""`otklik brand`: whom we listen for."""

import click

from desk import brands, db, settings
from webapp.cli.ground import as_json, now, require_database, show


@click.group()
def brand() -> None:
    """The brands this desk answers for."""


@brand.command()
@click.argument("name")
@click.option(
    "--own-name", "own_names", multiple=True, help="An author name the brand itself writes under. Repeatable."
)
@click.option("--word", "words", multiple=True, help="What else people call it. Repeatable.")
@click.option("--time-zone", help="IANA zone of its business hours; OTKLIK_TIME_ZONE by default.")
def add(name: str, own_names: tuple[str, ...], words: tuple[str, ...], time_zone: str | None) -> None:
    """Add a brand with business hours, targets and routing rules to start from."""
    require_database()
    with db.transaction() as session:
        made = brands.create(
            session, name, words=words or (name,), own_names=own_names or (name,),
            time_zone=time_zone or settings.current().time_zone, now=now(),
        )  # fmt: skip
        click.echo(
            f"Brand {made.id} «{made.name}» is ready. Next: otklik source add URL --brand '{made.name}'"
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
