"""What a channel is made of: plain values, and up to three abilities.

A channel never owns a connection: pages are handed to it, and the two abilities that must speak
to the site borrow an HTTP client from the caller.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

import regex

if TYPE_CHECKING:
    import httpx

SightingKind = Literal["review", "comment", "post"]
LengthUnit = Literal["characters", "bytes", "graphemes", "utf16"]
"""characters: code points. bytes: in UTF-8. graphemes: what people see as one sign, 👨‍👩‍👧 and é among them. utf16: as the
`maxlength` of a form counts, in which most emoji are two."""
_GRAPHEME = regex.compile(r"\X")
_LINK = regex.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence for people in every language of the pages."""

    en: str
    ru: str


@dataclass(frozen=True, slots=True)
class SettingField:
    """One thing a channel can be told about a source; a secret one is stored encrypted. What it is needed for cannot
    be done without a required one."""

    name: str
    title_en: str
    title_ru: str
    secret: bool = False
    required: bool = False
    needed_for: Literal["listening", "answering"] = "listening"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long an answer may be at the source, in the unit the source itself counts. All of `also` hold too.
    `link_length`: the site counts every link as that many. What to say: channels/lengths.py."""

    length: int
    unit: LengthUnit = "characters"
    least: int = 1
    link_length: int | None = None
    also: Sequence["Limits"] = ()

    def measure(self, text: str) -> int:
        if self.link_length is not None:
            text = _LINK.sub("x" * self.link_length, text)
        match self.unit:
            case "bytes":
                return len(text.encode("utf-8", "replace"))
            case "utf16":
                return len(text.encode("utf-16-le", "replace")) // 2
            case "graphemes":
                return len(_GRAPHEME.findall(text))
            case _:
                return len(text)

    def left(self, text: str) -> int:
        return self.length - self.measure(text)

    def tightest(self, text: str) -> "Limits":
        """That of all that hold which leaves least room."""
        return min((self, *self.also), key=lambda one: one.left(text))


@dataclass(frozen=True, slots=True)
class Place:
    """A source as a channel sees it: where to look, and what it was told.

    `settings` holds the plain values, `secrets` the decrypted ones; `cursor` is what `parse`
    last asked to be remembered; `own_names` are the names under which the brand itself writes.
    """

    url: str
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    cursor: Mapping[str, Any] = field(default_factory=dict)
    own_names: Sequence[str] = ()
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Fetch:
    """A page that a channel wants to see. Always a GET; `role` and `context` come back in the Page.

    With `is_conditional` the crawler sends the validators it kept for this address, and an
    unchanged page arrives as no page at all. `is_authorized` asks for the source's credentials.
    """

    url: str
    role: str = "start"
    context: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    is_conditional: bool = True
    is_authorized: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """An answered Fetch, whatever its status. `url` is the final address; header names are lower case."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    role: str = "start"
    context: Mapping[str, Any] = field(default_factory=dict)
    fetched_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuthorSeen:
    """Who wrote it, as the site shows him. `external_id` falls back to the name when there is none."""

    name: str
    external_id: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """One thing somebody said, as it stands in public at this moment.

    `text` and `title` are plain text without markup. `published_at` is aware and in UTC, or None
    when the site does not say. `rating` is on the scale 1..5. `thread` groups what belongs to one
    conversation; `parent` is the external id of what it answers. `is_by_brand` is True where the markup
    or the author's id says so, False where the site knows its authors by ids and this is none of ours,
    whatever he calls himself, and None where the channel cannot tell: only then the desk compares names.

    `twin_id` is the id that it takes where `external_id` turns out to be that of something else, and
    is empty where the site's ids can be trusted; `former_ids` are those under which it may have been
    stored before. Both are made by channels.identity.
    """

    external_id: str
    url: str
    text: str
    kind: SightingKind = "post"
    title: str = ""
    author: AuthorSeen | None = None
    published_at: datetime | None = None
    edited_at: datetime | None = None
    rating: float | None = None
    language: str | None = None
    thread: str | None = None
    thread_title: str = ""
    parent: str | None = None
    is_by_brand: bool | None = None
    twin_id: str = ""
    former_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Remember:
    """Values that `parse` wants back in `Place.cursor` next time; stored only after the sightings are."""

    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Remark:
    """One clear line for the source's health about something that could not be read; the crawl goes on."""

    text: str


Parsed = Sighting | Fetch | Remember | Remark


@dataclass(frozen=True, slots=True)
class Target:
    """What is being answered: the mention's own id and address, and its conversation."""

    external_id: str
    url: str
    thread: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the site said to an answer. `pending` means that it holds the answer for moderation."""

    external_id: str | None
    url: str | None
    state: Literal["published", "pending"] = "published"
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What a stranger sees: the answer stands there, it does not, or the page does not tell. What the site tells our
    account besides (`TellsOfModeration`): a moderator still holds it, or has rejected it.

    `seen_at` is the site's own time of the answer, where the site shows one. `reason` is one sentence for people, the
    site's own words where it gives any.
    """

    outcome: Literal["visible", "missing", "held", "rejected", "cannot_tell"]
    external_id: str | None = None
    url: str | None = None
    seen_at: datetime | None = None
    reason: str = ""


class Channel(Protocol):
    """The plain values every channel has."""

    kind: str
    title_en: str
    title_ru: str
    fields: Sequence[SettingField]
    limits: Limits | None


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
class Authorizes(Protocol):
    """Turns a source's secrets into request headers, for fetches that ask for them."""

    def authorization(self, place: Place) -> Mapping[str, str]: ...


@runtime_checkable
class Replies(Protocol):
    """Publishes one answer. Called once; it must never repeat the request by itself."""

    def send(self, place: Place, target: Target, text: str, http: "httpx.Client") -> Receipt:
        """Raises `errors.Refused` and its kin when the site surely did not take the answer, and
        `errors.Unknown` when it cannot be told whether it did."""
        ...

    def check(self, place: Place, http: "httpx.Client") -> Limits | None:
        """Proves the credentials without writing anything; returns how long an answer may be, where the site itself
        names it. Raises `errors.ChannelError`."""
        ...


@runtime_checkable
class Verifies(Protocol):
    """Looks at the public page as a stranger would, without credentials."""

    def look(
        self, place: Place, target: Target, text: str, receipt: Receipt | None, http: "httpx.Client"
    ) -> Look:
        """`receipt` is None when it is not known whether the answer was ever posted."""
        ...


@runtime_checkable
class TellsOfModeration(Protocol):
    """Asks the site in our own name what became of an answer that it held for moderation."""

    def ask(self, place: Place, target: Target, text: str, receipt: Receipt, http: "httpx.Client") -> Look:
        """Visible: the site says that it is public now."""
        ...


@runtime_checkable
class Recognises(Protocol):
    """Looks at an address that a person typed and says whether this channel can listen there."""

    def recognise(self, page: Page) -> "Finding | None": ...


@dataclass(frozen=True, slots=True)
class Finding:
    """What an address turned out to be. `url` is where to listen (a feed's own address, a site's API root).

    `confidence` orders findings of several channels, 0..1; `evidence` is one sentence for people.
    """

    kind: str
    url: str
    title: str
    evidence_en: str
    evidence_ru: str
    confidence: float
    language: str | None = None
