"""What commands ask of a site: over a wire with the settings of this desk, by the site's manners."""

from dataclasses import replace

from channels.contract import Channel, Place, Wire
from channels.wire.client import GuardedWire, Terms
from channels.wire.robots import Manners
from desk.base import settings
from desk.sources import paces
from webapp.cli.common import now


def wire(place: Place | None = None, channel: Channel | None = None) -> GuardedWire:
    chosen = settings.current()
    terms = replace(
        Terms.of(chosen, paces.take_turn), request_seconds=chosen.crawl_timeout_seconds, longest_seconds=120.0
    )
    return GuardedWire(terms, now(), place or Place(""), channel)


def manners(wire: Wire) -> Manners:
    return Manners(wire, settings.current().user_agent)
