"""What a channel may be able to do. Whoever has the method has the ability."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Protocol, runtime_checkable

from channels.contract.answering import Grant, Look, Receipt, Rights, Target
from channels.contract.asking import Call, Fetch, Page, Wire
from channels.contract.push import Admission, Push
from channels.contract.reading import Finding, Parsed
from channels.contract.values import About, Place


class Channel(Protocol):
    """What every channel has: it says what it is."""

    about: About


@runtime_checkable
class Reads(Protocol):
    """Reads pages into sightings. No network and no clock: a saved page is a complete test."""

    def parse(self, place: Place, page: Page) -> Iterable[Parsed]:
        """Raises `errors.ChannelError` when the page is not what this channel reads."""
        ...


@runtime_checkable
class Collects(Reads, Protocol):
    """Knows where to look as well, so that the crawler can visit it."""

    def start(self, place: Place) -> Iterable[Fetch]: ...


@runtime_checkable
class HasLanes(Protocol):
    """Its sources share more than the host of their address: an account whose pace and quota are one for all of them."""

    def lane(self, place: Place) -> str:
        """Sources of one lane are read one after the other. Without this method: the host of the address. The place holds
        no secrets here."""
        ...


@runtime_checkable
class Authorizes(Protocol):
    """Proves to the site who we are."""

    def hosts(self, place: Place) -> Collection[str]:
        """The only hosts that may see this source's secrets, as `name` or `name:port`."""
        ...

    def authorize(self, place: Place, call: Call, now: datetime) -> Call:
        """The call with what proves who we are, in header, query, path or body; unchanged where it holds that already, as
        a request for a token does. Runs last, only for a call to one of `hosts`, and twice gives the same. For a mail server
        the headers `user` and `password`. Raises Expired where `renew` must come first, and Unauthorized where there is
        nothing to prove it with."""
        ...


@runtime_checkable
class Replies(Protocol):
    """Publishes one answer. It must never repeat the request by itself."""

    def send(self, place: Place, target: Target, text: str, wire: Wire) -> Receipt:
        """At most one `wire.act` or `wire.deliver`; a second one is refused. Raises `errors.Refused` and its kin when the
        site surely did not take the answer, and `errors.Unknown` when it cannot be told whether it did."""
        ...

    def check(self, place: Place, wire: Wire) -> Rights:
        """Proves the credentials without writing anything: what they may do, and as whom. Raises `errors.ChannelError`."""
        ...


@runtime_checkable
class Verifies(Protocol):
    """Looks whether an answer stands there. With proof "stranger" as anybody would: the place holds no secrets, and every
    question is anonymous."""

    def look(self, place: Place, target: Target, text: str, receipt: Receipt | None, wire: Wire) -> Look:
        """`receipt` is None when it is not known whether the answer was ever posted."""
        ...


@runtime_checkable
class TellsOfModeration(Protocol):
    """Asks the site in our own name what became of an answer that it held for moderation."""

    def ask(self, place: Place, target: Target, text: str, receipt: Receipt, wire: Wire) -> Look:
        """Visible: the site says that it is public now."""
        ...


@runtime_checkable
class Recognises(Protocol):
    """Knows by what a person typed whether this channel can listen there: t.me/name, @name, com.example.app,
    care@shop.example."""

    def recognise_address(self, typed: str) -> Finding | None:
        """Pure: nothing is asked. `typed` has no spaces around it."""
        ...


@runtime_checkable
class RecognisesPages(Protocol):
    """Looks at the page that an address leads to and says whether this channel can listen there."""

    def recognise(self, page: Page) -> Finding | None:
        """`page` is what was typed, or what somebody asked for as a follow-up; then its role and context are those of
        that Fetch."""
        ...

    def follow_ups(self, page: Page) -> Iterable[Fetch]:
        """Pages worth a second look before deciding, the likeliest first: open ones, by GET. All channels together get
        five requests."""
        ...


@runtime_checkable
class Renews(Protocol):
    """Has secrets that expire and can be renewed without a person."""

    def renew(self, place: Place, wire: Wire) -> Grant:
        """Under the account's lock; the grant is stored and committed before anybody uses it. `place` is that of the account
        alone; its address is the account's field `url`, if it has one. Raises Unauthorized where only a person can help."""
        ...


@runtime_checkable
class Connects(Protocol):
    """Is connected by a consent that a person gives on the site."""

    def consent(self, place: Place, return_url: str, state: str) -> str:
        """The address to which the person goes; `state` must come back with him."""
        ...

    def connect(self, place: Place, query: Mapping[str, str], return_url: str, wire: Wire) -> Grant:
        """What the site gives for what it sent him back with. Raises `errors.ChannelError`."""
        ...


@runtime_checkable
class Receives(Reads, Protocol):
    """Is told by the site what happened there."""

    def admit(self, place: Place, push: Push) -> Admission:
        """Pure and quick. Raises Unauthorized for a wrong signature: nothing is kept."""
        ...


@runtime_checkable
class Subscribes(Protocol):
    """Tells the site by itself where to send what happens there."""

    def subscribe(self, place: Place, address: str, wire: Wire) -> Grant:
        """May be called again, for the same address or another. What it grants belongs to the source alone."""
        ...

    def unsubscribe(self, place: Place, address: str, wire: Wire) -> None: ...


@runtime_checkable
class Edits(Protocol):
    """Changes an answer that stands. `about.answering.edits` says how often."""

    def edit(self, place: Place, target: Target, receipt: Receipt, text: str, wire: Wire) -> Receipt:
        """Once, as `send`, and raises what `send` raises: what cannot be told is `errors.Unknown`, and is looked for. The
        receipt is that of the answer as it stands now."""
        ...


@runtime_checkable
class Deletes(Protocol):
    """Takes an answer back."""

    def delete(self, place: Place, target: Target, receipt: Receipt, wire: Wire) -> None:
        """Once, as `send`, and raises what `send` raises. An answer that is gone already raises NotFound or Gone."""
        ...
