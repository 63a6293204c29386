"""Sites that are told by us where to send, and when to stop: what the source wants, beside what the site was told last.

The row is the queue: `subscribe_at` is when somebody is to see to it. A channel that cannot tell its site has nothing done.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base import leases, vault
from desk.base.errors import Damaged, Invalid
from desk.base.words import SourceState
from desk.base.work import Pending
from desk.models import Source
from desk.sources import deliveries, places, sources
from desk.sources.places import Place

LEASE = timedelta(seconds=180)
PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
TRIES_OF_REMOVED = 5
"""So often a site is told that a source is no more; then it sends to an address that nobody has."""


@dataclass(frozen=True, slots=True)
class Change:
    """What the site is to be told: stop sending to `old`, begin sending to `new`, each an address or None. `nonce` is that of
    `new`."""

    source_id: int
    kind: str
    place: Place
    old: str | None
    new: str | None
    nonce: str | None


def waiting(session: Session, now: datetime) -> Pending:
    """Sources whose site is to be told. One that is leased is due again when its lease runs out."""
    return leases.pending(session, sa.select(Source.id).where(Source.subscribe_at <= now))


def claim(session: Session, now: datetime) -> Change | None:
    """The next one, leased by putting it off. What is stored damaged is put off, and says so."""
    due = sa.select(Source).where(Source.subscribe_at <= now).order_by(Source.subscribe_at).limit(1)
    source = session.scalars(due.with_for_update(of=Source, skip_locked=True)).first()
    if source is None:
        return None
    source.subscribe_at, source.subscribe_tries = now + LEASE, source.subscribe_tries + 1
    session.flush()
    try:
        place = places.place_of(session, source)
    except (Damaged, Invalid) as error:
        put_off(session, source.id, error.said, now)
        return claim(session, now)
    wanted, told = _wanted(source), source.subscribed_nonce
    return Change(
        source.id,
        source.kind,
        place,
        deliveries.address_of(source.id, told) if told and told != wanted else None,
        deliveries.address_of(source.id, wanted) if wanted and told != wanted else None,
        wanted,
    )


def stopped(session: Session, change: Change) -> None:
    """The site sends there no more."""
    sources.load(session, change.source_id).subscribed_nonce = None


def begun(
    session: Session, change: Change, secrets: Mapping[str, str], settings_values: Mapping[str, str]
) -> None:
    """The site sends there from now on; what it granted for that belongs to the source."""
    source = sources.load(session, change.source_id)
    source.subscribed_nonce = change.nonce
    source.secrets = vault.lock({**vault.unlock(source.secrets), **secrets})
    source.settings = {**source.settings, **settings_values}


def settle(session: Session, change: Change, now: datetime) -> None:
    """Done, unless the source wants something else by now."""
    source = sources.load(session, change.source_id)
    is_done = _wanted(source) == change.nonce
    source.subscribe_at, source.subscribe_tries, source.subscribe_error = None if is_done else now, 0, None


def put_off(session: Session, source_id: int, error: str, now: datetime) -> None:
    """The site could not be notified; it is tried again, ever later."""
    if (source := session.get(Source, source_id)) is None:
        return  # removed meanwhile
    source.subscribe_error = error[:2000]
    source.subscribe_at = now + min(PAUSE * 2 ** min(source.subscribe_tries, 10), LONGEST_PAUSE)


def is_open(source: Source) -> bool:
    """Whether the site is still to be told that nobody listens."""
    return source.subscribed_nonce is not None and source.subscribe_tries < TRIES_OF_REMOVED


def _wanted(source: Source) -> str | None:
    is_heard = source.state is SourceState.ACTIVE and source.removing_at is None
    return source.push_nonce if is_heard else None
