"""A channel against its sandbox on loopback: read as a crawl reads, page by page, and spoken to as the workers speak."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from channels import channel, errors
from channels.contract import (
    Answer,
    AnswerSeen,
    Call,
    Fetch,
    Look,
    Moved,
    Page,
    Place,
    Receipt,
    Remark,
    Renews,
    Rights,
    Sighting,
    Target,
    Withdrawn,
)
from channels.wire.client import GuardedWire, Terms
from demo.sandboxes import sandbox
from demo.sandboxes.base import Sandbox
from tests.channels.speaking import NOW
from tests.servers import serving

REFERENCE = "0193f0de-7c1a-7b3a-9a51-0c6de1f0a001"
"""Our own id of an answer, as the desk makes them."""
MOST_PAGES = 500


@dataclass
class Read:
    """What a crawl of one source read. `place` is the source after it: with the cursor, and where it moved to."""

    place: Place
    sightings: list[Sighting] = field(default_factory=list)
    answers: list[AnswerSeen] = field(default_factory=list)
    withdrawn: list[Withdrawn] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)

    @property
    def ids(self) -> set[str]:
        return {one.external_id for one in self.sightings}


class Connected:
    """A source of that kind, connected to its sandbox with what the sandbox gives for it. `now` is what the clock says."""

    def __init__(self, kind: str, served: Sandbox, now: datetime = NOW) -> None:
        self.kind, self.sandbox, self.channel, self.now = kind, served, channel(kind), now
        self.place = Place(
            served.address, dict(served.settings), dict(served.secrets), own_ids=served.own_ids, account_id=1
        )

    def wire(self, *, is_single: bool = False, seconds: float = 5) -> GuardedWire:
        terms = Terms(
            "otklik-test",
            allow_private=True,
            request_seconds=seconds,
            is_single=is_single,
            # Nobody waits for a turn here.
            reserve=lambda _lane, _gap, _longest: 0.0,
            api_urls={self.kind: self.sandbox.url} if self.channel.about.api else {},
        )
        return GuardedWire(terms, self.now, self.place, self.channel, renewed=self._renewed)

    def read(self) -> Read:
        """A crawl: raises the first ChannelError, and remembers nothing then."""
        reader: Any = self.channel
        found, waiting, asked = Read(self.place), list(reader.start(self.place)), set()
        cursor = dict(self.place.cursor)
        while waiting:
            fetch = waiting.pop(0)
            if (key := (fetch.method, fetch.url, fetch.body, fetch.role)) in asked:
                continue
            asked.add(key)
            assert len(asked) < MOST_PAGES, "the channel asks for pages without end"
            page = self._page(fetch)
            found.pages.append(page)
            for part in reader.parse(self.place, page):
                _sort(part, found, waiting, cursor)
        # What was renewed meanwhile stays, as an account keeps it.
        settings = {**self.place.settings, **found.place.settings}
        renewed = replace(self.place, url=found.place.url, settings=settings)
        self.place = found.place = replace(renewed, cursor=cursor)
        return found

    def target(self, sighting: Sighting, reference: str = REFERENCE) -> Target:
        return Target(
            sighting.external_id, sighting.url, sighting.thread, reference, sighting.title, sighting.handle
        )

    def send(self, sighting: Sighting, text: str, reference: str = REFERENCE) -> Receipt:
        return self._speak("send", self.target(sighting, reference), text, is_single=True)  # type: ignore[no-any-return]

    def edit(self, sighting: Sighting, receipt: Receipt, text: str) -> Receipt:
        return self._speak("edit", self.target(sighting), receipt, text, is_single=True)  # type: ignore[no-any-return]

    def delete(self, sighting: Sighting, receipt: Receipt) -> None:
        self._speak("delete", self.target(sighting), receipt, is_single=True)

    def look(self, sighting: Sighting, text: str, receipt: Receipt | None = None) -> Look:
        """With the secrets only where the account is the proof, as the worker looks."""
        answering = self.channel.about.answering
        whole = self.place
        if answering is not None and answering.proof == "stranger":
            self.place = replace(whole, secrets={})
        try:
            return self._speak("look", self.target(sighting), text, receipt)  # type: ignore[no-any-return]
        finally:
            self.place = whole

    def ask(self, sighting: Sighting, text: str, receipt: Receipt) -> Look:
        return self._speak("ask", self.target(sighting), text, receipt)  # type: ignore[no-any-return]

    def check(self) -> Rights:
        return self._speak("check")  # type: ignore[no-any-return]

    def _speak(self, act: str, *values: object, is_single: bool = False) -> Any:
        with self.wire(is_single=is_single, seconds=2) as wire:
            return getattr(self.channel, act)(self.place, *values, wire)

    def _page(self, fetch: Fetch) -> Page:
        call = Call(fetch.url, fetch.method, fetch.body, fetch.headers)
        with self.wire() as wire:
            answer: Answer = wire.ask(call, is_anonymous=fetch.access == "open")
        return Page(
            answer.url, answer.status, answer.headers, answer.body, fetch.role, fetch.context, self.now
        )

    def _renewed(self, used: Place) -> Place:
        if not isinstance(self.channel, Renews):
            raise errors.Unauthorized("Nothing renews these credentials.")
        terms = replace(self.wire()._terms, is_single=False)
        with GuardedWire(terms, self.now, replace(used, expires_at=None), self.channel) as wire:
            grant = self.channel.renew(replace(used, expires_at=None), wire)
        secrets = {**self.place.secrets, **grant.secrets}
        settings = {**self.place.settings, **grant.settings}
        self.place = replace(self.place, secrets=secrets, settings=settings, expires_at=grant.expires_at)
        return self.place


def _sort(part: object, found: Read, waiting: list[Fetch], cursor: dict[str, Any]) -> None:
    match part:
        case Fetch():
            waiting.append(part)
        case Sighting():
            found.sightings.append(part)
        case AnswerSeen():
            found.answers.append(part)
        case Withdrawn():
            found.withdrawn.append(part)
        case Remark():
            found.remarks.append(part)
        case Moved():
            found.place = replace(
                found.place,
                url=part.url or found.place.url,
                settings={**found.place.settings, **part.settings},
            )
        case _:
            cursor.update(part.values)  # type: ignore[attr-defined]


@contextmanager
def connected(kind: str, prepare: Callable[[Sandbox], None] | None = None) -> Iterator[Connected]:
    """`prepare` is done to the sandbox before it is served."""
    served = sandbox(kind)
    if prepare is not None:
        prepare(served)
    with serving(served) as url:
        served.url = url
        yield Connected(kind, served)
