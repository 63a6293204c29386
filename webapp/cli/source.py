"""`otklik source`: where we listen."""

from dataclasses import replace
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import click

import channels
from channels import detect as detection
from channels.contract import Channel, Finding, Place, Receives, Replies, Wire
from channels.errors import ChannelError, Forbidden
from channels.wire.address_rules import refuse_reason
from channels.wire.client import GuardedWire, Terms
from channels.wire.robots import Manners
from desk.base import db, settings
from desk.base.errors import DeskError, Invalid
from desk.base.words import Arrival
from desk.brands import brands
from desk.models import Brand, Source
from desk.operations import removal
from desk.people.users import Session
from desk.pipeline import brand_setup
from desk.sources import accounts, changes, deliveries, health, paces, places, sources
from webapp.cli import source_fields
from webapp.cli.common import as_json, now, remove_marked, require_database, show


@click.group()
def source() -> None:
    """The addresses this desk listens to."""


@source.command()
@click.argument("url")
@click.option("--brand", "brand_name", help="For which brand; not needed when there is only one.")
@click.option(
    "--kind",
    type=click.Choice(sorted(channels.KINDS)),
    help="The kind of source; the address is then not checked first.",
)
@click.option("--title", help="The name shown in lists.")
@source_fields.told
@click.option(
    "--account",
    "account_id",
    type=int,
    metavar="ID",
    help="The account that it shares (otklik account list).",
)
@click.option(
    "--own-id",
    "own_ids",
    multiple=True,
    metavar="ID",
    help="The id under which the brand itself writes there. Repeatable.",
)
@click.option("--every", "interval", type=int, metavar="SECONDS", help="How often to crawl: 60 to 604800.")
def add(
    url: str, brand_name: str | None, kind: str | None, title: str | None, values: tuple[str, ...],
    secrets: tuple[str, ...], files: tuple[str, ...], interval: int | None, account_id: int | None,
    own_ids: tuple[str, ...],
) -> None:  # fmt: skip
    """Add a source at URL. Without --kind Otklik checks the address and says what it found."""
    require_database()
    found = _given(kind, url, title) if kind else _look(url)
    told = source_fields.read(found.kind, values, secrets, files)
    (plain, shared), (secret, shared_secret) = (source_fields.by_scope(found.kind, one) for one in told)
    doubt = _demand_robots(found) if kind else None
    with db.transaction() as session:
        made = sources.add(
            session, _brand(session, brand_name, url), found.kind, found.url, title=title or found.title,
            settings_values=plain, secrets=secret, language=found.language, interval_seconds=interval, now=now(),
            own_ids=own_ids,
            arrives=Arrival(channels.channel(found.kind).about.arrives[0]),
        )  # fmt: skip
        if account_id is None and (shared or shared_secret):
            account_id = accounts.add(
                session, made.brand, made.kind, title=made.title, settings_values=shared, secrets=shared_secret, now=now()
            ).id  # fmt: skip
        accounts.use(session, made, account_id)
        if isinstance(channels.channel(found.kind), Receives):
            deliveries.open_address(session, made, now())
        click.echo(f"Source {made.id}: {made.kind}, {made.url}")
    click.echo(_abilities(found.kind))
    if (terms := channels.channel(found.kind).about.terms) is not None:
        click.echo(terms.en)
    if doubt is not None:
        click.echo(
            f"robots.txt could not be read now ({doubt}). The source is saved; the crawl asks for robots.txt again.",
            err=True,
        )
    click.echo(f"Next: otklik crawl {made.id}   (or let `otklik run` do it)")


def _given(kind: str, url: str, title: str | None) -> Finding:
    found = detection.named(kind, url)
    reason = refuse_reason(url, settings.current().allow_private_addresses)
    if reason is not None and channels.channel(kind).about.address == "url":
        raise Invalid(str(reason), "url")
    return replace(found, title=title or urlsplit(found.url).hostname or found.title)


def _demand_robots(finding: Finding) -> ChannelError | None:
    """Raises DeskError where robots.txt says no; returns why it could not be read, if it could not."""
    with _wire() as wire:
        refusal = detection.refusal(finding, _manners(wire))
    if isinstance(refusal, Forbidden):
        raise DeskError(_no(refusal))
    return refusal


