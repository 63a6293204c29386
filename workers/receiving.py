"""What sites have sent to us is read by the same `parse` that reads pages. What it says, and that it was read, are one
transaction."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeVar

import channels
from channels import errors
from channels.contract import (
    AnswerSeen,
    Fetch,
    Moved,
    Page,
    Parsed,
    Place,
    Reads,
    Remark,
    Remember,
    Sighting,
    Text,
    Withdrawn,
)
from channels.wire.redaction import Redaction
from desk.base import db, logs
from desk.base.errors import DeskError
from desk.base.sentences import Sentence
from desk.base.words import RemarkOrigin
from desk.models import Delivery
from desk.people.users import Session
from desk.pipeline import arrivals
from desk.replies.terms import Terms
from desk.sources import changes, crawls, deliveries, places, remarks, sources

T = TypeVar("T")
log = logs.logger()


def claim() -> list[Delivery]:
    with db.transaction() as session:
        return deliveries.claim(session, datetime.now(UTC))


def read(found: Sequence[Delivery]) -> int:
    """How many had their turn. Those that cannot be read are kept and say why."""
    for delivery in found:
        try:
            _read(delivery)
        except db.Busy as error:
            log.warning("delivery_waits", delivery=delivery.id, error=logs.words(error))
            raise
        except (errors.ChannelError, DeskError) as error:
            _fail(delivery, getattr(error, "kind", "error"), _said(error))
        except Exception as error:  # the job border: others wait
            log.exception("delivery_failed", delivery=delivery.id, source=delivery.source_id)
            name = type(error).__name__
            said = Sentence(
                f"It could not be read: an error of Otklik itself ({name}).",
                f"Прочитать не удалось: ошибка самого Отклика ({name}).",
            )
            _fail(delivery, "error", said)
    return len(found)


def _read(delivery: Delivery) -> None:
    with db.snapshot() as session:
        source = sources.load(session, delivery.source_id)
        kind, place = source.kind, Place.of(places.place_of(session, source))
    channel = channels.channel(kind)
    if not isinstance(channel, Reads):
        raise errors.Unreadable(
            Text(
                "This channel does not read what is sent to it.",
                "Этот канал не читает того, что ему присылают.",
            )
        )
    parts = list(channel.parse(place, _page(delivery)))
    now = datetime.now(UTC)
    with db.transaction() as session:
        if deliveries.settle(session, delivery.id, now):
            _store(session, delivery.source_id, parts, _said_beside(parts, place), now)


def _said_beside(parts: Sequence[Parsed], place: Place) -> list[str]:
    """What is to stand on the source's page; no line holds one of its secrets, whoever wrote it."""
    secrets = Redaction(place.secrets.values())
    return [Sentence.of(secrets.redact_text(remark.text)) for remark in _those(Remark, parts)]


def _store(
    session: Session, source_id: int, parts: Sequence[Parsed], said: Sequence[str], now: datetime
) -> None:
    source = sources.load(session, source_id)
    recorded = arrivals.record(
        session,
        source,
        _those(Sighting, parts),
        now,
        answers=_those(AnswerSeen, parts),
        withdrawals=_those(Withdrawn, parts),
        moves=_those(Moved, parts),
        terms=Terms.of(channels.channel(source.kind).about.answering),
    )
    for told in _those(Remember, parts):
        sources.remember(session, source_id, told.values)
    said = [*said, changes.NOT_FOLLOWED] if recorded.not_followed else said
    remarks.note(session, source_id, RemarkOrigin.DELIVERY, said, now)
    if _those(Fetch, parts):
        crawls.crawl_soon(session, source, now)


def _those(kind: type[T], parts: Sequence[Parsed]) -> list[T]:
    return [part for part in parts if isinstance(part, kind)]


def _page(delivery: Delivery) -> Page:
    return Page(
        url=delivery.url,
        status=200,
        headers={name: str(value) for name, value in delivery.headers.items()},
        body=delivery.body,
        role=delivery.role,
        context=delivery.context,
        fetched_at=delivery.received_at,
    )


def _said(error: errors.ChannelError | DeskError) -> str:
    return Sentence.of(error.text) if isinstance(error, errors.ChannelError) else error.said


def _fail(delivery: Delivery, kind: str, error: str) -> None:
    with db.transaction() as session:
        deliveries.fail(session, delivery.id, kind, error)
