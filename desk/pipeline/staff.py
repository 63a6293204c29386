"""What an administrator changes about people: role, team, name, whether they may sign in. Never sees a plain password."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base.errors import Conflict, Invalid
from desk.base.words import CaseStage, RoleName
from desk.cases import assignment
from desk.models import Case, Role, Team, User
from desk.people import permissions, signed_in, users


def everybody(session: Session) -> list[User]:
    """Those who may sign in first, then by name."""
    return list(session.scalars(sa.select(User).order_by(User.active.desc(), User.name, User.id)))


def workload(session: Session) -> dict[int, int]:
    """User id -> cases of his that nobody has answered yet."""
    query = (
        sa.select(Case.assignee_id, sa.func.count())
        .where(Case.stage == CaseStage.UNANSWERED, Case.assignee_id.is_not(None))
        .group_by(Case.assignee_id)
    )
    return {row[0]: row[1] for row in session.execute(query) if row[0] is not None}


def change(
    session: Session,
    user_id: int,
    *,
    name: str,
    roles: Sequence[str],
    team_key: str | None,
    by: User | None = None,
    now: datetime | None = None,
) -> User:
    """Whoever only reads from now on gives his cases back; another team takes none from him. Raises NotFound, Invalid,
    and Conflict (code "last_admin") where nobody would be left to administer."""
    user = users.load(session, user_id)
    if not name.strip():
        raise Invalid("The name is empty.", "name")
    found = list(session.scalars(sa.select(Role).where(Role.name.in_(roles))))
    if not found or len(found) != len(set(roles)):
        raise Invalid("A person needs at least one role, and only known ones.", "roles")
    team = session.scalar(sa.select(Team).where(Team.key == team_key)) if team_key else None
    if team_key and team is None:
        raise Invalid("There is no team %(team_key)s.", "team", team_key=repr(team_key))
    if RoleName.ADMIN not in roles:
        _require_another_admin(session, user)
    may_write = permissions.may_write(user)
    user.name, user.roles, user.team = " ".join(name.split())[:200], found, team
    session.flush()
    if may_write and not permissions.may_write(user):
        assignment.free_all_of(session, user, by, now or datetime.now(UTC), why="reads_only")
    return user


def deactivate(session: Session, user_id: int, by: User | None, now: datetime | None = None) -> User:
    """He is signed out everywhere, and what he had goes back to its teams; his drafts stay for whoever takes over.
    `by` None is the machine's own administrator. Raises NotFound, Conflict (code "self" or "last_admin")."""
    user = users.load(session, user_id)
    if by is not None and user.id == by.id:
        raise Conflict("You cannot block your own access.", code="self")
    _require_another_admin(session, user)
    # His cases are locked before his own row, in the order in which whoever gives him one locks them.
    assignment.lock_all_of(session, user)
    user.active, user.fs_uniquifier = False, secrets.token_hex(16)
    signed_in.end_all(session, user.id)
    session.flush()
    assignment.free_all_of(session, user, by, now or datetime.now(UTC), why="left")
    return user


def activate(session: Session, user_id: int) -> User:
    user = users.load(session, user_id)
    user.active = True
    session.flush()
    return user


def keep_new_password(session: Session, user_id: int, password_hash: str) -> User:
    """Whoever is signed in with the old one is signed out."""
    user = users.load(session, user_id)
    user.password, user.fs_uniquifier = password_hash, secrets.token_hex(16)
    signed_in.end_all(session, user.id)
    session.flush()
    return user


def _require_another_admin(session: Session, user: User) -> None:
    if not user.has(RoleName.ADMIN):
        return
    admins = session.scalars(
        sa.select(User).where(User.active, User.roles.any(Role.name == RoleName.ADMIN.value))
    )
    if not any(admin.id != user.id for admin in admins):
        raise Conflict(
            "Somebody has to administer this desk: make another person an administrator first.",
            code="last_admin",
        )
