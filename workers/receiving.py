"""What sites have sent to us is read by the same `parse` that reads pages. What it says, and that it was read, are one
transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import channels
from channels import errors
from channels.contract import Fetch, Page, Parsed, Place, Reads, Remark, Remember, Sighting, Text
from desk.base import db, logs
from desk.base.errors import DeskError
from desk.base.sentences import Sentence
from desk.models import Delivery
from desk.people.users import Session
from desk.pipeline import arrivals
from desk.replies.terms import Terms
from desk.sources import deliveries, places, sources

log = logs.logger()


@dataclass(slots=True)
class Said:
    """What a delivery came to: what is stored of it, and whether the channel wants to look at the source itself."""

    sightings: list[Sighting] = field(default_factory=list)
    cursor: dict[str, object] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    wants_crawl: bool = False


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
            _fail(delivery, getattr(error, "kind", "error"), str(error))
        except (
            Exception
        ) as error:  # the job border: one event that cannot be read must not hold up the others
            log.exception("delivery_failed", delivery=delivery.id, source=delivery.source_id)
            name = type(error).__name__
            _fail(delivery, "error", f"It could not be read: an error of Otklik itself ({name}).")
    return len(found)


def _read(delivery: Delivery) -> None:
    with db.snapshot() as session:
        source = sources.load(session, delivery.source_id)
        kind, place = source.kind, Place.of(places.place_of(session, source))
    channel = channels.channel(kind)
    if not isinstance(channel, Reads):
        raise errors.Unreadable(
            Text(
                "This channel reads nothing that is sent to it.",
                "Этот канал не читает того, что ему присылают.",
            )
        )
    said = Said()
    for part in channel.parse(place, _page(delivery)):
        _note(said, part)
    now = datetime.now(UTC)
    with db.transaction() as session:
        if deliveries.settle(session, delivery.id, now):
            _store(session, delivery.source_id, said, now)


def _note(said: Said, part: Parsed) -> None:
    if isinstance(part, Sighting):
        said.sightings.append(part)
    elif isinstance(part, Fetch):
        said.wants_crawl = True
    elif isinstance(part, Remember):
        said.cursor |= part.values
    elif isinstance(part, Remark):
        said.remarks.append(Sentence.of(part.text))
    else:
        raise errors.Unreadable(
            Text(
                f"{type(part).__name__} is not stored by this version of Otklik.",
                f"Эта версия Отклика не хранит {type(part).__name__}.",
            )
        )


def _store(session: Session, source_id: int, said: Said, now: datetime) -> None:
    source = sources.load(session, source_id)
    terms = Terms.of(channels.channel(source.kind).about.answering)
    arrivals.record(session, source, said.sightings, now, terms=terms)
    if said.cursor:
        sources.remember(session, source_id, said.cursor)
    if said.wants_crawl:
        sources.crawl_soon(session, source, now)


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


def _fail(delivery: Delivery, kind: str, error: str) -> None:
    with db.transaction() as session:
        deliveries.fail(session, delivery.id, kind, error)
