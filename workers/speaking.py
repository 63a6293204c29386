"""What sending an answer and looking for one have in common: the channel, its terms, the place, the wire that is lent."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import channels
from channels import errors
from channels.contract import Place, Receipt, Target
from channels.wire import renewing
from channels.wire.client import GuardedWire
from channels.wire.client import Terms as WireTerms
from desk.base import settings
from desk.replies.outgoing import Outgoing
from desk.replies.terms import USUAL, Terms
from desk.sources import paces, renewal

TIMEOUT_SECONDS = 20.0
LONGEST_SECONDS = 40.0
"""No request is begun later than that after the first. One may take a minute (channels.wire.guard), so a send is over before
desk.replies.sending gives it up, and a look before its lease ends."""


def channel_of(outgoing: Outgoing) -> object:
    return channels.channel(outgoing.kind) if outgoing.kind in channels.KINDS else None


def terms_of(kind: str) -> Terms:
    return Terms.of(channels.channel(kind).about.answering) if kind in channels.KINDS else USUAL


def lend(outgoing: Outgoing, *, is_single: bool = False) -> GuardedWire:
    usual = WireTerms.of(settings.current(), paces.take_turn)
    terms = replace(
        usual, request_seconds=TIMEOUT_SECONDS, longest_seconds=LONGEST_SECONDS, is_single=is_single
    )
    renewed = partial(_renewed, outgoing, terms)
    return GuardedWire(terms, datetime.now(UTC), place(outgoing), channel_of(outgoing), renewed=renewed)


def _renewed(outgoing: Outgoing, terms: WireTerms, used: Place) -> Place:
    """The place with credentials that are valid, stored before they are used."""
    ask = renewing.asker(outgoing.kind, terms, lambda: datetime.now(UTC))
    renewer = renewal.Renewer(ask, errors.Unauthorized)
    return Place.of(renewal.fresh_place(outgoing.source_id, used.account_id, used.secrets, renewer))


def place(outgoing: Outgoing) -> Place:
    return Place.of(outgoing.place)


def target(outgoing: Outgoing) -> Target:
    return Target(
        outgoing.target_external_id,
        outgoing.target_url,
        outgoing.target_thread,
        reference=outgoing.reference,
        title=outgoing.target_title,
        handle=outgoing.target_handle,
    )


def receipt(outgoing: Outgoing) -> Receipt | None:
    """What is known of an answer that was sent; None where nothing is."""
    is_known = outgoing.external_id or outgoing.public_url
    return Receipt(outgoing.external_id, outgoing.public_url) if is_known else None
