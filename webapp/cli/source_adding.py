"""`otklik source add`: by an address that is looked at first, or by the channel alone where it has none."""

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import click

import channels
from channels import detect as detection
from channels.contract import About, Collects, Finding, Receives, Replies, Subscribes, Text
from channels.errors import ChannelError, Forbidden
from channels.wire.address_rules import refuse_reason
from desk.base import db, settings
from desk.base.errors import DeskError, Invalid
from desk.base.words import Arrival
from desk.brands import brands
from desk.models import Brand, Source
from desk.people.users import Session
from desk.pipeline import brand_setup
from desk.sources import accounts, deliveries, sources
from webapp.cli import asking, source_fields
from webapp.cli.common import now, require_database


@dataclass(frozen=True, slots=True)
class Given:
    """What stands on the command line beside the address and the fields of the channel."""

    brand_name: str | None
    account_id: int | None
    own_ids: tuple[str, ...]
    interval: int | None


@click.command()
@click.argument("url", required=False, default="")
@click.option("--brand", "brand_name", help="For which brand; not needed when there is only one.")
@click.option(
    "--kind",
    callback=lambda _context, _param, kind: known_kind(kind),
    metavar="KIND",
    help="The kind of source (docs/channels.md); the address is then not checked first. A kind without addresses takes no URL.",
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
@source_fields.own_ids
@click.option("--every", "interval", type=int, metavar="SECONDS", help="How often to crawl: 60 to 604800.")
def add(
    url: str, brand_name: str | None, kind: str | None, title: str | None, values: tuple[str, ...],
    secrets: tuple[str, ...], files: tuple[str, ...], interval: int | None, account_id: int | None,
    own_ids: tuple[str, ...],
) -> None:  # fmt: skip
    """Add a source at URL. Without --kind Otklik checks the address and says what it found. What a service sends by itself
    has no URL: with its --kind you get the address of this desk to enter there.
    """
    require_database()
    found = _given(kind, url, title) if kind else _look(url)
    told = source_fields.read(found.kind, values, secrets, files)
    doubt = _demand_robots(found) if kind else None
    with db.transaction() as session:
        given = Given(brand_name, account_id, own_ids, interval)
        made = _made(session, replace(found, title=title or found.title), told, given)
        number, is_pushed = made.id, made.arrives is Arrival.PUSH
        click.echo(f"Source {made.id}: {made.kind}, {made.url if _has_address(found.kind) else made.title}")
    click.echo(_abilities(found.kind))
    if (terms := channels.channel(found.kind).about.terms) is not None:
        click.echo(terms.en)
    if doubt is not None:
        click.echo(
            f"robots.txt could not be read now ({doubt}). The source is saved; the crawl asks for robots.txt again.",
            err=True,
        )
    if is_pushed:
        show_push_address(number)
    else:
        click.echo(f"Next: otklik crawl {number}   (or let `otklik run` do it)")


def known_kind(kind: str | None) -> str | None:
    """Looked up when it is asked for. Raises BadParameter."""
    if kind is not None and kind not in channels.KINDS:
        raise click.BadParameter(f"'{kind}' is not one of {', '.join(sorted(channels.KINDS))}.")
    return kind


def show_push_address(source_id: int) -> None:
    """Prints where the site sends to and what to do with it. Raises NotFound, Invalid."""
    with db.snapshot() as session:
        source = sources.load(session, source_id)
        channel = channels.channel(source.kind) if source.kind in channels.KINDS else None
        if channel is None or not isinstance(channel, Receives) or source.push_nonce is None:
            raise Invalid(f"Nothing is sent to source {source_id}: it has no push address.")
        address = deliveries.address_of(source.id, source.push_nonce)
        about, is_told = channels.channel(source.kind).about, isinstance(channel, Subscribes)
    click.echo(f"Push address, for the site alone: {address}")
    click.echo(_setup(about, is_told=is_told))
    if settings.current().public_url is None:
        click.echo(
            "This desk has no public address, so a site on the internet cannot reach it: set OTKLIK_PUBLIC_URL, then"
            f" otklik source address {source_id}",
            err=True,
        )


def _setup(about: About, *, is_told: bool) -> str:
    if is_told:
        return "Otklik tells the site this address by itself; `otklik source list` says if that fails."
    where = about.push_setup or Text(
        "Enter it on the site where its notifications (webhooks) are set up.", ""
    )
    asked = [field.name for field in about.fields if field.part == "push"]
    same = f" The same in both, there and here: {', '.join(asked)} (otklik source set)." if asked else ""
    return f"{where.en}{same}"


def _made(
    session: Session, found: Finding, told: tuple[source_fields.Told, source_fields.Told], given: Given
) -> Source:
    (plain, shared), (secret, shared_secret) = (source_fields.by_scope(found.kind, one) for one in told)
    made = sources.add(
        session, _brand(session, given.brand_name, found), found.kind, found.url, title=found.title,
        settings_values=plain, secrets=secret, language=found.language, interval_seconds=given.interval, now=now(),
        own_ids=given.own_ids, arrives=Arrival(channels.channel(found.kind).about.arrives[0]),
        is_filtered=channels.channel(found.kind).about.search is not None,
    )  # fmt: skip
    account_id = given.account_id
    if account_id is None and (shared or shared_secret):
        account_id = accounts.add(
            session, made.brand, made.kind, title=made.title, settings_values=shared, secrets=shared_secret, now=now()
        ).id  # fmt: skip
    accounts.use(session, made, account_id)
    if isinstance(channels.channel(found.kind), Receives):
        deliveries.open_address(session, made, now())
    return made


def _has_address(kind: str) -> bool:
    return channels.channel(kind).about.address != "none"


def _given(kind: str, url: str, title: str | None) -> Finding:
    channel = channels.channel(kind)
    if not isinstance(channel, Collects | Receives):
        raise Invalid(f"A source of the kind {kind} is made by importing: otklik import FILE.", "kind")
    if not _has_address(kind):
        if url.strip():
            raise Invalid(f"A source of the kind {kind} has no address; leave the URL out.", "url")
        name = (title or "").strip() or channel.about.title.en
        return Finding(kind, sources.address_of_named(kind, name), name, channel.about.title, 1.0)
    _demand_url(url)
    found = detection.named(kind, url)
    reason = refuse_reason(url, settings.current().allow_private_addresses)
    if reason is not None and channel.about.address == "url":
        raise Invalid(str(reason), "url")
    return replace(found, title=title or urlsplit(found.url).hostname or found.title)


def _demand_url(url: str) -> None:
    if url.strip():
        return
    named = [kind for kind in channels.KINDS if not _has_address(kind) and _is_addable(kind)]
    without = f" Without a URL: --kind {' or '.join(named)}." if named else ""
    raise Invalid(f"Say the address: otklik source add URL.{without}", "url")


def _is_addable(kind: str) -> bool:
    return isinstance(channels.channel(kind), Collects | Receives)


def _demand_robots(finding: Finding) -> ChannelError | None:
    """Raises DeskError where robots.txt says no; returns why it could not be read, if it could not."""
    with asking.wire() as wire:
        refusal = detection.refusal(finding, asking.manners(wire))
    if isinstance(refusal, Forbidden):
        raise DeskError(_no(refusal))
    return refusal


def _look(url: str) -> Finding:
    _demand_url(url)
    with asking.wire() as wire:
        seen = detection.detect(url, wire, manners=asking.manners(wire))
    for finding in seen.findings:
        click.echo(f"Found: {finding.evidence.en}  [{finding.kind}] {finding.url}")
    if not seen.findings:
        raise DeskError(_no(seen.error))
    if len(seen.findings) > 1:
        click.echo(
            f"The first one is used. To choose another: otklik source add URL --kind {seen.findings[1].kind}"
        )
    return seen.findings[0]


def _no(error: ChannelError | None) -> str:
    instead = ""
    if isinstance(error, Forbidden) and "robots.txt" in str(error):
        instead = (
            " Ask the site's owner to allow Otklik, or import the reviews as a file: otklik import FILE.csv."
        )
    return f"Otklik cannot read this address: {error} Nothing was saved.{instead}"


def _brand(session: Session, name: str | None, found: Finding) -> Brand:
    if name is not None:
        return brands.named(session, name)
    known = brands.all_brands(session)
    if len(known) > 1:
        raise Invalid("There are several brands: name one with --brand NAME.", "brand")
    if known:
        return known[0]
    called = urlsplit(found.url).hostname or found.title
    click.echo(f"There was no brand yet, so one was created: “{called}”. You can rename it under Settings.")
    zone = settings.current().time_zone
    return brand_setup.create(session, called, words=[called], own_names=[called], time_zone=zone, now=now())


def _abilities(kind: str) -> str:
    channel: object = channels.channel(kind)
    if isinstance(channel, Replies):
        return "Otklik can read it, publish answers there and check that they are public."
    if not isinstance(channel, Collects):
        return "Otklik reads what is sent; answers are posted there by hand."
    return "Otklik can read it and notice published answers; answers are posted there by hand."
