"""What people ask of a site while they wait: what an address is, a preview, a check. Never inside a transaction."""

from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

from channels import channel, contract, detect, errors
from channels.contract import (
    Authorizes,
    Collects,
    Fetch,
    Finding,
    Page,
    Place,
    Remark,
    Replies,
    Sighting,
    Text,
)
from channels.wire import exchange, guard
from channels.wire.robots import Manners
from desk.base import settings
from webapp.request import clock
from webapp.request import session as unit

SHOWN = 5
MOST_PAGES = 4
TIMEOUT_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Preview:
    """The newest things said there, newest first; `error` is why there are none."""

    said: list[Sighting] = field(default_factory=list)
    remarks: list[Text] = field(default_factory=list)
    error: errors.ChannelError | None = None


@contextmanager
def client() -> Iterator[httpx.Client]:
    """A guarded client. The request's session is given back first: whatever is read afterwards is read anew."""
    unit.release()
    chosen = settings.current()
    with guard.guarded_client(chosen.allow_private_addresses, chosen.user_agent, TIMEOUT_SECONDS) as http:
        yield http


def manners(http: httpx.Client) -> Manners:
    """Reads robots.txt once for everything that is asked of a site in this request."""
    return Manners(http, settings.current().user_agent)


def recognise(address: str, http: httpx.Client, manners: Manners) -> detect.Detection:
    return detect.detect(address, http, clock.now, manners)


def permit(finding: Finding, manners: Manners) -> detect.Detection:
    """What a person says an address is: found, unless robots.txt forbids to read it."""
    reason = detect.refusal(finding, manners)
    return detect.Detection(error=reason) if reason else detect.Detection([finding])


def check(
    kind: str, place: Place, http: httpx.Client
) -> tuple[errors.ChannelError | None, contract.Limits | None]:
    """What is wrong with the credentials, or None; and then how long an answer may be, where the site names it. The channel
    must be one that replies."""
    found = channel(kind)
    if not isinstance(found, Replies):
        raise TypeError(f"channel {kind} does not reply")
    try:
        return None, found.check(place, http)
    except errors.ChannelError as error:
        return error, None


def preview(kind: str, place: Place, http: httpx.Client, manners: Manners) -> Preview:
    """Reads as the crawl would, but a few pages only, and keeps nothing."""
    found = channel(kind)
    said: dict[str, Sighting] = {}
    remarks: list[Text] = []
    try:
        if isinstance(found, Collects):
            _read(_Reading(found, place, http, manners), said, remarks)
    except errors.ChannelError as error:
        return Preview(_newest(said), remarks, error)
    return Preview(_newest(said), remarks)


@dataclass(frozen=True, slots=True)
class _Reading:
    reader: Collects
    place: Place
    http: httpx.Client
    manners: Manners

    def page(self, fetch: Fetch) -> Page:
        self.manners.demand(fetch.url)
        headers = dict(fetch.headers)
        if fetch.is_authorized and isinstance(self.reader, Authorizes):
            headers |= self.reader.authorization(self.place)
        answer = exchange.fetch(self.http, fetch.url, headers or None)
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
