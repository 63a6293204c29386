"""Values of answering: how long an answer may be, what it is at a site, what the site said to it, who saw it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import regex

from channels.contract.texts import Text

Forbidden = Literal["links", "html", "line_breaks"]
LengthUnit = Literal["characters", "bytes", "graphemes", "utf16"]
"""characters: code points. bytes: in UTF-8. graphemes: what people see as one sign, 👨‍👩‍👧 and é among them. utf16: as the
`maxlength` of a form counts, in which most emoji are two."""
Proof = Literal["stranger", "account", "receipt"]
"""The best evidence there is of an answer: a stranger sees it, the site says so to our account, or its receipt alone."""
AnswerState = Literal["held", "public", "accepted", "rejected", "removed", "bounced"]
"""held: a moderator has it. accepted: taken by the site or the mail server, and nothing more is known."""
_GRAPHEME = regex.compile(r"\X")
_LINK = regex.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True)
class Limits:
    """How long an answer may be at the source, in the unit the source itself counts, and what may not stand in it. All of
    `also` hold too. `link_length`: the site counts every link as that many. What to say: channels/lengths.py."""

    length: int
    unit: LengthUnit = "characters"
    least: int = 1
    link_length: int | None = None
    forbids: Sequence[Forbidden] = ()
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
class Answering:
    """What an answer is at this channel. Desk and pages decide by these values, never by the channel's name.

    `limits` None: the site names none beforehand. `slots` single: one answer a mention, a second call replaces it (stores,
    marketplaces). `again`: may a send whose fate is unknown be repeated? same_reference: the site drops a second one
    that bears our reference. `audience` author: nobody but the author sees it. `looks_seconds`: when an answer is
    looked for, in seconds after it was sent; none where nobody can look. `edits`: how often a published answer may be
    changed, -1 for any number; more than none where the channel has `edit`.
    """

    limits: Limits | None = None
    slots: Literal["thread", "single"] = "thread"
    again: Literal["never", "same_reference", "replaces"] = "never"
    audience: Literal["public", "author"] = "public"
    proof: Proof = "stranger"
    is_moderated: bool = False
    looks_seconds: Sequence[int] = (30, 120, 600, 3_600, 21_600, 86_400)
    edits: int = 0


@dataclass(frozen=True, slots=True)
class Target:
    """What is being answered: the mention's own id and address, and its conversation. `reference` is our own id of the
    answer, the same in every try (a guid, a record key, a Message-ID); `handle` is what the channel gave with the sighting."""

    external_id: str
    url: str | None = None
    thread: str | None = None
    reference: str = ""
    title: str = ""
    handle: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the site said to an answer. `at` (UTC) is the site's own time of it, where it names one. `remarks` are clear lines
    for the source's health about something that did not stop it."""

    external_id: str | None
    url: str | None = None
    state: AnswerState = "public"
    at: datetime | None = None
    remarks: Sequence[Text] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """What a stranger sees: the answer stands there, it does not, or the page does not tell. What the site tells our
    account besides (`TellsOfModeration`): a moderator still holds it, or has rejected it.

    `is_as_sent`: whether the words that stand there are those looked for; None: the channel does not compare them. It tells
    whether a correction has arrived. `seen_at` is the site's own time of the answer, where the site shows one. `reason` is one sentence for people, the
    site's own words where it gives any.
    """

    outcome: Literal["visible", "missing", "held", "rejected", "cannot_tell"]
    external_id: str | None = None
    url: str | None = None
    seen_at: datetime | None = None
    reason: Text | str = ""
    proof: Literal["stranger", "account"] = "stranger"
    is_as_sent: bool | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """Secrets that take the place of those of the same name, all of them or none; an empty one goes. `expires_at` (UTC) None:
    until somebody revokes them."""

    secrets: Mapping[str, str] = field(repr=False)
    expires_at: datetime | None = None
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rights:
    """What the stored credentials may do, by the word of the site. `limits` is how long an answer may be, where the
    site itself names it."""

    listens: bool
    answers: bool
    signs_as: str = ""
    limits: Limits | None = None
