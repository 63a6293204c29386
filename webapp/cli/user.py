"""`otklik user`: who signs in."""

import secrets

import click

from desk import db, staff
from desk import people as desk_people
from desk.errors import NotFound
from desk.models import User
from webapp import people
from webapp.cli.ground import as_json, now, require_database, show


@click.group()
def user() -> None:
    """The people of the desk."""


@user.command()
@click.argument("email")
@click.option("--name", default="", help="As colleagues call him.")
@click.option(
    "--role", type=click.Choice(["agent", "lead", "analyst", "admin"]), default="agent", show_default=True
)
@click.option("--team", type=click.Choice(["service", "marketing"]), help="Whose queue is his.")
@click.option("--password", help="Without it one is made up and printed once.")
def add(email: str, name: str, role: str, team: str | None, password: str | None) -> None:
    """Add a person who may sign in."""
    require_database()
    chosen = password or secrets.token_urlsafe(9)
    with db.transaction() as session:
        made = people.add_user(session, email, name, chosen, [role], team, now())
        click.echo(f"{made.email} may sign in as {role}.")
    if password is None:
        click.echo(f"Password (shown once): {chosen}")


@user.command("password")
@click.argument("email")
def new_password(email: str) -> None:
    """Give a person a new password, printed once; whoever is signed in under the old one is signed out."""
    require_database()
    chosen = secrets.token_urlsafe(9)
    with db.transaction() as session:
        staff.keep_new_password(session, _known(session, email).id, people.keep_password(chosen))
    click.echo(f"Password of {email} (shown once): {chosen}")


@user.command("deactivate")
@click.argument("email")
def deactivate(email: str) -> None:
    """Shut a person out: signed out everywhere, and the cases in his hands go back to their teams."""
    require_database()
    with db.transaction() as session:
        staff.deactivate(session, _known(session, email).id, None, now())
    click.echo(f"{email} cannot sign in any more. What was in his hands waits for its team again.")


@user.command("activate")
@click.argument("email")
def activate(email: str) -> None:
    """Let a person sign in again. His old cases stay where they are now."""
    require_database()
    with db.transaction() as session:
        staff.activate(session, _known(session, email).id)
    click.echo(f"{email} may sign in again.")


def _known(session: desk_people.Session, email: str) -> User:
    if (found := desk_people.by_email(session, email)) is None:
        raise NotFound(f"Nobody signs in as {email}.")
    return found


@user.command("list")
@as_json
def list_users(is_json: bool) -> None:
    """Everybody who may sign in."""
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
    show(rows, is_json, empty="There is nobody yet. Add a person: otklik user add EMAIL")
