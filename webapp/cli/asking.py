"""What commands ask of a site: over a wire with the settings of this desk, by the site's manners."""

from channels.contract import Channel, Place, Wire
from channels.wire.client import GuardedWire, Terms
from channels.wire.robots import Manners
from desk.base import settings
from desk.sources import paces
from webapp.cli.common import now


def wire(place: Place | None = None, channel: Channel | None = None) -> GuardedWire:
    chosen = settings.current()
    terms = Terms(
        chosen.user_agent,
        chosen.allow_private_addresses,
        chosen.crawl_timeout_seconds,
        120.0,
        reserve=paces.take_turn,
        api_urls=chosen.api_urls,
    )
    return GuardedWire(terms, now(), place or Place(""), channel)


def manners(wire: Wire) -> Manners:
    return Manners(wire, settings.current().user_agent)