def _look(url: str) -> Finding:
    with _wire() as wire:
        seen = detection.detect(url, wire, manners=_manners(wire))
    for finding in seen.findings:
        click.echo(f"Found: {finding.evidence.en}  [{finding.kind}] {finding.url}")
    if not seen.findings:
        raise DeskError(_no(seen.error))
    if len(seen.findings) > 1:
        click.echo(
            f"The first one is used. To choose another: otklik source add URL --kind {seen.findings[1].kind}"
        )
    return seen.findings[0]


def _wire(place: Place | None = None, channel: Channel | None = None) -> GuardedWire:
    chosen = settings.current()
    terms = Terms(
        chosen.user_agent,
        chosen.allow_private_addresses,
        chosen.crawl_timeout_seconds,
        120.0,
        reserve=paces.take_turn,
    )
    return GuardedWire(terms, now(), place or Place(""), channel)


def _manners(wire: Wire) -> Manners:
    return Manners(wire, settings.current().user_agent)


def _no(error: ChannelError | None) -> str:
    instead = ""
    if isinstance(error, Forbidden) and "robots.txt" in str(error):
        instead = (
            " Ask the site's owner to allow Otklik, or import the reviews as a file: otklik import FILE.csv."
        )
    return f"Otklik cannot read this address: {error} Nothing was saved.{instead}"


def _brand(session: Session, name: str | None, url: str) -> Brand:
    if name is not None:
        return brands.named(session, name)
    known = brands.all_brands(session)
    if len(known) > 1:
        raise Invalid("There are several brands: name one with --brand NAME.", "brand")
    if known:
        return known[0]
    host = urlsplit(url).hostname or "brand"
    click.echo(f"There was no brand yet, so one was created: “{host}”. You can rename it under Settings.")
    zone = settings.current().time_zone
    return brand_setup.create(session, host, words=[host], own_names=[host], time_zone=zone, now=now())


def _abilities(kind: str) -> str:
    if isinstance(channels.channel(kind), Replies):
        return "Otklik can read it, publish answers there and check that they are public."
    return "Otklik can read it and notice published answers; answers are posted there by hand."


@source.command("set")
@click.argument("source_id", type=int)
@source_fields.told
@click.option("--forget", multiple=True, metavar="NAME", help="A stored credential to delete. Repeatable.")
def set_values(
    source_id: int, values: tuple[str, ...], secrets: tuple[str, ...], files: tuple[str, ...],
    forget: tuple[str, ...],
) -> None:  # fmt: skip
    """Change settings and credentials of a source; an empty value deletes a setting. Without options: list its fields."""
    require_database()
    with db.transaction() as session:
        found = sources.load(session, source_id)
        plain, secret = source_fields.read(found.kind, values, secrets, files)
        source_fields.demand_known(found.kind, forget)
        if not (plain or secret or forget):
            for field in source_fields.known_fields(found.kind).values():
                click.echo(source_fields.described(field))
            return
        source_fields.demand_scope(found.kind, (*plain, *secret), "source")
        changes.change_settings(session, source_id, plain)
        changes.change_secrets(session, source_id, secret, forget)
    click.echo(f"Source {source_id}: saved.")


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


def _row(found: Source, mentions: int, is_damaged: bool) -> dict[str, object]:
    return {
        "id": found.id,
        "kind": found.kind,
        "url": found.url,
        "title": found.title,
        "brand": found.brand.name,
        "state": found.state.value,
        "error": sources.DAMAGED if is_damaged else found.error,
        "error_kind": "damaged" if is_damaged else found.error_kind,
        "mentions": mentions,
        "last_success_at": found.last_success_at,
        "next_crawl_at": found.next_crawl_at,
    }


@source.command()
@click.argument("source_id", type=int)
def check(source_id: int) -> None:
    """Check that the source can be read and its credentials are accepted. Nothing is written there."""
    require_database()
    with db.snapshot() as session:
        found = sources.load(session, source_id)
        place = Place.of(places.place_of(session, found))
        kind = found.kind
    channel = channels.channel(kind)
    with _wire() as wire:
        seen = detection.detect(place.url, wire, manners=_manners(wire))
        if not seen.findings:
            raise DeskError(f"The address cannot be read now: {seen.error}")
        click.echo(f"Readable: {seen.findings[0].evidence.en}")
    if isinstance(channel, Replies) and place.secrets:
        try:
            with _wire(place, channel) as wire:
                rights = channel.check(place, wire)
        except ChannelError as error:
            raise DeskError(f"The site did not accept the credentials: {error}") from None
        signed = f" Answers are signed by {rights.signs_as}." if rights.signs_as else ""
        click.echo(f"The site accepts the credentials.{signed}")


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
