"""What sending an answer and looking for one have in common: the channel, the place, and the wire that is lent."""

from datetime import UTC, datetime

import channels
from channels.contract import Place, Receipt, Target
from channels.wire.client import GuardedWire, Terms
from desk.base import settings
from desk.replies.outgoing import Outgoing

TIMEOUT_SECONDS = 20.0
LONGEST_SECONDS = 40.0
"""No request is begun later than that after the first. One may take a minute (channels.wire.guard), so a send is over before
desk.replies.sending gives it up, and a look before its lease ends."""


def channel_of(outgoing: Outgoing) -> object:
    return channels.channel(outgoing.kind) if outgoing.kind in channels.KINDS else None


def lend(outgoing: Outgoing, *, is_single: bool = False) -> GuardedWire:
    chosen = settings.current()
    terms = Terms(
        chosen.user_agent,
        chosen.allow_private_addresses,
        TIMEOUT_SECONDS,
        LONGEST_SECONDS,
        is_single=is_single,
    )
    return GuardedWire(terms, datetime.now(UTC), place(outgoing), channel_of(outgoing))


def place(outgoing: Outgoing) -> Place:
    return Place.of(outgoing.place)


def target(outgoing: Outgoing) -> Target:
    return Target(outgoing.target_external_id, outgoing.target_url, outgoing.target_thread)


def receipt(outgoing: Outgoing) -> Receipt | None:
    """What is known of an answer that was sent; None where nothing is."""
    is_known = outgoing.external_id or outgoing.public_url
    return Receipt(outgoing.external_id, outgoing.public_url) if is_known else None
