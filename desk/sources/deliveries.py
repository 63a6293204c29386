"""What sites send to us: taken in at an address that only they know, kept as it came, read later, and deleted in the end.

The row is committed before the site is answered, so what it was told to be taken is never lost. What the channel makes of it is
stored together with the word that it was read (workers/receiving.py), so it is told once, however often a worker dies.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from desk.base import leases, settings, wakeups
from desk.base.sentences import Sentence
from desk.base.words import DeliveryState, SourceState
from desk.base.work import Pending
from desk.models import Delivery, Source
from desk.sources import sources

PATH = "/in"
LEASE = timedelta(seconds=120)
MOST_TRIES = 5
AT_ONCE = 50
DELETED_AT_ONCE = 500
TIRED = Sentence(
    "Whoever read it ended each time before it was done. It is kept; try it again after the next upgrade.",
    "Каждый раз чтение обрывалось, не дойдя до конца. Сообщение сохранено: повторите после следующего обновления.",
)


class Received(Protocol):
    """What a channel keeps of a request; channels.contract.Page has this shape."""

    @property
    def url(self) -> str: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...
    @property
    def role(self) -> str: ...
    @property
    def context(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Tally:
    """How many deliveries of a source wait, and how many could not be read."""

    waiting: int = 0
    failed: int = 0


def token(source: Source) -> str | None:
    """The last part of the address that the site sends to; None for a source that has none. It is made of the key in the
    home folder and a word of the row, so that nobody learns it from the database alone."""
    return None if source.push_nonce is None else token_of(source.id, source.push_nonce)


def token_of(source_id: int, nonce: str) -> str:
    said = f"push:{source_id}:{nonce}".encode()
    made = hmac.new(settings.current().key("vault").encode(), said, hashlib.sha256).digest()
    return f"{source_id}-{base64.urlsafe_b64encode(made).decode()[:32]}"


def address_of(source_id: int, nonce: str) -> str:
    """Where the site sends to, by the public name of this desk."""
    return f"{settings.current().address.rstrip('/')}{PATH}/{token_of(source_id, nonce)}"


def open_address(session: Session, source: Source, now: datetime) -> None:
    """Gives the source an address to send to, or another one: the old one is unknown from now on. A site that can be told by
    us is told by a worker."""
    source.push_nonce = secrets.token_hex(16)
    source.subscribe_at, source.subscribe_tries = now, 0
    session.flush()
    wakeups.send(session, "subscribe")


def source_of(session: Session, given: str) -> Source | None:
    """Whose address that is, compared in constant time; None for nobody's."""
    number = given.partition("-")[0]
    is_id = number.isascii() and number.isdigit() and len(number) <= 9
    source = session.get(Source, int(number)) if is_id else None
    known = token(source) if source is not None and source.removing_at is None else None
    is_known = hmac.compare_digest((known or "").encode(), given.encode("utf-8", "replace"))
    return source if known is not None and is_known else None


def keep(session: Session, source_id: int, received: Received, key: str | None, now: datetime) -> bool:
    """Whether it is new; a repeat of the same key is dropped by the database. Wakes "receive" after the commit."""
    row = {
        "source_id": source_id,
        "key": _key(key),
        "url": received.url[:2000],
        "role": received.role[:40],
        "headers": dict(received.headers),
        "context": dict(received.context),
        "body": received.body,
        "received_at": now,
        "state": DeliveryState.NEW,
        "tries": 0,
    }
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert(Delivery) if is_sqlite else postgresql.insert(Delivery)
    kept = session.scalar(insert.values(**row).on_conflict_do_nothing().returning(Delivery.id))
    if kept is not None:
        _count(session, source_id, now)
        wakeups.send(session, "receive")
    return kept is not None


def _count(session: Session, source_id: int, now: datetime) -> None:
    """In the row of the source, which outlives what was sent."""
    count = {"received_at": now, "received_count": Source.received_count + 1}
    of_source = sa.update(Source).where(Source.id == source_id).values(count)
    session.execute(of_source.execution_options(synchronize_session=False))


def waiting(session: Session, now: datetime) -> Pending:
    """What is not read yet. Of a paused source it waits until the source is resumed."""
    new = _new()
    is_free = leases.is_free(Delivery.claimed_until, now)
    return leases.pending(session, new.where(is_free), new.where(~is_free))


