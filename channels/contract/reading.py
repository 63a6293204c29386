"""Values of reading: what `parse` may yield, and what an address turned out to be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from channels.contract.answering import AnswerState
from channels.contract.asking import Fetch
from channels.contract.texts import Text

SightingKind = Literal["review", "comment", "post", "message", "question"]


@dataclass(frozen=True, slots=True)
class AuthorSeen:
    """Who wrote it, as the site shows him. `external_id` falls back to the name when there is none."""

    name: str
    external_id: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """`url` None: the site names none that others could open."""

    kind: Literal["image", "video", "audio", "file"]
    url: str | None
    name: str = ""
    size_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """What the site counts. None: it does not say."""

    likes: int | None = None
    shares: int | None = None
    comments: int | None = None
    views: int | None = None
    followers: int | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """One thing somebody said, as it stands there at this moment.

    `text` and `title` are plain text without markup. `url` None: it has no address that others could open.
    `published_at` is aware and in UTC, or None when the site does not say. `rating` is on the scale 1..5. `thread` groups
    what belongs to one conversation; `parent` is the external id of what it answers.

    `is_by_brand` is True where the markup or the author's id says so, False where the site knows its authors by ids and
    this is none of ours, whatever he calls himself, and None where the channel cannot tell: only then the desk compares
    names. `is_machine`: an out-of-office notice, a mailing list; never a case, never answered.
    `can_be_answered` None: the site does not say.

    `handle` is what `send` needs and nobody else understands (a record's key, a chat, the References of a mail); it is kept
    with the mention and given back in `Target`. `facts` are shown beside the text (product, size, app version, order).

    `twin_id` is the id that it takes where `external_id` turns out to be that of something else, and
    is empty where the site's ids can be trusted; `former_ids` are those under which it may have been
    stored before. Both are made by channels.identity.
    """

    external_id: str
    url: str | None
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
    is_machine: bool = False
    can_be_answered: bool | None = None
    handle: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    attachments: Sequence[Attachment] = ()
    reach: Reach | None = None
    twin_id: str = ""
    former_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerSeen:
    """News of an answer of the brand: it stands there, is held, was rejected, came back. `parent` is the external id of
    the answered mention; ours is known by `reference`, else `external_id`, else `text`. `at` is in UTC."""

    parent: str | None
    state: AnswerState
    external_id: str | None = None
    reference: str | None = None
    text: str | None = None
    url: str | None = None
    at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The site says that this is gone: a tombstone, a delete event. That something is missing from a list is no withdrawal."""

    external_id: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Remember:
    """Kept in `Place.cursor` once the sightings of this page, and of all pages it led to, are stored."""

    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Moved:
    """The source has another address or other settings from now on (a group that became a supergroup)."""

    url: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Remark:
    """One clear line for the source's health about something that could not be read; the crawl goes on."""

    text: Text


Parsed = Sighting | AnswerSeen | Withdrawn | Fetch | Remember | Moved | Remark


@dataclass(frozen=True, slots=True)
class Finding:
    """What an address turned out to be. `url` is where to listen (a feed's own address, a site's API root).

    `confidence` orders findings of several channels, 0..1; `evidence` is one sentence for people.
    """

    kind: str
    url: str
    title: str
    evidence: Text
    confidence: float
    language: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
