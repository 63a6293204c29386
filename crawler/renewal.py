"""Credentials that ran out in the middle of a crawl, had anew: by one process at a time, stored before they are used."""

from datetime import UTC, datetime
from functools import partial

import channels
from channels import errors
from channels.contract import Grant, Place, Renews
from channels.wire.client import GuardedWire, Terms
from crawler.storage import CrawlJob
from desk.base import db, settings
from desk.sources import places, renewal, sources


def fresh_place(job: CrawlJob) -> Place:
    """The source's place with other secrets than the job began with. Raises Unauthorized where only a person can help, and
    whatever else the site says to the renewal."""
    channel, account_id = channels.channel(job.kind), job.place.account_id
    if account_id is None or not isinstance(channel, Renews):
        raise errors.Unauthorized("The access has run out. Connect the source again.")
    renewer = renewal.Renewer(partial(_renew, channel), errors.Unauthorized)
    renewal.fresh(account_id, job.place.secrets, renewer)
    with db.snapshot() as session:
        return Place.of(places.place_of(session, sources.load(session, job.source_id)))


def _renew(channel: Renews, spent: places.Place) -> Grant:
    chosen, place = settings.current(), Place.of(spent)
    terms = Terms(chosen.user_agent, chosen.allow_private_addresses)
    with GuardedWire(terms, datetime.now(UTC), place, channel) as wire:
        return channel.renew(place, wire)
