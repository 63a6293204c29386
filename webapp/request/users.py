"""Who signs in: desk's plain user with what Flask-Security asks of one, and adding people from a terminal."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from argon2 import PasswordHasher
from flask import session as cookie
from flask_security import RoleMixin, SQLAlchemyUserDatastore, UserMixin

from desk.base.errors import Invalid
from desk.models import Role, User
from desk.people import signed_in, users
from desk.people.users import Session
from webapp.request import clock, common_passwords, transaction

SIGN_IN = "sign_in"
"""Under which the cookie keeps what desk/people/signed_in.py knows this browser by."""
PASSWORD_LENGTH_MIN = 8
PASSWORD_LENGTH_MAX = 512


class WebUser(User, UserMixin):  # type: ignore[misc]  # UserMixin says list[RoleMixin], a mapped row Mapped[list[Role]]
    """Has no table of its own."""


# Flask-Security asks every role for its permissions when it learns who somebody is. Ours have none.
Role.get_permissions = RoleMixin.get_permissions


class Sessions:
    """What the datastore takes for a database: the session of the request that is running."""

    @property
    def session(self) -> Session:
        return transaction.session()


class Datastore(SQLAlchemyUserDatastore):
    """Reads and writes in the request's own transaction, and leaves the commit to it."""

    def __init__(self) -> None:
        super().__init__(Sessions(), WebUser, cast("type[RoleMixin]", Role))

    def commit(self) -> None:
        """The request commits once, at its end (webapp/request/transaction.py)."""

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> WebUser | None:
        del case_insensitive  # addresses are stored folded (desk/people/users.py), so the index answers
        if "fs_uniquifier" in kwargs:
            # What a cookie says is worth nothing without the sign-in that it belongs to.
            return signed_in.person(
                transaction.session(), WebUser, sign_in_key(), str(kwargs["fs_uniquifier"]), clock.now()
            )
        if "email" in kwargs:
            kwargs["email"] = str(kwargs["email"]).strip().casefold()
        found = super().find_user(case_insensitive=False, **kwargs)
        return found if isinstance(found, WebUser) else None


def sign_in_key() -> str:
    """By which the sign-in of this request is known; empty for a stranger."""
    return str(cookie.get(SIGN_IN, ""))


def add_user(
    session: Session,
    email: str,
    name: str,
    password: str,
    roles: Sequence[str],
    team_key: str | None,
    now: datetime,
) -> User:
    """Raises Invalid for a weak password, and what desk.people.users.add raises."""
    return users.add(session, email, name, keep_password(password), roles, team_key, now)


def keep_password(password: str) -> str:
    """The argon2 hash under which sign-in will know it again. Raises Invalid when it is too short, too long or one
    that everybody tries first."""
    normal = unicodedata.normalize("NFKD", password)  # as Flask-Security does before it compares
    if not PASSWORD_LENGTH_MIN <= len(normal) <= PASSWORD_LENGTH_MAX:
        raise Invalid(
            f"A password has {PASSWORD_LENGTH_MIN} to {PASSWORD_LENGTH_MAX} characters.", "password"
        )
    if common_passwords.is_common(password):
        raise Invalid(
            "This password is one of those that are tried first. Take a few words that only you would put together.",
            "password",
        )
    return PasswordHasher().hash(normal)
