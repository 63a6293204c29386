"""Credentials that expired in the middle of a crawl, renewed by one process at a time and stored before they are used."""

from datetime import UTC, datetime

from channels import errors
from channels.contract import Place
from channels.wire import renewing
from channels.wire.client import Terms
from crawler.storage import CrawlJob
from desk.base import settings
from desk.sources import paces, renewal


def fresh_place(job: CrawlJob) -> Place:
    """The source's place with other secrets than the job began with. Raises Unauthorized where only a person can help, and
    whatever else the site says to the renewal."""
    terms = Terms.of(settings.current(), paces.take_turn)
    ask = renewing.asker(job.kind, terms, lambda: datetime.now(UTC), job.place.url)
    renewer = renewal.Renewer(ask, errors.Unauthorized)
    return Place.of(renewal.fresh_place(job.source_id, job.place.account_id, job.place.secrets, renewer))
