"""What people ask of a site while they wait: what an address is, a preview, a check. Never inside a transaction."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial

from channels import channel, detect, errors
from channels.contract import (
    Call,
    Collects,
    Fetch,
    Finding,
    Page,
    Place,
    Remark,
    Replies,
    Rights,
    Sighting,
    Text,
    Wire,
)
from channels.wire.client import GuardedWire, Terms
from channels.wire.robots import Manners
from desk.base import settings
from desk.sources import paces, renewal
from webapp.accounts import credentials
from webapp.request import clock, transaction

SHOWN = 5
MOST_PAGES = 4
TIMEOUT_SECONDS = 15.0
LONGEST_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Preview:
    """The newest things said there, newest first; `error` is why there are none."""

    said: list[Sighting] = field(default_factory=list)
    remarks: list[Text] = field(default_factory=list)
    error: errors.ChannelError | None = None


@contextmanager
def lent(
    place: Place, kind: str | None = None, renewed: Callable[[Place], Place] | None = None
) -> Iterator[GuardedWire]:
    """A wire for that place. The request's session is given back first: whatever is read afterwards is read anew."""
    transaction.release()
    usual = Terms.of(settings.current(), paces.take_turn)
    terms = replace(usual, request_seconds=TIMEOUT_SECONDS, longest_seconds=LONGEST_SECONDS)
    with GuardedWire(terms, clock.now(), place, channel(kind) if kind else None, renewed=renewed) as wire:
        yield wire


def manners(wire: Wire) -> Manners:
    """Reads robots.txt once for everything that is asked of a site in this request."""
    return Manners(wire, settings.current().user_agent)


def recognise(address: str, wire: Wire, manners: Manners) -> detect.Detection:
    return detect.detect(address, wire, clock.now, manners)


def permit(finding: Finding, manners: Manners) -> detect.Detection:
    """What a person says an address is: found, unless robots.txt forbids to read it."""
    reason = detect.refusal(finding, manners)
    return detect.Detection(error=reason) if reason else detect.Detection([finding])


def check(kind: str, place: Place, source_id: int) -> Rights | errors.ChannelError:
    """What the credentials may do, or what is wrong with them. The channel must be one that replies."""
    found = channel(kind)
    if not isinstance(found, Replies):
        raise TypeError(f"channel {kind} does not reply")
    try:
        with lent(place, kind, partial(_renewed, kind, source_id)) as wire:
            return found.check(place, wire)
    except errors.ChannelError as error:
        return error


def _renewed(kind: str, source_id: int, used: Place) -> Place:
    how = credentials.renewer(kind)
    return Place.of(renewal.fresh_place(source_id, used.account_id, used.secrets, how))


def preview(kind: str, place: Place, wire: Wire, manners: Manners) -> Preview:
    """Reads as the crawl would, but a few pages only, and keeps nothing."""
    found = channel(kind)
    said: dict[str, Sighting] = {}
    remarks: list[Text] = []
    try:
        if isinstance(found, Collects):
            _read(_Reading(found, place, wire, manners), said, remarks)
    except errors.ChannelError as error:
        return Preview(_newest(said), remarks, error)
    return Preview(_newest(said), remarks)


@dataclass(frozen=True, slots=True)
class _Reading:
    reader: Collects
    place: Place
    wire: Wire
    manners: Manners

    def page(self, fetch: Fetch) -> Page:
        if fetch.access == "account" or fetch.method != "GET":
            raise errors.Unauthorized(
                Text(
                    "This needs credentials: save the source with them first.",
                    "Здесь нужны данные для входа: сначала сохраните источник вместе с ними.",
                )
            )
        self.manners.demand(fetch.url)
        call = Call(fetch.url, fetch.method, fetch.body, fetch.headers)
        answer = self.wire.ask(call, is_anonymous=True)
        return Page(
            answer.url,
            answer.status,
            answer.headers,
            answer.body,
            fetch.role,
            fetch.context,
            fetched_at=clock.now(),
        )


def _read(reading: _Reading, said: dict[str, Sighting], remarks: list[Text]) -> None:
    waiting = deque(reading.reader.start(reading.place))
    for _number in range(MOST_PAGES):
        if not waiting or len(said) >= SHOWN:
            return
        for part in reading.reader.parse(reading.place, reading.page(waiting.popleft())):
            if isinstance(part, Sighting):
                said[part.external_id] = part
            elif isinstance(part, Fetch):
                waiting.append(part)
            elif isinstance(part, Remark):
                remarks.append(part.text)


def _newest(said: Mapping[str, Sighting]) -> list[Sighting]:
    return sorted(said.values(), key=_moment, reverse=True)[:SHOWN]


def _moment(sighting: Sighting) -> float:
    return sighting.published_at.timestamp() if sighting.published_at is not None else float("-inf")
