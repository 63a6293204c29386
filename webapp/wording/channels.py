"""Channels as pages show them: their names in the reader's language, and what Otklik can do at a source."""

from dataclasses import dataclass
from typing import Any, Literal

from flask_babel import gettext as _

import channels
from channels import fields, lengths
from channels.contract import Channel, Deletes, Edits, Limits, Replies
from desk.base import vault
from desk.base.errors import Invalid
from desk.models import Source
from desk.replies.terms import USUAL, Terms
from desk.sources import sources
from webapp.wording import texts


@dataclass(frozen=True, slots=True)
class Composer:
    """How an answer gets to this source. `lacks` names what must be filled in before Otklik can publish there;
    `replaces`: the site keeps one answer to a mention, and a later one takes the place of the earlier. `edits`: how often an
    answer may be corrected there, -1 for any number."""

    channel: str
    can_publish: bool
    lacks: tuple[str, ...]
    limits: Limits | None
    signs_as: str
    replaces: bool = False
    may_repeat: bool = False
    may_correct: bool = False
    may_withdraw: bool = False
    edits: int = 0

    @property
    def counted(self) -> list[dict[str, str | int | None]]:
        """All that must fit, for the script that counts as one writes."""
        every = (self.limits, *self.limits.also) if self.limits else ()
        return [
            {
                "unit": one.unit,
                "length": one.length,
                "link": one.link_length,
                "words": str(_("bytes left") if one.unit == "bytes" else _("characters left")),
            }
            for one in every
        ]


def known(kind: str) -> Channel | None:
    """None for a kind that this version does not know: its cases must still open."""
    return channels.channel(kind) if kind in channels.KINDS else None


def name(kind: str) -> str:
    channel = known(kind)
    return kind if channel is None else texts.said(channel.about.title)


def has_address(kind: str) -> bool:
    """Whether its sources have an address that tells a person something."""
    channel = known(kind)
    return channel is None or channel.about.address != "none"


def names() -> list[tuple[str, str]]:
    return [(kind, name(kind)) for kind in channels.KINDS]


def terms_of(kind: str) -> Terms:
    """On which terms a kind of source takes answers, as the desk knows them."""
    channel = known(kind)
    return Terms.of(channel.about.answering) if channel is not None else USUAL


def complaint(source: Source, text: str) -> str:
    """Why that text is too long for this source, in the reader's language; empty when it is not."""
    said = lengths.complaint(lengths.limits_of(known(source.kind), source.cursor), text)
    return texts.said(said) if said is not None else ""


def composer(source: Source) -> Composer:
    channel = known(source.kind)
    told, terms = _told(source), terms_of(source.kind)
    is_able = source.accepts_replies and isinstance(channel, Replies)
    lacking = _titles(channel, told, "answering") if channel is not None and source.accepts_replies else ()
    if not sources.is_whole(source):
        lacking = (*lacking, str(_("settings that can be read (those stored are damaged)")))
    return Composer(
        channel=name(source.kind),
        can_publish=is_able and not lacking,
        lacks=lacking if is_able else (),
        limits=lengths.limits_of(channel, source.cursor),
        signs_as=str(told.get("username") or next(iter(source.brand.own_names), source.brand.name)),
        replaces=terms.is_single,
        may_repeat=terms.may_repeat,
        may_correct=is_able and not lacking and isinstance(channel, Edits),
        may_withdraw=is_able and not lacking and isinstance(channel, Deletes),
        edits=terms.edits,
    )


def _told(source: Source) -> dict[str, Any]:
    try:
        return {**source.settings, **vault.unlock(source.secrets)}
    except Invalid:
        # The key they were locked with is gone: then the source lacks them, and its cases must still open.
        return dict(source.settings)


def lacks(source: Source, needed_for: Literal["answering", "push"]) -> tuple[str, ...]:
    """Titles of the fields that must be filled in before that can be done, in the reader's language."""
    channel = known(source.kind)
    return () if channel is None else _titles(channel, _told(source), needed_for)


def _titles(
    channel: Channel, told: dict[str, Any], needed_for: Literal["answering", "push"]
) -> tuple[str, ...]:
    return tuple(texts.said(field.title) for field in fields.lacking(channel.about, told, needed_for))
