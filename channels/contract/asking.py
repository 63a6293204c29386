"""Values of asking: a page that a channel wants, what came back, and the wire that the house lends for speaking."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol


@dataclass(frozen=True, slots=True)
class Fetch:
    """A page that a channel wants to see. Reads only, so it may be repeated; a POST is a query with a body. `role` and
    `context` come back in the Page. Asked once a crawl for the same (method, url, body, role).

    The address holds no secret: what `authorize` adds is never kept, logged or shown. `access` account: one's own API,
    where terms and quotas rule; open: what strangers read, where robots.txt rules. Schemes: https, http, imaps. With
    `is_conditional` the crawler sends the validators it kept for this address, and an unchanged page arrives as no page
    at all. `patience_seconds`: how long the answer may take, where the site holds the request until it has something
    to say. `cost` is what it takes of the account's quota.
    """

    url: str
    role: str = "start"
    context: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    method: Literal["GET", "POST"] = "GET"
    body: bytes | None = None
    access: Literal["open", "account"] = "open"
    is_conditional: bool = True
    patience_seconds: int | None = None
    cost: int = 1


@dataclass(frozen=True, slots=True)
class Page:
    """An answered Fetch, or a body that was pushed or imported, whatever its status. `url` is the final address; header
    names are lower case."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    role: str = "start"
    context: Mapping[str, Any] = field(default_factory=dict)
    fetched_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One request on its way to the wire."""

    url: str
    method: str = "GET"
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names are lower case."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes


class Wire(Protocol):
    """What the house lends for speaking: guarded, authorized, at the account's pace, and without secrets in its errors.
    `now` (UTC) is handed over, so that nobody looks at a clock."""

    @property
    def now(self) -> datetime: ...

    def ask(self, call: Call, *, is_anonymous: bool = False) -> Answer:
        """Reads; may be repeated. Cookies are kept from one question to the next. Anonymous: as a stranger, without cookies
        and secrets. A mail server (see `deliver`) is signed in at and nothing is sent; a mailbox (imaps://host:port/NAME) is
        opened for reading and left. Raises Unreachable, RateLimited, Unreadable, TooLarge; Forbidden for an address that may
        not be asked; Unauthorized by a mail server; NotFound for a mailbox that is not there."""
        ...

    def act(self, call: Call) -> Answer:
        """Changes something at the site: once, never redirected. Raises Unreachable and other kinds (surely not sent), or
        Unknown."""
        ...

    def deliver(self, server: str, message: bytes, recipients: Sequence[str]) -> str:
        """Hands a message to a mail server (smtps://host:port, smtp+starttls://host:port): the server's word. Raises as
        `act` does."""
        ...
