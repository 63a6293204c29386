"""What commands ask of a site: over a wire with the settings of this desk, by the site's manners."""

from dataclasses import replace
from functools import partial

from channels.contract import Channel, Place, Wire
from channels.wire.client import GuardedWire, Terms
from channels.wire.robots import Manners
from desk.base import settings
from desk.sources import paces, renewal
from webapp.accounts import credentials
from webapp.cli.common import now


def wire(
    place: Place | None = None, channel: Channel | None = None, source_id: int | None = None
) -> GuardedWire:
    """With `source_id` the credentials of that source are renewed where that must come first, and kept."""
    chosen = settings.current()
    terms = replace(
        Terms.of(chosen, paces.take_turn), request_seconds=chosen.crawl_timeout_seconds, longest_seconds=120.0
    )
    renewed = partial(_renewed, channel.about.kind, source_id) if channel and source_id is not None else None
    return GuardedWire(terms, now(), place or Place(""), channel, renewed=renewed)


def _renewed(kind: str, source_id: int, used: Place) -> Place:
    how = credentials.renewer(kind)
    return Place.of(renewal.fresh_place(source_id, used.account_id, used.secrets, how))


def manners(wire: Wire) -> Manners:
    return Manners(wire, settings.current().user_agent)
