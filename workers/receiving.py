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
from desk.base import db, logs
from desk.base.errors import DeskError
from desk.base.sentences import Sentence
from desk.models import Delivery
from desk.people.users import Session
from desk.pipeline import arrivals
from desk.replies.terms import Terms
from desk.sources import crawls, deliveries, places, sources

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
            _store(session, delivery.source_id, parts, now)


def _store(session: Session, source_id: int, parts: Sequence[Parsed], now: datetime) -> None:
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
    if recorded.not_followed:
        log.warning("move_not_followed", source=source_id)
    for told in _those(Remember, parts):
        sources.remember(session, source_id, told.values)
    # What a crawl writes into the source's health stands in the log here: there is no crawl that it would belong to.
    for remark in _those(Remark, parts):
        log.info("delivery_remark", source=source_id, remark=remark.text.en)
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
