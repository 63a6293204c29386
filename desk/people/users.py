"""The people of the desk: finding them, adding them, and what each chose for himself. Never sees a plain password."""

import secrets
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base.errors import Conflict, Invalid, NotFound
from desk.models import Role, Team, User
from desk.people import permissions

__all__ = [
    "LOCALES",
    "THEMES",
    "Session",
    "add",
    "by_email",
    "choose_locale",
    "choose_theme",
    "colleagues",
    "everybody",
    "keep_address",
    "teams",
]

LOCALES = ("ru", "en")
THEMES = ("auto", "light", "dark")


def keep_address(email: str) -> str:
    """The form under which an address is stored and looked up. Raises Invalid for what cannot be one."""
    address = email.strip().casefold()
    name, at, host = address.rpartition("@")
    if not (name and at and host) or len(address) > 255 or any(c.isspace() for c in address):
        raise Invalid("%(email)s is not an e-mail address.", "email", email=repr(email))
    return address


def by_email(session: Session, email: str) -> User | None:
    return session.scalar(sa.select(User).where(User.email == email.strip().casefold()))


def add(
    session: Session,
    email: str,
    name: str,
    password_hash: str,
    roles: Sequence[str],
    team_key: str | None,
    now: datetime,
) -> User:
    """Raises Conflict when the address is taken and Invalid for an unknown role or team."""
    address = keep_address(email)
    if by_email(session, address) is not None:
        raise Conflict(f"{address} already has an account.", "exists")
    user = User(
        email=address,
        name=name.strip() or address,
        password=password_hash,
        active=True,
        created_at=now,
        fs_uniquifier=secrets.token_hex(16),
        team=_team(session, team_key),
        roles=_roles(session, roles),
        preferences={},
    )
    session.add(user)
    session.flush()
    return user


def teams(session: Session) -> list[Team]:
    return list(session.scalars(sa.select(Team).order_by(Team.id)))


def everybody(session: Session) -> list[User]:
    return list(session.scalars(sa.select(User).order_by(User.id)))


def colleagues(session: Session) -> list[User]:
    """Everybody who can own a case, by name."""
    people = session.scalars(sa.select(User).where(User.active).order_by(User.name, User.id))
    return [user for user in people if permissions.may_write(user)]


def names(session: Session) -> dict[int, str]:
    """Of everybody who ever was here, for the journal."""
    return {row.id: row.name for row in session.execute(sa.select(User.id, User.name))}


def load(session: Session, user_id: int) -> User:
    """Raises NotFound."""
    if (user := session.get(User, user_id)) is None:
        raise NotFound(f"There is no person {user_id}.")
    return user


def choose_locale(user: User, locale: str) -> None:
    """Raises Invalid for one that is not in LOCALES."""
    if locale not in LOCALES:
        raise Invalid("There is no interface in %(locale)s.", "locale", locale=repr(locale))
    user.locale = locale


def choose_theme(user: User, theme: str) -> None:
    """Raises Invalid for one that is not in THEMES."""
    if theme not in THEMES:
        raise Invalid("There is no theme %(theme)s.", "theme", theme=repr(theme))
    user.theme = None if theme == "auto" else theme


def _team(session: Session, key: str | None) -> Team | None:
    if key is None:
        return None
    team = session.scalar(sa.select(Team).where(Team.key == key))
    if team is None:
        raise Invalid("There is no team %(key)s.", "team", key=repr(key))
    return team


def _roles(session: Session, names: Sequence[str]) -> list[Role]:
    found = list(session.scalars(sa.select(Role).where(Role.name.in_(names))))
    if missing := set(names) - {role.name for role in found}:
        raise Invalid("There is no role %(names)s.", "roles", names=", ".join(sorted(missing)))
    if not found:
        raise Invalid("A person needs at least one role.", "roles")
    return found
