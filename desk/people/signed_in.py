"""Who is signed in where. A cookie can be copied, so each browser's sign-in is a row, and signing out removes it."""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.models import SignIn, User

LASTS = timedelta(days=30)
Person = TypeVar("Person", bound=User)


def begin(session: Session, user_id: int, browser: str, now: datetime) -> str:
    """The key of a new sign-in, for the browser's cookie. Those that are over are cleared away."""
    session.execute(sa.delete(SignIn).where(SignIn.ends_at <= now))
    key = secrets.token_hex(32)
    session.add(SignIn(key=key, user_id=user_id, browser=browser[:80], began_at=now, ends_at=now + LASTS))
    session.flush()
    return key


def person(session: Session, kind: type[Person], key: str, uniquifier: str, now: datetime) -> Person | None:
    """Whose sign-in that is, as a row of that class; None when it has ended or he may not sign in any more."""
    query = (
        sa.select(kind)
        .join(SignIn, SignIn.user_id == kind.id)
        .where(SignIn.key == key, SignIn.ends_at > now, kind.fs_uniquifier == uniquifier, kind.active)
    )
    return session.scalar(query)


def living(session: Session, keys: Collection[str]) -> frozenset[str]:
    """Those of them that have not been ended."""
    return frozenset(session.scalars(sa.select(SignIn.key).where(SignIn.key.in_(keys))))


def of_person(session: Session, user_id: int, now: datetime) -> Sequence[SignIn]:
    """The newest first."""
    query = sa.select(SignIn).where(SignIn.user_id == user_id, SignIn.ends_at > now)
    return list(session.scalars(query.order_by(SignIn.began_at.desc(), SignIn.key)))


def end(session: Session, key: str) -> None:
    session.execute(sa.delete(SignIn).where(SignIn.key == key))


def end_all(session: Session, user_id: int, but: str | None = None) -> None:
    """Signs a person out everywhere, but for the sign-in that is named."""
    session.execute(sa.delete(SignIn).where(SignIn.user_id == user_id, SignIn.key != (but or "")))
