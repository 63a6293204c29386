"""Who may do what, by the roles that a person has."""

from desk.base.errors import NotAllowed
from desk.base.words import RoleName
from desk.models import User

WRITERS = (RoleName.AGENT, RoleName.LEAD, RoleName.ADMIN)


def may_write(user: User) -> bool:
    """Analysts only read."""
    return user.has(*WRITERS)


def require_writer(user: User) -> None:
    """Analysts only read. Raises NotAllowed."""
    if not may_write(user):
        raise NotAllowed("You have read-only access. Ask an administrator for the agent role.")


def is_at_work(user: User) -> bool:
    """Whether cases may be his: he can sign in, and his role does more than read."""
    return user.active and may_write(user)


def is_senior(user: User) -> bool:
    return user.has(RoleName.LEAD, RoleName.ADMIN)
