"""When the public page is looked at, and by whom: each look is planned, due, and leased to one worker."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base import leases, settings, wakeups
from desk.base.errors import Conflict
from desk.base.words import ReplyState
from desk.base.work import Pending
from desk.models import Reply, User
from desk.people import permissions
from desk.replies import lifecycle, replies
from desk.replies.outgoing import Outgoing, gather
from desk.replies.terms import LONGEST_WAIT_SECONDS, USUAL, Terms
from desk.sources import turns

# A verified answer is looked at once more, because sites remove things later.
SECOND_LOOK = timedelta(days=1)

LOOK_LEASE = timedelta(seconds=120)
"""Longer than a look may take: nobody else looks for that answer meanwhile."""

LOOKS_AT_ONCE = 100


def waits_of(terms: Terms) -> tuple[int, ...]:
    """Seconds from one look to the next; a setting may make them other ones, but not give looks where nobody can look."""
    return settings.current().verify_seconds or terms.looks_seconds if terms.looks_seconds else ()


def plan(reply: Reply, now: datetime, terms: Terms) -> None:
    """Sets the next look by the number of looks so far; None when there will be no more."""
    waits = waits_of(terms)
    reply.next_look_at = now + timedelta(seconds=waits[reply.looks]) if reply.looks < len(waits) else None


def longest_wait() -> timedelta:
    """No look is ever planned further ahead than this."""
    return max(SECOND_LOOK, timedelta(seconds=LONGEST_WAIT_SECONDS))


def begin(reply: Reply, now: datetime, terms: Terms) -> None:
    """From here on it is looked for."""
    reply.looks = reply.misses = 0
    plan(reply, now, terms)


def soon(session: Session, reply: Reply, now: datetime, terms: Terms) -> None:
    reply.next_look_at = now
    reply.looks = min(reply.looks, len(waits_of(terms)) - 1)
    wakeups.send(session, "verify")


def waiting(session: Session, now: datetime) -> Pending:
    """Looks that are due. One that is leased is due again when its lease runs out."""
    return leases.pending(session, sa.select(Reply.id).where(*_is_due(now)))


def due(session: Session, now: datetime, limit: int = 1000) -> list[Outgoing]:
    """Replies whose public page is to be looked at now; without credentials, as a stranger looks."""
    query = sa.select(Reply).where(*_is_due(now))
    due = {reply.id: reply for reply in session.scalars(query.order_by(Reply.next_look_at).limit(limit))}
    order = turns.in_turns([(reply.id, reply.source_id) for reply in due.values()])
    return [gather(session, due[reply_id], is_stranger=True) for reply_id in order[:LOOKS_AT_ONCE]]


def _is_due(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    wanted = lifecycle.TO_LOOK_FOR | {ReplyState.VANISHED}
    return Reply.state.in_(wanted), Reply.next_look_at <= now


def claim(session: Session, reply_id: int, now: datetime) -> bool:
    """Leases one look, so that two workers who were woken do not count it twice."""
    reply = replies.locked(session, reply_id)
    if reply.next_look_at is None or reply.next_look_at > now:
        return False
    reply.next_look_at = now + LOOK_LEASE
    return True


def again(session: Session, reply_id: int, user: User, now: datetime, terms: Terms = USUAL) -> Reply:
    """Asks for a look at the public page now. Raises NotFound, NotAllowed, Conflict (code "nothing_to_look_for")."""
    permissions.require_writer(user)
    reply = replies.locked(session, reply_id)
    if not terms.looks_seconds or reply.state not in lifecycle.TO_LOOK_FOR | {ReplyState.VANISHED}:
        raise Conflict("There is nothing to look for yet.", "nothing_to_look_for")
    soon(session, reply, now, terms)
    return reply