def claim(session: Session, now: datetime, limit: int = AT_ONCE) -> list[Delivery]:
    """The oldest ones of one source, leased to the caller, in the order in which they came. Those of one source are never
    read by two at a time: an older wording would take the place of a newer one."""
    held = sa.select(Delivery.source_id).where(
        Delivery.state == DeliveryState.NEW, Delivery.claimed_until >= now
    )
    free = _new().where(Delivery.source_id.not_in(held)).with_only_columns(Delivery.source_id)
    oldest = session.scalar(free.order_by(Delivery.id).limit(1))
    if oldest is None:
        return []
    lock = sa.select(Source.id).where(Source.id == oldest).with_for_update()
    session.execute(lock)
    if session.scalar(held.where(Delivery.source_id == oldest).limit(1)) is not None:
        return []
    query = sa.select(Delivery).where(Delivery.source_id == oldest, Delivery.state == DeliveryState.NEW)
    found = list(session.scalars(query.order_by(Delivery.id).limit(limit)))
    if found and found[0].tries:
        # Somebody has ended over one of these: one at a time, so that it takes no other along.
        found = found[:1]
    for one in found:
        one.claimed_until, one.tries = now + LEASE, one.tries + 1
        if one.tries > MOST_TRIES:
            fail(session, one.id, "error", TIRED)
    session.flush()
    # Of what was put aside nothing is left to do; the next ones are.
    return [one for one in found if one.state is DeliveryState.NEW] or (
        claim(session, now, limit) if found else []
    )


def settle(session: Session, delivery_id: int, now: datetime) -> bool:
    """It was read; in the transaction that stores what it said. False where it was read by somebody else meanwhile."""
    row = _locked(session, delivery_id)
    if row is None or row.state is not DeliveryState.NEW:
        return False
    row.state, row.claimed_until, row.error, row.error_kind = DeliveryState.READ, None, None, None
    source = sources.load(session, row.source_id)
    source.last_success_at = now
    return True


def fail(session: Session, delivery_id: int, kind: str, error: str) -> None:
    """It cannot be read. It is kept, shown with its source, and read again when somebody asks for it."""
    row = _locked(session, delivery_id)
    if row is not None and row.state is DeliveryState.NEW:
        row.state, row.claimed_until = DeliveryState.FAILED, None
        row.error_kind, row.error = kind[:40], error[:2000]


def try_again(session: Session, source_id: int) -> int:
    """What could not be read waits once more; returns how many."""
    again = sa.update(Delivery).where(Delivery.source_id == source_id, Delivery.state == DeliveryState.FAILED)
    fresh = {"state": DeliveryState.NEW, "tries": 0, "claimed_until": None}
    count = len(session.scalars(again.values(fresh).returning(Delivery.id)).all())
    if count:
        wakeups.send(session, "receive")
    return count


def failed(session: Session, source_id: int, limit: int = 20) -> list[Delivery]:
    """Those that could not be read, newest first."""
    query = sa.select(Delivery).where(Delivery.source_id == source_id, Delivery.state == DeliveryState.FAILED)
    return list(
        session.scalars(query.options(sa.orm.defer(Delivery.body)).order_by(Delivery.id.desc()).limit(limit))
    )


def tallies(session: Session, source_ids: Sequence[int]) -> dict[int, Tally]:
    """By source; one query, over what is not read. Those with none are not in it."""
    waits, lies = (
        sa.func.sum(sa.case((Delivery.state == state, 1), else_=0))
        for state in (DeliveryState.NEW, DeliveryState.FAILED)
    )
    of_these = (
        Delivery.source_id.in_(source_ids),
        Delivery.state.in_((DeliveryState.NEW, DeliveryState.FAILED)),
    )
    query = sa.select(Delivery.source_id, waits, lies).where(*of_these).group_by(Delivery.source_id)
    return {row[0]: Tally(row[1], row[2]) for row in session.execute(query)}


def sweep(session: Session, now: datetime) -> int:
    """Deletes what is older than the setting says and does not wait to be read; returns how many, a batch at most."""
    cut_off = now - timedelta(days=settings.current().delivery_days)
    is_old = sa.and_(Delivery.state != DeliveryState.NEW, Delivery.received_at < cut_off)
    chosen = sa.select(Delivery.id).where(is_old).limit(DELETED_AT_ONCE)
    gone = sa.delete(Delivery).where(Delivery.id.in_(chosen)).returning(Delivery.id)
    return len(session.scalars(gone.execution_options(synchronize_session=False)).all())


def _new() -> sa.Select[int]:
    is_read = sa.and_(Source.state != SourceState.PAUSED, Source.removing_at.is_(None))
    return (
        sa.select(Delivery.id)
        .join(Source, Source.id == Delivery.source_id)
        .where(Delivery.state == DeliveryState.NEW, is_read)
    )


def _locked(session: Session, delivery_id: int) -> Delivery | None:
    query = sa.select(Delivery).where(Delivery.id == delivery_id).with_for_update(of=Delivery)
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def _key(key: str | None) -> str | None:
    """As it is stored: one too long for the column is replaced by its hash."""
    if not key:
        return None
    clean = key.replace("\0", "").encode("utf-8", "replace").decode()
    return clean if len(clean) <= 255 else "sha256:" + hashlib.sha256(clean.encode()).hexdigest()
