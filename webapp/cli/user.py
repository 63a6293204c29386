"""`otklik user`: who signs in."""

import secrets

import click

from desk.base import db
from desk.base.errors import NotFound
from desk.models import User
from desk.people import users as desk_people
from desk.pipeline import staff
from webapp.cli.common import as_json, now, require_database, show
from webapp.request import users


@click.group()
def user() -> None:
    """The people of the desk."""


@user.command()
@click.argument("email")
@click.option("--name", default="", help="The name that colleagues see.")
@click.option(
    "--role", type=click.Choice(["agent", "lead", "analyst", "admin"]), default="agent", show_default=True
)
@click.option(
    "--team", type=click.Choice(["service", "marketing"]), help="The team whose queue this person works on."
)
@click.option("--password", help="Without it, one is generated and printed once.")
def add(email: str, name: str, role: str, team: str | None, password: str | None) -> None:
    """Add a person who can sign in."""
    require_database()
    chosen = password or secrets.token_urlsafe(9)
    with db.transaction() as session:
        made = users.add_user(session, email, name, chosen, [role], team, now())
        click.echo(f"{made.email} can sign in as {role}.")
    if password is None:
        click.echo(f"Password (shown once): {chosen}")


@user.command("password")
@click.argument("email")
def new_password(email: str) -> None:
    """Give a person a new password, printed once. Sessions opened with the old one are ended."""
    require_database()
    chosen = secrets.token_urlsafe(9)
    with db.transaction() as session:
        staff.keep_new_password(session, _known(session, email).id, users.keep_password(chosen))
    click.echo(f"Password of {email} (shown once): {chosen}")


@user.command("deactivate")
@click.argument("email")
def deactivate(email: str) -> None:
    """Block a person's access: all sessions are ended, and their cases go back to the teams."""
    require_database()
    with db.transaction() as session:
        staff.deactivate(session, _known(session, email).id, None, now())
    click.echo(f"{email} can no longer sign in. The cases went back to their teams.")


@user.command("activate")
@click.argument("email")
def activate(email: str) -> None:
    """Let a person sign in again. Former cases stay where they are now."""
    require_database()
    with db.transaction() as session:
        staff.activate(session, _known(session, email).id)
    click.echo(f"{email} can sign in again.")


def _known(session: desk_people.Session, email: str) -> User:
    if (found := desk_people.by_email(session, email)) is None:
        raise NotFound(f"There is no account {email}. `otklik user list` shows all. Nothing was changed.")
    return found


@user.command("list")
@as_json
def list_users(is_json: bool) -> None:
    """Everybody with an account, blocked ones included."""
    require_database()
    with db.snapshot() as session:
        rows = [
            {
                "id": u.id,
                "email": u.email,
                "name": u.name,
                "roles": ", ".join(role.name for role in u.roles),
                "team": u.team.key if u.team else None,
                "active": u.active,
            }
            for u in desk_people.everybody(session)
        ]
    show(rows, is_json, empty="There are no accounts yet. Add one: otklik user add EMAIL")
