"""`otklik account`: credentials that several sources of one site share."""

import click

import channels
from channels.contract import Place, Renews, Replies
from channels.errors import ChannelError
from desk.base import db
from desk.base.errors import DeskError, Invalid
from desk.brands import brands
from desk.models import Account
from desk.sources import accounts, places
from webapp.accounts import credentials
from webapp.cli import source_fields
from webapp.cli.common import as_json, now, require_database, show


@click.group()
def account() -> None:
    """Credentials that several sources of one site share."""


@account.command("list")
@as_json
def list_accounts(is_json: bool) -> None:
    """All accounts, and whether a site still accepts them."""
    require_database()
    with db.snapshot() as session:
        found = [_row(one, len(accounts.used_by(session, one.id))) for one in accounts.all_accounts(session)]
    show(found, is_json, empty="There is no account yet. Add one: otklik account add KIND --title NAME")


def _row(found: Account, sources: int) -> dict[str, object]:
    return {
        "id": found.id,
        "kind": found.kind,
        "title": found.title,
        "brand": found.brand.name,
        "state": found.state,
        "error": found.error,
        "expires_at": found.expires_at,
        "sources": sources,
    }


@account.command()
@click.argument("kind")
@click.option("--title", required=True, help="The name shown in lists.")
@click.option(
    "--brand", "brand_name", metavar="NAME", help="Whose account it is; not needed where there is one brand."
)
@source_fields.told
def add(
    kind: str, title: str, brand_name: str | None, values: tuple[str, ...], secrets: tuple[str, ...],
    files: tuple[str, ...],
) -> None:  # fmt: skip
    """Add an account at sites of KIND, which is a channel. `otklik source add --account ID` then shares it."""
    require_database()
    source_fields.known_fields(kind)
    plain, secret = _read(kind, values, secrets, files)
    with db.transaction() as session:
        known = brands.all_brands(session)
        if brand_name is None and len(known) != 1:
            raise Invalid("Name the brand with --brand NAME.", "brand")
        brand = known[0] if brand_name is None else brands.named(session, brand_name)
        made = accounts.add(
            session, brand, kind, title=title, settings_values=plain, secrets=secret, now=now()
        )
        click.echo(f"Account {made.id}: {made.kind}, {made.title}")


@account.command("set")
@click.argument("account_id", type=int)
@click.option("--title", help="Another name.")
@source_fields.told
@click.option("--forget", multiple=True, metavar="NAME", help="A stored credential to delete. Repeatable.")
def set_values(
    account_id: int, title: str | None, values: tuple[str, ...], secrets: tuple[str, ...],
    files: tuple[str, ...], forget: tuple[str, ...],
) -> None:  # fmt: skip
    """Change an account; an empty value deletes a setting. Its sources are read again with what it holds then."""
    require_database()
    with db.transaction() as session:
        found = accounts.load(session, account_id)
        plain, secret = _read(found.kind, values, secrets, files)
        source_fields.demand_known(found.kind, forget)
        accounts.change(
            session, account_id, title=title or found.title, settings_values={**found.settings, **plain},
            fresh=secret, forget=forget, now=now(),
        )  # fmt: skip
    click.echo(f"Account {account_id}: saved.")


@account.command()
@click.argument("account_id", type=int)
def remove(account_id: int) -> None:
    """Delete an account that no source uses."""
    require_database()
    with db.transaction() as session:
        if used := [one.id for one in accounts.used_by(session, account_id)]:
            listed = ", ".join(map(str, used))
            raise Invalid(f"Sources use this account: {listed}. Give them another one, or remove them.")
        accounts.remove(session, account_id, now())
    click.echo(f"Account {account_id}: removed.")


@account.command()
@click.argument("account_id", type=int)
def check(account_id: int) -> None:
    """Ask the site whether it still takes the account; a token is renewed by that. Nothing is published."""
    require_database()
    with db.snapshot() as session:
        found = accounts.load(session, account_id)
        kind, place = found.kind, Place.of(places.place_of_account(found))
    if not isinstance(channels.channel(kind), Renews | Replies):
        raise Invalid("This channel has nothing that could be checked without a source: otklik source check.")
    try:
        credentials.ask(account_id, kind, place)
    except ChannelError as error:
        raise DeskError(f"The site did not accept the credentials: {error}") from None
    click.echo("The site accepts the credentials.")


def _read(
    kind: str, values: tuple[str, ...], secrets: tuple[str, ...], files: tuple[str, ...]
) -> tuple[dict[str, str], dict[str, str]]:
    """Only what belongs to an account. Raises Invalid."""
    plain, secret = source_fields.read(kind, values, secrets, files)
    source_fields.demand_scope(kind, (*plain, *secret), "account")
    return plain, secret
