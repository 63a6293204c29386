"""Values of a channel: what it is, what it can be told, how fast it may be asked; and a source as it sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Literal, Self

from channels.contract.answering import Answering
from channels.contract.texts import Text

Json = Mapping[str, Any]


FieldKind = Literal["text", "secret", "number", "switch", "choice", "long_secret"]
"""number: a whole one. switch: "1", or nothing. choice: one of `choices`, or nothing. long_secret: of many lines (a key
file)."""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a channel can be told; a secret one is stored encrypted. `scope` account: asked once and shared by all
    sources of that account. What it is `needed_for` cannot be done without it. `serves`: where it is asked, if it is
    needed for nothing."""

    name: str
    title: Text
    kind: FieldKind = "text"
    scope: Literal["source", "account"] = "source"
    needed_for: Literal["listening", "answering", "push", "nothing"] = "nothing"
    choices: Sequence[tuple[str, Text]] = ()
    hint: Text | None = None
    most_letters: int = 2_000
    serves: Literal["listening", "answering", "push"] = "listening"

    @property
    def is_secret(self) -> bool:
        return self.kind in ("secret", "long_secret")

    @property
    def part(self) -> Literal["listening", "answering", "push"]:
        """Beside which fields a person is asked for it."""
        return self.serves if self.needed_for == "nothing" else self.needed_for


@dataclass(frozen=True, slots=True)
class Pace:
    """How often, and how fast. `quota` counts `Fetch.cost` a day (UTC) for one account; None where the site names none."""

    interval_seconds: int = 900
    least_interval_seconds: int = 60
    per_second: float = 1.0
    at_once: int = 1
    quota: int | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """What a site's search understands. `has_and`: words with a space between them must all be there; `has_not`: -word;
    `has_phrases`: "two words"; `has_beginnings`: word*. `most_characters` None: no limit is known."""

    has_and: bool = True
    has_or: bool = False
    has_not: bool = False
    has_phrases: bool = False
    has_parentheses: bool = False
    has_beginnings: bool = False
    or_sign: str = "OR"
    most_characters: int | None = None


@dataclass(frozen=True, slots=True)
class About:
    """What a channel is. `address` is what a person types. `arrives`: what it has to say is crawled, pushed by the site, or
    imported by a person. `window_days`: what is older the site no longer tells, so absence is no deletion and a
    longer pause is a gap. `terms`: what the person who connects it must know. `push_setup`: where on the site he enters the
    address that it sends to. `api`: the origins (https://api.vk.com) of the official servers, which OTKLIK_API_URLS replaces; none
    where the source's own address names the server. `search`: it brings what a search of strangers' words finds, and what that
    search understands; the brand's query filters what comes back, unless a person says otherwise."""

    kind: str
    title: Text
    address: Literal["url", "handle", "app", "mailbox", "none"] = "url"
    arrives: Sequence[Literal["crawl", "push", "import"]] = ("crawl",)
    visibility: Literal["public", "private"] = "public"
    fields: Sequence[Field] = ()
    pace: Pace = Pace()
    answering: Answering | None = None
    window_days: int | None = None
    terms: Text | None = None
    push_setup: Text | None = None
    api: Sequence[str] = ()
    search: Search | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A source as a channel sees it: where to look, and what it was told.

    `settings` holds the plain values, `secrets` the decrypted ones of the source and its account; `cursor` is what `parse`
    last asked to be remembered; `own_names` and `own_ids` are those under which the brand itself writes; `since` (UTC)
    is how far back a first reading goes; after `expires_at` (UTC) the secrets of the account have to be renewed.
    """

    url: str
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    cursor: Mapping[str, Any] = field(default_factory=dict)
    own_names: Sequence[str] = ()
    language: str | None = None
    own_ids: Sequence[str] = ()
    since: datetime | None = None
    account_id: int | None = None
    expires_at: datetime | None = None

    @classmethod
    def of(cls, shape: object) -> Self:
        """The value that the desk built (desk.sources.places.place_of), which has these fields and knows no channels."""
        return cls(**{one.name: getattr(shape, one.name) for one in fields(cls)})
