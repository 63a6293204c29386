"""`otklik source`: where we listen."""

from zoneinfo import ZoneInfo

import click

import channels
from channels import detect as detection
from channels.contract import Place, Receives, Replies
from channels.errors import ChannelError
from desk.base import db
from desk.base.damage import is_damaged
from desk.base.errors import DeskError, Invalid
from desk.base.words import Arrival
from desk.models import Source
from desk.operations import removal
from desk.sources import changes, deliveries, health, places, sources
from webapp.cli import asking, source_adding, source_fields, source_kinds, source_trial
from webapp.cli.common import Code, as_json, now, remove_marked, require_database, show


@click.group()
def source() -> None:
    """The addresses this desk listens to."""


source.add_command(source_adding.add)
source.add_command(source_kinds.kinds)
source.add_command(source_trial.try_kind)


@source.command("set")
@click.argument("source_id", type=int)
@source_fields.told
@click.option("--forget", multiple=True, metavar="NAME", help="A stored credential to delete. Repeatable.")
@source_fields.own_ids
def set_values(
    source_id: int, values: tuple[str, ...], secrets: tuple[str, ...], files: tuple[str, ...],
    forget: tuple[str, ...], own_ids: tuple[str, ...],
) -> None:  # fmt: skip
    """Change settings and credentials of a source; an empty value deletes a setting. Given ids take the place of all those
    before, and --own-id "" leaves none. Without options: list its fields.
    """
    require_database()
    with db.transaction() as session:
        found = sources.load(session, source_id)
        plain, secret = source_fields.read(found.kind, values, secrets, files)
        source_fields.demand_known(found.kind, forget)
        if not (plain or secret or forget or own_ids):
            _list_fields(found)
            return
        source_fields.demand_scope(found.kind, (*plain, *secret), "source")
        if own_ids:
            changes.change_own_ids(session, source_id, own_ids)
        changes.change_settings(session, source_id, plain)
        changes.change_secrets(session, source_id, secret, forget)
    click.echo(f"Source {source_id}: saved.")


def _list_fields(found: Source) -> None:
    for field in source_fields.known_fields(found.kind).values():
        click.echo(source_fields.described(field))
    ids = "damaged: give them anew" if is_damaged(found.own_ids) else ", ".join(found.own_ids) or "none"
    click.echo(f"Ids of the brand's own accounts there (--own-id): {ids}")


@source.command()
@click.argument("source_id", type=int)
@click.option(
    "--new", "is_new", is_flag=True, help="Take another address; the old one stops working at once."
)
def address(source_id: int, is_new: bool) -> None:
    """The push address of a source, which its site sends to, and what to do with it. Whoever knows it can send."""
    require_database()
    if is_new:
        with db.transaction() as session:
            found = sources.load(session, source_id)
            if not _is_told(found.kind):
                raise Invalid(f"Nothing is sent to source {source_id}: its channel knows no push address.")
            deliveries.open_address(session, found, now())
    source_adding.show_push_address(source_id)


def _is_told(kind: str) -> bool:
    return kind in channels.KINDS and isinstance(channels.channel(kind), Receives)


@source.command("list")
@as_json
def list_sources(is_json: bool) -> None:
    """All sources with their health."""
    require_database()
    with db.snapshot() as session:
        heard = health.overview(session, now(), ZoneInfo("UTC"))
        rows = [
            _row(one.source, one.mentions, one.is_damaged)
            for one in sorted(heard, key=lambda one: one.source.id)
        ]
    show(rows, is_json, empty="There is no source yet. Add one: otklik source add URL")


def _row(found: Source, mentions: int, is_hurt: bool) -> dict[str, object]:
    return {
        "id": found.id,
        "kind": found.kind,
        "url": found.url,
        "title": found.title,
        "brand": found.brand.name,
        "state": found.state,
        "error": sources.DAMAGED if is_hurt else found.error,
        "error_kind": Code("damaged") if is_hurt else found.error_kind and Code(found.error_kind),
        "mentions": mentions,
        "last_success_at": found.last_success_at,
        "next_crawl_at": found.next_crawl_at if found.arrives is Arrival.CRAWL else None,
        "last_received_at": found.received_at,
        "received": found.received_count,
    }


@source.command()
@click.argument("source_id", type=int)
def check(source_id: int) -> None:
    """Check that the source can be read and its credentials are accepted. Nothing is written there."""
    require_database()
    with db.snapshot() as session:
        found = sources.load(session, source_id)
        place = Place.of(places.place_of(session, found))
        kind, is_pushed = found.kind, found.arrives is Arrival.PUSH
        received_at = f"{found.received_at:%Y-%m-%d %H:%M} UTC" if found.received_at else None
    channel = channels.channel(kind)
    is_asked_below = isinstance(channel, Replies) and bool(place.secrets)
    if channel.about.address != "none":
        _demand_readable(place, is_asked_below=is_asked_below)
    elif is_pushed:
        click.echo(f"Its site sends by itself; last received: {received_at or 'nothing yet'}.")
    if isinstance(channel, Replies) and is_asked_below:
        try:
            with asking.wire(place, channel, source_id) as wire:
                rights = channel.check(place, wire)
        except ChannelError as error:
            raise DeskError(f"The site did not accept the credentials: {error}") from None
        signed = f" Answers are signed by {rights.signs_as}." if rights.signs_as else ""
        click.echo(f"The site accepts the credentials.{signed}")


def _demand_readable(place: Place, *, is_asked_below: bool) -> None:
    """Raises DeskError where nothing can be read at the address now. `is_asked_below`: the credentials are asked about next, which
    tells more: an address may be readable to them alone."""
    with asking.wire() as wire:
        seen = detection.detect(place.url, wire, manners=asking.manners(wire))
    if not seen.findings and is_asked_below:
        return
    if not seen.findings:
        raise DeskError(f"The address cannot be read now: {seen.error}")
    click.echo(f"Readable: {seen.findings[0].evidence.en}")


@source.command()
@click.argument("source_id", type=int)
@click.option("--resume", "is_resume", is_flag=True, help="Start crawling it again.")
def pause(source_id: int, is_resume: bool) -> None:
    """Stop crawling a source for now; what was collected is kept."""
    require_database()
    with db.transaction() as session:
        step = sources.resume if is_resume else sources.pause
        changed = step(session, source_id, None, now())
        click.echo(f"Source {changed.id} is {changed.state}.")


@source.command()
@click.argument("source_id", type=int)
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(source_id: int, yes: bool) -> None:
    """Delete a source with all mentions, cases and answers that Otklik keeps of it. The site is not touched."""
    require_database()
    with db.snapshot() as session:
        title = sources.load(session, source_id).title
        goes = removal.extent(session, [source_id])
    if not yes:
        click.confirm(
            f"Delete «{title}»? Also deleted: mentions {goes.mentions}, cases {goes.cases}.", abort=True
        )
    with db.transaction() as session:
        removal.ask_source(session, source_id, None, now())
    remove_marked(f"Source {source_id}")
